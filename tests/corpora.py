"""Where the corpora stand: formulas from elsewhere, with values and gradients to 25 digits from an independent library.

They are not part of the project. The folder is named by the environment variable GRADCALC_CORPORA, or is
``shared/corpora`` beside the checkout. Each of its .tsv files has the columns identifier, expression, point (JSON), value,
gradient (JSON).
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

NEIGHBOUR = Path(__file__).resolve().parents[2] / "shared" / "corpora"
MISSING = "no corpora: set GRADCALC_CORPORA to a folder of .tsv files (identifier, expression, point, value, gradient)"


class Formula(NamedTuple):
    """A row of a corpus. The numbers are kept as text, with all their digits."""

    name: str
    expression: str
    at: dict[str, float]
    value: str
    gradient: dict[str, str]


def formulas(corpus: str = "*") -> list[Formula]:
    """Every row of a corpus, or of all; none where there is no folder."""
    folder = Path(os.environ.get("GRADCALC_CORPORA") or NEIGHBOUR)
    rows = []
    for file in sorted(folder.glob(f"{corpus}.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            name, expression, at, value, gradient = line.split("\t")
            rows.append(Formula(name, expression, json.loads(at), value, json.loads(gradient)))
    return rows
