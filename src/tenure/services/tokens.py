"""Tokens: what a client shows to say whose it is and what it may do. Only hashes are kept.

A token is `tn_SCOPE_` and 43 characters of 32 random bytes. Source: design 0003; RFC 6750 for how it is sent.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tenure.errors import DataError
from tenure.ledger.entries import render_entry
from tenure.ports import Store
from tenure.records.canonical import canonical_bytes
from tenure.records.facts import TOKEN
from tenure.records.instants import parse_time, render_time
from tenure.services.timekeeping import Timekeeper

TOPIC = TOKEN
LONGEST = timedelta(days=400)
Resolve = Callable[[str, datetime], str]
"""Returns the account that a person's account is part of at an instant."""
_FORM = re.compile(r"tn_(ingest|survey|consent|rights|operate)_[A-Za-z0-9_-]{43}", re.ASCII)


class Scope(StrEnum):
    """What a token may do."""

    INGEST = "ingest"
    SURVEY = "survey"
    CONSENT = "consent"
    RIGHTS = "rights"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept.

    Attributes:
        id: the first 16 digits of its hash: how people name it.
        scope: what it may do.
        agent: about which agent.
        subject: whose it is; None for `survey` and `operate`.
        org: under which organisation.
        tier: of a `survey` token without an organisation: what the ratings are under; and
        provider: the same.
        made_at: when it was made.
        until: from then on it is worth nothing.
        is_revoked: whether somebody took it back.
        is_fleeting: whether it goes when the service starts again.
    """

    id: str
    scope: Scope
    agent: str
    subject: str | None
    org: str | None
    made_at: datetime
    until: datetime
    is_revoked: bool = False
    tier: str | None = None
    provider: str | None = None
    is_fleeting: bool = False

    def is_good(self, at: datetime) -> bool:
        """Whether it is worth something at an instant."""
        return not self.is_revoked and at < self.until


class Tokens:
    """The tokens of a store.

    Args:
        store: where their hashes are.
        time: what time it is.
        random: source of random bytes.
    """

    def __init__(self, store: Store, time: Timekeeper, random: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._time = time
        self._random = random

    def mint(
        self,
        scope: Scope,
        agent: str,
        *,
        subject: str | None = None,
        org: str | None = None,
        tier: str | None = None,
        provider: str | None = None,
        lasts: timedelta = LONGEST,
    ) -> tuple[str, Token]:
        """Make a token and return it, this once, with what is kept of it.

        Raises:
            DataError: no person where the scope needs one, a person where it must not name one, or a life that is too long.
        """
        needs_person = scope in (Scope.INGEST, Scope.CONSENT, Scope.RIGHTS)
        if needs_person != (subject is not None):
            expected = "a person" if needs_person else "no person"
            raise DataError(f"token: expected {expected} for the scope {scope}, got {'none' if needs_person else 'one'}", code="token/subject")
        if not timedelta() < lasts <= LONGEST:
            raise DataError(f"token: expected a life of at most {LONGEST.days} days, got {lasts.days}", code="token/life")
        with self._store.transaction():
            now = self._time.keep()
            return self._make(Token("", scope, agent, subject, org, now, now + lasts, tier=tier, provider=provider))

    def begin(self, wanted: Iterable[tuple[Scope, str | None, str | None, str | None]], agent: str, lasts: timedelta) -> dict[str, str]:
        """Make the tokens of a service that starts, and remove those of the time that it started before.

        Args:
            wanted: of each the scope, the subject, the tier and the provider, as in `mint`.
            agent: about which agent.
            lasts: for how long they are good, at the most.

        Returns:
            The tokens by scope.
        """
        with self._store.transaction():
            now = self._time.keep()
            for key, body in self._bodies().items():
                if _read(body).is_fleeting:
                    self._store.journal.remove(TOPIC, key)
                    self._tell("token revoked")
            fresh = [
                Token("", scope, agent, subject, None, now, now + lasts, False, tier, provider, True) for scope, subject, tier, provider in wanted
            ]
            return {str(token.scope): self._make(token)[0] for token in fresh}

    def _make(self, token: Token) -> tuple[str, Token]:
        """Give a token its secret and its id, and keep its hash. Runs inside of the open transaction."""
        text = f"tn_{token.scope}_" + base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        made = replace(token, id=_hash(text)[:16])
        self._store.journal.add(TOPIC, _hash(text), _render(made))
        self._tell("token minted")
        return text, made

    def find(self, text: str, resolve: Resolve = lambda subject, at: subject) -> Token | None:
        """Return a token that is worth something now; None for any other text.

        Args:
            text: what a client shows.
            resolve: which account a person's account is part of by now: the token is that one's.
        """
        if not _FORM.fullmatch(text):
            return None
        found = [note.body for note in self._store.journal.notes(TOPIC, _hash(text))]
        token, now = _read(found[-1]) if found else None, self._time.now
        if token is None or not token.is_good(now):
            return None
        return token if token.subject is None else replace(token, subject=resolve(token.subject, now))

    def all(self) -> list[Token]:
        """Return every token, each as it is by now."""
        return [_read(body) for body in self._bodies().values()]

    def revoke(self, id: str) -> Token:
        """Take a token back, for good.

        Raises:
            DataError: there is none of that id.
        """
        key, token = self._named(id)
        with self._store.transaction():
            self._time.stamp()
            return self._take_back(key, token)

    def rotate(self, id: str) -> tuple[str, Token]:
        """Make a token like another one that is good, and take that one back, both or neither.

        Raises:
            DataError: there is none of that id, or it is worth nothing any more: what was taken back does not come back.
        """
        key, token = self._named(id)
        with self._store.transaction():
            now = self._time.keep()
            if not token.is_good(now):
                message = "token: expected one that is good, got one that is over or was taken back"
                raise DataError(message, code="token/over", remedy="tenure keys mint makes another")
            made = self._make(replace(token, made_at=now, until=now + (token.until - token.made_at)))
            self._take_back(key, token)
        return made

    def _take_back(self, key: str, token: Token) -> Token:
        gone = replace(token, is_revoked=True)
        self._store.journal.remove(TOPIC, key)
        self._store.journal.add(TOPIC, key, _render(gone))
        self._tell("token revoked")
        return gone

    def forget(self, subject: str) -> None:
        """Remove the tokens of a person. Runs inside of the open transaction."""
        for key, body in self._bodies().items():
            if _read(body).subject == subject:
                self._store.journal.remove(TOPIC, key)

    def _bodies(self) -> dict[str, bytes]:
        return {note.key: note.body for note in self._store.journal.notes(TOPIC)}

    def _named(self, id: str) -> tuple[str, Token]:
        found = {key: body for key, body in self._bodies().items() if len(id) >= 8 and key.startswith(id)}
        if len(found) != 1:
            message = f"token: expected the id of one token, got that of {len(found)}"
            raise DataError(message, code="token/unknown", remedy="tenure keys list names them")
        ((key, body),) = found.items()
        return key, _read(body)

    def _tell(self, event: str) -> None:
        commitment = hashlib.sha256(self._random(32)).hexdigest()
        self._store.ledger.append([render_entry("account", self._time.stamp(), event=event, by="operator", commitment=commitment)])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _render(token: Token) -> bytes:
    return canonical_bytes(
        {
            "id": token.id,
            "scope": str(token.scope),
            "agent": token.agent,
            "subject": token.subject,
            "org": token.org,
            "made_at": render_time(token.made_at),
            "until": render_time(token.until),
            "revoked": token.is_revoked,
            "tier": token.tier,
            "provider": token.provider,
            "fleeting": token.is_fleeting,
        }
    )


def _read(body: bytes) -> Token:
    plain = json.loads(body)
    made_at, until = parse_time(plain["made_at"]), parse_time(plain["until"])
    whose = (plain["agent"], plain["subject"], plain["org"])
    rest = (plain["revoked"], plain["tier"], plain["provider"], plain.get("fleeting", False))
    return Token(plain["id"], Scope(plain["scope"]), *whose, made_at, until, *rest)
