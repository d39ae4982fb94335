"""What a set of clauses says together: the rules of reading for one fully known case, dates in doubt included.

Source: docs/design/0001-dated-terms.md, rules 1, 3, 6, 8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from tenure.records.kinds import Destination, Purpose, Verdict
from tenure.terms.pack import Clause, Keep

World = list[tuple[int, Clause]]
"""Clauses in force together, each with its position."""

STRICTEST = (Verdict.DENY, Verdict.GAP, Verdict.PERMIT)
"""Verdicts, the strictest first."""


class Question(Enum):
    """What can be asked of a kind's clauses. Each question sees only the clauses that answer it."""

    COLLECT = Purpose.COLLECT
    SERVE = Purpose.SERVE
    DEBUG = Purpose.DEBUG
    IMPROVE = Purpose.IMPROVE
    SAFETY = Purpose.SAFETY
    TRAIN_SAFETY = Purpose.TRAIN_SAFETY
    TRAIN_GENERATIVE = Purpose.TRAIN_GENERATIVE
    KEEP = "keep"
    HOLD = "hold"
    DESTINATION = "destination"
    PROMISES = "promises"

    def asks(self, clause: Clause) -> bool:
        """Whether a clause answers this question."""
        match self:
            case Question.KEEP:
                return clause.keep is not None and not clause.hold
            case Question.HOLD:
                return bool(clause.hold)
            case Question.DESTINATION:
                return clause.destination is not None or Question.COLLECT.asks(clause)
            case Question.PROMISES:
                return bool(clause.promises)
            case _:
                purpose = self.value
                return purpose in clause.permit | clause.refuse | clause.unknown or (purpose == Purpose.COLLECT and _leads_away(clause))


PURPOSE_QUESTIONS = {purpose: Question(purpose) for purpose in Purpose}


@dataclass(frozen=True, slots=True)
class Reading:
    """A sighting in doubt: the clauses that it brings into force and those that it ends, as bits."""

    brings: int
    ends: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The answer to all questions.

    Attributes:
        verdicts: per purpose, the verdict and the clauses (by position) that gave it.
        keeps: candidates for the period, the shortest of which counts, each with its clause; empty = unstated.
        holds: candidates for a safety hold with the purposes that they open; empty = none for certain.
        destination: where a collect goes.
        promises: what is promised for certain.
    """

    verdicts: Mapping[Purpose, tuple[Verdict, tuple[int, ...]]]
    keeps: tuple[tuple[Keep, int], ...]
    holds: tuple[tuple[Keep, int], ...]
    destination: Destination
    promises: frozenset[str]


def fold(clauses: tuple[Clause, ...], mask: int, readings: tuple[Reading, ...], relevant: Mapping[Question, int]) -> Cell:
    """Work out what the clauses of `mask` say, taking the stricter of all readings of the dates in doubt.

    Args:
        clauses: of one kind.
        mask: those whose conditions hold and which are or may be in force.
        readings: sightings in doubt.
        relevant: the clauses that each question asks.
    """

    def worlds(question: Question) -> Iterator[World]:
        return _worlds(clauses, mask & relevant[question], readings)

    def periods(question: Question) -> list[list[tuple[Keep, int]]]:
        return [[(clause.keep, index) for index, clause in world if clause.keep and question.asks(clause)] for world in worlds(question)]

    def verdict(purpose: Purpose, question: Question) -> tuple[Verdict, tuple[int, ...]]:
        return min((_verdict(world, purpose) for world in worlds(question)), key=_strictness)

    holds = periods(Question.HOLD)
    return Cell(
        verdicts={purpose: verdict(purpose, question) for purpose, question in PURPOSE_QUESTIONS.items()},
        keeps=tuple(dict.fromkeys(part for world in periods(Question.KEEP) for part in world)),
        holds=tuple(dict.fromkeys(part for world in holds for part in world)) if all(holds) else (),
        destination=min((_destination(world) for world in worlds(Question.DESTINATION)), key=list(Destination).index),
        promises=frozenset.intersection(*map(_promises, worlds(Question.PROMISES))),
    )


def blurred(clauses: tuple[Clause, ...], sure: int, possible: int, doubted: int) -> Cell:
    """Work out what can be said where there are too many completions to look at each: never more than any of them permits.

    Args:
        clauses: of one kind.
        sure: those that stand in every completion.
        possible: those that stand in some.
        doubted: those whose dates are in doubt.
    """
    certain = [(index, clause) for index, clause in enumerate(clauses) if sure & ~doubted >> index & 1]
    maybe = [(index, clause) for index, clause in enumerate(clauses) if possible >> index & 1]
    replaceable = frozenset[str]().union(*(clause.over for _, clause in maybe))
    replaced = frozenset[str]().union(*(clause.over for _, clause in certain if clause.id not in replaceable))
    standing = [(index, clause) for index, clause in enumerate(clauses) if sure >> index & 1 and clause.id not in replaceable]
    left = [(index, clause) for index, clause in maybe if clause.id not in replaced]
    fixed = [(index, clause) for index, clause in certain if clause.id not in replaceable]
    verdicts = {purpose: _blurred_verdict(standing, fixed, left, purpose) for purpose in Purpose}
    away = [clause.destination for _, clause in left if clause.destination is not None and clause.destination is not Destination.VENDOR]
    return Cell(
        verdicts=verdicts,
        keeps=tuple((clause.keep, index) for index, clause in left if clause.keep and not clause.hold),
        holds=(),
        destination=min(away, key=list(Destination).index, default=Destination.NONE),
        promises=_promises(fixed),
    )


def _blurred_verdict(standing: World, fixed: World, left: World, purpose: Purpose) -> tuple[Verdict, tuple[int, ...]]:
    """What holds whatever the case is: a refusal, silence, or a permission that nothing can stand against; else it cannot be told."""
    refused = _verdict(standing, purpose)
    opening = tuple(index for index, clause in left if purpose in clause.permit | clause.unknown)
    if (refused[0] is Verdict.DENY and refused[1]) or not opening:
        return Verdict.DENY, refused[1] if refused[0] is Verdict.DENY else ()
    permitted = _verdict(fixed, purpose)
    against = any(purpose in clause.refuse | clause.unknown or (purpose is Purpose.COLLECT and _leads_away(clause)) for _, clause in left)
    return permitted if permitted[0] is Verdict.PERMIT and not against else (Verdict.GAP, opening)


def _promises(world: World) -> frozenset[str]:
    return frozenset(promise for _, clause in world for promise in clause.promises)


def _worlds(clauses: tuple[Clause, ...], mask: int, readings: tuple[Reading, ...]) -> Iterator[World]:
    """Yield the clauses in force, once per way in which the doubtful sightings that touch them may have gone."""
    touching = [reading for reading in readings if mask & (reading.brings | reading.ends)]
    for choice in range(1 << len(touching)):
        active = mask
        for position, reading in enumerate(touching):
            active &= ~reading.ends if choice >> position & 1 else ~reading.brings
        yield _without_replaced(clauses, active)


def _without_replaced(clauses: tuple[Clause, ...], active: int) -> World:
    standing = [(index, clause) for index, clause in enumerate(clauses) if active >> index & 1]
    replaced = frozenset[str]().union(*(clause.over for _, clause in standing))
    return [(index, clause) for index, clause in standing if clause.id not in replaced]


def _verdict(world: World, purpose: Purpose) -> tuple[Verdict, tuple[int, ...]]:
    """Refuse beats unknown beats permit; silence denies."""
    refusing = tuple(index for index, clause in world if purpose in clause.refuse or (purpose is Purpose.COLLECT and _leads_away(clause)))
    if refusing:
        return Verdict.DENY, refusing
    doubting = tuple(index for index, clause in world if purpose in clause.unknown)
    if doubting:
        return Verdict.GAP, doubting
    permitting = tuple(index for index, clause in world if purpose in clause.permit)
    return (Verdict.PERMIT, permitting) if permitting else (Verdict.DENY, ())


def _strictness(answer: tuple[Verdict, tuple[int, ...]]) -> int:
    return STRICTEST.index(answer[0])


def _leads_away(clause: Clause) -> bool:
    return clause.destination not in {None, Destination.VENDOR}


def _destination(world: World) -> Destination:
    explicit = [clause.destination for _, clause in world if clause.destination is not None]
    if explicit:
        return min(explicit, key=list(Destination).index)
    return Destination.VENDOR if _verdict(world, Purpose.COLLECT)[0] is Verdict.PERMIT else Destination.NONE
