"""Claude Code's settings files, strongest first: managed (one source wins), local, project, user."""

import plistlib
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.parsers.expat import ExpatError

from tenure.agents.claude_code import footprint
from tenure.agents.settings import Source, folder_of, join, load, load_all, show
from tenure.agents.view import Unreadable, View

_MOST_PROJECTS = 500


@dataclass(frozen=True, slots=True)
class Layers:
    """The settings files that were found.

    Attributes:
        managed: the managed source that wins; None when there is none.
        user: the user's own file; None when there is none.
        projects: those of projects, local before checked-in.
        beaten: managed sources that count for nothing, because another wins.
    """

    managed: Source | None
    user: Source | None
    projects: tuple[Source, ...]
    beaten: tuple[Source, ...] = ()

    @property
    def everywhere(self) -> tuple[Source, ...]:
        """The files that hold in every project, strongest first."""
        return tuple(source for source in (self.managed, self.user) if source is not None)

    @property
    def all(self) -> tuple[Source, ...]:
        """All files, strongest first."""
        return tuple(source for source in (self.managed, *self.projects, self.user) if source is not None)


def root_of(view: View) -> str:
    """Return Claude Code's folder."""
    return folder_of(view, footprint.CONFIG_DIR, ".claude")


def read_layers(view: View, root: str, folders: Iterable[str]) -> Layers:
    """Read all settings files; `folders` are those in which sessions ran."""
    managed = [source for source in (*_server(view, root), *_mdm(view), *_files(view)) if source.values or source.problem]
    user_path = join(root, "settings.json")
    projects: list[Source] = []
    for folder in _projects(view, folders):
        for layer, name in (("local", "settings.local.json"), ("project", "settings.json")):
            path = join(folder, ".claude", name)
            source = load(view, layer, path) if path != user_path else None
            if source is not None:
                projects.append(source)
    return Layers(managed[0] if managed else None, load(view, "user", user_path), tuple(projects), tuple(managed[1:]))


def _projects(view: View, folders: Iterable[str]) -> list[str]:
    """Return the folders to look into: with another's home folder only those inside of it."""
    home = view.scope.home.rstrip("/") + "/"
    known = {posixpath.normpath(folder) for folder in (*folders, view.scope.folder or "") if folder.startswith("/")}
    return sorted(folder for folder in known if view.scope.is_own or (folder + "/").startswith(home))[:_MOST_PROJECTS]


def _server(view: View, root: str) -> tuple[Source, ...]:
    source = load(view, "managed", join(root, "remote-settings.json"))
    if source is None:
        return ()
    inner = source.values.get("settings")
    return (replace(source, values=inner) if isinstance(inner, dict) else source,)


def _mdm(view: View) -> tuple[Source, ...]:
    if view.scope.platform != "darwin":
        return ()
    data = view.read(footprint.MDM_FILE)
    if isinstance(data, Unreadable):
        return () if data.is_absent else (Source("managed", footprint.MDM_FILE, problem=data.reason),)
    try:
        values = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        return (Source("managed", footprint.MDM_FILE, problem="not a well-formed property list"),)
    if not isinstance(values, dict):
        return (Source("managed", footprint.MDM_FILE, problem="expected a dictionary"),)
    return (Source("managed", footprint.MDM_FILE, values),)


def _files(view: View) -> tuple[Source, ...]:
    folder = footprint.MANAGED_FOLDERS.get(view.scope.platform)
    if folder is None:
        return ()
    listing = view.walk(join(folder, "managed-settings.d"))
    names = [] if isinstance(listing, Unreadable) else sorted(entry.path for entry in listing.entries if entry.path.endswith(".json"))
    paths = [join(folder, "managed-settings.json"), *(join(folder, "managed-settings.d", name) for name in names)]
    sources = load_all(view, "managed", paths)
    if len(sources) < 2:
        return sources
    broken = next((source for source in sources if source.problem), None)
    if broken is not None:
        return (broken,)
    merged: dict[str, object] = {}
    for source in sources:
        merged.update(source.values)
    return (Source("managed", show(folder, view.scope.home) + "/managed-settings.json and .d", merged),)
