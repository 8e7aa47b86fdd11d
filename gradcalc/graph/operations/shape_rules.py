"""What shape the value of an array operation has, from the shapes of its arguments, or why they do not fit.

A shape is a tuple of lengths, one an axis; () is a single number. Each function here is the ``shape`` of some rows.
"""

from typing import Any

Shape = tuple[int, ...]

#: So many axes an array has at most.
AXES = 32


class ShapeError(Exception):
    """Arguments whose shapes do not fit: a sentence, and what might be done about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def shown(shape: Shape) -> str:
    """A shape in a message: 2×3, or 'a number'."""
    return "a number" if not shape else "×".join(map(str, shape)) if len(shape) > 1 else f"length {shape[0]}"


def broadcast(*shapes: Shape) -> Shape:
    """The common shape of operands that are taken entry by entry, aligned at the last axis as NumPy's are."""
    common: list[int] = []
    for back in range(1, max(map(len, shapes), default=0) + 1):
        length = 1
        for shape in shapes:
            own = shape[-back] if back <= len(shape) else 1
            if own != 1 and length not in (1, own):
                first = next(s for s in shapes if back <= len(s) and s[-back] == length)
                raise ShapeError(f"shapes do not fit: {shown(first)} and {shown(shape)}; {_axis(back)} is {length} long in one "
                                 f"and {own} in the other", "lengths must be equal along each axis, or 1")
            length = own if own != 1 else length
        common.append(length)
    return tuple(reversed(common))


def _axis(back: int) -> str:
    return "the last axis" if back == 1 else f"axis -{back}, counted from the end,"


def same(x: Shape, *_: Any) -> Shape:
    """The shape of the first argument."""
    return x


def like(x: Shape, model: Shape, *_: Any) -> Shape:
    """The shape of the second argument."""
    return model


def axes_of(shape: Shape, axis: Any) -> tuple[int, ...]:
    """The axes that a setting names, counted from the front; all for None. Raises ShapeError for one that there is not."""
    if axis is None:
        return tuple(range(len(shape)))
    found = []
    for one in axis:
        if not -len(shape) <= one < len(shape):
            raise ShapeError(f"there is no axis {one} in {_described(shape)}", _axes_hint(shape))
        if one % len(shape) in found:
            raise ShapeError(f"axis {one} is named twice")
        found.append(one % len(shape))
    return tuple(found)


def _described(shape: Shape) -> str:
    return "a number" if not shape else f"an array of shape {shown(shape)}" if len(shape) > 1 else f"an array of {shown(shape)}"


def _axes_hint(shape: Shape) -> str | None:
    return f"its axes are 0 to {len(shape) - 1}" if len(shape) > 1 else "its only axis is 0" if shape else None


def reduced(x: Shape, axis: Any, keepdims: bool) -> Shape:
    """What is left when axes are summed over."""
    gone = axes_of(x, axis)
    return tuple(1 if k in gone else n for k, n in enumerate(x) if keepdims or k not in gone)


def nonempty(x: Shape, axis: Any, keepdims: bool) -> Shape:
    """The same for what needs an entry to begin with, such as a maximum."""
    if any(x[k] == 0 for k in axes_of(x, axis)):
        raise ShapeError(f"{_described(x)} has no entries to choose from")
    return reduced(x, axis, keepdims)


def along(x: Shape, axis: Any) -> Shape:
    """The argument's shape, where the axis exists."""
    if not x:
        raise ShapeError("a number has no axis", "give an array")
    axes_of(x, axis)
    return x


def counted(x: Shape, axis: Any) -> Shape:
    axes_of(x, axis)
    return ()


def spread(x: Shape, model: Shape, axis: Any) -> Shape:
    """The shape of ``model``, to which ``x``, without the axes, has to fit."""
    wide = x
    if axis is not None:
        gone = axes_of(model, axis)
        lengths = iter(x)
        if len(x) + len(gone) != len(model):
            raise ShapeError(f"{_described(x)} cannot be spread over {len(gone)} axes of {_described(model)}")
        wide = tuple(1 if k in gone else next(lengths) for k in range(len(model)))
    if len(wide) > len(model) or broadcast(wide, model) != model:
        raise ShapeError(f"{_described(x)} cannot be spread over {_described(model)}")
    return model


def fit(x: Shape, model: Shape, axis: Any) -> Shape:
    """The shape of ``model``, to which ``x`` is summed."""
    spread(model, x, axis)
    return model


def matmul(a: Shape, b: Shape) -> Shape:
    """Rows times columns; a vector is a row on the left and a column on the right, as for NumPy."""
    for side, shape in (("left", a), ("right", b)):
        if not shape:
            raise ShapeError(f"the matrix product needs arrays, and its {side} side is a number", "for numbers write *")
    inner, own = a[-1], b[-2] if len(b) > 1 else b[-1]
    if inner != own:
        which = "the rows" if len(b) > 1 else "the entries"
        raise ShapeError(f"shapes do not fit: {shown(a)} @ {shown(b)}; the last axis of the left side is {inner} long, and "
                     f"{which} of the right side are {own}", _transposed_hint(a, b))
    batch = broadcast(a[:-2], b[:-2])
    return batch + a[-2:-1] + (b[-1:] if len(b) > 1 else ())


def _transposed_hint(a: Shape, b: Shape) -> str | None:
    if len(b) == 2 and a[-1] == b[-1]:
        return "transposed on the right it would fit: write .T"
    if len(a) == 2 and a[0] == (b[-2] if len(b) > 1 else b[-1]):
        return "transposed on the left it would fit: write .T"
    return None


def left(g: Shape, b: Shape, model: Shape) -> Shape:
    return _of_a_product(matmul(model, b), g, model)


def right(a: Shape, g: Shape, model: Shape) -> Shape:
    return _of_a_product(matmul(a, model), g, model)


def _of_a_product(product: Shape, g: Shape, model: Shape) -> Shape:
    if product != g:
        raise ShapeError(f"shapes do not fit: the product's is {shown(product)}, its adjoint's {shown(g)}")
    return model


def transpose(x: Shape, axes: Any) -> Shape:
    if axes is None:
        return x[::-1]
    if sorted(axes_of(x, axes)) != list(range(len(x))):
        raise ShapeError(f"the axes {list(axes)} do not list each of the {len(x)} axes of the array once")
    return tuple(x[k] for k in axes)


def matrix_transpose(x: Shape) -> Shape:
    if len(x) < 2:
        raise ShapeError(f"a matrix is needed, and this is {_described(x)}")
    return (*x[:-2], x[-1], x[-2])


def square(x: Shape) -> Shape:
    """A square matrix, or a stack of them."""
    if len(x) < 2 or x[-1] != x[-2]:
        raise ShapeError(f"a square matrix is needed, and this is {_described(x)}")
    return x


def of_a_square(x: Shape) -> Shape:
    return square(x)[:-2]


def diagonal(g: Shape, model: Shape) -> Shape:
    if g != of_a_square(model):
        raise ShapeError(f"{_described(g)} has not a number for each matrix of {_described(model)}")
    return model


def solve(a: Shape, b: Shape) -> Shape:
    square(a)
    if not b:
        raise ShapeError("the right side must be a vector or a matrix, and it is a number")
    matmul(a, b)
    return b if len(b) == 1 and len(a) == 2 else broadcast(a[:-2], b[:-2]) + b[-2:] if len(b) > 1 else a[:-2] + b


def reshape(x: Shape, shape: Any) -> Shape:
    size, known = 1, 1
    for length in x:
        size *= length
    for length in shape:
        known *= length if length >= 0 else 1
    if sum(length < 0 for length in shape) > 1 or any(length < -1 for length in shape):
        raise ShapeError("one length may be left open with -1, and the others count from 0")
    if -1 in shape and known and size % known == 0:
        return tuple(size // known if length == -1 else length for length in shape)
    if -1 in shape or known != size:
        raise ShapeError(f"{_described(x)} has {size} entries, which do not make the shape [{', '.join(map(str, shape))}]")
    return tuple(shape)


def reshaped(x: Shape, model: Shape) -> Shape:
    return reshape(x, model)


def index(x: Shape, key: Any) -> Shape:
    """What ``x[key]`` leaves: a whole number takes its axis away."""
    if key is None:
        raise ShapeError("square brackets with a key are missing behind this", "write for instance scatter_like(g, x)[0]")
    given = [one for one in key if one != "..."]
    if len(given) > len(x):
        raise ShapeError(f"too many indices: {len(given)} for {_described(x)}")
    if "..." in key:
        place = key.index("...")
        key = (*key[:place], *((None, None, None),) * (len(x) - len(given)), *key[place + 1:])
    lists = [one[0] for one in key if isinstance(one, tuple) and len(one) == 1]
    if len(lists) > 1:
        raise ShapeError("an index takes one list of places, and this has more", "index twice: X[[0, 2], :][:, [1, 0]]")
    left: list[int] = []
    picked = []
    for axis, one in enumerate(key):
        length = x[axis]
        if isinstance(one, tuple) and len(one) == 3:
            left.append(len(range(*slice(*one).indices(length))))
            continue
        for place in one[0] if isinstance(one, tuple) else (one,):
            if not -length <= place < length:
                raise ShapeError(f"index {place} is out of range: axis {axis} is {length} long",
                                 f"the first is 0 and the last {length - 1}, or -1" if length else None)
        picked.append((axis, len(left)))
    if lists:
        # Numbers beside a list go with it; where a slice stands between them, the list's axis comes first, as NumPy's does.
        apart = picked[-1][0] - picked[0][0] >= len(picked)
        left.insert(0 if apart else picked[0][1], len(lists[0]))
    return tuple(left) + x[len(key):]


def scatter(g: Shape, model: Shape, key: Any) -> Shape:
    if g != index(model, key):
        raise ShapeError(f"{_described(g)} does not fill the place of shape {shown(index(model, key))}")
    return model


def stack(*shapes_and_axis: Any) -> Shape:
    """Equal shapes, and an axis more."""
    *shapes, axis = shapes_and_axis
    for place, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ShapeError(f"the parts of an array must have the same shape: the first is {_part(shapes[0])}, number "
                         f"{place + 1} is {_part(shape)}")
    rank = len(shapes[0]) + 1
    if rank > AXES:
        raise ShapeError(f"an array has at most {AXES} axes")
    if not -rank <= axis < rank:
        raise ShapeError(f"there is no axis {axis} in a stack of {rank} axes")
    place = axis % rank
    return (*shapes[0][:place], len(shapes), *shapes[0][place:])


def _part(shape: Shape) -> str:
    return shown(shape) if len(shape) != 1 else f"of {shown(shape)}"


def concat(*shapes_and_axis: Any) -> Shape:
    """Shapes that are equal but for one axis, along which their lengths add up."""
    *shapes, axis = shapes_and_axis
    first = shapes[0]
    if not first:
        raise ShapeError("numbers cannot be joined along an axis", "write [a, b] for an array of numbers")
    place = axes_of(first, (axis,))[0]
    for shape in shapes:
        if len(shape) != len(first) or any(m != n for k, (m, n) in enumerate(zip(first, shape, strict=True)) if k != place):
            raise ShapeError(f"arrays of shape {shown(first)} and {shown(shape)} cannot be joined along axis {axis}",
                         "they may differ along that axis alone")
    return (*first[:place], sum(shape[place] for shape in shapes), *first[place + 1:])


def part(*shapes_and_settings: Any) -> Shape:
    g, *models, place, axis = shapes_and_settings
    if concat(*models, axis) != g or not 0 <= place < len(models):
        raise ShapeError(f"{_described(g)} is not what these arrays make together")
    model: Shape = models[place]
    return model


def cross_entropy(logits: Shape, labels: Shape) -> Shape:
    targets(labels, logits)
    return ()


def targets(labels: Shape, logits: Shape) -> Shape:
    """Labels for each row of the logits: a whole number a row, or a distribution."""
    if not logits:
        raise ShapeError("cross_entropy needs a score for each class, and this is a number")
    if logits[-1] == 0:
        raise ShapeError("cross_entropy needs a score for each class, and there is no class")
    if labels not in (logits, logits[:-1]):
        raise ShapeError(f"labels of shape {shown(labels)} do not fit scores of shape {shown(logits)}: it takes a whole number "
                         f"for each row ({shown(logits[:-1])}), or a distribution ({shown(logits)})")
    return logits


#: The rules whose shape is that of one number, whatever the arguments' are.
OF_A_NUMBER = (counted, cross_entropy)
#: The rules whose shape is the first argument's.
OF_THE_FIRST = (same, along)
