"""A pack: the dated terms of one agent as values. What `terms.parse` makes of a TOML file and `terms.compile` turns into a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tenure.records.kinds import Destination, Kind, Purpose
from tenure.records.periods import Period
from tenure.terms.model_pricing import PricingLimit
from tenure.terms.price import Discount, Price, Surcharge
from tenure.terms.quota import Quota
from tenure.terms.standing import Standing


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a text was first seen, and so since when it may have been in force.

    Attributes:
        text: as the pack spells it; clauses with the same text change together.
        earliest: before this it was not in force; None = no such bound.
        latest: from this on it was in force.
    """

    text: str
    earliest: datetime | None
    latest: datetime


@dataclass(frozen=True, slots=True)
class Attribute:
    """A further key of a case that a pack declares."""

    values: tuple[str, ...]
    absent: str | None
    help: str
    like: str | None


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable: what counts as on."""

    grammar: str
    strictest: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the client: how its value is read."""

    grammar: str
    strictest: str
    default: str | None
    minimum: float | None
    words: tuple[str, ...]
    zero: str | None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Who can give a consent and what its withdrawal does."""

    by: frozenset[str]
    purposes: frozenset[Purpose]
    after_withdrawal: Period | None
    new_or_resumed: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The closed lists of an agent."""

    lists: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, Attribute]
    variables: Mapping[str, Variable]
    settings: Mapping[str, Setting]
    consents: Mapping[str, ConsentRule]
    spellings: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Client versions from `low` (inclusive) to `high` (exclusive); None = no bound."""

    low: tuple[int, ...] | None
    high: tuple[int, ...] | None

    def holds(self, version: tuple[int, ...]) -> bool:
        """Whether a version lies in the range."""
        return (self.low is None or version >= self.low) and (self.high is None or version < self.high)


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long: a period, a word (`indefinite`, `unknown`), or the least or greatest of periods and settings.

    Attributes:
        how: `one`, `min` or `max`.
        parts: periods, `indefinite`, `unknown`, or names of settings.
    """

    how: str
    parts: tuple[Period | str, ...]

    def __str__(self) -> str:
        inner = ", ".join(str(part) for part in self.parts)
        return inner if self.how == "one" else f"{self.how}({inner})"


@dataclass(frozen=True, slots=True)
class Clause:
    """One dated term. Fields as in docs/reference/packs.md."""

    id: str
    row: str
    text: str
    source: str
    standing: Standing
    as_of: date
    fresh_for: Period
    begins: Sighting | None
    ends: Sighting | None
    kinds: frozenset[Kind]
    when: Mapping[str, frozenset[str] | VersionRange]
    permit: frozenset[Purpose]
    refuse: frozenset[Purpose]
    unknown: frozenset[Purpose]
    keep: Keep | None
    over: frozenset[str]
    destination: Destination | None
    promises: tuple[str, ...]
    hold: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class Source:
    """A page that clauses rest on, with the hash of the copy that was read; empty when none was pinned."""

    id: str
    url: str
    read: date
    sha256: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A row that decides nothing."""

    id: str
    row: str
    text: str
    source: str
    standing: Standing
    begins: Sighting | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """What requests cost, and what an enrolment takes off."""

    prices: tuple[Price, ...]
    surcharges: tuple[Surcharge, ...]
    discounts: tuple[Discount, ...]
    quotas: tuple[Quota, ...]
    limits: tuple[PricingLimit, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """The dated terms of one agent."""

    agent: str
    title: str
    vendor: str
    as_of: date
    known_to: date
    vocabulary: Vocabulary
    promises: Mapping[str, str]
    clauses: tuple[Clause, ...]
    sources: tuple[Source, ...]
    notes: tuple[Note, ...]
    tariff: Tariff
