"""How large a program may be. Each limit has an option of the commands, which its error names."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds on a program: characters of text, depth of nesting, and operations once the calls are expanded.

    ``depth`` counts what is begun and not ended at one place: brackets, function names before them, signs, powers. ``digits``
    are the characters of one number; ``entries`` the numbers in one array, be it a value or a matrix of derivatives.
    """

    text: int = 200_000_000
    depth: int = 500_000
    nodes: int = 4_000_000
    digits: int = 1_000
    entries: int = 100_000_000
