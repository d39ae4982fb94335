"""The generic half of the oracle: dates, periods, consents, unknown keys, expiry, derived data.

Not the product: it shares no code with `tenure`, and prefers the slow obvious way. One agent's terms are a function `terms(c, purpose) -> Answer`,
straight code that asks a `Reader` for one key at a time. A key that is not known is tried with every value it may have; a text that may or may not
have been in force is read both ways.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SECOND = timedelta(seconds=1)
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
AFTER_ALL = datetime(9000, 1, 1, tzinfo=UTC)
TRAINING = ("train_safety", "train_generative")
FLAGS = ("zdr", "zdr_other_login", "hipaa", "baa", "dpp", "dpp_by_member", "cmek", "feedback_disabled", "managed_by_host")
BYS = ("subject", "member", "admin", "owner")
RANK = {"deny": 0, "gap": 1, "permit": 2}
NEAREST = ("none", "own_collector", "local_archive", "vendor")


class Unknown(Exception):
    """A key that the terms read is not known; it may have any of these values."""

    def __init__(self, key: object, values: list[Any]) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Uncertain(Exception):
    """A text may or may not have been in force when the data was collected."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Answer:
    """What the terms say about one known case under one reading of the dates.

    `also`: further ends, as (period, counted from). `hold`: a second period that opens only the purposes in `opens`. `goes`: an explicit destination.
    """

    verdict: str
    keep: str | None = None
    also: tuple[tuple[str, datetime], ...] = ()
    hold: str | None = None
    opens: tuple[str, ...] = ()
    goes: str | None = None


@dataclass(frozen=True)
class Rules:
    """One agent: its closed lists, its terms, and the sightings that its terms name."""

    agent: str
    lists: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, tuple[str, ...]]
    absent: Mapping[str, str]
    variables: Mapping[str, tuple[str, str]]
    settings: Mapping[str, dict[str, Any]]
    consents: Mapping[str, tuple[str, ...]]
    terms: "Callable[[Reader, str], Answer]"
    sightings: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


REGISTRY: dict[str, Rules] = {}


# --- dates and periods


def instant(text: str | datetime | None) -> datetime | None:
    if text is None or isinstance(text, datetime):
        return text
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def written(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else "") + "Z"


def span(text: str) -> tuple[datetime, datetime]:
    """The first and the end instant of a written date: a year, a month, a day or an instant (which is its own end)."""
    if "T" in text:
        moment = instant(text)
        assert moment is not None
        return moment, moment
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        return datetime(parts[0], 1, 1, tzinfo=UTC), datetime(parts[0] + 1, 1, 1, tzinfo=UTC)
    if len(parts) == 2:
        start = datetime(parts[0], parts[1], 1, tzinfo=UTC)
        return start, start + timedelta(days=calendar.monthrange(parts[0], parts[1])[1])
    start = datetime(parts[0], parts[1], parts[2], tzinfo=UTC)
    return start, start + timedelta(days=1)


def interval(sighting: str) -> tuple[datetime, datetime]:
    """Where a text came into force: certainly not before the first instant, certainly from the second on."""
    if sighting.startswith("<="):
        return BEFORE_ALL, span(sighting[2:])[1]
    if sighting.endswith("->"):
        return BEFORE_ALL, span(sighting[:-2])[0]
    if sighting.startswith("~"):
        return span(sighting[1:])
    first, _, last = sighting.partition("..")
    start = span(first)[0]
    margin = timedelta(days=1) if start.year <= 2025 else timedelta(hours=6)
    return start - margin, span(last or first)[1]


def sightings_in(source: str) -> tuple[str, ...]:
    """Every sighting that a module's text names, so that none can be left out of the grid."""
    return tuple(sorted(set(re.findall(r'since\("([^"]+)"\)', source)), key=lambda text: (interval(text)[1], text)))


def end_of(period: str | None, start: datetime | None) -> datetime | None:
    """When data of `start` has been held for `period`; None where no end is stated."""
    if period in (None, "indefinite") or start is None:
        return None
    if period == "P0D":
        return start
    numbers = {unit: int(number) for number, unit in re.findall(r"(\d+)([YMWD])", period or "")}
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.month - 1 + numbers.get("M", 0) + 12 * numbers.get("Y", 0)
    year, month = day.year + month // 12, month % 12 + 1
    if year > 9999:
        return datetime.max.replace(tzinfo=UTC)
    day = day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    try:
        return day + timedelta(days=numbers.get("D", 0) + 7 * numbers.get("W", 0))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def length(period: str | None, start: datetime | None = None) -> float:
    """For ordering: an unstated period sorts last, then an unlimited one."""
    if period is None:
        return float("inf")
    if period == "indefinite":
        return 1e12
    end = end_of(period, start or datetime(2026, 1, 1, tzinfo=UTC))
    assert end is not None
    return (end - (start or datetime(2026, 1, 1, tzinfo=UTC))).total_seconds() / 86400 if period != "P0D" else -1.0


def shortest(periods: "list[str | None]", start: datetime | None = None) -> str | None:
    return min(periods, key=lambda period: length(period, start), default=None)


def longest(periods: "list[str | None]", start: datetime | None = None) -> str | None:
    return max((period for period in periods if period is not None), key=lambda period: length(period, start), default=None)


# --- reading a case


class Reader:
    """One case with the values that were tried for its unknown keys and the reading that was tried for its uncertain texts."""

    def __init__(self, case: Mapping[str, Any], rules: Rules, tried: Mapping[object, Any], texts: Mapping[str, bool]) -> None:
        self.case, self.rules, self.tried, self.texts = case, rules, tried, texts

    def pick(self, key: object, values: list[Any]) -> Any:  # Any: whatever the key may hold
        if key in self.tried:
            return self.tried[key]
        raise Unknown(key, values)

    def _listed(self, key: str, raw: object, values: tuple[str, ...]) -> str:
        return str(raw) if raw in values else str(self.pick(key, list(values)))

    @property
    def kind(self) -> str:
        return str(self.case["kind"])

    @property
    def tier(self) -> str:
        return self._listed("tier", self.case.get("tier"), self.rules.lists["tier"])

    @property
    def provider(self) -> str:
        return self._listed("provider", self.case.get("provider"), self.rules.lists["provider"])

    @property
    def hosting(self) -> str:
        return self._listed("hosting", self.case.get("hosting"), self.rules.lists["hosting"])

    @property
    def surface(self) -> str:
        return self._listed("surface", self.case.get("surface"), self.rules.lists["surface"])

    @property
    def model_class(self) -> str:
        return self._listed("model_class", self.case.get("model_class"), self.rules.lists["model_class"])

    @property
    def copy(self) -> str:
        raw = self.case.get("copy")
        # design 0001, 4: an absent copy is the service's own
        return "service" if raw is None else self._listed("copy", raw, self.rules.lists["copy"])

    @property
    def feature(self) -> str:
        raw = self.case.get("feature")
        if raw is None and self.case.get("surface") in self.rules.lists["surface"]:
            return self.rules.lists["feature"][0]
        return self._listed("feature", raw, self.rules.lists["feature"])

    @property
    def safety_flagged(self) -> bool:
        raw = self.case.get("safety_flagged")
        return raw if isinstance(raw, bool) else bool(self.pick("safety_flagged", [True, False]))

    def flag(self, name: str) -> bool:
        raw = self.case.get("flags")
        if raw is None or any(entry not in FLAGS for entry in raw):
            return bool(self.pick(("flag", name), [True, False]))
        return name in raw

    def attribute(self, name: str) -> str:
        given = self.case.get("attributes")
        values = self.rules.attributes[name]
        if given is None or given.get(name) is None:  # absent or null: its ordinary value, if it has one (design 0001, rule 4)
            if name in self.rules.absent:
                return self.rules.absent[name]
            return str(self.pick(("attribute", name), list(values)))
        return self._listed(f"attribute {name}", given[name], values)

    def env(self, name: str) -> str:
        """`on`, `off` (set to a value that means off) or `unset` (absent or empty)."""
        given = self.case.get("env")
        grammar, strictest = self.rules.variables[name]
        answers = []
        for spelling in (name, *self.rules.aliases.get(name, ())):
            if given is None or (spelling in given and given[spelling] is None):
                answers.append(str(self.pick(("env", spelling), ["on", "off", "unset"])))
            elif spelling not in given:
                answers.append("unset")
            else:
                answers.append(_variable(str(given[spelling]), grammar, strictest))
        return "on" if "on" in answers else "off" if "off" in answers else "unset"

    def setting(self, name: str) -> Any:  # Any: a number, a word, a bool or None
        """The value: a number of days or a rate, a word, a bool; None = known to be unset and without a default. Malformed = the strictest."""
        given = self.case.get("settings")
        rule = self.rules.settings[name]
        if given is None or (name in given and given[name] is None):
            return self.pick(("setting", name), [*rule["tries"]])
        if name not in given:
            return rule.get("default")
        return given[name] if _is_well_formed(given[name], rule) else rule["strictest"]

    def version(self, at_least: str) -> bool:
        raw = self.case.get("client_version")
        if isinstance(raw, str) and re.fullmatch(r"\d+(\.\d+)*", raw):
            return _numbers(raw) >= _numbers(at_least)
        for key, answer in self.tried.items():
            if isinstance(key, tuple) and key[0] == "version":
                if answer and _numbers(key[1]) >= _numbers(at_least):
                    return True
                if not answer and _numbers(key[1]) <= _numbers(at_least):
                    return False
        return bool(self.pick(("version", at_least), [True, False]))

    @property
    def collected_at(self) -> datetime:
        known = instant(self.case.get("collected_at"))
        if known is not None:
            return known
        points = {BEFORE_ALL}
        for sighting in self.rules.sightings:
            points |= set(interval(sighting))
        for entry in self.case.get("consents") or []:
            at = instant(entry.get("at"))
            points |= {at, at - SECOND} if at else set()
        chosen = self.pick("collected_at", sorted(points))
        assert isinstance(chosen, datetime)
        return chosen

    def since(self, sighting: str) -> bool:
        """Whether the text first seen at `sighting` was in force when the data was collected."""
        low, high = interval(sighting)
        at = self.collected_at
        if at >= high:
            return True
        if at < low and low != BEFORE_ALL:
            return False
        if sighting in self.texts:
            return self.texts[sighting]
        raise Uncertain(sighting)

    # consents

    def _entries(self, name: str) -> list[tuple[datetime, bool, str]]:
        found = []
        for number, entry in enumerate(self.case.get("consents") or []):
            if entry.get("name") != name:
                continue
            value, by, at = entry.get("value"), entry.get("by"), instant(entry.get("at"))
            if not isinstance(value, bool):
                value = bool(self.pick(("consent value", number), [True, False]))
            if by is None:
                by = self.pick(("consent by", number), list(BYS))
            if at is None:
                at = self.pick(("consent at", number), [BEFORE_ALL, self.collected_at, self.collected_at + SECOND, AFTER_ALL])
            # choice: a refusal or a withdrawal counts whoever gave it (it only tightens); a grant only from someone who may give it
            if not value or by in self.rules.consents[name]:
                found.append((at, value, str(by)))
        # choice: of two answers at the same instant the refusal is the later one
        return sorted(found, key=lambda entry: (entry[0], not entry[1]))

    def consent(self, name: str) -> str:
        """`on`, `off` or `none`, when the data was collected."""
        if self.case.get("consents") is None:
            return str(self.pick(("consent", name), ["on", "off", "none"]))
        counted = [entry for entry in self._entries(name) if entry[0] <= self.collected_at]
        return "none" if not counted else "on" if counted[-1][1] else "off"

    def has_grant(self, name: str) -> bool:
        """Whether any grant is on record at all, one that does not count included."""
        return any(entry.get("name") == name and entry.get("value") is True for entry in self.case.get("consents") or [])

    def consent_at(self, name: str) -> datetime | None:
        if self.case.get("consents") is None:
            return None
        counted = [entry for entry in self._entries(name) if entry[0] <= self.collected_at]
        return counted[-1][0] if counted else None

    def withdrawn_at(self, name: str) -> datetime | None:
        """The first withdrawal after the data was collected."""
        if self.case.get("consents") is None:
            return None
        asked = instant(self.case.get("asked_at"))
        run = instant(self.case.get("run_started_at")) if self.case["purpose"] in TRAINING else None
        if asked is not None and run is not None:
            asked = max(asked, run)
        # choice: what is withdrawn after the question is asked, and after the run starts, is not withdrawn yet
        later = [at for at, value, _ in self._entries(name) if not value and at > self.collected_at and (asked is None or at <= asked)]
        return later[0] if later else None

    def covers_session(self, name: str) -> bool:
        """Whether a consent for new or resumed sessions covers this one."""
        session = self.case.get("session") or {}
        started, resumed, at = instant(session.get("started_at")), instant(session.get("resumed_at")), self.consent_at(name)
        if started is None or at is None or started >= at:
            return True
        if resumed is None:
            return bool(self.pick("session.resumed_at", [True, False]))
        return at <= resumed <= self.collected_at

    def run_allowed(self, name: str) -> str:
        """Whether a training run may take what a consent opened, given a later withdrawal."""
        withdrawn, run = self.withdrawn_at(name), instant(self.case.get("run_started_at"))
        if withdrawn is None:
            return "permit"
        if run is None:
            return "gap"
        return "permit" if run < withdrawn else "deny"


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in version.split("."))
    return numbers + (0,) * (6 - len(numbers))


def _variable(value: str, grammar: str, strictest: str) -> str:
    word = value.strip().lower()
    if grammar == "non_empty":
        return "on" if value else "unset"
    if not word:
        return "unset"
    return "on" if word in ("1", "true", "yes", "on") else "off" if word in ("0", "false", "no", "off") else strictest


def _is_well_formed(value: object, rule: Mapping[str, Any]) -> bool:
    grammar = rule["grammar"]
    if grammar == "boolean":
        return isinstance(value, bool)
    if grammar == "word":
        return value in rule["words"]
    if grammar == "duration":
        return isinstance(value, str) and re.fullmatch(r"\d+d", value) is not None
    if isinstance(value, bool) or not isinstance(value, int if grammar == "days" else int | float):
        return False
    return bool(rule.get("least", 0) <= value <= rule.get("most", float("inf")))


# --- one decision


def _is_outside(case: Mapping[str, Any], rules: Rules) -> bool:
    for key, values in rules.lists.items():
        if case.get(key) is not None and case[key] not in values:
            return True
    for name, value in (case.get("attributes") or {}).items():
        if value is not None and value not in rules.attributes[name]:
            return True
    version = case.get("client_version")
    if version is not None and not re.fullmatch(r"\d+(\.\d+)*", version):
        return True
    if any(entry.get("by") is not None and entry["by"] not in (*BYS, "account_team") for entry in case.get("consents") or []):
        return True
    return any(flag not in FLAGS for flag in case.get("flags") or [])


@dataclass
class _Found:
    """What was found for a set of completions or readings."""

    verdicts: list[str]
    reported: list[tuple[str | None, datetime | None]]
    in_use: list[tuple[str | None, datetime | None]]
    goes: list[str]


def _one(answers: list[Answer], purpose: str, collected: datetime | None) -> _Found:
    """What several readings of one known case come to: the stricter verdict, the shorter period, and a hold that all of them know."""
    ordinary = [part for answer in answers for part in ((answer.keep, collected), *answer.also)]
    reported, in_use = list(ordinary), list(ordinary)
    hold = shortest([answer.hold for answer in answers]) if all(answer.hold is not None for answer in answers) else None
    # A hold is a second, longer period (design 0001, rule 6): one that is shorter than the ordinary period changes nothing.
    if hold is not None and _is_longer(hold, collected, ordinary):
        reported = [(hold, collected)]
        if purpose in answers[0].opens:
            in_use = [(hold, collected)]
    verdict = min((answer.verdict for answer in answers), key=lambda verdict: RANK[verdict])
    return _Found([verdict], reported, in_use, [answer.goes or ("vendor" if answer.verdict == "permit" else "none") for answer in answers])


def _is_longer(hold: str, collected: datetime | None, ordinary: list[tuple[str | None, datetime | None]]) -> bool:
    keep, ends = _earliest(ordinary)
    until = end_of(hold, collected)
    if ends is not None:
        return until is None or until > ends
    return keep is None or length(hold, collected) > length(keep, collected)


def _readings(reader: Reader, purpose: str) -> list[Answer]:
    """Both readings of every uncertain text."""
    try:
        return [reader.rules.terms(reader, purpose)]
    except Uncertain as found:
        both = [{**reader.texts, found.text: answer} for answer in (True, False)]
    return [answer for texts in both for answer in _readings(Reader(reader.case, reader.rules, reader.tried, texts), purpose)]


def _completions(case: Mapping[str, Any], rules: Rules, tried: Mapping[object, Any], purpose: str) -> _Found:
    try:
        answers = _readings(Reader(case, rules, tried, {}), purpose)
        return _in_time(_one(answers, purpose, instant(case.get("collected_at"))), case, purpose)
    except Unknown as found:
        parts = [_completions(case, rules, {**tried, found.key: value}, purpose) for value in found.values]
    return _Found(
        sorted({verdict for part in parts for verdict in part.verdicts}),
        list(dict.fromkeys(keep for part in parts for keep in part.reported)),
        list(dict.fromkeys(keep for part in parts for keep in part.in_use)),
        sorted({place for part in parts for place in part.goes}),
    )


def _earliest(keeps: list[tuple[str | None, datetime | None]]) -> tuple[str | None, datetime | None]:
    """The shortest stated period and its end: by its end where that is known, by its length otherwise."""
    stated = [(period, start) for period, start in keeps if period is not None]
    if not stated:
        return None, None
    ended = [(end_of(period, start), period) for period, start in stated]
    finite = [(end, period) for end, period in ended if end is not None]
    if finite:
        end, period = min(finite, key=lambda pair: (pair[0], length(pair[1])))
        return period, end
    return shortest([period for period, _ in stated]), None


def _destination(case: Mapping[str, Any], rules: Rules) -> str:
    """Where a collect goes by the terms alone, whatever has expired since. Outside of a closed list, or a signal without sources: nowhere."""
    if _is_outside(case, rules) or (case["kind"] == "derived_signal" and not case.get("derived_from")):
        return "none"
    return min(_completions(case, rules, {}, "collect").goes, key=NEAREST.index)


def _in_time(found: _Found, case: Mapping[str, Any], purpose: str) -> _Found:
    """Count time for one completion (design 0001, 4: each completion is decided by itself, its own period included)."""
    (verdict,) = found.verdicts
    used_keep, ends = _earliest(found.in_use)
    use = instant(case.get("run_started_at")) if purpose in TRAINING else None
    use = use or instant(case.get("asked_at"))
    if used_keep == "P0D" and ends == instant(case.get("collected_at")):
        verdict = verdict if purpose in ("serve", "collect") else "deny"
    elif used_keep not in (None, "indefinite") and verdict != "deny":
        if use is None or ends is None:
            verdict = "gap"
        elif use >= ends:
            verdict = "deny"
    return _Found([verdict], found.reported, found.in_use, found.goes)


def _decide_purpose(case: Mapping[str, Any], rules: Rules, purpose: str) -> tuple[str, str | None, datetime | None]:
    found = _completions(case, rules, {}, purpose)
    verdict = found.verdicts[0] if len(found.verdicts) == 1 else "gap"
    keep, expires = _earliest(found.reported)
    return "deny" if _is_outside(case, rules) else verdict, keep, expires


def decide(case: Mapping[str, Any]) -> dict[str, str | None]:
    """Decide one case: its own decision met with that of each source."""
    rules = REGISTRY[case["agent"]]
    verdict, keep, expires = _decide_purpose(case, rules, case["purpose"])
    goes = _destination(case, rules)
    for source in case.get("derived_from") or []:
        part = decide({**source, "purpose": case["purpose"], "asked_at": case.get("asked_at")})
        # What may not be kept at all carries nothing on (terms.md 15: contribution metrics of zero-retention organisations).
        verdict = "deny" if part["keep"] == "P0D" else min(verdict, str(part["verdict"]), key=lambda one: RANK[one])
        goes = min(goes, str(part["destination"]), key=NEAREST.index)
        end = instant(part["expires_at"])
        # choice: `keep` of derived data is that of the part that ends first; where no end is known, the shortest stated
        if end is not None and (expires is None or end < expires):
            keep, expires = part["keep"], end
        elif expires is None:
            keep = shortest([keep, part["keep"]])
    return {"verdict": verdict, "keep": keep, "expires_at": written(expires), "destination": goes}
