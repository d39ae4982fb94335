"""What the client kit keeps on this machine: where the service is, whether sessions may be uploaded, how far each session has come. No content."""

from datetime import datetime, timedelta

import msgspec

from tenure.errors import ConfigError
from tenure.ports import StateStore

CHOICES = "client.json"
SESSIONS = "client/sessions/"
_LASTS = timedelta(days=90)


class Agreed(msgspec.Struct, frozen=True):
    """A yes to the upload of sessions.

    Attributes:
        text_sha256: of the question that was shown.
        at: when, aware UTC.
        server: the service that it is for.
    """

    text_sha256: str
    at: datetime
    server: str


class Choices(msgspec.Struct, frozen=True):
    """What the person set.

    Attributes:
        server: path of the ready file of `tenure serve`, or of one of that form; empty = none.
        upload: the yes to uploads; None = none.
    """

    server: str = ""
    upload: Agreed | None = None

    @property
    def uploads(self) -> bool:
        """Whether sessions may be uploaded to the service that is set: a yes for another one does not count."""
        return self.upload is not None and self.upload.server == self.server


class Progress(msgspec.Struct, frozen=True):
    """How far a session has come.

    Attributes:
        at: of the last change, aware UTC.
        asked: the rating was asked for.
        rated: it was given.
        read: bytes of the transcript that were read.
        sent: bytes that the service has of it.
    """

    at: datetime
    asked: bool = False
    rated: bool = False
    read: int = 0
    sent: int = 0


def choices(state: StateStore) -> Choices:
    """Return what the person set.

    Raises:
        ConfigError: the file is not what was written there.
    """
    content = state.read(CHOICES)
    try:
        return Choices() if content is None else msgspec.json.decode(content, type=Choices)
    except msgspec.DecodeError as error:
        message = f"{CHOICES}: expected what `tenure client connect` wrote, found something else"
        raise ConfigError(message, code="client/state", remedy="set it again: tenure client connect FILE") from error


def choose(state: StateStore, chosen: Choices) -> None:
    """Keep what the person set."""
    state.write(CHOICES, msgspec.json.encode(chosen))


def progress(state: StateStore, session: str, at: datetime) -> Progress:
    """Return how far a session has come; one that nothing is known of has just begun."""
    content = state.read(f"{SESSIONS}{session}.json")
    try:
        return Progress(at) if content is None else msgspec.json.decode(content, type=Progress)
    except msgspec.DecodeError:
        return Progress(at, asked=True)  # nobody is asked twice because a file is damaged


def note(state: StateStore, session: str, found: Progress) -> None:
    """Keep how far a session has come. What is older than 90 days goes."""
    state.write(f"{SESSIONS}{session}.json", msgspec.json.encode(found))
    for name in state.places():
        if name.startswith(SESSIONS) and progress(state, name.removeprefix(SESSIONS).removesuffix(".json"), found.at).at < found.at - _LASTS:
            state.write(name, None)
