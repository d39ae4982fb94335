"""OTLP over gRPC, on a port of its own. Needs grpcio (`tenure[grpc]`); the messages are read as those over HTTP are.

Source: opentelemetry.io/docs/specs/otlp, "OTLP/gRPC".
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tenure.errors import ConfigError, Error
from tenure.server.answers import OWN_FAULT, status_of
from tenure.server.otlp.intake import MOST_BYTES
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.schema import Signal
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.keeping import Keeping
from tenure.services.tokens import Scope, Token, Tokens

_METHODS = {
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": Signal.METRICS,
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": Signal.LOGS,
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": Signal.TRACES,
}
_THREADS = 8
_MOST_WAITING = 128
LONGEST = 100
"""Characters of a token, at the most."""
_GRACE_S = 5


class GrpcListener:
    """Listens for OTLP over gRPC.

    Args:
        writer: owns the store, started.
        telemetry: the way in, the same as over HTTP.
        address: `HOST:PORT`; port 0 takes any that is free.
        certificate: of the server, in PEM, and
        key: its key.

    Raises:
        ConfigError: grpcio is not installed, or the address cannot be had.
    """

    def __init__(self, writer: Writer, telemetry: Telemetry, address: str, certificate: bytes, key: bytes) -> None:
        try:
            import grpc  # type: ignore[import-untyped]  # it has no types
        except ImportError as error:
            raise ConfigError("grpc: expected grpcio, found none", code="config/no-grpc", remedy="pip install 'tenure[grpc]'") from error
        self._grpc = grpc
        self._writer = writer
        self._telemetry = telemetry
        self._server = grpc.server(ThreadPoolExecutor(_THREADS), options=_options(), maximum_concurrent_rpcs=_MOST_WAITING)
        self._server.add_generic_rpc_handlers((_Generic(self._handler),))
        credentials = grpc.ssl_server_credentials([(key, certificate)])
        try:
            self.port: int = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            message = f"grpc: expected an address that is free, got {address}"
            raise ConfigError(message, code="server/listen", remedy="choose another with --grpc-listen") from error

    def start(self) -> None:
        """Accept."""
        self._server.start()

    def stop(self) -> None:
        """Finish what was begun, and stop."""
        self._server.stop(_GRACE_S).wait()

    def _handler(self, method: str) -> Any:  # Any: grpcio has no types
        signal = _METHODS.get(method)
        if signal is None:
            return None

        def export(payload: bytes, context: Any) -> bytes:  # Any: as above
            return self._export(signal, payload, context)

        return self._grpc.unary_unary_rpc_method_handler(export)

    def _export(self, signal: Signal, payload: bytes, context: Any) -> bytes:  # Any: grpcio has no types
        sent = dict(context.invocation_metadata()).get("authorization", "")
        kind, _, text = sent.partition(" ") if isinstance(sent, str) else ("", "", "")
        status, said = self._grpc.StatusCode.UNAVAILABLE, OWN_FAULT
        try:
            token = self._writer.call(lambda keeping: _found(keeping, text.strip() if kind.lower() == "bearer" else ""))
            if token is None:
                status, said = self._grpc.StatusCode.UNAUTHENTICATED, "expected a token that is good, found none"
            elif token.scope is not Scope.INGEST:
                status, said = self._grpc.StatusCode.PERMISSION_DENIED, "expected a token of scope ingest, got another"
            else:
                good = token
                return self._writer.call(lambda keeping: self._telemetry.take(keeping, good, signal, Encoding.PROTOBUF, payload))
        except Error as error:
            if status_of(error) < 500:
                status, said = self._grpc.StatusCode.INVALID_ARGUMENT, error.message
        except Exception:  # grpcio would send its text
            status = self._grpc.StatusCode.INTERNAL
        context.abort(status, said)
        raise AssertionError("abort raises")


def _found(keeping: Keeping, text: str) -> Token | None:
    return Tokens(keeping.store, keeping.time).find(text, keeping.accounts.resolve) if len(text) <= LONGEST else None


def _options() -> list[tuple[str, int]]:
    return [("grpc.max_receive_message_length", MOST_BYTES), ("grpc.so_reuseport", 0), ("grpc.max_metadata_size", 16 * 1024)]


class _Generic:
    """Finds the handler of a method."""

    def __init__(self, find: Callable[[str], Any]) -> None:  # Any: grpcio has no types
        self._find = find

    def service(self, handler_call_details: Any) -> Any:  # Any: grpcio has no types
        """Return the handler of a call; None = there is none."""
        return self._find(handler_call_details.method)
