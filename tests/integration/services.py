"""A real `tenure serve` with a home of its own, and clients of it: a polite one, and one that writes what it likes to the socket."""

import json
import os
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.integration.machines import TENURE

CASE = {"surface": "cli", "client_version": "2.1.200", "env": {}, "settings": {}, "model_class": "ordinary", "safety_flagged": False}
TOLD = {"tenure-case": json.dumps(CASE)}
READY = "Tenure takes in at "
BOUND_S = 60


class Service:
    """A service in a process of its own.

    Args:
        home: an empty folder.
        options: of `tenure serve`, beyond its address and ready file.
        prefix: a command that starts it.
        env: variables beyond the usual.
    """

    def __init__(self, home: Path, *options: str, prefix: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.file = home / "ready.json"
        command = [*prefix, str(TENURE), "serve", "--listen", "127.0.0.1:0", "--ready-file", str(self.file), *options]
        surroundings = {"HOME": str(home), "PATH": os.environ["PATH"], **(env or {})}
        self.process = subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=home)
        self.lines: list[str] = []
        self._has_come = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line)
            if line.startswith(READY):
                self._has_come.set()
        self._has_come.set()

    def wait(self) -> "Service":
        """Wait until it accepts."""
        assert self._has_come.wait(BOUND_S), self.log
        assert self.file.exists(), self.log
        self.told = json.loads(self.file.read_text())
        self.tokens, self.url = self.told["tokens"], self.told["url"]
        self.port = int(self.url.rpartition(":")[2])
        self.trust = ssl.create_default_context(cafile=self.told["ca"])
        return self

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def store(self) -> Path:
        return self.home / ".local" / "share" / "tenure" / "store"

    def raw(self) -> bytes:
        """Every byte of the store."""
        return b"".join(path.read_bytes() for path in sorted(self.store.rglob("*")) if path.is_file())

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(base_url=self.url, verify=self.trust, timeout=BOUND_S, **options)

    def talks(self) -> ssl.SSLSocket:
        """A connection on which anything can be written."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=BOUND_S)
        return self.trust.wrap_socket(plain, server_hostname="127.0.0.1")

    def says(self, sent: bytes, *, is_over: bool = False) -> bytes:
        """Write bytes, and then no more where it is over, and return all that comes back until the other side closes, or stops to answer."""
        with self.talks() as connection:
            connection.settimeout(10)
            found = b""
            try:
                connection.sendall(sent)
                if is_over:
                    connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    found += piece
            except (OSError, ssl.SSLError):
                pass
            return found

    def ends(self, *signals: signal.Signals) -> int:
        """Stop it and return its status."""
        for each in signals or (signal.SIGTERM,):
            if self.process.poll() is None:
                self.process.send_signal(each)
        status = self.process.wait(BOUND_S)
        self._reader.join(BOUND_S)
        self.process.stderr.close()
        return status


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


@contextmanager
def serving(home: Path, *options: str, **how: object) -> Iterator[Service]:
    """A service that accepts, and that left no trace of a fault when it stopped."""
    service = Service(home, *options, **how)
    try:
        yield service.wait()
    finally:
        if service.process.poll() is None:
            service.ends()
    assert "Traceback" not in service.log, service.log
    assert "server/fault" not in service.log, service.log
