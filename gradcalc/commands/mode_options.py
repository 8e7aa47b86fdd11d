"""The options that modes declare, on the commands that ask modes: ``--scheme``, ``--max-bits``, and those of plug-ins.

The modes are looked at only where an option is typed that is not the command's own, and where all options are listed: a
question that needs none of them does not wait for it.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import click

from gradcalc.commands.command import ExpressionCommand
from gradcalc.commands.options import OneOf
from gradcalc.diagnostics import error
from gradcalc.language.reading.names import quoted

#: Where a context keeps whether the modes' options are to be read, and those that were given.
READ, GIVEN = "gradcalc.mode_options.read", "gradcalc.mode_options.given"


class ModeCommand(ExpressionCommand):
    """A command that takes an expression, a mode or several, and the options of these."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for param in self.params for name in param.opts} - {"-h", "--help"}
        ctx.meta[READ] = ctx.resilient_parsing or any(
            token == "-h" or (token.startswith("--") and token.partition("=")[0] not in own) for token in args)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        listed = super().get_params(ctx)
        if ctx.meta.get(READ) is False:
            return listed
        behind = 1 + next(place for place, param in enumerate(listed) if param.name in ("mode", "modes"))
        return [*listed[:behind], *_declared(), *listed[behind:]]


def _declared() -> Iterator[click.Option]:
    from gradcalc.evaluators import declared_options, names

    for name, by_mode in declared_options(names()).items():
        option = next(iter(by_mode.values()))
        yield click.Option([_flag(name)], type=OneOf(*option.words) if option.words else option.kind, metavar=option.metavar,
                           help=f"For the mode {' or '.join(by_mode)}. {option.help}", expose_value=False,
                           callback=_keep(name))


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.meta.setdefault(GIVEN, {})[name] = value

    return keep


def settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the modes that --mode or --modes names, handed on as the dictionary ``settings``."""

    @wraps(function)
    def gathered(**given: Any) -> Any:
        found: dict[str, Any] = click.get_current_context().meta.get(GIVEN, {})
        if found:
            _demand_declared(found, "modes" if "modes" in given else "mode", given)
        return function(settings=found, **given)

    return gathered


def _demand_declared(found: dict[str, Any], option: str, given: dict[str, Any]) -> None:
    """Raise GradcalcError for an option of other modes than those that are asked."""
    from gradcalc.evaluators import declared_options, names

    chosen, declared = {name.strip() for name in given[option].split(",")}, declared_options(names())
    for name in found:
        if "all" not in chosen and not chosen & declared[name].keys():
            modes = list(declared[name])
            whose = f"the mode {quoted(modes[0])} alone" if len(modes) == 1 else f"the modes {' and '.join(map(quoted, modes))}"
            raise error("usage", f"{_flag(name)} is for {whose}", hint=f"add --{option} {modes[0]}")
