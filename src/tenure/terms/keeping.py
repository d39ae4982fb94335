"""For how long: candidates of a cell resolved against a case's settings, the shortest of them, and the instant at which it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tenure.records.case import Case
from tenure.records.periods import Period
from tenure.terms.normalise import setting_number
from tenure.terms.pack import Keep, Vocabulary

INDEFINITE = "indefinite"
NOTHING = Period()


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a piece of data is held.

    Attributes:
        keep: a period, `indefinite` or None = unstated.
        expires_at: when that ends; None = never, unstated, or no day of collection is known.
        because: positions of the clauses that say so.
        is_least: whether it is only the least that an unknown setting may stand for.
    """

    keep: Period | str | None
    expires_at: datetime | None
    because: tuple[int, ...] = ()
    is_least: bool = False

    @classmethod
    def of(cls, candidates: Iterable[tuple[Keep, int]], case: Case, vocabulary: Vocabulary) -> "Kept":
        """Return the shortest of the candidates."""
        parts = [
            replace(cls.ending(_resolve(keep, case, vocabulary), case.collected_at, index), is_least=_is_least(keep, case, vocabulary))
            for keep, index in candidates
        ]
        return shortest(parts)

    @classmethod
    def ending(cls, keep: Period | str | None, collected_at: datetime | None, index: int) -> "Kept":
        """Count a period from the day of collection."""
        ends = keep.after(collected_at) if isinstance(keep, Period) and collected_at is not None else None
        return cls(keep, ends, (index,))

    @property
    def is_limited(self) -> bool:
        """Whether there is an instant of expiry, known or not."""
        return isinstance(self.keep, Period)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing outlives the response."""
        return self.keep == NOTHING

    @property
    def length(self) -> tuple[float, float]:
        """For ordering: by instant where one is known, else by length; unstated last."""
        if not isinstance(self.keep, Period):
            return (float("inf"), 0.0 if self.keep == INDEFINITE else 1.0)
        return (self.expires_at.timestamp() if self.expires_at is not None else self.keep.approximate_days * 86400, self.keep.approximate_days)

    def no_longer_than(self, period: Period, start: datetime) -> "Kept":
        """Tighten to a period counted from another instant."""
        other = replace(self, keep=period, expires_at=period.after(start))
        return self if self.length <= other.length else other

    def or_longer(self, held: "Kept") -> "Kept":
        """Return the longer one: a hold lengthens, an unstated period yields to it."""
        if self.keep is None:
            return held
        return held if held.length > self.length else self


def shortest(parts: list[Kept]) -> Kept:
    """Return the shortest of what is stated; clauses that say the same count together. Where nothing is stated, those that say so."""
    stated = [part for part in parts if part.keep is not None]
    if not stated:
        return Kept(None, None, tuple(dict.fromkeys(index for part in parts for index in part.because)))
    least = min(stated, key=lambda part: part.length)
    same = [part for part in stated if part.keep == least.keep and part.expires_at == least.expires_at]
    because = dict.fromkeys(index for part in same for index in part.because)
    return replace(least, because=tuple(because), is_least=all(part.is_least for part in same))


def _resolve(keep: Keep, case: Case, vocabulary: Vocabulary) -> Period | str | None:
    parts = [_part(part, case, vocabulary) for part in keep.parts]
    if any(part is None for part in parts):
        return None
    choose = max if keep.how == "max" else min
    return choose(parts, key=lambda part: part.approximate_days if isinstance(part, Period) else float("inf"))


def _is_least(keep: Keep, case: Case, vocabulary: Vocabulary) -> bool:
    names = [part for part in keep.parts if isinstance(part, str) and part in vocabulary.settings]
    return any(case.settings is None or case.settings.get(name, "") is None for name in names)


def _part(part: Period | str, case: Case, vocabulary: Vocabulary) -> Period | str | None:
    if isinstance(part, Period) or part == INDEFINITE:
        return part
    if part == "unknown":
        return None
    setting = vocabulary.settings[part]
    given = setting.strictest if case.settings is None else case.settings.get(part, setting.default)
    if case.settings is not None and part in case.settings and given is None:
        given = setting.strictest
    if given is None:
        return None
    days = setting_number(setting, given)
    if days == 0 and setting.zero == INDEFINITE:
        return INDEFINITE
    return Period(days=int(days))
