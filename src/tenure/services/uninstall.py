"""Leaving a machine as if Tenure had never been on it: the hook in the settings of others, and Tenure's own state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tenure.ports import Anchors, Editor, StateStore
from tenure.services import hook
from tenure.services.hook import Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go.

    Attributes:
        change: of the settings file that holds the hook; empty where there is none.
        files: paths of Tenure's own files, by name.
        held: the folder of the store, which stays: it holds data of persons, or the record of what became of it; None = there is none.
        anchors: what was kept of stores that are gone: paths by id of the store.
    """

    change: Change
    files: dict[str, str]
    held: str | None = None
    anchors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """There is nothing of Tenure's here that would go."""
        return self.change.is_empty and not self.files and not self.anchors


def plan(editor: Editor, settings: str, store: StateStore, held: str | None = None, anchors: Anchors | None = None) -> Plan:
    """Find out what would go.

    Args:
        editor: reads the settings file.
        settings: its path.
        store: Tenure's own state.
        held: the folder of a store that holds something; it is left alone.
        anchors: what this machine has seen of stores; None = nothing.

    Raises:
        ConfigError: the settings file is malformed, so that the hook cannot be taken out of it.
    """
    files = {name: path for name, path in store.places().items() if held is None or not path.startswith(f"{held}/")}
    change = hook.uninstall(editor, settings, is_created=hook.is_created(store, settings))
    return Plan(change, files, held, {} if anchors is None else anchors.strays())


def carry_out(plan: Plan, editor: Editor, store: StateStore, anchors: Anchors | None = None) -> None:
    """Remove what was planned, the hook first: it would write new state.

    Raises:
        ConfigError: the settings file has changed since, or something cannot be removed.
    """
    hook.apply(editor, plan.change, store)
    for name in plan.files:
        store.write(name, None)
    if anchors is not None:
        for gone in plan.anchors:
            anchors.forget(gone)
