"""Bulk decisions: cases as columns are bound to two-byte terms ids once; afterwards every question is one array look-up.

Binding reads the columns that a kind's clauses ask about, finds the distinct combinations, and decides each once. A bound record is an id and an
expiry; it answers for every purpose at any time. What may have expired counts as expired here, where `decide` says gap. Needs NumPy
(`tenure[bulk]`).

Source: docs/design/0001-dated-terms.md; docs/reference/bulk.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from tenure.errors import DataError
from tenure.records.case import Case
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.terms.cells import Cell
from tenure.terms.compile import VERSION, Key, KindTable, Table
from tenure.terms.decide import WITHIN_THE_RESPONSE, Book
from tenure.terms.keeping import Kept
from tenure.terms.normalise import possible, version_class

Ids = npt.NDArray[np.uint16]
Days = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int64]

NEVER = int(np.iinfo(np.int32).max)
"""The day on which nothing expires."""
MAX_TERMS = 1 << 16
_DENSE = 1 << 24
_Known = tuple[str, Kind, int, frozenset[int], tuple[tuple[str, str | None], ...]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER = (Verdict.DENY, Verdict.GAP, Verdict.PERMIT)
_PURPOSES = tuple(Purpose)


@dataclass(frozen=True, slots=True)
class Column:
    """A column in dictionary form.

    Attributes:
        values: the distinct values; None = not known.
        codes: shape (n,), positions in `values`.
    """

    values: Sequence[str | None]
    codes: Codes


@dataclass(frozen=True, slots=True)
class BoundTerms:
    """The terms behind an id.

    Attributes:
        agent: and the kind of data.
        verdicts: per purpose, in the order of `Purpose`, before time is counted.
        keep: the period as text; None = unstated.
        hold: the period of a safety hold as text; None = none.
        held: the purposes that it opens.
    """

    agent: str
    kind: Kind
    verdicts: tuple[Verdict, ...]
    keep: str | None
    hold: str | None
    held: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class Bound:
    """Records bound to terms.

    Attributes:
        ids: shape (n,), terms ids.
        expires: shape (n,), days since 1970-01-01 UTC; `NEVER` where nothing expires.
        held: shape (n,), days until which a safety hold lasts; equals `expires` where there is none.
    """

    ids: Ids
    expires: Days
    held: Days


class Register:
    """The terms ids of one book: a small matrix of verdicts per id and purpose."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._ids: dict[BoundTerms, int] = {}
        self.terms: list[BoundTerms] = []
        self._matrix = np.zeros((len(_PURPOSES), 0), np.uint8)
        self._bound: dict[_Known, tuple[int, Kept, Kept | None]] = {}

    def bind(self, agent: str, kind: Kind, collected_at: npt.NDArray[np.datetime64], columns: Mapping[str, Column | Sequence[str | None]]) -> Bound:
        """Bind records of one agent and kind.

        Args:
            agent: the agent's id.
            kind: of all records.
            collected_at: shape (n,), datetime64 in UTC.
            columns: named as conditions name their keys (`tier`, `flag.zdr`, `consent.training`, `env.DISABLE_TELEMETRY`), each of
                shape (n,), with the values of the closed lists; for `client_version` versions, for settings their value. A column that
                is not given is not known.

        Returns:
            Ids and days, each of shape (n,).

        Raises:
            DataError: a column of another length or an unknown name; more than 65,536 distinct terms.
            TermsError: no pack for the agent.
        """
        table = self._book.table(agent)
        kind_table = table.kinds[kind]
        coded = _coded(columns, len(collected_at), kind_table, table)
        seconds = collected_at.astype("datetime64[us]")
        borders = np.array([border.replace(tzinfo=None) for border in kind_table.borders], "datetime64[us]")
        segments = np.searchsorted(borders, seconds, side="right").astype(np.int64)
        combined, rows = _combine([Column([str(index) for index in kind_table.segments], segments), *coded.values()])
        walk = _Walk(tuple(coded), kind_table, table)
        bound = [self._bind_one(table, kind, walk, row) for row in rows]
        ids = np.array([part[0] for part in bound], np.uint16)[combined]
        expires = _days(seconds, combined, [part[1] for part in bound])
        if all(part[2] is None for part in bound):
            return Bound(ids, expires, expires)
        return Bound(ids, expires, _held(expires, seconds, combined, [part[1] for part in bound], [part[2] for part in bound]))

    def verdicts(self, bound: Bound, purpose: Purpose, asked_on: int) -> npt.NDArray[np.uint8]:
        """Decide bound records.

        Args:
            bound: shape (n,).
            purpose: of the use.
            asked_on: day of the use, days since 1970-01-01 UTC.

        Returns:
            Shape (n,): 0 deny, 1 gap, 2 permit.
        """
        answers = self._column(purpose)[bound.ids]
        answers *= self._clock(bound, purpose) > asked_on
        return answers

    def verdict(self, terms_id: int, expires: int, purpose: Purpose, asked_on: int) -> Verdict:
        """Decide one bound record; `expires` is its day for that purpose."""
        return _ORDER[0] if expires <= asked_on else self.terms[terms_id].verdicts[_PURPOSES.index(purpose)]

    def _clock(self, bound: Bound, purpose: Purpose) -> Days:
        if bound.held is bound.expires:
            return bound.expires
        opened = np.array([purpose in terms.held for terms in self.terms], bool)
        return np.where(opened[bound.ids], bound.held, bound.expires)

    def _column(self, purpose: Purpose) -> npt.NDArray[np.uint8]:
        if self._matrix.shape[1] != len(self.terms):
            rows = [[_ORDER.index(terms.verdicts[index]) for terms in self.terms] for index in range(len(_PURPOSES))]
            self._matrix = np.array(rows, np.uint8)
        row: npt.NDArray[np.uint8] = self._matrix[_PURPOSES.index(purpose)]
        return row

    def _bind_one(self, table: Table, kind: Kind, walk: "_Walk", row: tuple[str | None, ...]) -> tuple[int, Kept, Kept | None]:
        segment = int(row[0] or 0)
        masks, settings = walk.masks(segment, row), walk.settings(row)
        known = (table.pack.agent, kind, segment, masks, settings)
        if known not in self._bound:
            cells = [table.kinds[kind].cell(segment, mask) for mask in masks]
            self._bound[known] = self._bind_cells(table, kind, cells, dict(settings))
        return self._bound[known]

    def _bind_cells(self, table: Table, kind: Kind, cells: Sequence[Cell], settings: Mapping[str, str | None]) -> tuple[int, Kept, Kept | None]:
        clauses, vocabulary = table.kinds[kind].clauses, table.pack.vocabulary
        case = Case(table.pack.agent, kind, Purpose.SERVE, settings=settings)
        kept = _shortest(Kept.of(cell.keeps, case, vocabulary) for cell in cells)
        held = _shortest(Kept.of(cell.holds, case, vocabulary) for cell in cells) if all(cell.holds for cell in cells) else None
        opened = frozenset(part for cell in cells for _, index in cell.holds for part in clauses[index].hold if held)
        verdicts = tuple(_verdict(cells, purpose, kept, opened) for purpose in _PURPOSES)
        terms = BoundTerms(table.pack.agent, kind, verdicts, _text(kept), _text(held), opened)
        return self._id(terms), kept, held

    def _id(self, terms: BoundTerms) -> int:
        if terms not in self._ids:
            if len(self.terms) == MAX_TERMS:
                raise DataError(f"terms: expected at most {MAX_TERMS} distinct terms, found more", code="data/too-many-terms")
            self._ids[terms] = len(self.terms)
            self.terms.append(terms)
        return self._ids[terms]


def _coded(columns: Mapping[str, Column | Sequence[str | None]], length: int, kind: KindTable, table: Table) -> dict[str, Column]:
    """Keep the columns that this kind's clauses ask about, in dictionary form."""
    kept = [clause.keep for clause in kind.clauses if clause.keep is not None]
    asked = {key.name for key in kind.keys} | {f"setting.{part}" for keep in kept for part in keep.parts if isinstance(part, str)}
    coded = {}
    for name, values in columns.items():
        if name not in table.key_names:
            raise DataError(f"columns: expected names that conditions use, got {name[:40]!r}", code="data/unknown-column")
        if name not in asked:
            continue
        column = values if isinstance(values, Column) else _encode(values)
        if len(column.codes) != length:
            raise DataError(f"columns.{name}: expected {length} values, got {len(column.codes)}", code="data/length")
        coded[name] = column
    return coded


def _encode(values: Sequence[str | None]) -> Column:
    numbers: dict[str | None, int] = {}
    codes = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, len(values))
    return Column(list(numbers), codes)


def _combine(columns: Sequence[Column]) -> tuple[Codes, list[tuple[str | None, ...]]]:
    """Return, per record, the number of its combination, and the combinations."""
    sizes = [max(len(column.values), 1) for column in columns]
    code = np.zeros(len(columns[0].codes), np.int64)
    space = 1
    for column, size in zip(columns, sizes, strict=True):
        if space * size > _DENSE:
            _, code = np.unique(code, return_inverse=True)
            space = int(code.max(initial=0)) + 1
        code = code * size + column.codes
        space *= size
    first, numbers = _distinct(code, space)
    rows = [tuple(column.values[column.codes[index]] for column in columns) for index in first]
    return numbers, rows


def _distinct(code: Codes, space: int) -> tuple[Codes, Codes]:
    """Return a record of each distinct code, and per record the number of its code."""
    if space > 4 * _DENSE:
        _, first, numbers = np.unique(code, return_index=True, return_inverse=True)
        return first, numbers
    place = np.full(space, -1, np.int64)
    place[code] = np.arange(len(code))
    first = place[place >= 0]
    number = np.zeros(space, np.int64)
    number[code[first]] = np.arange(len(first))
    return first, number[code]


class _Walk:
    """From a combination of values to the clauses that it leaves standing. What does not depend on the combination is worked out once."""

    def __init__(self, names: tuple[str, ...], kind: KindTable, table: Table) -> None:
        self._kind = kind
        keys = {key.name: key for key in kind.keys}
        self._given = [(place, keys[name], dict[str | None, tuple[int, ...]]()) for place, name in enumerate(names, 1) if name in keys]
        self._settings = [(place, name.removeprefix("setting.")) for place, name in enumerate(names, 1) if name.startswith("setting.")]
        self._surface = names.index("surface") + 1 if "surface" in names else None
        absent = [key for key in kind.keys if key.name not in names]
        self._absent = {is_known: _fold(_absent(key, is_known, table) for key in absent) for is_known in (False, True)}

    def masks(self, segment: int, row: tuple[str | None, ...]) -> frozenset[int]:
        """Return the sets of clauses that a row can stand for: one if every key is known."""
        is_surface_known = self._surface is not None and row[self._surface] is not None
        known, several = self._kind.standing(segment), [self._absent[is_surface_known]]
        for place, key, cache in self._given:
            parts = cache.get(row[place])
            if parts is None:
                parts = cache[row[place]] = _parts(key, row[place])
            if len(parts) == 1:
                known &= parts[0]
            else:
                several.append(frozenset(parts))
        return frozenset(known & mask for mask in _fold(several))

    def settings(self, row: tuple[str | None, ...]) -> tuple[tuple[str, str | None], ...]:
        """Return the settings of a row that periods name."""
        return tuple((name, row[place]) for place, name in self._settings)


def _fold(several: Iterable[Iterable[int]]) -> frozenset[int]:
    masks = frozenset({-1})
    for parts in several:
        masks = frozenset(mask & part for mask in masks for part in parts)
    return masks


def _parts(key: Key, value: str | None) -> tuple[int, ...]:
    """Return the masks that a value of a key can stand for."""
    value = version_class(value, key) if key.name == VERSION else value
    return (key.masks[value],) if value is not None and value in key.masks else key.classes


def _absent(key: Key, is_surface_known: bool, table: Table) -> tuple[int, ...]:
    """Return the masks that a key without a column can stand for: its ordinary value where it has one."""
    if key.name == VERSION:
        return key.classes
    surface = table.pack.vocabulary.lists["surface"][0] if is_surface_known else None
    ordinary = possible(Case("", Kind.PROMPT, Purpose.SERVE, surface=surface), key.name, table.pack.vocabulary)
    return key.classes if ordinary is None else _parts(key, ordinary[0])


def _verdict(cells: Sequence[Cell], purpose: Purpose, kept: Kept, opened: frozenset[Purpose]) -> Verdict:
    if kept.is_nothing and purpose not in WITHIN_THE_RESPONSE | opened:
        return Verdict.DENY
    verdicts = {cell.verdicts[purpose][0] for cell in cells}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.GAP


def _shortest(parts: Iterable[Kept]) -> Kept:
    return min(parts, key=lambda part: part.length)


def _text(kept: Kept | None) -> str | None:
    return None if kept is None or kept.keep is None else str(kept.keep)


def _days(seconds: npt.NDArray[np.datetime64], combined: Codes, kept: Sequence[Kept]) -> Days:
    """Return the day of expiry: calendar arithmetic once per distinct day and period."""
    days = seconds.astype("datetime64[D]").astype(np.int64)
    expires = np.full(len(days), NEVER, np.int32)
    by_text: dict[str, list[int]] = {}
    for index, part in enumerate(kept):
        if part.is_limited and not part.is_nothing:
            by_text.setdefault(str(part.keep), []).append(index)
    group = np.zeros(len(kept), np.int64)
    for number, indices in enumerate(by_text.values(), 1):
        group[indices] = number
    groups = group[combined]
    for number, indices in enumerate(by_text.values(), 1):
        chosen = groups == number
        expires[chosen] = _after(days[chosen], kept[indices[0]])
    return expires


def _after(days: Codes, kept: Kept) -> Days:
    if not len(days):
        return days.astype(np.int32)
    low = int(days.min())
    table = np.array([_day_after(low + offset, kept) for offset in range(int(days.max()) - low + 1)], np.int32)
    found: Days = table[days - low]
    return found


def _day_after(day: int, kept: Kept) -> int:
    ends = Kept.ending(kept.keep, _EPOCH + timedelta(days=day), 0).expires_at
    return NEVER if ends is None else (ends - _EPOCH).days


def _held(expires: Days, seconds: npt.NDArray[np.datetime64], combined: Codes, kept: Sequence[Kept], held: Sequence[Kept | None]) -> Days:
    """Return the day until which a hold lasts: the later of the two; what is not kept at all lasts as long as its hold."""
    lasting = _days(seconds, combined, [part if part is not None else Kept(None, None) for part in held])
    has = np.array([part is not None for part in held], bool)[combined]
    is_nothing = np.array([part.is_nothing for part in kept], bool)[combined]
    return np.where(has, np.where(is_nothing, lasting, np.maximum(lasting, expires)), expires).astype(np.int32)
