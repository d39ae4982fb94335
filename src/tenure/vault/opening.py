"""What a permit opens: the keys of its buckets, for as long as this object lives."""

from collections.abc import Callable, Mapping

from tenure.errors import VaultError
from tenure.records.held import KeyId, Opened, Permit
from tenure.vault.sealing import open_frame, parse_header

Check = Callable[[Permit], None]
"""Raises VaultError unless a permit's receipt is durable and about its keys."""


class FrameOpener:
    """Opens the frames of some buckets.

    Args:
        secrets: the bucket keys.
    """

    def __init__(self, secrets: Mapping[KeyId, bytes]) -> None:
        self._secrets = secrets

    def open(self, frame: bytes) -> Opened:
        """Open a frame."""
        key = parse_header(frame).key
        secret = self._secrets.get(key)
        if secret is None:
            raise VaultError(f"bucket {key.hex()}: expected one that the permit covers, got another", code="vault/no-permit")
        return open_frame(secret, frame)

    def __repr__(self) -> str:
        return f"FrameOpener({len(self._secrets)} buckets)"
