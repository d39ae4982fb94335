"""No type of the schema holds text."""

import re
import types
import typing
from pathlib import Path

import msgspec
import pytest
from tests.unit.server.otlp.payloads import SCHEMA

from tenure.errors import DataError
from tenure.server.otlp import kinds, values
from tenure.server.otlp.dedup import MOST_ROWS_OF_SESSION, MOST_SESSIONS
from tenure.server.otlp.distributions import MOST_BUCKETS
from tenure.server.otlp.drops import MOST_NAMES, Reason
from tenure.server.otlp.gather import MOST_ATTRIBUTES, MOST_ROWS
from tenure.server.otlp.intake import MOST_BYTES
from tenure.server.otlp.rows import Labels, Row
from tenure.server.otlp.schema import Signal, parse_schema
from tenure.server.otlp.values import Digest, Identifier, Value
from tenure.services.usage_rows import Columns

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "telemetry.md"
SOURCE = """
schema = 1
ids = { uuid = "u", hex = "h" }
models = { prefix = "", suffix = "", long = "[1m]", families = [["gpt", "gpt"]] }
versions = { suffixes = [""] }
lists = { one = ["a"] }
prefixes = {}
resource = {}
[client.a]
session = []
metrics = ["m"]
events = []
spans = []
keys = { k = "TYPE" }
"""


def reachable(hint: object) -> set[object]:
    """The plain types that a value of this type can hold, through unions, tuples and structs."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) in (typing.Union, tuple):
        return set().union(*(reachable(part) for part in typing.get_args(hint) if part is not ...))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return set().union(*(reachable(field.type) for field in msgspec.structs.fields(hint)))
    return {hint}


def test_no_value_can_hold_text() -> None:
    assert reachable(Value) == {bool, int, float, bytes}
    assert [part for part in typing.get_args(Value) if bytes in reachable(part)] == [Digest]


def test_labels_hold_values_a_session_and_a_mark() -> None:
    hints = typing.get_type_hints(Labels)

    assert reachable(hints["values"]) == {bool, int, float, bytes}
    assert set(hints) == {"session", "values", "mark"}
    assert set(typing.get_type_hints(Row)) == {"name", "labels", "start", "at", "value", "detail"}
    assert str not in reachable(typing.get_type_hints(Row)["value"])


def test_every_type_of_the_schema_gives_no_text() -> None:
    made = {name: value for name, value in vars(kinds).items() if isinstance(value, types.FunctionType) and not name.startswith("_")}
    returned = {name: typing.get_type_hints(value)["return"] for name, value in made.items()}
    direct = {name: hint for name, hint in returned.items() if hint != kinds.Kind}

    assert set(made) == {"number", "duration", "boolean", "enumeration", "version", "model", "identifier", "either"}
    assert all(reachable(hint) <= {bool, int, float, type(None)} for hint in direct.values())
    assert set(direct) == {"number", "duration", "boolean"}
    assert Identifier not in typing.get_args(Value)
    assert values.Judged == Value | Identifier


@pytest.mark.parametrize("kind", ["string", "text", "enum:two", "id:any", "number|text", ""])
def test_schema_with_another_type_is_refused(kind: str) -> None:
    parse_schema(SOURCE.replace("TYPE", "enum:one|number"))
    with pytest.raises(DataError) as caught:
        parse_schema(SOURCE.replace("TYPE", kind))
    assert caught.value.code == "otlp/schema"


@pytest.mark.parametrize(
    "text", ["", "schema = ", SOURCE + 'other = "x"', SOURCE.replace("events = []", 'events = ["m", "m"]').replace("TYPE", "number")]
)
def test_schema_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_schema(text)


def test_name_belongs_to_one_client() -> None:
    for signal in Signal:
        texts = [name.text for name in SCHEMA.names if name.signal is signal]
        assert len(set(texts)) == len(texts) > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claude-opus-4-8", "claude-opus-4.8"),
        ("claude-opus-4-8[1m]", "claude-opus-4.8[1m]"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4.5"),
        ("claude-3-5-haiku-20241022", "claude-haiku-3.5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("gpt-5-codex", "gpt-codex-5"),
        ("gpt-4o", "gpt-4o"),
        ("o4-mini", "o-mini-4"),
        ("gemini-3.5-flash-lite", "gemini-flash-lite-3.5"),
        ("gemini-embedding-001", "gemini-embedding-1"),
    ],
)
def test_model_is_its_family_and_numbers(text: str, said: str) -> None:
    found = SCHEMA.clients[0].keys["model"].kind(text)

    assert found is not None
    assert SCHEMA.plain(found) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("2.1.197", "2.1.197"), ("v20.20.2", "20.20.2"), ("6.1.0-generic", "6.1.0-generic"), ("0.61.0-nightly.20260101", "0.61.0-nightly")],
)
def test_version_is_its_numbers_and_a_known_suffix(text: str, said: str) -> None:
    assert SCHEMA.plain(SCHEMA.resource["os.version"].kind(text)) == said


def test_words_of_the_schema_are_short_and_plain() -> None:
    found = [word for words in SCHEMA.lists for word in words] + [name.text for name in SCHEMA.names] + [key.name for key in SCHEMA.keys]

    assert [word for word in found if not re.fullmatch(r"[\w .+#:-]{1,80}", word, re.ASCII)] == []


def test_page_says_what_the_code_does() -> None:
    page = PAGE.read_text(encoding="utf-8")
    limits = (MOST_NAMES, MOST_ROWS, MOST_ATTRIBUTES, MOST_BUCKETS, MOST_ROWS_OF_SESSION, MOST_SESSIONS)

    assert [limit for limit in limits if f"{limit:,}" not in page] == []
    assert f"{MOST_BYTES // 2**20} MiB" in page
    assert [reason for reason in Reason if f"`{reason}`" not in page] == []
    assert [client.name for client in SCHEMA.clients if f"`{client.name}`" not in page] == []
    assert [name for name in Columns.__struct_fields__ if f"`{name}`" not in page] == []
    assert [kind for kind in ("number", "duration", "boolean", "enum:LIST", "version", "model", "id:PATTERN") if f"| `{kind}` |" not in page] == []
