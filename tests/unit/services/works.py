"""A store in memory with the services over it and a clock that the test sets; what the tests of derived data stand on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.unit.terms.rules import KNOWN, book, clause

from tenure.ports import Selection
from tenure.records.facts import ACCOUNT, ORG
from tenure.records.held import Owner
from tenure.records.kinds import Purpose
from tenure.services.accounts import Accounts
from tenure.services.cells import Judge
from tenure.services.derive import Derivations
from tenure.services.disposition import Disposition
from tenure.services.intake import Intake, Item
from tenure.services.jobs import Jobs
from tenure.services.lineage import Lineage
from tenure.services.releasing import Releases
from tenure.services.timekeeping import Timekeeper
from tenure.services.use import Batch, Uses
from tenure.terms.cases import parse_case
from tenure.testing.store import MemoryStore

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
CODE = "sha256:" + "c" * 64
EVERY = [str(purpose) for purpose in Purpose]
YES = {"name": "training", "value": True, "at": "2026-08-01T00:00:00Z", "by": "subject", "text_sha256": "ab" * 32, "default_shown": False}
NO = {**YES, "value": False}
TERMS = book(
    clause("held", permit=["collect", "serve", "improve"], kinds=["prompt", "transcript"], begins="2025->"),
    clause("held-prompt", keep="P60D", kinds=["prompt"], begins="2025->"),
    clause("held-transcript", keep="P5Y", kinds=["transcript"], when={"consent.training": "on"}, begins="2025->"),
    clause("held-short", keep="P30D", kinds=["transcript"], when={"consent.training": ["off", "none"]}, begins="2025->"),
    clause("short", keep="P30D", kinds=["prompt", "transcript"], when={"tier": "team"}, begins="2025->"),
    clause("rating", permit=["collect", "debug"], keep="P5Y", kinds=["survey_rating"], begins="2025->"),
    clause("metric", permit=["collect", "serve", "improve"], keep="P5Y", kinds=["usage_metric"], begins="2025->"),
    clause("training", permit=["train_generative"], kinds=["prompt", "transcript"], when={"consent.training": "on"}, begins="2025->"),
    clause("no-training", refuse=["train_generative"], kinds=["prompt", "transcript"], when={"consent.training": "off"}, begins="2025->"),
    clause("nothing", keep="P0D", kinds=["prompt", "transcript"], when={"flag.zdr": True}, begins="2025->"),
    clause("derived", permit=EVERY, kinds=["derived_signal"], begins="2025->"),
)


@dataclass
class TestClock:
    """A clock that stands until a test moves it."""

    __test__ = False
    at: datetime

    def now(self) -> datetime:
        return self.at


class Works:
    def __init__(self, terms=TERMS, case=KNOWN, store=None):
        self.case = {name: value for name, value in case.items() if name != "asked_at"}
        self.clock = TestClock(START)
        self.store = store or MemoryStore(START)
        self.time = Timekeeper(self.store, self.clock)
        self.accounts = Accounts(self.store, lambda selection, at, reason: self.disposition.tighten(selection, at, reason))
        self.judge = Judge(terms, self.accounts)
        self.lineage = Lineage(self.store)
        self.disposition = Disposition(self.store, self.accounts, self.judge, self.time, self.lineage.dependants)
        self.intake = Intake(self.store, self.accounts, self.judge, self.time)
        self.uses = Uses(self.store, self.judge, self.time)
        self.jobs = Jobs(self.store, self.time)
        self.derivations = Derivations(self.store, self.judge, self.time, self.uses, self.lineage)
        self.releases = Releases(self.store, self.accounts, self.time, self.derivations)

    def put(self, subject="anna", content=b"what I typed", *, session="s1", org=None, **changes):
        """Hold one record and return its name, or the refusal."""
        plain = {**self.case, "purpose": "collect", "collected_at": self.clock.at.isoformat(), **changes}
        put = self.intake.put(Item(parse_case(plain), Owner(subject, org, session), [content]))
        return put.records[0] if put.records else put

    def job(self, *purposes, name="job"):
        return self.jobs.register(name, CODE, "table", [Purpose(purpose) for purpose in purposes or ("improve",)])

    def run(self, *keys, purposes=("improve",), name="job"):
        """Start a run that has read these buckets; None = all."""
        run = self.derivations.start(self.job(*purposes, name=name))
        self.read(run, Selection(keys=keys) if keys else Selection())
        return run

    def read(self, run, selection):
        return list(self.derivations.read(run, selection))

    def derive(self, *keys, purposes=("improve",), records=(b"1",), name="job", **options):
        return self.derivations.derive(self.run(*keys, purposes=purposes, name=name), records, **options)

    def bucket(self, record):
        return next(iter(self.store.keys.buckets(Selection(keys=[record.key]))), None)

    def reads(self, record, *purposes, run=None):
        """What a job of these purposes gets of a record: its bytes, or the denial."""
        found = list(self.uses.read(self.job(*purposes, name="reader"), Selection(keys=[record.key]), run=run))
        return [bytes(content) for batch in found for _, content in batch.records()] if found and isinstance(found[0], Batch) else found

    def answer(self, subject, value, *, name="training"):
        """Record an answer to a consent, as its service does."""
        with self.store.transaction():
            self.record(subject, value, name=name)
            self.disposition.tighten(Selection(subjects=[subject]), self.time.keep(), "withdrawal")

    def record(self, subject, value, *, name="training"):
        """The fact alone."""
        now = self.time.keep()
        self.accounts.registry.add(ACCOUNT, subject, "consent", now, now, "subject", None, **self._said(name, value))

    def flag(self, org, flag):
        with self.store.transaction():
            now = self.time.keep()
            self.accounts.registry.add(ORG, org, "flag", now, now, "account_team", None, flag=flag, on=True)
            self.disposition.tighten(Selection(orgs=[org]), now, "flag")

    def erase(self, subject):
        return self.disposition.erase(Selection(subjects=[subject]), "request", subject=subject)

    def later(self, **delta):
        self.clock.at += timedelta(**delta)

    @staticmethod
    def _said(name, value):
        return {"agent": None, "name": name, "value": value, "text_sha256": None, "default_shown": None, "others": []}


def many(works, count, *, value=b"1", first=0, **changes):
    """Records of so many persons."""
    return [works.put(f"p{number:03}", value, session=f"s{number}", **changes) for number in range(first, first + count)]
