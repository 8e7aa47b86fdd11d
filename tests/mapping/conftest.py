"""Tables and what is made of them are tested through the command too."""

from tests.commands.conftest import run

__all__ = ["run"]
