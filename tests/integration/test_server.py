"""A real `tenure serve`: its ready file, its TLS, its stop; and what it answers to those who mean no good."""

import base64
import contextlib
import gzip
import io
import json
import os
import resource
import signal
import socket
import ssl
import stat
import subprocess
import tarfile
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.integration.machines import TENURE
from tests.integration.services import BOUND_S, CASE, TOLD, Service, bearer, serving

CANARY = "CaNaRy7f3a"
LINE = b'{"type":"user"}\n'
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def client(service):
    with service.client() as client:
        yield client


def head(service, *lines: str, method="POST", path="/v1/sessions/raw/transcript", scope="ingest") -> bytes:
    told = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{service.port}",
        f"Authorization: Bearer {service.tokens[scope]}",
        f"tenure-case: {json.dumps(CASE)}",
    ]
    return "\r\n".join([*told, *lines, "", ""]).encode()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def sends(client, service, session, content=LINE, start=0, **headers):
    return client.post(
        f"/v1/sessions/{session}/transcript?from={start}", content=content, headers=bearer(service.tokens["ingest"], **TOLD, **headers)
    )


def exported(service, client) -> bytes:
    answer = client.get("/v1/subjects/me/export", headers=bearer(service.tokens["rights"]))
    assert answer.status_code == 200
    return answer.content


def test_ready_file_is_whole_and_closed_to_others(service):
    assert stat.S_IMODE(os.stat(service.file).st_mode) == 0o600
    assert set(service.told) >= {"url", "otlp_http", "otlp_grpc", "ca", "token", "tokens"}
    assert service.told["token"] == service.tokens["ingest"]
    assert service.told["url"] == f"https://127.0.0.1:{service.port}"
    assert service.told["otlp_http"].endswith(f":{service.port}")
    assert [each.name for each in service.home.iterdir() if each.name.startswith(".ready")] == []


def test_ports_that_were_nought_are_real_ones(service):
    grpc = int(service.told["otlp_grpc"].rpartition(":")[2])
    assert len({0, service.port, grpc}) == 3
    for port in (service.port, grpc):
        socket.create_connection(("127.0.0.1", port), timeout=BOUND_S).close()


def test_only_hashes_of_tokens_are_in_the_store(service):
    raw = service.raw()
    for token in service.tokens.values():
        assert token.encode() not in raw
        assert token[-43:].encode() not in raw


def test_files_of_the_store_are_closed_to_others(service):
    assert {stat.S_IMODE(path.stat().st_mode) for path in service.store.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:.*TLSv1.*:DeprecationWarning")
def test_old_tls_is_refused(service, version):
    context = ssl.create_default_context(cafile=service.told["ca"])
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = version, version
    with socket.create_connection(("127.0.0.1", service.port), timeout=BOUND_S) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_new_tls_is_spoken(service, version):
    context = ssl.create_default_context(cafile=service.told["ca"])
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", service.port), timeout=BOUND_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        assert connection.version() == version.name.replace("_", ".")


def test_plain_http_is_refused(service):
    with socket.create_connection(("127.0.0.1", service.port), timeout=BOUND_S) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"ok" not in connection.recv(1000)


def test_client_that_does_not_know_the_authority_does_not_trust(service):
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{service.url}/healthz")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_server_is_trusted_by_each_of_its_names(service, name):
    assert httpx.get(f"https://{name}:{service.port}/healthz", verify=service.trust).json() == {"status": "ok"}


SMUGGLED = {
    "two lengths": ("Content-Length: 5", "Content-Length: 6"),
    "length and chunks": ("Content-Length: 5", "Transfer-Encoding: chunked"),
    "chunks and length": ("Transfer-Encoding: chunked", "Content-Length: 5"),
    "list of lengths": ("Content-Length: 5, 6",),
    "length with a sign": ("Content-Length: +5",),
    "length in hexadecimal": ("Content-Length: 0x5",),
    "length below nought": ("Content-Length: -5",),
    "unknown encoding": ("Transfer-Encoding: chunked, identity",),
    "hidden encoding": ("Transfer-Encoding: xchunked",),
    "encoding with a tab": ("Transfer-Encoding:\x0bchunked",),
    "folded line": ("X-A: b\r\n c: d", "Content-Length: 5"),
    "space before the colon": ("Content-Length : 5",),
    "no colon": ("Content-Length 5",),
    "nul": ("X-A: \0", "Content-Length: 5"),
    "huge head": ("X-A: " + "a" * 70_000, "Content-Length: 5"),
    "many heads": tuple(f"X-{number}: {'a' * 100}" for number in range(700)),
}


@pytest.mark.parametrize("lines", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_head_that_can_be_read_in_two_ways_is_refused(service, client, lines):
    answer = service.says(head(service, *lines) + f"0\r\n\r\n{CANARY}-smuggled".encode())
    assert status_of(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"server/malformed" in answer
    assert f"{CANARY}-smuggled".encode() not in exported(service, client)


@pytest.mark.parametrize("sent", ["lone line feeds", "one lone line feed", "carriage return alone"])
def test_line_that_does_not_end_as_lines_do_is_refused(service, sent):
    whole = head(service, "Content-Length: 2", "Connection: close")
    if sent == "lone line feeds":
        whole = whole.replace(b"\r\n", b"\n")
    elif sent == "one lone line feed":
        whole = whole.replace(b"\r\nContent", b"\nContent")
    else:
        whole = whole.replace(b"\r\nContent", b"\rContent")
    assert status_of(service.says(whole + b"xy")) == 400


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"GET /\r\n\r\n",
        b" GET / HTTP/1.1\r\n\r\n",
        b"\0" * 100 + b"\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_line_that_is_no_request_is_refused(service, line):
    assert status_of(service.says(line)) == 400


def test_second_request_on_the_connection_is_one_of_its_own(service):
    one = head(service, "Content-Length: 0", path="/v1/nothing")
    answer = service.says(one + head(service, "Connection: close", method="GET", path="/healthz"))
    assert [part.split(b" ")[0] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"404", b"200"]


def test_chunk_that_lies_about_its_size_is_refused(service, client):
    for body in (b"5\r\nabc\r\n0\r\n\r\n", b"zz\r\nabc\r\n", b"-1\r\na\r\n", b"ffffffffffffffffffff\r\nabc"):
        answer = service.says(head(service, "Transfer-Encoding: chunked", "Connection: close") + body, is_over=True)
        assert status_of(answer) in (0, 400)
        assert b"201" not in answer[:12]


def test_body_shorter_than_it_says_is_held_by_nobody(service, client):
    with service.talks() as connection:
        connection.sendall(head(service, "Content-Length: 1000", path="/v1/sessions/short/transcript") + CANARY.encode() + b"-short")
    assert sends(client, service, "short").json()["repeated"] is False
    assert f"{CANARY}-short".encode() not in exported(service, client)


def test_body_of_chunks_is_taken_like_any_other(service, client):
    assert sends(client, service, "chunks", content=iter([b"one\n", b"two\n"])).json()["length"] == 8


@pytest.mark.parametrize("is_declared", [True, False])
def test_body_that_is_too_large_is_refused_with_an_answer(service, client, is_declared):
    piece = b"x" * MIB
    content = piece * 100 if is_declared else (piece for _ in range(100))
    answer = client.post("/v1/sessions/large/transcript", content=content, headers=bearer(service.tokens["ingest"], **TOLD))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "server/too-large")


def test_form_that_is_too_large_is_refused(service, client):
    answer = client.post("/v1/survey", content=b" " * (MIB // 2), headers=bearer(service.tokens["survey"]))
    assert answer.status_code == 413


def test_body_without_end_is_refused(service):
    with service.talks() as connection:
        connection.sendall(head(service, "Transfer-Encoding: chunked"))
        chunk = b"100000\r\n" + b"x" * MIB + b"\r\n"
        try:
            for _ in range(400):
                connection.sendall(chunk)
        except (OSError, ssl.SSLError):
            pass
        else:
            pytest.fail("it took all of it")


BOMBS = {
    "gzip": ("gzip", gzip.compress(bytes(200 * MIB), 9)),
    "deflate": ("deflate", zlib.compress(bytes(200 * MIB), 9)),
}


@pytest.mark.parametrize(("encoding", "content"), BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("path", ["/v1/sessions/bomb/transcript", "/v1/feedback", "/v1/metrics"])
def test_bomb_does_not_go_off(service, client, encoding, content, path):
    headers = bearer(service.tokens["ingest"], **TOLD, **{"content-encoding": encoding, "content-type": "application/json"})
    answer = client.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "server/too-large")


@pytest.mark.parametrize(
    ("encoding", "content", "status"),
    [
        ("gzip", gzip.compress(LINE), 201),
        ("deflate", zlib.compress(LINE), 201),
        ("GZIP", gzip.compress(LINE), 201),
        ("identity", LINE, 201),
        ("gzip, gzip", gzip.compress(gzip.compress(LINE)), 400),
        ("br", LINE, 400),
        ("gzip", LINE, 400),
        ("gzip", gzip.compress(LINE)[:-9], 400),
        ("deflate", zlib.compress(LINE)[:-5], 400),
        ("deflate", zlib.compress(LINE) + b"more", 400),
        ("gzip", gzip.compress(LINE) + gzip.compress(LINE), 400),
        ("gzip", gzip.compress(b"") * 50_000, 400),
    ],
)
def test_encoding_is_one_that_is_known_and_whole(service, client, encoding, content, status):
    session = base64.urlsafe_b64encode(os.urandom(9)).decode()
    answer = sends(client, service, session, content=content, **{"content-encoding": encoding})
    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["length"] == len(LINE)


def test_slow_clients_keep_nobody_else_waiting(service, client):
    slow = [service.talks() for _ in range(20)]
    try:
        for number, connection in enumerate(slow):
            whole = head(service, "Content-Length: 100", path=f"/v1/sessions/slow-{number}/transcript")
            connection.sendall(whole[:50] if number % 2 else whole + b"x")
        assert sends(client, service, "quick").status_code == 201
    finally:
        for connection in slow:
            connection.close()
    assert sends(client, service, "slow-0").json()["repeated"] is False


def test_clients_that_vanish_leave_the_service_as_it_was(service, client):
    reset = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    for number in range(40):
        connection = service.talks()
        whole = head(service, f"Content-Length: {len(LINE)}", path=f"/v1/sessions/vanishing-{number}/transcript") + LINE
        connection.sendall(whole[: (number + 1) * len(whole) // 40])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        connection.close()
    assert sends(client, service, "after").status_code == 201
    held = sends(client, service, "vanishing-39").json()
    assert held["length"] == len(LINE)


def test_thousand_connections_are_served(service):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with ThreadPoolExecutor(16) as pool:
        connections = list(pool.map(lambda _: service.talks(), range(1000)))
        try:
            asked = head(service, method="GET", path="/healthz", scope="operate")

            def asks(connection):
                connection.sendall(asked)
                return connection.recv(4096)

            answers = list(pool.map(asks, connections))
        finally:
            for connection in connections:
                connection.close()
    assert {status_of(answer) for answer in answers} == {200}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/sessions/%2e%2e/transcript",
        "/v1/sessions/..%2f..%2fetc/transcript",
        "//v1/sessions/a/transcript",
        "/v1/sessions/a%00b/transcript",
        "/v1/sessions/%ff/transcript",
        "/v1/../healthz",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/sessions/" + "a" * 5000 + "/transcript",
        "http://example.org/v1/feedback",
        "*",
    ],
)
def test_path_that_tries_something_is_a_path_like_any_other(service, path):
    answer = service.says(head(service, f"Content-Length: {len(LINE)}", "Connection: close", path=path) + LINE)
    assert status_of(answer) in (201, 400, 404)
    if status_of(answer) == 201:
        assert path == "/v1/sessions/%2e%2e/transcript"


def test_yes_with_a_token_of_ingest_is_refused(service, client):
    asked = client.post("/v1/consents/questions", json={"name": "training"}, headers=bearer(service.tokens["consent"])).json()
    yes = {"name": "training", "value": True, "nonce": asked["nonce"], "shown": asked["shown"], "flushed": True}
    answer = client.post("/v1/consents", json=yes, headers=bearer(service.tokens["ingest"]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "server/scope")
    early = client.post("/v1/consents", json=yes, headers=bearer(service.tokens["consent"]))
    assert (early.status_code, early.json()["clauses"]) == (403, ["consent/too-early"])


def test_second_service_over_the_same_store_says_that_it_is_busy(service, client):
    done = subprocess.run(
        [str(TENURE), "serve", "--listen", "127.0.0.1:0", "--store", str(service.store)],
        env={"HOME": str(service.home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert done.returncode == 1
    assert "in use by another process" in done.stderr
    assert "Traceback" not in done.stderr
    assert service.file.exists()
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--listen", "0.0.0.0:0"), "--tls-cert"),
        (("--listen", "127.evil.example:0"), "--tls-cert"),
        (("--grpc-listen", "0.0.0.0:0"), "--tls-cert"),
        (("--listen", "[::]:0"), "--tls-cert"),
        (("--listen", "nowhere"), "HOST:PORT"),
        (("--listen", "127.0.0.1:99999"), "HOST:PORT"),
        (("--tls-cert", "nothing.pem", "--tls-key", "nothing.pem"), "certificate"),
        (("--tls-cert", "nothing.pem"), "belong together"),
        (("--ready-file", "no/such/folder/ready.json"), "ready-file"),
        (("--tier", "nonsense"), "tier"),
        (("--agent", "nonsense"), "agent"),
    ],
)
def test_start_that_cannot_be_says_why_in_a_line(tmp_path, options, code):
    done = subprocess.run(
        [str(TENURE), "serve", *([] if "--listen" in options else ["--listen", "127.0.0.1:0"]), *options],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert "a fault of Tenure itself" not in done.stderr


def test_address_in_use_is_said(service, tmp_path):
    done = subprocess.run(
        [str(TENURE), "serve", "--listen", f"127.0.0.1:{service.port}"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert done.returncode == 1
    assert "expected an address that is free" in done.stderr


def parts_of(service, client, session, count, acknowledged):
    """Send parts until the service is gone, and keep the offsets of those that it acknowledged."""
    for number in range(count):
        try:
            answer = sends(client, service, session, content=f"{session}-{number:04d}\n".encode(), start=number * (len(session) + 6))
        except httpx.HTTPError:
            return
        if answer.status_code != 201:
            return
        acknowledged.append((session, number))


def pushed(service, sessions=8, count=10_000):
    """Clients that send until the service is gone; what it acknowledged to them, and the threads."""
    acknowledged: list[tuple[str, int]] = []

    def work(name):
        with service.client() as client:
            parts_of(service, client, name, count, acknowledged)

    threads = [threading.Thread(target=work, args=(f"session-{number}",)) for number in range(sessions)]
    for thread in threads:
        thread.start()
    return acknowledged, threads


def until(acknowledged, count, threads):
    """Wait until so many were acknowledged: the first client thread that ends, or the bound, ends it too."""
    turn = threading.Event()
    for _ in range(BOUND_S * 100):
        if len(acknowledged) >= count or not any(thread.is_alive() for thread in threads):
            return
        turn.wait(0.01)


def held_parts(service) -> list[bytes]:
    with service.client() as client:
        content = exported(service, client)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return [archive.extractfile(entry).read() for entry in archive if entry.name != "manifest.json"]


@pytest.mark.parametrize(
    "end",
    [(signal.SIGKILL,), (signal.SIGTERM,), (signal.SIGINT,), (signal.SIGTERM, signal.SIGTERM, signal.SIGTERM)],
    ids=["kill", "stop", "interrupt", "stop thrice"],
)
def test_what_was_acknowledged_is_held_once_however_the_service_ends(tmp_path, end):
    service = Service(tmp_path).wait()
    acknowledged, threads = pushed(service)
    until(acknowledged, 60, threads)
    status = service.ends(*end)
    for thread in threads:
        thread.join(BOUND_S)
    assert status == (-signal.SIGKILL if end == (signal.SIGKILL,) else 0), service.log
    assert service.file.exists() is (end == (signal.SIGKILL,))
    assert "Traceback" not in service.log
    with serving(tmp_path) as again:
        held = held_parts(again)
        assert len(held) == len(set(held))
        assert set(held) >= {f"{session}-{number:04d}\n".encode() for session, number in acknowledged}
        assert len(held) <= len(acknowledged) + 8
        with again.client() as client:
            first = f"{acknowledged[0][0]}-0000\n".encode()
            assert sends(client, again, acknowledged[0][0], content=first).json()["repeated"] is True


def test_full_disk_loses_nothing_that_was_acknowledged_and_keeps_nothing_that_was_not(tmp_path):
    """Files may grow to 1 MiB and no further, which is as near to a full disk as a test without rights comes."""
    with serving(tmp_path, prefix=("sh", "-c", 'ulimit -f 2048; exec "$@"', "sh")) as service, service.client() as client:
        statuses, acknowledged = [], []
        for number in range(40):
            content = f"{number:04d}".encode() + os.urandom(64 * 1024)
            answer = sends(client, service, f"full-{number}", content=content)
            statuses.append(answer.status_code)
            if answer.status_code == 201:
                acknowledged.append(content[:4])
            else:
                assert answer.status_code in (500, 503, 507)
                assert str(tmp_path) not in answer.text
        assert {201, 507} & set(statuses)
        assert statuses[-1] != 201
        assert client.get("/healthz").status_code == 200
    with serving(tmp_path) as again, again.client() as client:
        assert sorted(content[:4] for content in held_parts(again)) == sorted(acknowledged)
        assert sends(client, again, "room-again").status_code == 201


def test_erasing_everything_leaves_no_byte(tmp_path):
    with serving(tmp_path) as service:
        with service.client() as client:
            report = {
                "scope": "session",
                "text": f"{CANARY}-text",
                "case": CASE,
                "sessions": [{"id": f"{CANARY}-id", "transcript": base64.b64encode(f"{CANARY}-line".encode()).decode()}],
            }
            assert client.post("/v1/feedback", json=report, headers=bearer(service.tokens["ingest"])).status_code == 201
            assert sends(client, service, f"{CANARY}-session").status_code == 201
            assert f"{CANARY}-session".encode() in service.raw()
            assert client.delete("/v1/subjects/me", headers=bearer(service.tokens["rights"])).json()["records"] == 3
            assert CANARY.encode() not in service.raw()
        service.ends()
        assert CANARY.encode() not in service.raw()


def test_tokens_of_the_start_before_are_worth_nothing(tmp_path):
    with serving(tmp_path) as service:
        before = service.tokens
    with serving(tmp_path) as again, again.client() as client:
        assert before.keys() == again.tokens.keys()
        for scope, path in (("operate", "/metrics"), ("consent", "/v1/consents")):
            assert client.get(path, headers=bearer(before[scope])).status_code == 401
            assert client.get(path, headers=bearer(again.tokens[scope])).status_code == 200
        answer = client.post(
            "/v1/survey", json={"rating": 1, "day": datetime.fromtimestamp(0, UTC).date().isoformat()}, headers=bearer(before["survey"])
        )
        assert answer.status_code == 401


def test_ready_file_that_a_killed_service_left_is_replaced(tmp_path):
    service = Service(tmp_path).wait()
    service.ends(signal.SIGKILL)
    left = service.file.read_text()
    with serving(tmp_path) as again:
        assert again.file.read_text() != left
    assert not again.file.exists()


@pytest.fixture(scope="module")
def exports(service):
    """Calls the export of metrics over gRPC with bytes as they are."""
    grpc = pytest.importorskip("grpc", reason="grpcio is not installed")
    credentials = grpc.ssl_channel_credentials(Path(service.told["ca"]).read_bytes())
    with grpc.secure_channel(service.told["otlp_grpc"].removeprefix("https://"), credentials) as channel:
        call = channel.unary_unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")

        def export(payload, token, compression=grpc.Compression.NoCompression):
            try:
                call(payload, metadata=(("authorization", token),) if token else (), compression=compression, timeout=BOUND_S)
            except grpc.RpcError as error:
                return error.code().name, error.details()
            return "OK", ""

        yield export


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("ingest", "OK"),
        ("rights", "PERMISSION_DENIED"),
        ("survey", "PERMISSION_DENIED"),
        ("", "UNAUTHENTICATED"),
        ("garbage", "UNAUTHENTICATED"),
        ("Basic", "UNAUTHENTICATED"),
    ],
)
def test_grpc_asks_for_the_same_token(service, exports, token, expected):
    shown = {"": "", "garbage": "Bearer tn_ingest_" + "A" * 43, "Basic": f"Basic {service.tokens['ingest']}"}.get(
        token, f"Bearer {service.tokens.get(token)}"
    )
    assert exports(b"", shown)[0] == expected


def test_grpc_refuses_what_is_no_payload_without_a_trace(service, exports):
    code, said = exports(f"\xff{CANARY}".encode("latin-1"), f"Bearer {service.tokens['ingest']}")
    assert code == "INVALID_ARGUMENT"
    assert CANARY not in said
    assert "File " not in said


@pytest.mark.parametrize("is_compressed", [True, False])
def test_grpc_bounds_what_it_reads(service, exports, is_compressed):
    import grpc

    code, _ = exports(
        bytes(100 * MIB), f"Bearer {service.tokens['ingest']}", grpc.Compression.Gzip if is_compressed else grpc.Compression.NoCompression
    )
    assert code in ("RESOURCE_EXHAUSTED", "INVALID_ARGUMENT")
