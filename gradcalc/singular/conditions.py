"""The conditions that rows state in gradcalc's own language: where an operation is defined, where it has a kink."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gradcalc.graph import sweeps
from gradcalc.graph.namespaces import scalars
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.parser import parse


class Condition:
    """A condition on a row's parameters, of which it may mention some."""

    def __init__(self, text: str, parameters: Sequence[str]) -> None:
        draft = parse(text, Limits())
        self.graph, self.order = draft.graph, draft.graph.ancestors([draft.output])
        self.places = [draft.graph.names.get(name) for name in parameters]
        #: The equations in it, each with its sides: at which operands the condition turns.
        self.equations = {node: args for node, (op, args, _) in enumerate(draft.graph.instructions) if op == "eq"}

    def values(self, operands: Sequence[Any], xp: Any = scalars, known: Mapping[int, Any] | None = None) -> list[Any]:
        """The values of all that the condition is made of, the condition's own last: 1 where it holds, else 0 (or NaN).

        Of some of it the values may be ``known``.
        """
        point = {place: operand for place, operand in zip(self.places, operands, strict=True) if place is not None}
        return sweeps.values(self.graph, self.order, {**point, **(known or {})}, xp)

    def holds(self, operands: Sequence[Any], xp: Any = scalars) -> bool:
        """Whether it holds, of arrays for one entry at least."""
        return xp.gate(self.values(operands, xp)[-1]) is not False


@cache
def condition(text: str, parameters: tuple[str, ...]) -> Condition:
    """The condition that a text states, read once."""
    return Condition(text, parameters)
