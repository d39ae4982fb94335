"""The application: one table of routes, one place that measures and logs, nothing of content in either.

Logs name the route, the status and the time; never a path with an id, a header or a body.
"""

import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenure.errors import Error
from tenure.server import wire
from tenure.server.answers import error_answer
from tenure.server.handlers import Handlers
from tenure.server.openapi import Operation, document
from tenure.server.reading import authenticated
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services import tokens

Handler = Callable[[Request], Awaitable[Response]]


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
    scope = tokens.Scope
    return [
        (Operation("POST", "/v1/feedback", "Send a report.", (scope.INGEST,), wire.Feedback), handlers.feedback),
        (Operation("POST", "/v1/survey", "Rate a session; nothing joins the rating to it.", (scope.SURVEY,), wire.Survey), handlers.survey),
        (
            Operation("POST", "/v1/survey/transcript", "Send a transcript with a yes of its own.", (scope.CONSENT,), wire.SurveyTranscript),
            handlers.survey_transcript,
        ),
        (Operation("POST", "/v1/sessions/{session}/transcript", "Send a part of a transcript.", (scope.INGEST,)), handlers.transcript),
        (Operation("DELETE", "/v1/sessions/{session}", "Erase a session.", (scope.RIGHTS, scope.INGEST)), handlers.erase_session),
        (Operation("POST", "/v1/errors", "Report an error of the client.", (scope.INGEST,), wire.ErrorReport), handlers.errors),
        (Operation("GET", "/v1/consents", "See the answers on record.", (scope.CONSENT,)), handlers.consents),
        (Operation("POST", "/v1/consents/questions", "Be asked for a consent.", (scope.CONSENT,), wire.Ask), handlers.ask),
        (Operation("POST", "/v1/consents", "Answer, or withdraw.", (scope.CONSENT,), wire.Answer), handlers.answer),
        (Operation("GET", "/v1/subjects/{subject}/export", "Get all that is held of a person.", (scope.RIGHTS,)), handlers.export),
        (Operation("DELETE", "/v1/subjects/{subject}", "Erase all that is held of a person.", (scope.RIGHTS,)), handlers.erase_subject),
        (Operation("POST", "/v1/metrics", "Export metrics: OTLP, protobuf or JSON.", (scope.INGEST,)), handlers.metrics),
        (Operation("POST", "/v1/logs", "Export events: OTLP, protobuf or JSON.", (scope.INGEST,)), handlers.logs),
        (Operation("POST", "/v1/traces", "Export spans: OTLP, protobuf or JSON.", (scope.INGEST,)), handlers.traces),
        (Operation("POST", "/v1/usage", "Report tokens that were used.", (scope.INGEST,), wire.Usage), handlers.usage),
    ]


def make_app(writer: Writer, telemetry: Telemetry, telling: Telling, pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Return the application over a store that is open.

    Args:
        writer: owns the store, started.
        telemetry: the way of telemetry into it.
        telling: figures and log.
        pages: routes of pages for people.
    """
    table = operations(Handlers(writer, telemetry))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def described(_: Request) -> Response:
        return Response(msgspec.json.encode(document([operation for operation, _ in table])), media_type="application/json")

    async def figures(request: Request) -> Response:
        await authenticated(request, writer, tokens.Scope.OPERATE)
        status = await writer.run(lambda keeping: keeping.holdings.status())
        telling.held.set(status.held.records)
        return PlainTextResponse(generate_latest(telling.registry))

    routes: list[BaseRoute] = [Route(operation.path, handler, methods=[operation.method]) for operation, handler in table]
    routes += [Route("/healthz", health), Route("/openapi.json", described), Route("/metrics", figures), *pages]
    inner = Starlette(routes=routes, exception_handlers={Error: _told})
    return Measured(inner, telling)


async def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, Error)  # noqa: S101 - that is what it is registered for
    return error_answer(error)


class Measured:
    """Counts, times and logs requests, and answers 500 without a trace when a handler fails.

    Args:
        app: what is measured.
        telling: figures and log.
    """

    def __init__(self, app: ASGIApp, telling: Telling) -> None:
        self._app = app
        self._telling = telling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started, fault = 0, time.perf_counter(), ""

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            fault = type(error).__name__
            if status == 0:
                status = 500
                answer = JSONResponse({"error": {"code": "server/fault", "message": "a fault of the service itself", "remedy": "try again"}}, 500)
                await answer(scope, receive, send)
        self._tell(scope, status, time.perf_counter() - started, fault)

    def _tell(self, scope: Scope, status: int, seconds: float, fault: str) -> None:
        route = scope.get("route")
        path = route.path if isinstance(route, Route) else "unknown"
        self._telling.requests.labels(path, str(status)).inc()
        self._telling.seconds.labels(path).observe(seconds)
        if self._telling.log is not None:
            line = {"method": scope["method"] if path != "unknown" else "?", "route": path, "status": status, "ms": round(seconds * 1000, 1)}
            self._telling.log(json.dumps({**line, **({"fault": fault} if fault else {})}))
