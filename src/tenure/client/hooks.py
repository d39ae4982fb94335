"""Claude Code's hook events, and what the plugin does about each. What it answers is shown to the person; nothing of it reaches the model.

A hook cannot ask: it has no terminal. What needs a yes is done by a command in a terminal of the person's own, which the answer names.
Source: Claude Code's hooks reference, and what release 2.1.197 was seen to hand over.
"""

import re
import shlex
from collections.abc import Callable
from datetime import datetime

import msgspec

from tenure.client.kept import Progress, note, progress
from tenure.client.opt_outs import Service
from tenure.client.privacy import privacy
from tenure.client.service import Block
from tenure.client.surroundings import Surroundings
from tenure.client.survey import Survey, may_ask
from tenure.client.uploads import upload
from tenure.errors import DataError
from tenure.ports import StateStore

PREFIX = "tenure:"
QUESTION = "How is Claude doing this session? (optional)  /tenure:rate 1: bad  2: fine  3: good  0: dismiss"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_RATING = re.compile(r"[0-3]", re.ASCII)


class Event(msgspec.Struct, frozen=True):
    """What a hook is handed; other keys are passed over."""

    hook_event_name: str
    session_id: str
    cwd: str = ""
    transcript_path: str = ""
    command_name: str = ""
    command_args: str = ""


class Listener:
    """A terminal at which nobody can be asked: what is said is collected."""

    def __init__(self, *, is_person: bool) -> None:
        self.said: list[str] = []
        self.is_person = is_person

    def say(self, text: str) -> None:
        """Keep a line."""
        self.said.append(text)

    def write(self, text: str) -> None:
        """Nothing is shown as it comes."""

    def prompt(self) -> str | None:
        """There is none."""
        return None

    def ask(self, question: str) -> str | None:
        """Nobody answers."""
        return None


def read_event(content: bytes) -> Event:
    """Read what the client hands to a hook.

    Raises:
        DataError: it is not that.
    """
    try:
        event = msgspec.json.decode(content, type=Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DataError("standard input: expected the JSON of a hook, found something else", code="client/event") from error
    if not _SESSION.fullmatch(event.session_id):
        raise DataError("standard input: session_id: expected up to 64 letters, digits and dashes, found something else", code="client/event")
    return event


class Plugin:
    """The plugin's side of one event.

    Args:
        state: Tenure's own state.
        furnish: makes the surroundings of an event with a terminal.
        is_person: whether a person sits at the client.
        now: the present.
    """

    def __init__(
        self, state: StateStore, furnish: Callable[[Event, Listener], Surroundings], now: Callable[[], datetime], *, is_person: bool
    ) -> None:
        self._state = state
        self._furnish = furnish
        self._now = now
        self._is_person = is_person

    def heard(self, event: Event) -> Block | None:
        """Do what an event asks for, and return what the client is to be told; None = nothing."""
        match event.hook_event_name:
            case "Stop":
                return self._after_task(event)
            case "SessionEnd":
                self._ended(event)
            case "UserPromptExpansion" if event.command_name.startswith(PREFIX):
                return {"decision": "block", "reason": self._command(event)}
            case _:
                pass
        return None

    def _after_task(self, event: Event) -> Block | None:
        """Ask for a rating, at most once in a session."""
        known = progress(self._state, event.session_id, self._now())
        if known.asked or known.rated or not self._is_person or not may_ask(here := self._here(event)) or here.chance() >= here.rate:
            return None
        self._note(event, known, asked=True)
        return {"systemMessage": QUESTION}

    def _ended(self, event: Event) -> None:
        here = self._here(event)
        if Service.SESSION_UPLOAD in here.on:
            known = progress(self._state, event.session_id, self._now())
            _, read, sent = upload(here, known.read, known.sent)
            self._note(event, known, read=read, sent=sent)

    def _command(self, event: Event) -> str:
        words = event.command_args.split()
        match event.command_name.removeprefix(PREFIX):
            case "feedback":
                return self._feedback(event)
            case "rate":
                return self._rate(event, event.command_args.strip())
            case "privacy" if not words or (len(words) == 2 and words[1] == "off"):
                return self._privacy(event, words)
            case "privacy":
                return f"That needs your own yes. In a terminal of your own:\n{_call('privacy', *words)}"
            case _:
                return "There is /tenure:feedback, /tenure:rate and /tenure:privacy."

    def _privacy(self, event: Event, words: list[str]) -> str:
        listener = Listener(is_person=False)
        privacy(self._furnish(event, listener), words, "me")
        if not words:
            listener.say(f"To change it, in a terminal of your own:\n{_call('privacy', 'NAME', 'on|off')}")
        return "\n".join(listener.said)

    def _feedback(self, event: Event) -> str:
        here = self._here(event)
        if not here.on & {Service.FEEDBACK, Service.FEEDBACK_ARCHIVE}:
            return f"Nothing is sent: feedback is switched off by {here.why_off(Service.FEEDBACK)}."
        command = _call("feedback", "--session", event.session_id, *([event.command_args.strip()] if event.command_args.strip() else []))
        return f"Nothing is sent yet. In a terminal of your own, where you see what goes along and say yes or no:\n{command}"

    def _rate(self, event: Event, text: str) -> str:
        here, known = self._here(event), progress(self._state, event.session_id, self._now())
        if not _RATING.fullmatch(text):
            return "A rating is a number: 1: bad  2: fine  3: good  0: dismiss"
        if not self._is_person:
            return "Nothing is sent: a rating is a person's."
        if not may_ask(here):
            is_alone = Service.RATING in here.on
            return "Nothing is sent: there is no service." if is_alone else f"Nothing is sent: it is switched off by {here.why_off(Service.RATING)}."
        if known.rated:
            return "This session has its rating."
        reply = Survey(here).send(int(text))
        if not reply.is_taken:
            return f"It was not taken, nothing of it is kept: {reply.reason}"
        self._note(event, known, asked=True, rated=True)
        return "Thank you. The number went, with the day, and nothing of the session."

    def _here(self, event: Event) -> Surroundings:
        return self._furnish(event, Listener(is_person=self._is_person))

    def _note(self, event: Event, known: Progress, **changed: bool | int) -> None:
        note(self._state, event.session_id, msgspec.structs.replace(known, at=self._now(), **changed))


def _call(*words: str) -> str:
    """Return a command as a person types it; words such as NAME stand for what they choose."""
    return "  tenure client " + " ".join(word if word in ("NAME", "on|off") else shlex.quote(word) for word in words)
