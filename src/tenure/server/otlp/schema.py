"""The schema: which names and keys exist, and the type of each key. Source: schema.toml beside this module."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import TypedDict

import msgspec

from tenure.errors import DataError
from tenure.server.otlp import kinds
from tenure.server.otlp.kinds import Kind
from tenure.server.otlp.values import Member, Model, Value, Version


class Signal(StrEnum):
    """The three signals of OTLP."""

    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"


@dataclass(frozen=True, slots=True)
class Key:
    """One attribute key.

    Attributes:
        place: in the schema.
        name: as the client writes it.
        kind: takes what may be kept of a value.
    """

    place: int
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Client:
    """One client.

    Attributes:
        place: in the schema.
        name: of the client.
        session: keys that name the session, the first that is there counts.
        keys: by name.
    """

    place: int
    name: str
    session: tuple[str, ...]
    keys: dict[str, Key]


@dataclass(frozen=True, slots=True)
class Name:
    """A metric, an event or a span.

    Attributes:
        place: in the schema.
        text: as the client writes it.
        signal: where it occurs.
        client: whose it is.
    """

    place: int
    text: str
    signal: Signal
    client: Client


@dataclass(frozen=True, slots=True)
class Schema:
    """What telemetry may hold.

    Attributes:
        clients: all of them.
        names: by place.
        by_name: of each signal, by text.
        keys: by place.
        resource: keys of a resource, for every client.
        built_in: `trace.id`, `span.id` and `parent.id`, which come from fields of their own.
        session: pattern of a session's id.
        lists: closed lists, by place.
        families: of models, by place.
        suffixes: of versions, by place.
        long: what the name of a model with the long context ends in.
    """

    clients: tuple[Client, ...]
    names: tuple[Name, ...]
    by_name: dict[Signal, dict[str, Name]]
    keys: tuple[Key, ...]
    resource: dict[str, Key]
    built_in: dict[str, Key]
    session: Kind
    lists: tuple[tuple[str, ...], ...]
    families: tuple[str, ...]
    suffixes: tuple[str, ...]
    long: str

    def plain(self, value: Value) -> bool | int | float | str | bytes:
        """Spell a value with the words of the schema; a digest is its bytes."""
        match value:
            case bool() | int() | float():
                return value
            case Member(words, index):
                return self.lists[words][index]
            case Version(numbers, suffix):
                return ".".join(map(str, numbers)) + (f"-{self.suffixes[suffix]}" if suffix else "")
            case Model(family, numbers, is_long):
                return "-".join([self.families[family], *(".".join(map(str, numbers)) for _ in numbers[:1])]) + (self.long if is_long else "")
        return value.value


class _Models(TypedDict):
    prefix: str
    suffix: str
    long: str
    families: list[tuple[str, str]]


class _Client(TypedDict):
    session: list[str]
    metrics: list[str]
    events: list[str]
    spans: list[str]
    keys: dict[str, str]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    schema: int
    ids: dict[str, str]
    models: _Models
    versions: dict[str, list[str]]
    lists: dict[str, list[str]]
    prefixes: dict[str, dict[str, str]]
    resource: dict[str, str]
    client: dict[str, _Client]


class _Types:
    """Spellings of types, to types."""

    def __init__(self, document: _Document) -> None:
        models, suffixes = document.models, tuple(document.versions["suffixes"])
        self.families = tuple(dict.fromkeys(family for family, _ in models["families"]))
        patterns = tuple(
            (self.families.index(family), re.compile(models["prefix"] + pattern + models["suffix"], re.ASCII))
            for family, pattern in models["families"]
        )
        self.lists = tuple(tuple(words) for words in document.lists.values())
        self.suffixes = suffixes
        self._kinds: dict[str, Kind] = {
            "number": kinds.number,
            "duration": kinds.duration,
            "boolean": kinds.boolean,
            "version": kinds.version(suffixes),
            "model": kinds.model(patterns, models["long"]),
        }
        for place, (name, words) in enumerate(document.lists.items()):
            self._kinds[f"enum:{name}"] = kinds.enumeration(place, tuple(words), document.prefixes.get(name, {}))
        for name, pattern in document.ids.items():
            self._kinds[f"id:{name}"] = kinds.identifier(re.compile(pattern, re.ASCII))

    def kind(self, text: str) -> Kind:
        parts = [self._kinds.get(part) for part in text.split("|")]
        found = tuple(part for part in parts if part is not None)
        if len(found) != len(parts):
            raise DataError("telemetry schema: expected a known type of key, got another", code="otlp/schema")
        return found[0] if len(found) == 1 else kinds.either(found)


def packaged_schema() -> Schema:
    """Read the schema that comes with Tenure."""
    return parse_schema(resources.files("tenure.server.otlp").joinpath("schema.toml").read_text(encoding="utf-8"))


def parse_schema(text: str) -> Schema:
    """Parse a schema.

    Raises:
        DataError: it is not of the form that schema.toml describes, or a name belongs to two clients.
    """
    try:
        document = msgspec.convert(tomllib.loads(text), _Document)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DataError("telemetry schema: expected the tables that schema.toml describes", code="otlp/schema") from error
    types = _Types(document)
    keys: list[Key] = []

    def add(entries: dict[str, str]) -> dict[str, Key]:
        made = {name: Key(len(keys) + step, name, types.kind(kind)) for step, (name, kind) in enumerate(entries.items())}
        keys.extend(made.values())
        return made

    resource, built_in = add(document.resource), add(dict.fromkeys(("trace.id", "span.id", "parent.id"), "id:hex"))
    clients = tuple(Client(place, name, tuple(entry["session"]), add(entry["keys"])) for place, (name, entry) in enumerate(document.client.items()))
    names = _names(document, clients)
    return Schema(
        clients=clients,
        names=names,
        by_name={signal: {name.text: name for name in names if name.signal is signal} for signal in Signal},
        keys=tuple(keys),
        resource=resource,
        built_in=built_in,
        session=types.kind("id:uuid"),
        lists=types.lists,
        families=types.families,
        suffixes=types.suffixes,
        long=document.models["long"],
    )


def _names(document: _Document, clients: tuple[Client, ...]) -> tuple[Name, ...]:
    found = []
    for client in clients:
        entry = document.client[client.name]
        for signal, texts in ((Signal.METRICS, entry["metrics"]), (Signal.LOGS, entry["events"]), (Signal.TRACES, entry["spans"])):
            found += [(text, signal, client) for text in texts]
    if len({(text, signal) for text, signal, _ in found}) != len(found):
        raise DataError("telemetry schema: expected each name once in a signal, found one twice", code="otlp/schema")
    return tuple(Name(place, text, signal, client) for place, (text, signal, client) in enumerate(found))
