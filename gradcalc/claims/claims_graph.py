"""The program, the claims about it and its true derivatives in one graph, so that a claim and a derivative can be computed
together and their difference simplified.

The derivatives are recorded by the reverse sweep on symbols, for every name of the program at once, because what is claimed for
one name may be the derivative with respect to another. This module must not know how a claim is tried or judged.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.claims.statements import Statement, parsed
from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.graph.formulas import extract, record_adjoints
from gradcalc.graph.operations.shape_rules import Shape, ShapeError, broadcast
from gradcalc.graph.shape_inference import MisplacedError, infer
from gradcalc.graph.simplify import normal_form, simplify
from gradcalc.graph.tape import CONST, INPUT, Graph
from gradcalc.language.reading.builder import Draft
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import quoted
from gradcalc.language.reading.scope import Function
from gradcalc.language.writing.text import text
from gradcalc.questions.answers import Request

#: A difference of more operations is not simplified: that takes longer than to try it at points.
PROVABLE = 20_000
#: A derivative of more characters is not shown.
SHOWN = 400


class Claim(NamedTuple):
    """A claim as it was written, its parsed formula, and the node of the program that it differentiates with respect to."""

    statement: Statement
    draft: Draft
    node: int


class JointGraph(NamedTuple):
    """The graph, and the nodes in it: of the output, of the inputs and the true derivatives by name, and of each claim.

    ``copies`` maps the nodes of the program to their copies in this graph.
    """

    graph: Graph
    output: int
    inputs: dict[str, int]
    claims: list[int]
    truths: dict[str, int]
    copies: dict[int, int]

    def proves(self, claim: int, truth: int) -> bool:
        """Whether the difference of these two nodes simplifies to zero."""
        graph = self.graph
        if graph.shapes is not None or len(graph.ancestors([claim, truth])) > PROVABLE:
            return False
        return claim == truth or normal_form(graph, graph.add("sub", (claim, truth)))[1][0] == 0

    def formula_of(self, node: int) -> str | None:
        """The simplified formula of a node as text; None where it would be long, or is about arrays."""
        if self.graph.shapes is not None or len(self.graph.ancestors([node])) > PROVABLE:
            return None
        alone, place = extract(self.graph, self.graph.ancestors([node]))
        found = text(*simplify(alone, place[node]))
        return found if len(found) <= SHOWN else None

    def terms(self, node: int) -> list[int]:
        """The nodes that this node is the sum of, up to their signs."""
        found, stack = [], [node]
        while stack:
            op, args, _ = self.graph.instructions[node := stack.pop()]
            if op in ("add", "sub", "neg"):
                stack.extend(args)
            else:
                found.append(node)
        return list(dict.fromkeys(found))

    def is_constant(self, node: int) -> bool:
        """Whether the node's value is the same everywhere."""
        return all(self.graph.instructions[each].op != INPUT for each in self.graph.ancestors([node]))

    def is_zero(self, node: int) -> bool:
        """Whether the node simplifies to the number 0."""
        op, _, payload = self.graph.instructions[node]
        if self.graph.shapes is not None or len(self.graph.ancestors([node])) > PROVABLE:
            return op == CONST and payload == 0.0
        return normal_form(self.graph, node)[1][0] == 0


def claims_of(found: Sequence[Statement], graph: Graph, functions: Mapping[str, Function], limits: Limits) -> list[Claim]:
    """The claims with their formulas. Raises GradcalcError for a mistake in one."""
    return [Claim(each, parsed(each, graph, functions, limits), graph.names[each.name]) for each in found]


def needed(claims: Sequence[Claim], graph: Graph) -> set[str]:
    """The names of the program that the formulas use."""
    return {name for claim in claims for name, node in claim.draft.graph.names.items() if name in graph.names}


def joint_graph(request: Request, root: int, claims: Sequence[Claim]) -> JointGraph:
    """The joint graph of the program's node ``root`` and these claims about its derivatives.

    ``request.order`` holds all nodes that the output and the claims need.
    """
    source, point = request.graph, request.point or {}
    free = {node for node in point if source.instructions[node].op != INPUT}
    graph, place = extract(source, request.order, source.labels(), free)
    if request.shapes is not None:
        graph.shapes = {place[node]: shape for node, shape in request.shapes.items() if node in place}
    names = {name: place[node] for name, node in source.names.items() if node in place}
    inputs = {name: node for name, node in names.items() if graph.instructions[node].op == INPUT}
    output, zero = place[root], graph.constant(0.0)
    adjoints = record_adjoints(graph, output, set(names.values()))
    truths = {name: adjoints.get(place.get(node, -1), zero) for name, node in source.names.items()}
    return JointGraph(graph, output, inputs, [_copied(claim.draft, graph, names) for claim in claims], truths, place)


def _copied(draft: Draft, graph: Graph, names: Mapping[str, int]) -> int:
    """The node of a claim's formula, its names bound to the program's nodes."""

    def instead(node: int, copies: dict[int, int]) -> int | None:
        op, args, payload = draft.graph.instructions[node]
        return None if args else names.get(str(payload) if op == INPUT else op)

    return draft.graph.copy(draft.graph.ancestors([draft.output]), graph, instead)[draft.output]


def demand_shape(claim: Claim, request: Request) -> None:
    """Raise GradcalcError, placed in the claim, where its formula does not have the shape of the name that it is about."""
    graph, statement, shapes = claim.draft.graph, claim.statement, request.shapes or {}
    names = request.graph.names
    given = {node: shapes.get(names[name], ()) for name, node in graph.names.items() if name in names}
    try:
        shape = infer(graph, graph.ancestors([claim.draft.output]), given)[claim.draft.output]
    except MisplacedError as problem:
        span = graph.span(problem.node)
        raise _misfit(problem.misfit.message, problem.misfit.hint, statement, span) from problem
    wanted: Any = shapes.get(claim.node, ())
    if not isinstance(shape, tuple) or not _fits(shape, wanted):
        raise _misfit(f"the claim for {quoted(statement.name)} has the shape {list(shape or ())}, and {statement.name} has "
                      f"{list(wanted)}", "a derivative has the shape of its input", statement, None)


def _fits(shape: Shape, wanted: Shape) -> bool:
    try:
        return broadcast(shape, wanted) == wanted
    except ShapeError:
        return False


def _misfit(message: str, hint: str | None, statement: Statement, span: Span | None) -> GradcalcError:
    start, end = span or Span(0, len(statement.formula))
    place = Span(start + statement.start, end + statement.start)
    return error("shape", message, place, hint, statement.source)


def unreached_names(claims: Sequence[Claim], graph: Graph, root: int) -> list[str]:
    """The names that the claims' formulas use and the output does not depend on."""
    known, used = set(graph.ancestors([root])), needed(claims, graph)
    return [name for name in graph.names if name in used and graph.names[name] not in known]
