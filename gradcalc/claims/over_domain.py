"""A claim over the program's domain: it is tried at corner cases and random points, until it is wrong at one or right at
enough.

A point counts where the output, the derivative and the claim have finite values, no kink is near, and rounding leaves enough
digits to tell a wrong claim from a right one. A counter-example is confirmed with more perturbed runs, and its numbers are
simplified while it stays one. This module must not know how a verdict is worded.
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Literal, NamedTuple

from gradcalc.claims import sampling as points
from gradcalc.claims.claims_graph import JointGraph
from gradcalc.claims.rounding import KINK, RUNS, TOO_SMALL, UNDEFINED_THERE, Estimate, Probe
from gradcalc.claims.sampling import Point
from gradcalc.graph.tape import CONST

#: A claim is tried at so many random points; with fewer than the second number that count it stays undecided.
POINTS, ENOUGH = 64, 16
#: The most points that are offered for one that counts, and the most node values that are computed for all points together.
OFFERS, WORK = 60, 3_000_000
#: A point counts if the rounding error is at most so large, relative to the number.
PRECISE = 1e-6
#: A sum that is zero counts if its rounding error is at most so large, relative to its largest term.
MAX_CANCELLED = 1e-9
#: Perturbed runs that confirm a counter-example; points tried to simplify it.
CONFIRMING, SIMPLIFYING = 24, 400

Judgement = Literal["agrees", "wrong", "vague", "zero", "silent", "undefined", "kink", "range"]


class DomainResult(NamedTuple):
    """How a claim fared: at how many points it was right, and the first point at which it was wrong, with both numbers.

    ``gap`` is a point where the derivative is defined and the claim is not. ``spent`` counts, by their reason, the points that
    did not count. ``dead`` is the node of a condition that never held, or always did.
    """

    points: int
    corners: int
    wrong: Point | None
    claimed: float
    actual: float
    gap: Point | None
    spent: Counter[str]
    dead: int | None


class Tally:
    """What the points tried so far show of one claim."""

    def __init__(self, joint: JointGraph, claim: int, truth: int) -> None:
        self.claim, self.truth = claim, truth
        zeros = [joint.is_zero(node) for node in (claim, truth)]
        self.vanishes, self.empty = any(zeros), all(zeros)
        self.terms = [*joint.terms(claim), *joint.terms(truth)]
        self.points = self.corners = 0
        self.wrong: Point | None = None
        self.simple = False
        self.gap: Point | None = None
        self.spent: Counter[str] = Counter()
        self.seen: set[tuple[int, bool]] = set()

    def judge(self, estimate: Estimate, output: int) -> Judgement:
        """What the values at one point show of the claim."""
        faults, values, doubts = estimate.faults, estimate.values, estimate.doubts
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
            size = max((abs(values[term]) for term in self.terms), default=0.0) * (MAX_CANCELLED / PRECISE)
        return "agrees" if size and doubt <= PRECISE * size else "vague"


class Domain:
    """Tries all claims of a joint graph at the same points. The nodes ``more`` are computed there too."""

    def __init__(self, joint: JointGraph, pairs: Sequence[tuple[int, int]], seed: int, more: Sequence[int] = ()) -> None:
        self.joint = joint
        self.tallies = [Tally(joint, claim, truth) for claim, truth in pairs]
        terms = [term for tally in self.tallies if tally.vanishes for term in tally.terms]
        self.probe = Probe(joint.graph, [joint.output, *(node for pair in pairs for node in pair), *terms, *more], seed)
        needed = set(self.probe.inputs)
        self.names = [name for name, node in joint.inputs.items() if node in needed]
        self.random = random.Random(seed)
        self.defined: list[Point] = []
        self.work = WORK

    def search(self) -> list[DomainResult]:
        """Try the claims at points, and say how each fared."""
        enough = POINTS if self.names else 1
        for point in islice(points.corners(len(self.names)), self._affordable() // 2 + 1):
            self._try(point, corner=True)
        offered = points.at_random(len(self.names), self._numbers(), self.defined, self.random)
        for _ in range(POINTS * OFFERS if self.names else 0):
            if self.work <= 0 or all(tally.wrong is not None or tally.points >= enough for tally in self.tallies):
                break
            self._try(next(offered), corner=False)
        return [self._result(tally) for tally in self.tallies]

    def sample(self, count: int, wanted: Sequence[int]) -> list[tuple[Point, Sequence[float]]]:
        """Up to so many random points at which these nodes have values, and all values there."""
        found: list[tuple[Point, Sequence[float]]] = []
        for point in islice(points.at_random(len(self.names), self._numbers(), self.defined, self.random), count * OFFERS):
            if self.work <= 0 or len(found) == count:
                break
            estimate = self.estimate(point, 0)
            if not any(estimate.faults[node] for node in wanted):
                self.defined.append(point)
                found.append((point, estimate.values))
        return found

    def estimate(self, point: Point, runs: int = RUNS) -> Estimate:
        """The values and rounding errors at a point, computed once for all claims."""
        self.work -= self.probe.size * (1 + runs)
        return self.probe.estimate(dict(zip((self.joint.inputs[name] for name in self.names), point, strict=True)), runs)

    def _affordable(self) -> int:
        """For how many points half of the work that is left is enough."""
        return max(self.work, 0) // (2 * (1 + RUNS) * self.probe.size) + 1

    def _numbers(self) -> list[float]:
        instructions = self.joint.graph.instructions
        numbers = {instructions[node].payload for node in self.probe.constants if instructions[node].op == CONST}
        return sorted(numbers - {0.0}, key=abs)[-20:]

    def _try(self, point: Point, corner: bool) -> None:
        if self.work <= 0:
            return
        rough = self.estimate(point, 0)
        waiting = [tally for tally in self.tallies if tally.wrong is None and (corner or tally.points < POINTS)]
        if not any(tally.judge(rough, self.joint.output) in ("agrees", "wrong", "vague", "zero") for tally in waiting):
            for tally in waiting:
                self._note(tally, tally.judge(rough, self.joint.output), point, rough, corner)
            return
        estimate = self.estimate(point)
        for tally in waiting:
            judgement = tally.judge(estimate, self.joint.output)
            if judgement == "wrong":
                judgement = tally.judge(self.estimate(point, CONFIRMING), self.joint.output)
            self._note(tally, judgement, point, estimate, corner)
        if len(self.defined) < POINTS and not corner:
            self.defined.append(point)

    def _note(self, tally: Tally, judgement: Judgement, point: Point, estimate: Estimate, corner: bool) -> None:
        if judgement == "wrong":
            tally.wrong, tally.simple = point, corner
        elif judgement == "agrees":
            tally.corners += corner
            tally.points += not corner
            tally.seen |= {(choice, estimate.values[choice] != 0.0) for choice in self.probe.choices}
        else:
            tally.spent[judgement] += 1
            if judgement == "zero":
                tally.seen |= {(choice, estimate.values[choice] != 0.0) for choice in self.probe.choices}
            if judgement == "silent" and tally.gap is None:
                tally.gap = point

    def _result(self, tally: Tally) -> DomainResult:
        dead = next((choice for choice in self.probe.choices if len({side for node, side in tally.seen if node == choice}) == 1
                     and not self.joint.is_constant(choice)), None)
        claimed = actual = 0.0
        if tally.wrong is not None:
            if not tally.simple:  # the corner cases come simplest first
                tally.wrong = self._simplified(tally, tally.wrong)
            estimate = self.estimate(tally.wrong, 0)
            claimed, actual = estimate.values[tally.claim] + 0.0, estimate.values[tally.truth] + 0.0
        return DomainResult(tally.points, tally.corners, tally.wrong, claimed, actual, tally.gap, tally.spent, dead)

    def _simplified(self, tally: Tally, point: Point) -> Point:
        """The counter-example with simpler numbers, of those tried that still are one."""
        self.work = max(self.work, 0) + WORK // (2 * len(self.tallies))
        steps, improved = min(SIMPLIFYING, self._affordable()), True
        while improved and steps > 0:
            improved = False
            for other in points.simpler(point):
                steps -= 1
                if steps <= 0:
                    break
                if tally.judge(self.estimate(other), self.joint.output) == "wrong" and \
                        tally.judge(self.estimate(other, CONFIRMING), self.joint.output) == "wrong":
                    point, improved = other, True
                    break
        return point
