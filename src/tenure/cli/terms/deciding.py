"""`tenure terms decide`."""

import sys
from typing import BinaryIO

import click
import msgspec

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.json_in import read_case_json
from tenure.cli.output import emit_json
from tenure.errors import TermsError
from tenure.services.decisions import decide_each, decide_plain, render_error

EXITS = {"permit": Exit.YES, "deny": Exit.NO, "gap": Exit.GAP}


@click.command("decide")
@click.option("--file", "source", type=click.File("rb"), default="-", help="Read the case from FILE instead of standard input.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: the answer is always JSON.")
@pass_shell
def decide_command(shell: Shell, source: BinaryIO, as_json: bool) -> int:
    """Decide one case, or an array of cases, given as JSON.

    Keys that are absent or null are not known. The exit code of one case is 0 for permit, 10 for deny, 11 for gap; an array exits 0.
    The form of a case: docs/reference/case.md.
    """
    try:
        value = read_case_json(source.read())
        if isinstance(value, list):
            _emit_array(shell, value)
            return Exit.YES
        answer = decide_plain(shell.book, value)
    except TermsError as error:
        emit_json(render_error(error))
        click.echo(f"tenure: {error}", err=True)
        return Exit.USAGE
    emit_json(answer)
    return EXITS[str(answer["verdict"])]


def _emit_array(shell: Shell, values: list[object]) -> None:
    encoder = msgspec.json.Encoder()
    sys.stdout.write("[")
    for position, answer in enumerate(decide_each(shell.book, values)):
        sys.stdout.write(",\n " if position else "\n ")
        sys.stdout.write(encoder.encode(answer).decode())
    sys.stdout.write("\n]\n")


