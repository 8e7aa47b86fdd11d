"""Products of arrays that are neither entry by entry nor those of matrices, and Einstein's sums, of which all others are cases.

An einsum is linear in each operand, and what one of them gets back is an einsum of the adjoint and the others. Where an operand
has a letter twice, or one that no other has, ``einsum_like`` puts that on a diagonal, or repeats it.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

from gradcalc.graph.operations import shape_rules as shapes
from gradcalc.graph.operations.operation import Operation, Setting, Shape, Spelled, primitive
from gradcalc.graph.operations.shape_rules import ShapeError, shown

# -- einsum ------------------------------------------------------------------------------------------------------------


def _parts(subscripts: str) -> tuple[list[str], str]:
    """The letters of each operand and of the value; without an arrow the latter are those that stand once, in their order."""
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    if not arrow:
        out = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    return inputs.split(","), out


def _check(subscripts: str, count: int) -> None:
    """Raise ShapeError for subscripts that say nothing, or are not those of so many operands."""
    terms, out = _check_letters(subscripts, count)
    for letter in out:
        if out.count(letter) > 1:
            raise ShapeError(f"the letter '{letter}' stands twice behind the arrow of \"{subscripts}\"",
                             "each letter of the value names one axis")
        if not any(letter in term for term in terms):
            raise ShapeError(f"the letter '{letter}' behind the arrow of \"{subscripts}\" names no axis of an operand")


def _check_letters(subscripts: str, count: int) -> tuple[list[str], str]:
    written = subscripts.replace(" ", "")
    if "." in written:
        raise ShapeError(f"\"{subscripts}\" has dots, and einsum names each axis here", "give the other axes letters too")
    if not re.fullmatch(r"[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?", written):
        raise ShapeError(f"\"{subscripts}\" is not what einsum reads", 'write letters for axes, as in "ij,jk->ik"')
    terms, out = _parts(written)
    if len(terms) != count:
        raise ShapeError(f"\"{subscripts}\" has letters for {len(terms)} operand{'s' * (len(terms) > 1)}, and there "
                         f"{'is' if count == 1 else 'are'} {count}", "put a comma between the letters of two operands")
    return terms, out


def _lengths(terms: Sequence[str], operands: Sequence[Shape]) -> dict[str, int]:
    """How long each letter's axis is."""
    known: dict[str, tuple[int, int]] = {}
    for place, (term, shape) in enumerate(zip(terms, operands, strict=True), 1):
        if len(term) != len(shape):
            raise ShapeError(f"\"{term}\" names {len(term)} {'axis' if len(term) == 1 else 'axes'}, and operand {place} is "
                             f"{'a number' if not shape else f'an array of shape {shown(shape)}'}",
                             "write a letter for each axis")
        for letter, length in zip(term, shape, strict=True):
            first = known.setdefault(letter, (length, place))
            if first[0] != length:
                raise ShapeError(f"the letter '{letter}' is {first[0]} long in operand {first[1]} and {length} in "
                                 f"operand {place}",
                                 "axes of one letter must be equally long")
    return {letter: length for letter, (length, _) in known.items()}


def _summed(*operands_and_subscripts: Any) -> Shape:
    *operands, subscripts = operands_and_subscripts
    _check(subscripts, len(operands))
    terms, out = _parts(subscripts)
    known = _lengths(terms, operands)
    return tuple(known[letter] for letter in out)


def _summed_like(*operands_and_subscripts: Any) -> Shape:
    *operands, like, subscripts = operands_and_subscripts
    terms, out = _check_letters(subscripts, len(operands))
    _lengths([*terms, out], [*operands, like])
    found: Shape = like
    return found


def _einsum(*operands_and_subscripts: Any) -> Any:
    import numpy as np

    *operands, subscripts = operands_and_subscripts
    return np.einsum(subscripts, *operands, optimize=len(operands) > 1)


def _einsum_like(*operands_and_subscripts: Any) -> Any:
    """The sum is written through a view of the value's diagonal, along the axes that it lacks too."""
    import numpy as np

    *operands, like, subscripts = operands_and_subscripts
    terms, out = _parts(subscripts)
    once = "".join(dict.fromkeys(out))
    has = "".join([letter for letter in once if any(letter in term for term in terms)])
    found = np.einsum(f"{','.join(terms)}->{has}", *operands, optimize=len(operands) > 1)
    value = np.zeros(np.shape(like), np.result_type(found))
    apart = tuple(slice(None) if letter in has else None for letter in once)
    np.einsum(f"{out}->{once}", value)[...] = np.asarray(found)[apart]
    return value[()]


def _einsum_vjp(xp: Any, place: int, g: Any, y: Any, *operands_and_subscripts: Any) -> Any:
    *operands, subscripts = operands_and_subscripts
    return _towards(xp, place, g, operands, subscripts)


def _einsum_like_vjp(xp: Any, place: int, g: Any, y: Any, *operands_and_subscripts: Any) -> Any:
    *operands, _, subscripts = operands_and_subscripts
    return None if place == len(operands) else _towards(xp, place, g, operands, subscripts)


def _towards(xp: Any, place: int, g: Any, operands: Sequence[Any], subscripts: str) -> Any:
    """What the operand in this place gets back: the sum of the adjoint and the other operands, with its letters."""
    terms, out = _parts(subscripts)
    others = [(term, operand) for k, (term, operand) in enumerate(zip(terms, operands, strict=True)) if k != place]
    given, wanted = [out, *(term for term, _ in others)], terms[place]
    factors = [g, *(operand for _, operand in others)]
    written = f"{','.join(given)}->{wanted}"
    if len(set(wanted)) == len(wanted) and set(wanted) <= set("".join(given)):
        return xp.einsum(*factors, written)
    return xp.einsum_like(*factors, operands[place], written)


# -- outer, kron, cross ------------------------------------------------------------------------------------------------


def _flat(xp: Any, x: Any) -> Any:
    return xp.reshape(x, (-1,))


def _kron(a: Shape, b: Shape) -> Shape:
    return tuple(m * n for m, n in zip(*_aligned(a, b), strict=True))


def _aligned(a: Shape, b: Shape) -> tuple[Shape, Shape]:
    rank = max(len(a), len(b))
    return (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b


def _of_blocks(a: Shape, b: Shape, g: Shape, like: Shape) -> Shape:
    if _kron(a, b) != g:
        raise ShapeError(f"shapes do not fit: the product's is {shown(_kron(a, b))}, its adjoint's {shown(g)}")
    return like


def _blocks(g: Any, a: Shape, b: Shape) -> Any:
    """The adjoint of a product with its axes taken apart: those of a, then those of b."""
    import numpy as np

    first, second = _aligned(a, b)
    apart = np.reshape(g, [n for pair in zip(first, second, strict=True) for n in pair])
    return np.transpose(apart, [*range(0, 2 * len(first), 2), *range(1, 2 * len(first), 2)])


def _kron_left(g: Any, b: Any, like: Any) -> Any:
    import numpy as np

    wide = _aligned(np.shape(like), np.shape(b))[1]
    found = np.tensordot(_blocks(g, np.shape(like), np.shape(b)), np.reshape(b, wide), len(wide))
    return np.reshape(found, np.shape(like))[()]


def _kron_right(a: Any, g: Any, like: Any) -> Any:
    import numpy as np

    wide = _aligned(np.shape(a), np.shape(like))[0]
    found = np.tensordot(np.reshape(a, wide), _blocks(g, np.shape(a), np.shape(like)), len(wide))
    return np.reshape(found, np.shape(like))[()]


def _crossed(a: Shape, b: Shape) -> Shape:
    for shape in (a, b):
        if not shape or shape[-1] != 3:
            raise ShapeError(f"cross takes vectors of length 3, along the last axis, and this is "
                             f"{f'an array of shape {shown(shape)}' if shape else 'a number'}")
    return shapes.broadcast(a, b)


def _cross(xp: Any, a: Any, b: Any) -> Any:
    return xp.roll(a, -1, -1) * xp.roll(b, -2, -1) - xp.roll(a, -2, -1) * xp.roll(b, -1, -1)


#: What stands in quotes before the operands.
SUBSCRIPTS = (Setting("subscripts", "text", first=True, check=_check),)
SUBSCRIPTS_LIKE = (Setting("subscripts", "text", first=True,
                           check=lambda subscripts, count: _check_letters(subscripts, count - 1)),)

ROWS = (
    primitive("einsum", ("x",), (), 'Einstein\'s sum: einsum("ij,j->i", A, x) is A@x',
              Spelled(array=_einsum), many=True, settings=SUBSCRIPTS, shape=_summed, vjps=(_einsum_vjp,),
              cases=((((2, 3),), ("ij->ji",)), (((3, 3),), ("ii",)), (((3, 3),), ("ii->i",)), (((2, 3),), ("ij->i",)),
                     (((2, 3), (3,)), ("ij,j->i",)), (((2, 3), (3, 4)), ("ij,jk",)), (((5, 2, 3), (5, 3, 4)),
                     ("bij,bjk->bik",)),
                     (((3,), (3,)), ("i,i->",)), (((2,), (3,)), ("i,j->ji",)), (((2,), (2, 3), (3,)), ("i,ij,j->",)),
                     (((3, 3), (3,)), ("ii,i->i",)), (((), (2,)), (",i->i",)), (((0, 2),), ("ij->j",)), (((2, 2, 3),),
                     ("iij->j",)),
                     (((), (3,)), (",i",)))),
    primitive("einsum_like", ("x", "like"), (),
              "an einsum in the shape of like, whose letters may stand twice or be no operand's",
              Spelled(array=_einsum_like), many=True, auxiliary=True, settings=SUBSCRIPTS_LIKE, shape=_summed_like,
              vjps=(_einsum_like_vjp,),
              cases=((((3,), (3, 3)), ("i->ii",)), (((2,), (2, 3)), ("i->ij",)), (((), (2, 2)), ("->ii",)),
                     (((3,), (3, 2), (3, 3, 2)), ("i,ij->iij",)))),
    Operation("outer", ("a", "b"), lambda xp, a, b: xp.reshape(a, (-1, 1)) * _flat(xp, b), (),
              "the products of each entry of a with each of b", shape=lambda a, b: (math.prod(a), math.prod(b)),
              vjps=(lambda xp, g, y, a, b: xp.reshape_like(xp.matmul(g, _flat(xp, b)), a),
                    lambda xp, g, y, a, b: xp.reshape_like(xp.matmul(_flat(xp, a), g), b)),
              cases=((((2,), (3,)), ()), (((2, 2), (3,)), ()), (((), (2,)), ()), (((0,), (2,)), ()))),
    primitive("kron", ("a", "b"), (), "Kronecker product: b, times each entry of a", Spelled(array="numpy.kron"), shape=_kron,
              latex=r"\operatorname{kron}",
              vjps=(lambda xp, g, y, a, b: xp.kron_left(g, b, a), lambda xp, g, y, a, b: xp.kron_right(a, g, b)),
              cases=((((2, 3), (3, 2)), ()), (((2,), (3,)), ()), (((2, 3), (2,)), ()), (((2,), (2, 3)), ()), (((), (2, 2)), ()),
                     (((0, 2), (2, 2)), ()), (((), ()), ()))),
    primitive("kron_left", ("g", "b", "like"), (), "what a in kron(a, b) gets back from an adjoint g of the product",
              Spelled(array=_kron_left), auxiliary=True, shape=lambda g, b, like: _of_blocks(like, b, g, like),
              vjps=(lambda xp, z, y, g, b, like: xp.kron(z, b), lambda xp, z, y, g, b, like: xp.kron_right(z, g, b), None),
              cases=((((6, 6), (3, 2), (2, 3)), ()), (((2, 6), (2,), (2, 3)), ()), (((6,), (3,), (2,)), ()))),
    primitive("kron_right", ("a", "g", "like"), (), "what b in kron(a, b) gets back from an adjoint g of the product",
              Spelled(array=_kron_right), auxiliary=True, shape=lambda a, g, like: _of_blocks(a, like, g, like),
              vjps=(lambda xp, z, y, a, g, like: xp.kron_left(g, z, a), lambda xp, z, y, a, g, like: xp.kron(a, z), None),
              cases=((((2, 3), (6, 6), (3, 2)), ()), (((2, 3), (2, 6), (2,)), ()), (((2,), (6,), (3,)), ()))),
    Operation("cross", ("a", "b"), _cross, (), "cross product of vectors of length 3, along the last axis", shape=_crossed,
              vjps=(lambda xp, g, y, a, b: xp.sum_like(xp.cross(b, g), a, None),
                    lambda xp, g, y, a, b: xp.sum_like(xp.cross(g, a), b, None)),
              cases=((((3,), (3,)), ()), (((2, 3), (3,)), ()), (((3,), (2, 3)), ()), (((2, 1, 3), (4, 3)), ()), (((0, 3),
                     (3,)), ()))),
)
