"""Reverse mode: one sweep from the output back gives the derivative with respect to every node at once."""

from gradcalc.evaluators import Can
from gradcalc.evaluators.cost import of_reverse, of_values
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.graph.tape import INPUT
from gradcalc.results import Answer, Request


class Reverse:
    """Adjoints, right to left (back-propagation). Costs a few times the value, for any number of inputs."""

    name = "reverse"
    summary = "adjoints from the output back; one sweep for any number of inputs"
    can = Can.EXACT | Can.ADJOINTS | Can.NO_POINT

    def differentiate(self, request: Request, /) -> Answer:
        graph, order, point = request.graph, request.order, request.point
        assert point is not None
        primal = sweeps.values(graph, order, point, scalars)
        sources = [node for node in order if graph.instructions[node].op == INPUT]
        active = graph.descendants([*sources, *point, *request.wrt.values()], order)
        adjoints = sweeps.reverse(graph, order, primal, active, scalars)
        gradient = {name: adjoints[node] if node < len(adjoints) and adjoints[node] is not None else 0.0
                    for name, node in request.wrt.items()}
        operations = of_values(graph, order) + of_reverse(graph, order, active) if request.counted else None
        return Answer(primal[request.root], gradient, operations, primal=primal, adjoints=adjoints)
