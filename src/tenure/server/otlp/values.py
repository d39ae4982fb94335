"""What an attribute may be. None of these types holds text: a word is a place in a closed list, an id is a keyed hash."""

import msgspec

from tenure.errors import DataError

DIGEST_BYTES = 16


class Member(msgspec.Struct, frozen=True, gc=False):
    """A word of a closed list.

    Attributes:
        words: which list of the schema.
        index: which word of it.
    """

    words: int
    index: int


class Version(msgspec.Struct, frozen=True, gc=False):
    """A version.

    Attributes:
        numbers: one to four of them, each below 2 ** 31.
        suffix: which of the schema's suffixes; 0 = none.
    """

    numbers: tuple[int, ...]
    suffix: int = 0


class Model(msgspec.Struct, frozen=True, gc=False):
    """A model: a family of the schema and its numbers.

    Attributes:
        family: which family.
        numbers: none to two.
        is_long: whether it is the form with the long context.
    """

    family: int
    numbers: tuple[int, ...] = ()
    is_long: bool = False


class Digest(msgspec.Struct, frozen=True, gc=False):
    """The keyed hash of an id.

    Attributes:
        value: 16 bytes.
    """

    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != DIGEST_BYTES:
            raise DataError(f"digest: expected {DIGEST_BYTES} bytes, got {len(self.value)}", code="otlp/digest")


Value = bool | int | float | Member | Version | Model | Digest

Given = bool | int | float | str | bytes | None
"""An attribute's value as it came: bytes stand for whatever is no scalar."""


class Identifier(msgspec.Struct, frozen=True, gc=False):
    """An id that is not yet hashed. It lives while a payload is read, and in no row.

    Attributes:
        text: what its pattern took.
    """

    text: str


Judged = Value | Identifier
