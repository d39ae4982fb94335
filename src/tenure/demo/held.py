"""The scenes of the walk in which something is held: sealed under its terms, read for its purposes, gone on its day, and proven so."""

import hashlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tenure.demo.scenes import BASE, NotSeen
from tenure.demo.stage import Outcome, Stage

CANARY = "canary-5f1c0e: the text of a prompt"
START = datetime(2026, 2, 1, 10, tzinfo=UTC)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Vault:
    """A store of one scene.

    Attributes:
        stage: the home, the clock and the commands.
        folder: of the store.
    """

    stage: Stage
    folder: Path

    def run(self, *argv: str, stdin: str = "") -> Outcome:
        """Run a command on this store."""
        return self.stage.run([*argv, "--store", str(self.folder)], stdin)

    def answers(self, line: str, *argv: str) -> Outcome:
        """Run a command on a terminal and type a line when it asks."""
        return self.stage.answer([*argv, "--store", str(self.folder)], line)

    def done(self, *argv: str, stdin: str = "") -> Mapping[str, object]:
        """Run a command that must answer yes, and return what it prints as JSON."""
        outcome = self.run(*argv, "--json", stdin=stdin)
        if outcome.code != 0:
            raise NotSeen(f"tenure {' '.join(argv[:2])}: expected yes, saw exit {outcome.code}: {outcome.err.strip()[:200]}")
        return outcome.json

    def refused(self, *argv: str, stdin: str = "") -> str:
        """Run a command that must answer no, and return why."""
        outcome = self.run(*argv, stdin=stdin)
        if outcome.code != 10:
            raise NotSeen(f"tenure {' '.join(argv[:2])}: expected no, saw exit {outcome.code}: {outcome.err.strip()[:200]}")
        return outcome.err.strip().removeprefix("tenure: ").partition("\n")[0]

    def put(self, **case: object) -> tuple[int, Mapping[str, object]]:
        """Hand in a prompt under a case and return the exit code with the answer."""
        path = self.stage.home / "case.json"
        path.write_bytes(msgspec.json.encode({**BASE, **case}))
        outcome = self.run("vault", "put", "--case", str(path), stdin=CANARY)
        return outcome.code, outcome.json

    def held(self, **case: object) -> tuple[str, str]:
        """Hand in a prompt that must be held and return its name and the day on which it goes."""
        code, put = self.put(**case)
        if code != 0:
            raise NotSeen(f"expected a record to be held, saw exit {code}: {put}")
        return str(put["record"]), str(put["expires_at"])[:10]

    def job(self, name: str, purpose: str) -> str:
        """Register a job and return its name."""
        self.done("job", "register", name, "--code", __file__, "--sink", "demo", "--purpose", purpose)
        return name

    def read(self, record: str, job: str) -> bytes:
        """Read a record that a job may read."""
        file = self.stage.home / "read.bin"
        outcome = self.run("vault", "get", record, "--job", job, "--output", str(file))
        if outcome.code != 0:
            raise NotSeen(f"expected {job} to be permitted, saw exit {outcome.code}: {outcome.err.strip()[:200]}")
        return file.read_bytes()

    def raw(self) -> bytes:
        """Return every byte of the store."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())


def vault(stage: Stage, name: str, at: datetime = START) -> Vault:
    """Return an empty store, with the clock at the start of the scene."""
    stage.clock.move_to(at)
    return Vault(stage, stage.home / "stores" / name)


def _answer(value: bool) -> list[dict[str, object]]:
    """Return the answer of a case: a yes counts with the text that was shown and its preset answer."""
    shown = {"text_sha256": hashlib.sha256(b"May your sessions train models?").hexdigest(), "default_shown": False}
    return [{"name": "training", "value": value, "at": "2025-09-01T08:00:00Z", "by": "subject", **shown}]


def consumer_allows(stage: Stage) -> str:
    """W1: sealed, readable for training, until five years later."""
    store = vault(stage, "W1")
    record, until = store.held(tier="pro", subject="ann", session={"id": "s1"}, consents=_answer(True))
    _same(until, "2031-02-01")
    _same(store.read(record, store.job("trainer", "train_generative")).decode(), CANARY)
    _unseen(store)
    return f"sealed until {until}; a training job reads it with a permit"


def consumer_declines(stage: Stage) -> str:
    """W2: sealed for 30 days, no training."""
    store = vault(stage, "W2")
    record, until = store.held(tier="pro", subject="ben", session={"id": "s1"}, consents=_answer(False))
    _same(until, "2026-03-03")
    why = store.refused("vault", "get", record, "--job", store.job("trainer", "train_generative"))
    _same(store.read(record, store.job("server", "serve")).decode(), CANARY)
    return f"sealed until {until}; a serving job reads it, a training job does not: {why}"


def commercial(stage: Stage) -> str:
    """W3: Team, Enterprise and API: 30 days, no training."""
    store = vault(stage, "W3")
    trainer, until = store.job("trainer", "train_generative"), ""
    for tier in ("team", "enterprise", "api"):
        record, until = store.held(tier=tier, subject=f"{tier}-person", org=f"{tier}-org", session={"id": tier})
        _same(until, "2026-03-03")
        store.refused("vault", "get", record, "--job", trainer)
    return f"Team, Enterprise, API: sealed until {until}, a training job is refused"


def partner(stage: Stage) -> str:
    """W4: an admin enrols on a terminal; a member cannot, nor can an organisation on Bedrock or Vertex."""
    store = vault(stage, "W4")
    trainer = store.job("trainer", "train_generative")
    store.done("org", "create", "acme", "--owner", "olga", "--tier", "api")
    store.done("org", "member", "acme", "mia", "member", "--as", "olga")
    before, _ = store.held(tier="api", subject="mia", org="acme", session={"id": "s1"}, kind="code")
    _expect_no(store.answers("y", "org", "program", "acme", "on", "--as", "mia"), "account/program-by-admin")
    _expect_yes(store.answers("y", "org", "program", "acme", "on", "--as", "olga"))
    stage.clock.move_to(START + timedelta(hours=1))
    after, _ = store.held(tier="api", subject="mia", org="acme", session={"id": "s2"}, kind="code")
    store.read(after, trainer)
    store.refused("vault", "get", before, "--job", trainer)
    for provider in ("bedrock", "vertex"):
        store.done("org", "create", f"on-{provider}", "--owner", "olga", "--tier", "api", "--provider", provider)
        _expect_no(store.answers("y", "org", "program", f"on-{provider}", "on", "--as", "olga"), "account/program-first-party")
    return "an admin enrols: code from then on trains, code from before does not; a member, Bedrock and Vertex are refused"


def zero_retention(stage: Stage) -> str:
    """W5: switched on by the account team alone; nothing of content is left; another organisation is not covered."""
    store = vault(stage, "W5")
    store.done("org", "create", "acme", "--owner", "olga", "--tier", "enterprise")
    store.done("org", "role", "tess", "account_team")
    store.held(tier="enterprise", subject="mia", org="acme", session={"id": "s1"})
    store.refused("org", "zdr", "acme", "on", "--as", "olga")
    store.done("org", "zdr", "acme", "on", "--as", "tess")
    code, put = store.put(tier="enterprise", subject="mia", org="acme", session={"id": "s2"})
    _same((code, put["record"]), (10, None))
    status = store.done("vault", "status")
    _same(msgspec.convert(status["held"], dict[str, object])["records"], 0)
    _unseen(store)
    if list(store.folder.glob("segments/*/*")):
        raise NotSeen("expected no sealed content to be left, saw some")
    store.done("org", "create", "acme-labs", "--owner", "olga", "--tier", "enterprise")
    _, until = store.held(tier="enterprise", subject="mia", org="acme-labs", session={"id": "s3"})
    gone = "what was held is gone, what comes is refused, raw bytes are clean"
    return f"only the account team switches it on; {gone}; a new organisation is not covered: held until {until}"


def privacy(stage: Stage) -> str:
    """W6, the command: the text and its default are on record, a yes counts from then on, a withdrawal at once."""
    store = vault(stage, "W6")
    trainer = store.job("trainer", "train_generative")
    store.done("account", "create", "ann", "--tier", "max")
    _expect_yes(store.answers("y", "privacy", "set", "ann", "training", "on"))
    stage.clock.move_to(START + timedelta(hours=1))
    record, until = store.held(tier="max", subject="ann", session={"id": "s1"})
    store.read(record, trainer)
    shown = store.done("privacy", "show", "ann")
    training = next(row for row in msgspec.convert(shown["consents"], list[dict[str, object]]) if row["name"] == "training")
    answer = msgspec.convert(training["answers"], list[dict[str, object]])[-1]
    _same((training["state"], answer["default_shown"], len(str(answer["text_sha256"]))), ("on", False, 64))
    stage.clock.move_to(START + timedelta(days=1))
    store.done("privacy", "set", "ann", "training", "off")
    store.refused("vault", "get", record, "--job", trainer)
    left = str(store.done("vault", "why", record)["expires_at"])[:10]
    return f"yes to text {str(answer['text_sha256'])[:8]}, default no: until {until}, trains; withdrawn: refused at once, gone on {left}"


def _expect_yes(outcome: Outcome) -> None:
    if outcome.code != 0:
        raise NotSeen(f"expected yes, saw exit {outcome.code}: {outcome.err[-200:]}")


def _expect_no(outcome: Outcome, clause: str) -> None:
    if outcome.code != 10 or clause not in outcome.err + outcome.out:
        raise NotSeen(f"expected no by {clause}, saw exit {outcome.code}: {(outcome.err + outcome.out)[-200:]}")


def _same(found: object, expected: object) -> None:
    if found != expected:
        raise NotSeen(f"expected {str(expected)[:_SHOWN]}, saw {str(found)[:_SHOWN]}")


def _unseen(store: Vault) -> None:
    if CANARY.encode() in store.raw():
        raise NotSeen("expected no plaintext in the files of the store, saw some")


def _verified(argv: Sequence[str]) -> tuple[int, str]:
    """Run the independent verifier in a Python of its own."""
    done = subprocess.run([sys.executable, "-I", *argv], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def two_reports(stage: Stage) -> str:
    """W7: a report from before the change lives 30 days, one from after it five years; neither trains."""
    store = vault(stage, "W7", datetime(2025, 10, 18, tzinfo=UTC))
    trainer, improver = store.job("trainer", "train_generative"), store.job("improver", "improve")
    older, first = store.held(kind="feedback_report", tier="pro", subject="ann", collected_at="2025-10-17T10:00:00Z")
    newer, second = store.held(kind="feedback_report", tier="pro", subject="ann", collected_at="2025-10-17T20:00:00Z")
    _same((first, second), ("2025-11-16", "2030-10-17"))
    for record in (older, newer):
        store.refused("vault", "get", record, "--job", trainer)
        _same(store.read(record, improver).decode(), CANARY)
    stage.clock.move_to(datetime(2025, 11, 16, tzinfo=UTC))
    store.refused("vault", "get", older, "--job", improver)
    _same(store.read(newer, improver).decode(), CANARY)
    return f"both held, a job that improves the product reads them; on {first} one is gone, the other stays until {second}"


def retention_ends(stage: Stage) -> str:
    """W8: after 30 days and after five years: unreadable, the key destroyed, the proof verifies offline."""
    store = vault(stage, "W8")
    server = store.job("server", "serve")
    short, first = store.held(tier="pro", subject="ben", session={"id": "s1"}, consents=_answer(False))
    long, second = store.held(tier="pro", subject="ann", session={"id": "s2"}, consents=_answer(True))
    shown = []
    for record, day in ((short, first), (long, second)):
        stage.clock.move_to(datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(minutes=1))
        store.run("vault", "expire", "--confirm-clock")
        _same(store.read(record, server).decode(), CANARY)
        stage.clock.move_to(datetime.fromisoformat(day).replace(tzinfo=UTC))
        store.refused("vault", "get", record, "--job", server)
        proof, tool = stage.home / "proof.json", _exported(store) / "tenure_verify.py"
        _expect_yes(store.run("ledger", "prove", record, "--output", str(proof)))
        code, said = _verified([str(tool), "proof", str(proof)])
        _same(code, 0)
        shown.append(f"{day}: gone; verified: {said.splitlines()[0][:120]}")
    return "; ".join(shown)


def _exported(store: Vault) -> Path:
    folder = store.stage.home / f"ledger-{store.folder.name}"
    _expect_yes(store.run("ledger", "export", str(folder)))
    return folder


def auditor(stage: Stage) -> str:
    """W30: somebody who trusts nobody verifies the exported ledger without Tenure, and notices a changed byte."""
    store = vault(stage, "W30")
    record, _ = store.held(tier="pro", subject="ben", session={"id": "s1"}, consents=_answer(False))
    store.read(record, store.job("server", "serve"))
    store.done("vault", "erase", "ben", "--apply")
    folder = _exported(store)
    code, said = _verified([str(folder / "tenure_verify.py"), "log", str(folder)])
    _same(code, 0)
    bundle = next(path for path in (folder / "tile" / "entries").rglob("*") if path.is_file())
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b'"serve"', b'"debug"'))
    changed, _ = _verified([str(folder / "tenure_verify.py"), "log", str(folder)])
    _same(changed, 10)
    return f"{said.splitlines()[0][:110]}; with one word changed: it fails"


def withdraws(stage: Stage) -> str:
    """W29, content: training stops at once, erasure leaves nothing that opens, and both are in the ledger."""
    store = vault(stage, "W29")
    trainer = store.job("trainer", "train_generative")
    record, _ = store.held(tier="pro", subject="ann", session={"id": "s1"}, consents=_answer(True))
    store.read(record, trainer)
    stage.clock.move_to(START + timedelta(days=1))
    store.done("privacy", "set", "ann", "training", "off")
    store.refused("vault", "get", record, "--job", trainer)
    _, until = record, str(store.done("vault", "why", record)["expires_at"])[:10]
    store.done("vault", "erase", "ann", "--apply")
    store.refused("vault", "why", record)
    if list(store.folder.glob("segments/*/*")):
        raise NotSeen("expected no segment to be left, saw one")
    return f"withdrawn: the training job is refused, the rest goes on {until}; erased: no key, no segment left"
