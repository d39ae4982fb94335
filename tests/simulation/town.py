"""People and organisations over one store, from one seed: who there is, and what they agree to. The model is told of everything that is done."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

from tests.simulation.house import House
from tests.simulation.model import AGENT, Account, Model

from tenure.records.agreement import Role
from tenure.records.kinds import Purpose
from tenure.services.accounts import Accounts
from tenure.services.jobs import Job
from tenure.vault.store import SqliteStore

if TYPE_CHECKING:
    from tenure.services.use import Batch

START, END = datetime(2025, 6, 1, 12, tzinfo=UTC), datetime(2030, 6, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
USES: dict[str, tuple[str, ...]] = {
    **{purpose: (purpose,) for purpose in ("serve", "debug", "improve", "safety", "train_safety", "train_generative")},
    "both": ("safety", "serve"),
}
CONSUMER, COMMERCIAL = ("free", "pro", "max"), ("team", "enterprise", "api")
Result = TypeVar("Result")


class Town:
    """Who there is, and what they do.

    Args:
        seed: of everything.
        sessions: how many come along in an hour of traffic.
        crashes: how often the power goes, of all that is done.
    """

    def __init__(self, seed: int, *, sessions: int, crashes: float = 0.02) -> None:
        self.random, self.sessions_at_once, self.crash_rate = Random(seed), sessions, crashes
        self.house, self.model = self.built(), Model()
        self.log: list[str] = []
        self.sessions = self.records = self.refused = 0
        self.refusals: list[bytes] = []
        self.digests: set[bytes] = set()
        self.erased: list[str] = []
        self.lost: set[str] = set()
        self.watch: Callable[[Batch], None] = lambda batch: None
        self.named = 0
        self.size_before = 0
        self._found()

    # --- the ground that it stands on

    def built(self) -> House:
        """Return the house that it stands in."""
        return House(START, self.random)

    def _found(self) -> None:
        accounts = self.house.keeping.accounts
        accounts.set_team("PERSON-team.", on=True, at=self.now)
        for name, purposes in USES.items():
            self.house.keeping.jobs.register(name, "sha256:" + "0" * 64, "sink", [Purpose(each) for each in purposes])
        for _ in range(30):
            self.new_person()
        for _ in range(4):
            self.new_org()

    @property
    def now(self) -> datetime:
        return self.house.keeping.at

    @property
    def store(self) -> SqliteStore:
        return self.house.store

    def job(self, name: str) -> Job:
        return self.house.keeping.jobs.get(name)

    def fresh(self, what: str) -> str:
        self.named += 1
        return f"{what}-{self.named}."

    def do(self, what: str, act: Callable[[], Result], learn: Callable[[Result | None], None]) -> None:
        """Do one thing, perhaps with a crash in it, and tell the model if it was done."""
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} {what}")
        if self.random.random() >= self.crash_rate:
            learn(act())
            self.house.later(SECOND)  # of two things at one instant nobody could say which came first
            return
        result, done = self.house.survive(act, after=self.random.randrange(1, 40))
        self.restarted()
        if done is None:
            learn(result)  # type: ignore[arg-type]  # what act returned
            self.house.later(SECOND)
            return
        self.log.append(f"  power cut, {'done' if done else 'not done'}")
        if done:
            learn(None)
        if not self.house.keeping.time.is_in_doubt:
            self.model.sweep(self.now)
        self.house.later(SECOND)
        self.recovered()

    def restarted(self) -> None:
        """What a process had in mind is gone."""

    def recovered(self) -> None:
        """What is looked at after each start; a test sets it."""

    # --- who there is

    def people(self) -> list[str]:
        return [name for name, person in self.model.people.items() if not person.is_retired]

    def orgs(self) -> list[str]:
        return [name for name, org in self.model.orgs.items() if not org.is_retired]

    def members(self, org: str) -> list[str]:
        return [name for name in self.people() if self.model.people[name].role_in(org, self.now) is not None]

    def pick(self, among: Collection[str]) -> str | None:
        return self.random.choice(sorted(among)) if among else None

    def someone(self, *, kind: str | None = None) -> str | None:
        """Pick a person; most of the time one of whom something is held (under a hold of a kind), since with others nothing can go wrong."""
        people = self.people()
        if self.random.random() < 0.7:
            held = {held.subject for held in self.model.held.values() if kind is None or kind in held.holds.values()}
            return self.pick([name for name in people if name in held]) or self.pick(people)
        return self.pick(people)

    def new_person(self) -> None:
        name, tier, now = self.fresh("PERSON"), self.random.choice(CONSUMER), self.now

        def learn(_: object) -> None:
            self.model.people[name] = Account(now, [(now, tier, "first_party")])

        make = self.house.keeping.accounts.create_account
        self.do(f"new {name} {tier}", lambda: self.yes(make(name, agent=AGENT, tier=tier, provider="first_party", at=now)), learn)

    def new_org(self) -> None:
        owner = self.pick(self.people())
        if owner is None:
            return
        name, tier, now = self.fresh("ORG"), self.random.choice(COMMERCIAL), self.now
        provider = self.random.choice(("first_party",) * 4 + ("bedrock", "vertex"))

        def learn(_: object) -> None:
            self.model.orgs[name] = Account(now, [(now, tier, provider)])
            self.model.people[owner].roles.append((now, name, "owner"))

        make = self.house.keeping.accounts.create_org
        self.do(f"new {name} {tier} {provider}", lambda: self.yes(make(name, owner=owner, agent=AGENT, tier=tier, provider=provider, at=now)), learn)

    def yes(self, refused: object) -> None:
        assert refused is None, refused

    def set_tier(self) -> None:
        name, now = self.pick(self.people()), self.now
        if name is None:
            return
        tier = self.random.choice((*CONSUMER, "api"))

        def learn(_: object) -> None:
            self.model.people[name].tiers.append((now, tier, "first_party"))
            self.model.change(now, subject=name)

        self.do(f"{name} is {tier}", lambda: self.yes(self._accounts.set_tier(name, agent=AGENT, tier=tier, provider="first_party", at=now)), learn)

    @property
    def _accounts(self) -> Accounts:
        return self.house.keeping.accounts

    def set_org_tier(self) -> None:
        org, tier, now = self.pick(self.orgs()), self.random.choice(COMMERCIAL), self.now
        if org is None:
            return
        provider = self.random.choice(("first_party", "first_party", "foundry"))

        def learn(_: object) -> None:
            self.model.orgs[org].tiers.append((now, tier, provider))
            self.model.change(now, org=org)

        self.do(f"{org} is {tier}", lambda: self.yes(self._accounts.set_tier(None, org, agent=AGENT, tier=tier, provider=provider, at=now)), learn)

    def join(self) -> None:
        org, now = self.pick(self.orgs()), self.now
        if org is None:
            return
        owner = next((name for name in self.members(org) if self.model.people[name].role_in(org, now) == "owner"), None)
        name = self.pick(set(self.people()) - set(self.members(org)))
        if owner is None or name is None:
            return
        role = self.random.choice((Role.MEMBER, Role.MEMBER, Role.ADMIN))

        def learn(_: object) -> None:
            self.model.people[name].roles.append((now, org, str(role)))
            self.model.change(now, subject=name, org=org)

        self.do(f"{name} joins {org}", lambda: self.yes(self._accounts.set_member(org, name, role, actor=owner, at=now)), learn)

    def leave(self) -> None:
        org, now = self.pick(self.orgs()), self.now
        name = None if org is None else self.pick([each for each in self.members(org) if self.model.people[each].role_in(org, now) != "owner"])
        if org is None or name is None:
            return

        def learn(_: object) -> None:
            self.model.people[name].roles.append((now, org, None))
            self.model.change(now, subject=name, org=org)

        self.do(f"{name} leaves {org}", lambda: self.yes(self._accounts.leave(name, org, at=now)), learn)

    def zero_retention(self) -> None:
        org, now = self.pick(self.orgs()), self.now
        if org is None:
            return
        on = not any(flag == "zdr" and is_on for _, flag, is_on in self.model.orgs[org].flags[-1:])

        def learn(_: object) -> None:
            self.model.orgs[org].flags.append((now, "zdr", on))
            self.model.change(now, org=org)

        self.do(f"{org} zdr {on}", lambda: self.yes(self._accounts.set_zdr(org, on=on, actor="PERSON-team.", at=now)), learn)

    def merge(self) -> None:
        now = self.now
        owners = {name for name in self.people() for _, _, role in self.model.people[name].roles if role == "owner"}
        source, target = self.someone(), self.someone()
        if source is None or target is None or source in owners or source == target:
            return
        self.do(
            f"{source} becomes {target}",
            lambda: self.yes(self._accounts.merge(source, target, at=now)),
            lambda _: self.model.merge(source, target, now),
        )

    # --- what they agree to

    def answer_yes(self) -> None:
        name, subject = self.random.choice(("training", "training", "transcript_share")), self.pick(self.people())
        if subject is None:
            return
        org = self.pick([each for each in self.orgs() if subject in self.members(each)]) if name == "transcript_share" else None
        asked = self.house.keeping.consents.ask(AGENT, subject, name, org=org, channel="terminal", at=self.now)
        self.house.later(3 * SECOND)
        now = self.now

        def act() -> object:
            return self.house.keeping.consents.answer(asked.nonce, subject, True, shown=asked.shown, at=now, channel="terminal", flushed=True)

        def learn(found: object) -> None:
            assert found is None or getattr(found, "value", None) is True, found
            self.model.people[subject].answers.append((org, (name, True, now, "subject")))

        self.do(f"{subject} says yes to {name}", act, learn)

    def withdraw(self, subject: str | None = None) -> None:
        name, now = self.random.choice(("training", "training", "transcript_share")), self.now
        subject = self.someone() if subject is None else subject
        if subject is None:
            return
        org = self.pick([each for each in self.orgs() if subject in self.members(each)]) if self.random.random() < 0.2 else None
        by = "subject" if org is None or name == "transcript_share" else "member"

        def learn(_: object) -> None:
            self.model.people[subject].answers.append((org, (name, False, now, by)))
            self.model.change(now, subject=subject, org=org)

        self.do(
            f"{subject} says no to {name} in {org}",
            lambda: self.house.keeping.consents.withdraw(AGENT, subject, name, org=org, at=now, channel="terminal"),
            learn,
        )

    def program(self) -> None:
        org = self.pick(self.orgs())
        owner = None if org is None else next((n for n in self.members(org) if self.model.people[n].role_in(org, self.now) == "owner"), None)
        if org is None or owner is None:
            return
        terms = self.model.agreement(None, org, self.now)
        assert terms is not None
        if "dpp" in terms[2]:
            now = self.now

            def left(_: object) -> None:
                self.model.orgs[org].flags.append((now, "dpp", False))
                self.model.orgs[org].answers.append((None, ("dpp", False, now, "owner")))
                self.model.change(now, org=org)

            self.do(
                f"{org} leaves the program",
                lambda: self.house.keeping.consents.withdraw(AGENT, owner, "dpp", org=org, at=now, channel="terminal"),
                left,
            )
        elif terms[1] == "first_party":
            self._enter_program(org, owner)

    def _enter_program(self, org: str, owner: str) -> None:
        asked = self.house.keeping.consents.ask(AGENT, owner, "dpp", org=org, channel="terminal", at=self.now)
        self.house.later(3 * SECOND)
        now = self.now

        def act() -> object:
            return self.house.keeping.consents.answer(asked.nonce, owner, True, shown=asked.shown, at=now, channel="terminal", flushed=True)

        def learn(found: object) -> None:
            assert found is None or getattr(found, "value", None) is True, found
            self.model.orgs[org].flags.append((now, "dpp", True))
            self.model.orgs[org].answers.append((None, ("dpp", True, now, "owner")))
            self.model.change(now, org=org)

        self.do(f"{org} enters the program", act, learn)
