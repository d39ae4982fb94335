from datetime import UTC, datetime

import pytest

from tenure import wiring
from tenure.errors import ConfigError, DataError
from tenure.services.attest import FILE, Statement, attestations, in_force, load, name_of, record, since, state, withdraw
from tenure.services.packs import read_packs
from tenure.testing.state import MemoryState

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
PACKS = read_packs({name: content for name, content in wiring.packaged_packs().items() if name in {"claude_code.toml", "codex.toml"}})


def said(value: bool | str = False, *, name: str = "claude_code/consent.training", at: datetime = NOW, recorded_at: datetime = NOW) -> Statement:
    return Statement(name, value, at, "subject", recorded_at)


def test_statement_comes_back_as_it_was_made() -> None:
    store = MemoryState()
    statements = (said(), said("max", name="claude_code/tier"))

    for statement in statements:
        record(store, statement)

    assert load(store) == statements


def test_latest_day_counts_and_of_one_day_the_latest_word() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)
    statements = [said(False, at=late, recorded_at=early), said(True, at=late, recorded_at=late), said(False, at=early, recorded_at=NOW)]

    assert in_force(statements, NOW)["claude_code/consent.training"].value is True


def test_statement_does_not_count_before_its_day() -> None:
    statement = said(at=datetime(2026, 7, 2, tzinfo=UTC))

    assert attestations([statement], datetime(2026, 7, 1, tzinfo=UTC)) == {}
    assert list(attestations([statement], NOW)) == ["claude_code/consent.training"]


def test_withdrawal_leaves_nothing_behind() -> None:
    store = MemoryState()
    record(store, said())
    record(store, said(True))

    assert withdraw(store, "claude_code/consent.training") == 2
    assert store.files == {}
    assert withdraw(store, "claude_code/consent.training") == 0


def test_withdrawal_keeps_what_was_said_of_other_facts() -> None:
    store = MemoryState()
    record(store, said())
    record(store, said("max", name="claude_code/tier"))

    withdraw(store, "claude_code/tier")

    assert [part.name for part in load(store)] == ["claude_code/consent.training"]


MALFORMED = [b"", b"{", b"[]", b'{"schema":"other/1","statements":[]}', b'{"schema":"tenure.attestations/1","statements":[{}]}']


@pytest.mark.parametrize("content", MALFORMED)
def test_file_of_others_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        load(MemoryState({FILE: content}))

    assert caught.value.code == "state/malformed"


@pytest.mark.parametrize(
    ("agent", "fact", "name"),
    [
        ("claude_code", "training", "claude_code/consent.training"),
        ("claude-code", "consent.training", "claude_code/consent.training"),
        ("claude_code", "tier", "claude_code/tier"),
        ("claude_code", "zdr", "claude_code/flag.zdr"),
        ("codex", "region", "codex/attribute.region"),
    ],
)
def test_facts_have_one_full_name(agent: str, fact: str, name: str) -> None:
    assert name_of(PACKS, agent, fact) == name


def test_misspelt_words_are_answered_with_the_nearest() -> None:
    for agent, fact, word, code, near in (
        ("claude_cod", "training", "off", "attest/unknown-agent", "claude_code"),
        ("claude_code", "trainning", "off", "attest/unknown-fact", "training"),
        ("claude_code", "tier", "entreprise", "attest/unknown-value", "enterprise"),
    ):
        with pytest.raises(DataError) as caught:
            state(PACKS, agent, fact, word, at=None, by=None, now=NOW)

        assert caught.value.code == code
        assert caught.value.remedy == f"did you mean {near!r}?"


def test_message_about_an_unknown_fact_is_short_and_names_no_fact_twice() -> None:
    with pytest.raises(DataError) as caught:
        name_of(PACKS, "claude_code", "trainin")

    listed = caught.value.message.partition("expected one of ")[2].partition(";")[0].replace(" and ", ", ").split(", ")
    assert len(listed) == len(set(listed)) <= 14
    assert "session_persistence" not in listed


def test_word_that_is_neither_on_nor_off_is_refused_for_a_consent() -> None:
    with pytest.raises(DataError) as caught:
        state(PACKS, "claude_code", "training", "maybe", at=None, by=None, now=NOW)

    assert caught.value.code == "attest/unknown-value"


def test_only_who_may_consent_is_taken_as_its_giver() -> None:
    assert state(PACKS, "claude_code", "dpp", "on", at=None, by="admin", now=NOW).by == "admin"
    for by in (None, "member"):
        with pytest.raises(DataError) as caught:
            state(PACKS, "claude_code", "dpp", "on", at=None, by=by, now=NOW)

        assert caught.value.code == "attest/role"


def test_permission_counts_from_the_end_of_its_day_refusal_from_its_beginning() -> None:
    assert since("2026-07-02", True, NOW) == datetime(2026, 7, 3, tzinfo=UTC)
    assert since("2026-07-02", False, NOW) == datetime(2026, 7, 2, tzinfo=UTC)
    assert since("2026-09-21", True, NOW) == NOW
    assert since(None, True, NOW) == NOW


def test_instant_with_offset_is_taken_as_it_is() -> None:
    assert since("2026-07-02T10:00:00+02:00", True, NOW) == datetime(2026, 7, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-09-22", "attest/ahead"),
        ("2026-09-21T13:00:00Z", "attest/ahead"),
        ("yesterday", "attest/not-a-day"),
        ("2026-07-02T10:00:00", "attest/not-a-day"),
    ],
)
def test_days_ahead_and_other_words_are_refused(text: str, code: str) -> None:
    with pytest.raises(DataError) as caught:
        since(text, False, NOW)

    assert caught.value.code == code
