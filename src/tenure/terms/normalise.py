"""What a case says to each key that conditions ask about: one value, or the several that an unknown key can stand for.

Source: docs/design/0001-dated-terms.md, rules 4 and 5; docs/reference/case.md.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from math import isfinite

from tenure.records.case import Case, Consent, SettingValue
from tenure.records.kinds import Flag
from tenure.terms.compile import VERSION, Key
from tenure.terms.pack import ConsentRule, Setting, Variable, Vocabulary
from tenure.terms.versions import parse_version

FLAGS = frozenset(Flag)
PARTIES = frozenset({"subject", "member", "admin", "owner", "account_team"})
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})

Possible = tuple[str, ...] | None
"""The values that a key may have; None = any."""


def respelled(case: Case, vocabulary: Vocabulary) -> Case:
    """Return a case with other spellings of a pack's words replaced by its own; true and false stand for on and off, or yes and no."""
    attributes = {name: _word(value, name, vocabulary) for name, value in case.attributes.items()}
    tier = vocabulary.spellings.get("tier", {}).get(case.tier or "", case.tier)
    provider = vocabulary.spellings.get("provider", {}).get(case.provider or "", case.provider)
    feature = vocabulary.spellings.get("feature", {}).get(case.feature or "", case.feature)
    if (attributes, tier, provider, feature) == (case.attributes, case.tier, case.provider, case.feature):
        return case
    return replace(case, attributes=attributes, tier=tier, provider=provider, feature=feature)


def _word(value: str | None, name: str, vocabulary: Vocabulary) -> str | None:
    known = vocabulary.attributes[name].values if name in vocabulary.attributes else ()
    if value is None or value in known:
        return value
    meant = vocabulary.spellings.get(f"attribute.{name}", {}).get(value)
    truths = {"true": ("on", "yes"), "false": ("off", "no")}.get(value, ())
    return meant or next((word for word in truths if word in known), value)


def outside(case: Case, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the keys of a case whose value lies outside of its closed list."""
    found = [name for name, values in vocabulary.lists.items() if (value := getattr(case, name)) is not None and value not in values]
    found += [f"flags.{flag}" for flag in sorted(case.flags or ()) if flag not in FLAGS]
    attributes = vocabulary.attributes
    found += [f"attributes.{name}" for name, value in case.attributes.items() if value is not None and value not in attributes[name].values]
    found += [f"consents.{consent.name}.by" for consent in case.consents or () if consent.by is not None and consent.by not in PARTIES]
    if case.client_version is not None and parse_version(case.client_version) is None:
        found.append(VERSION)
    return tuple(found)


def masks(case: Case, keys: Iterable[Key], vocabulary: Vocabulary) -> list[tuple[int, ...]]:
    """Return, per key, the masks that the case's value can stand for."""
    found = []
    for key in keys:
        values = _version(case, key) if key.name == VERSION else _READERS.get(key.group, _listed)(case, key.rest or key.name, vocabulary)
        if values is None:
            found.append(key.classes)
        elif len(values) == 1:
            mask = key.masks.get(values[0])
            found.append(key.classes if mask is None else (mask,))
        else:
            found.append(tuple(dict.fromkeys(key.masks[value] for value in values)))
    return found


def possible(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    """Return the values that a key of a case may have."""
    group, _, rest = name.partition(".")
    return _READERS.get(group, _listed)(case, rest or name, vocabulary)


def _flagged(case: Case, _: str, __: Vocabulary) -> Possible:
    return None if case.safety_flagged is None else ("true" if case.safety_flagged else "false",)


def _listed(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    value = getattr(case, name)
    if value is None and (name == "copy" or (name == "feature" and case.surface is not None)):
        value = vocabulary.lists[name][0]
    return None if value is None else (value,)


def _flag(case: Case, name: str, _: Vocabulary) -> Possible:
    """A flag outside of the closed list may be any flag, so none is known."""
    return None if case.flags is None or not case.flags <= FLAGS else ("true" if name in case.flags else "false",)


def _attribute(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    attribute = vocabulary.attributes[name]
    value = case.attributes.get(name)
    if value is None and attribute.like is not None:
        said = getattr(case, attribute.like)
        value = said if said in attribute.values else None
    value = value or attribute.absent
    return None if value is None else (value,)


def _variable(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    if case.env is None:
        return None
    variable = vocabulary.variables[name]
    named = [case.env[alias] for alias in (name, *variable.aliases) if alias in case.env]
    states = [switch(variable, value) for value in named if value is not None]
    if "on" in states:
        return ("on",)
    if None in named:
        return None
    return ("off",) if "off" in states else ("unset",)


def switch(variable: Variable, value: str) -> str:
    """Return whether a variable with a value is `on`, `off` or, when empty, `unset`; a malformed value counts as the strictest."""
    word = value.strip().lower()
    if variable.grammar == "non_empty":
        return "on" if value else "unset"
    if not word:
        return "unset"
    return "on" if word in _TRUE else "off" if word in _FALSE else variable.strictest


def _setting(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    if case.settings is None or (name in case.settings and case.settings[name] is None):
        return None
    return (_class(vocabulary.settings[name], case.settings.get(name)),)


def _class(setting: Setting, value: SettingValue) -> str:
    """Return the class of a setting's value; a malformed one counts as the strictest."""
    if value is None:
        value = setting.default
    if value is None:
        return "unset"
    match setting.grammar:
        case "boolean":
            return _boolean(setting, value)
        case "word":
            return str(value) if value in setting.words else setting.strictest
        case _:
            number = setting_number(setting, value)
            return "zero" if number == 0 else "set"


def _boolean(setting: Setting, value: SettingValue) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    word = str(value).strip().lower()
    return "on" if word in {"true", "on"} else "off" if word in {"false", "off"} else setting.strictest


def setting_number(setting: Setting, value: SettingValue) -> float:
    """Return the number that a setting's value stands for, durations in days; a malformed one counts as the strictest."""
    number = _number(setting, value)
    is_below = number is not None and setting.minimum is not None and number < setting.minimum
    is_above = number is not None and setting.maximum is not None and number > setting.maximum
    if is_below or is_above or number is None:
        number = _number(setting, setting.strictest)
    return 0.0 if number is None else number


def _number(setting: Setting, value: SettingValue) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if setting.grammar == "duration":
        return _duration(str(value))
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not isfinite(number) or number < 0 or number > 10_000_000 or (setting.grammar == "days" and number != int(number)):
        return None
    return number


def _duration(text: str) -> float | None:
    units = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0}
    amount, unit = text.strip()[:-1], text.strip()[-1:]
    return int(amount) * units[unit] if unit in units and amount.isascii() and amount.isdigit() and len(amount) < 8 else None


def _version(case: Case, key: Key) -> Possible:
    found = version_class(case.client_version, key)
    return None if found is None else (found,)


def version_class(text: str | None, key: Key) -> str | None:
    """Return the class of a version between the cuts of a key; None if it is none."""
    version = None if text is None else parse_version(text)
    return None if version is None else str(bisect_right(key.cuts, version))


def _consent(case: Case, name: str, vocabulary: Vocabulary) -> Possible:
    if case.consents is None:
        return None
    rule = vocabulary.consents[name]
    events = [consent for consent in case.consents if consent.name == name]
    return tuple(sorted(consent_states(events, rule, case)))


def consent_states(events: list[Consent], rule: ConsentRule, case: Case) -> set[str]:
    """Return what a consent may have been at the time of collection: `on`, `off`, `none`."""
    states: set[str] = {"none"}
    since: datetime | None = None
    dated = sorted((event.at, position, event) for position, event in enumerate(events) if event.at is not None)
    for at, _, event in dated:
        made, may_count_for_nothing = _after(event, rule)
        if case.collected_at is None:
            states |= made
        elif at <= case.collected_at and made:
            since = since if states == {"on"} == made else at
            states = states | made if may_count_for_nothing else made
    for event in events:
        if event.at is None:
            made, _ = _after(event, rule)
            may_be_too_late = rule.new_or_resumed and "on" in made and case.session_started_at is not None
            states |= made | ({"off"} if may_be_too_late else set())
    return _for_session(states, since, rule, case)


def _after(event: Consent, rule: ConsentRule) -> tuple[set[str], bool]:
    """What an answer may make of a consent, and whether it may count for nothing. A no counts from anyone; an unknown answer may be either."""
    made = set() if event.value is True else {"off"}
    if event.value is not False and (event.by is None or event.by in rule.by):
        made.add("on")
    return made, event.value is not False and (event.by is None or event.by not in rule.by)


def _for_session(states: set[str], since: datetime | None, rule: ConsentRule, case: Case) -> set[str]:
    """A consent to new and resumed sessions is a no for one that is stated to have begun before it and was not resumed since."""
    begun, resumed = case.session_started_at, case.session_resumed_at
    if not rule.new_or_resumed or "on" not in states or since is None or begun is None or begun >= since:
        return states
    if resumed is None:
        return states | {"off"}
    covered = since <= resumed and (case.collected_at is None or resumed <= case.collected_at)
    return states if covered else (states - {"on"}) | {"off"}


_READERS: Mapping[str, Callable[[Case, str, Vocabulary], Possible]] = {
    "flag": _flag,
    "safety_flagged": _flagged,
    "attribute": _attribute,
    "env": _variable,
    "setting": _setting,
    "consent": _consent,
}
