"""Whether a permit is what its receipt says. Every key ring asks here, so that none is more lenient than another."""

from tenure.errors import VaultError
from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import keys_digest
from tenure.records.canonical import Plain
from tenure.records.held import Permit
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose

OPENING = ("permitted", "exported")
"""Types of entries that open buckets."""


def check_receipt(permit: Permit, stored: bytes | None) -> None:
    """Let only a permit pass that says what its receipt says.

    Args:
        permit: the permit.
        stored: the entry at the permit's index; None = there is none that is durable.

    Raises:
        VaultError: the receipt is not durable, or about other keys, purposes or times.
    """
    if stored is None or stored != permit.entry:
        raise _refused("a receipt that is durable in the ledger")
    entry = parse_entry(permit.entry)
    if entry["type"] not in OPENING or entry["keys"] != keys_digest(permit.keys).hex():
        raise _refused("a receipt about these keys")
    if entry["until"] != render_time(permit.until):
        raise _refused("the time of its receipt")
    if not _is_for(entry, permit):
        raise _refused("the purposes of its receipt")


def _is_for(entry: dict[str, Plain], permit: Permit) -> bool:
    """An export names no purpose; the person's own right does not stretch to what only `safety` may see."""
    if "purposes" not in entry:
        return Purpose.SAFETY not in permit.purposes
    return entry["purposes"] == sorted(str(purpose) for purpose in permit.purposes)


def _refused(expected: str) -> VaultError:
    remedy = "reading goes through a registered job: tenure job register"
    return VaultError(f"permit: expected {expected}, got another", code="vault/no-permit", remedy=remedy)
