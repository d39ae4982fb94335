"""Laws of redaction, over transcripts of any shape with secrets in any string and under any escaping."""

import json
import random

from hypothesis import assume, given
from hypothesis import strategies as st

from tenure.scrub.lines import parses
from tenure.scrub.redact import Redactor
from tenure.scrub.shapes import SHAPES
from tenure.testing.finder import KnownFinder
from tenure.testing.secrets import SECRETS

UUID = st.uuids().map(str)
KINDS = sorted(set(SECRETS) - {"aws secret", "azure storage", "password", "api key", "database url"})
SECRET = st.builds(
    lambda kind, seed: SECRETS[kind](random.Random(seed)),  # noqa: S311 - known chance is the point of a fake
    st.sampled_from(KINDS),
    st.integers(0, 10_000),
)
TEXT = st.text(max_size=40) | st.sampled_from(
    ["/home/anna/shop", "anna@shop.co", "C:\\Users\\Anna\\x", "-home-anna-shop", "\x1b[32mgreen\x1b[0m", 'a "b" \\ c\n\td']
)
VALUE = st.recursive(
    TEXT | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
ESCAPING = st.lists(st.sampled_from(["plain", "unicode", "slash"]), min_size=1, max_size=8)


def record(parent: str, uuid: str, text: object) -> dict[str, object]:
    return {
        "parentUuid": parent,
        "uuid": uuid,
        "sessionId": parent,
        "type": "user",
        "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_" + uuid[:8], "content": text}]},
        "toolUseResult": {"stdout": text, "originalFile": text},
    }


def escaped(text: str, how: list[str]) -> str:
    """A JSON string in which each character is written in one of the ways that JSON has for it."""
    out = []
    for number, character in enumerate(text):
        way = how[number % len(how)]
        if way == "unicode" and ord(character) < 128:
            out.append(f"\\u{ord(character):04x}")
        elif way == "slash" and character == "/":
            out.append("\\/")
        else:
            out.append(json.dumps(character, ensure_ascii=number % 2 == 0)[1:-1])
    return f'"{"".join(out)}"'


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *strings(inner))]
    return [text for inner in value for text in strings(inner)] if isinstance(value, list) else []


def shape(value: object) -> object:
    """A value without its strings."""
    if isinstance(value, dict):
        return [shape(inner) for inner in value.values()]
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "" if isinstance(value, str) else value


@given(st.lists(st.tuples(UUID, UUID, VALUE), max_size=4), st.booleans())
def test_what_parsed_still_parses_and_only_strings_change(rows, is_ascii: bool) -> None:
    content = "\n".join(json.dumps(record(*row), ensure_ascii=is_ascii) for row in rows).encode("utf-8", "surrogatepass")

    redacted = Redactor().redact(content).content

    for before, after in zip(content.split(b"\n"), redacted.split(b"\n"), strict=True):
        if before:
            one, two = json.loads(before), json.loads(after)
            assert shape(one) == shape(two)
            assert [one[key] for key in ("parentUuid", "uuid", "sessionId", "type")] == [
                two[key] for key in ("parentUuid", "uuid", "sessionId", "type")
            ]
            assert list(one) == list(two)


@given(SECRET, st.text(max_size=20), st.text(max_size=20), ESCAPING, st.booleans(), UUID)
def test_planted_secret_is_gone_in_any_string_and_under_any_escaping(secret, before, after, how, is_key: bool, uuid) -> None:
    head = f"{before} {secret[:0]}"
    text = escaped(f"{head}{secret} {after}", how)
    line = f'{{"uuid":"{uuid}","content":{{{text if is_key else "1".join([chr(34)] * 2)}:{text}}}}}'.encode("utf-8", "surrogatepass")
    assume(parses(line))

    found = json.loads(Redactor().redact(line).content)

    parts = secret.split("\n")[1:-1] or [secret]
    assert not [part for part in parts for text in strings(found) if part in text]
    assert found["uuid"] == uuid


@given(SECRET, ESCAPING, st.integers(1, 3))
def test_planted_secret_is_gone_at_any_depth_of_json_in_json(secret, how, depth) -> None:
    text = f"token {secret} end"
    for _ in range(depth):
        text = json.dumps({"body": text})

    redacted = Redactor().redact(f'{{"content":{escaped(text, how)}}}'.encode()).content

    value = json.loads(redacted)["content"]
    for _ in range(depth):
        value = json.loads(value)["body"]
    assert not [part for part in (secret.split("\n")[1:-1] or [secret]) if part in value]


@given(SECRET, st.text(max_size=30), st.text(max_size=30), UUID)
def test_all_but_the_secret_is_the_same_byte_for_byte(secret, before, after, uuid) -> None:
    def line(value: str) -> bytes:
        return json.dumps({"uuid": uuid, "a": f"{before} ", "text": [before, f"({value})", after]}).encode()

    assume("~here~" not in before + after and not Redactor().redact(line("")).replaced)
    found = Redactor(KnownFinder({secret.encode(): "planted"})).redact(line(secret))
    assume(all(part.rule in ("planted", *_rules()) for part in found.replaced))
    head, tail = line("~here~").split(b"~here~")

    assert found.content.startswith(head)
    assert found.content.endswith(tail)
    assert found.content[len(head) : -len(tail)].startswith(b"[redacted:")


def _rules() -> set[str]:
    return {shape.rule for shape in SHAPES} | {"private-key", "password", "assigned-secret", "authorization", "url-password"}


@given(st.lists(st.tuples(UUID, UUID, VALUE | SECRET | st.builds("{}={}".format, TEXT, SECRET)), max_size=4), st.booleans())
def test_redacting_twice_is_redacting_once(rows, is_ascii: bool) -> None:
    content = "\n".join(json.dumps(record(*row), ensure_ascii=is_ascii) for row in rows).encode("utf-8", "surrogatepass")
    once = Redactor().redact(content).content

    again = Redactor().redact(once)

    assert again.content == once
    assert not again.replaced


PARTS = st.sampled_from(
    [
        *(
            b"password",
            b"=",
            b": ",
            b'"',
            b"\\",
            b"hunter22xQ",
            b"Bearer ",
            b"://",
            b"u:",
            b"@",
            b"/home/",
            b"anna",
            b"sk-ant-",
            b"ghp_",
            b"a1B2" * 9,
            b"{",
            b'":',
        ),
        *(b"[redacted:password-1]", b"\\u002d", b"\\n", b"\n", b"\x1b[3m", b"\xff", "é".encode(), b"\r\n", b"token", b"user-3", b"\x00", b"A" * 50),
        b"-----BEGIN PRIVATE KEY-----",
    ]
)


@given(st.lists(PARTS | st.binary(max_size=6), max_size=12).map(b"".join))
def test_any_bytes_are_taken_and_twice_is_once(content: bytes) -> None:
    once = Redactor().redact(content)

    assert Redactor().redact(once.content).content == once.content
    assert once.content.count(b"\n") == content.count(b"\n")
    assert sum(part.count for part in once.replaced) > 0 or once.content == content


@given(st.lists(PARTS, max_size=12).map(b"".join))
def test_any_text_in_a_string_still_parses_and_twice_is_once(text: bytes) -> None:
    line = json.dumps({"uuid": "u", "content": text.decode("utf-8", "replace")}).encode()
    once = Redactor().redact(line)

    assert json.loads(once.content).keys() == {"uuid", "content"}
    assert Redactor().redact(once.content).content == once.content
