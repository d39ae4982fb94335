"""The application: one table of routes, one place that measures and logs, nothing of content in either.

Logs name the route, the status and the time; never a path with an id, a header or a body.
"""

import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tenure.errors import Error
from tenure.server import wire
from tenure.server.answers import error_answer, json_answer, told
from tenure.server.handlers import Handlers
from tenure.server.openapi import OTLP, Operation, document
from tenure.server.reading import Room, authenticated
from tenure.server.talk import Talk
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services import tokens

Handler = Callable[[Request], Awaitable[Response]]
CODE = "tenure.code"
"""Where a request's scope says with which code it was refused."""
_PARTS = "/v1/sessions/{session}/transcript"
GONE = 499
"""The status, in figures and log alone, of a request whose client went away."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a service tells about itself.

    Attributes:
        registry: of the figures that `/metrics` shows.
        requests: by route and status.
        seconds: by route.
        held: records that can still open.
        log: takes one line of JSON per request; None = no log.
    """

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    held: Gauge
    log: Callable[[str], object] | None


def make_telling(log: Callable[[str], object] | None = None) -> Telling:
    """Return fresh figures."""
    registry = CollectorRegistry()
    return Telling(
        registry,
        Counter("tenure_requests", "Requests by route and status.", ["route", "status"], registry=registry),
        Histogram("tenure_request_seconds", "Seconds per request by route.", ["route"], registry=registry),
        Gauge("tenure_held_records", "Records that can still open.", registry=registry),
        log,
    )


def log_to_stderr(line: str) -> None:
    """Write a line of the log."""
    sys.stderr.write(line + "\n")


def operations(handlers: Handlers) -> list[tuple[Operation, Handler]]:
    """Return every operation of the service with its handler."""
    ingest, survey, consent, rights = ((each,) for each in (tokens.Scope.INGEST, tokens.Scope.SURVEY, tokens.Scope.CONSENT, tokens.Scope.RIGHTS))
    held, raw = (201,), ("application/octet-stream",)
    return [
        (Operation("POST", "/v1/feedback", "Send a report.", ingest, wire.Feedback, done=held), handlers.feedback),
        (Operation("POST", "/v1/survey", "Rate a session; nothing joins the rating to it.", survey, wire.Survey, done=held), handlers.survey),
        (
            Operation("POST", "/v1/survey/transcript", "Send a transcript with a yes of its own.", consent, wire.SurveyTranscript, done=held),
            handlers.survey_transcript,
        ),
        (
            Operation("POST", _PARTS, "Send a part of a transcript.", ingest, None, raw, done=held, refused=(409,), query=("from",), tells_case=True),
            handlers.transcript,
        ),
        (Operation("DELETE", "/v1/sessions/{session}", "Erase a session.", rights), handlers.erase_session),
        (Operation("POST", "/v1/errors", "Report an error of the client.", ingest, wire.ErrorReport, done=held, tells_case=True), handlers.errors),
        (Operation("GET", "/v1/consents", "See the answers on record.", consent), handlers.consents),
        (Operation("POST", "/v1/consents/questions", "Be asked for a consent.", consent, wire.Ask, done=held), handlers.ask),
        (Operation("POST", "/v1/consents", "Answer, or withdraw.", consent, wire.Answer, refused=(404,)), handlers.answer),
        (
            Operation("GET", "/v1/subjects/{subject}/export", "Get all that is held of a person.", rights, gives="application/x-tar"),
            handlers.export,
        ),
        (Operation("DELETE", "/v1/subjects/{subject}", "Erase all that is held of a person.", rights), handlers.erase_subject),
        (Operation("POST", "/v1/metrics", "Export metrics: OTLP.", ingest, takes=OTLP), handlers.metrics),
        (Operation("POST", "/v1/logs", "Export events: OTLP.", ingest, takes=OTLP), handlers.logs),
        (Operation("POST", "/v1/traces", "Export spans: OTLP.", ingest, takes=OTLP), handlers.traces),
        (Operation("POST", "/v1/usage", "Report tokens that were used.", ingest, wire.Usage, done=(200, 201)), handlers.usage),
    ]


def make_app(writer: Writer, telemetry: Telemetry, telling: Telling, pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Return the application over a store that is open.

    Args:
        writer: owns the store, started.
        telemetry: the way of telemetry into it.
        telling: figures and log.
        pages: routes of pages for people.
    """
    table: list[tuple[Operation, Handler]] = operations(Handlers(writer, telemetry))

    async def health(_: Request) -> Response:
        return json_answer({"status": "ok"})

    async def described(_: Request) -> Response:
        return json_answer(document([operation for operation, _ in table]))

    async def figures(request: Request) -> Response:
        await authenticated(request, writer, tokens.Scope.OPERATE)
        status = await writer.run(lambda keeping: keeping.holdings.status())
        telling.held.set(status.held.records)
        return PlainTextResponse(generate_latest(telling.registry))

    table = [
        *table,
        (Operation("GET", "/healthz", "Whether it is there."), health),
        (Operation("GET", "/openapi.json", "What it takes and answers."), described),
        (Operation("GET", "/metrics", "Figures for Prometheus.", (tokens.Scope.OPERATE,), gives="text/plain"), figures),
    ]
    routes: list[BaseRoute] = [*(Route(operation.path, handler, methods=[operation.method]) for operation, handler in table), *pages]
    inner = Starlette(routes=routes, exception_handlers={Error: _told, HTTPException: _not_there, ClientDisconnect: _gone, Exception: _fault})
    inner.router.redirect_slashes = False
    return Measured(inner, telling, {route.endpoint: route.path for route in routes if isinstance(route, Route)})


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, Error)  # noqa: S101 - that is what it is registered for
    request.scope[CODE] = error.code
    return error_answer(error)


async def _not_there(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - that is what it is registered for
    remedy = "/openapi.json describes what there is"
    if error.status_code == 405:
        return told(405, "server/method", "method: expected one that this path has, got another", remedy, error.headers)
    return told(error.status_code, "server/unknown", "path: expected one that the service has, got another", remedy, error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=GONE)


async def _fault(request: Request, error: Exception) -> Response:
    request.scope[CODE] = "server/fault"
    return told(500, "server/fault", "a fault of the service itself", "try again")


class Measured:
    """Counts, times and logs requests; refuses what could be read in two ways; and lets a client that still sends hear why it is refused.

    Args:
        app: what is measured.
        telling: figures and log.
        routes: the path of each handler, as the table has it.
    """

    def __init__(self, app: ASGIApp, telling: Telling, routes: Mapping[object, str]) -> None:
        self._app = app
        self._telling = telling
        self._routes = routes
        self._room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, fault = time.perf_counter(), ""
        talk = Talk(scope, receive, send)
        with self._room.part() as scope["tenure.part"]:
            try:
                if talk.is_odd:
                    message = "request: expected a version that is known and one length of its body, got another"
                    await told(400, "server/malformed", message, "send content-length or transfer-encoding")(scope, talk.receive, talk.send)
                else:
                    await self._app(scope, talk.receive, talk.send)
            except Exception as error:  # it was answered; what is left to do is to say so
                fault = type(error).__name__
        self._tell(scope, talk.status, time.perf_counter() - started, fault)

    def _tell(self, scope: Scope, status: int, seconds: float, fault: str) -> None:
        path = self._routes.get(scope.get("endpoint"), "unknown")
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "?"
        self._telling.requests.labels(path, str(status)).inc()
        self._telling.seconds.labels(path).observe(seconds)
        if self._telling.log is not None:
            line = {
                "method": method,
                "route": path,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "code": scope.get(CODE),
                "fault": fault or None,
            }
            self._telling.log(json.dumps({name: value for name, value in line.items() if value is not None}))
