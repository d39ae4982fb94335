"""What made data inherits: its cells out of those of its inputs, and how long it lives.

The cells of an output hold a shell per agreement of its inputs (the output's own case, from the day on which it was made) with the inputs' cases as
its sources. The cells of an input that was itself made stay beside it. So nothing nests deeper than a shell and its sources, however long the chain.

Source: guarantee G3; design 0002; terms/meet.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from tenure.records.canonical import canonical_bytes
from tenure.records.case import Case, Consent
from tenure.records.held import Bucket, Owner
from tenure.records.kinds import Flag, Kind
from tenure.services.cells import Judge, cell
from tenure.services.intake import UNSTATED
from tenure.terms.cases import render_case
from tenure.terms.decision import Decision

Source = tuple[tuple[bytes, ...], tuple[Consent, ...]]
"""The cells of a bucket, and the refusals since they were written."""


def inherited_cells(judge: Judge, sources: Iterable[Source], kind: Kind, at: datetime) -> tuple[bytes, ...]:
    """Return the cells of what is made of sources.

    Args:
        judge: knows the terms.
        sources: of all inputs; the same ones may come any number of times.
        kind: of the output.
        at: when it is made.
    """
    shells: dict[bytes, tuple[Case, dict[bytes, Case]]] = {}
    kept: dict[bytes, None] = {}
    for cells, answers in dict.fromkeys(sources):
        for case in (_settled(judge.case(content), answers) for content in cells):
            own = replace(case, kind=kind, collected_at=at, session_started_at=None, session_resumed_at=None, derived_from=None)
            if case.derived_from is not None:
                kept[cell(judge.book, case)] = None
            _, leaves = shells.setdefault(_spelled(own), (own, {}))
            leaves.update({_spelled(leaf): leaf for leaf in ((case,) if case.derived_from is None else case.derived_from)})
    made = (cell(judge.book, replace(own, derived_from=tuple(leaves[name] for name in sorted(leaves)))) for own, leaves in shells.values())
    return tuple(sorted({*made, *kept}))


def inherited_end(decision: Decision, inputs: Iterable[Bucket], at: datetime) -> datetime | None:
    """Return when made data becomes unreadable: with its first input, or earlier by its own terms; None = no limit."""
    own = UNSTATED.after(at) if decision.keep is None else decision.expires_at
    ends = [own, *(bucket.expires_at for bucket in inputs)]
    return min((end for end in ends if end is not None), default=None)


def common_owner(inputs: Iterable[Bucket], session: str) -> Owner:
    """Return whose made data is: the person's and the session's that all inputs are of, else nobody's, in a session of its own."""
    owners = {bucket.owner for bucket in inputs}
    if len(owners) == 1:
        return owners.pop()
    subjects, orgs = {owner.subject for owner in owners}, {owner.org for owner in owners}
    return Owner(subjects.pop() if len(subjects) == 1 else None, orgs.pop() if len(orgs) == 1 else None, session)


def is_zero_retention(judge: Judge, cells: Iterable[bytes]) -> bool:
    """Whether any cell, or any source in it, is under zero data retention."""
    return any(Flag.ZDR in (case.flags or ()) for content in cells for case in _all(judge.case(content)))


def _all(case: Case) -> Iterator[Case]:
    yield case
    for source in case.derived_from or ():
        yield from _all(source)


def _settled(case: Case, answers: tuple[Consent, ...]) -> Case:
    """Return a case with the refusals that came later. An output of several persons has no account that they could be looked up under."""
    if not answers:
        return case
    known = {(each.name, each.value, each.at, each.by) for each in case.consents or ()}
    later = tuple(each for each in answers if (each.name, each.value, each.at, each.by) not in known)
    sources = None if case.derived_from is None else tuple(_settled(source, answers) for source in case.derived_from)
    return replace(case, consents=(*(case.consents or ()), *later) if later else case.consents, derived_from=sources)


def _spelled(case: Case) -> bytes:
    return canonical_bytes(render_case(case))
