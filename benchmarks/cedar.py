"""The same clauses as Cedar policies: a second opinion from another engine, on known cases only.

Cedar has no dates in doubt, no third answer and no periods.
"""

from datetime import datetime

import cedarpy

from tenure.records.case import Case
from tenure.records.kinds import Destination, Kind, Purpose
from tenure.terms.cells import PURPOSE_QUESTIONS
from tenure.terms.compile import Table
from tenure.terms.normalise import possible
from tenure.terms.pack import Clause, Sighting, VersionRange
from tenure.terms.versions import parse_version


class Cedar:
    """Policies for one kind and purpose of one agent.

    Dates: a permit counts from the latest moment of its sighting until the earliest of its end, a forbid the other way round: the stricter reading of
    each clause by itself. Clauses that change together in one sighting are read apart here, so compare outside of the intervals.
    """

    def __init__(self, table: Table, kind: Kind, purpose: Purpose) -> None:
        self._table = table
        self._clauses = [clause for clause in table.kinds[kind].clauses if PURPOSE_QUESTIONS[purpose].asks(clause)]
        self._names = sorted({name for clause in table.kinds[kind].clauses for name in clause.when})
        everyone = table.kinds[kind].clauses
        replaced = {clause.id: [other for other in everyone if clause.id in other.over] for clause in self._clauses}
        self._policies = "\n".join(self._policy(clause, purpose, replaced[clause.id]) for clause in self._clauses)

    def decide(self, cases: list[Case]) -> list[bool]:
        """Return whether each case is permitted."""
        entities = {"principal": 'Case::"c"', "action": 'Action::"use"', "resource": 'Data::"d"'}
        requests = [{**entities, "context": self.context(case)} for case in cases]
        return [answer.allowed for answer in cedarpy.is_authorized_batch(requests, self._policies, [])]

    def context(self, case: Case) -> dict[str, object]:
        """Return a known case as Cedar's context."""
        vocabulary = self._table.pack.vocabulary
        found: dict[str, object] = {"at": _number(case.collected_at)}
        for name in self._names:
            if name == "client_version":
                found["client_version"] = _version(parse_version(case.client_version or ""))
            else:
                found[name] = (possible(case, name, vocabulary) or ("unknown",))[0]
        return found

    def _policy(self, clause: Clause, purpose: Purpose, over: list[Clause]) -> str:
        is_permit = purpose in clause.permit and purpose not in clause.refuse | clause.unknown and clause.destination in {None, Destination.VENDOR}
        conditions = _conditions(clause, is_permit)
        excluded = "".join(f"\nunless {{ {_conditions(other, not is_permit)} }}" for other in over)
        return f"{'permit' if is_permit else 'forbid'}(principal, action, resource)\nwhen {{ {conditions} }}{excluded};"


def _conditions(clause: Clause, is_permit: bool) -> str:
    parts = ["true"]
    if clause.begins is not None:
        parts += _bound(clause.begins, ">=", latest=is_permit)
    if clause.ends is not None:
        parts += _bound(clause.ends, "<", latest=not is_permit)
    for name, condition in clause.when.items():
        if isinstance(condition, VersionRange):
            parts += [f"context.client_version {sign} {_version(bound)}" for sign, bound in ((">=", condition.low), ("<", condition.high)) if bound]
        else:
            values = ", ".join(f'"{value}"' for value in sorted(condition))
            parts.append(f'[{values}].contains(context["{name}"])')
    return " && ".join(parts)


def _bound(sighting: Sighting, sign: str, *, latest: bool) -> list[str]:
    moment = sighting.latest if latest else sighting.earliest
    if moment is None:
        return [] if sign == ">=" else ["false"]
    return [f"context.at {sign} {_number(moment)}"]


def _number(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())


def _version(version: tuple[int, ...] | None) -> int:
    number = 0
    for part in version or (0, 0, 0, 0):
        number = number * 10_000 + part
    return number
