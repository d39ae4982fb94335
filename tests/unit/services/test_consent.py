"""Consent: a yes counts only as the answer to one question that was asked; a no counts always."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tenure import wiring
from tenure.errors import DataError
from tenure.ledger.entries import parse_entry
from tenure.ports import Selection
from tenure.records.agreement import Refused, Role
from tenure.records.case import Case, Consent
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.accounts import Accounts
from tenure.services.consent import Consents
from tenure.services.packs import make_book
from tenure.services.question_texts import TEXTS
from tenure.services.questions import Question, Shown
from tenure.services.updates import shelf
from tenure.terms.decide import Book, decide
from tenure.testing.state import MemoryState
from tenure.testing.store import MemoryStore

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
AGENT = "claude_code"
CASE = Case(
    *(AGENT, Kind.PROMPT, Purpose.TRAIN_GENERATIVE),
    tier="pro",
    provider="first_party",
    surface="cli",
    model_class="ordinary",
    flags=frozenset(),
    client_version="2.1.40",
    env={},
    settings={},
    safety_flagged=False,
)


@pytest.fixture(scope="module")
def book() -> Book:
    return make_book(shelf(MemoryState(), wiring.packaged_packs()), [])


PINNED = {
    ("training", 1): "181f4f5bd121156b",
    ("codex_training", 1): "11cf5b5d90edb354",
    ("trusted_tester", 1): "c691b105c09cd19f",
    ("include_environments", 1): "9681b26e9ea9dad1",
    ("transcript_share", 1): "61bfa79f0664080c",
    ("feedback", 1): "096295f652c69d6f",
    ("analytics", 1): "ac185771b6183b65",
    ("share", 1): "9f859b4f94d728e0",
    ("dpp", 1): "a7e8ec7ea5d46fdf",
    ("sharing", 1): "4258f5b050b33201",
    ("workspace_sharing", 1): "d93606d1594f3823",
    ("cloud_training", 1): "db70614f8623c3a8",
}
"""The beginning of the digest of each text in each version. A text that changes gets a new version, and a line here."""


class Desk:
    """A store with one person, `ann`, and one organisation, `acme`, of `olga` with its member `mia`."""

    def __init__(self, book: Book) -> None:
        self.store = MemoryStore(AT)
        self.tightened: list[tuple[Selection, str]] = []
        self.accounts = Accounts(self.store, lambda selection, at, reason: self.tightened.append((selection, reason)))
        self.consents = Consents(self.store, self.accounts, book)
        self.accounts.create_account("ann", agent=AGENT, tier="pro", provider="first_party", at=AT - DAY)
        self.accounts.create_org("acme", owner="olga", agent=AGENT, tier="enterprise", provider="first_party", at=AT - DAY)
        self.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT - DAY)
        self.tightened.clear()

    def ask(self, subject: str = "ann", name: str = "training", org: str | None = None, at: datetime = AT) -> Question:
        return self.consents.ask(AGENT, subject, name, org=org, channel="terminal", at=at)

    def yes(
        self,
        question: Question,
        subject: str | None = None,
        *,
        shown: Shown | None = None,
        after: timedelta = 3 * SECOND,
        channel: str = "terminal",
        flushed: bool = True,
    ) -> Consent | Refused:
        at = question.at + after
        who = question.subject if subject is None else subject
        return self.consents.answer(question.nonce, who, True, shown=shown or question.shown, at=at, channel=channel, flushed=flushed)

    def answers(self, subject: str = "ann", org: str | None = None, at: datetime = AT + DAY) -> tuple[Consent, ...]:
        return self.accounts.agreement(AGENT, subject, org, at).consents or ()


@pytest.fixture
def desk(book: Book) -> Desk:
    return Desk(book)


def clause(found: Consent | Refused) -> str:
    assert isinstance(found, Refused)
    return found.clauses[0]


def test_an_answer_to_the_question_counts_and_carries_its_evidence(desk: Desk) -> None:
    question = desk.ask()

    found = desk.yes(question)

    assert found == Consent("training", True, AT + 3 * SECOND, "subject", question.text_sha256, False)
    assert desk.answers() == (found,)
    entry = parse_entry(list(desk.store.ledger.entries())[-1])
    assert (entry["type"], entry["name"], entry["value"], entry["by"]) == ("consented", "training", True, "subject")
    assert (entry["text_sha256"], entry["default"], entry["dwell_ms"], entry["channel"]) == (question.text_sha256, False, 3_000, "terminal")


def test_a_token_that_may_consent_will_do(desk: Desk) -> None:
    question = desk.consents.ask(AGENT, "ann", "training", channel="consent_token", at=AT)

    assert isinstance(desk.yes(question, channel="consent_token"), Consent)


def test_a_question_is_answered_once(desk: Desk) -> None:
    question = desk.ask()
    desk.yes(question)
    desk.consents.withdraw(AGENT, "ann", "training", at=AT + MINUTE, channel="terminal")

    assert clause(desk.yes(question, after=2 * MINUTE)) == "consent/no-question"
    assert desk.answers()[-1].value is False


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(seconds=-5), "consent/too-early"),
        (timedelta(0), "consent/too-early"),
        (timedelta(milliseconds=999), "consent/too-early"),
        (SECOND, None),
        (10 * MINUTE, None),
        (10 * MINUTE + timedelta(milliseconds=1), "consent/too-late"),
    ],
)
def test_an_answer_comes_from_one_second_to_ten_minutes_after_the_question(desk: Desk, after: timedelta, expected: str | None) -> None:
    found = desk.yes(desk.ask(), after=after)

    assert (found.clauses[0] if isinstance(found, Refused) else None) == expected
    assert bool(desk.answers()) == (expected is None)


@pytest.mark.parametrize(
    "change",
    [{"name": "feedback"}, {"text_sha256": "00" * 32}, {"default": True}, {"scope": "everything"}],
)
def test_an_answer_to_another_question_counts_for_nothing(desk: Desk, change: dict[str, object]) -> None:
    question = desk.ask()

    assert clause(desk.yes(question, shown=replace(question.shown, **change))) == "consent/not-bound"  # type: ignore[arg-type]
    assert desk.answers() == ()


def test_nobody_answers_for_another(desk: Desk) -> None:
    assert clause(desk.yes(desk.ask(), "bob")) == "consent/not-bound"
    assert desk.answers("bob") == desk.answers() == ()


@pytest.mark.parametrize("channel", ["agent", "token", "service", "", "Terminal", "consent_token"])
def test_a_yes_comes_over_the_channel_of_a_person_that_was_asked_on_it(desk: Desk, channel: str) -> None:
    assert clause(desk.yes(desk.ask(), channel=channel)) == "consent/channel"
    assert desk.answers() == ()


def test_a_question_to_an_agent_is_answered_by_nobody(desk: Desk) -> None:
    question = desk.consents.ask(AGENT, "ann", "training", channel="agent", at=AT)

    assert clause(desk.yes(question, channel="agent")) == "consent/channel"


def test_typed_ahead_input_never_consents(desk: Desk) -> None:
    assert clause(desk.yes(desk.ask(), flushed=False)) == "consent/typed-ahead"
    assert desk.answers() == ()


def test_a_refused_answer_uses_the_question_up_and_is_on_record(desk: Desk) -> None:
    question = desk.ask()
    desk.yes(question, after=timedelta(0))

    assert clause(desk.yes(question)) == "consent/no-question"
    [attempt] = [note for note in desk.store.journal.facts if note.topic == "attempt"]
    assert attempt.key == "ann"
    assert b'"refused":"consent/too-early"' in attempt.body
    assert question.text_sha256.encode() in attempt.body


def test_a_no_needs_no_question_and_counts_at_once(desk: Desk) -> None:
    desk.yes(desk.ask())

    desk.consents.withdraw(AGENT, "ann", "training", at=AT + MINUTE, channel="agent")

    assert [each.value for each in desk.answers()] == [True, False]
    assert desk.tightened == [(Selection(subjects=("ann",)), "withdrawn")]


def test_a_no_to_a_question_counts_however_early(desk: Desk) -> None:
    question = desk.ask()

    found = desk.consents.answer(question.nonce, "ann", False, shown=question.shown, at=AT, channel="agent", flushed=False)

    assert isinstance(found, Consent)
    assert [each.value for each in desk.answers()] == [False]


def test_a_no_counts_against_a_yes_of_a_clock_that_was_ahead(desk: Desk) -> None:
    desk.yes(desk.ask(at=AT + DAY))

    desk.consents.withdraw(AGENT, "ann", "training", at=AT, channel="terminal")

    assert desk.answers(at=AT + 2 * DAY)[-1].value is False
    assert desk.answers(at=AT)[-1].value is False


def test_a_no_of_somebody_without_an_account_counts_too(desk: Desk, book: Book) -> None:
    desk.consents.withdraw(AGENT, "zoe", "feedback", at=AT, channel="terminal")
    desk.consents.withdraw(AGENT, "zoe", "feedback", org="nowhere", at=AT, channel="terminal")

    for org in (None, "nowhere"):
        answers = desk.answers("zoe", org)
        assert answers[-1].value is False
        assert Consent("training", None, AT) in answers
    case = replace(CASE, kind=Kind.FEEDBACK_REPORT, purpose=Purpose.COLLECT, collected_at=AT + DAY, asked_at=AT + DAY)
    assert decide(book, replace(case, consents=())).verdict is Verdict.PERMIT
    assert decide(book, replace(case, consents=desk.answers("zoe"))).verdict is Verdict.DENY


def test_a_yes_that_is_not_the_persons_to_give_is_refused(desk: Desk) -> None:
    assert clause(desk.yes(desk.ask(name="dpp"))) == "consent/not-yours"
    assert clause(desk.yes(desk.ask("mia", "training", "acme"))) == "consent/not-yours"
    assert desk.answers() == desk.answers("mia", "acme") == ()


def test_what_a_member_sends_of_their_own_accord_is_theirs_to_give(desk: Desk) -> None:
    found = desk.yes(desk.ask("mia", "transcript_share", "acme"))

    assert isinstance(found, Consent)
    assert found.by == "subject"
    assert desk.answers("mia", "acme") == (found,)
    assert desk.answers("mia") == desk.answers("olga", "acme") == ()


def test_the_partner_program_is_entered_by_the_answer_of_an_owner(desk: Desk) -> None:
    found = desk.yes(desk.ask("olga", "dpp", "acme"))

    assert isinstance(found, Consent)
    assert found.by == "owner"
    assert desk.accounts.agreement(AGENT, "mia", "acme", AT + DAY).flags == frozenset({"dpp"})
    assert desk.answers("mia", "acme") == (found,)
    desk.consents.withdraw(AGENT, "olga", "dpp", org="acme", at=AT + MINUTE, channel="terminal")
    assert desk.accounts.agreement(AGENT, "mia", "acme", AT + DAY).flags == frozenset()


def test_a_member_does_not_enter_the_partner_program(desk: Desk) -> None:
    assert clause(desk.yes(desk.ask("mia", "dpp", "acme"))) == "account/program-by-admin"

    assert desk.accounts.agreement(AGENT, "mia", "acme", AT + DAY).flags == frozenset()
    assert [(each.value, each.by) for each in desk.answers("mia", "acme")] == [(True, "member")]
    assert desk.answers("olga", "acme") == ()


def test_a_role_that_was_lost_since_the_question_does_not_answer(desk: Desk) -> None:
    desk.accounts.set_member("acme", "adam", Role.ADMIN, actor="olga", at=AT)
    question = desk.ask("adam", "dpp", "acme")
    desk.accounts.leave("adam", "acme", at=AT + SECOND)

    assert clause(desk.yes(question)) == "account/program-by-admin"
    assert desk.accounts.agreement(AGENT, "olga", "acme", AT + DAY).flags == frozenset()


def test_old_questions_are_swept(desk: Desk) -> None:
    desk.ask()
    desk.ask(at=AT + DAY)

    assert len([note for note in desk.store.journal.facts if note.topic == "question"]) == 1


def test_a_person_who_is_forgotten_leaves_no_question_and_no_attempt(desk: Desk) -> None:
    desk.yes(desk.ask(), after=timedelta(0))
    desk.ask()

    with desk.store.transaction():
        desk.accounts.forget("ann", AT)

    assert not [note for note in desk.store.journal.facts if note.topic in ("question", "attempt", "account")]


def test_what_cannot_be_consented_to_is_not_asked(desk: Desk) -> None:
    with pytest.raises(DataError, match="consent: expected one that claude_code has"):
        desk.ask(name="everything")
    with pytest.raises(DataError, match="consent: expected one that claude_code has"):
        desk.consents.withdraw(AGENT, "ann", "everything", at=AT, channel="terminal")


def test_every_consent_of_every_agent_has_a_text_of_its_own(book: Book) -> None:
    names = {name for table in book.tables.values() for name in table.pack.vocabulary.consents}

    assert names == TEXTS.keys()


def test_a_changed_text_is_a_new_version() -> None:
    assert {(name, text.version): text.sha256[:16] for name, text in TEXTS.items()}.items() <= PINNED.items()


def test_a_later_yes_does_not_revive_what_was_collected_before(desk: Desk, book: Book) -> None:
    """Through the terms: collected under a yes, withdrawn, and asked again after a second yes."""
    desk.yes(desk.ask())
    collected = AT + MINUTE
    case = replace(CASE, collected_at=collected, session_started_at=AT + 30 * SECOND)

    def verdict(days: int) -> Verdict:
        at = AT + days * DAY
        return decide(book, replace(case, consents=desk.answers(at=at), asked_at=at, run_started_at=at)).verdict

    assert verdict(1) is Verdict.PERMIT
    desk.consents.withdraw(AGENT, "ann", "training", at=AT + 2 * DAY, channel="terminal")
    assert verdict(3) is Verdict.DENY
    assert isinstance(desk.yes(desk.ask(at=AT + 4 * DAY)), Consent)
    assert verdict(5) is Verdict.DENY
