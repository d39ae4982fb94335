"""Whatever is sealed comes back as it was, and whatever is changed is noticed by name."""

import functools
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.vault.stores import open_store, segment

from tenure.errors import IntegrityError
from tenure.records.held import Bucket, KeyId
from tenure.testing.keys_checks import END, opened, put
from tenure.vault.sealing import open_frame, seal_frame
from tenure.vault.store import SqliteStore

WHOLE = [b"one" * 9, b"two", b"three", b"four"]
SECRETS = st.binary(min_size=32, max_size=32)
SHORT = st.binary(min_size=16, max_size=16)
RECORDS = st.lists(st.tuples(st.binary(max_size=300), st.integers(-(1 << 63), (1 << 63) - 1)), max_size=12)


@given(SECRETS, SHORT, SHORT, st.integers(0, (1 << 32) - 1), RECORDS)
def test_what_is_sealed_opens_as_it_was(secret: bytes, key: bytes, salt: bytes, batch: int, records: list[tuple[bytes, int]]) -> None:
    contents, instants = [content for content, _ in records], [at for _, at in records]

    found = open_frame(secret, seal_frame(secret, KeyId(key), batch, salt, bytes(32), contents, instants))

    assert (found.key, found.batch) == (key, batch)
    assert [bytes(found.record(index)) for index in range(len(found))] == contents
    assert list(found.collected) == instants


@functools.cache
def kept() -> tuple[tempfile.TemporaryDirectory[str], SqliteStore, Bucket, bytes]:
    """A store with frames in one segment, for all examples."""
    folder = tempfile.TemporaryDirectory(prefix="tenure-tests-")
    store = open_store(Path(folder.name))
    put(store, b"one" * 9)
    put(store, b"two", b"three", end=END + timedelta(hours=1))
    bucket = put(store, b"four")
    return folder, store, bucket, segment(Path(folder.name)).read_bytes()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_segment_gives_an_error_that_names_it_and_never_other_data(data: st.DataObject) -> None:
    folder, store, bucket, content = kept()
    path = segment(Path(folder.name))
    place, flip = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(1, 255))
    size = data.draw(st.one_of(st.none(), st.integers(0, len(content) - 1)))
    changed = bytearray(content)
    changed[place] ^= flip
    path.write_bytes(changed if size is None else content[:size])

    try:
        with pytest.raises(IntegrityError) as caught:
            opened(store, bucket)
    finally:
        path.write_bytes(content)

    assert str(path) in caught.value.message
    assert caught.value.remedy
    assert opened(store, bucket) == WHOLE
