import click
import pytest
from tests.meta.cli_reference import PAGE, commands, render

from tenure.cli.main import app

COMMANDS = list(commands(app, "tenure"))


def test_reference_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "python -m tests.meta.cli_reference rewrites the page"


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_command_and_its_options_explain_themselves(path: str, command: click.Command) -> None:
    assert command.help, path
    assert [parameter.name for parameter in command.params if isinstance(parameter, click.Option) and not parameter.help] == []


OTHERWISE = {
    *("tenure serve", "tenure stamp", "tenure completion", "tenure terms export"),
    *(f"tenure client {name}" for name in ("connect", "feedback", "hook", "import-archive", "privacy", "rate", "upload")),
}
"""Commands that print nothing, a script, JSON always, or that talk with a person."""


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_command_that_reports_can_do_so_in_json(path: str, command: click.Command) -> None:
    options = {name for parameter in command.params for name in parameter.opts}

    assert isinstance(command, click.Group) or "--json" in options or path in OTHERWISE
