"""What only the person knows: statements about what lies on no disk, such as the training choice, each with the day since when it holds.

A statement is the person's word, never a measurement; where there is none, the terms read as strictly as they can. Statements are kept as
they were made: a later one counts instead of an earlier one, and a withdrawal removes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

import msgspec

from tenure.errors import ConfigError, DataError
from tenure.ports import StateStore
from tenure.records.kinds import Flag
from tenure.services.audit import Attestation, Attestations
from tenure.terms.pack import Pack

FILE = "attestations.json"
SCHEMA = "tenure.attestations/1"
ON = frozenset({"on", "yes", "true"})
OFF = frozenset({"off", "no", "false"})
WORDS = ("tier", "provider", "hosting", "surface")
LISTED = 13
"""So many names a message lists at most."""
ROLES = ("subject", "member", "admin", "owner")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person said.

    Attributes:
        name: `AGENT/FACT`, such as `claude_code/consent.training`.
        value: on or off, or a word of a closed list.
        at: since when it holds, aware UTC.
        by: in which role.
        recorded_at: when it was said, aware UTC.
    """

    name: str
    value: bool | str
    at: datetime
    by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class _File:
    schema: str
    statements: tuple[Statement, ...]


def load(store: StateStore) -> tuple[Statement, ...]:
    """Return all statements, in the order in which they were made.

    Raises:
        ConfigError: the file is not what Tenure wrote.
    """
    content = store.read(FILE)
    if content is None:
        return ()
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ConfigError(f"{FILE}: expected what `tenure attest` wrote, found something else", code="state/malformed") from error
    if file.schema != SCHEMA or any(part.at.tzinfo is None or part.recorded_at.tzinfo is None for part in file.statements):
        raise ConfigError(f"{FILE}: expected the schema {SCHEMA}, found {file.schema[:40]!r}", code="state/malformed")
    return file.statements


def record(store: StateStore, statement: Statement) -> None:
    """Add a statement."""
    _save(store, (*load(store), statement))


def withdraw(store: StateStore, name: str) -> int:
    """Remove all statements about a fact, and return how many there were."""
    statements = load(store)
    kept = tuple(part for part in statements if part.name != name)
    if kept != statements:
        _save(store, kept)
    return len(statements) - len(kept)


def _save(store: StateStore, statements: tuple[Statement, ...]) -> None:
    if statements:
        store.write(FILE, msgspec.json.format(msgspec.json.encode(_File(SCHEMA, statements)), indent=1))
    else:
        store.write(FILE, None)


def in_force(statements: Iterable[Statement], at: datetime) -> dict[str, Statement]:
    """Return for each fact the statement that counts at a time: the one that holds since the latest day, of these the one made last."""
    found: dict[str, Statement] = {}
    for part in sorted(statements, key=lambda part: (part.at, part.recorded_at)):
        if part.at <= at:
            found[part.name] = part
    return dict(sorted(found.items()))


def attestations(statements: Iterable[Statement], at: datetime) -> Attestations:
    """Return what counts at a time in the form that the audit takes."""
    return {name: Attestation(part.value, part.at, part.by) for name, part in in_force(statements, at).items()}


def facts_of(pack: Pack) -> Mapping[str, tuple[str, ...]]:
    """Return what can be said about an agent: each fact with its possible values."""
    found: dict[str, tuple[str, ...]] = {f"consent.{name}": ("on", "off") for name in pack.vocabulary.consents}
    found.update({name: values for name in WORDS if (values := pack.vocabulary.lists.get(name, ()))})
    found.update({f"attribute.{name}": attribute.values for name, attribute in pack.vocabulary.attributes.items()})
    found.update({f"flag.{flag}": ("on", "off") for flag in Flag})
    return found


def name_of(packs: Iterable[Pack], agent: str, fact: str) -> str:
    """Return the full name of a fact as the terms spell it.

    Args:
        packs: the packs in use.
        agent: the agent's id; `claude-code` does as well.
        fact: such as `training`, `consent.training`, `tier`, `zdr`.

    Raises:
        DataError: there is no such agent or fact.
    """
    pack, full = _find(packs, agent, fact)
    return f"{pack.agent}/{full}"


def state(packs: Iterable[Pack], agent: str, fact: str, word: str, *, at: str | None, by: str | None, now: datetime) -> Statement:
    """Make a statement out of words.

    Args:
        packs: the packs in use.
        agent: the agent's id.
        fact: as in `name_of`.
        word: the value.
        at: since when, as in `since`.
        by: the role; None = the one that usually chooses it.
        now: the present, aware UTC.

    Raises:
        DataError: there is no such agent, fact, value, role or day.
    """
    pack, full = _find(packs, agent, fact)
    value = _value(full, word, facts_of(pack)[full])
    return Statement(f"{pack.agent}/{full}", value, since(at, value, now), _role(pack, full, by), now)


def _find(packs: Iterable[Pack], agent: str, fact: str) -> tuple[Pack, str]:
    by_agent = {pack.agent: pack for pack in packs}
    agent = agent.replace("-", "_")
    pack = by_agent.get(agent)
    if pack is None:
        raise _outside("agent", agent, by_agent, "attest/unknown-agent")
    facts = facts_of(pack)
    full = next((name for name in (fact, f"consent.{fact}", f"flag.{fact}", f"attribute.{fact}") if name in facts), None)
    if full is None:
        known = dict.fromkeys(name.removeprefix("consent.").removeprefix("flag.").removeprefix("attribute.") for name in facts)
        usual = [name for name in known if f"attribute.{name}" not in facts]
        raise _outside(f"{agent}: fact", fact, known, "attest/unknown-fact", usual)
    return pack, full


def _value(fact: str, word: str, values: tuple[str, ...]) -> bool | str:
    lower = word.lower()
    if values == ("on", "off") and fact.startswith(("consent.", "flag.")):
        if lower in ON or lower in OFF:
            return lower in ON
    elif lower in values:
        return lower
    raise _outside(f"{fact}: value", word, values, "attest/unknown-value")


def _role(pack: Pack, fact: str, by: str | None) -> str:
    rule = pack.vocabulary.consents.get(fact.removeprefix("consent.")) if fact.startswith("consent.") else None
    allowed = sorted(rule.by) if rule else list(ROLES)
    if by is None:
        if rule is None or "subject" in allowed:
            return "subject"
        if len(allowed) == 1:
            return allowed[0]
        raise DataError(f"--by: expected who gave this consent, one of {', '.join(allowed)}, got nothing", code="attest/role")
    if by not in allowed:
        raise _outside("--by", by, allowed, "attest/role")
    return by


def _outside(where: str, word: str, choices: Iterable[str], code: str, listed: Iterable[str] | None = None) -> DataError:
    """Name what would have done: the nearest of all choices, and those that are worth listing."""
    every = list(choices)
    near = get_close_matches(word, every, n=1)
    known = every if listed is None else list(listed)
    words = ", ".join(known) if len(known) <= LISTED else f"{', '.join(known[:LISTED])} and {len(every) - LISTED} more"
    remedy = f"did you mean {near[0]!r}?" if near else ""
    return DataError(f"{where}: expected one of {words}; got {word[:40]!r}", code=code, remedy=remedy)


def since(text: str | None, value: bool | str, now: datetime) -> datetime:
    """Return since when a statement holds.

    A day is the whole UTC day, read strictly: permission counts from its end (at the latest now), everything else from its beginning.

    Args:
        text: a day such as 2026-07-02 or an instant with its offset; None = now.
        value: what is said.
        now: the present, aware UTC.

    Raises:
        DataError: it is no day, or lies ahead.
    """
    if text is None:
        return now
    try:
        day = date.fromisoformat(text)
        moment = datetime.combine(day, time(), UTC)
        ends = moment + timedelta(days=1) if value is True else moment
    except (ValueError, OverflowError):
        moment = ends = _instant(text)
    if moment > now:
        raise DataError(f"--at: expected a day up to today, {now:%Y-%m-%d}; got {text[:40]!r}", code="attest/ahead")
    return min(ends, now)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"--at: expected a day such as 2026-07-02, got {text[:40]!r}", code="attest/not-a-day") from error
    if moment.tzinfo is None:
        raise DataError(f"--at: expected a day, or a time with its offset such as 2026-07-02T10:00Z, got {text[:40]!r}", code="attest/not-a-day")
    return moment.astimezone(UTC)
