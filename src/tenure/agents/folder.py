"""An agent's folder: one walk over it, sorted into places, and what could not be looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tenure.agents.facts import Fact, Holding, State
from tenure.agents.notices import counted
from tenure.agents.places import NEVER, UNKNOWN, Place, Sweep, hold_all, sort
from tenure.agents.settings import Source, misshapen, show
from tenure.agents.view import Entry, Listing, Unreadable, View

_MOST_PROBLEMS = 5
SWEEPS: Mapping[bool | None, Sweep] = {False: Sweep(NEVER), None: Sweep(UNKNOWN)}


@dataclass(frozen=True, slots=True)
class Folder:
    """What one walk found.

    Attributes:
        root: the folder.
        shown: the folder as shown.
        found: the files of each place.
        problems: why it could not be looked at, or parts of it.
    """

    root: str
    shown: str
    found: Mapping[Place, Sequence[Entry]]
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was found and nothing was in the way."""
        return not self.problems and not any(self.found.values())

    def holdings(self, at: datetime, sweeps: Mapping[bool | None, Sweep] = SWEEPS) -> tuple[Holding, ...]:
        """Describe what lies at each place."""
        return hold_all(self.found, self.shown, sweeps, at)

    def count(self, place: Place) -> int:
        """Return how many files lie at a place."""
        return len(self.found.get(place, ()))


def look(view: View, root: str, places: Sequence[Place]) -> Folder | None:
    """Walk over a folder; None when there is none."""
    listing = view.walk(root)
    shown = show(root, view.scope.home)
    if isinstance(listing, Unreadable):
        return None if listing.is_absent else Folder(root, shown, {}, (f"{shown}: {listing.reason}",))
    return Folder(root, shown, sort(listing.entries, places), overlooked(listing, shown))


def overlooked(listing: Listing, shown: str) -> tuple[str, ...]:
    """Return what a walk could not look at, in words: a folder at the top by its name, what lies deeper by number.

    Args:
        listing: what the walk found.
        shown: the folder as shown.
    """
    counts = Counter((path.split("/", 1)[0], "/" in path, reason) for path, reason in listing.problems)
    problems = [
        f"{shown}/{top}: {counted(count, 'place')} below it: {reason}" if is_below else f"{shown}{'/' if top else ''}{top}: {reason}"
        for (top, is_below, reason), count in sorted(counts.items())[:_MOST_PROBLEMS]
    ]
    special = sum(1 for entry in listing.entries if not entry.regular)
    if special:
        problems.append(f"{shown}: {special} links or special files were not followed or opened")
    return tuple(problems)


def troubles(folders: Iterable[Folder | None], sources: Iterable[Source], holders: Iterable[str] = ()) -> Iterator[Fact]:
    """Return what could not be looked at or read, each with its reason.

    Args:
        folders: of the agent.
        sources: its settings files.
        holders: settings that hold others.
    """
    sources = tuple(sources)
    for source in sources:
        if source.problem:
            yield Fact(f"settings.{source.layer}", None, State.UNKNOWN, f"{source.path}: {source.problem}")
    for source, found in misshapen(sources, holders):
        yield Fact(f"settings.{source.layer}", None, State.UNKNOWN, found.problem)
    for folder in folders:
        for problem in folder.problems if folder is not None else ():
            yield Fact("files", None, State.UNKNOWN, problem)
