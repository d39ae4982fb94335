"""Facts about accounts: how one is written into the journal, and read back. Nothing is ever changed; a later fact counts instead of an earlier one.

Each has two times: `at`, since when it holds, and `recorded_at`, since when it is known here.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import cast

from tenure.errors import DataError
from tenure.ports import Journal, Note
from tenure.records.canonical import Plain
from tenure.records.case import Consent
from tenure.records.facts import SALT, Fact, bind
from tenure.records.ids import LONGEST, id_fault, normal_id
from tenure.records.instants import parse_time, render_time


def parse_fact(note: Note) -> Fact:
    """Read a fact back."""
    plain = json.loads(note.body)
    return Fact(
        note.number,
        note.topic,
        plain["event"],
        parse_time(plain["at"]),
        parse_time(plain["recorded_at"]),
        plain["agent"],
        plain["by"],
        plain["actor"],
        plain["values"],
    )


def read_facts(journal: Journal, topic: str, key: str) -> tuple[Fact, ...]:
    """Return the facts of one key in the order in which they hold; of those that hold since the same instant, the later recorded one last."""
    return in_order(parse_fact(note) for note in journal.notes(topic, key))


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts in the order in which they hold."""
    return tuple(sorted(facts, key=lambda fact: (fact.at, fact.number)))


def plain_consent(consent: Consent) -> dict[str, Plain]:
    """Return an answer in its plain form."""
    return {
        "name": consent.name,
        "value": consent.value,
        "at": None if consent.at is None else render_time(consent.at),
        "by": consent.by,
        "text_sha256": consent.text_sha256,
        "default_shown": consent.default_shown,
    }


def parse_consent(plain: Mapping[str, Plain]) -> Consent:
    """Read an answer back."""
    at = plain["at"]
    return Consent(
        cast(str, plain["name"]),
        cast("bool | None", plain["value"]),
        parse_time(at) if isinstance(at, str) else None,
        cast("str | None", plain["by"]),
        cast("str | None", plain["text_sha256"]),
        cast("bool | None", plain["default_shown"]),
    )


def commitment(journal: Journal, whose: str, content: bytes, random: Callable[[int], bytes]) -> bytes:
    """Return 32 bytes that bind to content under somebody's own salt, and say nothing once that is removed.

    Args:
        journal: where the salt is kept; it is made when it is first needed.
        whose: `subject:ID` or `org:ID`.
        content: what to commit to.
        random: source of random bytes.
    """
    salt = next((note.body for note in journal.notes(SALT, whose)), None)
    if salt is None:
        salt = random(32)
        journal.add(SALT, whose, salt)
    return bind(salt, content)


def checked_id(what: str, value: str) -> str:
    """Return an id in its one form.

    Raises:
        DataError: it is none.
    """
    if fault := id_fault(value):
        raise DataError(f"{what}: expected an id of 1 to {LONGEST} printable characters, got {fault}", code="account/id")
    return normal_id(value)


def present(at: datetime, recorded_at: datetime | None) -> datetime:
    """Return when a change is recorded: `at` itself where nothing else is said.

    Raises:
        DataError: it is to hold from a time that lies ahead.
    """
    if recorded_at is None:
        return at
    if at > recorded_at:
        message = f"at: expected a time up to now, {render_time(recorded_at)}, got {render_time(at)}"
        raise DataError(message, code="account/ahead", remedy="make the change when it is due")
    return recorded_at
