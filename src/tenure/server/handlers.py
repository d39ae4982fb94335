"""Handlers: a request in its form becomes a call of a service in the writer's thread, and its result an answer.

No handler decides anything about terms, and none keeps anything itself.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tenure.errors import DataError
from tenure.ports import Selection
from tenure.records.agreement import Refused
from tenure.records.case import Case, Consent
from tenure.records.held import Owner
from tenure.records.ids import LONGEST, id_fault
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Purpose
from tenure.server import wire
from tenure.server.answers import json_answer, put_answer, refusal
from tenure.server.archive import archive_of
from tenure.server.otlp.intake import MOST_BYTES
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.schema import Signal
from tenure.server.reading import LARGEST, authenticated, body_of, form_of
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Holding, Writer
from tenure.services.answers import CONSENT_TOKEN
from tenure.services.disposition import Erased
from tenure.services.intake import Item, Put
from tenure.services.keeping import Keeping
from tenure.services.metering import Metering
from tenure.services.questions import Shown
from tenure.services.surveys import Rating, Surveys
from tenure.services.tokens import Scope, Token
from tenure.services.uploads import Uploaded, Uploads
from tenure.terms.cases import parse_case
from tenure.terms.price import Usage

SHARE = "transcript_share"
"""The consent that is a yes to one transcript after a rating."""
_CLIENT = ("client_version", "env", "settings", "surface", "feature", "model_class", "attributes", "session", "safety_flagged", "hosting")
"""What a client may say about itself; who it is, the token and the account say."""


class Handlers:
    """The handlers of a service.

    Args:
        writer: owns the store.
        telemetry: the way of telemetry into it.
    """

    def __init__(self, writer: Writer, telemetry: Telemetry) -> None:
        self._writer = writer
        self._otlp = telemetry
        self._metering: tuple[int, Metering] | None = None

    async def feedback(self, request: Request) -> Response:
        """`POST /v1/feedback`."""
        token = await authenticated(request, self._writer, Scope.INGEST)
        form = await form_of(request, wire.Feedback, LARGEST)
        if form.scope == "session" and len(form.sessions) > 1:
            raise _malformed("one session for the scope session, got more")
        session = form.sessions[0].id if len(form.sessions) == 1 else None
        told = {"scope": form.scope, "text": form.text, "sessions": [part.id for part in form.sessions]}
        contents = [msgspec.json.encode(told), *(part.transcript for part in form.sessions)]
        put = await self._put(token, Kind.FEEDBACK_REPORT, form.case, session, contents)
        return put_answer("tenure.feedback/1", put)

    async def survey(self, request: Request) -> Response:
        """`POST /v1/survey`."""
        token = await authenticated(request, self._writer, Scope.SURVEY)
        form = await form_of(request, wire.Survey)
        said = _case(token, Kind.SURVEY_RATING, {"env": {}, "settings": {}, "surface": "cli"})
        case = replace(said, tier=token.tier, provider=token.provider, flags=frozenset(), consents=())
        rating = Rating(form.rating, form.day, form.arm)
        put = await self._writer.run(lambda keeping: Surveys(keeping.store, keeping.intake, keeping.time).add(case, token.org, rating))
        return put_answer("tenure.survey/1", put)

    async def survey_transcript(self, request: Request) -> Response:
        """`POST /v1/survey/transcript`: held only with the yes that it comes with."""
        token = await authenticated(request, self._writer, Scope.CONSENT)
        form = await form_of(request, wire.SurveyTranscript, LARGEST)
        if form.shown.name != SHARE:
            raise _malformed(f"the answer to the question {SHARE}, got that to another")
        shown = Shown(form.shown.name, form.shown.text_sha256, form.shown.default, form.shown.scope)
        case = _case(token, Kind.SURVEY_TRANSCRIPT, form.case)
        owner = Owner(token.subject, token.org, form.session.id)

        def take(keeping: Keeping) -> Put | Refused:
            subject, at = token.subject or "", _now(keeping)
            found = keeping.consents.answer(form.nonce, subject, True, shown=shown, at=at, channel=CONSENT_TOKEN, flushed=form.flushed)
            return found if isinstance(found, Refused) else keeping.intake.put(Item(case, owner, [form.session.transcript]))

        found = await self._writer.run(take)
        return refusal(found) if isinstance(found, Refused) else put_answer("tenure.survey-transcript/1", found)

    async def transcript(self, request: Request) -> Response:
        """`POST /v1/sessions/{id}/transcript?from=OFFSET`."""
        token = await authenticated(request, self._writer, Scope.INGEST)
        start = request.query_params.get("from", "0")
        if not start.isascii() or not start.isdigit() or len(start) > 15:
            raise _malformed("a number of bytes as `from`, got another value")
        content, case = await body_of(request, LARGEST), _case(token, Kind.TRANSCRIPT, _said(request))
        owner = Owner(token.subject, token.org, _session(request))

        def prepare(keeping: Keeping) -> Holding[Uploaded] | Uploaded:
            part = _uploads(keeping).prepare(case, owner, int(start), content)
            return part if isinstance(part, Uploaded) else Holding(part.item, part.note, part.done)

        found = await self._writer.hold(prepare, owner)
        return put_answer("tenure.transcript/1", found.put, length=found.length, repeated=found.is_repeated)

    async def errors(self, request: Request) -> Response:
        """`POST /v1/errors`."""
        token = await authenticated(request, self._writer, Scope.INGEST)
        form = await form_of(request, wire.ErrorReport)
        put = await self._put(token, Kind.ERROR_REPORT, _said(request), None, [msgspec.json.encode(form)])
        return put_answer("tenure.error/1", put)

    async def consents(self, request: Request) -> Response:
        """`GET /v1/consents`."""
        token = await authenticated(request, self._writer, Scope.CONSENT)

        def look(keeping: Keeping) -> dict[str, object]:
            agreement = keeping.accounts.agreement(token.agent, token.subject, token.org, keeping.at)
            answers = [
                {"name": each.name, "value": each.value, "at": None if each.at is None else render_time(each.at), "by": each.by}
                for each in agreement.consents or ()
            ]
            return {"schema": "tenure.consents/1", "tier": agreement.tier, "provider": agreement.provider, "answers": answers}

        return json_answer(await self._writer.run(look))

    async def ask(self, request: Request) -> Response:
        """`POST /v1/consents/questions`."""
        token = await authenticated(request, self._writer, Scope.CONSENT)
        form = await form_of(request, wire.Ask)

        def put(keeping: Keeping) -> dict[str, object]:
            question = keeping.consents.ask(token.agent, token.subject or "", form.name, org=token.org, channel=CONSENT_TOKEN, at=_now(keeping))
            shown = {"name": question.name, "text_sha256": question.text_sha256, "default": question.default, "scope": question.scope}
            return {"schema": "tenure.question/1", "nonce": question.nonce, "text": question.text, "shown": shown, "at": render_time(question.at)}

        return json_answer(await self._writer.run(put), 201)

    async def answer(self, request: Request) -> Response:
        """`POST /v1/consents`: a yes with its question, or a no."""
        token = await authenticated(request, self._writer, Scope.CONSENT)
        form = await form_of(request, wire.Answer)
        if form.value and (form.nonce is None or form.shown is None):
            raise _malformed("nonce and shown of the question that a yes answers, got none")
        found = await self._writer.run(lambda keeping: _answered(keeping, token, form))
        if isinstance(found, Refused):
            return refusal(found)
        at = None if found.at is None else render_time(found.at)
        return json_answer({"schema": "tenure.consent/1", "name": found.name, "value": found.value, "at": at})

    async def export(self, request: Request) -> Response:
        """`GET /v1/subjects/{id}/export`: a tar archive with a manifest."""
        token = await authenticated(request, self._writer, Scope.RIGHTS)
        subject = _own_subject(request, token)
        content = await self._writer.run(lambda keeping: archive_of(keeping, subject))
        return StreamingResponse(iter([content]), media_type="application/x-tar", headers={"content-length": str(len(content))})

    async def erase_subject(self, request: Request) -> Response:
        """`DELETE /v1/subjects/{id}`."""
        token = await authenticated(request, self._writer, Scope.RIGHTS)
        subject = _own_subject(request, token)

        def erase(keeping: Keeping) -> Erased:
            done = keeping.disposition.erase(Selection(subjects=[subject]), "request", subject=subject)
            self._otlp.forget(subject)
            return done

        return _erased(await self._writer.run(erase))

    async def erase_session(self, request: Request) -> Response:
        """`DELETE /v1/sessions/{id}`."""
        token = await authenticated(request, self._writer, Scope.RIGHTS)
        subject = token.subject or ""
        selection = Selection(subjects=[subject], sessions=[_session(request)])

        def erase(keeping: Keeping) -> Erased:
            done = keeping.disposition.erase(selection, "request")
            _uploads(keeping).prune(subject)
            self._otlp.forget(subject)
            return done

        return _erased(await self._writer.run(erase))

    def _metered(self, keeping: Keeping) -> Metering:
        """Return what meters, which remembers nothing from before somebody was erased, here or on a page. Runs in the writer's thread."""
        if self._metering is None or self._metering[0] != self._otlp.forgotten:
            self._metering = (self._otlp.forgotten, Metering(keeping.store, keeping.accounts, keeping.judge.book, keeping.time))
        return self._metering[1]

    async def usage(self, request: Request) -> Response:
        """`POST /v1/usage`."""
        token = await authenticated(request, self._writer, Scope.INGEST)
        form = await form_of(request, wire.Usage)
        payer, is_org = (token.org, True) if token.org is not None else (token.subject or "", False)
        used = Usage(**form.tokens)
        is_new = await self._writer.run(
            lambda keeping: self._metered(keeping).add(token.agent, payer, is_org=is_org, model=form.model, usage=used, request=form.request)
        )
        return json_answer({"schema": "tenure.usage/1", "counted": is_new}, 201 if is_new else 200)

    async def metrics(self, request: Request) -> Response:
        """`POST /v1/metrics`."""
        return await self._telemetry(request, Signal.METRICS)

    async def logs(self, request: Request) -> Response:
        """`POST /v1/logs`."""
        return await self._telemetry(request, Signal.LOGS)

    async def traces(self, request: Request) -> Response:
        """`POST /v1/traces`."""
        return await self._telemetry(request, Signal.TRACES)

    async def _telemetry(self, request: Request, signal: Signal) -> Response:
        token = await authenticated(request, self._writer, Scope.INGEST)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in set(Encoding):
            raise DataError("content-type: expected application/x-protobuf or application/json, got another", code="server/malformed")
        encoding, payload = Encoding(kind), await body_of(request, MOST_BYTES)
        answer = await self._writer.run(lambda keeping: self._otlp.take(keeping, token, signal, encoding, payload))
        return Response(answer, media_type=str(encoding))

    async def _put(self, token: Token, kind: Kind, said: Mapping[str, object], session: str | None, contents: list[bytes]) -> Put:
        return await self._writer.put(Item(_case(token, kind, said), Owner(token.subject, token.org, session), contents))


def _case(token: Token, kind: Kind, said: Mapping[str, object]) -> Case:
    unknown = [name for name in said if name not in _CLIENT]
    if unknown:
        raise _malformed(f"a case with keys out of {', '.join(_CLIENT)}, got {len(unknown)} others")
    return parse_case({**said, "agent": token.agent, "kind": str(kind), "purpose": str(Purpose.COLLECT)})


def _said(request: Request) -> Mapping[str, object]:
    """Return what a client says about itself in the header `tenure-case`, as JSON."""
    text = request.headers.get("tenure-case")
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed("JSON in the header tenure-case, found none") from error
    if not isinstance(value, dict):
        raise _malformed("an object in the header tenure-case, found something else")
    return value


def _session(request: Request) -> str:
    session = str(request.path_params["session"])
    if fault := id_fault(session) or ("\ufffd" in session and "bytes that are no UTF-8"):
        raise _malformed(f"an id of a session of 1 to {LONGEST} printable characters, got {fault}")
    return session


def _own_subject(request: Request, token: Token) -> str:
    """Return the person that a request is about: the token's own, and nobody else."""
    if str(request.path_params["subject"]) not in (token.subject, "me"):
        raise DataError("subject: expected the person whose token this is, got another", code="server/scope", remedy="write `me`")
    return token.subject or ""


def _answered(keeping: Keeping, token: Token, form: wire.Answer) -> Consent | Refused:
    subject, now = token.subject or "", _now(keeping)
    if form.nonce is None or form.shown is None:
        return keeping.consents.withdraw(token.agent, subject, form.name, org=token.org, at=now, channel=CONSENT_TOKEN)
    shown = Shown(form.shown.name, form.shown.text_sha256, form.shown.default, form.shown.scope)
    return keeping.consents.answer(form.nonce, subject, form.value, shown=shown, at=now, channel=CONSENT_TOKEN, flushed=form.flushed)


def _uploads(keeping: Keeping) -> Uploads:
    return Uploads(keeping.store, keeping.intake, keeping.accounts, keeping.time)


def _now(keeping: Keeping) -> datetime:
    """Return the present, made durable as the highest instant."""
    with keeping.store.transaction():
        return keeping.time.stamp()


def _erased(done: Erased) -> Response:
    told = {"keys": done.keys, "records": done.records, "kept": done.kept, "receipt": done.receipt}
    return json_answer({"schema": "tenure.erase/1", "applied": True, **told})


def _malformed(expected: str) -> DataError:
    return DataError(f"request: expected {expected}", code="server/malformed")
