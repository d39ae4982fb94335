"""Who the features meet in tests: a person who answers from a list, a service that notes what reached it, surroundings with both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tenure.client.opt_outs import Account, Provider, Settings, provider_of, services_on, survey_rate, why_off
from tenure.client.service import Question, Reply, Shown
from tenure.client.surroundings import Surroundings
from tenure.demo.agent.transcript import Transcript

AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
SESSION = "00000000-0000-4000-8000-000000000001"
ALWAYS = Settings(feedback_survey_rate=1)
PRO = Account(tier="pro", subject="ann")
ASKED = Question("0" * 32, "May the transcript be sent along?", Shown("transcript_share", "a" * 64, False, "sessions"))


class Ticking:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Counted:
    """Ids in order."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last += 1
        return f"00000000-0000-4000-8000-{self._last:012}"


class Typist:
    """A person who answers questions from one list and types prompts from another; None = no answer."""

    is_person = True

    def __init__(self, answers: Sequence[str | None] = (), prompts: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.prompts = list(prompts)
        self.asked: list[str] = []
        self.seen = ""

    def say(self, text: str) -> None:
        self.seen += text + "\n"

    def write(self, text: str) -> None:
        self.seen += text

    def prompt(self) -> str | None:
        return self.prompts.pop(0) if self.prompts else None

    def ask(self, question: str) -> str | None:
        self.asked.append(question)
        self.seen += question + "\n"
        return self.answers.pop(0) if self.answers else None


class NotingServer:
    """A service that takes everything, or refuses everything for a reason, and notes each call as name and arguments."""

    def __init__(self, reason: str = "") -> None:
        self.calls: list[tuple[object, ...]] = []
        self._reply = Reply(not reason, reason)

    @property
    def names(self) -> list[object]:
        return [call[0] for call in self.calls]

    def _note(self, *call: object) -> Reply:
        self.calls.append(call)
        return self._reply

    def feedback(self, scope, text, sessions, case):
        return self._note("feedback", scope, text, dict(sessions), case)

    def survey(self, rating, day, arm):
        return self._note("survey", rating, day, arm)

    def survey_transcript(self, question, session, transcript, case):
        return self._note("survey_transcript", question, session, transcript, case)

    def transcript(self, session, start, lines, case):
        return self._note("transcript", session, start, lines)

    def errors(self, report, case):
        return self._note("errors", report)

    def consents(self) -> Mapping[str, bool | None] | None:
        self._note("consents")
        return {"training": False}

    def question(self, name: str) -> Question | None:
        self._note("question", name)
        return ASKED

    def answer(self, name, question):
        return self._note("answer", name, question)

    def usage(self, model, tokens, request):
        return self._note("usage", model, tokens, request)

    def export(self, subject: str) -> bytes | None:
        self._note("export", subject)
        return b"everything"

    def erase(self, subject):
        return self._note("erase", subject)

    def delete_session(self, session):
        return self._note("delete_session", session)

    def telemetry(self, signal, payload):
        return self._note("telemetry", signal, payload)


def redact(content: bytes) -> tuple[bytes, int]:
    """Replace the word `secret`."""
    return content.replace(b"secret", b"[redacted]"), content.count(b"secret")


def kept_transcript(home: Path, prompt: str = "what is secret here") -> Transcript:
    """A transcript with one prompt."""
    transcript = Transcript(home / "projects" / "-p", SESSION, {"cwd": "/p"}, Ticking(), Counted())
    transcript.prompt(prompt)
    return transcript


def surroundings(
    home: Path,
    terminal: Typist,
    server: NotingServer | None,
    *,
    env: Mapping[str, str] | None = None,
    account: Account = PRO,
    settings: Settings = ALWAYS,
    collected: list[bytes] | None = None,
    arm: str | None = "b",
) -> Surroundings:
    """Surroundings as the program makes them, with everything that leaves noted."""
    env = env or {}
    provider: Provider = provider_of(env, account)
    return Surroundings(
        terminal=terminal,
        on=services_on(env, settings, provider, account),
        why_off=lambda service: why_off(service, env, settings, provider, account),
        server=server,
        collect=None if collected is None else collected.append,
        transcript=kept_transcript(home),
        home=home,
        redact=redact,
        case={"agent": "claude_code"},
        rate=survey_rate(settings),
        arm=arm,
        version="0.1.0",
        now=Ticking(),
        chance=lambda: 0.5,
    )
