"""Whatever a session holds, the telemetry of the reference agent holds numbers, words of closed lists, its own id and its version, and no text."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.demo.agent.people import AT, SESSION, Counted, Ticking

from tenure.client.telemetry import METRICS, NUMBERS, WORDS, Telemetry, attributes, rating_payload
from tenure.demo.agent.loop import Loop
from tenure.demo.agent.messages import Model
from tenure.demo.agent.tools import TOOLS, Used
from tenure.demo.agent.transcript import Transcript
from tenure.server.otlp.schema import packaged_schema

CANARY = "canary-7f3a"
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["Read", "claude-opus-4-8", "claude-opus-4-8 ", "input", "accept", "1", "../x", "mcp__x"]))
WORDS_ALLOWED = {word for words in WORDS.values() for word in words}
OWN = {SESSION, "tenure-agent", "0.1.0"}


class Tools:
    """Tools that answer with whatever they are told."""

    def __init__(self, text: str) -> None:
        self._text = text

    def use(self, name: str, _: object) -> Used:
        return Used(self._text, name, is_error=True, decision=self._text, source=self._text)


def _strings(value):
    """Every string of a payload that is a value: keys of the format are looked at by name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("stringValue", "name") or (key == "key"):
                yield key, inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield "plain", value


def _allowed(payload):
    for key, text in _strings(json.loads(payload)):
        if key == "plain":
            assert text.lstrip("-").isdigit(), text
        elif key == "key":
            assert text in {*WORDS, *NUMBERS, "success", "model", "session.id", "service.name", "service.version"}
        elif key == "name":
            assert text in METRICS
        else:
            assert text in WORDS_ALLOWED | OWN or text == "claude-opus-4-8", text


def _session(prompt: str, texts: list[str], model: str) -> list[tuple[str, bytes]]:
    """Run a session whose every string is made up and return what telemetry sent."""
    sent: list[tuple[str, bytes]] = []
    telemetry = Telemetry(SESSION, "0.1.0", "xterm", Ticking(), lambda signal, payload: sent.append((signal, payload)))
    telemetry.count("claude_code.session.count", 1, start_type=texts[0])
    use = {"type": "tool_use", "id": texts[1], "name": texts[2], "input": {texts[3]: texts[4]}}
    answers = iter([[{"type": "text", "text": texts[5]}, use], []])

    def handler(_: httpx.Request) -> httpx.Response:
        content = next(answers, None)
        if content is None:
            return httpx.Response(400, json={"error": {"message": texts[6]}})
        events = [{"type": "message_start", "message": {"id": texts[7], "model": model, "content": content}}, {"type": "message_stop"}]
        return httpx.Response(200, content="".join(f"data: {json.dumps(event)}\n\n" for event in events), headers={"request-id": "req_1"})

    with httpx.Client(base_url="http://model", transport=httpx.MockTransport(handler)) as http:
        transcript = Transcript(None, SESSION, {}, Ticking(), Counted())
        loop = Loop(Model(http, model, Ticking(), TOOLS, "{}"), Tools(texts[0]), transcript, telemetry, lambda _: None, lambda _: None)
        loop.run(prompt)
        loop.run(prompt)
    telemetry.flush()
    return sent


@given(TEXTS, st.lists(TEXTS, min_size=8, max_size=8), TEXTS)
def test_no_text_of_a_session_is_in_its_telemetry(prompt, texts, model):
    sent = _session(prompt, texts, model)

    assert [signal for signal, _ in sent] == ["metrics", "logs"]
    for _, payload in sent:
        _allowed(payload)


def test_a_canary_in_every_place_arrives_nowhere():
    for _, payload in _session(CANARY, [CANARY] * 8, CANARY):
        assert CANARY.encode() not in payload


@given(
    st.dictionaries(
        st.one_of(st.text(max_size=12), st.sampled_from([*WORDS, *NUMBERS, "model", "success"])), st.one_of(TEXTS, st.integers(), st.booleans())
    )
)
def test_an_attribute_is_on_a_list_or_left_out(given_):
    _allowed(json.dumps(attributes(given_)))


@pytest.mark.parametrize("rating", range(4))
def test_a_rating_is_a_word_and_a_day(rating):
    payload = rating_payload(rating, AT.date(), "0.1.0")

    _allowed(payload)
    assert SESSION.encode() not in payload


def test_every_name_and_key_is_one_that_the_service_takes():
    client = next(client for client in packaged_schema().clients if client.name == "claude_code")
    names = {name.text for name in packaged_schema().names}

    assert names >= METRICS
    assert names >= WORDS["event.name"]
    assert {*WORDS, *NUMBERS, "success", "model"} - {"event.name"} <= set(client.keys) | {"session.id"}
