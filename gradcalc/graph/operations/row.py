"""What a row of the table is. The rows themselves stand in the files beside this one."""

from collections.abc import Callable
from typing import Any, NamedTuple

Value = Callable[..., Any]
Partial = Callable[..., Any]

#: How tightly an operation binds when it is printed, loosest first; the levels of the grammar.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, CALL = range(9)


class Operation(NamedTuple):
    """One operation: its value, its derivative, where they hold, and how it is written.

    ``value(xp, *args)`` and each ``partial(xp, y, *args)`` are written against a namespace ``xp`` in the vocabulary of the
    Python array API standard, with ``y`` the value at hand. A partial that is None says that the operation is locally
    constant in that argument. What a partial calls must be a row of the table itself, so that derivatives of every order
    exist.

    ``domain`` and ``kink`` are conditions on the parameters in gradcalc's own language: where the operation is
    defined, and where its derivative follows a convention (the mean of the two one-sided derivatives). ``needs`` says the
    domain in words, for the error message.

    ``gates`` marks ``where``: its partials are conditions, which say whether an argument is taken, not factors.
    ``variadic`` marks an operation of two arguments that a call folds over more. ``symbol`` and ``binds`` are how it is
    written between or before its arguments; without a symbol it is written as a call.
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
