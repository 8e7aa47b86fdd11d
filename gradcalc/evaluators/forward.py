"""Forward mode: a sweep along the program for each direction carries the derivative beside the value."""

from gradcalc.evaluators import Can
from gradcalc.evaluators.cost import of_forward, of_values
from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.results import Answer, Request


class Forward:
    """Tangents, left to right. Costs a few times the value for each input."""

    name = "forward"
    summary = "tangents along the program; one sweep for each input"
    can = Can.EXACT | Can.TANGENTS | Can.NO_POINT

    def differentiate(self, request: Request, /) -> Answer:
        graph, order = request.graph, request.order
        assert request.point is not None
        primal = sweeps.values(graph, order, request.point, scalars)
        tangents = {name: sweeps.forward(graph, order, primal, {node: 1.0}, scalars)
                    for name, node in request.wrt.items()}
        operations = None
        if request.counted:
            operations = of_values(graph, order) + sum(of_forward(graph, order, row) for row in tangents.values())
        gradient = {name: row[request.root] if row[request.root] is not None else 0.0 for name, row in tangents.items()}
        return Answer(primal[request.root], gradient, operations, primal=primal, tangents=tangents)
