import pytest

from tenure.errors import ConfigError
from tenure.services.hook import apply, install
from tenure.services.uninstall import carry_out, plan
from tenure.testing.state import MemoryEditor, MemoryState

PATH = "/home/dev/.claude/settings.json"


def used() -> tuple[MemoryEditor, MemoryState]:
    editor = MemoryEditor({PATH: b'{"model": "opus"}'})
    store = MemoryState({"attestations.json": b"{}", "packs/codex.toml": b"", "stamps.jsonl": b""})
    apply(editor, install(editor, PATH, "tenure stamp"), store)
    return editor, store


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


def hooked_where_nothing_was() -> tuple[MemoryEditor, MemoryState]:
    editor, store = MemoryEditor(), MemoryState()
    apply(editor, install(editor, PATH, "tenure stamp"), store)
    return editor, store


def test_file_that_came_with_the_hook_goes_with_it() -> None:
    editor, store = hooked_where_nothing_was()
    found = plan(editor, PATH, store)
    assert "+++ /dev/null" in found.change.diff

    carry_out(found, editor, store)

    assert (editor.files, store.files) == ({}, {})
    assert plan(editor, PATH, store).is_empty


def test_file_into_which_something_else_has_come_stays() -> None:
    editor, store = hooked_where_nothing_was()
    editor.files[PATH] = editor.files[PATH].replace(b"{", b'{"model": "opus", ', 1)

    carry_out(plan(editor, PATH, store), editor, store)

    assert b"opus" in editor.files[PATH]
    assert b"tenure" not in editor.files[PATH]


def test_empty_object_that_was_there_before_stays() -> None:
    editor, store = MemoryEditor({PATH: b"{}\n"}), MemoryState()
    apply(editor, install(editor, PATH, "tenure stamp"), store)

    carry_out(plan(editor, PATH, store), editor, store)

    assert editor.files == {PATH: b"{}\n"}


def test_store_that_holds_something_is_listed_and_left() -> None:
    editor = MemoryEditor({PATH: b"{}"})
    store = MemoryState({"stamps.jsonl": b"", "store/keys.db": b"keys", "store/segments/2026/1.seg": b"sealed", "stores.txt": b""})
    held = store.places()["store/keys.db"].removesuffix("/keys.db")

    found = plan(editor, PATH, store, held)
    carry_out(found, editor, store)

    assert (found.held, list(found.files)) == (held, ["stamps.jsonl", "stores.txt"])
    assert sorted(store.files) == ["store/keys.db", "store/segments/2026/1.seg"]


class Seen:
    """What a machine has seen of one store that is gone."""

    def __init__(self) -> None:
        self.kept = {"1f": ["/state/anchors/1f.checkpoint", "/state/anchors/1f.place"]}

    def strays(self) -> dict[str, list[str]]:
        return dict(self.kept)

    def forget(self, store: str) -> None:
        del self.kept[store]


def test_what_was_seen_of_stores_that_are_gone_goes() -> None:
    editor, store, anchors = MemoryEditor(), MemoryState(), Seen()
    found = plan(editor, PATH, store, anchors=anchors)
    assert not found.is_empty
    assert found.anchors == anchors.kept
    carry_out(found, editor, store, anchors)
    assert anchors.kept == {}
