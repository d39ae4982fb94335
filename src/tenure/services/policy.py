"""A repository's policy, `tenure.toml`: under which terms coding agents may work in it. Text in, rules out, each with its line.

The page docs/reference/tenure-toml.md lists the rules.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from tenure.agents.locate import toml_line
from tenure.errors import ConfigError, DataError
from tenure.records.periods import Period, parse_period
from tenure.terms.pack import Pack

TABLE = "require"
FILE = "tenure.toml"
LISTED = 13
"""So many names a message lists at most."""
LISTS: Mapping[str, str] = {"agents": "", "tiers": "tier", "providers": "provider"}
"""Rules that list what is allowed, with the name of the closed list in the packs."""
PERIODS = ("retention", "local_retention")
SWITCHES = ("training", "share", "sync", "telemetry")
RULES = (*LISTS, *PERIODS, *SWITCHES)
_LINE = re.compile(r"\(at line (\d+)", re.ASCII)
Allowed = tuple[str, ...] | Period | bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: such as `tiers`.
        allowed: the values that are allowed, the longest period, False where something must not be, True where an agent's rule lifts that.
        agent: the only agent that it is for; None = all.
        line: where it stands.
    """

    name: str
    allowed: Allowed
    agent: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of a file.

    Attributes:
        file: its path, for people.
        rules: as they stand.
    """

    file: str
    rules: tuple[Rule, ...]

    def of(self, agent: str) -> tuple[Rule, ...]:
        """Return the rules for an agent: its own come instead of the general ones of the same name, or lift them."""
        found = {rule.name: rule for rule in self.rules if rule.agent is None}
        found |= {rule.name: rule for rule in self.rules if rule.agent == agent}
        return tuple(found[name] for name in RULES if name in found and found[name].allowed is not True)


def parse_policy(content: bytes, file: str, packs: Iterable[Pack]) -> Policy:
    """Parse a policy.

    Args:
        content: of the file.
        file: its path, for messages.
        packs: the packs in use, which name the agents, tiers and providers.

    Raises:
        ConfigError: with file and line, and the nearest word that would have done.
    """
    text = _text(content, file)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found.group(1)) if found else max(1, len(text.splitlines()))
        reason = str(error).partition(" (at ")[0].lower()
        raise ConfigError(f"{file}:{line}: expected TOML, found: {reason}", code="policy/malformed") from error
    except RecursionError as error:
        raise ConfigError(f"{file}:1: expected TOML, found it nested too deeply", code="policy/malformed") from error
    return Policy(file, tuple(_Reader(text, file, {pack.agent: pack for pack in packs}).rules(values)))


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}:1: expected UTF-8 text, found a byte that is none at {error.start}", code="policy/malformed") from error


class _Reader:
    def __init__(self, text: str, file: str, packs: Mapping[str, Pack]) -> None:
        self._text, self._file, self._packs = text, file, packs

    def rules(self, values: Mapping[str, object]) -> Iterator[Rule]:
        for key in values:
            if key != TABLE:
                self._fail((key,), "a table that is known", repr(key[:40]), "policy/unknown-key", [TABLE])
        table = values.get(TABLE)
        if not isinstance(table, dict) or not table:
            self._fail((TABLE,), f"a table [{TABLE}] with rules", "none", "policy/empty")
        for key, value in table.items():
            if isinstance(value, dict):
                yield from self._of_agent(key, value)
            else:
                yield self._rule((TABLE, key), key, value, None)

    def _of_agent(self, agent: str, table: Mapping[str, object]) -> Iterator[Rule]:
        place = (TABLE, agent)
        if agent not in self._packs:
            self._fail(place, "an agent that has terms", repr(agent[:40]), "policy/unknown-agent", self._packs)
        for key, value in table.items():
            if key == "agents":
                self._fail((*place, key), "this rule in the general table", "it in an agent's", "policy/unknown-key")
            yield self._rule((*place, key), key, value, agent)

    def _rule(self, place: tuple[str, ...], name: str, value: object, agent: str | None) -> Rule:
        if name not in RULES:
            self._fail(place, "a rule that is known", repr(name[:40]), "policy/unknown-key", RULES)
        return Rule(name, self._allowed(place, name, value, agent), agent, self._line(place))

    def _allowed(self, place: tuple[str, ...], name: str, value: object, agent: str | None) -> Allowed:
        if name in LISTS:
            return self._words(place, value, self._known(LISTS[name], agent))
        if name in PERIODS:
            return self._period(place, value)
        if value is True and agent is not None:
            return True
        if value is not False:
            self._fail(place, "false; leave the rule out to allow it", _shown(value), "policy/value")
        return False

    def _known(self, listed: str, agent: str | None) -> list[str]:
        if not listed:
            return list(self._packs)
        packs = self._packs.values() if agent is None else [self._packs[agent]]
        return list(dict.fromkeys(word for pack in packs for word in pack.vocabulary.lists.get(listed, ())))

    def _words(self, place: tuple[str, ...], value: object, known: list[str]) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            self._fail(place, "a list of names", _shown(value), "policy/value")
        for word in value:
            if word not in known:
                self._fail(place, _some(known), _shown(word), "policy/value", known, str(word))
        return tuple(value)

    def _period(self, place: tuple[str, ...], value: object) -> Period:
        try:
            if isinstance(value, str):
                return parse_period(value)
        except DataError:
            pass
        self._fail(place, 'a period such as "P30D" or "P6M"', _shown(value), "policy/value")

    def _line(self, place: tuple[str, ...]) -> int:
        return toml_line(self._text, place) or toml_line(self._text, place[:-1]) or 1

    def _fail(self, place: tuple[str, ...], expected: str, found: str, code: str, choices: Iterable[str] = (), word: str = "") -> NoReturn:
        near = get_close_matches(word or place[-1], list(choices), n=1)
        message = f"{self._file}:{self._line(place)}: {'.'.join(place)[:80]}: expected {expected}, got {found}"
        raise ConfigError(message, code=code, remedy=f"did you mean {near[0]!r}?" if near else "")


def _some(known: list[str]) -> str:
    """List what would have done, where that is short enough to be read."""
    if len(known) <= LISTED:
        return f"some of {', '.join(known)}"
    return f"some of {len(known)} names, such as {', '.join(known[: LISTED // 2])}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:40])
    return {bool: str(value).lower(), list: "a list", dict: "a table"}.get(type(value), f"a value of type {type(value).__name__}")
