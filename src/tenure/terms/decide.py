"""Deciding one case: find the cells that it may stand for, then count time.

Source: docs/design/0001-dated-terms.md.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from operator import and_, or_

from tenure.errors import TermsError
from tenure.records.case import Case
from tenure.records.kinds import TRAINING, Destination, Kind, Purpose, Verdict
from tenure.terms.cells import Cell
from tenure.terms.compile import KindTable, Table, compile_pack
from tenure.terms.decision import Because, Decision
from tenure.terms.keeping import Kept, shortest
from tenure.terms.meet import derived
from tenure.terms.normalise import masks, outside, respelled
from tenure.terms.pack import Clause, Pack

MOST_COMPLETIONS = 1024
"""With more sets of clauses than this a case says too little to look at each of its completions."""
FEWER_COMPLETIONS = 64
"""The same where the day of collection is not known either, so that every stretch of time is looked at."""
WITHIN_THE_RESPONSE = frozenset({Purpose.SERVE, Purpose.COLLECT})
"""Uses that happen before the response is over, and so under P0D too."""

_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
Withdrawn = dict[str, datetime | None]
"""Consents withdrawn after collection: when first; None = at an unknown time."""


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of all agents."""

    tables: Mapping[str, Table]

    def table(self, agent: str) -> Table:
        """Return an agent's table.

        Raises:
            TermsError: there is no pack for that agent.
        """
        if agent not in self.tables:
            known = ", ".join(sorted(self.tables))
            message = f"agent: expected one of {known}, got {agent[:40]!r}"
            raise TermsError(message, code="terms/unknown-agent", remedy="tenure terms show lists the agents")
        return self.tables[agent]


def open_book(packs: Iterator[Pack] | list[Pack], confirmed: Mapping[str, Set[str]] | None = None) -> Book:
    """Compile packs into a book.

    Args:
        packs: one per agent.
        confirmed: per agent, the ids of third-party clauses that a person confirmed.
    """
    return Book({pack.agent: compile_pack(pack, (confirmed or {}).get(pack.agent, frozenset())) for pack in packs})


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one cell answers once time is counted."""

    verdict: Verdict
    kept: Kept
    because: tuple[int, ...]
    destination: Destination
    promises: frozenset[str]


def decide(book: Book, case: Case) -> Decision:
    """Decide a case.

    Returns:
        The decision; `because` names the clauses behind the verdict, then those behind the period.

    Raises:
        TermsError: no pack for the agent, or an attribute that its pack does not declare.
    """
    table = book.table(case.agent)
    case = respelled(case, table.pack.vocabulary)
    own = _own(table, case)
    if not case.derived_from:
        return own
    return derived(own, (decide(book, replace(source, purpose=case.purpose, asked_at=case.asked_at)) for source in case.derived_from))


def check_attributes(book: Book, case: Case) -> None:
    """See that packs declare all attributes of a case and of its sources.

    Raises:
        TermsError: no pack for an agent, or an attribute that its pack does not declare.
    """
    _check_own(book.table(case.agent).pack, case)
    for source in case.derived_from or ():
        check_attributes(book, source)


def _check_own(pack: Pack, case: Case) -> None:
    for name in case.attributes:
        if name not in pack.vocabulary.attributes:
            declared = ", ".join(sorted(pack.vocabulary.attributes)) or "none"
            raise TermsError(f"attributes: expected one of {declared}, got {name[:40]!r}", code="case/unknown-attribute")


def _own(table: Table, case: Case) -> Decision:
    pack = table.pack
    _check_own(pack, case)
    wrong = outside(case, pack.vocabulary)
    kind = table.kinds[case.kind]
    answers = [_answer(table, kind, case, cell, withdrawn) for cell, withdrawn in cells(kind, case, table)]
    verdicts = {answer.verdict for answer in answers}
    verdict = Verdict.DENY if wrong or _is_groundless(case) else verdicts.pop() if len(verdicts) == 1 else Verdict.GAP
    kept = shortest([answer.kept for answer in answers])
    verdict = _without_sources(case, verdict)
    is_nowhere = wrong or (case.kind is Kind.DERIVED_SIGNAL and not case.derived_from)
    destination = Destination.NONE if is_nowhere else min((answer.destination for answer in answers), key=list(Destination).index)
    because = _because(kind, [] if wrong else answers, kept)
    return Decision(
        verdict=verdict,
        keep=kept.keep,
        expires_at=kept.expires_at,
        destination=destination,
        promises=() if wrong else tuple(sorted(frozenset.intersection(*(answer.promises for answer in answers)))),
        because=tuple(Because(clause.id, clause.source, clause.as_of) for clause in because),
        table=table.hash,
        known_to=pack.known_to if _is_after(pack, case) else None,
        warnings=(*(f"{name}: a value outside of its closed list, which denies" for name in wrong), *_stale(because, case.asked_at)),
    )


def cells(kind: KindTable, case: Case, table: Table) -> Iterator[tuple[Cell, Withdrawn]]:
    """Yield the cells that a case may stand for, each with the consents withdrawn after collection: one if every key that matters is known."""
    relevant = kind.relevant_to(case.purpose)
    stretches = list(_stretches(kind, case))
    most = MOST_COMPLETIONS if len(stretches) == 1 else FEWER_COMPLETIONS
    found: set[tuple[int, tuple[tuple[str, datetime | None], ...]]] = set()
    per_key = masks(case, kind.keys_for(case.purpose), table.pack.vocabulary)
    is_sparse = False
    for segment, stretch in stretches:
        if stretch is not case:
            per_key = masks(stretch, kind.keys_for(case.purpose), table.pack.vocabulary)
        standing = kind.standing(segment) & relevant
        completions = None if is_sparse else _stand_for(standing, per_key, most)
        if completions is None:
            is_sparse = True
            here = [kind.blurred(segment, standing & _everywhere(per_key), standing & _somewhere(per_key))]
        else:
            here = [kind.cell(segment, mask) for mask in completions]
        withdrawn = _withdrawn(stretch, kind)
        for cell in here:
            if (mark := (id(cell), tuple(withdrawn.items()))) not in found:
                found.add(mark)
                yield cell, withdrawn


def _stretches(kind: KindTable, case: Case) -> Iterator[tuple[int, Case]]:
    """Yield the stretches of time in which a case may have been collected, each with the case as it reads there.

    The texts change at the borders of a kind; consents at their own days and those of the session.
    """
    if case.collected_at is not None:
        yield kind.segment(case.collected_at), case
        return
    dates = [consent.at for consent in case.consents or () if consent.name in kind.consents]
    turns = {at for at in (*dates, case.session_started_at, case.session_resumed_at) if at is not None} if dates else set()
    if not turns:
        yield from ((segment, case) for segment in kind.segments)
        return
    for start in sorted({_BEFORE_ALL, *kind.borders, *turns}):
        yield kind.segment(start), replace(case, collected_at=start)


def _everywhere(per_key: list[tuple[int, ...]]) -> int:
    """The clauses that stand whatever the case is."""
    return reduce(and_, (part for parts in per_key for part in parts), -1)


def _somewhere(per_key: list[tuple[int, ...]]) -> int:
    """The clauses that may stand."""
    return reduce(and_, (reduce(or_, parts) for parts in per_key), -1)


def _stand_for(standing: int, per_key: list[tuple[int, ...]], most: int) -> Set[int] | None:
    """Return the clauses left standing: one set of them if every key is known, else one per completion; None where those are too many."""
    open_keys = []
    for parts in per_key:
        if len(parts) == 1:
            standing &= parts[0]
        else:
            open_keys.append(parts)
    found = {standing}
    for parts in open_keys:
        found = {mask & part for mask in found for part in parts}
        if len(found) > most:
            return None
    return found


def _answer(table: Table, kind: KindTable, case: Case, cell: Cell, withdrawn: Withdrawn) -> _Answer:
    verdict, because = cell.verdicts[case.purpose]
    rules = table.pack.vocabulary.consents
    ordinary = Kept.of(cell.keeps, case, table.pack.vocabulary)
    for name, at in withdrawn.items():
        rule = rules[name]
        is_touched = not ordinary.is_limited or _rests_on(kind, ordinary.because, name)
        if at is not None and rule.after_withdrawal is not None and is_touched:
            ordinary = ordinary.no_longer_than(rule.after_withdrawal, at)
        if verdict is Verdict.PERMIT and case.purpose in rule.purposes - {Purpose.COLLECT} and _rests_on(kind, because, name):
            verdict = _after_withdrawal(case, at)
    held = Kept.of(cell.holds, case, table.pack.vocabulary) if cell.holds else None
    opens = {purpose for _, index in cell.holds for purpose in kind.clauses[index].hold}
    longest = ordinary if held is None else ordinary.or_longer(held)
    verdict = _in_time(verdict, longest if case.purpose in opens else ordinary, case)
    return _Answer(verdict, longest, because, cell.destination, cell.promises)


def _withdrawn(case: Case, kind: KindTable) -> Withdrawn:
    """Return, per consent that this kind's clauses ask, when it was first withdrawn after collection; None = at an unknown time.

    What is withdrawn after `asked_at`, and after the start of the run that is asked about, is not withdrawn yet.
    """
    found: dict[str, datetime | None] = {}
    run = case.run_started_at if case.purpose in TRAINING else None
    until = None if case.asked_at is None else max(case.asked_at, run or case.asked_at)
    for consent in case.consents or ():
        if consent.value is not False or consent.name not in kind.consents:
            continue
        if consent.at is None:
            found.setdefault(consent.name, None)
        elif (case.collected_at is None or consent.at > case.collected_at) and (until is None or consent.at <= until):
            earlier = found.get(consent.name)
            found[consent.name] = consent.at if earlier is None else min(earlier, consent.at)
    return found


def _rests_on(kind: KindTable, deciding: tuple[int, ...], name: str) -> bool:
    """Whether every clause that permits or keeps asks for this consent: where one does without it, a withdrawal takes nothing away."""
    return all(f"consent.{name}" in kind.clauses[index].when for index in deciding)


def _after_withdrawal(case: Case, at: datetime | None) -> Verdict:
    """Runs begun before a withdrawal stay as they are; later ones are denied."""
    used_at = case.run_started_at if case.purpose in TRAINING else case.asked_at
    if at is None or used_at is None:
        return Verdict.GAP
    return Verdict.PERMIT if used_at < at else Verdict.DENY


def _in_time(verdict: Verdict, kept: Kept, case: Case) -> Verdict:
    """A use at or after the expiry is denied."""
    used_at = case.run_started_at if case.purpose in TRAINING and case.run_started_at is not None else case.asked_at
    if kept.is_nothing and kept.expires_at == case.collected_at:  # and not: from a withdrawal on
        if case.purpose not in WITHIN_THE_RESPONSE:
            return Verdict.DENY
        is_open = verdict is Verdict.PERMIT and kept.is_least and (used_at is None or used_at != case.collected_at)
        return Verdict.GAP if is_open else verdict  # a longer period, which may as well be set, may be over
    if not kept.is_limited or verdict is Verdict.DENY:
        return verdict
    if kept.expires_at is None or used_at is None:
        return Verdict.GAP
    return Verdict.DENY if used_at >= kept.expires_at else verdict


def _is_groundless(case: Case) -> bool:
    return case.kind is Kind.DERIVED_SIGNAL and case.derived_from == ()


def _without_sources(case: Case, verdict: Verdict) -> Verdict:
    """A derived signal whose sources are not known cannot be judged."""
    unknown = case.kind is Kind.DERIVED_SIGNAL and case.derived_from is None
    return Verdict.GAP if unknown and verdict is Verdict.PERMIT else verdict


def _because(kind: KindTable, answers: list[_Answer], kept: Kept) -> list[Clause]:
    deciding = (index for answer in answers for index in answer.because)
    return [kind.clauses[index] for index in dict.fromkeys([*deciding, *kept.because])]


def _is_after(pack: Pack, case: Case) -> bool:
    end = datetime.combine(pack.known_to, time(), UTC) + timedelta(days=1)
    return any(at is not None and at >= end for at in (case.collected_at, case.asked_at))


def _stale(clauses: list[Clause], at: datetime | None) -> Iterator[str]:
    for clause in clauses if at is not None else ():
        read = datetime.combine(clause.as_of, time(), UTC)
        if at is not None and at >= clause.fresh_for.after(read):
            yield f"{clause.id}: last read {clause.as_of}, {(at - read).days} days before; look at {clause.source} again"
