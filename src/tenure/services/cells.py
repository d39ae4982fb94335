"""Cells: the declared cases that a bucket carries, whose meet are its terms, and what they decide at an instant.

Source: design 0002, Terms of what is held.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from tenure.records.agreement import Agreement
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.case import Case, Consent
from tenure.records.held import Bucket
from tenure.records.kinds import Purpose
from tenure.services.accounts import Accounts
from tenure.terms.cases import parse_case, render_case
from tenure.terms.decide import Book, decide
from tenure.terms.decision import Decision
from tenure.terms.declared import declared
from tenure.terms.meet import meet

_MOST = 65_536


def cell(book: Book, case: Case) -> bytes:
    """Return the bytes of the cell of a case: declared values only, without purpose and time of use."""
    return canonical_bytes(render_case(replace(declared(book, case), run_started_at=None)))


def plain(content: bytes) -> Plain:
    """Return a cell as it stands in a ledger entry."""
    value: Plain = json.loads(content)
    return value


def under(agreement: Agreement, case: Case) -> Case:
    """Return a case as the account has it: what the account knows replaces what the case says, and what it does not know stays."""
    return replace(
        case,
        tier=agreement.tier if agreement.tier is not None else case.tier,
        provider=agreement.provider if agreement.provider is not None else case.provider,
        flags=agreement.flags if agreement.flags is not None else case.flags,
        consents=agreement.consents if agreement.consents is not None else case.consents,
    )


def filled(agreement: Agreement, case: Case) -> Case:
    """Return a case as it was given, with what it does not say from the account."""
    return replace(
        case,
        tier=case.tier if case.tier is not None else agreement.tier,
        provider=case.provider if case.provider is not None else agreement.provider,
        flags=case.flags if case.flags is not None else agreement.flags,
        consents=case.consents if case.consents is not None else agreement.consents,
    )


class Judge:
    """Decides cells.

    Args:
        book: the terms.
        accounts: who has answered what since.
    """

    def __init__(self, book: Book, accounts: Accounts) -> None:
        self.book = book
        self._accounts = accounts
        self._cases: dict[bytes, Case] = {}
        self._decisions: dict[tuple[object, ...], Decision] = {}

    def cells(self, case: Case, subject: str | None, org: str | None, at: datetime) -> tuple[bytes, ...]:
        """Return the cells of data that is collected now: under the account, and as the case says where that differs.

        Args:
            case: as it was given, with its instant of collection.
            subject: whose it is.
            org: under which organisation.
            at: the instant whose agreement counts.
        """
        agreement = self._accounts.agreement(case.agent, subject, org, at)
        given = replace(case, asked_at=None)
        return tuple(dict.fromkeys((cell(self.book, under(agreement, given)), cell(self.book, filled(agreement, given)))))

    def decide(
        self, cells: Sequence[bytes], purpose: Purpose, at: datetime, answers: Sequence[Consent] = (), run: datetime | None = None
    ) -> Decision:
        """Return the meet of the decisions of cells.

        Args:
            cells: at least one.
            purpose: of the use.
            at: when it is used.
            answers: to consents since the cells were written; they are added to what the cells hold.
            run: when the training run that uses it started.
        """
        asked = (*cells, purpose, at, run, *((each.name, each.value, each.at, each.by) for each in answers))
        found = self._decisions.get(asked)
        if found is None:
            if len(self._decisions) >= _MOST:
                self._decisions.clear()
            decisions = (decide(self.book, self._asked(self.case(content), purpose, at, answers, run)) for content in cells)
            found = self._decisions[asked] = reduce(meet, decisions)
        return found

    def of_bucket(self, bucket: Bucket, purpose: Purpose, at: datetime, run: datetime | None = None) -> Decision:
        """Return what the terms of a bucket answer now, with every answer on record."""
        return self.decide(bucket.cells, purpose, at, self.answers(bucket, at), run)

    def answers(self, bucket: Bucket, at: datetime) -> tuple[Consent, ...]:
        """Return the refusals and withdrawals under a bucket's account. A yes says nothing about what was collected before it."""
        agent = self.case(bucket.cells[0]).agent
        agreement = self._accounts.agreement(agent, bucket.owner.subject, bucket.owner.org, at)
        return tuple(each for each in agreement.consents or () if each.value is not True)

    def case(self, content: bytes) -> Case:
        """Return the case of a cell, with a purpose that says nothing."""
        found = self._cases.get(content)
        if found is None:
            if len(self._cases) >= _MOST:
                self._cases.clear()
            found = self._cases[content] = parse_case({**json.loads(content), "purpose": str(Purpose.COLLECT)})
        return found

    def _asked(self, case: Case, purpose: Purpose, at: datetime, answers: Sequence[Consent], run: datetime | None) -> Case:
        known = {(each.name, each.value, each.at, each.by) for each in case.consents or ()}
        later = tuple(each for each in answers if (each.name, each.value, each.at, each.by) not in known)
        consents = case.consents if not later else (*(case.consents or ()), *later)
        sources = None if case.derived_from is None else tuple(self._asked(source, purpose, at, answers, run) for source in case.derived_from)
        return replace(case, purpose=purpose, asked_at=at, run_started_at=run, consents=consents, derived_from=sources)
