"""A file that is sealed in chunks: none can be changed, moved, left out or cut off."""

import pytest

from tenure.errors import Error
from tenure.vault.backups import sealed_file
from tenure.vault.backups.sealed_file import open_file, read_head, seal_file

SECRET = bytes(32)
WHOLE = 8 + 16


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(sealed_file, "_CHUNK", 8)
    return seal_file(SECRET, {"store": "x"}, b"a" * 8 + b"b" * 8 + b"c" * 8, bytes)


def test_it_opens_as_it_was_sealed(sealed: bytes) -> None:
    assert open_file(SECRET, sealed, "f") == b"a" * 8 + b"b" * 8 + b"c" * 8
    assert read_head(sealed, "f")["store"] == "x"


def test_no_chunk_is_moved_left_out_or_cut_off(sealed: bytes) -> None:
    start = sealed.index(b"\n") + 1
    head, (a, b, c) = sealed[:start], (sealed[start + place * WHOLE : start + (place + 1) * WHOLE] for place in range(3))
    for parts in ((a, b), (a, c), (b, a, c), (a, b, c, c), (a, b, c[:-1]), ()):
        with pytest.raises(Error) as error:
            open_file(SECRET, head + b"".join(parts), "f")
        assert error.value.code == "backup/damaged"


def test_the_line_in_the_clear_and_the_key_are_bound_too(sealed: bytes) -> None:
    for content, secret in ((sealed.replace(b'"x"', b'"y"'), SECRET), (sealed, b"k" * 32), (b"no file", SECRET)):
        with pytest.raises(Error) as error:
            open_file(secret, content, "f")
        assert error.value.code == "backup/damaged"
