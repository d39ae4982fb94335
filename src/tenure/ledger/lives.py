"""What a log says became of each bucket key: replayed entry by entry, nothing else known. Source: design 0002, Keys and Ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tenure.ledger.entries import parse_entry
from tenure.records.canonical import Plain

_LEGAL = "legal"


@dataclass(slots=True)
class Life:
    """One bucket key. All ids are hexadecimal.

    Attributes:
        day: id of the day key that it stands under.
        holds: the holds on it, each with its kind.
        is_erased: whether it was to be destroyed by itself; a legal hold keeps it until it is released.
        is_uncertain: whether keys were restored from a backup since, which may not have had it.
    """

    day: str | None = None
    holds: dict[str, str] = field(default_factory=dict)
    is_erased: bool = False
    is_uncertain: bool = False


class Lives:
    """Every key that the log names.

    Attributes:
        keys: by id.
        gone: ids of the day keys that were destroyed.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Life] = {}
        self.gone: set[str] = set()

    def take(self, entry: Mapping[str, Plain]) -> None:
        """Take in the next entry of the log, as `entries.parse_entry` returns it."""
        kind = entry["type"]
        if kind == "restored":
            for life in self.keys.values():
                life.is_uncertain = True
        if kind == "expired":
            self.gone.update(days_of(entry))
        for key in keys_of(entry):
            life = self.keys.setdefault(key, Life())
            if kind == "erased":
                life.is_erased = True
            elif kind == "held":
                life.holds[str(entry["hold"])] = str(entry["kind"])
            elif kind == "released":
                life.holds.pop(str(entry["hold"]), None)
        for key, day in moves_of(entry):
            self.keys[key].day = day

    def is_destroyed(self, key: str) -> bool:
        """Whether the log says that a key is gone: it was erased and no legal hold keeps it, or its day is over and no hold at all does."""
        life = self.keys.get(key)
        if life is None:
            return False
        is_kept = _LEGAL in life.holds.values()
        return (life.is_erased and not is_kept) or (life.day in self.gone and not life.holds)


def entries_about(entries: Iterable[bytes], key: str, lives: Lives) -> Iterator[tuple[int, bytes, Mapping[str, Plain]]]:
    """Yield what a log says about a key and the day keys that it stood under, in order, and replay it.

    Args:
        entries: of the log, from its first one on.
        key: of the bucket, in hexadecimal.
        lives: takes in each entry once the next one is asked for.

    Yields:
        Index, bytes and content of an entry.
    """
    sought, days = [key.encode()], set[str]()
    for index, content in enumerate(entries):
        if not any(part in content for part in sought):  # most entries are not parsed
            continue
        entry = parse_entry(content)
        is_named = key in keys_of(entry)
        if not is_named and (entry["type"] != "expired" or days.isdisjoint(days_of(entry))):
            continue
        yield index, content, entry
        lives.take(entry)
        days.update(day for moved, day in moves_of(entry) if moved == key)
        sought = [part.encode() for part in (key, *days)]


def keys_of(entry: Mapping[str, Plain]) -> Iterator[str]:
    """Yield the ids of the bucket keys that an entry names one by one."""
    key, keys = entry.get("key"), entry.get("keys")
    if isinstance(key, str):
        yield key
    if isinstance(keys, list):
        yield from (each for each in keys if isinstance(each, str))


def days_of(entry: Mapping[str, Plain]) -> Iterator[str]:
    """Yield the ids of the day keys that an entry names."""
    day, days = entry.get("day"), entry.get("days")
    if isinstance(day, str):
        yield day
    for each in days if isinstance(days, list) else ():
        found = each.get("key") if isinstance(each, dict) else each
        if isinstance(found, str):
            yield found


def moves_of(entry: Mapping[str, Plain]) -> Iterator[tuple[str, str]]:
    """Yield the bucket keys that an entry puts under a day key, with its id."""
    days = list(days_of(entry))
    if entry["type"] in ("ingested", "tightened") and len(days) == 1:
        yield from ((key, days[0]) for key in keys_of(entry))
