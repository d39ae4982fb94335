"""The audit on terminals of several widths."""

import re
from datetime import UTC, datetime
from functools import cache
from io import StringIO

import pytest

from tenure import wiring
from tenure.cli.audit.lines import lines
from tenure.cli.audit.view import show_audit, show_finding
from tenure.cli.output import file_printer
from tenure.services.audit import Audit, audit
from tenure.services.packs import make_book, read_packs
from tenure.terms.decide import Book, decide

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)
STATE = re.compile(r" (measured|default|attested|inferred|unknown)$")


@cache
def book(agent: str) -> Book:
    return make_book(read_packs({f"{agent}.toml": wiring.packaged_packs()[f"{agent}.toml"]}), [])


@cache
def sample() -> Audit:
    return audit(wiring.sample_machine(AT), AT, lambda case: decide(book(case.agent), case), {}, book=book)


def printed(width: int) -> list[str]:
    stream = StringIO()
    console = file_printer(stream)
    console.width = width
    show_audit(console, sample())
    for number, finding in enumerate(sample().findings, 1):
        show_finding(console, number, finding)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_line_keeps_its_state_at_every_width(width: int) -> None:
    wanted = [line.state for each in sample().agents for line in lines(each)]
    body = printed(width)[: -4 * len(sample().findings)]

    assert [found[1] for line in body if len(line) == width - 1 and (found := STATE.search(line))] == wanted


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_wider_than_the_terminal_or_ends_in_spaces(width: int) -> None:
    assert [line for line in printed(width) if len(line) > width or line != line.rstrip()] == []


def test_findings_are_numbered_in_the_order_in_which_they_are_printed() -> None:
    numbers = [int(found[1]) for line in printed(100) if (found := re.match(r"^ {0,3}(\d+) ! ", line))]

    assert numbers == list(range(1, len(sample().findings) + 1))
