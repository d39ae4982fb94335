from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.services.house import CASE, DAY, START, House
from tests.unit.terms.rules import book, clause

from tenure.console import held, overview
from tenure.console.figures import told
from tenure.console.identity import Grant
from tenure.ports import Selection
from tenure.records.held import Owner
from tenure.records.kinds import Kind
from tenure.services.intake import Item
from tenure.services.keeping import keep
from tenure.services.telemetry_job import NAME, read_figures
from tenure.services.tokens import Scope
from tenure.services.usage_rows import FORMAT, Columns, Set, render_columns
from tenure.terms.cases import parse_case
from tenure.testing.store import MemoryStore

ANN = Grant("0" * 16, Scope.RIGHTS, "claude_code", "ann", None)
OPEN = clause("metrics", permit=["collect", "debug"], kinds=["usage_metric"], begins="2025->")
SHUT = clause("metrics", permit=["collect"], kinds=["usage_metric"], begins="2025->")
NOT_FOR_DEBUG = clause("not-for-debug", refuse=["debug"], kinds=["usage_metric"], begins="2025->")


@pytest.fixture
def house():
    return House(lambda: MemoryStore(START))


def put(keeping, kind, subject="ann", session="s-1", content=b"x", **said):
    case = parse_case({**CASE, "kind": kind, "purpose": "collect", **said})
    return keeping.intake.put(Item(case, Owner(subject, None, session), [content]))


def move(house, days):
    """Let days go by, by both clocks."""
    house.clock.move_to(START + days * DAY)
    house.ran = (days * DAY).total_seconds()


def test_what_is_held_is_of_the_person_alone_by_kind_with_its_clauses(house):
    put(house.keeping, "prompt", content=b"12345")
    put(house.keeping, "output")
    put(house.keeping, "prompt", subject="bob")

    page = held.look(house.keeping, ANN)

    assert [(each.kind, each.records, each.size) for each in page.kinds] == [(Kind.OUTPUT, 1, 1), (Kind.PROMPT, 1, 5)]
    assert {part.clause for each in page.kinds for part in each.because} >= {"held"}
    assert [each.session for each in page.sessions] == ["s-1"]


def test_what_is_over_is_not_shown_as_held(house):
    put(house.keeping, "prompt")
    move(house, 3000)

    assert held.look(house.keeping, ANN).records == 0


def test_hold_is_named_and_what_it_alone_keeps_is_counted(house):
    put(house.keeping, "prompt")
    house.keeping.disposition.hold("case-7", Selection(subjects=["ann"]), "legal")
    (found,) = held.look(house.keeping, ANN).kinds
    assert list(found.holds) == ["case-7"]
    move(house, 3000)

    assert held.look(house.keeping, ANN).unopened == 1


def test_newest_sessions_are_shown_and_the_others_counted(house):
    for number in range(held.MOST_SESSIONS + 3):
        put(house.keeping, "prompt", session=f"s-{number}")

    page = held.look(house.keeping, ANN)

    assert page.more_sessions == 3
    assert page.sessions[0].session == f"s-{held.MOST_SESSIONS + 2}"


def test_calendar_goes_by_day_then_by_month_and_ends_with_what_has_no_end():
    few = Counter[date | None]({date(2026, 10, 2): 1, date(2026, 10, 1): 2, None: 3})
    many = Counter[date | None]({date(2026, 1, 1) + timedelta(days=each): 1 for each in range(59)})

    assert held.calendar(few) == [("2026-10-01", 2), ("2026-10-02", 1), ("no end", 3)]
    assert held.calendar(many) == [("2026-01", 31), ("2026-02", 28)]


def test_refusals_of_the_last_days_are_counted_by_verdict_and_clause(house):
    put(house.keeping, "code", surface="cli")
    move(house, 3)
    put(house.keeping, "code", surface="cli")
    put(house.keeping, "prompt")

    page = overview.look(house.keeping)
    (found,) = page.refusals

    assert (found.times, found.records, found.kinds, found.verdict) == (2, 2, ["code"], "deny")
    assert page.since == START - 4 * DAY
    move(house, 9)
    put(house.keeping, "prompt")
    assert [each.times for each in overview.look(house.keeping).refusals] == [1]


def metrics(*clauses):
    """A store with the telemetry of one session: three requests, one that failed."""
    store = MemoryStore(START)
    keeping = keep(store, book(*clauses), House(lambda: MemoryStore(START)).clock)
    names = (("logs", "claude_code", "api_request"), ("logs", "claude_code", "api_error"))
    sets = tuple(Set(((0, value), (1, "opus")), (), b"") for value in (100, 200, 300))
    at = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp()) * 10**9
    columns = Columns(FORMAT, names, ("duration_ms", "model"), sets, (0, 0, 1), (0, 1, 2), (at, 1, 1), (None,) * 3, (0,) * 3, (0,) * 3)
    put(keeping, "usage_metric", content=render_columns(columns))
    return keeping


def test_figures_are_read_with_receipts_where_the_terms_permit_it():
    found = told(read_figures(metrics(OPEN)))

    (request,) = found.requests
    assert (request.label, request.count, request.failures) == ("opus", 3, 1)
    assert request.took[0] == pytest.approx(200, rel=0.02)
    assert (found.records, found.rows, found.denied) == (1, 3, [])
    assert [plot.title for plot, _ in found.plots] == ["Requests by day", "Median latency of requests by day"]


@pytest.mark.parametrize(("clauses", "because"), [([SHUT], []), ([SHUT, NOT_FOR_DEBUG], ["not-for-debug"])])
def test_figures_that_the_terms_keep_are_denied_with_their_clauses_and_nothing_is_opened(clauses, because):
    keeping = metrics(*clauses)
    before = keeping.store.ledger.size
    found = told(read_figures(keeping))

    (kept,) = found.denied
    assert ([part.clause for part in kept.because], kept.records, found.requests) == (because, 1, [])
    entries = list(keeping.store.ledger.entries(before))
    assert [b'"permitted"' in entry for entry in entries] == [False] * len(entries)


def test_job_is_registered_once_and_anew_when_its_code_changes():
    keeping = metrics(OPEN)
    read_figures(keeping)
    first = keeping.jobs.get(NAME)
    read_figures(keeping)
    assert keeping.jobs.get(NAME) == first

    keeping.jobs.register(NAME, "sha256:" + "0" * 64, first.sink, first.purposes)
    read_figures(keeping)

    assert keeping.jobs.get(NAME).code == first.code
