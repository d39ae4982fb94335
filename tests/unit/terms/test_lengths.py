from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tenure import wiring
from tenure.records.case import Case, Consent
from tenure.records.kinds import Kind, Purpose
from tenure.records.periods import Period
from tenure.services.packs import make_book, read_packs
from tenure.terms.decide import decide
from tenure.terms.lengths import Length, possible_lengths

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)
BOOK = make_book(read_packs({"claude_code.toml": wiring.packaged_packs()["claude_code.toml"]}), [])
KNOWN = Case(
    "claude_code",
    Kind.PROMPT,
    Purpose.COLLECT,
    collected_at=AT,
    asked_at=AT,
    tier="max",
    provider="first_party",
    surface="cli",
    model_class="ordinary",
    flags=frozenset(),
    consents=(Consent("training", True, at=datetime(2026, 7, 2, tzinfo=UTC), by="subject"),),
    client_version="2.1.200",
    env={},
    settings={},
    safety_flagged=False,
)


def days(length: Length) -> float:
    return length.approximate_days if isinstance(length, Period) else float("inf")


def test_known_case_has_one_length_and_its_clauses() -> None:
    ((length, clauses),) = possible_lengths(BOOK, KNOWN).items()

    assert str(length) == "P5Y"
    assert "keep-consumer-on" in {clause.id for clause in clauses}


def test_unknown_choice_has_both_lengths() -> None:
    assert sorted(map(str, possible_lengths(BOOK, replace(KNOWN, consents=None)))) == ["P30D", "P5Y"]


def test_hold_on_flagged_content_counts_unless_flagging_is_excluded() -> None:
    flagged = possible_lengths(BOOK, replace(KNOWN, consents=(), safety_flagged=True))

    assert max(map(days, flagged)) > max(map(days, possible_lengths(BOOK, replace(KNOWN, consents=()))))


@pytest.mark.parametrize("name", ["tier", "provider", "surface", "flags", "consents", "env", "settings", "client_version", "collected_at"])
def test_decision_reports_the_shortest_of_them(name: str) -> None:
    case = replace(KNOWN, **{name: None})  # type: ignore[arg-type]
    found = [length for length in possible_lengths(BOOK, case) if length is not None]

    assert days(decide(BOOK, case).keep) == min(map(days, found))
