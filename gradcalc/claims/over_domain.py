"""A claim over the domain: tried at corner cases and random points, until it is wrong at one or has been right at enough.

A point counts where the output, the derivative and the claim have finite values, no kink is near, and rounding leaves enough
digits to tell a wrong claim from a right one. A counter-example is confirmed with more runs, and made as simple as it can be.
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Literal, NamedTuple

from gradcalc.claims import sampling as points
from gradcalc.claims.claims_graph import Sheet
from gradcalc.claims.rounding import KINK, RUNS, TOO_SMALL, UNDEFINED_THERE, Estimate, Probe
from gradcalc.claims.sampling import Point
from gradcalc.graph.tape import CONST

#: At so many random points a right claim is tried; with fewer than the second it is undecided.
POINTS, ENOUGH = 64, 16
#: So many points are offered for one that counts, and so many computed values are spent on all of them together.
OFFERS, WORK = 60, 3_000_000
#: A point counts if rounding leaves so much of the number undecided, at most.
SHARP = 1e-6
#: What was lost, at most, of the terms of a sum that comes to nothing.
CANCELLED = 1e-9
#: Runs to confirm a counter-example; steps to simplify it.
SURE, SHRINKING = 24, 400

Judgement = Literal["agrees", "wrong", "vague", "zero", "silent", "undefined", "kink", "range"]


class Finding(NamedTuple):
    """What the points said of a claim: how many it was right at, and the first that it was wrong at, with both numbers.

    ``gap`` is a point where the derivative is defined and the claim is not. ``spent`` counts the points that did not
    count by their reason; ``dead`` is a condition that never, or always, held.
    """

    points: int
    corners: int
    wrong: Point | None
    claimed: float
    actual: float
    gap: Point | None
    spent: Counter[str]
    dead: int | None


class Trial:
    """The points tried so far, for one claim."""

    def __init__(self, sheet: Sheet, claim: int, truth: int) -> None:
        self.claim, self.truth = claim, truth
        zeros = [sheet.is_zero(node) for node in (claim, truth)]
        self.vanishes, self.empty = any(zeros), all(zeros)
        self.terms = [*sheet.terms(claim), *sheet.terms(truth)]
        self.points = self.corners = 0
        self.wrong: Point | None = None
        self.simple = False
        self.gap: Point | None = None
        self.spent: Counter[str] = Counter()
        self.seen: set[tuple[int, bool]] = set()

    def judge(self, reading: Estimate, output: int) -> Judgement:
        """What a reading says of the claim."""
        faults, values, doubts = reading.faults, reading.values, reading.doubts
        fault = faults[output] or faults[self.truth]
        if fault == UNDEFINED_THERE:
            return "undefined"
        if fault == KINK or faults[self.claim] == KINK:
            return "kink"
        if fault == TOO_SMALL or faults[self.claim] == TOO_SMALL:
            return "range"
        if faults[self.claim] is not None:
            return "silent"
        claimed, actual = values[self.claim], values[self.truth]
        doubt, size = doubts[self.claim] + doubts[self.truth], max(abs(claimed), abs(actual))
        if not abs(claimed - actual) <= doubt:
            return "wrong" if doubt < 0.5 * size else "vague"
        if self.empty:
            return "agrees"
        if size == doubt == 0.0:
            return "zero"
        if self.vanishes:
            size = max((abs(values[term]) for term in self.terms), default=0.0) * (CANCELLED / SHARP)
        return "agrees" if size and doubt <= SHARP * size else "vague"


class Domain:
    """Tries all claims of a sheet at the same points. ``more`` nodes are to have values there too."""

    def __init__(self, sheet: Sheet, pairs: Sequence[tuple[int, int]], seed: int, more: Sequence[int] = ()) -> None:
        self.sheet = sheet
        self.trials = [Trial(sheet, claim, truth) for claim, truth in pairs]
        terms = [term for trial in self.trials if trial.vanishes for term in trial.terms]
        self.probe = Probe(sheet.graph, [sheet.output, *(node for pair in pairs for node in pair), *terms, *more], seed)
        needed = set(self.probe.inputs)
        self.names = [name for name, node in sheet.inputs.items() if node in needed]
        self.random = random.Random(seed)
        self.good: list[Point] = []
        self.work = WORK

    def search(self) -> list[Finding]:
        """What the points say of each claim."""
        enough = POINTS if self.names else 1
        for point in islice(points.corners(len(self.names)), self._affordable() // 2 + 1):
            self._try(point, corner=True)
        offered = points.at_random(len(self.names), self._numbers(), self.good, self.random)
        for _ in range(POINTS * OFFERS if self.names else 0):
            if self.work <= 0 or all(trial.wrong is not None or trial.points >= enough for trial in self.trials):
                break
            self._try(next(offered), corner=False)
        return [self._finding(trial) for trial in self.trials]

    def sample(self, count: int, wanted: Sequence[int]) -> list[tuple[Point, Sequence[float]]]:
        """Up to so many random points at which these nodes have values, and all values there."""
        found: list[tuple[Point, Sequence[float]]] = []
        for point in islice(points.at_random(len(self.names), self._numbers(), self.good, self.random), count * OFFERS):
            if self.work <= 0 or len(found) == count:
                break
            reading = self.read(point, 0)
            if not any(reading.faults[node] for node in wanted):
                self.good.append(point)
                found.append((point, reading.values))
        return found

    def read(self, point: Point, runs: int = RUNS) -> Estimate:
        """The values at a point, once for all claims."""
        self.work -= self.probe.size * (1 + runs)
        return self.probe.read(dict(zip((self.sheet.inputs[name] for name in self.names), point, strict=True)), runs)

    def _affordable(self) -> int:
        """For how many points there is work left, with some to spare for others."""
        return max(self.work, 0) // (2 * (1 + RUNS) * self.probe.size) + 1

    def _numbers(self) -> list[float]:
        instructions = self.sheet.graph.instructions
        numbers = {instructions[node].payload for node in self.probe.constants if instructions[node].op == CONST}
        return sorted(numbers - {0.0}, key=abs)[-20:]

    def _try(self, point: Point, corner: bool) -> None:
        if self.work <= 0:
            return
        rough = self.read(point, 0)
        waiting = [trial for trial in self.trials if trial.wrong is None and (corner or trial.points < POINTS)]
        if not any(trial.judge(rough, self.sheet.output) in ("agrees", "wrong", "vague", "zero") for trial in waiting):
            for trial in waiting:
                self._note(trial, trial.judge(rough, self.sheet.output), point, rough, corner)
            return
        reading = self.read(point)
        for trial in waiting:
            judgement = trial.judge(reading, self.sheet.output)
            if judgement == "wrong":
                judgement = trial.judge(self.read(point, SURE), self.sheet.output)
            self._note(trial, judgement, point, reading, corner)
        if len(self.good) < POINTS and not corner:
            self.good.append(point)

    def _note(self, trial: Trial, judgement: Judgement, point: Point, reading: Estimate, corner: bool) -> None:
        if judgement == "wrong":
            trial.wrong, trial.simple = point, corner
        elif judgement == "agrees":
            trial.corners += corner
            trial.points += not corner
            trial.seen |= {(choice, reading.values[choice] != 0.0) for choice in self.probe.choices}
        else:
            trial.spent[judgement] += 1
            if judgement == "zero":
                trial.seen |= {(choice, reading.values[choice] != 0.0) for choice in self.probe.choices}
            if judgement == "silent" and trial.gap is None:
                trial.gap = point

    def _finding(self, trial: Trial) -> Finding:
        dead = next((choice for choice in self.probe.choices if len({side for node, side in trial.seen if node == choice}) == 1
                     and not self.sheet.is_constant(choice)), None)
        claimed = actual = 0.0
        if trial.wrong is not None:
            if not trial.simple:  # the corner cases come simplest first
                trial.wrong = self._shrunk(trial, trial.wrong)
            reading = self.read(trial.wrong, 0)
            claimed, actual = reading.values[trial.claim] + 0.0, reading.values[trial.truth] + 0.0
        return Finding(trial.points, trial.corners, trial.wrong, claimed, actual, trial.gap, trial.spent, dead)

    def _shrunk(self, trial: Trial, point: Point) -> Point:
        """The counter-example with simpler numbers, as long as it is one."""
        self.work = max(self.work, 0) + WORK // (2 * len(self.trials))
        steps, improved = min(SHRINKING, self._affordable()), True
        while improved and steps > 0:
            improved = False
            for other in points.simpler(point):
                steps -= 1
                if steps <= 0:
                    break
                if trial.judge(self.read(other), self.sheet.output) == "wrong" and \
                        trial.judge(self.read(other, SURE), self.sheet.output) == "wrong":
                    point, improved = other, True
                    break
        return point
