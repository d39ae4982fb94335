"""What a client uses of Tenure's service, one method per endpoint; `Client` speaks to a real one."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tenure.client.reports import ErrorReport

_Form = TypeVar("_Form")
Block = dict[str, object]
"""An object of JSON, kept as it came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of something that was sent.

    Attributes:
        is_taken: whether it was.
        reason: why not; empty when it was.
    """

    is_taken: bool
    reason: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What an answer has to say was shown."""

    name: str
    text_sha256: str
    default: bool
    scope: str


class Question(msgspec.Struct, frozen=True):
    """A question for a consent, as the service asks it; whoever brings the nonce can answer, once."""

    nonce: str
    text: str
    shown: Shown


class _Said(msgspec.Struct):
    name: str
    value: bool | None


class _Consents(msgspec.Struct):
    answers: list[_Said]


class Server(Protocol):
    """The endpoints, docs/design/0003-service.md."""

    def feedback(self, scope: str, text: str, sessions: Mapping[str, bytes], case: Block) -> Reply:
        """Send a report with redacted transcripts by session."""
        ...

    def survey(self, rating: int, day: date, arm: str | None) -> Reply:
        """Send a rating, with the organisation's survey token and nothing of the person."""
        ...

    def survey_transcript(self, question: Question, session: str, transcript: bytes, case: Block) -> Reply:
        """Send a transcript that the person said yes to."""
        ...

    def transcript(self, session: str, start: int, lines: bytes, case: Block) -> Reply:
        """Append lines to a session, from an offset on."""
        ...

    def errors(self, report: ErrorReport, case: Block) -> Reply:
        """Send an error report."""
        ...

    def consents(self) -> Mapping[str, bool | None] | None:
        """Return the person's answers by name; None where they cannot be had."""
        ...

    def question(self, name: str) -> Question | None:
        """Return a question to show; None where there is none."""
        ...

    def answer(self, name: str, question: Question | None) -> Reply:
        """Send an answer: a yes with the question that was shown, a no without one."""
        ...

    def usage(self, model: str, tokens: Mapping[str, int], request: str) -> Reply:
        """Meter tokens."""
        ...

    def export(self, subject: str) -> bytes | None:
        """Return everything that is held of a person."""
        ...

    def erase(self, subject: str) -> Reply:
        """Erase everything that is held of a person."""
        ...

    def delete_session(self, session: str) -> Reply:
        """Erase a session."""
        ...

    def telemetry(self, signal: str, payload: bytes) -> Reply:
        """Send OTLP JSON."""
        ...


class Access(msgspec.Struct, frozen=True):
    """Where a service is and what opens it: the ready file of `tenure serve`, with a token for each further scope.

    Attributes:
        url: of the service.
        token: of scope ingest.
        otlp_http: the base to which `/v1/metrics` is appended; empty = the same as `url`.
        ca: file with the authority that signed the service's certificate.
        tokens: by scope: `survey`, `consent`, `rights`.
    """

    url: str
    token: str = ""
    otlp_http: str = ""
    ca: str = ""
    tokens: dict[str, str] = {}


class Client:
    """A service over HTTP.

    Args:
        access: where it is and what opens it.
        connect: makes a client without credentials; each request has one of its own, so that no connection joins a rating to a person.
    """

    def __init__(self, access: Access, connect: Callable[[], httpx.Client]) -> None:
        self._access = access
        self._connect = connect

    def feedback(self, scope: str, text: str, sessions: Mapping[str, bytes], case: Block) -> Reply:
        """See `Server`."""
        parts = [{"id": name, "transcript": lines} for name, lines in sessions.items()]
        return self._put("/v1/feedback", {"scope": scope, "text": text, "sessions": parts, "case": case})

    def survey(self, rating: int, day: date, arm: str | None) -> Reply:
        """See `Server`."""
        return self._put("/v1/survey", {"rating": rating, "day": day, "arm": arm}, "survey")

    def survey_transcript(self, question: Question, session: str, transcript: bytes, case: Block) -> Reply:
        """See `Server`."""
        agreed = {"nonce": question.nonce, "shown": question.shown, "flushed": True}
        part = {"id": session, "transcript": transcript}
        return self._put("/v1/survey/transcript", {**agreed, "session": part, "case": case}, "consent")

    def transcript(self, session: str, start: int, lines: bytes, case: Block) -> Reply:
        """See `Server`."""
        return self._put(f"/v1/sessions/{session}/transcript?from={start}", lines, case=case)

    def errors(self, report: ErrorReport, case: Block) -> Reply:
        """See `Server`."""
        return self._put("/v1/errors", report, case=case)

    def consents(self) -> Mapping[str, bool | None] | None:
        """See `Server`."""
        found = _decoded(self._send("GET", "/v1/consents", None, "consent"), _Consents)
        return None if found is None else {said.name: said.value for said in found.answers}

    def question(self, name: str) -> Question | None:
        """See `Server`."""
        return _decoded(self._send("POST", "/v1/consents/questions", {"name": name}, "consent"), Question)

    def answer(self, name: str, question: Question | None) -> Reply:
        """See `Server`."""
        said: Block = {"name": name, "value": question is not None}
        if question is not None:
            said.update(nonce=question.nonce, shown=question.shown, flushed=True)
        return self._put("/v1/consents", said, "consent")

    def usage(self, model: str, tokens: Mapping[str, int], request: str) -> Reply:
        """See `Server`."""
        return self._put("/v1/usage", {"model": model, "tokens": tokens, "request": request})

    def export(self, subject: str) -> bytes | None:
        """See `Server`."""
        response = self._send("GET", f"/v1/subjects/{quote(subject, safe='')}/export", None, "rights")
        return response.content if isinstance(response, httpx.Response) and response.is_success else None

    def erase(self, subject: str) -> Reply:
        """See `Server`."""
        return _reply(self._send("DELETE", f"/v1/subjects/{quote(subject, safe='')}", None, "rights"))

    def delete_session(self, session: str) -> Reply:
        """See `Server`."""
        return _reply(self._send("DELETE", f"/v1/sessions/{session}", None, "rights"))

    def telemetry(self, signal: str, payload: bytes) -> Reply:
        """See `Server`."""
        return self._put(f"{self._access.otlp_http}/v1/{signal}", payload)

    def _put(self, path: str, body: object, scope: str = "ingest", case: Block | None = None) -> Reply:
        return _reply(self._send("POST", path, body, scope, case))

    def _send(self, method: str, path: str, body: object, scope: str, case: Block | None = None) -> httpx.Response | str:
        """Return the response, or why there is none."""
        token = self._access.token if scope == "ingest" else self._access.tokens.get(scope, "")
        if not token:
            return f"there is no token of scope {scope}"
        content = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        if case is not None:
            headers["tenure-case"] = msgspec.json.encode(case).decode()
        try:
            with self._connect() as http:
                return http.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            return f"the service could not be reached ({type(error).__name__})"


def connector(access: Access) -> Callable[[], httpx.Client]:
    """Return what makes a connection to a service, which trusts its authority and no proxy."""
    trusted, said = trust(access.ca), {"user-agent": "tenure-agent"}
    return lambda: httpx.Client(base_url=access.url, verify=trusted, headers=said, timeout=30, trust_env=False)


@cache
def trust(ca: str) -> ssl.SSLContext:
    """Return what is trusted: one authority where it is named, else those that everybody trusts. Made once, it takes a tenth of a second."""
    return ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context()


def collector(env: Mapping[str, str]) -> Callable[[bytes], None] | None:
    """Return what sends to one's own collector: without any credential, and a collector that is away disturbs nothing."""
    base = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/")
    if not base:
        return None
    server = Client(Access(base, token="none"), connector(Access(base)))  # noqa: S106 - a word, so that it is sent at all
    return lambda payload: _ignored(server.telemetry("logs", payload))


def _ignored(_: object) -> None:
    """What became of it does not matter."""


class _Refused(msgspec.Struct):
    reason: str = ""
    error: dict[str, str] = {}


def _reply(found: httpx.Response | str) -> Reply:
    if isinstance(found, str):
        return Reply(False, found)
    if found.is_success:
        return Reply(True)
    said = _decoded(found, _Refused, any_status=True) or _Refused()
    return Reply(False, said.reason or said.error.get("message", "") or f"status {found.status_code}")


def _decoded(found: httpx.Response | str, form: type[_Form], *, any_status: bool = False) -> _Form | None:
    if isinstance(found, str) or not (found.is_success or any_status):
        return None
    try:
        return msgspec.json.decode(found.content, type=form)
    except msgspec.DecodeError:
        return None
