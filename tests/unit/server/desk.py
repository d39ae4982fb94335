"""The application over a store in memory, under a clock that the test sets, with tokens of two persons; no socket, no process."""

import asyncio
import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

from tenure import wiring
from tenure.demo.stage import VirtualClock
from tenure.server.app import make_app, make_telling
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.keeping import keep
from tenure.services.tokens import Scope, Tokens
from tenure.terms.decide import open_book
from tenure.terms.parse import parse_pack
from tenure.testing.store import MemoryStore

AT = datetime(2026, 9, 28, 10, tzinfo=UTC)
TERMS = open_book([parse_pack(wiring.packaged_packs()["claude_code.toml"])])
CASE = {"surface": "cli", "client_version": "2.1.200", "env": {}, "settings": {}, "model_class": "ordinary", "safety_flagged": False}
TOLD = {"tenure-case": json.dumps(CASE)}
LINE = b'{"type":"user"}\n'
OF_A_PERSON = (Scope.INGEST, Scope.CONSENT, Scope.RIGHTS)


class Desk:
    """A service to which a test talks."""

    def __init__(self):
        self.clock, self.log = VirtualClock(AT), list[str]()
        self.store = MemoryStore(AT)
        self.keeping = keep(self.store, TERMS, self.clock, lambda: 0.0)
        self.tokens: dict[tuple[str, str], str] = {}
        for subject in ("ann", "bob"):
            self.keeping.accounts.create_account(subject, agent="claude_code", tier="pro", provider="first_party", at=AT)
            for scope in OF_A_PERSON:
                self.mint(scope, subject=subject)
        self.mint(Scope.SURVEY, tier="pro", provider="first_party")
        self.mint(Scope.OPERATE)
        self.telemetry, self.failed = Telemetry(), list[BaseException]()
        self.writer = Writer(self._opened, lambda keeping: self.sweep(keeping), lambda: 0.0, self.failed.append)
        self.sweep = lambda keeping: None

    @contextmanager
    def _opened(self):
        yield self.keeping

    def mint(self, scope: Scope, subject: str = "", **whose) -> str:
        text, _ = Tokens(self.store, self.keeping.time).mint(scope, "claude_code", subject=subject or None, **whose)
        self.tokens[str(scope), subject] = text
        return text

    def later(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def sends(self, method: str, path: str, scope: str = "", of: str = "ann", **more) -> httpx.Response:
        """Send a request with the token of a scope."""
        whose = of if scope in OF_A_PERSON else ""
        headers = {"authorization": f"Bearer {self.tokens[scope, whose]}"} if scope else {}
        return self.runner.run(self.client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more))

    def asks(self, name="transcript_share", of="ann") -> dict:
        """Have a question put and return it, with what answers it."""
        answer = self.sends("POST", "/v1/consents/questions", "consent", of=of, json={"name": name})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def exported(self, of="ann") -> list[bytes]:
        return [each.content for each in self.keeping.rights.export(of)]

    def raw(self) -> bytes:
        facts = b"".join(note.key.encode() + note.body for note in self.store.journal.facts)
        frames = b"".join(content for batches in self.store.frames.stored.values() for _, content in batches.values())
        return facts + frames + b"".join(self.store.ledger.entries())

    @contextmanager
    def open(self):
        self.writer.start()
        try:
            app = make_app(self.writer, self.telemetry, make_telling(self.log.append))
            self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="https://localhost")
            with asyncio.Runner() as self.runner:
                yield self
        finally:
            self.writer.stop()


def feedback(text="it broke", sessions=(("s1", LINE),), scope="session", **case) -> dict:
    parts = [{"id": id, "transcript": base64.b64encode(content).decode()} for id, content in sessions]
    return {"scope": scope, "text": text, "sessions": parts, "case": {**CASE, **case}}


def yes_to(question: dict, **changes) -> dict:
    return {"name": question["shown"]["name"], "value": True, "nonce": question["nonce"], "shown": question["shown"], "flushed": True, **changes}


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("error", {}).get("code", "")
