"""Which values may be shown: a string from a file or a variable only when it is on a closed list or is a short identifier of a vendor."""

import math
import re
from collections.abc import Collection, Mapping

from tenure.agents.facts import FactValue

SWITCH_WORDS = frozenset({"0", "1", "true", "false", "yes", "no", "on", "off"})
OTHER = "other"
"""What is shown instead of a string that may not be."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,40}", re.ASCII)
_FLAG_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)
_VERSION = re.compile(r"\d{1,5}\.\d{1,5}(?:\.\d{1,7})?(?:-[a-z]{1,10}(?:\.\d{1,6})?)?", re.ASCII)
_LARGEST = 10**15


def scalar(value: object, words: Collection[str] = ()) -> FactValue:
    """Return a truth value, a number or a word of the list as it is; anything else as `other`. A whole number is one, however it is written."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < _LARGEST else value
    if isinstance(value, str) and (value in words or value.lower() in SWITCH_WORDS):
        return value
    return OTHER


def variable(value: str, words: Collection[str] = ()) -> str:
    """Return a variable's value when it is a switch word or on the list; else `other`."""
    return value if value in words or value.lower() in SWITCH_WORDS else OTHER


def flag(value: object) -> FactValue:
    """Return the value of a vendor's experiment flag: scalars as they are, short identifiers as they are, the rest by size."""
    if isinstance(value, str):
        return value if _IDENTIFIER.fullmatch(value) else f"text of {len(value)} characters"
    if isinstance(value, Mapping):
        return "object of 1 key" if len(value) == 1 else f"object of {len(value)} keys"
    if isinstance(value, list):
        return f"list of {len(value)}"
    return scalar(value)


def is_flag_name(name: str) -> bool:
    """Tell whether a flag's name may be shown."""
    return _FLAG_NAME.fullmatch(name) is not None


def version(value: object) -> str | None:
    """Return a client's version when it looks like one."""
    return value if isinstance(value, str) and _VERSION.fullmatch(value) else None
