"""The built-in worked examples: small programs from teaching, each with a point and the numbers that come out.

The numbers were computed in float64 with an independent library. ``gradcalc compare`` runs them when it is given nothing.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Example(NamedTuple):
    """A program, a point, and the value and derivatives there. ``of`` names the output where it is not the last node.

    An array stands as nested lists.
    """

    name: str
    title: str
    program: str
    at: Mapping[str, Any]
    value: float
    gradient: Mapping[str, Any]
    of: str | None = None

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names that the gradient is given for."""
        return tuple(self.gradient)


_RELU_NETWORK = ("a1 = relu(w11*x + w21*y + b1)\na2 = relu(w12*x + w22*y + b2)\n"
                 "out = relu(v1*a1 + v2*a2 + b)\nloss = 1/2*(target - out)^2")
_RELU_POINT = {"x": 3.0, "y": 4.0, "w11": 0.9, "w21": 0.7, "b1": 0.5, "w12": 0.8, "w22": 0.6, "b2": 0.5, "v1": 0.3,
               "v2": 0.2, "b": 0.1, "target": 1.0}

EXAMPLES = (
    Example("two-gates", "two-gate graph", "c = a + b; d = b + 1; e = c*d", {"a": 2.0, "b": 1.0}, 6.0,
            {"a": 2.0, "b": 5.0, "c": 2.0, "d": 3.0}),
    Example("polynomial", "polynomial", "1 + 2*x + 3*x^2", {"x": 2.0}, 17.0, {"x": 14.0}),
    Example("chain", "chain of links", "u = t^2; x = 1 - u; f = 5*x", {"t": 3.0}, -40.0, {"t": -30.0}),
    Example("total-derivative", "total derivative",
            "u1 = t^2; u2 = sin(t); x1 = u1*u2; x2 = u1 + u2; f = x1^2 + 3*x2", {"t": 0.7}, 3.502298506207899,
            {"t": 7.300535581994129}),
    Example("gates", "add, max and multiply gates", "2*(x*y + max(z, w))", {"x": 3.0, "y": -4.0, "z": 2.0, "w": -1.0},
            -20.0, {"x": -8.0, "y": 6.0, "z": 2.0, "w": 0.0}),
    Example("logistic", "logistic gate", "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
            {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}, 0.7310585786300049,
            {"w0": -0.19661193324148182, "x0": 0.39322386648296365, "w1": -0.39322386648296365,
             "x1": -0.5898357997244454, "w2": 0.19661193324148182}),
    Example("nested-sines", "repeated sub-expression", "x = sin(w); y = sin(x); z = sin(y)", {"w": 0.8},
            0.6110565779724711, {"w": 0.4155838233344156}),
    Example("neuron", "one sigmoid neuron", "z = w*x + b; a = sigmoid(z); C = (a - y)^2",
            {"w": 0.6, "b": 0.9, "x": 1.0, "y": 0.0}, 0.6684280241233108,
            {"w": 0.2438766648550855, "b": 0.2438766648550855}),
    Example("three-neurons", "three neurons in a row",
            "a1 = sigmoid(w1*x + b1)\na2 = sigmoid(w2*a1 + b2)\na3 = sigmoid(w3*a2 + b3)\nC = (a3 - y)^2",
            {"w1": 0.5, "b1": 0.1, "w2": -0.4, "b2": 0.2, "w3": 0.7, "b3": -0.3, "x": 1.5, "y": 1.0}, 0.2410898507326161,
            {"w1": 0.005397080601601396, "b1": 0.0035980537344009306, "w2": -0.030040572067881556,
             "b2": -0.04288036113397597, "w3": -0.1177927780663135, "b3": -0.2454251222164324}),
    Example("relu-network", "ReLU network, 2-2-1", _RELU_NETWORK, _RELU_POINT, 1.9208,
            {"v1": 11.76, "v2": 10.388, "b": 1.96, "w11": 1.764, "w21": 2.352, "b1": 0.588, "w12": 1.176, "w22": 1.568,
             "b2": 0.392}),
    Example("relu-output", "ReLU network, its output", _RELU_NETWORK,
            {name: value for name, value in _RELU_POINT.items() if name != "target"}, 2.96, {"x": 0.43}, "out"),
    Example("sigmoid-network", "4-3-2 network", "a1 = sigmoid(W1@a0 + b1)\na2 = sigmoid(W2@a1 + b2)\nC = sum((a2 - y)^2)",
            {"W1": [[0.1, -0.2, 0.3, 0.4], [0.5, 0.1, -0.3, 0.2], [-0.4, 0.3, 0.2, 0.1]], "b1": [0.1, -0.1, 0.2],
             "W2": [[0.3, -0.5, 0.2], [0.1, 0.4, -0.6]], "b2": [0.05, -0.05], "a0": [1.0, 0.5, -1.0, 2.0], "y": [1.0, 0.0]},
            0.5162397815854257,
            {"W1": [[-0.011690471979958, -0.005845235989979, 0.011690471979958, -0.023380943959916],
                    [0.041761781563650915, 0.020880890781825458, -0.041761781563650915, 0.08352356312730183],
                    [-0.05068319210559541, -0.025341596052797705, 0.05068319210559541, -0.10136638421119082]],
             "b1": [-0.011690471979958, 0.041761781563650915, -0.05068319210559541],
             "W2": [[-0.16446446091131442, -0.19346601637405814, -0.12417884268607697],
                    [0.1634743751331638, 0.19230133951739245, 0.1234312787114078]],
             "b2": [-0.25472447078337496, 0.25319101440944414]}),
    Example("minibatch", "minibatch, ReLU, cross-entropy, weight decay",
            "H = relu(X@W1)\nJ = cross_entropy(H@W2, labels) + 0.01*(sum(W1^2) + sum(W2^2))",
            {"X": [[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7]], "labels": [0.0, 1.0, 1.0], "W1": [[0.2, -0.3, 0.5], [0.4, 0.1, -0.2]],
             "W2": [[0.3, -0.1], [-0.2, 0.4], [0.6, 0.2]]}, 0.6274440899058712,
            {"W1": [[-0.07807826859550972, 0.08353841808513494, -0.021073428232560004],
                    [-0.08154118878674033, -0.042769209042567466, -0.1578345608038183]],
             "W2": [[-0.12458032308449518, 0.12858032308449518], [0.04823074388299538, -0.044230743882995374],
                    [0.05007549511120915, -0.03407549511120915]]}),
)
