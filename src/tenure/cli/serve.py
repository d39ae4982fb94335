"""`tenure serve`: the intake and the rights, over TLS, on the embedded store."""

import contextlib
import json
import time
from importlib.util import find_spec
from pathlib import Path

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.store import Place, open_keeping, store_options
from tenure.console.pages import Console
from tenure.errors import ConfigError
from tenure.server import run
from tenure.server.app import log_to_stderr, make_app, make_telling
from tenure.server.grpc_listener import GrpcListener
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.local import LOCAL, Local, local_tokens, sweep

DEFAULT = "127.0.0.1:8443"


@click.command("serve")
@click.option("--listen", default=DEFAULT, show_default=True, metavar="HOST:PORT", help="Where to listen; port 0 takes any that is free.")
@click.option("--grpc-listen", metavar="HOST:PORT", help="Where to listen for OTLP over gRPC; default the next port, where grpcio is installed.")
@click.option("--tls-cert", metavar="FILE", help="The server's certificate; needed for an address that others can reach.")
@click.option("--tls-key", metavar="FILE", help="The key of that certificate.")
@click.option("--agent", default="claude_code", show_default=True, help="Under whose terms the local person's data is held.")
@click.option("--tier", default="pro", show_default=True, help="The tier of the local person, where there is no account yet.")
@click.option("--provider", default="first_party", show_default=True, help="The provider, where there is no account yet.")
@click.option("--ready-file", metavar="FILE", help="Write addresses and token here once the service accepts; removed when it stops.")
@click.option("--log/--no-log", default=True, help="One line of JSON per request on standard error, without content.")
@store_options
@pass_shell
def serve_command(
    shell: Shell,
    place: Place,
    listen: str,
    grpc_listen: str | None,
    tls_cert: str | None,
    tls_key: str | None,
    agent: str,
    tier: str,
    provider: str,
    ready_file: str | None,
    log: bool,
) -> int:
    """Take in reports, ratings, transcripts and telemetry, each held under its terms, until a signal comes.

    The first start makes a store, an authority for this machine's loopback addresses alone, and an account for the local person. It prints what
    agents need to know. Stop it with Ctrl-C: what was acknowledged is held.
    """
    address, other = run.parse_address(listen), None if grpc_listen is None else run.parse_address(grpc_listen)
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    if tls_cert is None and any(each is not None and not each.is_loopback for each in (address, other)):
        message = "listen: expected loopback addresses, or a certificate for others, found neither"
        raise ConfigError(message, code="server/certificate", remedy="give --tls-cert and --tls-key")
    listening = run.bound(address)
    writer, telemetry = Writer(lambda: open_keeping(shell, place, may_make=True, monotonic=time.monotonic), sweep, failed=_tell), Telemetry()
    with contextlib.ExitStack() as stack:
        stack.enter_context(run.stopping())
        writer.start()
        stack.callback(writer.stop)
        local = writer.call(lambda keeping: local_tokens(keeping, Local(agent, tier, provider)))
        own = None if tls_cert is None or tls_key is None else run.Certificates(None, tls_cert, tls_cert, tls_key)
        certificates = own or wiring.certificates(place.folder, shell.clock.now())
        url = run.url_of(listening, address.host)
        # by name: clients that stand on BoringSSL, Claude Code among them, verify no address under this authority
        otlp = run.url_of(listening, "localhost") if own is None else url
        told: dict[str, object] = {"url": url, "otlp_http": otlp, "ca": certificates.authority, "token": local["ingest"], "tokens": local}
        if grpc_listen is not None or find_spec("grpc") is not None:
            at = other or run.Address(address.host, address.port % 65535 + 1 if address.port else 0)
            certificate, key = (_read_file(path) for path in (certificates.named, certificates.key))
            grpc = GrpcListener(writer, telemetry, str(at), certificate, key)
            grpc.start()
            stack.callback(grpc.stop)
            told["otlp_grpc"] = f"https://{run.Address('localhost' if at.is_loopback else at.host, grpc.port)}"
        ready = run.Ready(ready_file, told, lambda: _greet(url, otlp, certificates.authority, local["ingest"]))
        pages = Console(writer, telemetry).routes()
        run.serve(make_app(writer, telemetry, make_telling(log_to_stderr if log else None), pages), listening, certificates, ready)
    return Exit.YES


def _read_file(path: str) -> bytes:
    """Return a file's content.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        message = f"certificate: expected a file that can be read, found: {error.strerror}"
        raise ConfigError(message, code="server/certificate", remedy="look at the files of --tls-cert and --tls-key") from error


def _tell(error: BaseException) -> None:
    """Log what failed that no request waits for."""
    log_to_stderr(json.dumps({"fault": type(error).__name__, "code": getattr(error, "code", None)}))


def _greet(url: str, otlp: str, authority: str | None, token: str) -> None:
    codex = f'exporter = {{ otlp-http = {{ endpoint = "{otlp}/v1/logs", protocol = "binary" }} }}'
    lines = [
        f"Tenure takes in at {url}; stop with Ctrl-C. The local person is `{LOCAL}`; its pages: {url}/console",
        "",
        "Claude Code, its telemetry:",
        "  export CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp",
        f"  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_ENDPOINT={otlp}",
        f"  export OTEL_EXPORTER_OTLP_HEADERS='Authorization=Bearer {token}'",
        *([] if authority is None else [f"  export NODE_EXTRA_CA_CERTS={authority}"]),
        "Codex, in config.toml under [otel], with the same header and authority:",
        f"  {codex}",
        "Gemini CLI, in settings.json: telemetry.otlpEndpoint, the same address; telemetry.logPrompts false",
    ]
    for line in lines:
        click.echo(line, err=True)
