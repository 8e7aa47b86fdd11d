"""Arrays that are made of numbers alone: of settings, known when the program is read, or of the two ends of a line."""

from typing import Any

from gradcalc.graph.operations.operation import Facts, Operation, Setting, Shape, Spelled, primitive
from gradcalc.graph.operations.shape_rules import ShapeError, shown

LENGTHS = (Setting("shape", "wholes"),)


def _made(name: str, settings: tuple[Setting, ...], doc: str, array: Any, shape: Any, *cases: tuple[Any, ...],
          **more: Any) -> Operation:
    """A row without arguments."""
    return primitive(name, (), (), doc, Spelled(array=array), Facts(exact=True), settings=settings, shape=shape,
                     cases=tuple(((), case) for case in cases), **more)


def _lengths(shape: tuple[int, ...]) -> Shape:
    for length in shape:
        if length < 0:
            raise ShapeError(f"an axis cannot be {length} long", "lengths count from 0")
    return shape


def _square(n: int, m: int | None) -> Shape:
    return _lengths((n, n if m is None else m))


def _of_steps(start: int, stop: int | None, step: int) -> Shape:
    if step == 0:
        raise ShapeError("the step of a range cannot be 0", "leave it out for 1")
    first, last = (0, start) if stop is None else (start, stop)
    return (max(0, -((first - last) // step)),)


def _range(start: int, stop: int | None, step: int) -> Any:
    import numpy as np

    first = 0 if stop is None else start
    return float(first) + float(step) * np.arange(*_of_steps(start, stop, step), dtype=np.float64)


def _eye(n: int, m: int | None) -> Any:
    import numpy as np

    return np.eye(n, m)


def _line(a: Shape, b: Shape, n: int) -> Shape:
    for end in (a, b):
        if end:
            raise ShapeError(f"the ends of linspace are numbers, and this one has the shape {shown(end)}")
    return _lengths((n,))


ROWS = (
    _made("eye", (Setting("n", "whole"), Setting("m", "whole")), "identity matrix of n rows and m columns, by default n",
          _eye, _square, (3, None), (2, 3), (0, None), aliases=("identity",)),
    _made("zeros", LENGTHS, "array of zeros: zeros(3), zeros(2, 3)", "numpy.zeros", _lengths, ((3,),), ((2, 3),), ((),), ((0,
          2),)),
    _made("ones", LENGTHS, "array of ones: ones(3), ones(2, 3)", "numpy.ones", _lengths, ((3,),), ((2, 3),), ((),), ((0, 2),)),
    _made("range", (Setting("start", "whole"), Setting("stop", "whole"), Setting("step", "whole", 1)),
          "whole numbers from start to before stop: range(3) is [0, 1, 2]", _range, _of_steps,
          (3, None, 1), (1, 4, 1), (5, 0, -2), (0, None, 1), api="arange", aliases=("arange",)),
    primitive("linspace", ("a", "b"), (), "n numbers from a to b at equal distances",
              Spelled(array="numpy.linspace"), settings=(Setting("n", "whole", 50),), shape=_line,
              vjps=(lambda xp, g, y, a, b, n: xp.sum(g * xp.linspace(xp.constant(1.0), xp.constant(0.0), n), None, False),
                    lambda xp, g, y, a, b, n: xp.sum(g * xp.linspace(xp.constant(0.0), xp.constant(1.0), n), None, False)),
              cases=((((), ()), (5,)), (((), ()), (50,)), (((), ()), (1,)), (((), ()), (0,)))),
)
