"""The view of an answer to ``eval`` or ``diff``. Its page stands in a module of its own, which JSON does not wait for."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gradcalc.questions.answers import Result, Value
from gradcalc.render import Style

if TYPE_CHECKING:
    from gradcalc.render.page import Block


class ResultView:
    """The view of one Result."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def data(self, style: Style) -> Mapping[str, Any]:
        result = self.result if style.trace else self.result._replace(trace=None)
        return result.to_dict()

    def page(self, style: Style) -> "Iterable[Block]":
        from gradcalc.render.result_page import page

        return page(self.result, style)

    def bare(self) -> Iterable[Iterable[Value | str]]:
        result = self.result
        if result.command == "eval":
            return [[] if result.value is None else [result.value]]
        if result.gradient is not None:
            return [[slope] for slope in result.gradient.values()]
        return [[formula] for formula in (result.formula or {}).values()]
