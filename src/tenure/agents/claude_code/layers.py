"""Claude Code's settings files, strongest first: managed (one source wins), local, project, user. A project's count in its folder only."""

import plistlib
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
        folders: those of projects by their folder, local before checked-in.
        folder: the working folder; empty when it is not looked at.
        beaten: managed sources that count for nothing, because another wins.
    """

    managed: Source | None
    user: Source | None
    folders: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    folder: str = ""
    beaten: tuple[Source, ...] = ()

    @property
    def everywhere(self) -> tuple[Source, ...]:
        """The files that hold in every project, strongest first."""
        return tuple(source for source in (self.managed, self.user) if source is not None)

    @property
    def here(self) -> tuple[Source, ...]:
        """The files that hold in the working folder, strongest first; where there is none, those that hold in every project."""
        return tuple(source for source in (self.managed, *self.folders.get(self.folder, ()), self.user) if source is not None)

    @property
    def projects(self) -> tuple[Source, ...]:
        """The files of all projects."""
        return tuple(source for sources in self.folders.values() for source in sources)

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
    projects = {folder: sources for folder in _projects(view, folders) if (sources := _project(view, folder, user_path))}
    here = posixpath.normpath(view.scope.folder) if view.scope.folder else ""
    return Layers(managed[0] if managed else None, load(view, "user", user_path), projects, here, tuple(managed[1:]))


def _project(view: View, folder: str, user_path: str) -> tuple[Source, ...]:
    paths = [(layer, join(folder, ".claude", name)) for layer, name in (("local", "settings.local.json"), ("project", "settings.json"))]
    found = [load(view, layer, path) for layer, path in paths if path != user_path]
    return tuple(source for source in found if source is not None)


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
    parts = join(folder, "managed-settings.d")
    listing = view.walk(parts)
    if isinstance(listing, Unreadable) and not listing.is_absent:
        return (Source("managed", show(parts, view.scope.home), problem=listing.reason),)
    names = [] if isinstance(listing, Unreadable) else sorted(entry.path for entry in listing.entries if _is_part(entry.path))
    paths = [join(folder, "managed-settings.json"), *(join(parts, name) for name in names)]
    sources = load_all(view, "managed", paths)
    if len(sources) < 2:
        return sources
    broken = next((source for source in sources if source.problem), None)
    if broken is not None:
        return (broken,)
    merged: Mapping[str, object] = {}
    for source in sources:
        merged = _merge(merged, source.values)
    return (Source("managed", show(folder, view.scope.home) + "/managed-settings.json and .d", merged, parts=sources),)


def _is_part(path: str) -> bool:
    return path.endswith(".json") and not path.startswith(".") and "/" not in path


def _merge(weaker: Mapping[str, object], stronger: Mapping[str, object]) -> dict[str, object]:
    """Merge two files: of a key that both have the later one's value counts, except that objects are merged in turn."""
    merged = dict(weaker)
    for key, value in stronger.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = {**before, **value}
        elif value is not None:
            merged[key] = value
    return merged
