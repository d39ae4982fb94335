from array import array
from datetime import UTC, datetime
from itertools import accumulate

import pyarrow as pa

from tenure.demo.stage import VirtualClock
from tenure.ports import Selection
from tenure.records.held import Bucket, KeyId, Opened, Owner, RecordName
from tenure.records.kinds import Kind, Purpose
from tenure.services.columns import table
from tenure.services.intake import Item
from tenure.services.keeping import keep
from tenure.services.packs import make_book, read_packs
from tenure.services.use import Batch
from tenure.terms.cases import parse_case
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore
from tenure.wiring import packaged_packs

CASE = {
    "agent": "claude_code", "kind": "prompt", "purpose": "collect", "tier": "team", "provider": "first_party", "surface": "cli",
    "model_class": "ordinary", "flags": [], "consents": [], "client_version": "2.1.198", "env": {}, "settings": {}, "safety_flagged": False,
}  # fmt: skip
AT = datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_a_batch_becomes_a_table_with_a_row_per_record(tmp_path):
    book = make_book(read_packs({"claude_code.toml": packaged_packs()["claude_code.toml"]}), [])
    store = SqliteStore(Folder(str(tmp_path)), at=AT)
    kept = keep(store, book, VirtualClock(AT))
    contents = [b"", b"one", "zwölf".encode(), bytes(5_000)]
    names = [name for content in contents for name in kept.intake.put(Item(parse_case(CASE), Owner("ann", "org", "s"), [content])).records]
    job = kept.jobs.register("reader", "sha256:" + "0" * 64, "sink", [Purpose.SERVE])

    [batch] = list(kept.uses.read(job, Selection()))
    found = table(batch)

    assert found.column("content").to_pylist() == contents
    assert set(found.column("collected_at").to_pylist()) == {AT}
    assert set(found.column("kind").to_pylist()) == {"prompt"}
    rows = zip(*(found.column(name).to_pylist() for name in ("key", "batch", "index")), strict=True)
    assert [RecordName(*row) for row in rows] == names
    assert found.schema.field("content").type == pa.binary()
    store.close()


def test_frames_of_every_size_and_bucket_keep_their_rows():
    sizes = [[3], [0, 70_000], [5], [40_000, 40_000], [1], [2, 2]]
    buckets = [Bucket(KeyId(bytes([number] * 16)), Owner(), kind, (), AT, None, AT.date()) for number, kind in enumerate([Kind.PROMPT, Kind.OUTPUT])]
    frames = [_frame(buckets[number % 2], number, [bytes([number]) * size for size in part]) for number, part in enumerate(sizes)]
    batch = Batch(0, buckets, frames)

    found = table(batch)

    assert found.column("content").to_pylist() == [bytes(content) for _, content in batch.records()]
    rows = zip(*(found.column(name).to_pylist() for name in ("key", "batch", "index")), strict=True)
    assert [RecordName(*row) for row in rows] == [name for name, _ in batch.records()]
    assert found.column("kind").to_pylist() == ["prompt", "output", "output", "prompt", "output", "output", "prompt", "output", "output"]
    assert found.column("collected_at").cast(pa.int64()).to_pylist() == [at for frame in frames for at in frame.collected]


def test_batch_of_no_frame_is_an_empty_table():
    assert table(Batch(0, [], [])).num_rows == 0


def _frame(bucket, number, contents):
    offsets = array("i", [0, *accumulate(map(len, contents))])
    return Opened(
        bucket.key, number, memoryview(offsets), memoryview(array("q", range(number, number + len(contents)))), memoryview(b"".join(contents))
    )
