"""Codex's settings files, strongest first: requirements, managed, project, the active profile, user, system.

A project's count in its folder only, and only where the person trusts it.
"""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenure.agents import shown
from tenure.agents.codex import footprint
from tenure.agents.facts import FactValue
from tenure.agents.settings import TOML, Found, Source, folder_of, join, load, load_all, lookup
from tenure.agents.view import View

_MOST_PROJECTS = 500


@dataclass(frozen=True, slots=True)
class Layers:
    """The settings files that were found.

    Attributes:
        strong: requirements and managed files.
        weak: the active profile, the user's file and the system's.
        here: those of the working folder, where the person trusts it.
        trusted: those of all projects that the person trusts.
        others: those of projects that count for nothing.
    """

    strong: tuple[Source, ...]
    weak: tuple[Source, ...]
    here: tuple[Source, ...]
    trusted: tuple[Source, ...]
    others: tuple[Source, ...]

    @property
    def count(self) -> tuple[Source, ...]:
        """The files that hold in the working folder, strongest first; where there is none, those that hold in every project."""
        return self.strong + self.here + self.weak

    @property
    def all(self) -> tuple[Source, ...]:
        """All files that count."""
        return self.strong + self.weak + self.trusted


def root_of(view: View) -> str:
    """Return Codex's folder."""
    return folder_of(view, footprint.HOME, ".codex")


def read_layers(view: View, root: str, folders: Iterable[str]) -> Layers:
    """Read all settings files; `folders` are those in which sessions ran."""
    strong = load_all(view, "managed", (join(footprint.SYSTEM, "requirements.toml"), join(footprint.SYSTEM, "managed_config.toml")), TOML)
    strong += load_all(view, "managed", (join(root, "managed_config.toml"),), TOML)
    user = load(view, "user", join(root, "config.toml"), TOML)
    system = load_all(view, "system", (join(footprint.SYSTEM, "config.toml"),), TOML)
    weak = (*_profile(user), *([user] if user else []), *system)
    trusted, others = _projects(view, folders, user)
    here = trusted.get(posixpath.normpath(view.scope.folder)) if view.scope.folder else None
    return Layers(strong, weak, (here,) if here else (), tuple(trusted.values()), others)


def _profile(user: Source | None) -> tuple[Source, ...]:
    name = user.values.get("profile") if user else None
    profiles = user.values.get("profiles") if user else None
    if user is None or not isinstance(name, str) or not isinstance(profiles, Mapping):
        return ()
    values = profiles.get(name)
    return (Source("profile", f"{user.path} [the active profile]", values, form=TOML),) if isinstance(values, Mapping) else ()


def _projects(view: View, folders: Iterable[str], user: Source | None) -> tuple[dict[str, Source], tuple[Source, ...]]:
    home = view.scope.home.rstrip("/") + "/"
    known = {posixpath.normpath(folder) for folder in (*folders, view.scope.folder or "") if folder.startswith("/")}
    mine = sorted(folder for folder in known if view.scope.is_own or (folder + "/").startswith(home))[:_MOST_PROJECTS]
    trusted: dict[str, Source] = {}
    others: list[Source] = []
    for folder in mine:
        source = load(view, "project", join(folder, ".codex", "config.toml"), TOML) if folder != view.scope.home else None
        if source is not None and _is_trusted(user, folder):
            trusted[folder] = source
        elif source is not None:
            others.append(source)
    return trusted, tuple(others)


def _is_trusted(user: Source | None, folder: str) -> bool:
    found = user.find("projects", folder, "trust_level") if user else None
    return found is not None and found.value == "trusted"


def exporter(sources: Iterable[Source], key: str) -> tuple[FactValue, Found | None]:
    """Return which exporter a setting names: a word, or the one key of a table; None when it names none, or not one."""
    found = lookup(sources, "otel", key)
    if found is None:
        return None, None
    value = next(iter(found.value)) if isinstance(found.value, Mapping) and len(found.value) == 1 else found.value
    return shown.scalar(value, footprint.SETTINGS[f"otel.{key}"]) if isinstance(value, str) else None, found
