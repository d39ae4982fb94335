"""Lineage: what was made of what, kept as facts both ways, so that a walk costs one look-up per edge.

Facts: `lineage` (by output: how it was made), `feeds` (by input: what was made of it), `released` (by ledger index: what was set free).
The export follows OpenLineage 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json; a data set's name is a key id, never a person.
"""

import json
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from tenure.errors import IntegrityError
from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.held import KeyId
from tenure.records.instants import parse_time, render_time

LINEAGE = "lineage"
FEEDS = "feeds"
RELEASED = "released"
PRODUCER = "urn:tenure"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


@dataclass(frozen=True, slots=True)
class Derivation:
    """One time that something was made of held data.

    Attributes:
        output: key of its bucket; None = released figures, which are not held.
        inputs: keys, in order.
        transform: name of the job.
        code: `sha256:` of what ran.
        declassifier: its name and version, such as `threshold_count/1`; None = the output inherits.
        started_at: of the run, aware.
        at: when it was done, aware.
        index: of its ledger entry.
    """

    output: KeyId | None
    inputs: tuple[KeyId, ...]
    transform: str
    code: str
    declassifier: str | None
    started_at: datetime
    at: datetime
    index: int


class Lineage:
    """What was made of what in a store.

    Args:
        store: where the facts are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, made: Derivation) -> None:
        """Write down a derivation. Runs inside of the open transaction."""
        body = canonical_bytes(_render(made))
        if made.output is None:
            self._store.journal.add(RELEASED, str(made.index), body)
            return
        known = {key for each in self._of(made.output) for key in each.inputs}
        self._store.journal.add(LINEAGE, made.output.hex(), body)
        for key in made.inputs:
            if key not in known:
                self._store.journal.add(FEEDS, key.hex(), made.output)

    def dependants(self, keys: Collection[KeyId]) -> Collection[KeyId]:
        """Return what was derived from buckets, and from that, and so on; without the buckets themselves. Released figures are free and not in it."""
        return self._closure(keys, lambda key: [KeyId(note.body) for note in self._store.journal.notes(FEEDS, key.hex())])

    def ancestors(self, keys: Collection[KeyId]) -> Collection[KeyId]:
        """Return what buckets were derived from, and what that was, and so on; without the buckets themselves."""
        return self._closure(keys, lambda key: [source for made in self._of(key) for source in made.inputs])

    def lineage_of(self, key: KeyId) -> list[Derivation]:
        """Return how a bucket came to be: its own derivations, then those of its inputs, and so on; empty for what was taken in."""
        found: list[Derivation] = []
        self._closure([key], lambda each: self._noted(each, found))
        return found

    def derivations(self) -> Iterator[Derivation]:
        """Yield every derivation, held ones first, each checked against the ledger.

        Raises:
            IntegrityError: the ledger says otherwise.
        """
        for topic in (LINEAGE, RELEASED):
            for note in self._store.journal.notes(topic):
                made = _parse(note.body)
                self._check(made)
                yield made

    def events(self) -> Iterator[dict[str, Plain]]:
        """Yield OpenLineage run events, a start and an end per derivation.

        Raises:
            IntegrityError: the ledger says otherwise.
        """
        for made in self.derivations():
            yield self._event("START", made.started_at, made)
            yield self._event("COMPLETE", made.at, made)

    def _of(self, key: KeyId) -> Iterator[Derivation]:
        return (_parse(note.body) for note in self._store.journal.notes(LINEAGE, key.hex()))

    def _noted(self, key: KeyId, found: list[Derivation]) -> list[KeyId]:
        own = list(self._of(key))
        found += own
        return [source for made in own for source in made.inputs]

    def _closure(self, keys: Collection[KeyId], step: Callable[[KeyId], list[KeyId]]) -> Collection[KeyId]:
        given, ahead = set(keys), list(keys)
        found: dict[KeyId, None] = {}
        while ahead:
            for key in step(ahead.pop()):
                if key not in found and key not in given:
                    found[key] = None
                    ahead.append(key)
        return found.keys()

    def _check(self, made: Derivation) -> None:
        content = next(self._store.ledger.entries(made.index, made.index + 1), None)
        entry = {} if content is None else parse_entry(content)
        output = None if made.output is None else made.output.hex()
        said = (entry.get("type"), entry.get("key"), entry.get("inputs"), entry.get("inputs_count"))
        if said != ("derived", output, keys_digest(made.inputs).hex(), len(made.inputs)):
            message = f"lineage: expected what ledger entry {made.index} says, found another output or other inputs"
            raise IntegrityError(message, code="lineage/mismatch", remedy="tenure ledger verify says whether the ledger is whole")

    def _event(self, state: str, at: datetime, made: Derivation) -> dict[str, Plain]:
        namespace = f"tenure:{self._store.id}"
        run = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{namespace}/{made.index}"))
        facet: dict[str, Plain] = {
            "_producer": PRODUCER,
            "_schemaURL": f"{PRODUCER}:facet:derivation:1",
            "code": made.code,
            "declassifier": made.declassifier,
            "ledger_index": made.index,
            "inputs_root": keys_digest(made.inputs).hex(),
        }
        output = f"released/{made.index}" if made.output is None else made.output.hex()
        return {
            "eventType": state,
            "eventTime": render_time(at),
            "run": {"runId": run, "facets": {"tenure_derivation": facet}},
            "job": {"namespace": namespace, "name": made.transform, "facets": {}},
            "inputs": [{"namespace": namespace, "name": key.hex()} for key in made.inputs],
            "outputs": [{"namespace": namespace, "name": output}] if state == "COMPLETE" else [],
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
        }


def _render(made: Derivation) -> dict[str, Plain]:
    return {
        "output": None if made.output is None else made.output.hex(),
        "inputs": [key.hex() for key in made.inputs],
        "transform": made.transform,
        "code": made.code,
        "declassifier": made.declassifier,
        "started_at": render_time(made.started_at),
        "at": render_time(made.at),
        "index": made.index,
    }


def _parse(body: bytes) -> Derivation:
    plain = json.loads(body)
    return Derivation(
        output=None if plain["output"] is None else KeyId(bytes.fromhex(plain["output"])),
        inputs=tuple(KeyId(bytes.fromhex(key)) for key in plain["inputs"]),
        transform=plain["transform"],
        code=plain["code"],
        declassifier=plain["declassifier"],
        started_at=parse_time(plain["started_at"]),
        at=parse_time(plain["at"]),
        index=plain["index"],
    )
