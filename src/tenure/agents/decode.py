"""Bytes of a settings file -> values, or the reason why not. JSON, JSON with comments, TOML, and the flat part of YAML.

Nothing is guessed: what is no UTF-8 text or no well-formed document gives no values at all.
"""

import re
import tomllib
from collections.abc import Callable, Mapping

import msgspec

from tenure.agents.view import Unreadable

Values = Mapping[str, object]
Decoder = Callable[[str], object]

_COMMENT_OR_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)
_FLAT_YAML = re.compile(r"^([A-Za-z][A-Za-z0-9_-]{0,60})[ \t]*:[ \t]*([^\s#].*?)?[ \t]*(?:\s#.*)?$", re.MULTILINE | re.ASCII)
_YAML_WORDS: Mapping[str, bool] = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def to_text(data: bytes) -> str | Unreadable:
    """Decode UTF-8 text, with or without a byte order mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unreadable("UTF-16 text where UTF-8 was expected")
    if b"\0" in data:
        return Unreadable("a NUL byte where text was expected")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Unreadable(f"not UTF-8 text (at byte {error.start})")


def parse(data: bytes, decoder: Decoder) -> Values | Unreadable:
    """Decode a settings file with one of this module's decoders."""
    text = to_text(data)
    if isinstance(text, Unreadable):
        return text
    try:
        found = decoder(text)
    except (ValueError, msgspec.MsgspecError, tomllib.TOMLDecodeError) as error:
        return Unreadable(f"not well-formed{_place(error)}")
    except RecursionError:
        return Unreadable("nested too deeply")
    return found if isinstance(found, dict) else Unreadable(f"expected an object, found {kind(found)}")


def _place(error: Exception) -> str:
    match = re.search(r"byte (\d+)|line (\d+)", str(error))
    return f" ({match.group()})" if match else ""


def kind(value: object) -> str:
    """Return of what kind a decoded value is, in words."""
    match value:
        case None:
            return "nothing"
        case list():
            return "a list"
        case str():
            return "text"
        case _:
            return "a bare value"


def json(text: str) -> object:
    """Decode JSON."""
    return msgspec.json.decode(text)


def jsonc(text: str) -> object:
    """Decode JSON with comments and trailing commas. Line numbers stay as they are."""
    bare = _COMMENT_OR_STRING.sub(lambda found: found.group() if found.group()[0] == '"' else re.sub(r"[^\n]", " ", found.group()), text)
    bare = _TRAILING_COMMA.sub(lambda found: found.group() if found.group()[0] == '"' else " ", bare)
    return msgspec.json.decode(bare)


def toml(text: str) -> object:
    """Decode TOML."""
    return tomllib.loads(text)


def flat_yaml(text: str) -> object:
    """Decode the top-level scalars of a YAML mapping; everything nested is left out."""
    found: dict[str, object] = {}
    for key, value in _FLAT_YAML.findall(text):
        bare = value.strip("'\"")
        found[key] = _YAML_WORDS.get(bare.lower(), bare) if value == bare else bare
    return found
