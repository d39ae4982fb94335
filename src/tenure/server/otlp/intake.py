"""The way in: the bytes of an export request become rows, or an error that keeps nothing."""

from dataclasses import dataclass, field

from tenure.server.otlp.drops import Drops
from tenure.server.otlp.gather import Gather, KeyOf, too_much
from tenure.server.otlp.json_form import Json
from tenure.server.otlp.memory import Memory
from tenure.server.otlp.protobuf import Protobuf
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.rows import Reading
from tenure.server.otlp.schema import Schema, Signal

MOST_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the payloads of one subject.

    Attributes:
        schema: what telemetry may hold.
        key_of: gives the key under which a session's ids are hashed.
        drops: where it is counted what was dropped; may be shared.
        memory: what is remembered from one payload to the next. `memory.forget()` after a session was erased.
        most_bytes: of a payload, decompressed.
    """

    schema: Schema
    key_of: KeyOf
    drops: Drops
    memory: Memory = field(default_factory=Memory)
    most_bytes: int = MOST_BYTES

    def read(self, signal: Signal, encoding: Encoding, data: bytes) -> Reading:
        """Read an export request.

        Raises:
            DataError: it is none (`otlp/malformed`), or too much (`otlp/too-much`); nothing of it is kept.
        """
        if len(data) > self.most_bytes:
            raise too_much("bytes", self.most_bytes)
        gather = Gather(self.schema, self.key_of, self.drops, self.memory)
        (Json if encoding is Encoding.JSON else Protobuf)(gather).read(signal, data)
        return Reading(gather.rows, gather.rejected)
