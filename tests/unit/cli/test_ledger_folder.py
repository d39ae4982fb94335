"""Files of a published ledger: each is durable before it takes its place, since a restore may rely on it."""

import os
import stat
from pathlib import Path

import pytest

from tenure.cli.ledger.folder import write_file, write_under


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is made durable and what takes its place, in order."""
    seen: list[str] = []
    sync, replace = os.fsync, os.replace

    def named_sync(descriptor: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def named_replace(source: str, target: str) -> None:
        seen.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", named_sync)
    monkeypatch.setattr(os, "replace", named_replace)
    return seen


def test_a_file_is_durable_before_it_takes_its_place_and_its_name_after(tmp_path: Path, calls: list[str]) -> None:
    write_file(str(tmp_path / "checkpoint"), b"x")
    assert calls == ["file", "replace", "folder"]
    assert (tmp_path / "checkpoint").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "checkpoint").stat().st_mode) == 0o644


def test_folders_that_are_made_are_durable_too(tmp_path: Path, calls: list[str]) -> None:
    assert write_under(str(tmp_path / "log"), [("tile/0/000", b"x")]) == 1
    assert calls == ["folder", "folder", "folder", "file", "replace", "folder"]
    assert [path.name for path in (tmp_path / "log" / "tile" / "0").iterdir()] == ["000"]
