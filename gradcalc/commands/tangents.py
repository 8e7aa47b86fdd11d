"""A direction: ``--tangent x=[1,0]``, ``--cotangent`` and ``--vector``, to values by name, written as a point is.

This module decides what a direction has beyond a point: a value may stand alone where it can belong to one output only.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gradcalc.commands.point import point
from gradcalc.diagnostics import GradcalcError, Span, error
from gradcalc.language.reading.limits import Limits
from gradcalc.language.reading.names import quoted

if TYPE_CHECKING:
    from gradcalc.program.program import Program

#: The name of a value that stands alone.
ALONE = ""
#: What stands in front of such a value where a point needs a name.
_FRONT = "v="


def vector(texts: Iterable[str], option: str, limits: Limits) -> dict[str, Any] | None:
    """The values of all options of this name together; None where there is none. Raises GradcalcError as ``point`` does."""
    values: dict[str, Any] = {}
    texts = list(texts)
    for text in texts:
        alone = option == "cotangent" and text != "-" and not re.match(r"\s*(@|[^=]*[^\W\d]\w*\s*=(?!=))", text)
        try:
            found = point([_FRONT + text if alone else text], limits) or {}
        except GradcalcError as problem:
            raise GradcalcError(_about(problem, option, len(_FRONT) if alone else 0), problem.status) from problem
        values |= {ALONE: next(iter(found.values()))} if alone else found
    return values if texts else None


def missing(option: str, program: "Program", at: Mapping[str, Any] | None) -> GradcalcError:
    """The error for a command that is nothing without its direction."""
    name = next(iter(program.inputs), "x")
    value = "[…]" if getattr((at or {}).get(name), "shape", ()) or isinstance((at or {}).get(name), list) else "1"
    return error("usage", f"--{option} is missing", hint=f"say which way: --{option} {name}={value}")


def of_one_output(values: dict[str, Any], outputs: list[str]) -> dict[str, Any]:
    """The values with that which stands alone under the name of the one output. Raises GradcalcError where there are more."""
    if ALONE not in values:
        return values
    if len(outputs) > 1 or len(values) > 1:
        names = " and ".join(map(quoted, outputs))
        raise error("usage", "a value of --cotangent has no name" + f", and the outputs are {names}" * (len(outputs) > 1),
                    hint=f"write --cotangent {outputs[0]}=…")
    return {outputs[0]: values[ALONE]}


def _about(problem: GradcalcError, option: str, front: int) -> Any:
    """What is wrong with the value of this option, where what was found speaks of --at and of a name in front."""
    found = problem.diagnostic
    message = found.message.replace(f"the value of {quoted(_FRONT[0])} after", "the value after") if front else found.message
    hint = found.hint and found.hint.replace("--at a=2,b=1", f"--{option} x=1,y=2")
    span, source = found.span, found.source
    if front and source is not None:
        span = span and Span(max(span.start - front, 0), max(span.end - front, 0))
        source = source[front:]
    return found._replace(message=message.replace("--at", f"--{option}"), hint=hint, span=span, source=source)
