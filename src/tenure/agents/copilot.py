"""GitHub Copilot, in its CLI and in VS Code: what it leaves on a machine and what its settings mean.

Source: its documentation of the configuration folder and of session sync, read October 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tenure.agents import shown
from tenure.agents.facts import Evidence, Fact, Finding, Holding, Severity, State
from tenure.agents.folder import Folder, look, troubles
from tenure.agents.notices import EVERYWHERE, Notice, Notices, exposed, find, unreadable
from tenure.agents.places import Place
from tenure.agents.settings import JSONC, Found, Source, folder_of, join, load_all, lookup
from tenure.agents.surfaces import usual_surface
from tenure.agents.view import View

ID = "copilot"
TITLE = "GitHub Copilot"
DOC = "docs.github.com and code.visualstudio.com, read October 2026"

EVENTS = Place("session-state/*/events.jsonl", "local_transcript")
CLI_PLACES = (
    EVENTS,
    Place("session-state/**", "cache"),
    Place("session-store.db", "database"),
    Place("session-store.db-wal", "database"),
    Place("command-history-state/**", "local_prompt_history"),
    Place("logs/**", "log"),
)
CHATS = Place("*/chatSessions/**", "local_transcript")
EDITOR_PLACES = (CHATS, Place("*/GitHub.copilot-chat/transcripts/**", "local_transcript"))
EDITORS: Mapping[str, tuple[str, ...]] = {
    "linux": (".config/Code/User", ".config/Code - Insiders/User"),
    "darwin": ("Library/Application Support/Code/User", "Library/Application Support/Code - Insiders/User"),
}
EXPORT, REMOTE = "remoteExport", "remoteSessions"
SYNC, EXCLUDE, LEVEL = "chat.sessionSync.enabled", "chat.sessionSync.excludeRepositories", "telemetry.telemetryLevel"
LEVELS = ("off", "crash", "error", "all")

NOTICES: Notices = {
    **EVERYWHERE,
    "cli-sessions-sync": Notice(
        Severity.HIGH,
        "CLI sessions are synced to your GitHub account ({why}); deleting here does not delete there",
        "Set \"remoteExport\": false in ~/.copilot/settings.json, and delete sessions on github.com too.",
        "Sessions are stored locally and copied to the account by default; earlier documentation said local only. Deleting the local session "
        "leaves the copy.",
        "github/docs 02ac71cd and github/copilot-cli issue 4942",
    ),
    "editor-sessions-sync": Notice(
        Severity.HIGH,
        "VS Code sessions are synced to your GitHub account ({why}); deleting here does not delete there",
        "Set \"chat.sessionSync.enabled\": false in VS Code's user settings, and delete sessions on github.com too.",
        "Sync is on by default. Deleting the local session leaves the copy.",
        "code.visualstudio.com, page on session history, read October 2026",
    ),
    "telemetry-level-leaves-sync": Notice(
        Severity.MEDIUM,
        "telemetry.telemetryLevel \"{level}\" does not stop session sync",
        "Set \"chat.sessionSync.enabled\": false as well.",
        "The telemetry level governs the editor's own events. Session sync has a switch of its own, on by default.",
        "code.visualstudio.com, page on session history, read October 2026",
    ),
    "exclude-list-leaves-the-rest": Notice(
        Severity.LOW,
        "Only the listed repositories are kept out of session sync; all others are synced",
        "Set \"chat.sessionSync.enabled\": false to sync none.",
        "The list names exceptions, not what is allowed.",
        "code.visualstudio.com, page on session history, read October 2026",
    ),
    "one-switch-of-two": Notice(
        Severity.MEDIUM,
        "Sync is off in {off} only; {on} has a switch of its own and still syncs",
        "Switch off both: remoteExport in the CLI's settings, chat.sessionSync.enabled in VS Code's.",
        "The CLI and VS Code are synced separately.",
        "github/docs 02ac71cd and code.visualstudio.com, page on session history, read October 2026",
    ),
    "never-expires": Notice(
        Severity.LOW,
        "Sessions are kept here until you delete them: no retention is documented",
        "Delete sessions in the client.",
        "Neither the CLI nor the editor documents a local retention.",
        "docs.github.com, Copilot CLI configuration folder, read October 2026",
    ),
}


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Copilot on a machine; None when it left nothing here."""
    home = view.scope.home
    root = folder_of(view, "COPILOT_HOME", ".copilot")
    cli = look(view, root, CLI_PLACES)
    users = [join(home, folder) for folder in EDITORS.get(view.scope.platform, EDITORS["linux"])]
    editors = [folder for user in users if (folder := look(view, join(user, "workspaceStorage"), EDITOR_PLACES)) is not None]
    cli_settings = load_all(view, "user", [join(root, "settings.json")], JSONC)
    editor_settings = load_all(view, "editor", [join(user, "settings.json") for user in users], JSONC)
    has_editor = any(not folder.is_empty for folder in editors) or lookup(editor_settings, SYNC) is not None
    if cli is None and not has_editor:
        return None
    folders = [*([cli] if cli else []), *editors]
    sync = _sync(cli is not None, has_editor, cli_settings, editor_settings)
    holdings = tuple(holding for folder in folders for holding in folder.holdings(at))
    sources = (*cli_settings, *(editor_settings if has_editor else ()))
    found = (
        *_findings(sync, editor_settings, holdings),
        *unreadable(ID, NOTICES, sources),
        *exposed(ID, NOTICES, holdings, view.scope.home_is_open),
    )
    surfaces = _surfaces(cli, editors)
    facts = (*_account(surfaces, cli is not None), *_settings(cli_settings, editor_settings), *troubles(folders, sources))
    return Evidence(ID, TITLE, None, facts, holdings, found, tuple(sync.values()), surfaces)


def _surfaces(cli: Folder | None, editors: Sequence[Folder]) -> Mapping[str, int]:
    counts = {"cli": cli.count(EVENTS) if cli else 0, "ide": sum(folder.count(CHATS) for folder in editors)}
    return {surface: count for surface, count in counts.items() if count}


def _account(surfaces: Mapping[str, int], has_cli: bool) -> Iterator[Fact]:
    yield Fact("tier", None, State.UNKNOWN, "the plan stands on github.com; tenure attest records what you say")
    yield Fact("provider", "first_party", State.DEFAULT, DOC)
    yield usual_surface(surfaces, "cli" if has_cli else "ide")
    yield Fact("consent.training", None, State.UNKNOWN, "the choice stands on github.com; tenure attest records what you say")


def _settings(cli: Sequence[Source], editor: Sequence[Source]) -> Iterator[Fact]:
    for sources, key, words in ((cli, EXPORT, ()), (cli, REMOTE, ()), (editor, SYNC, ()), (editor, LEVEL, LEVELS)):
        if (found := lookup(sources, key)) is not None:
            yield Fact(f"setting.{key}", shown.scalar(found.value, words), State.MEASURED, found.proof)
    excluded = lookup(editor, EXCLUDE)
    if excluded is not None and isinstance(excluded.value, list):
        yield Fact(EXCLUDE, len(excluded.value), State.MEASURED, excluded.proof)


def _sync(has_cli: bool, has_editor: bool, cli: Sequence[Source], editor: Sequence[Source]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    if has_cli:
        found["the CLI"] = _leaves("sessions of the CLI, to github.com", lookup(cli, EXPORT), cli)
    if has_editor:
        found["VS Code"] = _leaves("sessions of VS Code, to github.com", lookup(editor, SYNC), editor)
    return found


def _leaves(name: str, found: Found | None, sources: Sequence[Source]) -> Fact:
    if found is None:
        broken = next((source for source in sources if source.problem), None)
        if broken is not None:
            return Fact(name, None, State.UNKNOWN, f"{broken.path}: {broken.problem}")
        return Fact(name, True, State.DEFAULT, DOC)
    if not isinstance(found.value, bool):
        return Fact(name, None, State.UNKNOWN, f"{found.proof} is neither true nor false")
    return Fact(name, found.value, State.MEASURED, found.proof)


def _findings(sync: Mapping[str, Fact], editor: Sequence[Source], holdings: Sequence[Holding]) -> Iterator[Finding]:
    for place, slug in (("the CLI", "cli-sessions-sync"), ("VS Code", "editor-sessions-sync")):
        fact = sync.get(place)
        if fact is not None and fact.value is True:
            yield find(ID, NOTICES, slug, fact.proof, {"why": "by default" if fact.state is State.DEFAULT else "as set"})
    on = [place for place, fact in sync.items() if fact.value is True]
    off = [place for place, fact in sync.items() if fact.value is False]
    if on and off:
        yield find(ID, NOTICES, "one-switch-of-two", sync[off[0]].proof, {"off": off[0], "on": on[0]})
    if "VS Code" in on:
        level, excluded = lookup(editor, LEVEL), lookup(editor, EXCLUDE)
        if level is not None and level.value in LEVELS and level.value != "all":
            yield find(ID, NOTICES, "telemetry-level-leaves-sync", level.proof, {"level": str(level.value)})
        if excluded is not None and isinstance(excluded.value, list) and excluded.value:
            yield find(ID, NOTICES, "exclude-list-leaves-the-rest", excluded.proof)
    kept = [holding for holding in holdings if holding.kind in ("local_transcript", "database")]
    if kept:
        yield find(ID, NOTICES, "never-expires", kept[0].path)
