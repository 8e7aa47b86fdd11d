"""Verdicts on derivatives that somebody claims: correct, wrong with a counter-example, or undecided.

Without a point, a claim is proved where its difference from the true derivative simplifies to zero, and is tried at points of
the domain in any case. With a point, it is judged there. This module decides what a verdict needs and how it is worded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gradcalc.claims.at_point import Verdict, at_point
from gradcalc.claims.claims_graph import Claim, JointGraph, claims_of, demand_shape, joint_graph, unreached_names
from gradcalc.claims.counterexamples import SlipFinder
from gradcalc.claims.over_domain import ENOUGH, POINTS, Domain, DomainResult
from gradcalc.claims.statements import demand_name, statements
from gradcalc.diagnostics import error
from gradcalc.graph import sweeps
from gradcalc.graph.shape_inference import has_arrays
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import quoted
from gradcalc.language.reading.scope import Function
from gradcalc.questions.answers import Check, Checked, Counterexample, Request, Value
from gradcalc.questions.question import Question, Subject
from gradcalc.singular.judge import demand_value

#: What to say where too few points count, by the most frequent reason why a point does not.
REASONS = {"undefined": "no point was found at which the output and the derivative have finite values",
           "silent": "the claim has no finite value where the derivative has one",
           "kink": "the points that were found lie on kinks, where there is no single derivative",
           "range": "the numbers are too small at the points that were found",
           "zero": "the claim and the derivative are 0 at all points that were found, which may be too few",
           "vague": "rounding leaves too few digits to tell at the points that were found"}


def check(subject: Subject, functions: Mapping[str, Function], claims: str | Iterable[str] | Mapping[str, str],
          at: Mapping[str, Value] | None, of: list[str] | None, seed: int, limits: Limits) -> Check:
    """The verdicts on these claims. Raises GradcalcError for claims, names and values that make no sense."""
    written = statements(claims)
    if not isinstance(seed, int):
        raise error("option", f"a seed is a whole number, not {type(seed).__name__}", hint="for instance 0")
    for statement in written:
        demand_name(statement, subject.graph)
    stated = claims_of(written, subject.graph, functions, limits)
    [(output, root)] = subject.outputs(of).items()
    more = unreached_names(stated, subject.graph, root)
    asked = subject.question([each.name for each in written], at, [output, *more] if more else of)
    _demand_judgeable(stated, asked.request, root, output, subject)
    joint = joint_graph(asked.request, root, stated)
    if asked.request.point is None:
        found = _over_the_domain(stated, joint, asked, root, seed, subject.text)
    else:
        found = _at_the_point(stated, joint, asked, root, seed, subject.text)
    verdicts = {each.verdict for each in found}
    verdict: Verdict = "wrong" if "wrong" in verdicts else "undecided" if "undecided" in verdicts else "correct"
    return Check(subject.text, output, asked.used, verdict, tuple(found), seed,
                 tuple(note.within(subject.text) for note in asked.notes))


def _demand_judgeable(claims: Sequence[Claim], request: Request, root: int, output: str, subject: Subject) -> None:
    """Raise GradcalcError for arrays without a point, an output that is no number, and claims of another shape."""
    graph, text = subject.graph, subject.text
    shape = (request.shapes or {}).get(root, ())
    if isinstance(shape, tuple) and shape:
        raise error("shape", f"{quoted(output)} is an array of shape {list(shape)}, and has no single gradient",
                    graph.span(root), "claim something about a number of it, such as its sum", text)
    if request.shapes is not None and request.point is None:
        raise error("missing", "a claim about arrays is judged at a point", hint="give one: --at 'x=[1,2,3]'")
    for claim in claims:
        draft = claim.draft
        if request.shapes is not None:
            demand_shape(claim, request)
        elif has_arrays(draft.graph, draft.graph.ancestors([draft.output])):
            statement = claim.statement
            raise error("shape", f"the claim for {quoted(statement.name)} has arrays, and the program has none",
                        statement.span, "write it with numbers", statement.source)


# -- over the domain -------------------------------------------------------------------------------------------------------


def _over_the_domain(claims: Sequence[Claim], joint: JointGraph, asked: Question, root: int, seed: int,
                     text: str) -> list[Checked]:
    truths = [joint.truths[claim.statement.name] for claim in claims]
    pairs = list(zip(joint.claims, truths, strict=True))
    proved = [joint.proves(*pair) for pair in pairs]
    domain = Domain(joint, pairs, seed)
    results = domain.search()
    finder = SlipFinder(claims, joint, asked.request, root, text)
    reports = [_report(claim, joint, result, domain, sure)
               for claim, result, sure in zip(claims, results, proved, strict=True)]
    return [report._replace(slip=finder.slip(index)) if report.verdict == "wrong" else report
            for index, report in enumerate(reports)]


def _report(claim: Claim, joint: JointGraph, result: DomainResult, domain: Domain, proved: bool) -> Checked:
    name, formula = claim.statement.name, claim.statement.formula
    blank = Checked(name, formula, "wrong", result.points, corners=result.corners)
    if result.wrong is not None:
        at = dict(zip(domain.names, result.wrong, strict=True))
        return blank._replace(counterexample=Counterexample(at, result.claimed, result.actual),
                              derivative=joint.formula_of(joint.truths[name]))
    gap = None if result.gap is None else dict(zip(domain.names, result.gap, strict=True))
    reason = None
    if gap is not None:
        where = ", ".join(f"{each}={value:g}" for each, value in gap.items())
        reason = f"the claim has no value at {where}, where the derivative has one"
    if proved and result.points + result.corners:
        return blank._replace(verdict="correct", proved=True, reason=reason)
    if result.points + result.corners < ENOUGH:
        return blank._replace(verdict="undecided", reason=_why(result, domain), derivative=joint.formula_of(joint.truths[name]))
    if result.dead is not None:
        condition = joint.formula_of(result.dead) or "a condition"
        return blank._replace(verdict="undecided", derivative=joint.formula_of(joint.truths[name]), reason=f"it agrees at "
                              f"{result.points} points, but all of them lie on one side of the condition {condition}")
    if result.points < POINTS and reason is None:
        reason = f"only {result.points} random points were found that count"
    return blank._replace(verdict="correct", reason=reason)


def _why(result: DomainResult, domain: Domain) -> str:
    if domain.work <= 0 and result.points + result.corners:
        return f"the program is too large to try the claim at more than {result.points + result.corners} points"
    counted = Counter({reason: count for reason, count in result.spent.items() if reason != "undefined"})
    few = result.points + result.corners
    if few and not counted:
        return f"it agrees at the only {few} points that were found in the domain"
    return REASONS[counted.most_common(1)[0][0] if counted else "undefined"] + (f"; it agrees at {few} others" if few else "")


# -- at a point ------------------------------------------------------------------------------------------------------------


def _at_the_point(claims: Sequence[Claim], joint: JointGraph, asked: Question, root: int, seed: int,
                  text: str) -> list[Checked]:
    request = asked.request
    with request.xp.silent():
        primal = sweeps.values(request.graph, request.graph.ancestors([root]), request.point or {}, request.xp)
        demand_value(text, request, root, primal[root])
    found = at_point(claims, joint, request, root, primal, seed)
    finder = SlipFinder(claims, joint, asked.request, root, text, found)
    checked = []
    for index, (claim, each) in enumerate(zip(claims, found, strict=True)):
        report = Checked(claim.statement.name, claim.statement.formula, each.verdict, 1, reason=each.reason,
                         claimed=each.claimed, actual=each.actual)
        if each.verdict == "wrong":
            at = Counterexample(asked.used or {}, each.claimed, each.actual)
            report = report._replace(counterexample=at, slip=None if each.reason else finder.slip(index))
        checked.append(report)
    return checked
