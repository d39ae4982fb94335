"""A store with all services over it, in memory or on disk, under a clock that the test sets; what the tests of held data stand on."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.unit.services.works import CODE
from tests.unit.terms.rules import KNOWN, book, clause

from tenure.demo.stage import VirtualClock
from tenure.ports import Selection, Store
from tenure.records.held import Bucket, Owner, RecordName
from tenure.records.kinds import Purpose, Verdict
from tenure.services.intake import Item, Put
from tenure.services.keeping import keep
from tenure.services.use import Batch, Denied
from tenure.terms.cases import parse_case
from tenure.testing.store import MemoryStore
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OFF = {"consent.training": ["off", "none"]}
TERMS = book(
    clause("held", permit=["collect", "serve", "improve"], kinds=["prompt", "output"], begins="2025->"),
    clause("held-output", keep="indefinite", kinds=["output"], begins="2025->"),
    clause("held-on", keep="P5Y", kinds=["prompt"], when={"consent.training": "on"}, begins="2025->"),
    clause("held-off", keep="P60D", kinds=["prompt"], when=OFF, begins="2025->"),
    clause("short", keep="P10D", kinds=["prompt", "output"], when={"tier": "team"}, begins="2025->"),
    clause("training", permit=["train_generative"], kinds=["prompt"], when={"consent.training": "on"}, begins="2025->"),
    clause("no-training", refuse=["train_generative"], kinds=["prompt"], when={"consent.training": "off"}, begins="2025->"),
    clause("unstated", permit=["collect", "serve"], kinds=["feedback_report"], begins="2025->"),
    clause("unstated-not", keep="P5Y", kinds=["feedback_report"], when={"tier": "pro"}, begins="2025->"),
    clause("code", permit=["collect"], keep="P30D", kinds=["code"], when={"surface": "web"}, begins="2025->"),
    clause("nothing", keep="P0D", kinds=["prompt", "output"], when={"flag.zdr": True}, begins="2025->"),
    clause("flagged", permit=["safety"], keep="P2Y", hold=["safety"], kinds=["prompt"], when={"safety_flagged": True}, begins="2025->"),
    clause("derived", permit=["serve", "collect"], kinds=["derived_signal"], begins="2025->"),
)
CASE = {name: value for name, value in KNOWN.items() if name not in {"asked_at", "collected_at", "purpose"}}


class House:
    """A store, its services and its clock.

    Args:
        make: opens the store.
        folder: where it lies; None = in memory.
    """

    def __init__(self, make: Callable[[], Store], folder: Path | None = None):
        self.make, self.folder = make, folder
        self.clock, self.ran = VirtualClock(START), 0.0
        self.open()

    def open(self):
        """Open the store and put the services over it, as a process that starts does."""
        self.store, self.is_open = self.make(), True
        self.keeping = keep(self.store, TERMS, self.clock, lambda: self.ran)

    def close(self):
        """Let go of the store, if that has not been done."""
        if self.is_open:
            self.is_open = False
            self.store.close()

    def reopen(self):
        self.close()
        self.open()

    def later(self, **delta):
        """Let time go by, on both clocks."""
        step = timedelta(**delta)
        self.ran += step.total_seconds()
        self.clock.move_to(self.clock.now() + step)

    def jump(self, **delta):
        """Set the wall clock alone."""
        self.clock.move_to(self.clock.now() + timedelta(**delta))

    def handed(self, content=b"what I typed", subject="anna", org=None, session="s1", **changes) -> Put:
        """Hand something in and return what became of it."""
        plain = {name: value for name, value in {**CASE, "purpose": "collect", **changes}.items() if value is not None}
        return self.keeping.intake.put(Item(parse_case(plain), Owner(subject, org, session), [content]))

    def held(self, content=b"what I typed", **changes) -> RecordName:
        """Hand something in that must be held."""
        put = self.handed(content, **changes)
        assert put.verdict is Verdict.PERMIT, put
        return put.records[0]

    def job(self, *purposes, name="job"):
        return self.keeping.jobs.register(name, CODE, "table", [Purpose(each) for each in purposes or ("serve",)])

    def gets(self, record, *purposes) -> bytes | Denied:
        """What a job of these purposes gets of a record."""
        name = "-".join(("gets", *purposes))
        known = {each.name: each for each in self.keeping.jobs.all()}
        found = self.keeping.uses.get(known.get(name) or self.job(*purposes, name=name), record)
        return found if isinstance(found, Denied) else bytes(found[0].record(found[1]))

    def reads(self, *purposes, selection=Selection()) -> list[bytes | Denied]:  # noqa: B008 - frozen
        """What a job of these purposes reads: contents and denials."""
        found = list(self.keeping.uses.read(self.job(*purposes, name="reader"), selection))
        batches = [content for each in found if isinstance(each, Batch) for _, content in each.records()]
        return [*map(bytes, batches), *(each for each in found if isinstance(each, Denied))]

    def derived(self, *records, purposes=("serve",), content=b"1"):
        """Make something of records and return its name."""
        run = self.keeping.derivations.start(self.job(*purposes, name="deriver"))
        list(self.keeping.derivations.read(run, Selection(keys=[record.key for record in records])))
        return self.keeping.derivations.derive(run, [content]).records[0]

    def bucket(self, record) -> Bucket | None:
        return next(iter(self.store.keys.buckets(Selection(keys=[record.key]))), None)

    def entries(self, *kinds) -> list[dict]:
        found = [json.loads(entry) for entry in self.store.ledger.entries()]
        return [entry for entry in found if not kinds or entry["type"] in kinds]

    def raw(self) -> bytes:
        """Every byte that there is."""
        if self.folder is not None:
            return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
        facts = b"".join(note.key.encode() + note.body for note in self.store.journal.facts)
        frames = b"".join(content for batches in self.store.frames.stored.values() for _, content in batches.values())
        return facts + frames + b"".join(self.store.ledger.entries())

    def is_ordered(self) -> bool:
        """Whether the instants of the ledger never run backwards."""
        instants = [datetime.fromisoformat(entry["at"]) for entry in self.entries()]
        return instants == sorted(instants)

    def person(self, subject="anna", tier="pro"):
        """Make a proper account, which has no flag and no answer."""
        made = self.keeping.accounts.create_account(subject, agent="probe", tier=tier, provider="first_party", at=self.keeping.at)
        assert made is None

    def org(self, org="acme", tier="api"):
        """Make an organisation with an account team that looks after it."""
        now = self.keeping.at
        accounts = self.keeping.accounts
        if not accounts.registry.has_account_team():
            assert accounts.set_team("tess", on=True, at=now) is None
        assert accounts.create_org(org, owner="olga", agent="probe", tier=tier, provider="first_party", actor="olga", at=now) is None

    def says_no(self, subject="anna"):
        self.later(seconds=5)
        self.keeping.consents.withdraw("probe", subject, "training", at=self.keeping.at, channel="test")

    def says_yes(self, subject="anna"):
        asked = self.keeping.consents.ask("probe", subject, "training", channel="terminal", at=self.keeping.at)
        self.later(seconds=5)
        at = max(self.keeping.at, asked.at + timedelta(seconds=5))  # a clock that was set back stands still meanwhile
        answer = self.keeping.consents.answer(asked.nonce, subject, True, shown=asked.shown, at=at, channel="terminal", flushed=True)
        assert getattr(answer, "value", None) is True, answer


def in_memory() -> House:
    store = MemoryStore(START)
    return House(lambda: store)


def on_disk(folder: Path) -> House:
    return House(lambda: SqliteStore(Folder(str(folder)), at=START), folder)


def is_denied(found: object, reason: str = "") -> bool:
    return isinstance(found, Denied) and found.verdict is Verdict.DENY and reason in found.reason
