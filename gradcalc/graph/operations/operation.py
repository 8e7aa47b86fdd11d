"""What a row of the table is. The rows themselves stand in the files beside this one."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Value = Callable[..., Any]
Partial = Callable[..., Any]
Shape = tuple[int, ...]

#: How tightly an operation binds when it is printed, loosest first; the levels of the grammar.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, CALL = range(9)


class Setting(NamedTuple):
    """What a call fixes of an array operation beside its arguments: ``sum(X, axis=0)``, ``W[1, :]``.

    An ``axis`` is a whole number or a list of them, held as a tuple, or None for all. A ``flag`` is true or false, ``whole``
    a whole number, ``wholes`` a tuple of them. A ``key`` is what stands between the brackets of ``x[...]``: a tuple of
    whole numbers, of slices, each a tuple (start, stop, step) of whole numbers or None, and at most one ``"..."``.
    """

    name: str
    kind: Literal["axis", "flag", "whole", "wholes", "key"]
    default: Any = None


class Operation(NamedTuple):
    """One operation: its value, its derivative, where they hold, and how it is written.

    ``value(xp, *args)`` is written against a namespace ``xp`` in the vocabulary of the Python array API standard. What a
    derivative's rule calls must be a row of the table itself, so that derivatives of every order exist. There are two kinds:

    - An elementwise operation has a ``partial(xp, y, *args)`` for each parameter, with ``y`` the value at hand: the factor
      between a tangent of the argument and one of the value, entry by entry.
    - Every other one has in ``vjps`` a vector-Jacobian product for each parameter: ``vjp(xp, g, y, *args)`` takes the value's
      adjoint ``g``, in which it is linear, to the argument's, in the argument's shape. The tangent rule follows from it.

    None in place of a rule says that the operation is locally constant in that argument. ``settings`` are handed to ``value``,
    to each vjp and to ``shape`` behind the arguments. ``shape(*shapes, *settings)`` is the shape of the value, and raises
    ShapeError for arguments that do not fit; an elementwise operation needs none. ``work(*shapes)`` counts the value's
    operations on numbers where they are more than the entries of the largest array. ``cases`` are shapes of arguments, and
    settings, that the operation takes, for those who want to try it.

    ``domain`` and ``kink`` are conditions on the parameters in gradcalc's own language: where the operation is
    defined, and where its derivative follows a convention (the mean of the two one-sided derivatives). ``needs`` says the
    domain in words, for the error message. Where settings matter, ``kinked(xp, y, *args,
    *settings)`` is the condition ``kink``. A row with a kink says what happens there when its arguments begin to move along
    their tangents: ``sided(xp, y, *args, *tangents, *settings)`` is the value's tangent on that side, and of one that jumps
    ``limit(xp, y, *args, *tangents)`` its value there. ``vertical`` is a condition under which the slope may be infinite though
    the value is not. ``classes`` is the place of an argument that numbers classes: whole numbers from 0,
    ``regular`` that of one whose matrices must not be singular.

    ``gates`` marks ``where``: its partials are conditions, which say whether an argument is taken, not factors.
    ``variadic`` marks an operation of two arguments that a call folds over more, ``many`` one that takes any number at once:
    its one vjp gets the argument's place first. ``alone`` names the row that a call with one argument means, and ``called`` the
    function that a row is called as where that is not its name. ``symbol`` and ``binds`` are how it is written between,
    before or behind its arguments; without a symbol it is written as a call.
    """

    name: str
    parameters: tuple[str, ...]
    value: Value
    partials: tuple[Partial | None, ...]
    doc: str
    domain: str | None = None
    needs: str | None = None
    kink: str | None = None
    aliases: tuple[str, ...] = ()
    symbol: str | None = None
    binds: int = CALL
    latex: str | None = None
    python: str | None = None
    gates: bool = False
    variadic: bool = False
    vjps: tuple[Partial | None, ...] = ()
    settings: tuple[Setting, ...] = ()
    kinked: Callable[..., Any] | None = None
    sided: Callable[..., Any] | None = None
    limit: Callable[..., Any] | None = None
    vertical: str | None = None
    shape: Callable[..., Shape] | None = None
    work: Callable[..., int] | None = None
    cases: tuple[tuple[tuple[Shape, ...], tuple[Any, ...]], ...] = ()
    classes: int | None = None
    regular: int | None = None
    many: bool = False
    alone: str | None = None
    called: str | None = None
