"""How the tests are run: all of them on every core, those that are named one by one in this process."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share the tests out to the cores, unless ``-n`` says otherwise or single tests or files are asked for.

    Not in ``addopts``: the start of the other processes takes longer than a test, and a debugger cannot look into them. Each of
    those processes comes by here too, and must not share its share out again.
    """
    named = [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    shared = "PYTEST_XDIST_WORKER" in os.environ or not config.pluginmanager.hasplugin("xdist")
    if not shared and not named and config.option.numprocesses is None:
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"
