"""What a permit opens: the keys of its buckets, for as long as this object lives."""

from collections.abc import Callable, Mapping

from tenure.errors import IntegrityError, VaultError
from tenure.records.held import KeyId, Opened, Permit
from tenure.vault.sealing import open_frame, parse_header

Check = Callable[[Permit], None]
"""Raises VaultError unless a permit's receipt is durable and about its keys."""

Locate = Callable[[KeyId, int], str]
"""Tells in which file the frame of a bucket and batch lies."""


class FrameOpener:
    """Opens the frames of some buckets.

    Args:
        secrets: the bucket keys.
        locate: tells where a frame lies, for messages.
    """

    def __init__(self, secrets: Mapping[KeyId, bytes], locate: Locate) -> None:
        self._secrets = secrets
        self._locate = locate

    def open(self, frame: bytes) -> Opened:
        """Open a frame."""
        header = parse_header(frame)
        key = header.key
        secret = self._secrets.get(key)
        if secret is None:
            raise VaultError(f"bucket {key.hex()}: expected one that the permit covers, got another", code="vault/no-permit")
        try:
            return open_frame(secret, frame, header)
        except IntegrityError as error:
            message = f"{self._locate(key, header.batch)}: {error.message}"
            raise IntegrityError(message, code=error.code, remedy=error.remedy) from error

    def __repr__(self) -> str:
        return f"FrameOpener({len(self._secrets)} buckets)"
