"""Packs from elsewhere: a pack counts when it is signed by a key that the person trusts, and is not older than the one in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenure.errors import ConfigError, DataError
from tenure.ports import StateStore
from tenure.records.note import VerifierKey, open_note, parse_verifier_key
from tenure.records.on_demand import OnDemand
from tenure.services.packs import Shelf
from tenure.terms.history import Change, diff_packs
from tenure.terms.pack import Pack
from tenure.terms.parse import parse_pack

KEYS = "keys"
FOLDER = "packs/"
SUFFIX = ".toml.note"


@dataclass(frozen=True, slots=True)
class Update:
    """A signed pack that was read.

    Attributes:
        pack: the pack.
        note: the signed text.
        key: who signed it.
        before: the pack in use; None for a new agent.
        changes: the clauses that differ.
    """

    pack: Pack
    note: str
    key: VerifierKey
    before: Pack | None
    changes: tuple[Change, ...]


def trusted_keys(state: StateStore) -> tuple[VerifierKey, ...]:
    """Return the keys that the person trusts."""
    lines = (state.read(KEYS) or b"").decode().splitlines()
    return tuple(parse_verifier_key(line) for line in lines if line.strip())


def read_update(content: bytes, keys: Sequence[VerifierKey], packs: Sequence[Pack], name: str) -> Update:
    """Read a signed pack and compare it with the one in use.

    Raises:
        DataError: not signed by a trusted key.
        TermsError: signed, but not a pack.
        ConfigError: older than the one in use.
    """
    try:
        text, key = open_note(content.decode(), tuple(keys))
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: expected UTF-8 text with signature lines", code="note/malformed") from error
    except DataError as error:
        remedy = "give the key that you trust with --key" if error.code == "note/unsigned" else "get the file again from its source"
        raise DataError(f"{name}: {error.message}", code=error.code, remedy=remedy) from error
    pack = parse_pack(text.encode(), name)
    before = next((one for one in packs if one.agent == pack.agent), None)
    if before is not None and pack.as_of < before.as_of:
        message = f"{name}: expected terms of {pack.agent} read on {before.as_of} or later, found {pack.as_of}"
        raise ConfigError(message, code="terms/older-pack", remedy="the terms in use are newer; nothing to do")
    changes = diff_packs(before, pack) if before is not None else [Change("added", clause) for clause in pack.clauses]
    return Update(pack, content.decode(), key, before, tuple(changes))


def apply_update(state: StateStore, update: Update) -> None:
    """Keep a signed pack, and the key it was signed with as trusted."""
    keys = trusted_keys(state)
    if update.key not in keys:
        state.write(KEYS, "".join(f"{key}\n" for key in (*keys, update.key)).encode())
    state.write(f"{FOLDER}{update.pack.agent}{SUFFIX}", update.note.encode())


def shelf(state: StateStore, packaged: Mapping[str, bytes]) -> Shelf:
    """Return the packs in use: those that came with Tenure, replaced by later signed ones. Signatures are checked each time.

    Args:
        state: where signed packs are kept.
        packaged: the packs that came with Tenure, by file name.
    """
    kept = {name.removeprefix(FOLDER).removesuffix(SUFFIX): (name, place) for name, place in _kept(state.places()).items()}
    names = {name.removesuffix(".toml"): name for name in packaged}

    def load(agent: str) -> Pack:
        found = [parse_pack(packaged[names[agent]], names[agent])] if agent in names else []
        found += [_signed(state, *kept[agent])] if agent in kept else []
        return max(reversed(found), key=lambda pack: pack.as_of)

    return OnDemand(sorted({*names, *kept}), load)


def _signed(state: StateStore, name: str, place: str) -> Pack:
    try:
        text, _ = open_note((state.read(name) or b"").decode(), trusted_keys(state))
    except (DataError, UnicodeDecodeError) as error:
        remedy = "remove that file, or update the terms again"
        raise ConfigError(f"{place}: expected a pack with its signature, found: {error}", code="terms/tampered-pack", remedy=remedy) from error
    return parse_pack(text.encode(), place)


def _kept(places: Mapping[str, str]) -> dict[str, str]:
    return {name: place for name, place in sorted(places.items()) if name.startswith(FOLDER) and name.endswith(SUFFIX)}
