"""The pages: a request of somebody who is signed in becomes a call in the writer's thread, and its result a page. Nothing is decided here."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tenure.console import figures, held, organisation, overview, privacy
from tenure.console.forms import COOKIE, form_of, session_name
from tenure.console.identity import Grant, Identity, TokenIdentity, manages
from tenure.console.rendering import HEADERS, Templates, static_file
from tenure.console.sessions import Session, Sessions
from tenure.errors import DataError, Error
from tenure.records.agreement import Refused
from tenure.records.instants import render_time
from tenure.server.answers import OWN_FAULT, status_of
from tenure.server.archive import archive_of
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.consent import WRITTEN_NO
from tenure.services.keeping import Keeping
from tenure.services.telemetry_job import read_figures
from tenure.services.tokens import Scope

ROOT = "/console"
PERSON = (Scope.CONSENT, Scope.RIGHTS)
_ARCHIVE = "tenure-export.tar"
Result = TypeVar("Result")
Page = Callable[[Request], Awaitable[Response]]
Form = Callable[["Visit", Mapping[str, str]], Awaitable[Response]]


class SignedOut(Exception):
    """Nobody is signed in, or not for this page."""


class Visit:
    """One request of somebody who is signed in.

    Args:
        request: it.
        name: of the session.
        session: it.
        grants: what it may do by now.
        links: names of pages by their path: what is offered.
    """

    def __init__(self, request: Request, name: str, session: Session, grants: Mapping[Scope, Grant], links: Mapping[str, str]) -> None:
        self.request, self.name, self.session, self.grants, self.links = request, name, session, grants, links

    def grant(self, *scopes: Scope) -> Grant:
        """Return the first grant of some scopes.

        Raises:
            DataError: there is none (`server/scope`).
        """
        for scope in scopes:
            if scope in self.grants:
                return self.grants[scope]
        expected = " or ".join(scopes)
        message = f"page: expected somebody signed in with a token of scope {expected}, found another"
        raise DataError(message, code="server/scope", remedy="sign in with such a token as well: tenure keys mint")


class Console:
    """The pages over a store that is open.

    Args:
        writer: owns the store.
        telemetry: what the service remembers of a person's telemetry; forgotten with the person.
        identity: who somebody is.
        sessions: who is signed in.
    """

    def __init__(self, writer: Writer, telemetry: Telemetry, identity: Identity | None = None, sessions: Sessions | None = None) -> None:
        self._writer = writer
        self._telemetry = telemetry
        self._identity = identity or TokenIdentity()
        self._sessions = sessions or Sessions()
        self._templates = Templates()

    def routes(self) -> list[BaseRoute]:
        """Return the routes of all pages."""
        return [
            Route("/", self._guarded(self._start)),
            Route(ROOT, self._guarded(self._start)),
            Route(f"{ROOT}/static/{{name}}", self._static),
            Route(f"{ROOT}/sign-in", self._guarded(self._sign_in_page)),
            Route(f"{ROOT}/sign-in", self._guarded(self._sign_in), methods=["POST"]),
            Route(f"{ROOT}/sign-out", self._guarded(self._sign_out), methods=["POST"]),
            self._get("/privacy", self._privacy),
            self._post("/privacy/ask", self._ask),
            self._get("/privacy/question", self._question),
            self._post("/privacy/answer", self._answer),
            self._post("/privacy/withdraw", self._withdraw),
            self._get("/held", self._held),
            self._post("/held/export", self._export),
            self._get("/held/erase", self._erase_page),
            self._post("/held/erase", self._erase),
            self._get("/overview", self._overview),
            self._get("/telemetry", self._telemetry_page),
            self._post("/telemetry", self._read_telemetry),
            self._get("/organisation", self._organisation),
        ]

    def _get(self, path: str, page: Callable[[Visit], Awaitable[Response]]) -> Route:
        async def shown(request: Request) -> Response:
            return await page(await self._visit(request))

        return Route(ROOT + path, self._guarded(shown), methods=["GET"], name=f"get{path}")

    def _post(self, path: str, act: Form) -> Route:
        async def done(request: Request) -> Response:
            form = await form_of(request, self._sessions)
            return await act(await self._visit(request), form)

        return Route(ROOT + path, self._guarded(done), methods=["POST"], name=f"post{path}")

    def _guarded(self, page: Page) -> Page:
        """Answer errors of a page with a page."""

        async def answered(request: Request) -> Response:
            try:
                return await page(request)
            except SignedOut:
                return _to("/sign-in")
            except Error as error:
                status = status_of(error)
                message, remedy = (error.message, error.remedy) if status < 500 else (OWN_FAULT, "try again later")
                told = {"clause": error.code, "message": message, "remedy": remedy}
                return self._templates.page("error.html", status, **_NOBODY, title="That did not work", **told)

        return answered

    async def _visit(self, request: Request) -> Visit:
        """Return who comes, with what they may do by now.

        Raises:
            SignedOut: nobody who may do anything.
        """
        name = session_name(request)
        session = self._sessions.find(name)
        if session is None:
            raise SignedOut
        grants, links = await self._writer.run(partial(self._renewed, session=session))
        if not grants:
            self._sessions.sign_out(name)
            raise SignedOut
        session.grants = dict(grants)
        return Visit(request, name, session, grants, links)

    def _renewed(self, keeping: Keeping, session: Session) -> tuple[dict[Scope, Grant], dict[str, str]]:
        renewed = {scope: self._identity.renewed(keeping, grant) for scope, grant in session.grants.items()}
        grants = {scope: grant for scope, grant in renewed.items() if grant is not None}
        links = {}
        if Scope.CONSENT in grants:
            links["/privacy"] = "My privacy"
        if Scope.RIGHTS in grants:
            links["/held"] = "Held of me"
        if Scope.OPERATE in grants:
            links |= {"/overview": "Overview", "/telemetry": "Telemetry"}
        if Scope.OPERATE in grants or any(manages(keeping, grant) for grant in grants.values()):
            links["/organisation"] = "Organisation"
        return grants, links

    def _page(self, visit: Visit, template: str, status: int = 200, /, **values: object) -> Response:
        notice, visit.session.notice = visit.session.notice, ""
        path = visit.request.url.path.removeprefix(ROOT)
        shared = {"code": self._sessions.code(visit.name), "links": visit.links, "here": path, "notice": notice, "who": _who(visit)}
        return self._templates.page(template, status, **shared, **values)

    async def _start(self, request: Request) -> Response:
        visit = await self._visit(request)
        return _to(next(iter(visit.links)))

    async def _static(self, request: Request) -> Response:
        return static_file(request.path_params["name"]) or Response("no such file", 404, dict(HEADERS), "text/plain")

    async def _sign_in_page(self, request: Request) -> Response:
        return self._asked_in(request, 200)

    def _asked_in(self, request: Request, status: int, problem: str = "") -> Response:
        name = session_name(request) or self._sessions.fresh_name()
        values = {**_NOBODY, "code": self._sessions.code(name), "here": "/sign-in"}
        answer = self._templates.page("sign-in.html", status, **values, problem=problem)
        return _with_cookie(answer, name)

    async def _sign_in(self, request: Request) -> Response:
        shown = (await form_of(request, self._sessions)).get("token", "")
        grant = await self._writer.run(lambda keeping: self._identity.sign_in(keeping, shown))
        if grant is None:
            return self._asked_in(request, 403, "This is no token of scope consent, rights or operate that is good.")
        landing = {Scope.CONSENT: "/privacy", Scope.RIGHTS: "/held", Scope.OPERATE: "/overview"}[grant.scope]
        return _with_cookie(_to(landing), self._sessions.sign_in(grant, session_name(request)))

    async def _sign_out(self, request: Request) -> Response:
        await form_of(request, self._sessions)
        self._sessions.sign_out(session_name(request))
        answer = _to("/sign-in")
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    async def _privacy(self, visit: Visit) -> Response:
        grant = visit.grant(Scope.CONSENT)
        return self._page(visit, "privacy.html", page=await self._writer.run(lambda keeping: privacy.look(keeping, grant)))

    async def _ask(self, visit: Visit, form: Mapping[str, str]) -> Response:
        grant, name = visit.grant(Scope.CONSENT), form.get("name", "")
        visit.session.question = await self._writer.run(lambda keeping: privacy.ask(keeping, grant, name))
        return _to("/privacy/question")

    async def _question(self, visit: Visit) -> Response:
        visit.grant(Scope.CONSENT)
        return _to("/privacy") if visit.session.question is None else self._page(visit, "question.html", question=visit.session.question)

    async def _answer(self, visit: Visit, form: Mapping[str, str]) -> Response:
        grant, asked, value = visit.grant(Scope.CONSENT), visit.session.question, form.get("answer", "")
        if asked is None or form.get("nonce") != asked.nonce:
            return self._refused(visit, Refused("this is not the question that was asked last", ("consent/no-question",), "ask again"))
        if value not in ("yes", "no"):
            return self._refused(visit, Refused("the answer is neither yes nor no", ("consent/not-understood",), "answer yes or no"))
        visit.session.question = None
        found = await self._writer.run(lambda keeping: privacy.answer(keeping, grant, asked, value=value == "yes"))
        if isinstance(found, Refused) and found is not WRITTEN_NO:
            return self._refused(visit, found)
        visit.session.notice = f"Your answer is on record: {value}, to {asked.name}."
        return _to("/privacy")

    async def _withdraw(self, visit: Visit, form: Mapping[str, str]) -> Response:
        grant, name = visit.grant(Scope.CONSENT), form.get("name", "")
        done = await self._writer.run(lambda keeping: privacy.withdraw(keeping, grant, name))
        visit.session.notice = f"Your answer is on record: no, to {done.name}. It counts from now on, for what is held as well."
        return _to("/privacy")

    def _refused(self, visit: Visit, refused: Refused) -> Response:
        return self._page(visit, "refused.html", 403, refused=refused)

    async def _held(self, visit: Visit) -> Response:
        grant = visit.grant(Scope.RIGHTS)
        return self._page(visit, "held.html", page=await self._writer.run(lambda keeping: held.look(keeping, grant)))

    async def _export(self, visit: Visit, _: Mapping[str, str]) -> Response:
        grant = visit.grant(Scope.RIGHTS)
        content = await self._writer.run(lambda keeping: archive_of(keeping, grant.subject or ""))
        headers = {**HEADERS, "content-disposition": f'attachment; filename="{_ARCHIVE}"'}
        return Response(content, media_type="application/x-tar", headers=headers)

    async def _erase_page(self, visit: Visit) -> Response:
        grant = visit.grant(Scope.RIGHTS)
        return self._page(visit, "erase.html", page=await self._writer.run(lambda keeping: held.look(keeping, grant)), problem="")

    async def _erase(self, visit: Visit, form: Mapping[str, str]) -> Response:
        grant = visit.grant(Scope.RIGHTS)
        if form.get("understood") != "yes":
            page = await self._writer.run(lambda keeping: held.look(keeping, grant))
            return self._page(visit, "erase.html", 400, page=page, problem="Nothing was erased: tick the box to say that you want it.")

        def erased(keeping: Keeping) -> tuple[object, str]:
            done = held.erase(keeping, grant)
            self._telemetry.forget(grant.subject or "")
            return done, render_time(keeping.at)

        done, at = await self._writer.run(erased)
        self._sessions.sign_out(visit.name)
        return self._templates.page("erased.html", **_NOBODY, done=done, at=at)

    async def _overview(self, visit: Visit) -> Response:
        visit.grant(Scope.OPERATE)
        return self._page(visit, "overview.html", page=await self._writer.run(overview.look))

    async def _telemetry_page(self, visit: Visit) -> Response:
        visit.grant(Scope.OPERATE)
        return self._page(visit, "telemetry.html", page=None)

    async def _read_telemetry(self, visit: Visit, _: Mapping[str, str]) -> Response:
        visit.grant(Scope.OPERATE)
        found = await self._writer.run(read_figures)
        return self._page(visit, "telemetry.html", page=figures.told(found))

    async def _organisation(self, visit: Visit) -> Response:
        grant = visit.grant(Scope.OPERATE, *PERSON)
        wanted = visit.request.query_params.get("org")
        if grant.scope is Scope.OPERATE and grant.org is None:
            orgs = await self._writer.run(organisation.names)
            org = wanted if wanted is not None else orgs[0] if len(orgs) == 1 else None
            if org is None:
                return self._page(visit, "organisation.html", page=None, orgs=orgs)
        else:
            orgs, org = [], grant.org or ""

        def look(keeping: Keeping) -> organisation.Organisation:
            if grant.scope is not Scope.OPERATE and not manages(keeping, grant):
                message = "page: expected an owner or an admin of the organisation, found somebody else"
                raise DataError(message, code="server/scope", remedy="ask an owner or an admin")
            return organisation.look(keeping, grant, org)

        return self._page(visit, "organisation.html", page=await self._writer.run(look), orgs=orgs)


_NOBODY: Mapping[str, object] = {"links": {}, "here": "", "notice": "", "who": "", "code": ""}


def _who(visit: Visit) -> str:
    named = [grant.subject for grant in visit.grants.values() if grant.subject is not None]
    return named[0] if named else "operator"


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(ROOT + path, 303, dict(HEADERS))


def _with_cookie(answer: Response, name: str) -> Response:
    answer.set_cookie(COOKIE, name, path="/", secure=True, httponly=True, samesite="strict")
    return answer
