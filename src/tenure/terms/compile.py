"""A pack becomes a table: per kind, the clauses as bits and, per key of a case, which bits each value leaves standing.

A case is then decided by one AND per key. Which clauses stand together with the day of collection gives a *cell*; cells are worked out once
and numbered. The table's hash is over what decides, so two packs that decide alike but are spelled differently have the same terms.

Source: docs/design/0001-dated-terms.md.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_

from tenure.records.canonical import Plain, digest
from tenure.records.kinds import Kind, Purpose
from tenure.records.on_demand import OnDemand
from tenure.terms.cells import PURPOSE_QUESTIONS, Cell, Question, Reading, blurred, fold
from tenure.terms.pack import Clause, Pack, Sighting, VersionRange, Vocabulary
from tenure.terms.parse import domains
from tenure.terms.standing import Standing

VERSION = "client_version"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a case, as a kind's clauses see it.

    Attributes:
        name: as conditions spell it, such as `flag.zdr`.
        masks: for each value, the clauses that it leaves standing.
        cuts: for `client_version`: where the answer changes; `masks` then has `"0"` .. `"n"`.
        group: what stands before the dot of the name, and `rest` what stands after it.
        classes: the distinct masks: what an unknown value can stand for.
    """

    name: str
    masks: Mapping[str, int]
    cuts: tuple[tuple[int, ...], ...] = ()
    group: str = field(init=False)
    rest: str = field(init=False)
    classes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        group, _, rest = self.name.partition(".")
        object.__setattr__(self, "group", group)
        object.__setattr__(self, "rest", rest)
        object.__setattr__(self, "classes", tuple(dict.fromkeys(self.masks.values())))


class KindTable:
    """The clauses about one kind."""

    def __init__(self, clauses: tuple[Clause, ...], vocabulary: Vocabulary) -> None:
        self.clauses = clauses
        self.all = (1 << len(clauses)) - 1
        self.keys = tuple(_keys(clauses, vocabulary))
        self.consents = frozenset(key.rest for key in self.keys if key.group == "consent")
        self.borders = _borders(clauses)
        self.relevant = {question: _relevant(clauses, question) for question in Question}
        self._relevant = {purpose: self._about(question) for purpose, question in PURPOSE_QUESTIONS.items()}
        self._keys = {purpose: tuple(_narrowed(self.keys, mask)) for purpose, mask in self._relevant.items()}
        self._segments = [_segment(clauses, start) for start in (None, *self.borders)]
        self._cells: dict[tuple[int, int], Cell] = {}

    def _about(self, question: Question) -> int:
        shared = (question, Question.KEEP, Question.HOLD, Question.DESTINATION, Question.PROMISES)
        return _union(self.relevant[part] for part in shared)

    def relevant_to(self, purpose: Purpose) -> int:
        """Return the clauses that a decision about one purpose asks."""
        return self._relevant[purpose]

    def keys_for(self, purpose: Purpose) -> tuple[Key, ...]:
        """Return the keys on which a decision about one purpose can turn."""
        return self._keys[purpose]

    def segment(self, at: datetime) -> int:
        """Return the number of the stretch of time between two borders that holds `at`."""
        return bisect_right(self.borders, at)

    @property
    def segments(self) -> range:
        """All stretches of time."""
        return range(len(self._segments))

    def standing(self, segment: int) -> int:
        """Return the clauses that are or may be in force in a stretch of time."""
        return self._segments[segment][0]

    def blurred(self, segment: int, sure: int, possible: int) -> Cell:
        """Return what can be said where some clauses stand for sure and others only in some completions."""
        standing, readings = self._segments[segment]
        doubted = _union(reading.brings | reading.ends for reading in readings)
        return blurred(self.clauses, sure & standing, possible & standing, doubted)

    def doubts(self, segment: int) -> bool:
        """Whether some date is in doubt in a stretch of time."""
        return bool(self._segments[segment][1])

    def cell(self, segment: int, mask: int) -> Cell:
        """Return what the clauses of `mask` say together in a stretch of time."""
        found = self._cells.get((segment, mask))
        if found is None:
            readings = self._segments[segment][1]
            found = self._cells[segment, mask] = fold(self.clauses, mask & self._segments[segment][0], readings, self.relevant)
        return found


@dataclass(frozen=True, slots=True)
class Table:
    """The compiled terms of one agent.

    Attributes:
        pack: what it was compiled from.
        kinds: the clauses by kind.
        hash: `sha256:` of all that decides.
        confirmed: ids of third-party clauses that a person confirmed.
    """

    pack: Pack
    kinds: Mapping[Kind, KindTable]
    hash: str
    confirmed: frozenset[str]

    @property
    def key_names(self) -> frozenset[str]:
        """The keys that conditions may name."""
        return frozenset(domains(self.pack.vocabulary)) | {VERSION}


def compile_pack(pack: Pack, confirmed: Set[str] = frozenset()) -> Table:
    """Compile a pack.

    Args:
        pack: the pack.
        confirmed: ids of clauses of class T that a named person confirmed; others of class T only tighten.
    """
    clauses = [_only_tightening(clause) if _is_unconfirmed(clause, confirmed) else clause for clause in pack.clauses]

    def of_kind(kind: Kind) -> KindTable:
        return KindTable(tuple(clause for clause in clauses if kind in clause.kinds), pack.vocabulary)

    spelling: list[Plain] = [pack.agent, *(_spelling(clause) for clause in clauses), *_spelling_of_vocabulary(pack.vocabulary)]
    return Table(pack, OnDemand(Kind, of_kind), digest(spelling), frozenset(confirmed))


def _is_unconfirmed(clause: Clause, confirmed: Set[str]) -> bool:
    return clause.standing is Standing.THIRD_PARTY and clause.id not in confirmed


def _only_tightening(clause: Clause) -> Clause:
    """What a third party's report may do on its own."""
    keep = None if clause.hold else clause.keep
    return replace(clause, permit=frozenset(), over=frozenset(), hold=frozenset(), promises=(), keep=keep)


def _keys(clauses: tuple[Clause, ...], vocabulary: Vocabulary) -> Iterable[Key]:
    lists = domains(vocabulary)
    named = dict.fromkeys(name for clause in clauses for name in clause.when)
    for name in named:
        if name == VERSION:
            yield _version_key(clauses)
            continue
        masks = {value: _mask(clause.when.get(name) is None or value in _values(clause, name) for clause in clauses) for value in lists[name]}
        yield Key(name, masks)


def _narrowed(keys: Iterable[Key], relevant: int) -> Iterable[Key]:
    """Return the keys that tell relevant clauses apart, with masks of those alone."""
    for key in keys:
        narrow = Key(key.name, {value: mask & relevant for value, mask in key.masks.items()}, key.cuts)
        if len(narrow.classes) > 1 or narrow.classes[0] != relevant:
            yield narrow


def _version_key(clauses: tuple[Clause, ...]) -> Key:
    conditions = [clause.when.get(VERSION) for clause in clauses]
    ranges = [condition if isinstance(condition, VersionRange) else VersionRange(None, None) for condition in conditions]
    cuts = tuple(sorted({cut for part in ranges for cut in (part.low, part.high) if cut is not None}))
    starts: list[tuple[int, ...]] = [(), *cuts]
    return Key(VERSION, {str(index): _mask(part.holds(start) for part in ranges) for index, start in enumerate(starts)}, cuts)


def _values(clause: Clause, name: str) -> frozenset[str]:
    condition = clause.when[name]
    return condition if isinstance(condition, frozenset) else frozenset()


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << index for index, bit in enumerate(bits) if bit)


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _sightings(clauses: Iterable[Clause]) -> dict[str, Sighting]:
    return {sighting.text: sighting for clause in clauses for sighting in (clause.begins, clause.ends) if sighting is not None}


def _borders(clauses: tuple[Clause, ...]) -> tuple[datetime, ...]:
    ends = {end for sighting in _sightings(clauses).values() for end in (sighting.earliest, sighting.latest) if end is not None}
    return tuple(sorted(ends))


def _segment(clauses: tuple[Clause, ...], start: datetime | None) -> tuple[int, tuple[Reading, ...]]:
    """Return the clauses that may be in force from `start` on, and the sightings that are in doubt there with the clauses they bring and end."""
    doubtful = {text for text, sighting in _sightings(clauses).items() if _came(sighting, start) is None}
    standing = _mask(
        (clause.begins is None or _came(clause.begins, start) is not False) and (clause.ends is None or _came(clause.ends, start) is not True)
        for clause in clauses
    )
    readings = tuple(
        Reading(
            brings=_mask(clause.begins is not None and clause.begins.text == text for clause in clauses),
            ends=_mask(clause.ends is not None and clause.ends.text == text for clause in clauses),
        )
        for text in sorted(doubtful)
    )
    return standing, readings


def _came(sighting: Sighting, at: datetime | None) -> bool | None:
    """Whether a text had come into force; None inside its interval. `at` None is before every border."""
    if at is not None and at >= sighting.latest:
        return True
    if sighting.earliest is None:
        return None
    return None if at is not None and at >= sighting.earliest else False


def _relevant(clauses: tuple[Clause, ...], question: Question) -> int:
    """Return the clauses that a question asks, and those that may stand over them."""
    asked = {clause.id for clause in clauses if question.asks(clause)}
    while more := {clause.id for clause in clauses if clause.over & asked} - asked:
        asked |= more
    return _mask(clause.id in asked for clause in clauses)


def _spelling(clause: Clause) -> str:
    """One spelling of all of a clause that decides."""
    dates = [f"{part.text}[{part.earliest},{part.latest})" if part else "" for part in (clause.begins, clause.ends)]
    when = [f"{name}={part if isinstance(part, VersionRange) else sorted(part)}" for name, part in sorted(clause.when.items())]
    sets = [sorted(part) for part in (clause.kinds, clause.permit, clause.refuse, clause.unknown, clause.over, clause.hold, clause.promises)]
    return "|".join((clause.id, *dates, *when, *map(str, sets), str(clause.keep), str(clause.destination)))


def _spelling_of_vocabulary(vocabulary: Vocabulary) -> list[Plain]:
    """One spelling of all of a vocabulary that decides."""
    parts: list[Mapping[str, object]] = [domains(vocabulary), vocabulary.attributes, vocabulary.settings, vocabulary.variables]
    lines: list[Plain] = [f"{name}:{value}" for part in parts for name, value in sorted(part.items())]
    for name, rule in sorted(vocabulary.consents.items()):
        lines.append(f"{name}:{sorted(rule.by)}:{sorted(rule.purposes)}:{rule.after_withdrawal}:{rule.new_or_resumed}")
    return lines
