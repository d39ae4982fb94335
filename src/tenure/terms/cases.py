"""Cases from plain values (parsed JSON), and decisions to plain values. Strict: a key or a type that is not known is an error, never a guess.

Source: docs/reference/case.md.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NoReturn, TypeVar

from tenure.errors import TermsError
from tenure.records.canonical import Plain
from tenure.records.case import Case, Consent, SettingValue
from tenure.records.instants import parse_time, render_time
from tenure.records.kinds import Kind, Purpose
from tenure.terms.decision import Decision

SCHEMA = "tenure.decision/1"
MAX_DEPTH = 32
FORM = "the form of a case: docs/reference/case.md; an agent's values: tenure terms show AGENT --json"
_WORDS = {type(None): "null", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object with other values"}
_Choice = TypeVar("_Choice", Kind, Purpose)
TEXTS = ("tier", "provider", "hosting", "surface", "model_class", "feature", "client_version", "copy")
KEYS = (
    *("agent", "kind", "purpose", "collected_at", "asked_at", *TEXTS, "flags", "consents", "env", "settings", "safety_flagged", "session"),
    *("run_started_at", "attributes", "derived_from"),
)
CONSENT_KEYS = ("name", "value", "at", "by", "text_sha256", "default_shown")
SESSION_KEYS = ("started_at", "resumed_at")


def parse_case(value: object, *, depth: int = 0, outer: Case | None = None) -> Case:
    """Parse one case.

    Args:
        value: the plain form of docs/reference/case.md.
        depth: how many cases it is nested in.
        outer: the case that it is a source of; its purpose and `asked_at` hold for its sources too.

    Raises:
        TermsError: with a code under `case/` or `terms/unknown-`.
    """
    if depth > MAX_DEPTH:
        _fail("derived_from", f"at most {MAX_DEPTH} levels of sources", f"more than {MAX_DEPTH}", code="case/too-deep")
    case = _mapping(value, "case", KEYS)
    session = _mapping({} if case.get("session") is None else case["session"], "session", SESSION_KEYS)
    own = Case(
        agent=_required(case, "agent"),
        kind=_member(_required(case, "kind"), Kind, "kind"),
        purpose=outer.purpose if outer is not None else _member(_required(case, "purpose"), Purpose, "purpose"),
        collected_at=_time(case, "collected_at"),
        asked_at=outer.asked_at if outer is not None else _time(case, "asked_at"),
        flags=_flags(case),
        consents=_consents(case),
        env=_env(case),
        settings=_settings(case),
        safety_flagged=_flag(case, "safety_flagged"),
        session_started_at=_time(session, "started_at", "session."),
        session_resumed_at=_time(session, "resumed_at", "session."),
        run_started_at=_time(case, "run_started_at"),
        attributes=_attributes(case),
        tier=_text(case, "tier"),
        provider=_text(case, "provider"),
        hosting=_text(case, "hosting"),
        surface=_text(case, "surface"),
        model_class=_text(case, "model_class"),
        feature=_text(case, "feature"),
        client_version=_text(case, "client_version"),
        copy=_text(case, "copy"),
    )
    sources = case.get("derived_from")
    if sources is None:
        return own
    if not isinstance(sources, list):
        _fail("derived_from", "a list of cases", sources)
    return _with_sources(own, sources, depth)


def render_decision(decision: Decision) -> dict[str, object]:
    """Return the plain form of a decision, `tenure.decision/1`."""
    return {
        "schema": SCHEMA,
        "verdict": str(decision.verdict),
        "keep": None if decision.keep is None else str(decision.keep),
        "expires_at": None if decision.expires_at is None else render_time(decision.expires_at),
        "destination": str(decision.destination),
        "promises": list(decision.promises),
        "because": [{"clause": part.clause, "source": part.source, "as_of": part.as_of.isoformat()} for part in decision.because],
        "table": decision.table,
        "terms_known_to": None if decision.known_to is None else decision.known_to.isoformat(),
        "warnings": list(decision.warnings),
    }


def render_case(case: Case) -> dict[str, Plain]:
    """Return the plain form of a case without `purpose` and `asked_at`; what is not known is left out. `parse_case` reads it back."""
    texts = {name: getattr(case, name) for name in TEXTS}
    times = {"started_at": case.session_started_at, "resumed_at": case.session_resumed_at}
    session = {name: render_time(at) for name, at in times.items() if at is not None}
    plain: dict[str, Plain | None] = {
        "agent": case.agent,
        "kind": str(case.kind),
        "collected_at": None if case.collected_at is None else render_time(case.collected_at),
        **texts,
        "flags": None if case.flags is None else list[Plain](sorted(case.flags)),
        "consents": None if case.consents is None else [_plain_consent(consent) for consent in case.consents],
        "env": None if case.env is None else dict(case.env),
        "settings": None if case.settings is None else {name: _plain_setting(value) for name, value in case.settings.items()},
        "safety_flagged": case.safety_flagged,
        "session": dict(session) or None,
        "run_started_at": None if case.run_started_at is None else render_time(case.run_started_at),
        "attributes": dict(case.attributes) or None,
        "derived_from": None if case.derived_from is None else [render_case(source) for source in case.derived_from],
    }
    return {name: value for name, value in plain.items() if value is not None}


def _plain_consent(consent: Consent) -> dict[str, Plain]:
    at = None if consent.at is None else render_time(consent.at)
    return {"name": consent.name, "value": consent.value, "at": at, "by": consent.by}


def _plain_setting(value: SettingValue) -> Plain:
    return str(value) if isinstance(value, float) else value


def _with_sources(own: Case, sources: list[object], depth: int) -> Case:
    return replace(own, derived_from=tuple(parse_case(source, depth=depth + 1, outer=own) for source in sources))


def _mapping(value: object, where: str, keys: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        _fail(where, "an object", value, code="case/not-an-object" if where == "case" else "case/bad-value")
    for key in value:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, 1)
            place = "case" if where == "case" else where
            _fail(place, f"keys out of {', '.join(keys)}", key, code="case/unknown-key", remedy=f"did you mean {near[0]!r}?" if near else FORM)
    return value


def _required(case: Mapping[str, object], key: str) -> str:
    value = _text(case, key)
    if value is None:
        raise TermsError(f"{key}: expected a value, found none", code="case/missing-key", remedy=FORM)
    return value


def _text(case: Mapping[str, object], key: str) -> str | None:
    value = case.get(key)
    if value is not None and not isinstance(value, str):
        _fail(key, "a string or null", value)
    return value


def _flag(case: Mapping[str, object], key: str, where: str = "") -> bool | None:
    value = case.get(key)
    if value is not None and not isinstance(value, bool):
        _fail(where + key, "true, false or null", value)
    return value


def _time(case: Mapping[str, object], key: str, where: str = "") -> datetime | None:
    value = case.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        _fail(where + key, "an instant such as 2025-08-29T00:00:00Z", value, code="case/bad-time")
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        _fail(where + key, "an instant with its offset such as 2025-08-29T00:00:00Z", value, code="case/bad-time")


def _flags(case: Mapping[str, object]) -> frozenset[str] | None:
    value = case.get("flags")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(flag, str) for flag in value):
        _fail("flags", "a list of strings", value)
    return frozenset(value)


def _consents(case: Mapping[str, object]) -> tuple[Consent, ...] | None:
    value = case.get("consents")
    if value is None:
        return None
    if not isinstance(value, list):
        _fail("consents", "a list of objects", value)
    return tuple(_consent(part) for part in value)


def _consent(value: object) -> Consent:
    part = _mapping(value, "consents", CONSENT_KEYS)
    return Consent(
        name=_required(part, "name"),
        value=_flag(part, "value", "consents."),
        at=_time(part, "at", "consents."),
        by=_text(part, "by"),
        text_sha256=_text(part, "text_sha256"),
        default_shown=_flag(part, "default_shown", "consents."),
    )


def _env(case: Mapping[str, object]) -> Mapping[str, str | None] | None:
    return None if case.get("env") is None else _texts(case, "env")


def _attributes(case: Mapping[str, object]) -> Mapping[str, str | None]:
    value = case.get("attributes")
    if isinstance(value, dict):
        value = {name: str(part).lower() if isinstance(part, bool) else part for name, part in value.items()}
    return {} if value is None else _texts({"attributes": value}, "attributes")


def _texts(case: Mapping[str, object], key: str) -> Mapping[str, str | None]:
    value = case[key]
    if not isinstance(value, dict) or not all(part is None or isinstance(part, str) for part in value.values()):
        _fail(key, "an object of strings", value)
    return value


def _settings(case: Mapping[str, object]) -> Mapping[str, SettingValue] | None:
    value = case.get("settings")
    if value is None:
        return None
    if not isinstance(value, dict):
        _fail("settings", "an object", value)
    return dict(_flattened(value, ""))


def _flattened(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, SettingValue]]:
    """Yield settings by dotted name: nested tables are how the files of some agents write them. What is no value is malformed."""
    for name, part in value.items():
        if isinstance(part, dict) and prefix.count(".") < MAX_DEPTH:
            yield from _flattened(part, f"{prefix}{name}.")
        else:
            yield prefix + name, part if part is None or isinstance(part, str | int | float | bool) else ""


def _member(value: str, choices: type[_Choice], key: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        names = [str(name) for name in choices]
        near = difflib.get_close_matches(value, names, 1)
        remedy = f"did you mean {near[0]!r}?" if near else "tenure terms purposes lists kinds and purposes"
        _fail(key, f"a declared {key}", value, code=f"terms/unknown-{key}", remedy=remedy)


def _fail(key: str, expected: str, found: object, *, code: str = "case/bad-value", remedy: str = FORM) -> NoReturn:
    shown = repr(found[:40]) if isinstance(found, str) else _WORDS.get(type(found), "something else")
    raise TermsError(f"{key}: expected {expected}, got {shown}", code=code, remedy=remedy)
