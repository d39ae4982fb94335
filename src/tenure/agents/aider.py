"""Aider: what it leaves in repositories and what its settings mean.

Source: its source code and documentation of options and analytics, read October 2026.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from tenure.agents import decode, shown
from tenure.agents.facts import Evidence, Fact, Finding, Severity, State
from tenure.agents.notices import EVERYWHERE, Notice, Notices, counted, exposed, find, unreadable
from tenure.agents.places import NEVER, Place, Sweep, hold
from tenure.agents.settings import YAML, Source, doubt, join, load_all, lookup, show
from tenure.agents.surfaces import usual_surface
from tenure.agents.switches import Position, Switch, Variables, positions
from tenure.agents.view import Entry, Listing, Unreadable, View

ID = "aider"
TITLE = "Aider"
DOC = "Aider-AI/aider, read October 2026"

PLACES = (
    Place(".aider.chat.history.md", "local_transcript"),
    Place(".aider.input.history", "local_prompt_history"),
    Place(".aider.llm.history", "local_transcript"),
)
LOG = Place("(the file that llm-history-file names)", "local_transcript")
_MOST = 500
DEPTH = 4
"""How many levels of folders below the home folder are searched for repositories."""

CONFIG = ".aider.conf.yml"
SWITCHES: Mapping[str, Switch] = {"AIDER_ANALYTICS": Switch(), "AIDER_ANALYTICS_DISABLE": Switch()}
LLM_LOG = "AIDER_LLM_HISTORY_FILE"

NOTICES: Notices = {
    **EVERYWHERE,
    "never-expires": Notice(
        Severity.MEDIUM,
        "Chat and input histories in {count} never expire",
        "Delete .aider.chat.history.md and .aider.input.history where you no longer need them.",
        "Aider appends to these files in the repository that it works in; nothing removes them.",
        DOC,
    ),
    "history-may-be-committed": Notice(
        Severity.HIGH,
        "gitignore is off: the chat history in a repository can be committed",
        "Remove the setting, or add .aider* to .gitignore.",
        "By default Aider adds .aider* to a repository's .gitignore, since its histories lie inside the repository. This setting stops that.",
        DOC,
    ),
    "llm-history-logged": Notice(
        Severity.MEDIUM,
        "Every exchange with the model is written to a log as well",
        "Remove llm-history-file when you are done debugging.",
        "The log holds whole requests and answers, files included, and never expires.",
        DOC,
    ),
    "analytics-false-is-not-permanent": Notice(
        Severity.LOW,
        "analytics off holds only where this setting is read; elsewhere Aider may ask or send",
        "Run aider --analytics-disable once: it is permanent for this machine.",
        "The option switches analytics off for the run. The permanent switch is another one.",
        DOC,
    ),
}


class _Analytics(msgspec.Struct):
    permanently_disable: object = None
    asked_opt_in: object = None


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Aider on a machine; None when it left nothing here.

    Its files lie in repositories: those up to `DEPTH` levels below the home folder, and the working folder, are looked at.
    """
    files, problems = _search(view)
    state = view.read(join(view.scope.home, ".aider", "analytics.json"))
    sources = _sources(view)
    others = _others(view, files, sources)
    logs = _logs(view, files, (*sources, *others))
    if not any(files.values()) and isinstance(state, Unreadable) and state.is_absent and not sources:
        return None
    sweep = Sweep(NEVER)
    holdings = tuple(hold(place, entries, "~/**", sweep, at) for place, entries in {**_by_place(files), LOG: logs}.items() if entries)
    switches = positions(Variables(view, (), None), SWITCHES)
    stored = show(join(view.scope.home, ".aider", "analytics.json"), view.scope.home)
    (analytics,) = doubt((_analytics(state, stored, sources, switches),), sources)
    facts = (*_facts(analytics, switches), *_settings(sources), *_problems((*sources, *others), problems))
    found = (
        *_findings(view, files, sources, switches, analytics),
        *_elsewhere(others),
        *unreadable(ID, NOTICES, (*sources, *others)),
        *exposed(ID, NOTICES, holdings, view.scope.home_is_open),
    )
    return Evidence(ID, TITLE, None, facts, holdings, found, (analytics,))


Files = Mapping[Place, Mapping[str, Entry]]


def _by_place(files: Files) -> dict[Place, list[Entry]]:
    """Return the files of each place."""
    return {place: list(entries.values()) for place, entries in files.items()}


def _repositories(view: View, files: Files) -> list[str]:
    """Return the folders in which a history lies, the working folder first."""
    found = {posixpath.dirname(path) for entries in files.values() for path in entries}
    return sorted(found, key=lambda folder: (folder != view.scope.folder, folder))[:_MOST]


def _others(view: View, files: Files, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the settings files of repositories with a history, other than those that hold in the working folder."""
    known = {source.path for source in sources}
    paths = [join(folder, CONFIG) for folder in _repositories(view, files)]
    return load_all(view, "project", [path for path in paths if show(path, view.scope.home) not in known], YAML)


def _logs(view: View, files: Files, sources: Sequence[Source]) -> list[Entry]:
    """Return the logs that a variable or a settings file names: below the file's own folder, or every repository for the person's own."""
    home, named = view.scope.home, view.variable(LLM_LOG)
    repositories = _repositories(view, files)
    wanted = [join(folder, named) for folder in (view.scope.folder or home, *repositories)] if named else []
    for source in sources:
        setting = source.find("llm-history-file")
        if setting is not None and isinstance(setting.value, str):
            own = posixpath.dirname(source.path.replace("~", home, 1) if source.path.startswith("~") else source.path)
            folders = repositories if source.layer == "user" else [own]
            wanted += [join(home, setting.value[2:]) if setting.value.startswith("~/") else join(folder, setting.value) for folder in folders]
    counted_already = {path for entries in files.values() for path in entries}
    found = {path: entry for path in map(posixpath.normpath, wanted) if path not in counted_already and (entry := _entry(view, path)) is not None}
    return list(found.values())


def _entry(view: View, path: str) -> Entry | None:
    """Return the metadata of one file; None when it is not there, or lies outside of the home folder that is looked at."""
    folder, name = posixpath.split(path)
    if not name or not (view.scope.is_own or path.startswith(view.scope.home.rstrip("/") + "/")):
        return None
    listing = view.walk(folder, names=(name,), depth=0)
    entries = listing.entries if isinstance(listing, Listing) else ()
    return next((entry for entry in entries if entry.path == name and entry.regular), None)


def _search(view: View) -> tuple[dict[Place, dict[str, Entry]], list[str]]:
    home, folder = view.scope.home, view.scope.folder
    found: dict[Place, dict[str, Entry]] = {place: {} for place in PLACES}
    problems: list[str] = []
    walks = [(home, DEPTH)]
    if folder is not None and folder != home:
        walks.append((folder, 0))
    for root, depth in walks:
        listing = view.walk(root, names={place.pattern for place in PLACES}, depth=depth)
        if isinstance(listing, Unreadable) and not listing.is_absent:
            problems.append(f"{show(root, home)}: {listing.reason}")
        problems.extend(f"~: {reason}" for path, reason in (listing.problems if isinstance(listing, Listing) else ()) if not path)
        for entry in listing.entries if isinstance(listing, Listing) else ():
            for place in PLACES:
                if entry.regular and entry.path.rsplit("/", 1)[-1] == place.pattern:
                    found[place][join(root, entry.path)] = entry
    return found, problems


def _sources(view: View) -> tuple[Source, ...]:
    """Return the settings files, strongest first: working folder, home folder."""
    folder, home = view.scope.folder, view.scope.home
    project = load_all(view, "project", [join(folder, CONFIG)] if folder and folder != home else [], YAML)
    return project + load_all(view, "user", [join(home, CONFIG)], YAML)


def _analytics(state: bytes | Unreadable, path: str, sources: Sequence[Source], switches: Mapping[str, Position]) -> Fact:
    """Return whether analytics leave: off unless the person was asked and did not refuse."""
    name = "analytics"
    disable, on = switches.get("AIDER_ANALYTICS_DISABLE"), switches.get("AIDER_ANALYTICS")
    if disable is not None and disable.is_on:
        return Fact(name, False, State.MEASURED, disable.proof)
    if disable is not None and disable.problem:
        return Fact(name, None, State.UNKNOWN, disable.problem)
    setting = lookup(sources, "analytics-disable")
    if setting is not None and setting.value is True:
        return Fact(name, False, State.MEASURED, setting.proof)
    if setting is not None and setting.value is not False:
        return Fact(name, None, State.UNKNOWN, f"{setting.proof} is neither true nor false")
    decided = _stored(state, path)
    if decided is not None and (decided.value is not True):
        return decided
    if on is not None and on.problem:
        return Fact(name, None, State.UNKNOWN, on.problem)
    if on is not None and on.value:
        return Fact(name, on.is_on, State.MEASURED, on.proof)
    setting = lookup(sources, "analytics")
    if setting is not None and isinstance(setting.value, bool):
        return Fact(name, setting.value, State.MEASURED, setting.proof)
    if setting is not None:
        return Fact(name, None, State.UNKNOWN, f"{setting.proof} is neither true nor false")
    return decided or Fact(name, False, State.DEFAULT, "off until you are asked and say yes")


def _stored(state: bytes | Unreadable, path: str) -> Fact | None:
    if isinstance(state, Unreadable):
        return None if state.is_absent else Fact("analytics", None, State.UNKNOWN, f"{path}: {state.reason}")
    text = decode.to_text(state)
    try:
        stored = msgspec.json.decode(text, type=_Analytics) if isinstance(text, str) else text
    except (msgspec.MsgspecError, ValueError, RecursionError):
        stored = Unreadable("not well-formed")
    if isinstance(stored, Unreadable):
        return Fact("analytics", None, State.UNKNOWN, f"{path}: {stored.reason}")
    if stored.permanently_disable is True:
        return Fact("analytics", False, State.MEASURED, f"{path}:permanently_disable")
    return Fact("analytics", True, State.MEASURED, f"{path}:asked_opt_in") if stored.asked_opt_in is True else None


def _facts(analytics: Fact, switches: Mapping[str, Position]) -> Iterator[Fact]:
    yield Fact("tier", "open_source", State.DEFAULT, DOC)
    yield Fact("provider", "own_key", State.DEFAULT, DOC)
    yield usual_surface({}, "cli")
    is_permanent = analytics.value is False and analytics.proof.endswith("permanently_disable")
    yield Fact("attribute.analytics", "disabled" if is_permanent else "ordinary", State.INFERRED, analytics.proof)
    for name, position in switches.items():
        yield position.as_fact(name)


def _settings(sources: Sequence[Source]) -> Iterator[Fact]:
    for key in ("analytics", "analytics-disable", "gitignore", "restore-chat-history"):
        if (found := lookup(sources, key)) is not None:
            yield Fact(f"setting.{key}", shown.scalar(found.value), State.MEASURED, found.proof)


def _problems(sources: Sequence[Source], problems: Sequence[str]) -> Iterator[Fact]:
    for problem in problems:
        yield Fact("files", None, State.UNKNOWN, problem)
    for source in sources:
        if source.problem:
            yield Fact(f"settings.{source.layer}", None, State.UNKNOWN, f"{source.path}: {source.problem}")


def _findings(
    view: View, files: Files, sources: Sequence[Source], switches: Mapping[str, Position], analytics: Fact
) -> Iterator[Finding]:
    folders = _repositories(view, files)
    if folders:
        first = next(place for place, entries in files.items() if entries)
        yield find(ID, NOTICES, "never-expires", f"~/**/{first.pattern}", {"count": counted(len(folders), "repository")})
    ignore, log = lookup(sources, "gitignore"), lookup(sources, "llm-history-file")
    if ignore is not None and ignore.value is False:
        yield find(ID, NOTICES, "history-may-be-committed", ignore.proof)
    if log is not None or view.has_variable(LLM_LOG):
        yield find(ID, NOTICES, "llm-history-logged", log.proof if log else f"environment:{LLM_LOG}")
    setting, variable = lookup(sources, "analytics"), switches.get("AIDER_ANALYTICS")
    if variable is not None and variable.value and variable.is_on is False and not analytics.proof.endswith("permanently_disable"):
        yield find(ID, NOTICES, "analytics-false-is-not-permanent", variable.proof)
    elif setting is not None and setting.value is False and not analytics.proof.endswith("permanently_disable"):
        yield find(ID, NOTICES, "analytics-false-is-not-permanent", setting.proof)


def _elsewhere(sources: Sequence[Source]) -> Iterator[Finding]:
    """Say what the settings of other repositories with a history do there."""
    for source in sources:
        ignore, log = source.find("gitignore"), source.find("llm-history-file")
        if ignore is not None and ignore.value is False:
            yield find(ID, NOTICES, "history-may-be-committed", ignore.proof)
        if log is not None:
            yield find(ID, NOTICES, "llm-history-logged", log.proof)
