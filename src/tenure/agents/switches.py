"""Switches: what the value of an environment variable means to an agent, and where that value stands.

The grammars are those of the packs: `non_empty` (any non-empty value is on, `0` and `false` included) and `boolean`; and `one`, where only the
value 1 is documented. What a value outside of the grammar does is not known, and nobody guesses it here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenure.agents import decode, shown
from tenure.agents.credentials import is_secret_variable
from tenure.agents.facts import Fact, State
from tenure.agents.settings import Found, Malformed, Source
from tenure.agents.view import View

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Switch:
    """One environment variable.

    Attributes:
        grammar: `non_empty`, `boolean` or `one`.
        aliases: older names with the same effect.
    """

    grammar: str = "boolean"
    aliases: tuple[str, ...] = ()

    def is_on(self, value: str) -> bool | None:
        """Tell whether a value switches it on; None when nobody says what it does."""
        if self.grammar == "non_empty" or not value:
            return value != ""
        if self.grammar == "one":
            return True if value == "1" else None
        word = value.strip().lower()
        return True if word in _ON else False if word in _OFF else None


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
            return found
        value = None if self._view is None else self._view.variable(name)
        return None if value is None else Found(value, f"environment:{name}", "environment")

    def presence(self, name: str) -> Found | None:
        """Return where a variable is set, never its value; `Malformed` where that cannot be told."""
        found = self._from_settings(name)
        if found is not None and found.problem:
            return found
        if found is not None and found.value not in ("", None):
            return Found(True, found.proof, found.layer)
        if self._view is None or not self._view.has_variable(name):
            return None
        return Found(True, f"environment:{name}", "environment")

    def _from_settings(self, name: str) -> Found | None:
        if self._under is None:
            return None
        found = next((found for source in self._sources if (found := source.find(self._under, name)) is not None), None)
        if found is None or isinstance(found.value, str | Malformed):
            return found
        return Found(Malformed(f"expected text, found {decode.kind(found.value)}"), found.proof, found.layer)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a switch stands.

    Attributes:
        name: the variable that was found, which may be an older name.
        is_on: whether it is on; None when that cannot be told.
        value: the value, never shown as it is; empty when it is no text.
        proof: where it stands.
        layer: the layer that it comes from.
        problem: why it cannot be told; empty when it can.
        is_whole: everything that the settings file says about variables is malformed.
    """

    name: str
    is_on: bool | None
    value: str
    proof: str
    layer: str
    problem: str = ""
    is_whole: bool = False

    def as_fact(self, name: str) -> Fact:
        """Return the fact of a variable: its value, as far as it may be shown, unless what it does cannot be told."""
        if self.problem and self.value.lower() not in shown.SWITCH_WORDS:
            return Fact(f"env.{name}", None, State.UNKNOWN, self.problem)
        if not self.value:
            return Fact(f"env.{name}", "", State.MEASURED, f"{self.proof} is set to nothing")
        return Fact(f"env.{name}", shown.variable(self.value), State.MEASURED, self.proof)


def positions(variables: Variables, table: Mapping[str, Switch]) -> dict[str, Position]:
    """Return the switches of a table that are set, by their current name."""
    found: dict[str, Position] = {}
    for name, switch in table.items():
        for spelled in (name, *switch.aliases):
            entry = None if is_secret_variable(spelled) else variables.get(spelled)
            if entry is not None:
                found[name] = _position(spelled, switch, entry)
                break
    return found


def _position(name: str, switch: Switch, entry: Found) -> Position:
    if isinstance(entry.value, Malformed):
        return Position(name, None, "", entry.proof, entry.layer, entry.problem, entry.value.is_whole)
    value = str(entry.value)
    is_on = switch.is_on(value)
    expected = "is not 1, the only value that is documented" if switch.grammar == "one" else "is neither on nor off"
    return Position(name, is_on, value, entry.proof, entry.layer, f"{entry.proof} {expected}" if is_on is None else "")
