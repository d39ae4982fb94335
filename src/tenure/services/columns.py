"""What was read as an Arrow table, without a copy of the contents. Needs pyarrow (`tenure[arrow]`).

Source: Arrow columnar format, variable-size binary layout, https://arrow.apache.org/docs/format/Columnar.html.
"""

from typing import TYPE_CHECKING

from tenure.errors import ConfigError
from tenure.records.held import Opened
from tenure.services.use import Batch

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types


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
    schema = pa.schema(
        [
            ("key", pa.binary(16)),
            ("batch", pa.int32()),
            ("index", pa.int32()),
            ("kind", pa.dictionary(pa.int32(), pa.string())),
            ("collected_at", pa.timestamp("us", "UTC")),
            ("content", pa.binary()),
        ]
    )
    return pa.Table.from_batches([_rows(frame, kinds[frame.key], schema) for frame in batch.frames], schema)


def _rows(frame: Opened, kind: str, schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    count = len(frame)
    content = pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(frame.offsets), pa.py_buffer(frame.payload)])
    collected = pa.Array.from_buffers(schema.field("collected_at").type, count, [None, pa.py_buffer(frame.collected)])
    named = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array([kind]))
    key, number = pa.repeat(pa.scalar(bytes(frame.key), pa.binary(16)), count), pa.repeat(pa.scalar(frame.batch, pa.int32()), count)
    return pa.RecordBatch.from_arrays([key, number, pa.array(range(count), pa.int32()), named, collected, content], schema=schema)
