"""How large a program may be. Each limit has an option of the commands, which its error names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a program: characters of text, nested brackets, and operations once the calls are expanded."""

    text: int = 200_000_000
    depth: int = 500_000
    nodes: int = 4_000_000
