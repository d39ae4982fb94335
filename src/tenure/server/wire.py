"""What requests carry: one strict form each, and what it does not name is refused.

A survey rating has no room for anything that joins it to a session.
"""

import re
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=20_000)]
_END = r"$(?!\n)"
"""The end of a text: `$` alone lets a line feed follow."""
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f-\u009f\ufffd]+" + _END)]
Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}" + _END)]
Module = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}(\.[A-Za-z_][A-Za-z0-9_]{0,63}){0,9}" + _END)]
Version = Annotated[str, Meta(pattern=r"^[0-9]{1,5}(\.[0-9]{1,5}){0,3}" + _END)]
Arm = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,15}" + _END)]
"""A short name: no digest and no id of a session fits in."""
Count = Annotated[int, Meta(ge=0, le=10**12)]


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request's body."""


class SessionPart(_Form, frozen=True, kw_only=True):
    """One session of a report.

    Attributes:
        id: of the session.
        transcript: its lines, redacted by the client.
    """

    id: Id
    transcript: bytes


class Feedback(_Form, frozen=True, kw_only=True):
    """A report: what the person wrote, and the sessions that they chose to send with it.

    Attributes:
        scope: `session`, or those of the same project of the last `24h` or `7d`.
        text: what the person wrote.
        sessions: at most one for `session`.
        case: what the client says about itself, as in a case; the account stands above it.
    """

    scope: Annotated[str, Meta(pattern="^(session|24h|7d)" + _END)]
    text: Text = ""
    sessions: Annotated[list[SessionPart], Meta(max_length=200)] = []
    case: dict[str, Any] = {}  # Any: read by terms.cases, strictly


class Survey(_Form, frozen=True, kw_only=True):
    """A rating.

    Attributes:
        rating: 1 bad, 2 fine, 3 good, 0 dismissed.
        day: on which it was given, in UTC.
        arm: of an experiment, where the session had one.
    """

    rating: Annotated[int, Meta(ge=0, le=3)]
    day: date
    arm: Arm | None = None


class SurveyTranscript(_Form, frozen=True, kw_only=True):
    """A transcript that a person agreed to send after a rating.

    Attributes:
        nonce: of the question that they said yes to.
        shown: what they were shown.
        flushed: whether what was typed before the question was thrown away.
        session: the transcript.
        case: as in a report.
    """

    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{32}" + _END)]
    shown: "Shown"
    flushed: bool = False
    session: SessionPart
    case: dict[str, Any] = {}  # Any: read by terms.cases, strictly


class Frame(_Form, frozen=True, kw_only=True):
    """A place in the client's own code."""

    module: Module
    function: Identifier
    line: Annotated[int, Meta(ge=0, le=10**7)] = 0


class ErrorReport(_Form, frozen=True, kw_only=True):
    """An error of the client: its type and where, never a message.

    Attributes:
        type: the name of the exception's class.
        frames: innermost last.
        version: of the client.
    """

    type: Identifier
    frames: Annotated[list[Frame], Meta(max_length=100)] = []
    version: Version | None = None


class Ask(_Form, frozen=True, kw_only=True):
    """A request to be asked for a consent."""

    name: Identifier


class Shown(_Form, frozen=True, kw_only=True):
    """What a person was shown."""

    name: Identifier
    text_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}" + _END)]
    default: bool
    scope: Id


class Answer(_Form, frozen=True, kw_only=True):
    """An answer to a question; a no needs no nonce.

    Attributes:
        name: which consent.
        value: yes or no.
        nonce: of the question.
        shown: what was shown.
        flushed: whether what was typed before the question was thrown away.
    """

    name: Identifier
    value: bool
    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{32}" + _END)] | None = None
    shown: Shown | None = None
    flushed: bool = False


class Usage(_Form, frozen=True, kw_only=True):
    """Tokens that were used.

    Attributes:
        model: as the price table names it.
        tokens: by kind: `input`, `write_5m`, `write_1h`, `read`, `output`.
        request: an id that makes a repetition count once.
    """

    model: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:/-]{1,100}" + _END)]
    tokens: dict[Annotated[str, Meta(pattern="^(input|write_5m|write_1h|read|output)" + _END)], Count]
    request: Id


_UNKNOWN = re.compile(r"unknown field `[^`]*`")


def why_malformed(error: msgspec.DecodeError) -> str:
    """Return what a body did not fit: types and names of its form, never a value or a name of its own."""
    return _UNKNOWN.sub("an unknown field", str(error)) if isinstance(error, msgspec.ValidationError) else "no JSON"
