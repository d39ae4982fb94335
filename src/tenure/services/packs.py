"""Packs as a service: the book that everything is decided by, made of the packs that came with Tenure, those updated since, and confirmations."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tenure.errors import TermsError
from tenure.records.on_demand import OnDemand
from tenure.terms.compile import compile_pack
from tenure.terms.decide import Book
from tenure.terms.pack import Clause, Pack, Source
from tenure.terms.parse import parse_pack
from tenure.terms.standing import Standing


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's word that a row which rests on a third party is so.

    Attributes:
        agent: whose pack.
        clause: the clause's id.
        by: who confirmed it.
        at: when, aware UTC.
    """

    agent: str
    clause: str
    by: str
    at: datetime


Shelf = Mapping[str, Pack]
"""Packs by agent, each parsed when it is first asked for."""


def read_packs(files: Mapping[str, bytes]) -> list[Pack]:
    """Parse packs by file name, in the order of their names."""
    return [parse_pack(content, name) for name, content in sorted(files.items())]


def make_book(packs: Iterable[Pack] | Shelf, confirmations: Iterable[Confirmation]) -> Book:
    """Return the book of some packs with what was confirmed; each is compiled when it is first asked."""
    shelf = packs if isinstance(packs, Mapping) else {pack.agent: pack for pack in packs}
    confirmed: dict[str, set[str]] = {}
    for confirmation in confirmations:
        confirmed.setdefault(confirmation.agent, set()).add(confirmation.clause)
    return Book(OnDemand(shelf, lambda agent: compile_pack(shelf[agent], confirmed.get(agent, frozenset()))))


def confirmable(book: Book, name: str) -> list[tuple[str, Clause]]:
    """Return the third-party clauses of that id, `AGENT/CLAUSE` or `CLAUSE`, each with its agent.

    Raises:
        TermsError: there is none.
    """
    agent, _, clause_id = name.rpartition("/")
    tables = [book.table(agent)] if agent else book.tables.values()
    clauses = [(table.pack.agent, clause) for table in tables for clause in table.pack.clauses if clause.id == clause_id]
    if not clauses:
        message = f"clause: expected the id of a clause, got {name[:60]!r}"
        raise TermsError(message, code="terms/unknown-clause", remedy="tenure terms show AGENT lists them")
    third = [(agent, clause) for agent, clause in clauses if clause.standing is Standing.THIRD_PARTY]
    if not third:
        message = f"clause {name[:60]}: expected one that rests on a third party, this one rests on the vendor's own text"
        raise TermsError(message, code="terms/not-third-party")
    return third


@dataclass(frozen=True, slots=True)
class Check:
    """How one source page compares with the copy that was read.

    Attributes:
        agent: whose pack.
        source: the page.
        state: `same`, `changed`, `not pinned`, `not given`, `unreachable`.
        sha256: of what was found; empty when nothing was.
        clauses: ids of the clauses to read again.
        age_days: since it was last read.
    """

    agent: str
    source: Source
    state: str
    sha256: str
    clauses: tuple[str, ...]
    age_days: int


@dataclass(frozen=True, slots=True)
class Pin:
    """The hash of a page that the person took as read.

    Attributes:
        sha256: of the page.
        at: when it was pinned.
    """

    sha256: str
    at: date


def check_sources(packs: Sequence[Pack], pages: Mapping[str, bytes | None], pins: Mapping[str, Pin], at: date) -> list[Check]:
    """Compare pages with the pinned hashes.

    Args:
        packs: whose sources are compared.
        pages: content by URL; None = could not be had; a URL that is missing was not looked up.
        pins: pinned by the person, by URL; a later one than the pack's counts.
        at: today.
    """
    return [_check(pack, source, pages, pins.get(source.url), at) for pack in packs for source in pack.sources]


def _check(pack: Pack, source: Source, pages: Mapping[str, bytes | None], pin: Pin | None, at: date) -> Check:
    clauses = tuple(clause.id for clause in pack.clauses if any(clause.source.startswith(prefix) for prefix in source.clauses))
    pinned, read = (pin.sha256, pin.at) if pin is not None and pin.at >= source.read else (source.sha256, source.read)
    source = replace(source, sha256=pinned, read=read)
    age = (at - read).days
    if source.url not in pages:
        return Check(pack.agent, source, "not given", "", clauses, age)
    content = pages[source.url]
    if content is None:
        return Check(pack.agent, source, "unreachable", "", clauses, age)
    found = hashlib.sha256(content).hexdigest()
    state = "not pinned" if not pinned else "same" if found == pinned else "changed"
    return Check(pack.agent, source, state, found, clauses, age)
