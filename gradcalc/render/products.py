"""The view of an answer to ``jacobian``, ``hessian``, ``jvp``, ``vjp`` or ``hvp``. Its page stands in a module of its own,
which JSON does not wait for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gradcalc.questions.answers import Products, Value
from gradcalc.render import Style

if TYPE_CHECKING:
    from gradcalc.render.page import Block


class ProductsView:
    """The view of one answer; ``chosen`` says that the way of a Jacobian was asked for."""

    def __init__(self, products: Products, chosen: bool = False) -> None:
        self.products = products
        self.chosen = chosen

    def data(self, style: Style) -> Mapping[str, Any]:
        return self.products.to_dict()

    def page(self, style: Style) -> "Iterable[Block]":
        from gradcalc.render.products_page import page

        return page(self.products, self.chosen)

    def bare(self) -> Iterator[Iterable[Value]]:
        if self.products.eigenvalues is not None:
            yield from ([each] for each in self.products.eigenvalues)
        for each in self.products.found.values():
            yield from ([inner] for inner in (each.values() if isinstance(each, Mapping) else [each]))
