"""`/feedback`: choose what goes along, see it as it will leave, say yes, and only then is it sent: exactly those bytes."""

from collections.abc import Callable, Mapping

from tenure.client.opt_outs import Service
from tenure.client.sessions import SCOPES, sessions_since
from tenure.client.surroundings import Surroundings
from tenure.client.terminal import is_yes

_SHOWN_LINES = 8
_SHOWN_COLUMNS = 160
SCOPE_QUESTION = "What goes along? 1: this session (default)  2: this project's sessions of 24 hours  3: of 7 days  0: cancel"
CONFIRM = "Send exactly this? y: yes  a: show all of it  anything else: no"


def feedback(here: Surroundings, text: str) -> None:
    """Send a report, or write it to the local archive.

    Args:
        here: the surroundings.
        text: what the person wrote.
    """
    say, ask = here.terminal.say, here.terminal.ask
    if not here.on & {Service.FEEDBACK, Service.FEEDBACK_ARCHIVE}:
        say(f"Nothing is sent: feedback is switched off by {here.why_off(Service.FEEDBACK)}.")
        return
    scope = {None: None, "": "session", "1": "session", "2": "24h", "3": "7d"}.get(ask(SCOPE_QUESTION))
    if scope is None:
        say("Nothing is sent.")
        return
    report(here, scope, text, _chosen(here, scope), to_archive=Service.FEEDBACK_ARCHIVE in here.on)


def report(here: Surroundings, scope: str, text: str, lines: Mapping[str, bytes], *, to_archive: bool) -> None:
    """Show a report as it will leave and, after a yes, send exactly that or write it to the local archive.

    Args:
        here: the surroundings.
        scope: `session`, `24h` or `7d`.
        text: what the person wrote.
        lines: transcripts by session, as they lie here.
        to_archive: nothing is sent.
    """
    say, ask = here.terminal.say, here.terminal.ask
    sessions, places = _redacted(here, lines)
    clean_text = here.redact(text.encode())[0].decode(errors="replace")
    goes = "is written to the local archive" if to_archive else "is sent"
    _preview(say, goes, clean_text, sessions, places, whole=False)
    answer = ask(CONFIRM)
    if answer is not None and answer.lower() == "a":
        _preview(say, goes, clean_text, sessions, places, whole=True)
        answer = ask(CONFIRM)
    if not is_yes(answer):
        say("Nothing is sent.")
    elif to_archive:
        say(f"Nothing is sent. The report lies in {here.archive('feedback', clean_text, sessions)}.")
    elif here.server is None:
        say("Nothing is sent: there is no service to send it to.")
    else:
        reply = here.server.feedback(scope, clean_text, sessions, here.case)
        say("Sent. Thank you." if reply.is_taken else f"It was not taken, nothing of it is kept: {reply.reason}")


def _chosen(here: Surroundings, scope: str) -> dict[str, bytes]:
    """Return the sessions of a scope as they lie here."""
    path, span = here.transcript.path, SCOPES[scope]
    if path is None:
        return {}
    found = {} if span is None else dict(sessions_since(path.parent, here.now() - span))
    if path.exists():
        found[here.transcript.session] = path.read_bytes()
    return found


def _redacted(here: Surroundings, found: Mapping[str, bytes]) -> tuple[dict[str, bytes], int]:
    """Return sessions as they may leave, and how many places were replaced."""
    sessions, places = {}, 0
    for session, lines in found.items():
        sessions[session], count = here.redact(lines)
        places += count
    return sessions, places


def _preview(say: Callable[[str], None], goes: str, text: str, sessions: Mapping[str, bytes], places: int, *, whole: bool) -> None:
    say(f"This {goes}, with {places} places replaced:")
    say(f"  your words: {text or '(none)'}")
    for session, content in sessions.items():
        lines = content.decode(errors="replace").splitlines()
        say(f"  session {session}: {len(lines)} lines, {len(content)} bytes")
        for line in lines if whole else lines[:_SHOWN_LINES]:
            say(f"    {line if whole or len(line) <= _SHOWN_COLUMNS else line[:_SHOWN_COLUMNS] + ' ...'}")
        if not whole and len(lines) > _SHOWN_LINES:
            say(f"    ... and {len(lines) - _SHOWN_LINES} more lines")
