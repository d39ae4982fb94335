"""`tenure metrics`: latency, failures and use, worked out of the telemetry that a store holds, as far as the terms permit."""

from collections.abc import Sequence

import click
from rich.table import Table

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.cli.store import Place, open_keeping, plain_because, store_options
from tenure.console.figures import SHARES, Latency, Told, told
from tenure.console.rendering import in_thousands, in_time
from tenure.services.telemetry_job import read_figures

SCHEMA = "tenure.metrics/1"


@click.command("metrics")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@store_options
@pass_shell
def metrics_command(shell: Shell, place: Place, as_json: bool) -> int:
    """Show latency, failures and use as clients reported them.

    Reading them is a use like any other: a registered job asks for what the terms permit for `debug`, and each read leaves a receipt. Exit 10 when
    the terms keep all of it from the job, with their clauses.
    """
    with open_keeping(shell, place) as keeping:
        found = told(read_figures(keeping))
    if as_json:
        emit_json(plain(found))
    else:
        _show(found)
    return Exit.NO if found.denied and not found.records else Exit.YES


def plain(found: Told) -> dict[str, object]:
    """Return the plain form of figures, `tenure.metrics/1`."""
    return {
        "schema": SCHEMA,
        "job": found.job[0],
        "records": found.records,
        "rows": found.rows,
        "requests": [_latency(each, "model") for each in found.requests],
        "tools": [_latency(each, "tool") for each in found.tools],
        "usage": [
            {"client": each.client, "model": each.model or None, "part": each.part or None, "unit": each.unit, "value": each.value}
            for each in found.usage
        ],
        "denied": [
            {"verdict": str(each.verdict), "records": each.records, "because": plain_because(each.because), "reason": each.reason}
            for each in found.denied
        ],
    }


def _latency(each: Latency, label: str) -> dict[str, object]:
    took = {f"p{round(share * 100)}_ms": value for share, value in zip(SHARES, each.took, strict=True)}
    return {"client": each.client, label: each.label or None, "count": each.count, "failures": each.failures, "failure_rate": each.rate, **took}


def _show(found: Told) -> None:
    out = printer()
    out.print(f"Read {found.records} records with {found.rows} rows, as the job {found.job[0]} for {found.job[1]}")
    for each in found.denied:
        clauses = ", ".join(part.clause for part in each.because) or each.reason or f"no clause permits {found.job[1]} of usage metrics"
        out.print(f"{each.verdict}: {each.records} records not read: {clauses}")
    if found.requests:
        out.print(_table("MODEL", found.requests))
    if found.tools:
        out.print(_table("TOOL", found.tools))
    if found.usage:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("\nMODEL", "\nCLIENT", "\nPART"):
            table.add_column(title)
        table.add_column("\nAMOUNT", justify="right")
        for used in found.usage:
            table.add_row(used.model or "-", used.client, used.part or "-", f"{in_thousands(used.value)} {used.unit}")
        out.print(table)


def _table(title: str, rows: Sequence[Latency]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for text in (f"\n{title}", "\nCLIENT"):
        table.add_column(text)
    for text in ("\nCOUNT", "\nFAILED", *(f"\nP{round(share * 100)}" for share in SHARES)):
        table.add_column(text, justify="right")
    for row in rows:
        table.add_row(row.label or "-", row.client, str(row.count), str(row.failures), *(in_time(each) for each in row.took))
    return table
