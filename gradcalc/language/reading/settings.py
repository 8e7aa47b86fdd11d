"""The settings of a call, which stand beside its arguments: ``sum(X, axis=0)``.

This module decides which values of a call are arguments and which are settings, and what a setting may be: it is known when
the program is read, never computed.
"""

from typing import Any, NamedTuple

from gradcalc.diagnostics import GradcalcError, Span
from gradcalc.graph.operations import TABLE, function
from gradcalc.graph.operations.operation import Operation, Setting
from gradcalc.graph.operations.shape_rules import ShapeError
from gradcalc.graph.tape import CONST
from gradcalc.language.reading.literals import Literal, Literals
from gradcalc.language.reading.names import near, quoted
from gradcalc.language.reading.scope import Context

FLAGS = {"True": True, "true": True, "False": False, "false": False}
#: What a setting of each kind is, and an example.
KINDS = {"axis": ("a whole number or a list of them", "{0}=0, {0}=-1 or {0}=[0, 1]"), "flag": ("True or False", "{0}=True"),
         "whole": ("a whole number", "{0}=0"), "wholes": ("a list of whole numbers", "{0}=[1, 2]"),
         "widths": ("a whole number, a pair of them or a list of such pairs", "{0}=1, {0}=[1, 2] or {0}=[[1, 1], [0, 2]]"),
         "text": ("a text in quotes", '{0}="…"')}
#: Stands for a value that the setting cannot have.
WRONG = object()


class Text(str):
    """What stands between quotes."""

    __slots__ = ()


class Given(NamedTuple):
    """A setting by name in a call: a number, an array literal, or a name such as True."""

    name: str
    value: Any
    start: int
    end: int


class Arguments(list[Any]):
    """The arguments of a call: nodes and array literals. ``given`` are its settings by name; before them stand ``first``."""

    def __init__(self, nodes: list[Any]) -> None:
        super().__init__(nodes)
        self.given: list[Given] = []
        self.first = 0


class Resolved(NamedTuple):
    """A call as it is recorded."""

    row: Operation
    nodes: list[int]
    settings: tuple[Any, ...] | None


class Settings:
    """The actions for the settings of a call, and which of its values those are."""

    ACTIONS = ("first_array", "next_array", "first_text", "next_text", "text", "first_setting", "next_setting", "setting",
               "computed_setting")

    def __init__(self, context: Context, literals: Literals) -> None:
        self.context = context
        self.literals = literals
        self.source = context.text
        self.error = context.error

    # -- arguments -----------------------------------------------------------------------------------------------------

    def first_array(self, start: int, end: int, literal: Literal) -> Arguments:
        return Arguments([literal])

    def next_array(self, start: int, end: int, arguments: list[Any], literal: Literal) -> Arguments:
        found = arguments if isinstance(arguments, Arguments) else Arguments(arguments)
        found.append(literal)
        return found

    def text(self, start: int, end: int, written: str) -> Text:
        return Text(written[1:-1])

    def first_text(self, start: int, end: int, written: str) -> Arguments:
        return Arguments([Text(written[1:-1])])

    def next_text(self, start: int, end: int, arguments: list[Any], written: str) -> Arguments:
        found = arguments if isinstance(arguments, Arguments) else Arguments(arguments)
        found.append(Text(written[1:-1]))
        return found

    def first_setting(self, start: int, end: int, given: Given) -> Arguments:
        return self.next_setting(start, end, [], given)

    def next_setting(self, start: int, end: int, arguments: list[Any], given: Given) -> Arguments:
        found = arguments if isinstance(arguments, Arguments) else Arguments(arguments)
        if not found.given:
            found.first = len(found)
        found.given.append(given)
        return found

    def setting(self, start: int, end: int, name: str, value: Any) -> Given:
        return Given(name, value, start, end)

    def computed_setting(self, start: int, end: int, node: int) -> None:
        """Raise GradcalcError for a setting that would have to be computed, or for an = that was to compare."""
        before = self.source[:start].rstrip()[:-1].rstrip()
        name = before[max(before.rfind(","), before.rfind("\n")) + 1:].strip()
        known = next((setting for row in TABLE.values() for setting in row.settings if setting.name == name), None)
        raise self._comparison(self.source.index("=", len(before))) if known is None else self._wrong(known, Span(start, end))

    def plain(self, name: str, arguments: list[Any]) -> list[int]:
        """The arguments of a call that takes no settings, as nodes."""
        if not isinstance(arguments, Arguments):
            return arguments
        for given in arguments.given:
            raise self._not_there(name, (), given)
        return [self.node(argument) for argument in arguments]

    def node(self, argument: Any) -> int:
        if type(argument) is Text:
            raise self._no_value(argument)
        return self.literals.record(argument) if type(argument) is Literal else int(argument)

    def resolve(self, row: Operation, name: str, arguments: list[Any], start: int, end: int) -> Resolved:
        """What a call of this row with these arguments is recorded as. Raises GradcalcError for settings that make no sense."""
        if not row.settings:
            return Resolved(row, self.plain(name, arguments), None)
        given, first = (arguments.given, arguments.first) if isinstance(arguments, Arguments) else ([], 0)
        if given and first < len(arguments):
            raise self.error("syntax", "an argument cannot follow a setting that is given by name",
                             Span(given[0].start, given[0].end), hint=f"write the arguments first: {_written(row, name)}")
        if given and not arguments and row.parameters:
            place = self.source.index("=", given[0].start)
            raise self.error("syntax", f"{quoted(name)} needs an argument before the setting {quoted(given[0].name)}",
                             Span(place, place + 1), f"write {name}({row.parameters[0]}, {given[0].name}=…)")
        named = {one.name for one in given}
        leading = [setting for setting in row.settings if setting.first and setting.name not in named]
        behind = [setting for setting in row.settings if not setting.first]
        before, rest = list(arguments[:len(leading)]), list(arguments[len(leading):])
        taken, fixed = self._many(row, rest) if row.many else self._one_each(row, name, rest, start, end)
        if len(taken) < len(row.parameters):
            raise self.arity(row, name, len(arguments), start, end)
        values = (self._positional(row, leading, 0, before, start) |
                  self._positional(row, behind, len(arguments) - len(fixed), fixed, start))
        for one in given:
            self._by_name(row, name, one, values)
        for place, setting in enumerate(row.settings):
            if setting.name not in values and _needed(row, place):
                raise self.error("setting", f"{quoted(name)} needs {quoted(setting.name)}", Span(start, end),
                                 hint=f"write {_written(row, name)}")
        payload = tuple([values.get(setting.name, setting.default) for setting in row.settings])
        self._demand_sense(row, payload, len(taken), Span(start, end))
        return Resolved(row, [self.node(argument) for argument in taken], payload)

    def _demand_sense(self, row: Operation, payload: tuple[Any, ...], count: int, span: Span) -> None:
        """Raise GradcalcError for a setting that makes no sense for so many arguments."""
        for setting, value in zip(row.settings, payload, strict=True):
            if setting.check is not None:
                try:
                    setting.check(value, count)
                except ShapeError as misfit:
                    raise self.error("setting", misfit.message, span, misfit.hint) from misfit

    def _many(self, row: Operation, arguments: list[Any]) -> tuple[list[Any], list[Any]]:
        """The arguments of a call that takes any number of them. A literal alone stands for its elements."""
        if arguments and type(arguments[0]) is Literal and row.listed:
            behind = arguments[1:]
            if len(behind) <= len(row.settings) and all(self._number(argument) is not None for argument in behind):
                return list(self.literals.members(arguments[0])), behind
        return arguments, []

    def _one_each(self, row: Operation, name: str, arguments: list[Any], start: int, end: int) -> tuple[list[Any], list[Any]]:
        """The arguments of a call, and the settings behind them."""
        count = len(row.parameters)
        room = sum(setting.kind != "key" and not setting.first for setting in row.settings)
        if len(arguments) > count + room and row.settings[-1].kind != "wholes":
            raise self.arity(row, name, len(arguments), start, end)
        return arguments[:count], arguments[count:]

    def _positional(self, row: Operation, settings: list[Setting], before: int, fixed: list[Any], start: int) -> dict[str, Any]:
        """The settings by name that are given by position. The last may be a list without its brackets."""
        values: dict[str, Any] = {}
        for place, setting in enumerate(settings[:len(fixed)]):
            known: Any = fixed[place] if type(fixed[place]) in (Literal, Text) else self._number(fixed[place])
            if place == len(settings) - 1 and len(fixed) > len(settings):
                known = [self._number(one) for one in fixed[place:]]
            if setting.instead is not None:
                raise self.error("setting", f"{row.function} has no {quoted(setting.instead)}, which is what NumPy reads here",
                                 self._part(before + place, start), f"for the axis write {setting.name}=…")
            values[setting.name] = _value(row, setting, known)
            if values[setting.name] is WRONG:
                wrong = before + place
                if type(known) is list:
                    wrong += next((k for k, one in enumerate(known) if _whole(one) is WRONG), 0)
                raise self._wrong(setting, self._part(wrong, start), by_name=False)
        return values

    def _part(self, place: int, start: int) -> Span:
        """Where the value in this place of the call that begins at ``start`` stands."""
        from gradcalc.language.reading.spans import parts_between

        return parts_between(self.source, self.source.index("(", start))[place]

    def _by_name(self, row: Operation, name: str, given: Given, values: dict[str, Any]) -> None:
        """Put a setting that is given by name among the values."""
        setting = next((setting for setting in row.settings if setting.name == given.name and setting.kind != "key"), None)
        if setting is None:
            raise self._not_there(name, row.settings, given)
        if setting.name in values:
            raise self.error("setting", f"{quoted(given.name)} is given twice", Span(given.start, given.end),
                             "give it one value")
        values[setting.name] = _value(row, setting, given.value)
        if values[setting.name] is WRONG:
            from gradcalc.language.reading.spans import trimmed

            raise self._wrong(setting, trimmed(self.source, self.source.index("=", given.start) + 1, given.end))

    def _number(self, argument: Any) -> float | None:
        """The number that an argument is, its sign included, or None. A name is none, whatever it stands for."""
        if type(argument) in (Literal, Text):
            return None
        instructions = self.context.scope.graph.instructions
        op, args, payload = instructions[argument]
        negative = op == "neg"
        if negative:
            argument = args[0]
            op, args, payload = instructions[argument]
        if op != CONST or type(payload) is not float or argument in self.context.scope.named:
            return None
        return -payload if negative else payload

    # -- errors --------------------------------------------------------------------------------------------------------

    def _wrong(self, setting: Setting, span: Span, by_name: bool = True) -> GradcalcError:
        """The error for a value that a setting cannot have."""
        what, example = KINDS[setting.kind]
        written = " ".join(self.source[slice(*span)].split())
        if not by_name and written in FLAGS:
            return self.error("setting", f"{quoted(written)} is read as a name here", span, f"write {setting.name}={written}")
        return self.error("setting", f"{quoted(setting.name)} is {what}, and {quoted(written)} is not", span,
                          f"write {example.format(setting.name)}; it cannot be computed")

    def _not_there(self, name: str, settings: tuple[Setting, ...], given: Given) -> GradcalcError:
        """The error for a setting that the function does not have."""
        span = Span(given.start, given.end)
        known = [setting.name for setting in settings if setting.kind != "key"]
        if known:
            suggestion = near(given.name, known)
            hint = f"did you mean '{suggestion}'?" if suggestion else f"it has {' and '.join(known)}"
            return self.error("setting", f"{quoted(name)} has no setting {quoted(given.name)}", span, hint)
        if not any(setting.name == given.name for row in TABLE.values() for setting in row.settings):
            return self._comparison(self.source.index("=", given.start))
        if function(name, 1) is not function(name):
            return self.error("setting", f"{quoted(name)} of several arguments has no settings", span,
                              f"of one array, {name}(x, {given.name}=…) works; of several it goes entry by entry")
        return self.error("setting", f"{quoted(name)} has no settings", span,
                          "leave it out; the values of a function are given by position")

    def _no_value(self, text: Text) -> GradcalcError:
        """The error for a text where a value is wanted."""
        place = max(self.source.rfind(f'"{text}"'), self.source.rfind(f"'{text}'"))
        return self.error("syntax", f"unexpected text in quotes: {quoted(text)} is no value here",
                          Span(place, place + len(text) + 2),
                          "a name is written without quotation marks; a text is a setting of such functions as einsum")

    def _comparison(self, place: int) -> GradcalcError:
        return self.error("syntax", "unexpected '=' inside brackets", Span(place, place + 1), "to compare, write ==")

    def arity(self, row: Operation, name: str, count: int, start: int, end: int) -> GradcalcError:
        """The error for a wrong number of arguments."""
        wanted = len(row.parameters)
        arguments = f"{wanted} argument{'s' * (wanted > 1)}"
        settings = sum(setting.kind != "key" for setting in row.settings)
        values = f"{settings} setting{'s' * (settings > 1)}"
        if row.many:
            message = f"{quoted(name)} takes at least {arguments}"
        elif count > wanted and settings:
            message = f"{quoted(name)} takes {f'{arguments} and ' * (wanted > 0)}{values}, not {count} values"
        else:
            message = f"{quoted(name)} takes {arguments}, not {count}"
        return self.error("arity", message, Span(start, end), f"write {_written(row, name)}")


def _written(row: Operation, name: str) -> str:
    """How the function is called, with its settings."""
    settings = [f"{setting.name}=…" for setting in row.settings if setting.kind != "key" and not setting.first]
    leading = [setting.name for setting in row.settings if setting.first]
    key = "[…]" if any(setting.kind == "key" for setting in row.settings) else ""
    return f"{name}({', '.join([*leading, *row.parameters, *['…'] * row.many, *settings])}){key}"


def _value(row: Operation, setting: Setting, value: Any) -> Any:
    """A setting as it is recorded, or WRONG."""
    if setting.kind == "flag":
        return FLAGS.get(value, WRONG) if type(value) is str else bool(value) if value in (0.0, 1.0) else WRONG
    if setting.kind == "text":
        return str(value) if type(value) is Text else WRONG
    if value in ("None", "none") and not _needed(row, row.settings.index(setting)):
        return None
    if setting.kind == "whole":
        return _whole(value)
    if setting.kind == "widths":
        return _widths(value)
    if type(value) is Literal:
        value = list(value.parts) if value.shape is not None and len(value.shape) == 1 else WRONG
    wholes = tuple([_whole(one) for one in (value if type(value) is list else [value])])
    return WRONG if WRONG in wholes else wholes


def _widths(value: Any) -> Any:
    """A whole number, or a list of them or of such lists as tuples; else WRONG."""
    parts = value.parts if type(value) is Literal and value.shape is not None and len(value.shape) <= 2 else value
    if not isinstance(parts, tuple | list):
        return _whole(parts)
    found = tuple([tuple(map(_whole, one)) if isinstance(one, tuple) else _whole(one) for one in parts])
    return WRONG if any(WRONG in one if isinstance(one, tuple) else one is WRONG for one in found) else found


def _whole(value: Any) -> Any:
    return int(value) if type(value) is float and value.is_integer() else WRONG


def _needed(row: Operation, place: int) -> bool:
    """Whether a call must give this setting: it has no value of its own, and no case of the row goes without."""
    setting = row.settings[place]
    return (setting.bare and bool(row.cases)
            and all(given[place] is not None for _, given in row.cases))
