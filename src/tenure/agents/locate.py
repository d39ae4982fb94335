"""On which line of a settings file a key stands. For proofs only: where it cannot be told, no line is given."""

import re
from collections.abc import Sequence

_JSON = re.compile(r'"((?:[^"\\\n]|\\.)*)"(\s*:)?|[{}\[\]]|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TOML = re.compile(r'^\s*(?:\[\[?\s*([^\]]+?)\s*\]\]?|((?:[\w.-]|"[^"\n]*")+)\s*=)')
_MOST = 4 * 1024 * 1024


def json_line(text: str, keys: Sequence[str]) -> int | None:
    """Return the line of the last `keys[-1]` under `keys[:-1]` in a JSON text, counted from 1; the last is the one that counts."""
    if len(text) > _MOST:
        return None
    path: list[str] = []
    key, found = "", None
    for token in _JSON.finditer(text):
        first = token.group()[0]
        if first == '"':
            if token.group(2) is None:
                continue
            key = token.group(1)
            if key == keys[-1] and path[1:] == list(keys[:-1]):
                found = token.start()
        elif first in "{[":
            path.append(key)
            key = "" if first == "{" else "[]"
        elif first in "}]" and path:
            path.pop()
    return None if found is None else text.count("\n", 0, found) + 1


def json_lines_under(text: str, parent: str) -> dict[str, int]:
    """Return the lines of the keys right under a top-level key, in one pass."""
    found: dict[str, int] = {}
    if len(text) > _MOST:
        return found
    depth, key, top, line, last = 0, "", "", 1, 0
    for token in _JSON.finditer(text):
        first = token.group()[0]
        if first == '"':
            if token.group(2) is None:
                continue
            key = token.group(1)
            if depth == 1:
                top = key
            elif depth == 2 and top == parent:
                line += text.count("\n", last, token.start())
                last = token.start()
                found[key] = line
        elif first in "{[":
            depth += 1
        elif first in "}]":
            depth -= 1
    return found


def toml_line(text: str, keys: Sequence[str]) -> int | None:
    """Return the line of a key in a TOML text, counted from 1."""
    table = ""
    wanted = ".".join(keys)
    for number, line in enumerate(text[:_MOST].splitlines(), 1):
        match = _TOML.match(line)
        if match is None:
            continue
        if match.group(1) is not None:
            table = match.group(1).replace('"', "")
            if table == wanted:
                return number
        elif ".".join(filter(None, (table, match.group(2).replace('"', "")))) == wanted:
            return number
    return None


def yaml_line(text: str, keys: Sequence[str]) -> int | None:
    """Return the line of a top-level key in a YAML text, counted from 1."""
    start = keys[-1] + ":"
    return next((number for number, line in enumerate(text[:_MOST].splitlines(), 1) if line.startswith(start)), None)
