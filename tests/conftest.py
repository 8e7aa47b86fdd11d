"""How the tests are run: all of them on every core, those that are named one by one in this process."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share the tests out to the cores, unless ``-n`` says otherwise or single tests or files are asked for.

    Not in ``addopts``: the start of the other processes takes longer than a test, and a debugger cannot look into them.
    """
    named = [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    started_by_another = hasattr(config, "workerinput")
    if config.pluginmanager.hasplugin("xdist") and config.option.numprocesses is None and not named and not started_by_another:
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"
