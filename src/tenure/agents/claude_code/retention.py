"""Claude Code's sweep: what its settings make of it, and why it may not run."""

from dataclasses import dataclass

from tenure.agents.claude_code.layers import Layers
from tenure.agents.places import NEVER, Sweep
from tenure.agents.settings import Found, lookup

DEFAULT_DAYS = 30
PAUSES = (2, 1, 203)
_LARGEST = 2**53
"""From here on JSON's numbers are no longer exact."""
EXEMPTS_DESKTOP = (2, 1, 248)


@dataclass(frozen=True, slots=True)
class Retention:
    """What the sweep does.

    Attributes:
        days: it removes what was not changed for so long; None when it is paused or not known.
        proof: where that stands.
        desktop: how transcripts of Desktop are swept.
        is_default: nothing sets it.
        is_managed: managed settings set it.
        paused: why it does not run; empty when it does.
        desktop_days: the limit of their own, when there is a valid one.
        invalid: the setting that pauses it.
    """

    days: int | None
    proof: str
    desktop: Sweep
    is_default: bool = False
    is_managed: bool = False
    paused: str = ""
    desktop_days: int | None = None
    invalid: Found | None = None

    @property
    def sweep(self) -> Sweep:
        """How ordinary places are swept."""
        if self.paused:
            return Sweep(f"paused: {self.paused}")
        return Sweep(f"{self.days} days after the last change, when the client starts", self.days)


def numbers(version: str | None) -> tuple[int, ...] | None:
    """Return a version as numbers that compare; None when it is not known."""
    return None if version is None else tuple(int(part) for part in version.split("-", 1)[0].split("."))


def whole_days(value: object, least: int) -> int | None:
    """Return a setting as whole days; None when it is malformed."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value < _LARGEST else None


def read_retention(layers: Layers, version: str | None) -> Retention:
    """Work out the sweep from the settings that hold in the working folder."""
    managed = layers.managed.find("cleanupPeriodDays") if layers.managed else None
    found = lookup(layers.here, "cleanupPeriodDays")
    desktop_key = lookup(layers.everywhere, "desktopSessionCleanupPeriodDays")
    days = DEFAULT_DAYS if found is None else whole_days(found.value, 1)
    proof = "documentation as of 2026-08-22" if found is None else found.proof
    is_managed = managed is not None and days is not None
    paused, invalid = "", None
    broken = next((source for source in layers.here if source.problem), None)
    if found is not None and days is None:
        paused, invalid = f"{found.proof} is not a valid number of days", found
    elif broken is not None and not is_managed:
        paused, proof = f"{broken.path} cannot be read ({broken.problem})", broken.path
    elif desktop_key is not None and whole_days(desktop_key.value, 0) is None:
        paused, invalid = f"{desktop_key.proof} is not a valid number of days", desktop_key
    limit = whole_days(desktop_key.value, 0) if desktop_key else 0
    return Retention(
        days=None if paused else days,
        proof=proof,
        is_default=found is None,
        is_managed=is_managed,
        paused=paused,
        desktop=_desktop(None if paused else days, limit, is_managed, numbers(version)),
        desktop_days=limit or None,
        invalid=invalid,
    )


def _desktop(days: int | None, limit: int | None, is_managed: bool, version: tuple[int, ...] | None) -> Sweep:
    if days is None or limit is None:
        return Sweep("paused")
    if is_managed or (version is not None and version < EXEMPTS_DESKTOP):
        return Sweep(f"{days} days after the last change, when the client starts", days)
    if version is None:
        return Sweep("unknown: clients from 2.1.248 exempt Desktop, and the version is not known")
    if limit == 0:
        return Sweep(NEVER)
    longest = max(days, limit)
    return Sweep(f"{longest} days after the last change, when past both limits", longest)
