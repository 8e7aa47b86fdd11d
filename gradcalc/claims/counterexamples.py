"""Points at which a wrong claim shows, with everything there that may explain it."""

from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.claims.at_point import Found, by_name, numbers
from gradcalc.claims.claims_graph import Claim, Sheet
from gradcalc.claims.over_domain import Domain
from gradcalc.claims.slips import CLOSE, SEARCHED, Case, place, slip
from gradcalc.questions.answers import Request

#: An explanation of a claim has to hold at so many points, of which so many are looked at.
WITNESSES, OFFERED = 4, 48
#: So many wrong claims are explained; of more than that the derivation has other faults.
EXPLAINED = 20

#: A point by the program's nodes, and what the nodes of the sheet come to there.
Spot = tuple[dict[int, float], Sequence[float]]


class Witnesses:
    """What the slips of claims about ``root`` are looked for in. ``found`` has what they come to at the request's point."""

    def __init__(self, claims: Sequence[Claim], page: Sheet, request: Request, root: int, text: str,
                 found: Sequence[Found] = ()) -> None:
        self.claims, self.page, self.request, self.text, self.found = claims, page, request, text, found
        self.root, self.order = root, request.graph.ancestors([root])
        self.searched = len(self.order) <= SEARCHED and not request.xp.ranked
        self.looked = 0
        self._spots: list[Spot] | None = None
        self._truths: Mapping[str, Any] | None = None

    def slip(self, own: int) -> str | None:
        """The slip behind a claim, if it can be told: a formula's shows at many points, a number's at one."""
        self.looked += 1
        if self.looked > EXPLAINED:
            return None
        if self.found and (self.claims[own].statement.is_number() or not self.searched or not self.page.inputs):
            here = self._here(own)
            return slip(here) if here.statement.name in here.truths else None
        case = None if self.request.shapes is not None else self._anywhere(own)
        return slip(case) if case else None

    def _here(self, own: int) -> Case:
        """The claim at the request's point; the entries of an array stand for as many points."""
        claim, request = self.claims[own], self.request
        if self._truths is None:
            self._truths = by_name(self.page, request)
        name, claimed = claim.statement.name, numbers(self.found[own].claimed)
        truths = {each: numbers(value) for each, value in self._truths.items()}
        truths[name] = numbers(self.found[own].actual)
        same = {each: listed for each, listed in truths.items() if len(listed) == len(claimed)}
        rivals = {other.statement.name: numbers(self.found[at].claimed) for at, other in enumerate(self.claims) if at != own}
        places = []
        if self.searched and claim.node in set(self.order):
            places = [place(request.graph, self.root, claim.node, request.point or {})]
        rivals = {each: listed for each, listed in rivals.items() if len(listed) == len(claimed) and each in same}
        return Case(claim.statement, claimed, same, rivals, self.text, request.graph, places)

    def _anywhere(self, own: int) -> Case | None:
        """The claim at points at which it is clearly wrong and others; None where there are too few."""
        claim, page, graph = self.claims[own], self.page, self.request.graph
        truth, node = page.truths[claim.statement.name], page.claims[own]
        wrong: list[Spot] = []
        others: list[Spot] = []
        for spot in self.spots():
            claimed, actual = spot[1][node], spot[1][truth]
            clear = abs(claimed - actual) > 1e3 * CLOSE * max(abs(claimed), abs(actual))
            (wrong if clear else others).append(spot)
        if len(wrong) < WITNESSES:
            return None
        # Where the claim is right an explanation has to hold too: |x| is not -x.
        spots = wrong[:WITNESSES] + others[:WITNESSES]
        places = []
        if self.searched and claim.node in set(self.order):
            places = [place(graph, self.root, claim.node, point) for point, _ in spots]
        rivals = {other.statement.name: [values[page.claims[at]] for _, values in spots]
                  for at, other in enumerate(self.claims) if at != own}
        truths = {name: [values[each] for _, values in spots] for name, each in page.truths.items()}
        return Case(claim.statement, [values[node] for _, values in spots], truths, rivals, self.text, graph, places)

    def spots(self) -> list[Spot]:
        """Points at which the output and all claims have values."""
        if self._spots is None:
            page = self.page
            domain = Domain(page, [], seed=1, more=[*page.claims, *page.truths.values()])
            places = [self.request.graph.names[name] for name in domain.names]
            wanted = [page.output, *page.claims]
            self._spots = [(dict(zip(places, point, strict=True)), values)
                           for point, values in domain.sample(OFFERED, wanted)]
        return self._spots
