"""What may explain a wrong claim: points at which it is wrong, and what the program comes to there.

This module decides at which points an explanation has to hold. Which explanations there are is decided in ``slips``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.claims.at_point import Found, by_name, numbers
from gradcalc.claims.claims_graph import Claim, JointGraph
from gradcalc.claims.over_domain import Domain
from gradcalc.claims.slips import CLOSE, SEARCHED, Case, sample_at, slip
from gradcalc.questions.answers import Request

#: An explanation has to hold at so many points at which the claim is wrong, chosen from so many points.
NEEDED, OFFERED = 4, 48
#: At most so many wrong claims are explained.
EXPLAINED = 20

#: The values of the program's inputs by node, and the values of all nodes of the joint graph.
EvaluatedPoint = tuple[dict[int, float], Sequence[float]]


class SlipFinder:
    """Looks for the slips behind wrong claims about ``root``. ``found`` holds the verdicts at the request's point, if it has
    one."""

    def __init__(self, claims: Sequence[Claim], joint: JointGraph, request: Request, root: int, text: str,
                 found: Sequence[Found] = ()) -> None:
        self.claims, self.joint, self.request, self.text, self.found = claims, joint, request, text, found
        self.root, self.order = root, request.graph.ancestors([root])
        self.searched = len(self.order) <= SEARCHED and not request.xp.ranked
        self.looked = 0
        self._samples: list[EvaluatedPoint] | None = None
        self._truths: Mapping[str, Any] | None = None

    def slip(self, index: int) -> str | None:
        """The slip behind the claim with this index, or None. A formula is explained at many points, a number at one."""
        self.looked += 1
        if self.looked > EXPLAINED:
            return None
        if self.found and (self.claims[index].statement.is_number() or not self.searched or not self.joint.inputs):
            here = self._case_at_point(index)
            return slip(here) if here.statement.name in here.truths else None
        case = None if self.request.shapes is not None else self._case_over_domain(index)
        return slip(case) if case else None

    def _case_at_point(self, index: int) -> Case:
        """The claim at the request's point; each entry of an array counts as a point."""
        claim, request = self.claims[index], self.request
        if self._truths is None:
            self._truths = by_name(self.joint, request)
        name, claimed = claim.statement.name, numbers(self.found[index].claimed)
        truths = {each: numbers(value) for each, value in self._truths.items()}
        truths[name] = numbers(self.found[index].actual)
        same = {each: listed for each, listed in truths.items() if len(listed) == len(claimed)}
        rivals = {other.statement.name: numbers(self.found[at].claimed) for at, other in enumerate(self.claims) if at != index}
        at_points = []
        if self.searched and claim.node in set(self.order):
            at_points = [sample_at(request.graph, self.root, claim.node, request.point or {})]
        rivals = {each: listed for each, listed in rivals.items() if len(listed) == len(claimed) and each in same}
        return Case(claim.statement, claimed, same, rivals, self.text, request.graph, at_points)

    def _case_over_domain(self, index: int) -> Case | None:
        """The claim at points at which it is clearly wrong and at others; None where there are too few of the former."""
        claim, joint, graph = self.claims[index], self.joint, self.request.graph
        truth, node = joint.truths[claim.statement.name], joint.claims[index]
        wrong: list[EvaluatedPoint] = []
        others: list[EvaluatedPoint] = []
        for sample in self.samples():
            claimed, actual = sample[1][node], sample[1][truth]
            clear = abs(claimed - actual) > 1e3 * CLOSE * max(abs(claimed), abs(actual))
            (wrong if clear else others).append(sample)
        if len(wrong) < NEEDED:
            return None
        # An explanation must also hold where the claim is right: |x| is not -x.
        samples = wrong[:NEEDED] + others[:NEEDED]
        at_points = []
        if self.searched and claim.node in set(self.order):
            at_points = [sample_at(graph, self.root, claim.node, point) for point, _ in samples]
        rivals = {other.statement.name: [values[joint.claims[at]] for _, values in samples]
                  for at, other in enumerate(self.claims) if at != index}
        truths = {name: [values[each] for _, values in samples] for name, each in joint.truths.items()}
        return Case(claim.statement, [values[node] for _, values in samples], truths, rivals, self.text, graph, at_points)

    def samples(self) -> list[EvaluatedPoint]:
        """Points at which the output and all claims have values."""
        if self._samples is None:
            joint = self.joint
            domain = Domain(joint, [], seed=1, more=[*joint.claims, *joint.truths.values()])
            inputs = [self.request.graph.names[name] for name in domain.names]
            wanted = [joint.output, *joint.claims]
            self._samples = [(dict(zip(inputs, point, strict=True)), values)
                           for point, values in domain.sample(OFFERED, wanted)]
        return self._samples
