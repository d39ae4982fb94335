"""Switches: what the value of an environment variable means to an agent, and where that value stands.

The grammars are those of the packs: `non_empty` (any non-empty value is on, `0` and `false` included) and `boolean`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenure.agents.credentials import is_secret_variable
from tenure.agents.settings import Found, Source
from tenure.agents.view import View

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Switch:
    """One environment variable.

    Attributes:
        grammar: `non_empty` or `boolean`.
        strictest: what a malformed value counts as.
        aliases: older names with the same effect.
    """

    grammar: str = "boolean"
    strictest: bool = True
    aliases: tuple[str, ...] = ()

    def is_on(self, value: str) -> bool:
        """Tell whether a value switches it on; a malformed one counts as the strictest."""
        if self.grammar == "non_empty":
            return value != ""
        word = value.strip().lower()
        return word in _ON or (word not in _OFF and self.strictest)

    def is_malformed(self, value: str) -> bool:
        """Tell whether a value means neither on nor off."""
        return self.grammar == "boolean" and value.strip().lower() not in _ON | _OFF


class Variables:
    """The environment that an agent sees: what its settings files put into it, then this process's own.

    Args:
        view: the machine; None = settings files alone.
        sources: settings files, strongest first.
        under: the key under which a settings file sets variables; None when it cannot.
    """

    def __init__(self, view: View | None, sources: Iterable[Source], under: str | None) -> None:
        self._view = view
        self._sources = tuple(sources)
        self._under = under

    def get(self, name: str) -> Found | None:
        """Return a variable's value and where it stands; None when it is unset."""
        if (found := self._from_settings(name)) is not None:
            return Found(_text(found.value), found.proof, found.layer)
        value = None if self._view is None else self._view.variable(name)
        return None if value is None else Found(value, f"environment:{name}", "environment")

    def presence(self, name: str) -> Found | None:
        """Return where a variable is set, never its value."""
        found = self._from_settings(name)
        if found is not None and found.value not in ("", None):
            return Found(True, found.proof, found.layer)
        if self._view is None or not self._view.has_variable(name):
            return None
        return Found(True, f"environment:{name}", "environment")

    def _from_settings(self, name: str) -> Found | None:
        if self._under is None:
            return None
        return next((found for source in self._sources if (found := source.find(self._under, name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a switch stands.

    Attributes:
        name: the variable that was found, which may be an older name.
        is_on: whether it is on.
        value: the value, never shown as it is.
        proof: where it stands.
        layer: the layer that it comes from.
        is_malformed: the value means neither on nor off.
    """

    name: str
    is_on: bool
    value: str
    proof: str
    layer: str
    is_malformed: bool = False


def positions(variables: Variables, table: Mapping[str, Switch]) -> dict[str, Position]:
    """Return the switches of a table that are set, by their current name."""
    found: dict[str, Position] = {}
    for name, switch in table.items():
        for spelled in (name, *switch.aliases):
            entry = None if is_secret_variable(spelled) else variables.get(spelled)
            if entry is not None:
                value = str(entry.value)
                found[name] = Position(spelled, switch.is_on(value), value, entry.proof, entry.layer, switch.is_malformed(value))
                break
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
