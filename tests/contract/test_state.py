import itertools
import stat
from pathlib import Path

import pytest

from tenure.errors import ConfigError
from tenure.machine.editor import FileEditor
from tenure.machine.state import FolderState
from tenure.testing.state import MemoryEditor, MemoryState, check_editor, check_state_store


def test_memory_state_keeps_the_contract() -> None:
    check_state_store(MemoryState)


def test_folder_state_keeps_the_contract(tmp_path: Path) -> None:
    numbers = itertools.count()
    check_state_store(lambda: FolderState(str(tmp_path / str(next(numbers)))))


def test_memory_editor_keeps_the_contract() -> None:
    check_editor(MemoryEditor(), "/settings.json")


def test_file_editor_keeps_the_contract(tmp_path: Path) -> None:
    check_editor(FileEditor(), str(tmp_path / "settings.json"))


def test_state_is_readable_by_the_person_alone(tmp_path: Path) -> None:
    store = FolderState(str(tmp_path / "share" / "tenure"))

    store.write("a.json", b"{}")
    store.append("b.jsonl", b"{}")

    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "share" / "tenure").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "share" / "tenure").stat().st_mode) == 0o700


def test_removing_the_last_file_leaves_no_folder(tmp_path: Path) -> None:
    store = FolderState(str(tmp_path / "tenure"))
    store.write("packs/a.toml", b"")

    store.write("packs/a.toml", None)

    assert list(tmp_path.iterdir()) == []


def test_unusable_place_says_so_without_content(tmp_path: Path) -> None:
    (tmp_path / "tenure").write_text("a file where a folder was expected")

    with pytest.raises(ConfigError, match="expected a place that can be written") as caught:
        FolderState(str(tmp_path / "tenure")).write("a.json", b"content")

    assert caught.value.code == "state/unusable"


def test_edited_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_bytes(b"{}")
    real.chmod(0o640)
    link = tmp_path / "settings.json"
    link.symlink_to(real)

    FileEditor().replace(str(link), b"{}", b'{"a": 1}')

    assert link.is_symlink()
    assert real.read_bytes() == b'{"a": 1}'
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dotfiles.json", "settings.json"]


def test_editor_opens_no_credential_file(tmp_path: Path) -> None:
    (tmp_path / ".credentials.json").write_text("canary")
    link = tmp_path / "settings.json"
    link.symlink_to(tmp_path / ".credentials.json")

    with pytest.raises(ConfigError, match="holds credentials"):
        FileEditor().load(str(link))
