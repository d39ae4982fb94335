"""`tenure job`: register what may read, and see what is registered."""

import hashlib
from typing import BinaryIO

import click

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, store_options
from tenure.errors import DataError
from tenure.records.kinds import Purpose

SCHEMA = "tenure.job/1"
READING = [str(purpose) for purpose in Purpose if purpose is not Purpose.COLLECT]
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("job")
def job() -> None:
    """Register what may read: its code, where its output goes, and for which purposes."""


@job.command("register")
@click.argument("name")
@click.option("--code", type=click.File("rb", lazy=True), required=True, help="The file that runs; its hash is what is registered.")
@click.option("--sink", required=True, help="Where the output goes, such as a path or a table.")
@click.option("--purpose", "purposes", multiple=True, required=True, type=click.Choice(READING), help="What it reads for; may be given again.")
@json_option
@store_options
@pass_shell
def register_command(shell: Shell, place: Place, name: str, code: BinaryIO, sink: str, purposes: tuple[str, ...], as_json: bool) -> int:
    """Register a job under a name. It reads only what is permitted for each of its purposes."""
    digest = "sha256:" + hashlib.sha256(code.read()).hexdigest()
    with open_keeping(shell, place, may_make=True) as keeping:
        try:
            made = keeping.jobs.register(name, digest, sink, [Purpose(each) for each in purposes])
        except DataError as error:
            raise click.UsageError(str(error)) from error
    if as_json:
        emit_json({"schema": SCHEMA, **made.plain, "digest": made.digest})
    else:
        printer().print(f"job {made.name}: reads for {', '.join(sorted(made.purposes))}; code {made.code[:19]}")
    return Exit.YES


@job.command("list")
@json_option
@store_options
@pass_shell
def list_command(shell: Shell, place: Place, as_json: bool) -> int:
    """List the registered jobs."""
    with open_keeping(shell, place) as keeping:
        jobs = keeping.jobs.all()
    if as_json:
        emit_json({"schema": SCHEMA, "jobs": [{**each.plain, "digest": each.digest} for each in jobs]})
        return Exit.YES
    out = printer()
    if not jobs:
        out.print("No job is registered. tenure job register NAME --code FILE --sink SINK --purpose PURPOSE registers one.")
    for each in jobs:
        out.print(f"{each.name}  {', '.join(sorted(each.purposes))}  -> {clean(each.sink)}  {each.code[:19]}")
    return Exit.YES
