"""A TOML document with the places of its tables, so that an error can say `pack.toml:14: clause.keep: ...`.

tomllib gives values without lines; lines are found again by counting the headers of tables. Typed readers check each value as it is taken, and
`close` reports keys that nobody took.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NoReturn

from tenure.errors import TermsError

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-\"]+)\s*\]?\]")


def parse_document(content: bytes, name: str) -> "Table":
    """Parse TOML bytes.

    Raises:
        TermsError: not UTF-8, or not TOML.
    """
    try:
        text = content.decode()
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise TermsError(f"{name}: expected UTF-8, found another byte at offset {error.start}", code="terms/encoding") from error
    except tomllib.TOMLDecodeError as error:
        raise TermsError(f"{name}: expected TOML, found: {error}", code="terms/toml") from error
    return Table(values, name, _lines(text), "", 1)


def _lines(text: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _HEADER.match(line)
        if match is not None:
            found.setdefault(match[1].replace('"', ""), []).append(number)
    return found


class Table:
    """One table of the document, read key by key."""

    def __init__(self, values: Mapping[str, object], file: str, lines: Mapping[str, list[int]], path: str, line: int) -> None:
        self._values = values
        self._file = file
        self._lines = lines
        self._path = path
        self._line = line
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def raw(self) -> Mapping[str, object]:
        """The values as tomllib gave them; counts as taking all of them."""
        self._taken.update(self._values)
        return self._values

    @property
    def where(self) -> str:
        """File and line of the table."""
        return f"{self._file}:{self._line}"

    def fail(self, key: str, expected: str, found: object, *, code: str = "terms/value", choices: Iterable[str] = ()) -> NoReturn:
        """Raise an error that names the place, what was expected and what was found."""
        near = difflib.get_close_matches(str(found), list(choices), 1)
        remedy = f"did you mean {near[0]!r}?" if near else ""
        place = f"{self._path}.{key}" if self._path else key
        raise TermsError(f"{self.where}: {place}: expected {expected}, got {str(found)[:60]!r}", code=code, remedy=remedy)

    def text(self, key: str, default: str | None = None) -> str:
        """Take a string."""
        value = self._take(key, default)
        if not isinstance(value, str):
            self.fail(key, "a string", value)
        return value

    def optional_text(self, key: str) -> str | None:
        """Take a string that may be absent."""
        return self.text(key) if key in self._values else None

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Take a list of strings; a single string counts as a list of one."""
        value = self._take(key, default)
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            self.fail(key, "a list of strings", value)
        return tuple(value)

    def flag(self, key: str, default: bool) -> bool:
        """Take a boolean."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.fail(key, "true or false", value)
        return value

    def number(self, key: str) -> float | None:
        """Take a number that may be absent."""
        value = self._take(key, None) if key in self._values else None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(key, "a number", value)
        return value

    def day(self, key: str, default: date | None = None) -> date:
        """Take a date written as a string."""
        if key not in self._values and default is not None:
            return default
        value = self.text(key)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(key, "a date such as 2026-08-22", value, code="terms/date")

    def tables(self, key: str) -> list["Table"]:
        """Take an array of tables."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(part, dict) for part in value):
            self.fail(key, f"tables [[{key}]]", value)
        lines = self._lines.get(self._join(key), [])
        return [
            Table(part, self._file, self._lines, self._join(key), lines[index] if index < len(lines) else self._line)
            for index, part in enumerate(value)
        ]

    def table(self, key: str) -> "Table":
        """Take a table; an absent one is empty."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fail(key, f"a table [{key}]", value)
        path = self._join(key)
        return Table(value, self._file, self._lines, path, self._lines.get(path, [self._line])[0])

    def items(self) -> dict[str, "Table"]:
        """Take every key as a table."""
        return {key: self.table(key) for key in self._values}

    def close(self) -> None:
        """Raise an error if a key was not taken."""
        for key in self._values:
            if key not in self._taken:
                self.fail(key, "a key that packs know", key, code="terms/unknown-key", choices=self._taken)

    def _join(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _take(self, key: str, default: object) -> object:
        self._taken.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            place = f"{self._path}.{key}" if self._path else key
            raise TermsError(f"{self.where}: {place}: expected a value, found none", code="terms/missing-key")
        return default
