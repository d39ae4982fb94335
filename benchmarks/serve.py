"""The service over loopback with TLS, next to a bare application that reads the body and answers 200, in the same run.

    python -m benchmarks.serve [--seconds 5] [--clients 16]

Clients are threads, each with one connection that stays open and one request at a time. Every post is durable when it is answered; the bare
application keeps nothing.
"""

import argparse
import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CASE = {"surface": "cli", "client_version": "2.1.200", "env": {}, "settings": {}, "model_class": "ordinary", "safety_flagged": False}
READY = "Tenure takes in at "
POINTS = 1_000
LINE = json.dumps({"type": "user", "message": {"content": "x" * 900}}).encode() + b"\n"
Request = Callable[[int, int], bytes]


def metrics(client: int, number: int) -> bytes:
    """Return an export of `POINTS` points with eight attributes each, none sent before."""
    start = 1_790_000_000_000_000_000 + (client * 1_000_000 + number) * 1_000_000_000
    keys = ("session.id", "model", "type", "app.version", "terminal.type", "user.id", "organization.id", "query_source")
    points = []
    for point in range(POINTS):
        values = (f"2a594641-dbdb-416a-9d73-{client:012d}", "claude-sonnet-4-5", "input", "2.1.200", "xterm", "u" * 32, f"{client:032d}", "main")
        attributes = [{"key": key, "value": {"stringValue": value}} for key, value in zip(keys, values, strict=True)]
        at = {"startTimeUnixNano": str(start + point * 1000), "timeUnixNano": str(start + point * 1000 + 500)}
        points.append({"attributes": attributes, "asDouble": point, **at})
    metric = {"name": "claude_code.token.usage", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": points}}
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()


def posts(told: dict[str, object]) -> dict[str, tuple[Request, int]]:
    """Return what is sent, by name, and how many things each request carries."""
    token = str(told["token"])

    def post(path: str, body: bytes, *lines: str) -> bytes:
        head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", f"Content-Length: {len(body)}", *lines]
        return "\r\n".join([*head, "", ""]).encode() + body

    case = f"tenure-case: {json.dumps(CASE)}"
    report = json.dumps(
        {"scope": "session", "text": "it broke", "case": CASE, "sessions": [{"id": "s", "transcript": base64.b64encode(LINE).decode()}]}
    )
    run = f"{time.monotonic_ns():x}"
    return {
        "transcript, 1 kB": (lambda client, number: post(f"/v1/sessions/{run}-{client}/transcript?from={number * len(LINE)}", LINE, case), 1),
        "feedback, 1 kB": (lambda client, number: post("/v1/feedback", report.encode()), 1),
        f"OTLP points, {POINTS} a request, JSON": (
            lambda client, number: post("/v1/metrics", metrics(client, number), "Content-Type: application/json"),
            POINTS,
        ),
    }


def measure(port: int, trust: ssl.SSLContext, request: Request, clients: int, seconds: float, most: int = 400) -> float:
    """Return answered requests per second; what is sent is made before the clock starts."""
    counts, stop = [0] * clients, threading.Event()
    made = [[request(client, number) for number in range(most)] for client in range(clients)]

    def work(client: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as plain, trust.wrap_socket(plain, server_hostname="localhost") as connection:
            for sent in made[client]:
                if stop.is_set():
                    return
                connection.sendall(sent)
                answer = connection.recv(65536)
                while b"\r\n\r\n" not in answer:
                    answer += connection.recv(65536)
                head, _, rest = answer.partition(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                while len(rest) < length:
                    rest += connection.recv(65536)
                assert head.split(b" ")[1] in (b"200", b"201"), answer
                counts[client] += 1

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    threads[0].join(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


@contextmanager
def started(command: list[str], home: str, marker: str) -> Iterator[float]:
    """Start a server and yield in how many seconds it accepted."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env={"HOME": home, "PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd()}, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if marker in line:
            break
    else:
        raise SystemExit("it did not start")
    seconds = time.perf_counter() - begun
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        yield seconds
    finally:
        process.terminate()
        process.wait()


def bare(port: int, certificate: str, key: str) -> None:
    """Serve an application that reads the body and answers 200, as the service is served."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request as Got
    from starlette.responses import Response
    from starlette.routing import Route

    async def answer(request: Got) -> Response:
        await request.body()
        return Response(b'{"status":"ok"}', media_type="application/json")

    app = Starlette(routes=[Route("/{rest:path}", answer, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, ssl_certfile=certificate, ssl_keyfile=key, http="h11", ws="none", lifespan="off", access_log=False)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--bare", nargs=3)
    arguments = parser.parse_args()
    if arguments.bare:
        bare(int(arguments.bare[0]), *arguments.bare[1:])
        return
    tenure = str(Path(sys.executable).parent / "tenure")
    with tempfile.TemporaryDirectory() as home:
        ready = Path(home) / "ready.json"
        command = [tenure, "serve", "--listen", "127.0.0.1:0", "--ready-file", str(ready), "--no-log"]
        with started(command, home, READY) as first:
            pass
        with started(command, home, READY) as seconds:
            told = json.loads(ready.read_text())
            trust = ssl.create_default_context(cafile=told["ca"])
            port, tls = int(told["url"].rpartition(":")[2]), Path(told["ca"]).parent
            with socket.create_server(("127.0.0.1", 0)) as free:
                other = free.getsockname()[1]
            command = [sys.executable, "-m", "benchmarks.serve", "--bare", str(other), str(tls / "certificate.pem"), str(tls / "key.pem")]
            with started(command, home, "running on"):
                print(f"start to ready: {first:.2f} s with a store that is made, {seconds:.2f} s with one that is there")
                print(f"{arguments.clients} clients, {arguments.seconds:g} s each\n")
                print(f"{'':40} {'tenure/s':>10} {'bare/s':>10} {'ratio':>6}")
                for name, (request, each) in posts(told).items():
                    own = measure(port, trust, request, arguments.clients, arguments.seconds, 400 if each == 1 else 40) * each
                    reference = measure(other, trust, request, arguments.clients, arguments.seconds, 400 if each == 1 else 40) * each
                    print(f"{name:40} {own:10,.0f} {reference:10,.0f} {own / reference:6.2f}")


if __name__ == "__main__":
    main()
