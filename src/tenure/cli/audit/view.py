"""An audit on a terminal, within its columns and at most 100: where it is narrow the text wraps, and the state stays."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from tenure.agents.facts import Finding, Severity
from tenure.cli.audit.line import Line
from tenure.cli.audit.lines import closing, heading, lines, reads, summary
from tenure.cli.output import clean
from tenure.services.audit import AgentAudit, Audit

_LABEL, _NARROW_LABEL, _STATE, _GAP = 23, 13, 8, 2
_WIDE = 80
_TONES = {"plain": "", "warn": "yellow", "good": "green", "quiet": "dim"}
_STATES = {"measured": "green", "default": "cyan", "attested": "magenta", "inferred": "blue", "unknown": "yellow"}
_MARKS = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "dim"}


def show_audit(console: Console, audit: Audit) -> None:
    """Print an audit."""
    console.print(Text.assemble(("Agent data on this machine", "bold"), f"   {summary(audit)}   {audit.at:%Y-%m-%d %H:%M} UTC"))
    console.print(Text(f"{reads(audit)}", "dim"))
    console.print(Text(f"looked at: {audit.scope}", "dim"))
    console.print()
    if not audit.agents:
        console.print(Text("No coding agent has left anything here.  tenure audit --sample shows what an audit looks like"))
        return
    for each in audit.agents:
        _agent(console, each, audit)
        console.print()
    console.print(_closing(audit))


def _agent(console: Console, each: AgentAudit, audit: Audit) -> None:
    console.print(Text(f" {clean(heading(each)).upper()}", "bold reverse"))
    for line in lines(each):
        console.print(_line(line, console.width))
    numbered = [(number, finding) for number, finding in enumerate(audit.findings, 1) if finding.agent == each.evidence.agent]
    if numbered:
        console.print(_findings(numbered, console.width))


def _line(line: Line, width: int) -> Grid:
    """Lay out one line: label, text and state; the proof beside the text where there is room, else below."""
    label = _LABEL if width >= _WIDE else _NARROW_LABEL
    broad = max(1, width - label - _STATE - 3)
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=label, style="dim")
    grid.add_column(width=broad, overflow="fold")
    grid.add_column(width=_STATE, justify="right", no_wrap=True)
    text, proof = Text(clean(line.text), _TONES[line.tone]), Text(clean(_short(line.proof)), "dim")
    room = broad - text.cell_len - proof.cell_len
    body = text + " " * room + proof if proof and room >= _GAP else text + "\n" + proof if proof else text
    grid.add_row(Padding(line.label, (0, 0, 0, 1)), body, Text(line.state, _STATES.get(line.state, "")))
    return grid


def _short(proof: str) -> str:
    """Return a proof without the folder that the heading names; findings and --json have it whole."""
    head, colon, key = proof.partition(":")
    if colon and head.startswith(("~/", "/")):
        return head.rpartition("/")[2] + colon + key
    return proof.split("/", 2)[2] if proof.startswith("~/.") and proof.count("/") > 1 else proof


def _findings(numbered: list[tuple[int, Finding]], width: int) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=4, justify="right")
    grid.add_column(width=1)
    grid.add_column(width=max(1, width - 10), overflow="fold")
    for number, finding in numbered:
        style = _MARKS[finding.severity]
        title = Text(clean(finding.title), "bold" if finding.severity is Severity.HIGH else "")
        grid.add_row(Text(str(number), style), Text("!", style), Text.assemble(title, "\n", (clean(finding.proof), "dim")))
    return grid


def _closing(audit: Audit) -> Text:
    if not audit.findings:
        return Text(closing(audit), "green")
    return Text.assemble((closing(audit), "bold"), "  tenure why 1 explains;  tenure attest records what only you know")


def show_finding(console: Console, number: int | None, finding: Finding) -> None:
    """Print one finding with its reason and remedy."""
    head = f"{number}  " if number is not None else ""
    console.print(Text.assemble((head + clean(finding.title), "bold"), f"   {finding.id}   {finding.severity}"))
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=12, style="dim")
    grid.add_column(width=max(1, console.width - 16), overflow="fold")
    for label, text in (("seen", finding.proof), ("why", finding.why), ("what to do", finding.remedy)):
        grid.add_row(label, clean(text))
    console.print(grid)
