"""The session-start hook in Claude Code's user settings: what the change would be, and making it. Nothing is written that was not shown.

Source: Claude Code's hooks reference, as read in August 2026.
"""

import difflib
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenure.agents.credentials import is_secret_variable
from tenure.errors import ConfigError
from tenure.ports import Editor, StateStore
from tenure.services import json_text
from tenure.services.json_text import Node

EVENT = "SessionStart"
TIMEOUT_S = 10
CREATED = "hook.created"
"""In Tenure's own state: the path of the settings file that was not there before the hook."""
_BOM = "\ufeff"
_MEMBER = re.compile(r'("([^"\\]+)"\s*:\s*")(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one file.

    Attributes:
        path: the file.
        before: its content; None when it is not there.
        after: what it would be; None when the file would go.
    """

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def is_empty(self) -> bool:
        """Nothing would change."""
        return self.before is None if self.after is None else (self.before or b"") == self.after

    @property
    def diff(self) -> str:
        """The change as a unified diff, for people: what may be a secret is left out of it."""
        old, new = (content.decode().splitlines(keepends=True) for content in (self.before or b"", self.after or b""))
        name, renamed = ("/dev/null" if content is None else self.path for content in (self.before, self.after))
        lines = difflib.unified_diff(old, new, name, renamed)
        return "".join(_masked(line) if line.endswith("\n") else _masked(line) + "\n\\ No newline at end of file\n" for line in lines)


def _masked(line: str) -> str:
    return _MEMBER.sub(lambda found: f"{found[1]}<not shown>\"" if is_secret_variable(found[2]) else found[0], line)


def install(editor: Editor, path: str, command: str) -> Change:
    """Return the change that adds the hook; an empty one where it is there already.

    Args:
        editor: reads the file.
        path: of the settings file.
        command: what the hook runs, such as `tenure stamp`.

    Raises:
        ConfigError: the file is malformed, or its hooks are not what Claude Code documents.
    """
    before = editor.load(path)
    text = _text(before, path) or "{}\n"
    value, root = json_text.parse(text, path)
    hooks, groups = _places(path, value, root)
    if any(True for _ in _ours(value, groups)):
        return Change(path, before, before or b"")
    group = {"hooks": [{"type": "command", "command": command, "timeout": TIMEOUT_S}]}
    if groups is not None:
        after = json_text.insert(text, groups, group, depth=2)
    elif hooks is not None:
        after = json_text.insert(text, hooks, [group], key=EVENT, depth=1)
    else:
        after = json_text.insert(text, root, {EVENT: [group]}, key="hooks")
    return Change(path, before, _bytes(before, after))


def is_created(store: StateStore, path: str) -> bool:
    """Tell whether the settings file is there only because the hook was put into it."""
    return store.read(CREATED) == path.encode()


def uninstall(editor: Editor, path: str, *, is_created: bool = False) -> Change:
    """Return the change that takes the hook out, and what it would leave empty; an empty one where it is not there.

    Args:
        editor: reads the file.
        path: of the settings file.
        is_created: the file is there only because of the hook, and goes with it when nothing else has come into it.

    Raises:
        ConfigError: as `install`.
    """
    before = editor.load(path)
    text = after = _text(before, path)
    while after:
        value, root = json_text.parse(after, path)
        hooks, groups = _places(path, value, root)
        found = next(_ours(value, groups), None)
        if found is None or hooks is None or groups is None:
            break
        after = _without(after, root, hooks, groups, *found)
    if is_created and before is not None and after and json_text.parse(after, path)[0] == {}:
        return Change(path, before, None)
    return Change(path, before, before or b"" if after == text else _bytes(before, after))


def _without(text: str, root: Node, hooks: Node, groups: Node, group: int, entry: int) -> str:
    """Take one entry out; where it is alone, what holds it."""
    entries = groups.items[group].node.member("hooks")
    if entries is not None and len(entries.items) > 1:
        return json_text.remove(text, entries, entry)
    if len(groups.items) > 1:
        return json_text.remove(text, groups, group)
    if len(hooks.items) > 1:
        return json_text.remove(text, hooks, _position(hooks, EVENT))
    return json_text.remove(text, root, _position(root, "hooks"))


def _position(node: Node, key: str) -> int:
    return max(position for position, item in enumerate(node.items) if item.key == key)


def _text(content: bytes | None, path: str) -> str:
    try:
        text = (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text, found a byte that is none at {error.start}", code="settings/malformed") from error
    return text if text.strip() else ""


def _bytes(before: bytes | None, text: str) -> bytes:
    return ((_BOM if before is not None and before.startswith(_BOM.encode()) else "") + text).encode()


def _places(path: str, value: object, root: Node) -> tuple[Node | None, Node | None]:
    """Return where the hooks and those of the event stand."""
    if not isinstance(value, dict):
        raise _unexpected(path, "an object")
    hooks = value.get("hooks")
    if hooks is None and "hooks" not in value:
        return None, None
    if not isinstance(hooks, dict):
        raise _unexpected(path, "an object under hooks")
    if EVENT in hooks and not isinstance(hooks[EVENT], list):
        raise _unexpected(path, f"a list under hooks.{EVENT}")
    node = root.member("hooks")
    return node, None if node is None else node.member(EVENT)


def _unexpected(path: str, expected: str) -> ConfigError:
    message = f"{path}: expected {expected}, found something else"
    return ConfigError(message, code="settings/malformed", remedy="correct the file first; nothing was changed")


def _ours(value: object, groups: Node | None) -> Iterator[tuple[int, int]]:
    """Return the positions of group and entry of each hook that is ours."""
    found = value["hooks"][EVENT] if groups is not None and isinstance(value, dict) else []
    for group, part in enumerate(found):
        entries = part.get("hooks") if isinstance(part, Mapping) else None
        for entry, hook in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(hook, Mapping) and is_ours(hook.get("command")):
                yield group, entry


def is_ours(command: object) -> bool:
    """Tell whether a hook's command is `tenure stamp`, wherever the program lies."""
    try:
        words = shlex.split(command) if isinstance(command, str) else []
    except ValueError:
        return False
    return len(words) >= 2 and posixpath.basename(words[0]) == "tenure" and words[1] == "stamp"


def apply(editor: Editor, change: Change, store: StateStore) -> None:
    """Make a change that was shown, and remember whether the file came with it.

    Raises:
        ConfigError: the file has changed since, or cannot be written.
    """
    if change.is_empty:
        return
    editor.replace(change.path, change.before, change.after)
    if change.before is None:
        store.write(CREATED, change.path.encode())
    elif change.after is None:
        store.write(CREATED, None)
