"""Renders docs/reference/cli.md from the commands themselves. `python -m tests.meta.cli_reference` rewrites the page."""

from collections.abc import Iterator
from pathlib import Path

import click

from tenure.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAD = """# Commands

Every command, argument and option, rendered from the program by `python -m tests.meta.cli_reference`; a test compares this page with it.

Data goes to standard output, talk to standard error. Exit codes: 0 yes or done, 1 could not answer, 2 wrong usage, 10 answered no
(denied, a rule is broken), 11 cannot tell. A command that would change or remove what is not Tenure's own shows the change, and makes it
with `--apply`.
Errors are explained in [errors](errors.md).
"""


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from commands(inner, f"{path} {name}")


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def spelling(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag or option.count:
        return names
    return f"{names} `{metavar(option)}`"


def metavar(parameter: click.Parameter) -> str:
    if parameter.metavar:
        return parameter.metavar
    if isinstance(parameter.type, click.Choice):
        return "|".join(str(choice) for choice in parameter.type.choices)
    return parameter.type.name.upper()


def section(path: str, command: click.Command) -> str:
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option) and not parameter.hidden]
    words = [path, *([] if not options else ["[OPTIONS]"]), *(argument.make_metavar(click.Context(command)) for argument in arguments)]
    if isinstance(command, click.Group):
        words.append("COMMAND")
    lines = [f"## {path}", "", "```", " ".join(words), "```", "", prose(command.help or "")]
    if options:
        lines += ["", "| option | what it does |", "|---|---|", *(f"| {cell(spelling(option))} | {cell(option.help or '')} |" for option in options)]
    return "\n".join(lines)


def prose(text: str) -> str:
    """Paragraphs; one that click is not to fill is a block of lines."""
    paragraphs = [paragraph.strip(" \n") for paragraph in text.split("\n\n") if paragraph.strip()]
    return "\n\n".join("\n".join(_fenced([line.strip(" ") for line in paragraph.splitlines()])) for paragraph in paragraphs)


def _fenced(lines: list[str]) -> list[str]:
    return ["```", *lines[1:], "```"] if lines[0] == "\b" else lines


def render() -> str:
    visible = [(path, command) for path, command in commands(app, "tenure") if not command.hidden]
    return "\n\n".join([HEAD.rstrip(), *(section(path, command) for path, command in visible)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
