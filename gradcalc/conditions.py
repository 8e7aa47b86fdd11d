"""The conditions that rows state in gradcalc's own language: where an operation is defined, where it has a kink."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.language.limits import Limits
from gradcalc.language.parser import parse


class Condition:
    """A condition on a row's parameters, of which it may mention some."""

    def __init__(self, text: str, parameters: Sequence[str]) -> None:
        draft = parse(text, Limits())
        self.graph, self.order = draft.graph, draft.graph.ancestors([draft.output])
        self.places = [draft.graph.names.get(name) for name in parameters]
        #: The sides of the equations in it: at which operands the condition turns.
        self.equations = [args for op, args, _ in draft.graph.instructions if op == "eq"]

    def values(self, operands: Sequence[Any], xp: Any = scalars) -> list[Any]:
        """The values of all that the condition is made of, the condition's own last: 1 where it holds, else 0 (or NaN)."""
        point = {place: operand for place, operand in zip(self.places, operands, strict=True) if place is not None}
        return sweeps.values(self.graph, self.order, point, xp)

    def holds(self, operands: Sequence[Any], xp: Any = scalars) -> bool:
        """Whether it holds, of arrays for one entry at least."""
        return xp.gate(self.values(operands, xp)[-1]) is not False


@cache
def condition(text: str, parameters: tuple[str, ...]) -> Condition:
    """The condition that a text states, read once."""
    return Condition(text, parameters)
