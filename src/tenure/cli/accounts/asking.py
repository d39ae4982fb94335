"""A question on a terminal: shown whole, asked after typed-ahead input was thrown away, answered by a person."""

import contextlib
import sys

import click

from tenure.cli.accounts.plain import present
from tenure.cli.context import Shell
from tenure.cli.store import Place, open_keeping
from tenure.errors import DataError
from tenure.records.agreement import Refused
from tenure.services.answers import TERMINAL
from tenure.services.consent import NOT_A_PERSON, WRITTEN_NO

YES = frozenset({"y", "yes"})
NO = frozenset({"", "n", "no"})
NOT_UNDERSTOOD = Refused("the answer is neither yes nor no", ("consent/not-understood",), "ask again, and answer y or n")


def ask_and_answer(shell: Shell, place: Place, agent: str, subject: str, name: str, org: str | None) -> Refused | None:
    """Ask for a consent on the terminal. The store is closed while the person thinks.

    Args:
        shell: the clock and the terms.
        place: which store.
        agent: about which agent.
        subject: who is asked.
        name: which consent.
        org: for which organisation.

    Returns:
        None when it was given, else why not.

    Raises:
        DataError: there is nobody of that id, or no such consent.
    """
    if name not in shell.book.table(agent).pack.vocabulary.consents:
        known = ", ".join(sorted(shell.book.table(agent).pack.vocabulary.consents))
        raise DataError(f"consent: expected one of {known}, got another", code="consent/unknown", remedy="tenure privacy show SUBJECT lists them")
    if not sys.stdin.isatty():
        return NOT_A_PERSON
    with open_keeping(shell, place) as keeping:
        if not keeping.accounts.knows(subject):
            raise DataError("subject: expected the id of an account, got one that is none", code="account/unknown", remedy="tenure account create")
        question = keeping.consents.ask(agent, subject, name, org=org, channel=TERMINAL, at=present(keeping))
        asked = shell.clock.now()
    click.echo(f"{question.text}\nWithout an answer it stays no.", err=True)
    flushed = _flush()
    click.echo("[y/N] ", err=True, nl=False)
    line = sys.stdin.readline()
    word = line.strip().lower()
    if not line or word not in YES | NO:
        return NOT_UNDERSTOOD
    with open_keeping(shell, place) as keeping:
        at = max(present(keeping), question.at + (shell.clock.now() - asked))
        with keeping.store.transaction():
            keeping.store.raise_to(at)
        found = keeping.consents.answer(question.nonce, subject, word in YES, shown=question.shown, at=at, channel=TERMINAL, flushed=flushed)
    if isinstance(found, Refused):
        return found
    return None if found.value else WRITTEN_NO


def _flush() -> bool:
    """Throw away what was typed before; return whether that was possible."""
    try:
        import termios
    except ImportError:
        return False
    with contextlib.suppress(OSError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        return True
    return False
