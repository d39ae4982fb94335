import pytest

from tenure.errors import ConfigError
from tenure.services.hook import apply, install
from tenure.services.uninstall import carry_out, plan
from tenure.testing.state import MemoryEditor, MemoryState

PATH = "/home/dev/.claude/settings.json"


def used() -> tuple[MemoryEditor, MemoryState]:
    editor = MemoryEditor({PATH: b'{"model": "opus"}'})
    apply(editor, install(editor, PATH, "tenure stamp"))
    return editor, MemoryState({"attestations.json": b"{}", "packs/codex.toml": b"", "stamps.jsonl": b""})


def test_everything_is_listed_and_nothing_is_touched_by_planning() -> None:
    editor, store = used()
    before = dict(editor.files), dict(store.files)

    found = plan(editor, PATH, store)

    assert list(found.files) == ["attestations.json", "packs/codex.toml", "stamps.jsonl"]
    assert not found.change.is_empty
    assert (editor.files, store.files) == before


def test_nothing_is_left() -> None:
    editor, store = used()

    carry_out(plan(editor, PATH, store), editor, store)

    assert store.files == {}
    assert editor.files == {PATH: b'{"model": "opus"}'}
    assert plan(editor, PATH, store).is_empty


def test_malformed_settings_stop_it_before_anything_is_removed() -> None:
    editor, store = used()
    editor.files[PATH] = b"{"

    with pytest.raises(ConfigError):
        plan(editor, PATH, store)
    assert len(store.files) == 3


def test_settings_that_changed_since_stop_it_before_anything_is_removed() -> None:
    editor, store = used()
    found = plan(editor, PATH, store)
    editor.files[PATH] += b"\n"

    with pytest.raises(ConfigError):
        carry_out(found, editor, store)
    assert len(store.files) == 3
