"""Leaving a machine as if Tenure had never been on it: the hook in the settings of others, and Tenure's own state."""

from dataclasses import dataclass

from tenure.ports import Editor, StateStore
from tenure.services import hook
from tenure.services.hook import Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go.

    Attributes:
        change: of the settings file that holds the hook; empty where there is none.
        files: paths of Tenure's own files, by name.
    """

    change: Change
    files: dict[str, str]

    @property
    def is_empty(self) -> bool:
        """There is nothing of Tenure's here."""
        return self.change.is_empty and not self.files


def plan(editor: Editor, settings: str, store: StateStore) -> Plan:
    """Find out what would go.

    Args:
        editor: reads the settings file.
        settings: its path.
        store: Tenure's own state.

    Raises:
        ConfigError: the settings file is malformed, so that the hook cannot be taken out of it.
    """
    return Plan(hook.uninstall(editor, settings, is_created=hook.is_created(store, settings)), dict(store.places()))


def carry_out(plan: Plan, editor: Editor, store: StateStore) -> None:
    """Remove what was planned, the hook first: it would write new state.

    Raises:
        ConfigError: the settings file has changed since, or something cannot be removed.
    """
    hook.apply(editor, plan.change, store)
    for name in plan.files:
        store.write(name, None)
