"""What people read of a Jacobian, a Hessian, or a product with one: the outputs' values, then each derivative under its symbol.

A derivative of an array by an array is shown as a matrix, whatever their axes: a row for each entry of the one, a column for
each entry of the other, so that it can be read which is which. Those of numbers by numbers are one matrix together.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from gradcalc.questions.answers import Products, Value
from gradcalc.render import arrays
from gradcalc.render.page import GAP, Block, Derivative, Equation, Line, Matrix, Share, Whole, short
from gradcalc.render.result_page import SUMMARISED

#: A matrix with more columns is shown as a nested list.
COLUMNS = 12
FACTORS = {"jvp": ("J", "v"), "vjp": ("v", "J"), "hvp": ("H", "v")}


def page(products: Products, chosen: bool) -> Iterator[Block]:
    """The blocks, in the order in which they are read. ``chosen`` says that the way of a Jacobian was asked for."""
    for name, value in products.values.items():
        yield Equation(name, value)
    shown = list(products.values.values())
    if products.command in FACTORS:
        if products.found:
            yield GAP
        shown += products.found.values()
        yield from (Equation(Share(FACTORS[products.command], name), value) for name, value in products.found.items())
    elif products.eigenvalues is not None:
        yield GAP
        count = len(products.eigenvalues)
        yield Line(f"{count} eigenvalue{'s' * (count > 1)} of the Hessian of {products.outputs[0]}", "heading")
        yield from (Equation(f"λ{place + 1}", value) for place, value in enumerate(products.eigenvalues))
    else:
        shown += [value for row in products.found.values() for value in row.values()]
        yield from _matrices(products)
        if products.command == "jacobian" and shown[len(products.values):]:
            yield GAP
            yield _sweep_count(products, chosen)
    if any(arrays.size(value) > arrays.WHOLE for value in shown):
        yield SUMMARISED


def _matrices(products: Products) -> Iterator[Block]:
    found = products.found
    columns = list(next(iter(found.values()), {}))
    entries = [row.values() for row in found.values()]
    numbers = not any(arrays.is_array(value) for row in entries for value in row)
    if numbers and len(found) * len(columns) > 1 and len(columns) <= COLUMNS:
        yield GAP
        whole = Whole("Jacobian", "J") if products.command == "jacobian" else Whole(
            f"Hessian of {short(products.outputs[0])}", "H")
        yield Matrix(whole, f"{len(found)}×{len(columns)}", [short(name) for name in found], columns,
                     [list(row) for row in entries])
        return
    separate = True
    for outer, row in found.items():
        for inner, value in row.items():
            block = _derivative(products, outer, inner, value)
            if separate or isinstance(block, Matrix):
                yield GAP
            separate = isinstance(block, Matrix)
            yield block


def _derivative(products: Products, outer: str, inner: str, value: Value) -> Block:
    """One derivative: an equation, or a matrix of the outer name's entries by the inner one's."""
    of = outer if products.command == "jacobian" else products.outputs[0]
    output = arrays.shape(products.values[of])
    own_axes: tuple[int, ...] = ()
    symbol = Derivative(of, inner)
    if products.command == "hessian":
        symbol = Derivative(of, inner, 2) if outer == inner else Derivative(of, outer, then=inner)
        # The second derivative by one name has the axes of the output, then those of the name twice.
        twice = arrays.shape(products.found[outer][outer])[len(output):]
        own_axes = twice[:len(twice) // 2]
    lengths = arrays.shape(value)
    below = lengths[len(output) + len(own_axes):]
    width = math.prod(below)
    if not lengths or not 0 < arrays.size(value) <= arrays.WHOLE or width > COLUMNS:
        return Equation(symbol, value)
    rows = _labels(of, output)
    if products.command == "hessian":
        rows = [f"{before} {after}".strip() for before in (rows if output else [""]) for after in _labels(outer, own_axes)]
    entries = arrays.flat(value)
    return Matrix(symbol, arrays.by(lengths), rows, _labels(inner, below),
                  [entries[start:start + width] for start in range(0, len(entries), width)])


def _labels(name: str, lengths: Sequence[int]) -> list[str]:
    """What each entry of a value is called."""
    if not lengths:
        return [short(name)]
    return [f"{short(name)}[{', '.join(map(str, place))}]" for place in product(*map(range, lengths))]


def _sweep_count(products: Products, chosen: bool) -> Line:
    """The sentence that says whether a Jacobian took forward or reverse sweeps, how many, and why."""
    outputs = sum(map(arrays.size, products.values.values()))
    row: Mapping[str, Value] = next(iter(products.found.values()))
    above = len(arrays.shape(products.values[next(iter(products.found))]))
    inputs = sum(math.prod(arrays.shape(value)[above:]) for value in row.values())
    count, other = (inputs, outputs) if products.sweeps == "forward" else (outputs, inputs)
    said = f"{products.sweeps}: {count:,} sweep{'s' * (count != 1)}"
    other_way = "reverse" if products.sweeps == "forward" else "forward"
    if chosen:
        return Line(f"{said}, as asked; {other_way} takes {other:,}")
    if count == other:
        return Line(f"{said}; {other_way} takes as many")
    return Line(f"{said}, because there are {inputs:,} input{'s' * (inputs != 1)} and "
                f"{outputs:,} output{'s' * (outputs != 1)}, entries counted")
