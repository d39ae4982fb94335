"""Cursor: what it leaves on a machine and what its settings mean.

Its settings are undocumented keys of an SQLite table: exactly four are read, and what they say is inferred.
Source: public code of tools that read them, and cursor.com's privacy pages, read October 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tenure.agents.facts import PERSONAL, Evidence, Fact, Finding, Holding, Severity, State
from tenure.agents.folder import look, troubles
from tenure.agents.notices import EVERYWHERE, Notice, Notices, exposed, find
from tenure.agents.places import Place
from tenure.agents.settings import join, show
from tenure.agents.surfaces import usual_surface
from tenure.agents.view import Unreadable, View

ID = "cursor"
TITLE = "Cursor"

PRIVACY = "cursorai/donotchange/privacyMode"
NEW_PRIVACY = "cursorai/donotchange/newPrivacyMode2"
PARTNER = "cursorai/donotchange/partnerDataShare"
PLAN = "cursorAuth/stripeMembershipType"
KEYS = (PRIVACY, NEW_PRIVACY, PARTNER, PLAN)
"""The only keys that are ever selected."""

FOLDERS: Mapping[str, str] = {"linux": ".config/Cursor", "darwin": "Library/Application Support/Cursor", "win32": "AppData/Roaming/Cursor"}
GLOBAL = (Place("state.vscdb", "database"), Place("state.vscdb-wal", "database"), Place("state.vscdb.backup", "database"))
WORKSPACES = (Place("*/state.vscdb", "database"), Place("*/state.vscdb.backup", "database"))
PROJECTS = (Place("*/agent-transcripts/**", "local_transcript"),)
PLANS: Mapping[str, str] = {"free": "free", "free_trial": "free", "pro": "pro", "business": "team", "team": "team", "enterprise": "enterprise"}

NOTICES: Notices = {
    **EVERYWHERE,
    "data-is-shared": Notice(
        Severity.HIGH,
        "Privacy mode is off: code and prompts may be kept and trained on",
        "Switch on Privacy Mode in Cursor's settings.",
        "With data sharing on, code, prompts and edits are stored, may train models and may reach providers. Teams can force privacy mode on "
        "the server, which "
        "this machine does not show.",
        "cursor.com, pages on data use and privacy, read October 2026",
    ),
    "partner-data-shared": Notice(
        Severity.HIGH,
        "Data is shared with Cursor's partners",
        "Switch it off in Cursor's settings.",
        "A separate switch lets model providers have the data.",
        "public code that reads this key, and cursor.com's privacy page, read October 2026",
    ),
    "privacy-mode-may-store": Notice(
        Severity.LOW,
        "Privacy mode is on, yet Cursor may still store some code for its features",
        "Only the legacy privacy mode stores nothing, without background agents and memories.",
        "Privacy mode means no training by Cursor or its providers and zero retention at the providers. Cursor itself may keep some code for "
        "features.",
        "cursor.com, pages on data use and privacy, read October 2026",
    ),
    "never-expires": Notice(
        Severity.MEDIUM,
        "Conversations are kept for ever: no local retention is documented",
        "Delete conversations in Cursor; its database keeps growing otherwise.",
        "Conversations lie in an SQLite database. Deleted rows may stay in it until the client compacts it.",
        "public code that reads these files, read October 2026",
    ),
}


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Cursor on a machine; None when it left nothing here."""
    home = view.scope.home
    user = join(home, FOLDERS.get(view.scope.platform, FOLDERS["linux"]), "User")
    folders = (
        look(view, join(user, "globalStorage"), GLOBAL),
        look(view, join(user, "workspaceStorage"), WORKSPACES),
        look(view, join(home, ".cursor", "projects"), PROJECTS),
    )
    if all(folder is None for folder in folders):
        return None
    database = join(user, "globalStorage", "state.vscdb")
    rows = view.rows(database, "ItemTable", KEYS)
    shown_path = show(database, home)
    holdings = tuple(holding for folder in folders if folder is not None for holding in folder.holdings(at))
    facts = (*_facts(rows, shown_path), usual_surface({}, "ide"), *troubles(folders, ()))
    found = (*_findings(rows, shown_path, holdings), *exposed(ID, NOTICES, holdings, view.scope.home_is_open))
    return Evidence(ID, TITLE, None, facts, holdings, found, tuple(_leaves(rows, shown_path)))


def _truth(rows: Mapping[str, str] | Unreadable, key: str) -> bool | None:
    value = None if isinstance(rows, Unreadable) else rows.get(key)
    return {"true": True, "false": False}.get(value.strip().lower()) if value is not None else None


def _mode(rows: Mapping[str, str] | Unreadable, path: str) -> Fact:
    """Return the privacy mode: inferred, since the keys are undocumented; unknown where they contradict each other."""
    name = "attribute.mode"
    if isinstance(rows, Unreadable):
        return Fact(name, None, State.UNKNOWN, f"{path}: {rows.reason}")
    known = {key: value for key in (PRIVACY, NEW_PRIVACY) if (value := _truth(rows, key)) is not None}
    strange = next((key for key in (PRIVACY, NEW_PRIVACY) if key in rows and key not in known), None)
    if not known and strange is not None:
        return Fact(name, None, State.UNKNOWN, f"{path}:ItemTable.{strange} is neither true nor false")
    if not known:
        return Fact(name, None, State.UNKNOWN, f"{path}: no key tells the privacy mode")
    if len(set(known.values())) > 1:
        return Fact(name, None, State.UNKNOWN, f"{path}: {PRIVACY} and {NEW_PRIVACY} contradict each other")
    key, value = next(iter(known.items()))
    return Fact(name, "privacy" if value else "share", State.INFERRED, f"{path}:ItemTable.{key}")


def _facts(rows: Mapping[str, str] | Unreadable, path: str) -> Iterator[Fact]:
    yield _tier(rows, path)
    yield Fact("provider", "first_party", State.DEFAULT, "every request passes Cursor's back end, one's own key included")
    mode = _mode(rows, path)
    yield mode
    if _tier(rows, path).value in ("free", "pro"):
        yield Fact(PERSONAL, True, State.INFERRED, _tier(rows, path).proof)
    partner = _truth(rows, PARTNER)
    if partner is not None:
        yield Fact("setting.partnerDataShare", partner, State.INFERRED, f"{path}:ItemTable.{PARTNER}")


def _tier(rows: Mapping[str, str] | Unreadable, path: str) -> Fact:
    if isinstance(rows, Unreadable):
        return Fact("tier", None, State.UNKNOWN, f"{path}: {rows.reason}")
    plan = rows.get(PLAN)
    if plan is None:
        return Fact("tier", None, State.UNKNOWN, f"{path}: no key tells the plan")
    name = PLANS.get(plan.strip().strip('"').lower())
    if name is None:
        return Fact("tier", None, State.UNKNOWN, f"{path}:ItemTable.{PLAN} has a value that is not known")
    return Fact("tier", name, State.INFERRED, f"{path}:ItemTable.{PLAN}")


def _leaves(rows: Mapping[str, str] | Unreadable, path: str) -> Iterator[Fact]:
    mode = _mode(rows, path)
    words: Mapping[object, bool] = {"privacy": False, "share": True}
    yield Fact("code and prompts kept by Cursor for training", words.get(mode.value), mode.state, mode.proof)


def _findings(rows: Mapping[str, str] | Unreadable, path: str, holdings: Sequence[Holding]) -> Iterator[Finding]:
    mode = _mode(rows, path)
    if mode.value == "share":
        yield find(ID, NOTICES, "data-is-shared", mode.proof)
    elif mode.value == "privacy":
        yield find(ID, NOTICES, "privacy-mode-may-store", mode.proof)
    if _truth(rows, PARTNER) is True:
        yield find(ID, NOTICES, "partner-data-shared", f"{path}:ItemTable.{PARTNER}")
    if holdings:
        yield find(ID, NOTICES, "never-expires", holdings[0].path)
