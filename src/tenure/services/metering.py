"""Metering: tokens that were used, and what they cost by the dated price table, with the program's discount for as long as an enrolment lasts.

Nothing here is a bill of a vendor. Source: terms.price; design 0003.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.facts import USAGE
from tenure.records.ids import normal_id
from tenure.records.instants import parse_time, render_time
from tenure.services.accounts import Accounts
from tenure.services.answers import PROGRAM
from tenure.services.timekeeping import Timekeeper
from tenure.terms.decide import Book
from tenure.terms.price import Terms, Usage, amount

MOST_PAYERS = 64
"""Payers whose requests are remembered; those of others are read again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice: one model in one month.

    Attributes:
        month: such as `2026-11`.
        model: as it was reported.
        tokens: by kind.
        requests: how many.
        listed: US dollars by the list prices; None = no row states a price for some of it.
        due: the same with the discount, where the program was on at the time.
        discounted: how many of the requests it lowered.
    """

    month: str
    model: str
    tokens: Mapping[str, int]
    requests: int
    listed: Decimal | None
    due: Decimal | None
    discounted: int


class Metering:
    """What a person or an organisation used. It remembers which requests were counted, and does not outlive an erasure.

    Args:
        store: where it is written down.
        accounts: who is in the program, and since when.
        book: the dated prices.
        time: what time it is.
    """

    def __init__(self, store: Store, accounts: Accounts, book: Book, time: Timekeeper) -> None:
        self._store = store
        self._accounts = accounts
        self._book = book
        self._time = time
        self._seen: OrderedDict[tuple[str, ...], set[str]] = OrderedDict()

    def add(self, agent: str, payer: str, *, is_org: bool, model: str, usage: Usage, request: str) -> bool:
        """Write down a request's tokens; return whether it is new. The same request counts once.

        Args:
            agent: whose prices.
            payer: id of the organisation, or of the person.
            is_org: which of both.
            model: as the price table names it.
            usage: tokens by kind.
            request: an id of the request.
        """
        keys, once = self._keys(payer, is_org=is_org), hashlib.sha256(request.encode()).hexdigest()[:32]
        seen = self._seen.get(keys)
        if seen is None:
            seen = self._seen[keys] = {json.loads(note.body)["once"] for key in keys for note in self._store.journal.notes(USAGE, key)}
            if len(self._seen) > MOST_PAYERS:
                self._seen.popitem(last=False)
        self._seen.move_to_end(keys)
        if once in seen:
            return False
        with self._store.transaction():
            tokens: dict[str, Plain] = dict(_plain(usage))
            body: dict[str, Plain] = {"agent": agent, "model": model, "once": once, "at": render_time(self._time.keep()), "tokens": tokens}
            self._store.journal.add(USAGE, keys[0], canonical_bytes(body))
        seen.add(once)
        return True

    def invoice(self, payer: str, *, is_org: bool) -> list[Line]:
        """Return what was used by month and model, with its price at the time of each request."""
        lines: dict[tuple[str, str], Line] = {}
        notes = (note for key in self._keys(payer, is_org=is_org) for note in self._store.journal.notes(USAGE, key))
        for note in sorted(notes, key=lambda note: note.number):
            body = json.loads(note.body)
            line = self._line(body, payer if is_org else note.key, is_org=is_org)
            place = (line.month, line.model)
            lines[place] = _added(lines[place], line) if place in lines else line
        return [lines[place] for place in sorted(lines)]

    def _keys(self, payer: str, *, is_org: bool) -> tuple[str, ...]:
        """Return under which keys a payer's use stands: the account that it is part of by now, then those that were merged into it."""
        if is_org:
            return (f"org:{normal_id(payer)}",)
        return self._accounts.registry.accounts_of(self._accounts.resolve(payer, self._time.now))

    def _line(self, body: Mapping[str, object], payer: str, *, is_org: bool) -> Line:
        agent, model, at = str(body["agent"]), str(body["model"]), parse_time(str(body["at"]))
        usage = Usage(**body["tokens"])  # type: ignore[arg-type]  # numbers by the names of its fields, as written
        tariff = self._book.table(agent).pack.tariff
        listed = amount(tariff.prices, tariff.discounts, usage, model=model, at=at, surcharges=tariff.surcharges, terms=Terms())
        terms = self._terms(agent, payer, at, is_org=is_org)
        due = amount(tariff.prices, tariff.discounts, usage, model=model, at=at, surcharges=tariff.surcharges, terms=terms)
        tokens = {kind: count for kind, count in _plain(usage).items() if count}
        return Line(f"{at:%Y-%m}", model, tokens, 1, listed, due, int(due != listed))

    def _terms(self, agent: str, payer: str, at: datetime, *, is_org: bool) -> Terms:
        agreement = self._accounts.agreement(agent, None if is_org else payer, payer if is_org else None, at)
        answers = [each for each in agreement.consents or () if each.name == PROGRAM and each.value is not None]
        is_in = bool(answers) and answers[-1].value is True
        facts = {"provider": agreement.provider or "", "attribute.auth": "oauth"}
        return Terms(consents=frozenset({PROGRAM} if is_in else ()), flags=frozenset(agreement.flags or ()), facts=facts)


def _plain(usage: Usage) -> dict[str, int]:
    return {kind: getattr(usage, kind) for kind in ("input", "write_5m", "write_1h", "read", "output")}


def _added(one: Line, other: Line) -> Line:
    tokens = {kind: one.tokens.get(kind, 0) + other.tokens.get(kind, 0) for kind in {*one.tokens, *other.tokens}}
    listed = None if one.listed is None or other.listed is None else one.listed + other.listed
    due = None if one.due is None or other.due is None else one.due + other.due
    return Line(one.month, one.model, tokens, one.requests + other.requests, listed, due, one.discounted + other.discounted)
