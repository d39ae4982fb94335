"""Fakes of the state store and of the editor, and the checks that every implementation of them passes."""

from collections.abc import Callable, Mapping

from tenure.errors import ConfigError
from tenure.ports import Editor, StateStore


class MemoryState:
    """A state store that forgets.

    Args:
        files: what is stored at first.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when it is not there."""
        return self.files.get(_named(name))

    def write(self, name: str, content: bytes | None) -> None:
        """Replace a file; None removes it."""
        self.files.pop(_named(name), None)
        if content is not None:
            self.files[name] = content

    def append(self, name: str, line: bytes) -> None:
        """Add one line."""
        self.files[_named(name)] = self.files.get(name, b"") + line + b"\n"

    def places(self) -> Mapping[str, str]:
        """Return everything that is stored."""
        return {name: f"/state/{name}" for name in sorted(self.files)}


class MemoryEditor:
    """Files of others that exist only here.

    Args:
        files: content by path.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def load(self, path: str) -> bytes | None:
        """Return a file's content; None when it is not there."""
        return self.files.get(path)

    def replace(self, path: str, shown: bytes | None, content: bytes | None) -> None:
        """Replace a file's content when it is what was shown."""
        if self.files.get(path) != shown:
            raise ConfigError(f"{path}: expected the content that was shown, found that it has changed since", code="settings/changed")
        if content is None:
            self.files.pop(path, None)
        else:
            self.files[path] = content


def _named(name: str) -> str:
    if not name or name.startswith(("/", "..")) or "//" in name or "/../" in name:
        raise ConfigError(f"state: expected a relative name, got {name[:60]!r}", code="state/name")
    return name


def check_state_store(make: Callable[[], StateStore]) -> None:
    """Check that a store does what the port says.

    Args:
        make: makes an empty store.

    Raises:
        AssertionError: it does not.
    """
    _check_whole_files(make())
    _check_lines(make())
    _check_names(make())


def _check_whole_files(store: StateStore) -> None:
    _expect(store.read("a.json") is None, "what was never written is not there")
    _expect(not store.places(), "an empty store holds nothing")
    store.write("a.json", b"one")
    store.write("a.json", b"two")
    store.write("deep/er/b.json", b"")
    _expect(store.read("a.json") == b"two", "the last content counts")
    _expect(store.read("deep/er/b.json") == b"", "an empty file is there")
    _expect(list(store.places()) == ["a.json", "deep/er/b.json"], "all that is stored is named")
    store.write("deep/er/b.json", None)
    store.write("a.json", None)
    store.write("a.json", None)
    _expect(store.read("a.json") is None and not store.places(), "what was removed is gone, and removing twice is no error")


def _check_lines(store: StateStore) -> None:
    store.append("lines.jsonl", b"1")
    store.append("lines.jsonl", b"2")
    _expect(store.read("lines.jsonl") == b"1\n2\n", "lines are added at the end")
    store.write("lines.jsonl", None)


def _check_names(store: StateStore) -> None:
    for name in ("", "/etc/passwd", "../outside", "a/../../b", "a//b"):
        try:
            store.write(name, b"")
        except ConfigError as error:
            _expect(error.code == "state/name", f"{name!r} is refused by its name")
        else:
            raise AssertionError(f"{name!r} was taken as a name")


def check_editor(editor: Editor, path: str) -> None:
    """Check that an editor does what the port says.

    Args:
        editor: the editor.
        path: of a file that is not there, in a folder that is.

    Raises:
        AssertionError: it does not.
    """
    _expect(editor.load(path) is None, "what is not there has no content")
    editor.replace(path, None, b"one")
    _expect(editor.load(path) == b"one", "a file that was not there is made")
    try:
        editor.replace(path, b"other", b"two")
    except ConfigError as error:
        _expect(error.code == "settings/changed", "the refusal says why")
    else:
        raise AssertionError("a file that has changed since it was shown was overwritten")
    _expect(editor.load(path) == b"one", "a refused change changes nothing")
    editor.replace(path, b"one", b"two")
    _expect(editor.load(path) == b"two", "what was shown is replaced")
    editor.replace(path, b"two", None)
    _expect(editor.load(path) is None, "what was shown is removed")


def _expect(holds: bool, rule: str) -> None:
    if not holds:
        raise AssertionError(rule)
