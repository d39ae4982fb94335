"""Facts about persons and organisations: under which topics a journal keeps them, and the bytes that the ledger commits to.

A fact has two times: `at`, since when it holds, and `recorded_at`, since when it is known here. `services.account_facts` says what becomes of them.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tenure.records.agreement import OPERATOR
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.instants import render_time

ACCOUNT = "account"
"""Topic: facts of a person's own account, by subject."""
MEMBER = "member"
"""Topic: which roles a person has in organisations, by subject."""
ORG = "org"
"""Topic: facts of an organisation, by its id."""
TEAM = "team"
"""Topic: roles for the store as a whole, by subject."""
MERGED = "merged"
"""Topic: the accounts that were merged into one, by the subject into whose account."""
QUESTION = "question"
"""Topic: the questions that wait for an answer, by nonce."""
ATTEMPT = "attempt"
"""Topic: what became of the answers to questions, by subject."""
SALT = "salt"
"""Topic: the random salt under which the ledger commits to facts of a person or an organisation."""
BUDGET = "budget"
"""Topic: what releases were charged to a person."""
UPLOAD = "upload"
"""Topic: the parts of transcripts that a person's clients have sent."""
USAGE = "usage"
"""Topic: what a person or an organisation used, for the program's invoice."""
FORMER = "former"
"""Topic: the marks of those who were erased, as `bind` makes them of `subject:ID` or `org:ID` under the store's own key; the body is empty."""
FORMER_KEY = "former_key"
"""Topic: that key, 32 random bytes, made when somebody is first erased. A mark says nothing without it."""
TOKEN = "token"  # noqa: S105 - the name of a topic
"""Topic: the tokens of programs, by a digest of each."""
OF_A_PERSON = (ACCOUNT, MEMBER, TEAM, MERGED, ATTEMPT, BUDGET, UPLOAD, USAGE)
"""Topics whose keys are ids of persons."""
NAMING = (QUESTION, TOKEN)
"""Topics whose facts name a person as `subject` inside."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        number: its place in the journal.
        topic: about whom: `account`, `member`, `org` or `team`.
        event: such as `created`, `tier`, `flag`, `consent`.
        at: since when it holds, aware UTC.
        recorded_at: since when it is known, aware UTC.
        agent: about which agent; None = about all.
        by: in which role it was made: a role, `subject`, `operator`, or `case` for what was read off a case.
        actor: a commitment to who made it; None = no named person.
        values: what it says.
    """

    number: int
    topic: str
    event: str
    at: datetime
    recorded_at: datetime
    agent: str | None
    by: str
    actor: str | None
    values: Mapping[str, Plain]

    def text(self, name: str) -> str | None:
        """Return a value that is a text, or None."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None


def render_fact(fact: Fact) -> bytes:
    """Return the canonical bytes of a fact; its number is where it stands."""
    return canonical_bytes(
        {
            "v": 1,
            "event": fact.event,
            "at": render_time(fact.at),
            "recorded_at": render_time(fact.recorded_at),
            "agent": fact.agent,
            "by": fact.by,
            "actor": fact.actor,
            "values": dict(fact.values),
        }
    )


def forgotten(at: datetime) -> Fact:
    """Return the fact that all that was known about a person was removed at an instant."""
    return Fact(-1, ACCOUNT, "forgotten", at, at, None, OPERATOR, None, {})


def bind(salt: bytes, content: bytes) -> bytes:
    """Return 32 bytes that bind to content under somebody's salt, and say nothing without it."""
    return hmac.new(salt, content, hashlib.sha256).digest()
