"""A service with its pages over a store on disk, with TLS and a clock that the test sets; and a person's browser."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from tenure import wiring
from tenure.console.pages import Console
from tenure.console.sessions import Sessions
from tenure.demo.stage import VirtualClock
from tenure.records.held import Owner
from tenure.server.app import make_app, make_telling
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.intake import Item
from tenure.services.keeping import Keeping, keep
from tenure.services.tokens import Scope, Tokens
from tenure.terms.cases import parse_case
from tenure.terms.decide import Book, open_book
from tenure.terms.parse import parse_pack
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

AT = datetime(2026, 9, 28, 10, tzinfo=UTC)
WHO = "ann <script>document.title='owned'</script>"
SESSION = '"><img src=x onerror=document.title="owned">'
SECRET = b"fn main() { the_text_of_ann() }"
CASE = {
    "agent": "claude_code",
    "purpose": "collect",
    "surface": "cli",
    "env": {},
    "settings": {},
    "client_version": "2.1.200",
    "safety_flagged": False,
    "model_class": "ordinary",
}
PROVIDER = {"tier": "pro", "provider": "first_party"}


def book(permits_debug: bool = False) -> Book:
    """The packaged terms of one agent; on request with its metrics open for `debug`."""
    content = wiring.packaged_packs()["claude_code.toml"]
    if permits_debug:
        before, after = content.split(b'id = "metrics-on"', 1)
        content = before + b'id = "metrics-on"' + after.replace(b'permit = ["collect"]', b'permit = ["collect", "debug"]', 1)
    return open_book([parse_pack(content)])


class House:
    """A store with somebody's data in it, and its service.

    Args:
        folder: for store and certificates.
        terms: what is permitted.
    """

    def __init__(self, folder: Path, terms: Book | None = None) -> None:
        self.folder, self.terms, self.clock = folder, terms or book(), VirtualClock(AT)
        self.telemetry, self.ran = Telemetry(), 0.0
        self.tokens: dict[str, str] = {}
        self.sessions = Sessions(lambda: self.ran)

    @contextmanager
    def open(self) -> Iterator[Keeping]:
        """Open the store."""
        store = SqliteStore(Folder(str(self.folder / "store")), at=self.clock.now())
        try:
            yield keep(store, self.terms, self.clock)
        finally:
            store.close()

    def later(self, **span: float) -> None:
        """Let time go by."""
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def furnish(self) -> None:
        """Make accounts, an organisation, tokens, and data."""
        with self.open() as keeping:
            accounts = keeping.accounts
            accounts.create_account(WHO, agent="claude_code", **PROVIDER, at=AT)
            accounts.create_org("acme", owner="olga", agent="claude_code", tier="enterprise", provider="first_party", at=AT)
            for kind, count in (("prompt", 3), ("transcript", 1), ("usage_metric", 0)):
                for _ in range(count):
                    case = parse_case({**CASE, **PROVIDER, "kind": kind, "flags": [], "consents": []})
                    keeping.intake.put(Item(case, Owner(WHO, None, SESSION), [SECRET]))
            refused = parse_case({**CASE, **PROVIDER, "kind": "usage_metric", "flags": [], "consents": [], "env": {"DISABLE_TELEMETRY": "1"}})
            keeping.intake.put(Item(refused, Owner(WHO, None, SESSION), [b"row"]))
            tokens = Tokens(keeping.store, keeping.time)
            for scope in (Scope.CONSENT, Scope.RIGHTS, Scope.INGEST):
                self.tokens[scope] = tokens.mint(scope, "claude_code", subject=WHO)[0]
            self.tokens["owner"] = tokens.mint(Scope.CONSENT, "claude_code", subject="olga", org="acme")[0]
            self.tokens["org"] = tokens.mint(Scope.INGEST, "claude_code", subject="olga", org="acme")[0]
            self.tokens[Scope.OPERATE] = tokens.mint(Scope.OPERATE, "claude_code")[0]

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve over TLS and give the address."""
        certificates = wiring.certificates(str(self.folder / "store"), wiring.system_clock().now())
        listener, writer = socket.create_server(("127.0.0.1", 0)), Writer(self.open, lambda _: None, lambda: 0.0)
        writer.start()
        app = make_app(writer, self.telemetry, make_telling(), Console(writer, self.telemetry, sessions=self.sessions).routes())
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="none", ssl_certfile=certificates.certificate, ssl_keyfile=certificates.key
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            listener.close()
            writer.stop()


FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
)


@contextmanager
def browsing(folder: Path):
    """Start a browser with a profile of its own, whose log has every message of a console."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.accept_insecure_certs = True
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(folder / "downloads"), "download.prompt_for_download": False})
    (folder / "downloads").mkdir(exist_ok=True)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver"), env={**os.environ, "HOME": str(folder)}))
    try:
        driver.set_page_load_timeout(30)
        yield driver
    finally:
        driver.quit()
