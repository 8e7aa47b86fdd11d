"""Progress on standard error, where that is a terminal: one line that is overwritten at intervals.

This module must not know what is computed.
"""

import os
import sys
import time

#: So many seconds pass between two lines.
EVERY = 0.2


class Progress:
    """Shows how far a run is; ``extent`` is None where its whole length is not known."""

    def __init__(self, extent: int | None, shown: bool) -> None:
        self._extent = extent
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._before: int | None = None
        self._written = False

    def tell(self, rows: int, bad: int, done: int) -> None:
        """So many rows are done, and so much of the extent."""
        if self._before is None:
            self._before = rows  # what an earlier run had done tells nothing of this one's speed
        now = time.monotonic()
        if not self._shown or now - self._last < EVERY:
            return
        self._last = now
        parts = [f"{rows:,} rows"]
        if self._extent:
            parts.insert(0, f"{100 * done / self._extent:.0f} %")
        if bad:
            parts.append(f"{bad:,} without an answer")
        parts.append(f"{60e-6 * (rows - self._before) / (now - self._start):.1f} million rows a minute")
        sys.stderr.write("\r\x1b[K" + " · ".join(parts)[:_room()])
        sys.stderr.flush()
        self._written = True

    def clear(self) -> None:
        """Take the line away."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._written = False


def _room() -> int | None:
    """How many characters go on a line: one that is folded could not be taken away. None where that is not known."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return None
    return columns - 1 if columns > 1 else None
