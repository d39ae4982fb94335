"""Answers: one table from errors and verdicts to statuses. A body says what was expected and what to do, never a stack, never content."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from tenure.errors import Error
from tenure.records.agreement import Refused
from tenure.records.instants import render_time
from tenure.records.kinds import Verdict
from tenure.services.intake import Put

STATUSES: Mapping[str, int] = {
    "server/busy": 503,
    "server/too-large": 413,
    "server/too-slow": 408,
    "server/unknown": 404,
    "server/method": 405,
    "server/malformed": 400,
    "server/no-token": 401,
    "server/scope": 403,
    "console/not-this-page": 403,
    "server/conflict": 409,
    "vault/busy": 503,
    "vault/clock": 503,
    "vault/full": 507,
    "account/unknown": 404,
}
"""Status by code; by area of the code below; else 500."""
AREAS: Mapping[str, int] = {
    "case": 400, "consent": 400, "terms": 400, "data": 400, "otlp": 400, "account": 400, "token": 400, "vault": 500, "integrity": 500,
}  # fmt: skip
RETRY_S = "1"


OWN_FAULT = "the service could not do it; its own log says why"


def error_answer(error: Error) -> Response:
    """Return what a client is told of an error. Of what is not the client's doing, the code alone: the message may name files."""
    status = status_of(error)
    message, remedy = (_without_values(error), error.remedy) if status < 500 else (OWN_FAULT, "try again later")
    return told(status, error.code, message, remedy)


def _without_values(error: Error) -> str:
    """Return a message without the value that was found: what reads cases quotes it, for a person at a terminal."""
    if error.code.partition("/")[0] in ("case", "terms", "consent", "account"):
        return error.message.partition(", got ")[0] + (", got another" if ", got " in error.message else "")
    return error.message


def status_of(error: Error) -> int:
    """Return the status of an error."""
    return STATUSES.get(error.code, AREAS.get(error.code.partition("/")[0], 500))


def told(status: int, code: str, message: str, remedy: str | None, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error in the one form that all of them have."""
    more = {"retry-after": RETRY_S} if status in (429, 503) else {"www-authenticate": "Bearer"} if status == 401 else {}
    body = {"error": {"code": code, "message": message, "remedy": remedy}}
    return Response(msgspec.json.encode(body), status, {**more, **(headers or {})}, "application/json")


def put_answer(schema: str, put: Put, **more: object) -> Response:
    """Return what became of something that was sent: 201 held, 403 refused, with nothing kept."""
    is_held = put.verdict is Verdict.PERMIT
    body: dict[str, object] = {
        "schema": schema,
        "verdict": str(put.verdict),
        "records": [str(name) for name in put.records],
        "expires_at": None if put.expires_at is None else render_time(put.expires_at),
        "because": [{"clause": part.clause, "source": part.source, "as_of": part.as_of.isoformat()} for part in put.because],
        "reason": put.reason,
        **more,
    }
    return json_answer(body, 201 if is_held else 403)


def refusal(refused: Refused) -> Response:
    """Return why a person's answer does not count."""
    return json_answer({"verdict": "deny", "reason": refused.reason, "clauses": list(refused.clauses), "remedy": refused.remedy}, 403)


def json_answer(body: object, status: int = 200) -> Response:
    """Return a body as JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")
