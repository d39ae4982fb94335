"""A service on this machine that takes everything and notes every request; for what a client puts on the wire."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tenure.demo.model import Seen

SHOWN = {"name": "transcript_share", "text_sha256": "a" * 64, "default": False, "scope": "from now on"}
QUESTION = {
    "nonce": "0123456789abcdef0123456789abcdef",
    "text": "May the transcript of a session be sent along when you rate it?",
    "shown": SHOWN,
}


class Recorder:
    """Notes requests; used in a `with` statement.

    Args:
        on_request: is called before each answer.
        refuses: paths that are answered with 403 and a reason.
    """

    def __init__(self, on_request: Callable[[Seen], None] = lambda _: None, refuses: frozenset[str] = frozenset()) -> None:
        self.requests: list[Seen] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                recorder.requests.append(seen)
                on_request(seen)
                self.send_response(403 if seen.path in refuses else 201)
                self.end_headers()
                self.wfile.write(json.dumps({**QUESTION, "reason": "zero retention"}).encode())

            do_GET = do_DELETE = do_POST

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
