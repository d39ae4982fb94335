"""Running the service: sockets, TLS, the ready file, a stop that loses nothing."""

import asyncio
import contextlib
import ipaddress
import json
import os
import resource
import signal
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from tenure.errors import ConfigError
from tenure.server.protocol import LONGEST_HEAD, MOST_CONNECTIONS, Connection

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BACKLOG = 2048
_GRACE_S = 10
_KEEP_ALIVE_S = 65


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the certificates lie.

    Attributes:
        authority: what clients trust; None = one that they trust already.
        certificate: of the server.
        named: of the server, for its name alone; gRPC takes this one, and so does who asks for the server by name.
        key: of the server.
    """

    authority: str | None
    certificate: str
    named: str
    key: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen.

    Attributes:
        host: a name or an address.
        port: 0 = any that is free.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it: a name other than `localhost` may lead anywhere."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_address(text: str) -> Address:
    """Parse `HOST:PORT`, `[V6]:PORT` or `PORT`.

    Raises:
        ConfigError: another form.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"listen: expected HOST:PORT, got {text[:60]!r}", code="config/invalid", remedy="write 127.0.0.1:8443")
    return Address(host, int(port))


def bound(address: Address) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ConfigError: it cannot.
    """
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        message = f"listen: expected an address that is free, found {address}: {getattr(error, 'strerror', None) or 'no address'}"
        raise ConfigError(message, code="server/listen", remedy="choose another with --listen; port 0 takes any that is free") from error


def url_of(listening: socket.socket, host: str) -> str:
    """Return the address of a socket as clients write it."""
    return f"https://{Address(host, listening.getsockname()[1])}"


def serve(app: ASGIApp, listening: socket.socket, certificates: Certificates, ready: "Ready") -> None:
    """Serve until a signal comes; then finish what was begun.

    Args:
        app: the application.
        listening: a bound socket.
        certificates: of the server.
        ready: is told when the listener accepts, and when it stops.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ssl_certfile=certificates.certificate,
        ssl_keyfile=certificates.key,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        http=Connection,
        ws="none",
        log_level="critical",
    )
    try:
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
            config.ssl.sni_callback = _by_name(certificates)
    except (OSError, ssl.SSLError) as error:
        message = f"certificate: expected one in PEM with its key, found: {error.strerror or 'another file'}"
        raise ConfigError(message, code="server/certificate", remedy="look at the files of --tls-cert and --tls-key") from error
    _have_files()
    try:
        asyncio.run(_serve(_Server(config, ready), listening))
    finally:
        ready.gone()
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)


def _by_name(certificates: Certificates) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]:
    """Return what shows a client that asks for the server by name the certificate for that alone: see `tls.make_certificates`."""
    named = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    named.minimum_version = ssl.TLSVersion.TLSv1_2
    named.load_cert_chain(certificates.named, certificates.key)

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            connection.context = named

    return choose


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Let signals that come again while what was begun is closed change nothing, and give them their meaning back at the end."""
    before = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        yield
    finally:
        for each, meaning in before.items():
            signal.signal(each, meaning)


def _have_files() -> None:
    """Ask for as many open files as there may be connections, as far as this machine lets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 512
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


async def _serve(server: "_Server", listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    for each in SIGNALS:
        loop.add_signal_handler(each, server.stop)
    await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    """A server whose signals are the caller's, and that says when it accepts."""

    def __init__(self, config: uvicorn.Config, ready: "Ready") -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready.come()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    def stop(self) -> None:
        """Take no more requests; the second time, wait for none."""
        self.force_exit = self.should_exit
        self.should_exit = True


class Ready:
    """The file that says that the service accepts, for whoever started it.

    Args:
        path: of the file; None = no file.
        told: what stands in it.
        then: is called when the service accepts.

    Raises:
        ConfigError: one that was left by a service that did not come to its end cannot be removed.
    """

    def __init__(self, path: str | None, told: Mapping[str, object], then: Callable[[], object]) -> None:
        self._path = path
        self._told = told
        self._then = then
        try:
            if path is not None:
                os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unwritable(error) from error

    def come(self) -> None:
        """Write the file whole, with mode 0600.

        Raises:
            ConfigError: it cannot be written.
        """
        if self._path is not None:
            try:
                self._write(self._path)
            except OSError as error:
                raise _unwritable(error) from error
        self._then()

    def _write(self, path: str) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".ready-")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(dict(self._told), file)
                file.write("\n")
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

    def gone(self) -> None:
        """Remove the file."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)


def _unwritable(error: OSError) -> ConfigError:
    message = f"ready-file: expected a file that can be written, found: {error.strerror}"
    return ConfigError(message, code="config/unwritable", remedy="name another with --ready-file")
