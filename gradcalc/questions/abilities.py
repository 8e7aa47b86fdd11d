"""What a mode is able to do, as it says itself."""

from enum import Flag, auto


class Can(Flag):
    """The abilities of a mode."""

    EXACT = auto()        # no truncation error: right to rounding
    INDEPENDENT = auto()  # never reads the table's partials, so it can witness that they are right
    ADJOINTS = auto()     # gives the adjoint of every node
    TANGENTS = auto()     # gives the tangent of every node
    FORMULA = auto()      # gives the derivative's formula, also beside numbers
    NO_POINT = auto()     # can answer without a point, by a formula
    ARRAYS = auto()       # takes programs whose values have shapes
    CHECKPOINTS = auto()  # can compute values again rather than keep them
    PROVES = auto()       # gives the double nearest to each number, with a proof, and settles kinks itself
