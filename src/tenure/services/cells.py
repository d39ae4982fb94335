"""Cells: the declared cases that a bucket carries, whose meet are its terms, and what they decide at an instant.

Source: design 0002, Terms of what is held.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce

from tenure.records.agreement import Agreement
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.case import Case, Consent
from tenure.records.held import Bucket, Owner
from tenure.records.kinds import Purpose, Verdict
from tenure.records.periods import Period
from tenure.services.accounts import Accounts
from tenure.terms.cases import parse_case, render_case
from tenure.terms.decide import Book, check_attributes, decide
from tenure.terms.decision import Decision
from tenure.terms.declared import declared
from tenure.terms.keeping import NOTHING
from tenure.terms.meet import meet

UNSTATED = Period(days=30)
"""For how long a store holds what no clause gives a period to."""
_MOST = 65_536
_INSTANT = timedelta(microseconds=1)


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
    """Return a case as it was given, with what it does not say from the account.

    Flags and refusals that it states come on top of the account's; that it names none of the account's takes none of them back.
    """
    refusals = None if case.consents is None else tuple(each for each in case.consents if each.value is not True)
    return replace(
        case,
        tier=case.tier if case.tier is not None else agreement.tier,
        provider=case.provider if case.provider is not None else agreement.provider,
        flags=case.flags if agreement.flags is None else agreement.flags | (case.flags or frozenset()),
        consents=case.consents if agreement.consents is None else tuple(dict.fromkeys((*agreement.consents, *(refusals or ())))),
    )


def since(agreement: Agreement, case: Case) -> Case:
    """Return the case of data that is held already, as the account has it by now.

    Of the answers that came after the collection only the first refusal to each question counts: no yes reaches back, and more would only add bytes.
    """
    found = under(agreement, case)
    if found.consents is None or case.collected_at is None:
        return found
    collected_at, refused, kept = case.collected_at, set[str](), list[Consent]()
    for each in sorted(found.consents, key=lambda consent: consent.at or collected_at):
        is_later = each.at is not None and each.at > collected_at
        if not is_later or (each.value is not True and each.name not in refused):
            kept.append(each)
            refused |= {each.name} if is_later and each.value is False else set()
    return replace(found, consents=tuple(kept))


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
        self._decisions: dict[tuple[object, ...], tuple[Decision, datetime | None]] = {}

    def cells(self, case: Case, owner: Owner, collected_at: datetime, now: datetime) -> tuple[bytes, ...]:
        """Return the cells of data that is taken in: under the account, and as the case says where that differs.

        Args:
            case: as it was given, with its instant of collection.
            owner: whose it is.
            collected_at: the instant whose agreement counts.
            now: the present; where the account is stricter by now, that counts too.

        Raises:
            TermsError: no pack for the agent, or an attribute that its pack does not declare.
        """
        check_attributes(self.book, case)  # a declared case has none of them left
        agreement = self._accounts.agreement(case.agent, owner.subject, owner.org, collected_at)
        given = replace(case, asked_at=None)
        found = [cell(self.book, under(agreement, given)), cell(self.book, filled(agreement, given))]
        if collected_at < now:
            found += [self.cell_since(found[0], owner, at) for at in (*self._before_merges(owner, collected_at, now), now)]
        return tuple(dict.fromkeys(found))

    def _before_merges(self, owner: Owner, collected_at: datetime, now: datetime) -> list[datetime]:
        """Return the last instants of the accounts that an owner's account was since: what each refused goes with it."""
        merges = [] if owner.subject is None else self._accounts.registry.merges(owner.subject, now)
        return [at - _INSTANT for _, at in merges if at - _INSTANT > collected_at]

    def cell_since(self, content: bytes, owner: Owner, at: datetime) -> bytes:
        """Return what a cell has become by an instant, under the agreement as it is then."""
        case = self.case(content)
        return cell(self.book, since(self._accounts.agreement(case.agent, owner.subject, owner.org, at), case))

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
        return self._decided(cells, purpose, at, answers, run)[0]

    def end(self, cells: Sequence[bytes], at: datetime, answers: Sequence[Consent] = ()) -> datetime | None:
        """Return when what cells describe becomes unreadable: the first end of any cell, after 30 days where it states none; None = no limit."""
        return self._decided(cells, Purpose.COLLECT, at, answers, None)[1]

    def _decided(
        self, cells: Sequence[bytes], purpose: Purpose, at: datetime, answers: Sequence[Consent], run: datetime | None
    ) -> tuple[Decision, datetime | None]:
        asked = (*cells, purpose, at, run, *((each.name, each.value, each.at, each.by) for each in answers))
        found = self._decisions.get(asked)
        if found is None:
            if len(self._decisions) >= _MOST:
                self._decisions.clear()
            cases = [self._asked(self.case(content), purpose, at, answers, run) for content in cells]
            decisions = [decide(self.book, case) for case in cases]
            ends = [_end(decision, case.collected_at or at) for decision, case in zip(decisions, cases, strict=True)]
            found = self._decisions[asked] = reduce(meet, decisions), min((end for end in ends if end is not None), default=None)
        return found

    def of_bucket(self, bucket: Bucket, purpose: Purpose, at: datetime, run: datetime | None = None) -> Decision:
        """Return what the terms of a bucket answer now, with every answer on record."""
        decision = self.decide(bucket.cells, purpose, at, self.answers(bucket, at), run)
        if purpose is Purpose.SERVE and decision.verdict is not Verdict.DENY and self._is_kept_for_safety_alone(bucket.cells):
            return replace(decision, verdict=Verdict.DENY)  # serving is within the response, and that is over
        return decision

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

    def _is_kept_for_safety_alone(self, cells: Sequence[bytes]) -> bool:
        """Whether nothing of it would be kept, had it not been flagged."""
        cases = (self.case(content) for content in cells)
        return any(_may_be_flagged(case) and decide(self.book, _unflagged(case)).keep == NOTHING for case in cases)

    def _asked(self, case: Case, purpose: Purpose, at: datetime, answers: Sequence[Consent], run: datetime | None) -> Case:
        known = {(each.name, each.value, each.at, each.by) for each in case.consents or ()}
        later = tuple(each for each in answers if (each.name, each.value, each.at, each.by) not in known)
        consents = case.consents if not later else (*(case.consents or ()), *later)
        sources = None if case.derived_from is None else tuple(self._asked(source, purpose, at, answers, run) for source in case.derived_from)
        return replace(case, purpose=purpose, asked_at=at, run_started_at=run, consents=consents, derived_from=sources)


def _may_be_flagged(case: Case) -> bool:
    return case.safety_flagged is not False or any(_may_be_flagged(source) for source in case.derived_from or ())


def _unflagged(case: Case) -> Case:
    sources = None if case.derived_from is None else tuple(_unflagged(source) for source in case.derived_from)
    return replace(case, safety_flagged=False, derived_from=sources)


def _end(decision: Decision, collected_at: datetime) -> datetime | None:
    return UNSTATED.after(collected_at) if decision.keep is None else decision.expires_at
