"""Declared cases: a case reduced to what its pack declares and its decision can depend on, so that it can be kept and shown to anyone.

Free text goes: what lies outside of a closed list reads `?`, which lies outside of it too, so a declared case is decided as the case was. The
instant of collection moves back to the last one at which an answer can change (midnight, a border of the texts, a consent, the session's
beginning), so that data of one session and day is declared alike.

Source: design 0002, Terms of what is held.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from tenure.records.case import Case, Consent, SettingValue
from tenure.terms.compile import Table
from tenure.terms.decide import Book
from tenure.terms.normalise import FLAGS, PARTIES, respelled, setting_number, switch
from tenure.terms.pack import Setting, Vocabulary
from tenure.terms.versions import parse_version

OUTSIDE = "?"
"""Stands for every value outside of a closed list."""
_ON, _OFF = "1", "0"


def declared(book: Book, case: Case) -> Case:
    """Return what a case declares; its decisions are those of the case, and it declares itself.

    Raises:
        TermsError: no pack for the agent.
    """
    table = book.table(case.agent)
    vocabulary = table.pack.vocabulary
    case = replace(case, attributes={name: case.attributes[name] for name in case.attributes if name in vocabulary.attributes})
    case = respelled(case, vocabulary)
    lists = vocabulary.lists
    consents = None if case.consents is None else tuple(_consent(each) for each in case.consents if each.name in vocabulary.consents)
    case = replace(
        case,
        tier=_listed(case.tier, lists["tier"]),
        provider=_listed(case.provider, lists["provider"]),
        hosting=_listed(case.hosting, lists["hosting"]),
        surface=_listed(case.surface, lists["surface"]),
        model_class=_listed(case.model_class, lists["model_class"]),
        feature=_listed(case.feature, lists["feature"]),
        copy=_listed(case.copy, lists["copy"]),
        flags=None if case.flags is None else frozenset(flag if flag in FLAGS else OUTSIDE for flag in case.flags),
        consents=consents,
        client_version=case.client_version if case.client_version is None or parse_version(case.client_version) is not None else OUTSIDE,
        env=_env(case.env, vocabulary),
        settings=_settings(case.settings, vocabulary),
        attributes={name: _listed(value, vocabulary.attributes[name].values) for name, value in case.attributes.items()},
        derived_from=None if case.derived_from is None else tuple(declared(book, source) for source in case.derived_from),
    )
    return replace(case, collected_at=_floored(case, table))


def _listed(value: str | None, known: tuple[str, ...]) -> str | None:
    return value if value is None or value in known else OUTSIDE


def _consent(consent: Consent) -> Consent:
    """An answer without the evidence of its text."""
    return replace(consent, by=consent.by if consent.by is None or consent.by in PARTIES else OUTSIDE, text_sha256=None, default_shown=None)


def _env(env: Mapping[str, str | None] | None, vocabulary: Vocabulary) -> Mapping[str, str | None] | None:
    if env is None:
        return None
    found: dict[str, str | None] = {}
    for name, variable in vocabulary.variables.items():
        for alias in (name, *variable.aliases):
            value = env.get(alias)
            state = None if value is None else switch(variable, value)
            if alias in env and state != "unset":
                found[alias] = None if state is None else _ON if state == "on" else _OFF
    return found


def _settings(settings: Mapping[str, SettingValue] | None, vocabulary: Vocabulary) -> Mapping[str, SettingValue] | None:
    if settings is None:
        return None
    return {name: _setting(setting, settings[name]) for name, setting in vocabulary.settings.items() if name in settings}


def _setting(setting: Setting, value: SettingValue) -> SettingValue:
    if value is None:
        return None
    if setting.grammar == "boolean":
        word = str(value).strip().lower()
        return word in {"true", "on"} if word in {"true", "on", "false", "off"} else OUTSIDE
    if setting.grammar == "word":
        return value if isinstance(value, str) and value in setting.words else OUTSIDE
    number = setting_number(setting, value)
    return f"{int(number)}d" if setting.grammar == "duration" else int(number) if number == int(number) else f"{number:f}"


def _floored(case: Case, table: Table) -> datetime | None:
    if case.collected_at is None:
        return None
    at = case.collected_at.astimezone(UTC)
    answers = (consent.at for consent in case.consents or () if consent.at is not None)
    session = (each for each in (case.session_started_at, case.session_resumed_at) if each is not None)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    turns = {midnight, *table.kinds[case.kind].borders, *answers, *session}
    return max(turn.astimezone(UTC) for turn in turns if turn <= at)
