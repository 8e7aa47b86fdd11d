"""The reference: a chapter a file, in Markdown, in this folder. ``gradcalc help`` shows them, and so do readers of Markdown.

A chapter's first line is its title, and the next line with words in it says what the chapter is for. ``README.md`` is the
table of contents, which gives the order.
"""

import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
CONTENTS = "README"


def chapters() -> dict[str, str]:
    """The names of the chapters, each with the sentence that says what it is for, in the order of the contents."""
    files = {name.removesuffix(".md") for name in os.listdir(FOLDER) if name.endswith(".md")} - {CONTENTS}
    order = re.findall(r"\]\(([a-z-]+)\.md\)", text(CONTENTS))
    return {name: text(name).split("\n")[2] for name in sorted(files, key=[*order, *sorted(files)].index)}


def text(chapter: str) -> str:
    """A chapter as it stands in its file."""
    with open(os.path.join(FOLDER, f"{chapter}.md"), encoding="utf-8") as file:
        return file.read()
