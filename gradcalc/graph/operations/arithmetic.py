"""The operators: arithmetic, comparison, logic, and the choice between two values."""

from typing import Any

from gradcalc.graph.operations.operation import (
    AND,
    BY_HAND,
    COMPARISON,
    NOT,
    OR,
    POWER,
    PRODUCT,
    SUM,
    UNARY,
    Facts,
    Operation,
    Spelled,
    primitive,
)

CONDITION = Facts(exact=True, condition=True)



def _comparison(name: str, symbol: str, latex: str, relation: str, doc: str, commutes: bool = False) -> Operation:
    """A comparison. Beside its boundary it is what it is after the operands have moved."""

    def limit(xp: Any, y: Any, a: Any, b: Any, s: Any, t: Any) -> Any:
        moved = getattr(xp, relation)(s, t)
        return xp.where(xp.equal(a, b), xp.where(xp.equal(s, t), y, moved), y)

    return primitive(name, ("a", "b"), (None, None), f"1 where {doc}, else 0",
                     Spelled(f"operator.{name}", f"numpy.{relation}", None, BY_HAND, BY_HAND),
                     CONDITION._replace(commutes=commutes), api=relation, symbol=symbol, binds=COMPARISON, latex=latex,
                     kink="a == b", limit=limit)


ROWS = (
    primitive("add", ("a", "b"), (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: 1.0), "sum",
              Spelled("operator.add", "numpy.add", BY_HAND, BY_HAND, "instruction fadd"),
              Facts(commutes=True, whole=True, total=True), value=lambda xp, a, b: a + b, symbol="+", binds=SUM),
    primitive("sub", ("a", "b"), (lambda xp, y, a, b: 1.0, lambda xp, y, a, b: -1.0), "difference",
              Spelled("operator.sub", "numpy.subtract", BY_HAND, BY_HAND, "instruction fsub"),
              Facts(whole=True, total=True), value=lambda xp, a, b: a - b, symbol="-", binds=SUM),
    primitive("mul", ("a", "b"), (lambda xp, y, a, b: b, lambda xp, y, a, b: a), "product",
              Spelled("operator.mul", "numpy.multiply", BY_HAND, BY_HAND, "instruction fmul"),
              Facts(commutes=True, whole=True, total=True, vanishes=True), value=lambda xp, a, b: a * b,
              symbol="*", binds=PRODUCT),
    # -y/b and not -a/b^2: b^2 overflows or vanishes long before the quotient does.
    primitive("div", ("a", "b"), (lambda xp, y, a, b: 1.0 / b, lambda xp, y, a, b: -y / b), "quotient",
              Spelled(BY_HAND, "numpy.divide", BY_HAND, BY_HAND, "instruction fdiv"), Facts(whole=True, vanishes=True),
              api="divide", domain="b != 0", needs="the divisor must not be zero", symbol="/", binds=PRODUCT,
              ufuncs=("true_divide",)),
    primitive("neg", ("a",), (lambda xp, y, a: -1.0,), "the negative",
              Spelled("operator.neg", "numpy.negative", BY_HAND, BY_HAND, "negation"),
              Facts(exact=True, bounded=True, ordered=True), value=lambda xp, a: -a, symbol="-", binds=UNARY),
    primitive("pow", ("a", "b"),
              (lambda xp, y, a, b: xp.times(b, xp.pow(a, b - 1.0)), lambda xp, y, a, b: xp.times(y, xp.log(a))),
              "a to the power of b", Spelled(BY_HAND, "numpy.power", BY_HAND, BY_HAND, "call pow"),
              Facts(whole=True, vanishes=True), domain="a > 0 or a < 0 and b == round(b) or a == 0 and b > 0",
              needs="a negative base needs a whole exponent, and zero one that is not negative",
              vertical="a == 0 and 0 <= b and b < 1", symbol="^", binds=POWER, ufuncs=("float_power",)),
    _comparison("lt", "<", "<", "less", "a < b"),
    _comparison("le", "<=", r"\le", "less_equal", "a <= b"),
    _comparison("gt", ">", ">", "greater", "a > b"),
    _comparison("ge", ">=", r"\ge", "greater_equal", "a >= b"),
    _comparison("eq", "==", "=", "equal", "a equals b", commutes=True),
    _comparison("ne", "!=", r"\ne", "not_equal", "a differs from b", commutes=True),
    primitive("and", ("a", "b"), (None, None), "1 where both are not 0, else 0",
              Spelled(BY_HAND, BY_HAND, None, BY_HAND, BY_HAND), CONDITION._replace(commutes=True, lazy=True),
              api="logical_and", symbol="and", binds=AND, latex=r"\land", python="bool({0} and {1})", ufuncs=("logical_and",)),
    primitive("or", ("a", "b"), (None, None), "1 where one is not 0, else 0",
              Spelled(BY_HAND, BY_HAND, None, BY_HAND, BY_HAND), CONDITION._replace(commutes=True, lazy=True),
              api="logical_or", symbol="or", binds=OR, latex=r"\lor", python="bool({0} or {1})", ufuncs=("logical_or",)),
    primitive("not", ("a",), (None,), "1 where a is 0, else 0", Spelled(BY_HAND, BY_HAND, None, BY_HAND, BY_HAND), CONDITION,
              api="logical_not", symbol="not", binds=NOT, latex=r"\lnot", ufuncs=("logical_not",)),
    primitive("where", ("condition", "a", "b"),
              (None, lambda xp, y, c, a, b: c, lambda xp, y, c, a, b: xp.logical_not(c)),
              "a where the condition holds, else b; only the branch that is taken is evaluated",
              Spelled(BY_HAND, BY_HAND, BY_HAND, BY_HAND, BY_HAND), Facts(exact=True, lazy=True), gates=True,
              python="{1} if {0} else {2}"),
)
