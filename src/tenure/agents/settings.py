"""Settings files of one agent as layers, strongest first: which value holds, and where it stands."""

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tenure.agents import decode, shown
from tenure.agents.facts import Fact, State
from tenure.agents.locate import json_line, toml_line, yaml_line
from tenure.agents.view import Unreadable, View

Locate = Callable[[str, Sequence[str]], int | None]


@dataclass(frozen=True, slots=True)
class Form:
    """How a settings file is written.

    Attributes:
        decoder: text -> values.
        locate: text and key -> line.
    """

    decoder: decode.Decoder
    locate: Locate


JSON = Form(decode.json, json_line)
JSONC = Form(decode.jsonc, json_line)
TOML = Form(decode.toml, toml_line)
YAML = Form(decode.flat_yaml, yaml_line)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands for a value that cannot be told, because it, or what should hold it, is of another form than the agent expects.

    Attributes:
        reason: in words, without content.
        is_whole: what should hold it is malformed, and so everything in it.
    """

    reason: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it stands.

    Attributes:
        value: as decoded, never shown as it is; `Malformed` where it cannot be told.
        proof: `file:key (line n)`.
        layer: the layer that it comes from.
    """

    value: object
    proof: str
    layer: str

    @property
    def problem(self) -> str:
        """Why it cannot be told; empty when it can."""
        return f"{self.proof}: {self.value.reason}" if isinstance(self.value, Malformed) else ""


@dataclass(frozen=True, slots=True)
class Source:
    """One settings file.

    Attributes:
        layer: `managed`, `user`, `project`, `local`, `system`, `environment`.
        path: as shown, the home folder written as `~`.
        values: what it says; empty when it could not be read.
        text: for finding lines.
        problem: why it could not be read; empty when it could.
        form: how it is written.
        parts: the files that it was merged from, weakest first; empty when it is one file.
    """

    layer: str
    path: str
    values: decode.Values = field(default_factory=dict)
    text: str = field(default="", repr=False)
    problem: str = ""
    form: Form = JSON
    parts: tuple["Source", ...] = ()

    def find(self, *keys: str) -> Found | None:
        """Return what stands under a path of keys; None when nothing does. JSON's null counts as nothing.

        Where something on the path is no object, nobody can tell what stands there: the value is `Malformed`.
        """
        value: object = self.values
        for depth, key in enumerate(keys):
            if not isinstance(value, Mapping):
                return Found(Malformed(f"expected an object, found {decode.kind(value)}", is_whole=True), self.proof(*keys[:depth]), self.layer)
            if value.get(key) is None:
                return None
            value = value[key]
        return Found(value, self.proof(*keys), self.layer)

    def proof(self, *keys: str) -> str:
        """Return `file:key (line n)`."""
        part = next((part for part in reversed(self.parts) if part.find(*keys) is not None), None)
        if part is not None:
            return part.proof(*keys)
        line = self.form.locate(self.text, keys)
        return f"{self.path}:{'.'.join(keys)}" + (f" (line {line})" if line else "")


def show(path: str, home: str) -> str:
    """Return a path with the home folder written as `~`."""
    home = home.rstrip("/")
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path


def load(view: View, layer: str, path: str, form: Form = JSON) -> Source | None:
    """Read one settings file; None when it is not there. What cannot be read is a source with its problem."""
    shown = show(path, view.scope.home)
    data = view.read(path)
    if isinstance(data, Unreadable):
        return None if data.is_absent else Source(layer, shown, problem=data.reason, form=form)
    if not data.strip():
        return Source(layer, shown, form=form)
    values = decode.parse(data, form.decoder)
    if isinstance(values, Unreadable):
        return Source(layer, shown, problem=values.reason, form=form)
    return Source(layer, shown, values, data.decode("utf-8-sig"), form=form)


def load_all(view: View, layer: str, paths: Iterable[str], form: Form = JSON) -> tuple[Source, ...]:
    """Read those of several settings files that are there."""
    return tuple(source for path in paths if (source := load(view, layer, path, form)) is not None)


def lookup(sources: Iterable[Source], *keys: str) -> Found | None:
    """Return the value of the strongest source that has one."""
    return next((found for source in sources if (found := source.find(*keys)) is not None), None)


def misshapen(sources: Iterable[Source], holders: Iterable[str]) -> tuple[tuple[Source, Found], ...]:
    """Return the keys that should hold others and are no objects: what they were meant to say cannot be told."""
    paths = [(*name.split("."), "") for name in holders]
    found = [(source, entry) for source in sources for path in paths if (entry := source.find(*path)) is not None and entry.problem]
    return tuple({entry.proof: (source, entry) for source, entry in found}.values())


def setting_fact(name: str, found: Found, words: Collection[str] = ()) -> Fact:
    """Return the fact of a setting: its value, as far as it may be shown."""
    if found.problem:
        return Fact(f"setting.{name}", None, State.UNKNOWN, found.problem)
    return Fact(f"setting.{name}", shown.scalar(found.value, words), State.MEASURED, found.proof)


def doubt(facts: Iterable[Fact], sources: Iterable[Source]) -> tuple[Fact, ...]:
    """Return facts with every default unknown where a settings file that could say otherwise cannot be read."""
    broken = next((source for source in sources if source.problem), None)
    if broken is None:
        return tuple(facts)
    reason = f"{broken.path} cannot be read ({broken.problem})"
    return tuple(Fact(fact.name, None, State.UNKNOWN, reason) if fact.state is State.DEFAULT else fact for fact in facts)


def join(*parts: str) -> str:
    """Join parts of a POSIX path."""
    return posixpath.join(*parts)


def folder_of(view: View, variable: str, usual: str) -> str:
    """Return the folder that a variable names, or the usual one below the home folder. A relative one lies in the working folder."""
    named = view.variable(variable)
    path = posixpath.join(view.scope.folder or view.scope.home, named) if named else posixpath.join(view.scope.home, usual)
    return posixpath.normpath(path)
