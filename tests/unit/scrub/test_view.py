import json

import pytest

from tenure.scrub.view import Joined, flat, lines_to_join


def joined(raw: bytes) -> bytes:
    return Joined(raw).text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"a\nb", b"a \nb"),
        (rb"a\tb\rc", b"a \tb \rc"),
        (rb"\"a\"", b'""a""'),
        (rb"\\\"a\\\"", b'""""a""""'),
        (rb"a\u003db", b"a     =b"),
        (rb"a\u5bc6b", b"a" + b"\x80" * 6 + b"b"),
        (rb"\u001b[32mX\u001b[0m", b" " * 10 + b"X" + b" " * 9),
        (b"\x1b[32mX", b"     X"),
    ],
)
def test_flat_view_is_as_long_as_the_raw_bytes(raw: bytes, text: bytes) -> None:
    assert flat(raw, lines_to_join(raw)) == text
    assert len(text) == len(raw)


@pytest.mark.parametrize("text", ["plain", 'a "b" \\ c\n\td/e', "gh\x1b[1mp_\x1b[0mx", "=-_+&"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_joined_view_decodes_json_in_json(text: str, depth: int) -> None:
    raw = text
    for _ in range(depth):
        raw = json.dumps(raw)[1:-1].replace("/", "\\/").replace("=", "\\u003d")

    assert joined(raw.encode()).replace(b"\\", b"") == text.replace("\\", "").replace("\x1b[1m", "").replace("\x1b[0m", "").encode()


def test_place_in_the_joined_view_leads_back_to_whole_escapes() -> None:
    raw = rb"ab\u003dcd\u001b[1mef\/g"
    view = Joined(raw)

    assert view.text == b"ab=cdef/g"
    assert raw[slice(*view.raw_span(2, 3))] == rb"\u003d"
    assert raw[slice(*view.raw_span(3, 7))] == rb"cd\u001b[1mef"
    assert raw[slice(*view.raw_span(7, 8))] == rb"\/"
    assert view.raw_span(0, 9) == (0, len(raw))


def test_only_lines_with_telling_escapes_are_joined() -> None:
    raw = b'{"a":"x\\ny"}\n{"b":"\\u002d"}\n{"c":1}\n{"d":"\\/"}'

    assert [raw[start:end] for start, end in lines_to_join(raw)] == [b'{"b":"\\u002d"}', b'{"d":"\\/"}']
