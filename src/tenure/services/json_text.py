"""Changing a JSON text in one place and leaving every other byte of it as it is. Plain JSON only: no comments, no trailing commas."""

import json
import re
from dataclasses import dataclass

from tenure.errors import ConfigError

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^\s,\]}]+")
_INDENT = re.compile(r"^[{\[][ \t\r]*\n([ \t]+)\S")


@dataclass(frozen=True, slots=True)
class Item:
    """A member of an object or an element of a list.

    Attributes:
        start: where it begins, its key included.
        node: its value.
        key: its key; empty in a list.
    """

    start: int
    node: "Node"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a text.

    Attributes:
        start: where it begins.
        end: where it has ended.
        items: its members or elements, when it is an object or a list.
    """

    start: int
    end: int
    items: tuple[Item, ...] = ()

    def member(self, key: str) -> "Node | None":
        """Return the value of a key; the last one where it stands twice, which is the one that counts."""
        return next((item.node for item in reversed(self.items) if item.key == key), None)


def parse(text: str, name: str) -> tuple[object, Node]:
    """Parse a JSON text.

    Args:
        text: the text.
        name: the file's name, for messages.

    Returns:
        The value, and where its parts stand.

    Raises:
        ConfigError: it is not JSON; the message names the line.
    """
    try:
        return json.loads(text), _scan(text, _skip(text, 0))
    except json.JSONDecodeError as error:
        message = f"{name}:{error.lineno}: expected JSON, found: {error.msg.lower()} at column {error.colno}"
        raise ConfigError(message, code="settings/malformed", remedy="correct the file first; nothing was changed") from error
    except RecursionError as error:
        raise ConfigError(f"{name}:1: expected JSON, found it nested too deeply", code="settings/malformed") from error


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _scan(text: str, at: int) -> Node:
    first = text[at]
    if first not in "{[":
        found = (_STRING if first == '"' else _SCALAR).match(text, at)
        return Node(at, found.end() if found else at)
    items: list[Item] = []
    place = _skip(text, at + 1)
    while text[place] not in "}]":
        begin, key = place, ""
        if first == "{":
            end = _scan(text, place).end
            key, place = json.loads(text[place:end]), _skip(text, _skip(text, end) + 1)
        node = _scan(text, place)
        items.append(Item(begin, node, key))
        place = _skip(text, node.end)
        if text[place] == ",":
            place = _skip(text, place + 1)
    return Node(at, place + 1, tuple(items))


def indent_of(text: str) -> str:
    """Return the white space by which a text indents one level; two spaces where it does not tell."""
    found = _INDENT.match(text.lstrip("\ufeff \t\r\n"))
    return found.group(1) if found else "  "


def insert(text: str, parent: Node, value: object, *, key: str = "", depth: int = 0) -> str:
    """Add a member or an element at the end of a node.

    Args:
        text: the text.
        parent: an object or a list in it.
        value: what is added.
        key: its key; empty in a list.
        depth: of the parent, 0 for the whole text.
    """
    unit, newline = indent_of(text), "\r\n" if "\r\n" in text else "\n"
    margin = newline + unit * (depth + 1)
    body = json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", margin)
    entry = f"{json.dumps(key, ensure_ascii=False)}: {body}" if key else body
    if not parent.items:
        return f"{text[: parent.start + 1]}{margin}{entry}{newline}{unit * depth}{text[parent.end - 1 :]}"
    end = parent.items[-1].node.end
    return f"{text[:end]},{margin}{entry}{text[end:]}"


def remove(text: str, parent: Node, position: int) -> str:
    """Take a member or an element out of a node, with the comma and the white space that it leaves."""
    items = parent.items
    if len(items) == 1:
        return text[: parent.start + 1] + text[parent.end - 1 :]
    if position:
        return text[: items[position - 1].node.end] + text[items[position].node.end :]
    return text[: items[0].start] + text[items[1].start :]
