"""Forward mode: a sweep along the program for each direction carries the derivative beside the value."""

from gradcalc.evaluators import Can, Evaluator
from gradcalc.evaluators.cost import of_forward, of_values
from gradcalc.graph import sweeps
from gradcalc.questions.answers import Answer, Request


class Forward(Evaluator):
    """Tangents, left to right. Costs a few times the value for each input, or for each entry of an array."""

    name = "forward"
    summary = "tangents along the program; one sweep for each input"
    can = Can.EXACT | Can.TANGENTS | Can.NO_POINT | Can.ARRAYS

    def differentiate(self, request: Request, /) -> Answer:
        graph, order, root, xp = request.graph, request.order, request.root, request.xp
        assert request.point is not None
        primal = sweeps.values(graph, order, request.point, xp)
        gradient, tangents = {}, {}
        operations = of_values(graph, order, primal) if request.counted else None
        for name, node in request.wrt.items():
            slopes, shape = [], (request.shapes or {}).get(node, ())
            for unit in xp.units(shape):
                found = sweeps.forward(graph, order, primal, {node: unit}, xp)
                slopes.append(xp.zeros(()) if found[root] is None else found[root])
                if operations is not None:
                    operations += of_forward(graph, order, found, primal)
            gradient[name] = xp.gathered(slopes, shape)
            if shape == ():
                tangents[name] = found
        return Answer(primal[root], gradient, operations, primal=primal, tangents=tangents)
