"""No sequence of answers without a fresh question ever makes a yes; a no always works; and what was known at a time stays known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tenure import wiring
from tenure.records.agreement import Agreement, Refused
from tenure.services.accounts import Accounts
from tenure.services.answers import Answer, Evidence, add_answer
from tenure.services.consent import Consents
from tenure.services.packs import make_book
from tenure.services.questions import Question
from tenure.services.updates import shelf
from tenure.terms.decide import Book
from tenure.testing.state import MemoryState
from tenure.testing.store import MemoryStore

AGENT = "claude_code"
START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("training", "transcript_share", "feedback")
PEOPLE = ("ann", "bob")
STEPS = st.sampled_from(
    [timedelta(0), timedelta(milliseconds=900), timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=9), timedelta(minutes=11)]
)


@cache
def terms() -> Book:
    return make_book(shelf(MemoryState(), wiring.packaged_packs()), [])


class Answering(RuleBasedStateMachine):
    """People who ask, answer rightly and wrongly, replay and withdraw; beside it, the list of what ought to count."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.accounts = Accounts(MemoryStore(START))
        self.consents = Consents(self.accounts.store, self.accounts, terms())
        for person in PEOPLE:
            self.accounts.create_account(person, agent=AGENT, tier="pro", provider="first_party", at=START)
        self.asked: list[Question] = []
        self.used: set[str] = set()
        self.counted: dict[tuple[str, str], list[bool]] = {(person, name): [] for person in PEOPLE for name in NAMES}

    @rule(step=STEPS)
    def wait(self, step: timedelta) -> None:
        self.now += step

    @rule(person=st.sampled_from(PEOPLE), name=st.sampled_from(NAMES), channel=st.sampled_from(["terminal", "consent_token", "agent"]))
    def ask(self, person: str, name: str, channel: str) -> None:
        self.asked.append(self.consents.ask(AGENT, person, name, channel=channel, at=self.now))

    @rule(
        which=st.integers(0, 200),
        person=st.sampled_from((None, *PEOPLE)),
        forged=st.sampled_from([{}, {}, {}, {"name": "feedback"}, {"text_sha256": "0" * 64}, {"default": True}, {"scope": "all"}]),
        channel=st.sampled_from([None, None, "agent", "token"]),
        flushed=st.sampled_from([True, True, True, False]),
        value=st.sampled_from([True, True, True, False]),
        step=STEPS,
    )
    def answer(
        self, which: int, person: str | None, forged: dict[str, object], channel: str | None, flushed: bool, value: bool, step: timedelta
    ) -> None:
        if not self.asked:
            return
        self.now += step
        question = self.asked[which % len(self.asked)]
        who, over = person or question.subject, channel or question.channel
        shown = replace(question.shown, **forged)  # type: ignore[arg-type]
        is_bound = question.nonce not in self.used and who == question.subject and shown == question.shown and not self.is_swept(question)
        waited = self.now - question.at
        is_fresh = flushed and over == question.channel != "agent" and timedelta(seconds=1) <= waited <= timedelta(minutes=10)

        found = self.consents.answer(question.nonce, who, value, shown=shown, at=self.now, channel=over, flushed=flushed)

        assert isinstance(found, Refused) == (not (is_bound and (is_fresh or not value)))
        self.used.add(question.nonce)
        if not isinstance(found, Refused):
            self.counted[question.subject, question.name].append(value)

    def is_swept(self, question: Question) -> bool:
        """Whether the question was dropped because it is too old: then it is open no more, for a no either."""
        return not any(note.key == question.nonce for note in self.accounts.store.journal.notes("question")) and question.nonce not in self.used

    @rule(person=st.sampled_from(PEOPLE), name=st.sampled_from(NAMES), channel=st.sampled_from(["terminal", "agent"]))
    def withdraw(self, person: str, name: str, channel: str) -> None:
        self.consents.withdraw(AGENT, person, name, at=self.now, channel=channel)
        self.counted[person, name].append(False)

    @invariant()
    def the_record_says_what_counted(self) -> None:
        for person in PEOPLE:
            answers = self.accounts.agreement(AGENT, person, None, self.now).consents or ()
            for name in NAMES:
                assert [each.value for each in answers if each.name == name] == self.counted[person, name]


TestAnswering = Answering.TestCase
TestAnswering.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(st.binary(min_size=0, max_size=20), st.sampled_from(PEOPLE), STEPS)
def test_a_nonce_that_nobody_issued_answers_nothing(nonce: bytes, person: str, step: timedelta) -> None:
    accounts = Accounts(MemoryStore(START))
    consents = Consents(accounts.store, accounts, terms())
    question = consents.ask(AGENT, person, "training", channel="terminal", at=START)

    found = consents.answer(nonce.hex(), person, True, shown=question.shown, at=START + step, channel="terminal", flushed=True)

    assert isinstance(found, Refused)
    assert accounts.agreement(AGENT, person, None, START + step).consents is None


# Agreements against a naive replay

TIERS = ("free", "pro", "max")
CHANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.sampled_from((*TIERS, "yes", "no"))), max_size=12)


def replay(changes: list[tuple[datetime, datetime, str]], at: datetime, known_at: datetime) -> tuple[str | None, list[bool]]:
    """Say by the slowest way what is in force."""
    known = [(since, word) for since, recorded_at, word in changes if since <= at and recorded_at <= known_at]
    in_order = [word for _, word in sorted(known, key=lambda part: part[0])]
    tiers = [word for word in in_order if word in TIERS]
    return (tiers[-1] if tiers else "pro"), [word == "yes" for word in in_order if word not in TIERS]


def recorded(days: list[tuple[int, int, str]]) -> Iterator[tuple[datetime, datetime, str]]:
    """Turn days into changes, in the order in which they are recorded; each holds since some days before that."""
    day = timedelta(days=1)
    for number, back, word in sorted(days, key=lambda part: part[0]):
        yield START + max(number - back, 0) * day, START + number * day, word


@settings(deadline=None)
@given(CHANGES, st.integers(0, 45), st.integers(0, 45))
def test_an_agreement_is_what_a_naive_replay_says(days: list[tuple[int, int, str]], at: int, known: int) -> None:
    accounts = Accounts(MemoryStore(START))
    accounts.create_account("ann", agent=AGENT, tier="pro", provider="first_party", at=START)
    changes = list(recorded(days))
    moment, known_at = START + timedelta(days=at), START + timedelta(days=known)

    for since, now, word in changes:
        if word in TIERS:
            accounts.set_tier("ann", agent=AGENT, tier=word, provider="first_party", at=since, recorded_at=now)
        else:
            _answer(accounts, word == "yes", since, now)
        accounts.agreement(AGENT, "ann", None, moment)  # so that it is kept, and has to be read anew

    for found, limit in (
        (accounts.agreement(AGENT, "ann", None, moment, known_at=known_at), known_at),
        (accounts.agreement(AGENT, "ann", None, moment), START + timedelta(days=99)),
    ):
        assert _said(found) == replay(changes, moment, limit)
        assert found.start is not None
        assert found.start <= moment
        assert found.end is None or moment < found.end


def _answer(accounts: Accounts, value: bool, since: datetime, now: datetime) -> None:
    with accounts.store.transaction():
        add_answer(accounts.registry, Answer(AGENT, "training", value, "subject", Evidence(), since, now), "ann", None)


def _said(found: Agreement) -> tuple[str | None, list[bool]]:
    return found.tier, [each.value is True for each in found.consents or ()]
