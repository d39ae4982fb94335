"""Who is signed in: in memory alone, for 15 minutes after the last page. What is posted has to carry a code that is bound to the session.

Source: OWASP, Cross-Site Request Forgery Prevention, "HMAC CSRF token".
"""

import base64
import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from tenure.console.identity import Grant
from tenure.services.questions import Question
from tenure.services.tokens import Scope

LASTS_S = 15 * 60
"""Seconds that a session lasts after its last page."""
MOST = 1_000
"""Sessions at a time; the one that was used least recently makes room."""


@dataclass(slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        until: monotonic seconds; from then on it is over.
        grants: by scope.
        question: the one that was asked last and waits for its answer.
        notice: what the next page says first, once.
    """

    until: float
    grants: dict[Scope, Grant] = field(default_factory=dict)
    question: Question | None = None
    notice: str = ""


class Sessions:
    """The sessions of a service.

    Args:
        monotonic: seconds since some start.
        random: source of random bytes.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, random: Callable[[int], bytes] = os.urandom) -> None:
        self._monotonic = monotonic
        self._random = random
        self._secret = random(32)
        self._open: OrderedDict[str, Session] = OrderedDict()

    def fresh_name(self) -> str:
        """Return a name that nobody can guess."""
        return base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")

    def find(self, name: str) -> Session | None:
        """Return a session that is not over; it lasts longer from now on."""
        found = self._open.get(name)
        if found is None or self._monotonic() >= found.until:
            self._open.pop(name, None)
            return None
        found.until = self._monotonic() + LASTS_S
        self._open.move_to_end(name)
        return found

    def sign_in(self, grant: Grant, before: str) -> str:
        """Open a session under a fresh name and return that.

        What the session before could do is kept where both are of the same person, or one of them is of none.

        Args:
            grant: what its token allows.
            before: the name of the session before, if any.
        """
        old = self.find(before)
        kept = {} if old is None else {scope: each for scope, each in old.grants.items() if _is_together(each, grant)}
        self._open.pop(before, None)
        name = self.fresh_name()
        self._open[name] = Session(self._monotonic() + LASTS_S, {**kept, grant.scope: grant})
        if len(self._open) > MOST:
            self._open.popitem(last=False)
        return name

    def sign_out(self, name: str) -> None:
        """Close a session."""
        self._open.pop(name, None)

    def code(self, name: str) -> str:
        """Return what a form under a session's name has to carry."""
        return hmac.new(self._secret, name.encode(), "sha256").hexdigest()

    def is_code(self, name: str, code: str) -> bool:
        """Whether a code is the one of a session's name."""
        return hmac.compare_digest(self.code(name).encode(), code.encode())


def _is_together(one: Grant, other: Grant) -> bool:
    return one.subject is None or other.subject is None or (one.subject, one.org) == (other.subject, other.org)
