"""Reports of a local archive: what the real client writes, and what a stranger might."""

import base64
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.client import archive
from tenure.client.archive import LARGEST, read_archive
from tenure.errors import DataError

LINES = '{"type":"user"}\n{"type":"assistant"}\n'


def packed(document: object, name: str = "feedback.json") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(name, document if isinstance(document, str | bytes) else json.dumps(document))
    return out.getvalue()


def test_a_report_of_the_client_is_its_words_and_the_raw_transcript():
    found = read_archive(
        "cc-20261201-101500-ab12cd.zip", packed({"description": "slow", "sessionId": "s-1", "rawTranscriptJsonl": LINES, "transcript": []})
    )

    assert (found.text, found.sessions) == ("slow", {"s-1": LINES.encode()})


def test_a_report_inside_of_a_string_is_read():
    inner = {"description": "slow", "transcript": [{"a": 1}], "errors": [], "message_count": 1}

    found = read_archive("cc-1.zip", packed({"content": json.dumps(inner)}))

    assert (found.text, found.sessions) == ("slow", {"cc-1": b'{"a":1}\n'})


def test_a_report_without_a_conversation_is_its_words():
    assert read_archive("r.zip", packed({"content": '{"description": "slow", "transcript": []}'})).sessions == {}


def test_a_shared_transcript_without_the_raw_one_is_a_line_per_message():
    found = read_archive("cc-20261201-101500-ab12cd.zip", packed({"transcript": [{"a": 1}, {"b": 2}]}, "transcript.json"))

    assert (found.text, found.sessions) == ("", {"cc-20261201-101500-ab12cd": b'{"a":1}\n{"b":2}\n'})


def test_a_report_of_the_reference_agent_is_read_too():
    document = {"at": "x", "text": "slow", "sessions": [{"id": "s-1", "transcript": base64.b64encode(LINES.encode()).decode()}], "case": {}}

    assert read_archive("a.json", json.dumps(document).encode()).sessions == {"s-1": LINES.encode()}


@pytest.mark.parametrize("session", ["../x", "a b", "", "x" * 65, 3])
def test_an_id_that_is_none_is_not_taken_over(session):
    assert list(read_archive("r.zip", packed({"sessionId": session, "rawTranscriptJsonl": LINES})).sessions) == ["r"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"PK", b"PK\x03\x04junk", b"[]", b"3", b'{"sessions": [1]}', b'{"text": "", "sessions": [{"id": "../x", "transcript": ""}]}'),
        *(packed({}, "other.json"), packed("{"), packed({"content": "{"}), packed({"content": "3"}), packed(b"\xff"), packed({})[:-30]),
    ],
    ids=range(13),
)
def test_what_is_no_report_is_refused(content):
    with pytest.raises(DataError) as caught:
        read_archive("r.zip", content)
    assert caught.value.code == "client/archive"


def test_a_bomb_is_refused_before_it_is_unpacked_whole(monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 1000)

    with pytest.raises(DataError):
        read_archive("r.zip", packed(b"0" * 100_000))
    assert LARGEST == 64 * 1024 * 1024


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda content: packed(content)))
def test_any_bytes_are_a_report_or_refused(content):
    try:
        found = read_archive("r.zip", content)
    except DataError:
        pass
    else:
        assert all(isinstance(lines, bytes) for lines in found.sessions.values())
