"""Gemini CLI: what it leaves on a machine and what its settings mean.

Source: its settings schema, storage code and page on session management, read 2026-08-21.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tenure.agents import shown
from tenure.agents.facts import Evidence, Fact, Finding, Holding, Severity, State
from tenure.agents.folder import Folder, look, troubles
from tenure.agents.notices import EVERYWHERE, Notice, Notices, counted, exposed, find, malformed, unreadable
from tenure.agents.places import NEVER, Place, Sweep
from tenure.agents.settings import JSONC, Found, Source, doubt, join, load, load_all, lookup, misshapen, setting_fact
from tenure.agents.surfaces import usual_surface
from tenure.agents.switches import Position, Switch, Variables, positions
from tenure.agents.view import View

ID = "gemini_cli"
TITLE = "Gemini CLI"
DOC = "settings schema, read 2026-08-21"

CHATS = Place("tmp/*/chats/**", "local_transcript", swept=True)
PLACES = (
    CHATS,
    Place("tmp/*/logs.json", "local_prompt_history"),
    Place("tmp/*/checkpoints/**", "local_transcript"),
    Place("tmp/*/shell_history", "local_prompt_history"),
    Place("history/**", "code"),
)
SYSTEM: Mapping[str, str] = {"linux": "/etc/gemini-cli/settings.json", "darwin": "/Library/Application Support/GeminiCli/settings.json"}
SYSTEM_PATH = "GEMINI_CLI_SYSTEM_SETTINGS_PATH"
SWITCHES: Mapping[str, Switch] = {
    "GEMINI_TELEMETRY_ENABLED": Switch(),
    "GEMINI_TELEMETRY_LOG_PROMPTS": Switch(),
    "GOOGLE_GENAI_USE_GCA": Switch(),
    "GOOGLE_GENAI_USE_VERTEXAI": Switch(),
    "DO_NOT_TRACK": Switch(),
}
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
AUTH = ("oauth-personal", "gemini-api-key", "vertex-ai", "compute-default-credentials", "gateway")
AUTH_ATTRIBUTE: Mapping[str, str] = {
    "oauth-personal": "personal",
    "gemini-api-key": "api_key",
    "vertex-ai": "cloud_project",
    "compute-default-credentials": "cloud_project",
}
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "privacy.usageStatisticsEnabled": (),
    "telemetry.enabled": (),
    "telemetry.logPrompts": (),
    "telemetry.traces": (),
    "telemetry.target": ("local", "gcp"),
    "general.sessionRetention.enabled": (),
    "general.sessionRetention.maxCount": (),
    "security.auth.selectedType": AUTH,
    "security.auth.enforcedType": AUTH,
}
HOLDERS = ("privacy", "telemetry", "general", "general.sessionRetention", "security", "security.auth")
_DURATION = re.compile(r"(\d{1,6})([hdwm])", re.ASCII)
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0}
_SOURCE = "google-gemini/gemini-cli, settings schema and telemetry pages, read 2026-08-21"

NOTICES: Notices = {
    **EVERYWHERE,
    "telemetry-logs-prompts": Notice(
        Severity.HIGH,
        "telemetry.enabled also exports your prompts: telemetry.logPrompts is on unless set to false",
        "Set \"telemetry\": {\"logPrompts\": false}.",
        "Once the export is enabled, prompts are part of it by default; most others ask for that separately. Since 2025-10-10 the e-mail "
        "address and an "
        "installation id are on all signals.",
        _SOURCE,
    ),
    "do-not-track-ignored": Notice(
        Severity.MEDIUM,
        "DO_NOT_TRACK has no effect: Gemini CLI does not read it",
        "Set \"privacy\": {\"usageStatisticsEnabled\": false}.",
        "The variable does not occur in the source; usage statistics have a setting of their own, which is on by default.",
        _SOURCE,
    ),
    "telemetry-off-leaves-statistics": Notice(
        Severity.MEDIUM,
        "telemetry.enabled = false leaves Google's usage statistics ON",
        "Set \"privacy\": {\"usageStatisticsEnabled\": false}.",
        "Two things share the word: the export to a collector of your own, off by default, and the vendor's usage statistics, on by default.",
        _SOURCE,
    ),
    "key-may-be-unpaid": Notice(
        Severity.MEDIUM,
        "An API key may be unpaid: then Google may train on prompts and people may read them",
        "Say which it is: tenure attest gemini_cli tier api_paid (or api_unpaid).",
        "The settings say that a key is used, not whether its project pays. Paid keys are not trained on, unpaid ones may be.",
        "ai.google.dev, Gemini API terms, read October 2026",
    ),
    "login-may-be-personal": Notice(
        Severity.LOW,
        "A Google login may be personal or of a Standard or Enterprise licence: their terms differ",
        "Say which it is: tenure attest gemini_cli tier standard (or free, pro, ultra, enterprise).",
        "The value oauth-personal stands for both. Personal terms let Google train unless opted out; Standard and Enterprise do not.",
        _SOURCE,
    ),
    "login-not-the-companys": Notice(
        Severity.HIGH,
        "The selected sign-in is not the one that security.auth.enforcedType demands",
        "Sign in the way that the policy says.",
        "An enforced type is how an organisation says which account its work runs on.",
        _SOURCE,
    ),
    "retention-not-understood": Notice(
        Severity.MEDIUM,
        "general.sessionRetention is not understood: what is deleted and when is not known",
        "Write a duration such as \"30d\", and true or false.",
        "A value outside of its form is not read as a period. Tenure shows no expiry for these sessions.",
        _SOURCE,
    ),
    "prompts-outlive-sessions": Notice(
        Severity.MEDIUM,
        "Session retention does not reach logs.json, shell_history and checkpoints: {count} left",
        "Delete them under ~/.gemini/tmp.",
        "general.sessionRetention governs the chats. The other files in the same folders have no retention.",
        "google-gemini/gemini-cli, page on session management, read 2026-08-21",
    ),
}


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Gemini CLI on a machine; None when it left nothing here."""
    folder = look(view, join(view.scope.home, ".gemini"), PLACES)
    if folder is None:
        return None
    sources = _sources(view)
    variables = Variables(view, (), None)
    switches = positions(variables, SWITCHES)
    sweep = _sweep(sources)
    holdings = folder.holdings(at, {True: sweep, False: Sweep(NEVER)})
    auth = _auth(sources, switches, variables)
    leaves = doubt(_leaves(sources, switches), sources)
    surfaces = {"unknown": folder.count(CHATS)} if folder.count(CHATS) else {}
    facts = (*_account(auth), usual_surface({}, "cli"), *_settings(sources, switches, sweep), *troubles((folder,), sources, HOLDERS))
    found = (
        *_findings(sources, switches, auth, {fact.name: fact for fact in leaves}, sweep),
        *_kept(folder, holdings),
        *unreadable(ID, NOTICES, sources),
        *exposed(ID, NOTICES, holdings, view.scope.home_is_open),
    )
    return Evidence(ID, TITLE, None, facts, holdings, found, leaves, surfaces)


def _sources(view: View) -> tuple[Source, ...]:
    """Return the settings files, strongest first: system, project, user."""
    system = view.variable(SYSTEM_PATH) or SYSTEM.get(view.scope.platform, "")
    folder = view.scope.folder
    project = join(folder, ".gemini", "settings.json") if folder and folder != view.scope.home else ""
    user = load(view, "user", join(view.scope.home, ".gemini", "settings.json"), JSONC)
    strong = load_all(view, "managed", [system] if system else [], JSONC) + load_all(view, "project", [project] if project else [], JSONC)
    return (*strong, *([user] if user else []))


def _get(sources: Sequence[Source], name: str) -> Found | None:
    return lookup(sources, *name.split("."))


def _sweep(sources: Sequence[Source]) -> Sweep:
    broken = next((source for source in sources if source.problem), None)
    if broken is not None:
        return Sweep(f"unknown: {broken.path} cannot be read ({broken.problem})")
    enabled, age = _get(sources, "general.sessionRetention.enabled"), _get(sources, "general.sessionRetention.maxAge")
    if enabled is not None and enabled.value is False:
        return Sweep(NEVER)
    if enabled is not None and enabled.value is not True:
        return Sweep(f"unknown: {enabled.problem or enabled.proof + ' is neither true nor false'}")
    days = 30.0 if age is None else _days(age.value)
    if days is None:
        return Sweep(f"unknown: {age.proof if age else ''} is not a duration")
    return Sweep(f"{days:g} days after the last change", days)


def _days(value: object) -> float | None:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _DAYS[match[2]] if match else None


def _auth(sources: Sequence[Source], switches: Mapping[str, Position], variables: Variables) -> Fact:
    chosen = _get(sources, "security.auth.selectedType")
    if chosen is not None and not isinstance(chosen.value, str):
        return Fact("auth", None, State.UNKNOWN, chosen.problem or f"{chosen.proof} is no text")
    if chosen is not None:
        value = shown.scalar(chosen.value, AUTH)
        return Fact("auth", value, State.MEASURED, chosen.proof)
    for name, value in (("GOOGLE_GENAI_USE_GCA", "oauth-personal"), ("GOOGLE_GENAI_USE_VERTEXAI", "vertex-ai")):
        if name in switches and switches[name].problem:
            return Fact("auth", None, State.UNKNOWN, switches[name].problem)
        if name in switches and switches[name].is_on:
            return Fact("auth", value, State.MEASURED, switches[name].proof)
    for name in KEYS:
        if (key := variables.presence(name)) is not None:
            return Fact("auth", "gemini-api-key", State.INFERRED, f"{key.proof} is set")
    return Fact("auth", None, State.UNKNOWN, "no settings file and no variable names a way to sign in")


def _account(auth: Fact) -> Iterator[Fact]:
    if auth.value == "vertex-ai":
        yield Fact("tier", "vertex", auth.state, auth.proof)
    else:
        ways = {"oauth-personal": "a Google login may be personal, Standard or Enterprise", "gemini-api-key": "a key may be paid or unpaid"}
        yield Fact("tier", None, State.UNKNOWN, f"{auth.proof}: {ways.get(str(auth.value), 'it does not tell the plan')}")
    yield Fact("provider", "first_party", State.DEFAULT, DOC)
    yield auth
    if auth.value in AUTH_ATTRIBUTE:
        yield Fact("attribute.auth", AUTH_ATTRIBUTE[str(auth.value)], State.INFERRED, auth.proof)
    yield Fact("consent.training", None, State.UNKNOWN, "not stored on disk; tenure attest records what you say")


def _settings(sources: Sequence[Source], switches: Mapping[str, Position], sweep: Sweep) -> Iterator[Fact]:
    for name, words in SETTINGS.items():
        if (found := _get(sources, name)) is not None:
            yield setting_fact(name, found, words)
    age = _get(sources, "general.sessionRetention.maxAge")
    if age is not None and not age.problem:
        value = str(age.value) if _days(age.value) is not None else shown.OTHER
        yield Fact("setting.general.sessionRetention.maxAge", value, State.MEASURED, age.proof)
    if sweep.words.startswith("unknown"):
        yield Fact("sweep.days", None, State.UNKNOWN, sweep.words.removeprefix("unknown: "))
    else:
        yield Fact("sweep.days", sweep.days, State.DEFAULT if age is None else State.MEASURED, DOC if age is None else age.proof)
    for name, position in switches.items():
        yield position.as_fact(name)


def _leaves(sources: Sequence[Source], switches: Mapping[str, Position]) -> Iterator[Fact]:
    yield _setting("usage statistics", True, _get(sources, "privacy.usageStatisticsEnabled"))
    position = switches.get("GEMINI_TELEMETRY_ENABLED")
    if position is not None and position.problem:
        yield Fact("export to a collector", None, State.UNKNOWN, position.problem)
    elif position is not None and position.value:
        yield Fact("export to a collector", position.is_on, State.MEASURED, position.proof)
    else:
        yield _setting("export to a collector", False, _get(sources, "telemetry.enabled"))


def _setting(name: str, default: bool, found: Found | None) -> Fact:
    if found is None:
        return Fact(name, default, State.DEFAULT, DOC)
    if not isinstance(found.value, bool):
        return Fact(name, None, State.UNKNOWN, found.problem or f"{found.proof} is neither true nor false")
    return Fact(name, found.value, State.MEASURED, found.proof)


def _findings(
    sources: Sequence[Source], switches: Mapping[str, Position], auth: Fact, leaves: Mapping[str, Fact], sweep: Sweep
) -> Iterator[Finding]:
    export, statistics = leaves["export to a collector"], leaves["usage statistics"]
    prompts, gate = _get(sources, "telemetry.logPrompts"), switches.get("GEMINI_TELEMETRY_LOG_PROMPTS")
    is_logged = gate.is_on is not False if gate is not None and gate.value else prompts is None or prompts.value is not False
    if export.value is True and is_logged:
        yield find(ID, NOTICES, "telemetry-logs-prompts", gate.proof if gate else prompts.proof if prompts else export.proof)
    if export.value is False and export.state is State.MEASURED and statistics.value is True:
        yield find(ID, NOTICES, "telemetry-off-leaves-statistics", export.proof)
    if "DO_NOT_TRACK" in switches and switches["DO_NOT_TRACK"].is_on and statistics.value is not False:
        yield find(ID, NOTICES, "do-not-track-ignored", switches["DO_NOT_TRACK"].proof)
    enforced = _get(sources, "security.auth.enforcedType")
    if enforced is not None and auth.value is not None and enforced.value != auth.value:
        yield find(ID, NOTICES, "login-not-the-companys", f"{enforced.proof}; {auth.proof}")
    if auth.value == "gemini-api-key":
        yield find(ID, NOTICES, "key-may-be-unpaid", auth.proof)
    elif auth.value == "oauth-personal":
        yield find(ID, NOTICES, "login-may-be-personal", auth.proof)
    if sweep.words.startswith("unknown") and not any(source.problem for source in sources):
        yield find(ID, NOTICES, "retention-not-understood", sweep.words.removeprefix("unknown: "))
    yield from malformed(ID, NOTICES, misshapen(sources, HOLDERS))
    yield from _from_project(sources)


def _from_project(sources: Sequence[Source]) -> Iterator[Finding]:
    for source in sources:
        keys = [name for name in (*SETTINGS, "general.sessionRetention.maxAge") if source.layer == "project" and source.find(*name.split("."))]
        if keys and not misshapen([source], HOLDERS):
            yield find(ID, NOTICES, "project-settings-change-privacy", source.proof(*keys[0].split(".")), {"keys": ", ".join(keys)})


def _kept(folder: Folder, holdings: Sequence[Holding]) -> Iterator[Finding]:
    patterns = tuple(place.pattern for place in PLACES if place is not CHATS and place.kind != "code")
    others = [holding for holding in holdings if holding.path.removeprefix(folder.shown + "/") in patterns]
    if others:
        yield find(ID, NOTICES, "prompts-outlive-sessions", others[0].path, {"count": counted(sum(holding.count for holding in others), "file")})
