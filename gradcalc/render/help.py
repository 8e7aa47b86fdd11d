"""What is shown of the reference: the list of its chapters, a chapter, the options of a command."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradcalc.questions.answers import SCHEMA
from gradcalc.render import Style
from gradcalc.render.page import GAP, Block, Column, Grid, Line, Markdown


class ContentsView:
    """The chapters, each with what it is for."""

    def __init__(self, chapters: Mapping[str, str]) -> None:
        self.chapters = chapters

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "help",
                "topics": [{"topic": topic, "summary": summary} for topic, summary in self.chapters.items()]}

    def page(self, style: Style) -> Iterator[Block]:
        yield Grid((Column("topic"), Column("what it is for")), list(self.chapters.items()))
        yield GAP
        yield Line("'gradcalc help TOPIC' shows a chapter, 'gradcalc help COMMAND' its options")

    def bare(self) -> Iterable[Iterable[str]]:
        return [[topic] for topic in self.chapters]


class OptionsView:
    """What a command's ``--help`` says."""

    def __init__(self, topic: str, text: str) -> None:
        self.topic, self.text = topic, text

    def data(self, style: Style) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "command": "help", "topic": self.topic, "text": self.text}

    def page(self, style: Style) -> Iterator[Block]:
        return (Line(line) for line in self.text.rstrip("\n").split("\n"))

    def bare(self) -> Iterable[Iterable[str]]:
        return [[self.text.rstrip("\n")]]


class ChapterView(OptionsView):
    """A chapter, which is written in Markdown."""

    def page(self, style: Style) -> Iterator[Block]:
        yield Markdown(self.text.rstrip("\n"))
