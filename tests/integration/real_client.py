"""Runs the real Claude Code beside Tenure's service and a scripted model, in a namespace whose only network is the loopback.

`python -m tests.integration.real_client SCENARIO FOLDER CLAUDE` is started inside of such a namespace by test_real_client.py. It writes what a person
saw, what the model was asked, what the telemetry carried and what the service hands over to FOLDER/outcome.json. Home, settings and keys are made up.
"""

import base64
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import termios
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

from tenure.client.service import Access, Client, connector
from tenure.demo.model import ScriptedModel, calls, says

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "claude-code"
KEY = "sk-ant-api03-" + "made-up-" * 4
SECRET = "ghp_" + "1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R"
"""Made up; has the form of a token, so that redaction has something to do."""
CANARY = "canary7f3a9c"
FLAGS = {
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_LOG_USER_PROMPTS": "1",
    "OTEL_LOG_ASSISTANT_RESPONSES": "1",
    "OTEL_LOG_TOOL_DETAILS": "1",
    "OTEL_LOG_TOOL_CONTENT": "1",
    "OTEL_LOG_RAW_API_BODIES": "1",
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "OTEL_LOGS_EXPORT_INTERVAL": "500",
    "OTEL_RESOURCE_ATTRIBUTES": f"team={CANARY}team",
}
"""Every content flag there is."""
_CONTROL = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b.|\r")


def raise_loopback() -> None:
    """Bring up the loopback of a fresh namespace."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))


class House:
    """Home, work folder, service and client of one scenario."""

    def __init__(self, folder: Path, claude: str) -> None:
        self.folder, self.claude = folder, claude
        self.home, self.work, self.ready, self.store = folder / "home", folder / "work", folder / "ready.json", folder / "store"
        self.outcome: dict[str, object] = {}
        self.work.mkdir(parents=True)
        (self.home / ".claude").mkdir(parents=True, mode=0o700)
        (self.work / f"{CANARY}name.txt").write_text(f"{CANARY}content\n")
        account = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "numStartups": 3,
            "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
            "projects": {str(self.work): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
        }
        (self.home / ".claude" / ".claude.json").write_text(json.dumps(account))
        (self.home / ".claude" / "settings.json").write_text(json.dumps({"feedbackSurveyRate": 1}))

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home),
            "CLAUDE_CONFIG_DIR": str(self.home / ".claude"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }

    def settings(self, model: ScriptedModel, **more: str) -> dict[str, str]:
        """The environment of the client."""
        return {**self.env, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": model.url, "DISABLE_AUTOUPDATER": "1", **more}

    def telemetry(self, base: str) -> dict[str, str]:
        access = self.access()
        headers = f"Authorization=Bearer {access.token}"
        return {**FLAGS, "OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_HEADERS": headers, "NODE_EXTRA_CA_CERTS": access.ca}

    def access(self) -> Access:
        return msgspec.json.decode(self.ready.read_bytes(), type=Access)

    def tenure(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["tenure", *words], env=self.env, cwd=self.work, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def headless(self, model: ScriptedModel, prompt: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [self.claude, "--plugin-dir", str(PLUGIN), "-p", prompt, *options]
        env = self.settings(model, **more)
        return subprocess.run(command, env=env, cwd=self.work, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run `tenure serve`, and keep what it hands over at the end."""
        command = ["tenure", "serve", "--listen", "127.0.0.1:0", "--ready-file", str(self.ready), "--store", str(self.store)]
        log = (self.folder / "serve.log").open("wb")
        server = subprocess.Popen(command, env=self.env, stderr=log, stdout=log, stdin=subprocess.DEVNULL)
        pause = threading.Event()
        try:
            for _ in range(600):
                if self.ready.exists() or server.poll() is not None:
                    break
                pause.wait(0.1)
            yield
            access = self.access()
            (self.folder / "export.tar").write_bytes(Client(access, connector(access)).export("me") or b"")
        finally:
            server.send_signal(signal.SIGINT)
            self.outcome["served"] = server.wait(timeout=60)
            log.close()

    def settle(self) -> None:
        """Wait until the plugin's last hook, which goes on after the client has ended, is over."""
        pause = threading.Event()
        for _ in range(300):
            pause.wait(0.1)
            names = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
            if not any(b"client\0hook" in name for name in names):
                return

    def note(self, model: ScriptedModel) -> None:
        """Keep what the model was asked."""
        asked = [seen for seen in model.requests if seen.path.startswith("/v1/messages")]
        self.outcome["asked"] = [seen.body.decode(errors="replace") for seen in asked]


class Screen:
    """A program in a pseudo-terminal: what a person types, and what they see."""

    def __init__(self, command: Sequence[str], env: dict[str, str], folder: Path) -> None:
        self._keys, program = pty.openpty()
        fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

        def take_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, env=env, cwd=folder, stdin=program, stdout=program, stderr=program, start_new_session=True, preexec_fn=take_terminal
        )
        os.close(program)
        self.seen, self._read = "", 0

    def until(self, text: str, seconds: float = 40) -> bool:
        """Read until a text is shown after what was read before; tell whether it was."""
        wanted = re.compile(r"\s+".join(re.escape(part) for part in text.split(" ")))
        while (found := wanted.search(self.seen, self._read)) is None:
            ready, _, _ = select.select([self._keys], [], [], seconds)
            if not ready or not self._take():
                return False
        self._read = found.end()
        return True

    def rest(self, seconds: float) -> None:
        """Read until nothing has come for some time."""
        while select.select([self._keys], [], [], seconds)[0] and self._take():
            pass
        self._read = len(self.seen)

    def _take(self) -> bool:
        try:
            found = os.read(self._keys, 65536)
        except OSError:
            return False
        self.seen += _CONTROL.sub("", found.decode(errors="replace"))
        return bool(found)

    def type(self, text: str) -> None:
        os.write(self._keys, text.encode())

    def enter(self, text: str) -> None:
        """Type a line as a person does: the key for the end comes on its own."""
        self.type(text)
        self.rest(0.7)
        self.type("\r")

    def end(self) -> int:
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(timeout=20)


class Relay:
    """Takes telemetry in the clear, notes it, and hands it on to the service as it is."""

    def __init__(self, access: Access) -> None:
        self.bodies: list[tuple[str, bytes, int]] = []
        relay, connect = self, connector(access)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = _body(self)
                kept = {name: self.headers[name] for name in ("authorization", "content-type", "content-encoding") if self.headers[name]}
                with connect() as http:
                    answer = http.post(self.path, content=body, headers=kept)
                relay.bodies.append((self.path, body, answer.status_code))
                self.send_response(answer.status_code)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("transfer-encoding", "") != "chunked":
        return handler.rfile.read(int(handler.headers.get("content-length", "0")))
    found = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        found += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return found


def telemetry(house: House) -> None:
    """Every content flag, over a relay that notes what is on the wire. No service is named to the plugin: nothing but the stamp happens."""
    script = [
        calls("Read", file_path=str(house.work / f"{CANARY}name.txt")),
        calls("Write", file_path=str(house.work / f"{CANARY}new.txt"), content=f"{CANARY}written\n"),
        calls("Bash", command=f"echo {CANARY}bash", description=f"{CANARY}why"),
        says(f"{CANARY}answer"),
    ]
    with house.serving(), ScriptedModel(script) as model:
        relay = Relay(house.access())
        allowed = ("--allowedTools", "Read", "Write", "Bash(echo:*)")
        done = house.headless(model, f"Read {CANARY}name.txt {CANARY}prompt", *allowed, **house.telemetry(relay.url))
        house.note(model)
        house.outcome["wire"] = [[path, base64.b64encode(body).decode(), status] for path, body, status in relay.bodies]
        house.outcome["done"] = [done.returncode, done.stdout, done.stderr]


def consented(house: House) -> None:
    """A session before a yes, one after it, one after it was taken back; telemetry straight to the service over TLS."""
    with house.serving():
        house.outcome["connected"] = house.tenure("client", "connect", str(house.ready)).returncode
        for name in ("before", "after", "withdrawn"):
            if name == "after":
                house.outcome["agreeing"] = agree(house)
            if name == "withdrawn":
                access = house.access()
                house.outcome["taken back"] = Client(access, connector(access)).answer("transcript_share", None).is_taken
            with ScriptedModel([says(f"answer {name}")]) as model:
                done = house.headless(model, f"prompt {name} {SECRET}", **house.telemetry(house.access().otlp_http))
                house.outcome[name] = [done.returncode, done.stdout, done.stderr]
            house.settle()


def agree(house: House) -> str:
    """Say yes to uploads, in a terminal."""
    screen = Screen(["tenure", "client", "upload", "on"], house.env, house.work)
    for _ in range(2):
        screen.until("? ")
        screen.rest(1.3)
        screen.type("y\n")
    screen.until("Sessions are sent")
    screen.end()
    return screen.seen


def terminal(house: House) -> None:
    """What a person does in the client's own terminal, and in another one; and a model that tries to say yes for them."""
    bare = "env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID -u CLAUDE_CODE_CHILD_SESSION"
    script = [
        calls("Bash", command="tenure client upload on < /dev/null; tenure client feedback x < /dev/null", description="x"),
        calls(
            "Bash", command=f"(sleep 2; echo y; sleep 2; echo y; sleep 1) | {bare} script -qec 'tenure client upload on' /dev/null", description="x"
        ),
        says("I did that."),
    ]
    with house.serving(), ScriptedModel(script) as model:
        house.tenure("client", "connect", str(house.ready))
        options = ("--plugin-dir", str(PLUGIN), "--ax-screen-reader", "--allowedTools", "Bash")
        screen = Screen([house.claude, *options], house.settings(model), house.work)
        steps: dict[str, bool] = {}
        steps["start"] = screen.until("/effort") or screen.until("high")
        screen.rest(1.5)
        asked = len(model.requests)
        for line, shown in (("/tenure:privacy", "tenure client privacy NAME on|off"), ("/tenure:privacy training on", "needs your own yes")):
            screen.enter(line)
            steps[line] = screen.until(shown)
            screen.rest(1)
        house.outcome["asked for privacy"] = len(model.requests) - asked
        screen.enter("do something")
        steps["task"] = screen.until("I did that.", 60)
        steps["question"] = screen.until("/tenure:rate 1: bad")
        screen.rest(1)
        asked = len(model.requests)
        for line, shown in (
            ("/tenure:rate 5", "A rating is a number"),
            ("/tenure:rate 3", "Thank you. The number went"),
            ("/tenure:rate 3", "This session has its rating."),
            ("/tenure:feedback it went well", "In a terminal of your own"),
        ):
            screen.enter(line)
            steps[f"{line}: {shown}"] = screen.until(shown)
            screen.rest(1)
        house.outcome["asked for the rest"] = len(model.requests) - asked
        found = re.search(r"tenure client feedback --session ([0-9a-f-]{36})", screen.seen)
        other = Screen(["tenure", "client", "feedback", "--session", found[1] if found else "none", "it", "went", "well"], house.env, house.work)
        for shown, answer in (("What goes along?", "1\n"), ("Send exactly this?", "y\n")):
            steps[f"feedback: {shown}"] = other.until(shown) and other.until("? ")
            other.type(answer)
        steps["feedback: sent"] = other.until("Sent. Thank you.")
        house.outcome["feedback"] = [other.end(), other.seen]
        screen.enter("/exit")
        screen.rest(3)
        house.outcome["exit"] = screen.end()
        house.note(model)
        house.outcome.update(steps=steps, screen=screen.seen, session=found[1] if found else "")


def archive(house: House) -> None:
    """The client's own feedback command where it may not send, and its archive handed in."""
    bedrock = {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1", "AWS_REGION": "us-east-1"}
    with house.serving(), ScriptedModel([says("I did that.")]) as model:
        house.tenure("client", "connect", str(house.ready))
        house.headless(model, "do something to archive")
        env = {**house.settings(model), **bedrock, "ANTHROPIC_BEDROCK_BASE_URL": model.url}
        [session] = (house.home / ".claude" / "projects").glob("*/*.jsonl")
        screen = Screen([house.claude, "--ax-screen-reader", "--resume", session.stem], env, house.work)
        screen.until("I did that.")
        screen.rest(1.5)
        screen.enter(f"/feedback it broke {SECRET}")
        screen.until("Describe the issue below")
        screen.rest(1)
        screen.type("\r")
        screen.until("Enter selection")
        screen.rest(1)
        screen.enter("1")
        screen.until("Enter to save")
        screen.rest(1)
        screen.type("\r")
        house.outcome["saved"] = screen.until("Feedback bundle saved")
        screen.process.kill()
        house.outcome["screen"] = screen.seen
        bundles = sorted((house.home / ".claude" / "feedback-bundles").glob("*.zip"))
        other = Screen(["tenure", "client", "import-archive", *map(str, bundles)], house.env, house.work)
        other.until("Send exactly this?")
        other.until("? ")
        other.type("y\n")
        other.until("Sent. Thank you.")
        house.outcome["import"] = [other.end(), other.seen]


SCENARIOS: dict[str, Callable[[House], None]] = {"telemetry": telemetry, "consented": consented, "terminal": terminal, "archive": archive}


def main(scenario: str, folder: str, claude: str) -> None:
    raise_loopback()
    house = House(Path(folder), claude)
    try:
        SCENARIOS[scenario](house)
    finally:
        (house.folder / "outcome.json").write_text(json.dumps(house.outcome))


def exported(folder: Path) -> list[tuple[dict[str, object], bytes]]:
    """What the service handed over: each record's line of the manifest and its content."""
    with tarfile.open(fileobj=io.BytesIO((folder / "export.tar").read_bytes())) as archive:
        contents = {member.name: file.read() for member in archive if (file := archive.extractfile(member)) is not None}
    manifest = json.loads(contents["manifest.json"])
    return [(record, contents[record["file"]]) for record in manifest["records"]]


if __name__ == "__main__":
    main(*sys.argv[1:4])
