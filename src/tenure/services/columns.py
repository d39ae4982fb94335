"""What was read as an Arrow table; the contents of large frames are not copied. Needs pyarrow (`tenure[arrow]`).

Source: Arrow columnar format, variable-size binary layout, https://arrow.apache.org/docs/format/Columnar.html.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, repeat
from typing import TYPE_CHECKING

from tenure.errors import ConfigError
from tenure.records.held import Opened
from tenure.services.use import Batch

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

_CHUNK = 64 * 1024
"""Bytes of smaller frames that are put together."""


def table(batch: Batch) -> "pa.Table":
    """Return the records of a batch as a table of n rows.

    Returns:
        Columns: `key` (16 bytes), `batch` and `index` (int32) name a record; `kind` (dictionary of string); `collected_at` (timestamp, microseconds,
        UTC); `content` (binary).

    Raises:
        ConfigError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ConfigError("arrow: expected pyarrow, found none", code="config/no-arrow", remedy="pip install 'tenure[arrow]'") from error
    kinds = {bucket.key: str(bucket.kind) for bucket in batch.buckets}
    names = sorted(set(kinds.values()))
    rows = [(frame, len(frame)) for frame in batch.frames]
    count = sum(length for _, length in rows)
    index = array("i", chain.from_iterable(range(length) for _, length in rows))
    number = array("i", chain.from_iterable(repeat(frame.batch, length) for frame, length in rows))
    kind = array("i", chain.from_iterable(repeat(names.index(kinds[frame.key]), length) for frame, length in rows))
    collected = array("q", chain.from_iterable(frame.collected for frame, _ in rows))
    columns = {
        "key": _column(pa.binary(16), b"".join(frame.key * length for frame, length in rows), count),
        "batch": _column(pa.int32(), number, count),
        "index": _column(pa.int32(), index, count),
        "kind": pa.DictionaryArray.from_arrays(_column(pa.int32(), kind, count), pa.array(names, pa.string())),
        "collected_at": _column(pa.timestamp("us", "UTC"), collected, count),
        "content": pa.chunked_array([_contents(run) for run in _runs(batch.frames)], pa.binary()),
    }
    return pa.table(columns)


def _column(kind: "pa.DataType", values: "array[int] | bytes", count: int) -> "pa.Array":
    """Return a column over bytes as they lie: `pa.array` would look at each value, and for pandas."""
    import pyarrow as pa

    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(values)])


def _runs(frames: Sequence[Opened]) -> Iterator[list[Opened]]:
    """Yield frames in runs that are worth a chunk of their own."""
    run, size = list[Opened](), 0
    for frame in frames:
        if run and size + len(frame.payload) > _CHUNK:
            yield run
            run, size = [], 0
        run.append(frame)
        size += len(frame.payload)
    if run:
        yield run


def _contents(run: Sequence[Opened]) -> "pa.Array":
    """Return the records of a run; those of a single frame are not copied."""
    import pyarrow as pa

    first, *further = run
    offsets, payload = first.offsets, first.payload
    if further:
        starts = accumulate((len(frame.payload) for frame in run), initial=0)
        offsets = array("i", [0])
        for start, frame in zip(starts, run, strict=False):
            offsets.extend([start + offset for offset in frame.offsets[1:]])
        payload = memoryview(b"".join(frame.payload for frame in run))
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(payload)])
