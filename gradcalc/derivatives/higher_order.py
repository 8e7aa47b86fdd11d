"""``diff`` of order N: the derivative before the last is made a program of its own, and a mode differentiates that.

Of numbers that program is a simplified formula, so every mode can take the last step, those that measure it too. Of arrays
it is the recorded gradient, moved along N-2 directions; the result is in the input's shape N times over.
"""

import math
from itertools import product
from typing import Any

from gradcalc.derivatives import products
from gradcalc.diagnostics import error
from gradcalc.evaluators import Can, Evaluator, ask, evaluator
from gradcalc.graph import sweeps
from gradcalc.graph.formulas import derivatives, extract
from gradcalc.graph.namespaces.symbols import Symbol, Symbols
from gradcalc.graph.operations.shape_rules import AXES
from gradcalc.graph.tape import INPUT, Graph
from gradcalc.language.reading.names import quoted
from gradcalc.questions.answers import Answer, Request, Result
from gradcalc.questions.question import Question
from gradcalc.questions.trace import Trace
from gradcalc.singular.judge import demand_derivatives, demand_value, remarks_on_rules

#: A derivative that has grown to a limit over this is not differentiated once more: each operation takes as long as so many
#: elsewhere, and the next derivative has several times as many.
GROWTH = 40


def differentiate(text: str, chosen: Evaluator, asked: Question, order: int) -> Result:
    """The derivatives of this order with respect to each name by itself.

    Raises GradcalcError where the order is no positive whole number, where the mode cannot answer, and where a derivative is
    not finite.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise error("option", f"the order {order} of a derivative is no positive whole number", hint="for instance 2")
    if Can.PROVES in chosen.can:  # the last derivative would be certified, but not the simplified formula that it is taken of
        raise error("unsupported", f"the mode {quoted(chosen.name)} takes first derivatives alone",
                    hint="the other modes take those of every order")
    request, outputs, used, notes = asked
    output = next(iter(outputs))
    if request.shapes is not None:
        return _of_arrays(text, chosen, asked, order)
    taker = chosen if request.point is not None or Can.FORMULA in chosen.can else evaluator("symbolic")
    if request.point is None and Can.NO_POINT not in chosen.can:
        raise error("missing", f"the mode {quoted(chosen.name)} needs a point", hint="give one: --at name=value")
    primal = None if request.point is None else products.values(request)
    answers = {name: ask(taker, _last_step(request, node, primal, order)) for name, node in request.wrt.items()}
    formula = {name: answer.formula["x"] for name, answer in answers.items() if answer.formula is not None}
    if primal is None:
        return Result("diff", text, output, chosen.name, used, None, formula=formula, notes=notes, order=order)
    gradient = {name: answer.gradient["x"] for name, answer in answers.items() if answer.gradient is not None}
    estimate = {name: answer.estimate["x"] for name, answer in answers.items() if answer.estimate is not None}
    demand_value(text, request, request.root, primal[request.root])
    demand_derivatives(text, request, gradient, "the derivative with respect to")
    notes += remarks_on_rules(request, primal, output)
    return Result("diff", text, output, chosen.name, used, primal[request.root], gradient, formula or None,
                  _trace(request, primal), notes, estimate or None, order)


def _last_step(request: Request, node: int, primal: list[Any] | None, order: int) -> Request:
    """The question for the derivative of the one before: its formula, by the input ``x`` that stands for the node."""
    graph, labels = request.graph, request.graph.labels()
    free = {node, *(request.point or ())} if node in set(request.order) else set(request.point or ())
    copy, place = extract(graph, request.order, {**labels, node: labels[node]}, free)
    names = {copy.instructions[place[each]].payload: each for each in request.order
             if copy.instructions[place[each]].op == INPUT}
    wanted, root = labels[node], place[request.root]
    for _ in range(order - 1):
        if wanted not in copy.names:
            break
        found = derivatives(copy, root, {wanted: copy.names[wanted]}, copy.ancestors([root]))
        copy, root = found.graph, found.roots[wanted]
        _demand_room(copy, root, request.graph.limit)
    needed = copy.ancestors([root])
    point = None
    if primal is not None:
        point = {each: primal[names[copy.instructions[each].payload]] for each in needed if copy.instructions[each].op == INPUT}
    known = copy.names.get(wanted)
    if known is None:
        known = copy.input(wanted)
    return request._replace(graph=copy, root=root, order=needed, wrt={"x": known}, point=point)


def _of_arrays(text: str, chosen: Evaluator, asked: Question, order: int) -> Result:
    request, outputs, used, notes = asked
    output = next(iter(outputs))
    if request.point is None:
        raise error("missing", "higher derivatives by arrays need a point", hint="give one: --at name=[…]")
    if Can.EXACT not in chosen.can or Can.INDEPENDENT in chosen.can or Can.ARRAYS not in chosen.can:
        raise error("unsupported", f"the mode {quoted(chosen.name)} takes no derivatives of order {order} by arrays",
                    hint="the modes 'forward' and 'reverse' do")
    with request.xp.silent():
        for name, node in request.wrt.items():
            shape = products.shape(request, node)
            if len(shape) * order > AXES:
                raise error("limit", f"the derivative of order {order} with respect to {quoted(name)} has "
                            f"{len(shape) * order} axes, and there may be {AXES}", hint="a lower --order will do")
            if order * math.log(max(1, math.prod(shape))) > math.log(request.graph.entries):
                raise error("limit", f"the derivative of order {order} with respect to {quoted(name)} has "
                            f"{math.prod(shape):,}^{order} entries; the limit is {request.graph.entries:,}",
                            hint="a lower --order will do, or raise --max-entries")
        primal = products.values(request)
        gradient = {name: tensor(request._replace(wrt={name: node}), name, order) for name, node in request.wrt.items()}
        demand_value(text, request, request.root, primal[request.root])
        demand_derivatives(text, request, gradient, "the derivative with respect to")
    plain = request.xp.plain
    return Result("diff", text, output, chosen.name, used, plain(primal[request.root]),
                  {name: plain(each) for name, each in gradient.items()}, None, _trace(request, primal), notes, None, order)


def tensor(request: Request, name: str, order: int) -> Any:
    """The derivative of this order, 2 or more, of a number by one name: in its shape so many times over."""
    made, xp, shape = products.gradient(request), request.xp, products.shape(request, request.wrt[name])
    node, graph = made.nodes[name], made.graph
    by = made.place.get(request.wrt[name])
    directions: list[int] = []
    for number in range(order - 2):
        if node is None or by is None:
            break
        directions.append(graph.input(f"direction {number}"))
        assert graph.shapes is not None
        graph.shapes[directions[-1]] = shape
        needed = graph.ancestors([node])
        symbols = [Symbol(graph, each) for each in range(node + 1)]
        moved = sweeps.forward(graph, needed, symbols, {by: Symbol(graph, directions[-1])}, Symbols(graph))[node]
        node = None if moved is None else moved.node
        if node is not None:
            _demand_room(graph, node, request.graph.limit)
    if node is None or by is None:
        return xp.zeros(shape * order)
    point = {made.place[each]: value for each, value in (request.point or {}).items() if each in made.place}
    needed = graph.ancestors([node])
    parts = []
    for units in product(*([list(xp.units(shape))] * len(directions))):
        point |= {made.seed: xp.constant(1.0), **dict(zip(directions, units, strict=True))}
        primal = sweeps.values(graph, needed, point, xp)
        columns = []
        for unit in xp.units(shape):
            moved = sweeps.forward(graph, needed, primal, {by: unit}, xp)[node]
            columns.append(xp.zeros(shape) if moved is None else moved)
        parts.append(xp.gathered(columns, shape) if columns else xp.zeros(shape * 2))
    return xp.stacked(parts, shape * len(directions)) if parts else xp.zeros(shape * order)


def _demand_room(graph: Graph, root: int, limit: int) -> None:
    """Raise GradcalcError where a derivative of a lower order has grown so much that the next takes too long."""
    if len(graph.ancestors([root])) > limit // GROWTH:
        raise error("limit", f"a derivative of lower order has more than {limit // GROWTH:,} operations already",
                    hint="a lower --order will do, or raise --max-nodes")


def _trace(request: Request, primal: list[Any]) -> Trace | None:
    """The table of nodes with the values alone."""
    return Trace(request.graph, request.order, Answer(primal=primal)) if request.traced else None
