"""Stamps: a few hundred bytes per session that say under which terms it ran. Written at its start, by a hook; never any content.

A stamp looks forward only: transcripts carry no reliable mark of the account, so a session without a stamp stays unknown.
Source of the hook's input: Claude Code's hooks reference, as read in August 2026.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tenure.agents import shown
from tenure.agents.claude_code import account as accounts
from tenure.agents.claude_code import footprint
from tenure.agents.claude_code.layers import Layers, read_layers, root_of
from tenure.agents.claude_code.sessions import read_sessions
from tenure.agents.facts import Fact, State
from tenure.agents.settings import lookup
from tenure.agents.switches import Position, Variables, positions
from tenure.agents.view import Entry, View
from tenure.errors import DataError
from tenure.ports import StateStore
from tenure.records.canonical import Plain, digest
from tenure.services.audit import Attestations

FILE = "stamps.jsonl"
SALT = "project.salt"
TERMS = "terms.hash"
SCHEMA = "tenure.stamp/1"
LARGEST = 64 * 1024
"""The longest hook input that is taken, in bytes."""

SALT_BYTES = 32
_ENTRYPOINT = "CLAUDE_CODE_ENTRYPOINT"
_PROJECT = "CLAUDE_PROJECT_DIR"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SOURCES = frozenset({"startup", "resume", "clear", "compact"})
_ARM = re.compile(r"[A-Za-z0-9_.:/-]{1,64}", re.ASCII)


class HookInput(msgspec.Struct, frozen=True):
    """What Claude Code hands to a session-start hook; other keys are passed over."""

    session_id: str
    cwd: str = ""
    source: str = ""
    transcript_path: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One start, or resumption, of a session.

    Attributes:
        schema: `tenure.stamp/1`.
        session: the client's own id of the session.
        agent: whose session.
        project: digest of the project's folder under this machine's salt.
        tier: the account kind; None = not known.
        tier_state: how that is known.
        provider: who serves the model; None = not known.
        surface: where it runs; None = not known.
        settings: digest of the settings that matter to the terms.
        terms: hash of the table that decides.
        arm: of an experiment, if any.
        client_version: of the client; None = not known.
        source: `startup`, `resume`, `clear`, `compact`; empty = not told.
        at: when, aware UTC.
    """

    schema: str
    session: str
    agent: str
    project: str
    tier: str | None
    tier_state: str
    provider: str | None
    surface: str | None
    settings: str
    terms: str
    arm: str | None
    client_version: str | None
    source: str
    at: datetime


def read_input(content: bytes) -> HookInput:
    """Read what the client hands to the hook.

    Raises:
        DataError: it is not that.
    """
    try:
        found = msgspec.json.decode(content, type=HookInput)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DataError("standard input: expected the JSON of a session-start hook, found something else", code="stamp/input") from error
    if not _SESSION.fullmatch(found.session_id):
        raise DataError("standard input: session_id: expected up to 64 letters, digits and dashes, found something else", code="stamp/input")
    return replace_source(found)


def replace_source(found: HookInput) -> HookInput:
    """Return the input with a source of the closed list, or none."""
    return found if found.source in _SOURCES else msgspec.structs.replace(found, source="")


def make_stamp(view: View, given: HookInput, at: datetime, attestations: Attestations, *, salt: bytes, terms: str, arm: str | None) -> Stamp:
    """Make the stamp of a Claude Code session, without walking any folder.

    Args:
        view: the machine, with the environment of the client.
        given: what the client handed over.
        at: the present, aware UTC.
        attestations: what the person said.
        salt: of this machine.
        terms: hash of the table that decides.
        arm: of an experiment; None = none.

    Raises:
        DataError: the arm's name is not one.
    """
    if arm is not None and not _ARM.fullmatch(arm):
        raise DataError("arm: expected up to 64 letters, digits and marks, found something else", code="stamp/arm")
    root = root_of(view)
    folder = view.variable(_PROJECT) or given.cwd
    layers = read_layers(view, root, [folder] if folder.startswith("/") else [])
    variables = Variables(view, layers.all, "env")
    switches = positions(variables, footprint.SWITCHES)
    account = accounts.read_account(view, root)
    provider = accounts.provider(variables, switches, account)
    tier = attested(_tier(account, layers, variables, provider), attestations)
    return Stamp(
        schema=SCHEMA,
        session=given.session_id,
        agent=footprint.ID,
        project=project_digest(folder, salt),
        tier=tier.value if isinstance(tier.value, str) else None,
        tier_state=tier.state,
        provider=provider.value if isinstance(provider.value, str) else None,
        surface=footprint.SURFACES.get(view.variable(_ENTRYPOINT) or ""),
        settings=digest(list(_settings(layers, switches))),
        terms=terms,
        arm=arm,
        client_version=_version(view, root, given.transcript_path),
        source=given.source,
        at=at.replace(microsecond=0),
    )


def _tier(account: accounts.Account, layers: Layers, variables: Variables, provider: Fact) -> Fact:
    managed = layers.managed
    server = managed.path if managed is not None and managed.path.endswith("remote-settings.json") and managed.values else None
    token = variables.presence(footprint.LOGIN_TOKEN)
    return accounts.tier(provider, accounts.keys(variables, layers.all), token, account, server, accounts.elsewhere(variables))


def attested(tier: Fact, attestations: Attestations) -> Fact:
    """Return the tier, or what the person said where the machine does not tell it."""
    said = attestations.get(f"{footprint.ID}/tier")
    if said is None or tier.state not in (State.UNKNOWN, State.INFERRED):
        return tier
    return replace(tier, value=said.value, state=State.ATTESTED)


def _settings(layers: Layers, switches: Mapping[str, Position]) -> Iterator[Plain]:
    for name, words in footprint.SETTINGS.items():
        found = lookup(layers.all, *name.split("."))
        if found is not None:
            yield [name, str(shown.scalar(found.value, words))]
    for name, position in sorted(switches.items()):
        yield [name, shown.variable(position.value)]


def _version(view: View, root: str, transcript: str) -> str | None:
    """Return the client's version from the session's own file, which is there when a session is resumed."""
    start = root + "/projects/"
    if not (transcript.startswith(start) and transcript.endswith(".jsonl")) or "/../" in transcript:
        return None
    return read_sessions(view, root, [Entry(transcript.removeprefix(root + "/"), 0, 0.0)]).version


def project_digest(folder: str, salt: bytes) -> str:
    """Return the digest of a project's folder, which tells nothing to who has not the salt."""
    return "hmac-sha256:" + hmac.digest(salt, folder.rstrip("/").encode(errors="surrogateescape"), "sha256").hex()[:32]


def salt_of(store: StateStore, fresh: Callable[[], bytes]) -> bytes:
    """Return this machine's salt, which is made once.

    Args:
        store: where it is kept.
        fresh: makes 32 random bytes.
    """
    found = store.read(SALT)
    if found is not None and len(found) == SALT_BYTES:
        return found
    made = fresh()
    store.write(SALT, made)
    return made


def terms_hash(store: StateStore, files: Iterable[bytes], compute: Callable[[], str]) -> str:
    """Return the hash of the compiled terms, compiling them only when what they are made of has changed.

    Args:
        store: where the last answer is kept.
        files: all that the terms are made of.
        compute: compiles them.
    """
    key = hashlib.sha256()
    for file in files:
        key.update(len(file).to_bytes(8, "big") + file)
    known = (store.read(TERMS) or b"").decode(errors="replace").split()
    if len(known) == 2 and known[0] == key.hexdigest():
        return known[1]
    computed = compute()
    store.write(TERMS, f"{key.hexdigest()} {computed}\n".encode())
    return computed


def save(store: StateStore, stamp: Stamp) -> None:
    """Add a stamp."""
    store.append(FILE, msgspec.json.encode(stamp))


def load(store: StateStore) -> tuple[tuple[Stamp, ...], int]:
    """Return all stamps in the order in which they were made, and how many lines are none."""
    stamps: list[Stamp] = []
    lines = (store.read(FILE) or b"").splitlines()
    for line in lines:
        try:
            stamps.append(msgspec.json.decode(line, type=Stamp))
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue
    return tuple(stamps), len(lines) - len(stamps)


def pick(stamps: Iterable[Stamp], *, session: str | None = None, project: str | None = None, since: datetime | None = None) -> tuple[Stamp, ...]:
    """Return the stamps of a session, of a project, from a time on."""
    return tuple(
        stamp
        for stamp in stamps
        if (session is None or stamp.session == session) and (project is None or stamp.project == project) and (since is None or stamp.at >= since)
    )
