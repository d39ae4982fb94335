"""Receipts of intake: one form, whether data came from outside or was made of what is held. Source: design 0002, Ledger."""

from collections.abc import Sequence
from datetime import datetime

from tenure.ledger.entries import render_entry
from tenure.ledger.tree import root_of
from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.held import Bucket, Sealed
from tenure.services.cells import plain


def render_ingested(
    store: Store, bucket: Bucket, frame: Sealed, contents: Sequence[bytes], cells: Sequence[bytes], table: str, at: datetime
) -> bytes:
    """Return the ledger entry of a frame that is held.

    Args:
        store: whose keys commit to it.
        bucket: that it was sealed into.
        frame: what was sealed.
        contents: its records; they stand in the commitment alone, which nobody can check once the key is gone.
        cells: under which they came.
        table: hash of the terms that decided.
        at: the present.
    """
    owner: Plain = {"subject": bucket.owner.subject, "org": bucket.owner.org, "session": bucket.owner.session}
    bound = store.keys.commitment(bucket.key, canonical_bytes([owner, frame.batch, root_of(contents).hex()]))
    return render_entry(
        "ingested",
        at,
        cells=[plain(each) for each in cells],
        terms=table,
        key=bucket.key.hex(),
        day=store.keys.day_key(bucket.day).hex(),
        expires=None if bucket.expires_at is None else bucket.day.isoformat(),
        records=frame.records,
        commitment=bound.hex(),
    )
