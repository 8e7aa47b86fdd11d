"""What a row of the table is. The rows themselves stand in the files beside this one.

A row is a *primitive*, which says how each back end spells it, or a *composite*, whose value is written in terms of other rows.
This module knows no operation and imports no back end.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Value = Callable[..., Any]
Partial = Callable[..., Any]
Shape = tuple[int, ...]

#: How tightly an operation binds when it is printed, loosest first; the levels of the grammar.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, CALL = range(9)
#: In place of a spelling: the back end has a function of that name, written by hand in its own module.
BY_HAND = "by hand"
#: In place of the spelling for arrays: the function of scalars is called for each entry.
EACH = "each entry"


class Setting(NamedTuple):
    """What a call fixes of an operation beside its arguments: ``sum(X, axis=0)``, ``W[1, :]``.

    An ``axis`` is a whole number or a list of them, held as a tuple, or None for all. A ``flag`` is true or false, ``whole``
    a whole number, ``wholes`` a tuple of them. A ``key`` is what stands between the brackets of ``x[...]``: a tuple of
    whole numbers, of slices, each a tuple (start, stop, step) of whole numbers or None, at most one list, a tuple that holds
    a tuple of whole numbers, and at most one ``"..."``. ``widths`` are a whole number, a tuple of them, or a tuple of such
    tuples. A ``text`` stands in quotes.
    With ``first`` it stands before the arguments of a call, as the order of ``polygamma(n, x)`` does. ``check(value, count)``
    raises ShapeError for a value that makes no sense for so many arguments, whatever their shapes are. ``instead`` is what
    NumPy's function of that name takes in this setting's place: then a call gives the setting by name alone.
    """

    name: str
    kind: Literal["axis", "flag", "whole", "wholes", "widths", "key", "text"]
    default: Any = None
    first: bool = False
    check: Callable[[Any, int], Any] | None = None
    instead: str | None = None

    @property
    def bare(self) -> bool:
        """Whether None is no value of it, but says that a call must give it, unless a case of the row goes without."""
        return self.default is None and self.kind in ("whole", "wholes", "widths", "text")


class Spelled(NamedTuple):
    """How the back ends spell a primitive. Each entry is a name, a function, BY_HAND, or None where the back end has none.

    - ``scalar``: a function of floats, ``"math.log"``. What it raises becomes an IEEE result: where it raises ValueError, the
      value that ``poles`` pairs with that argument, else NaN; where it raises OverflowError, infinity, ``signed`` with the
      argument's sign.
    - ``array``: NumPy's function, ``"numpy.log"``, or SciPy's, or EACH.
    - ``complex``: a function of a complex number just off the real axis, ``"cmath.log"``, of whose value only the imaginary
      part is used; an operation that is locally constant needs none. At the points ``vertical`` its slope is infinite.
    - ``ball``: the name of python-flint's method of a real ball, ``"exp"``, or a function of such balls. For a function on a
      part of the line it is a tuple with two tests of a ball: whether all of it is in the domain, and whether none of it is.
    - ``native``: how machine code is written: ``"call log"`` for a function of the C library, ``"intrinsic sqrt"``,
      ``"instruction fadd"`` for LLVM's own, or another form that the native engine knows by its first word.
    """

    scalar: str | Callable[..., Any] | None = None
    array: str | Callable[..., Any] | None = None
    complex: str | Callable[..., Any] | None = None
    ball: str | Callable[..., Any] | tuple[Any, Callable[[Any], bool], Callable[[Any], bool]] | None = None
    native: str | None = None
    poles: tuple[tuple[float, float], ...] = ()
    signed: bool = False
    vertical: tuple[float, ...] = ()


#: How an operation is spelled that only arrays have.
ARRAY = Spelled(array=BY_HAND)


class Facts(NamedTuple):
    """What is true of an operation's value, for whoever computes with it. The conformance suite samples each fact.

    ``commutes``: the two arguments may change places. ``exact``: the value needs no rounding. ``whole``: it is exact where it
    is a whole number made of whole numbers. ``bounded``: it is finite where the arguments are. ``total``: it is a number,
    though perhaps infinite, where the arguments are finite; ``ordered``: where they are numbers, though perhaps infinite.
    ``vanishes``: of arguments that are not zero it is zero only because the result is too small. ``condition``: it is 1, 0 or
    undefined. ``lazy``: the first argument may decide the value, whatever the others are. ``fresh``: an array that it makes
    shares no memory with an argument.
    """

    commutes: bool = False
    exact: bool = False
    whole: bool = False
    bounded: bool = False
    total: bool = False
    ordered: bool = False
    vanishes: bool = False
    condition: bool = False
    lazy: bool = False
    fresh: bool = False


#: Of most operations nothing more is known than their values.
NOTHING = Facts()


class Operation(NamedTuple):
    """One operation: its value, its derivative, where they hold, and how it is written.

    ``value(xp, *args)`` is written against a namespace ``xp`` in the vocabulary of the Python array API standard. What a
    derivative's rule calls must be a row of the table itself, so that derivatives of every order exist. There are two kinds:

    - An elementwise operation has a ``partial(xp, y, *args)`` for each parameter, with ``y`` the value at hand: the factor
      between a tangent of the argument and one of the value, entry by entry.
    - Every other one has in ``vjps`` a vector-Jacobian product for each parameter: ``vjp(xp, g, y, *args)`` takes the value's
      adjoint ``g``, in which it is linear, to the argument's, in the argument's shape. The tangent rule follows from it.

    None in place of a rule says that the operation is locally constant in that argument. ``settings`` are handed to ``value``,
    to each rule and to ``shape`` behind the arguments. ``shape(*shapes, *settings)`` is the shape of the value, and raises
    ShapeError for arguments that do not fit; an elementwise operation needs none. ``work(*shapes)`` counts the value's
    operations on numbers where they are more than the entries of the largest array. ``cases`` are shapes of arguments, and
    settings, that the operation takes, for those who want to try it.

    ``spelled`` says how the back ends spell a primitive; a composite has none. ``api`` is the name by which a rule calls the
    row on a namespace, where that is not its own. ``facts`` are what is true of the value.

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
    its one vjp gets the argument's place first. ``called`` is the name of the function as which a row is called where
    another row has that name, and takes another number of arguments. ``auxiliary`` rows are those that derivatives of array
    operations are written in: a formula can be read back, but nobody is advised to call them. ``symbol`` and ``binds`` are
    how it is written between, before or behind its arguments; without a symbol it is written as a call. ``python`` and
    ``latex`` are its spellings there, with ``{0}``, ``{1}`` for the arguments, or in LaTeX a command that is written before
    them. ``ufuncs`` are NumPy's other names of it.
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
    called: str | None = None
    spelled: Spelled | None = None
    api: str | None = None
    facts: Facts = NOTHING
    auxiliary: bool = False
    ufuncs: tuple[str, ...] = ()

    @property
    def function(self) -> str:
        """The name of the function as which a call names it."""
        return self.called or self.name

    @property
    def example(self) -> tuple[Any, ...]:
        """Settings to show the operation with: the defaults, or those of its first case where one must be given."""
        defaults = tuple([setting.default for setting in self.settings])
        return self.cases[0][1] if self.cases and any(setting.bare for setting in self.settings) else defaults

    @property
    def listed(self) -> bool:
        """Whether an array literal alone in a call stands for its elements, as in ``concat([a, b])``."""
        return self.many and len(self.parameters) == 1 and not any(setting.first for setting in self.settings)


def primitive(name: str, parameters: tuple[str, ...], partials: tuple[Partial | None, ...], doc: str, spelled: Spelled,
              facts: Facts = NOTHING, value: Value | None = None, api: str | None = None, **more: Any) -> Operation:
    """The row of a primitive. Its value is what the namespace has under the row's name, or under ``api``.

    ``value`` is given where a namespace's values have an operator for it. An elementwise primitive makes a new array.
    """
    if more.get("shape") is None:
        facts = facts._replace(fresh=True)
    count = None if more.get("many") else len(parameters) + len(more.get("settings", ()))
    value = value or _CALLED.get(count, _called)(api or name)
    return Operation(name, parameters, value, partials, doc, spelled=spelled, api=api, facts=facts, **more)


def _called(api: str) -> Value:
    """The namespace's function of this name."""

    def value(xp: Any, *args: Any) -> Any:
        return getattr(xp, api)(*args)

    return value


def _called_with_one(api: str) -> Value:
    """The same for one argument, which the sweeps call most often."""

    def value(xp: Any, x: Any) -> Any:
        return getattr(xp, api)(x)

    return value


def _called_with_two(api: str) -> Value:
    def value(xp: Any, a: Any, b: Any) -> Any:
        return getattr(xp, api)(a, b)

    return value


#: By the number of arguments and settings.
_CALLED: dict[int | None, Callable[[str], Value]] = {1: _called_with_one, 2: _called_with_two}
