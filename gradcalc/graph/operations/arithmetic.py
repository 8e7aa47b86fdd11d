"""The operators: arithmetic, comparison, logic, and the choice between two values."""

from typing import Any

from gradcalc.graph.operations.operation import AND, COMPARISON, NOT, OR, POWER, PRODUCT, SUM, UNARY, Operation


def _comparison(name: str, symbol: str, latex: str, relation: str, doc: str) -> Operation:
    """A comparison. Beside its boundary it is what it is after the operands have moved."""

    def value(xp: Any, a: Any, b: Any) -> Any:
        return getattr(xp, relation)(a, b)

    def limit(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
        return xp.where(xp.equal(a, b), xp.where(xp.equal(s, t), y, value(xp, s, t)), y)

    return Operation(name, ("a", "b"), value, (None, None), f"1 where {doc}, else 0", symbol=symbol, binds=COMPARISON,
                     latex=latex, kink="a == b", limit=limit)


ROWS = (
    Operation("add", ("a", "b"), lambda xp, a, b: a + b,
              (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: 1.0),
              "sum", symbol="+", binds=SUM),
    Operation("sub", ("a", "b"), lambda xp, a, b: a - b,
              (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: -1.0),
              "difference", symbol="-", binds=SUM),
    Operation("mul", ("a", "b"), lambda xp, a, b: a * b,
              (lambda xp, y, a, b: b, lambda xp, y, a, b: a),
              "product", symbol="*", binds=PRODUCT),
    # -y/b and not -a/b^2: b^2 overflows or vanishes long before the quotient does.
    Operation("div", ("a", "b"), lambda xp, a, b: xp.divide(a, b),
              (lambda xp, y, a, b: 1.0 / b, lambda xp, y, a, b: -y / b),
              "quotient", domain="b != 0", needs="the divisor must not be zero", symbol="/", binds=PRODUCT),
    Operation("neg", ("a",), lambda xp, a: -a,
              (lambda xp, y, a: -1.0,),
              "the negative", symbol="-", binds=UNARY),
    Operation("pow", ("a", "b"), lambda xp, a, b: xp.pow(a, b),
              (lambda xp, y, a, b: xp.times(b, xp.pow(a, b - 1.0)), lambda xp, y, a, b: xp.times(y, xp.log(a))),
              "a to the power of b", domain="a > 0 or a < 0 and b == round(b) or a == 0 and b > 0",
              needs="a negative base needs a whole exponent, and zero one that is not negative",
              vertical="a == 0 and 0 <= b and b < 1", symbol="^", binds=POWER),
    _comparison("lt", "<", "<", "less", "a < b"),
    _comparison("le", "<=", r"\le", "less_equal", "a <= b"),
    _comparison("gt", ">", ">", "greater", "a > b"),
    _comparison("ge", ">=", r"\ge", "greater_equal", "a >= b"),
    _comparison("eq", "==", "=", "equal", "a equals b"),
    _comparison("ne", "!=", r"\ne", "not_equal", "a differs from b"),
    Operation("and", ("a", "b"), lambda xp, a, b: xp.logical_and(a, b), (None, None),
              "1 where both are not 0, else 0", symbol="and", binds=AND, latex=r"\land",
              python="bool({0} and {1})"),
    Operation("or", ("a", "b"), lambda xp, a, b: xp.logical_or(a, b), (None, None),
              "1 where one is not 0, else 0", symbol="or", binds=OR, latex=r"\lor",
              python="bool({0} or {1})"),
    Operation("not", ("a",), lambda xp, a: xp.logical_not(a), (None,),
              "1 where a is 0, else 0", symbol="not", binds=NOT, latex=r"\lnot"),
    Operation("where", ("condition", "a", "b"), lambda xp, c, a, b: xp.where(c, a, b),
              (None, lambda xp, y, c, a, b: c, lambda xp, y, c, a, b: xp.logical_not(c)),
              "a where the condition holds, else b; only the branch that is taken is evaluated", gates=True,
              python="{1} if {0} else {2}"),
)
