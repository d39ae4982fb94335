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
        held: the folder of the store, which stays: it holds data of persons, or the record of what became of it; None = there is none.
    """

    change: Change
    files: dict[str, str]
    held: str | None = None

    @property
    def is_empty(self) -> bool:
        """There is nothing of Tenure's here that would go."""
        return self.change.is_empty and not self.files


def plan(editor: Editor, settings: str, store: StateStore, held: str | None = None) -> Plan:
    """Find out what would go.

    Args:
        editor: reads the settings file.
        settings: its path.
        store: Tenure's own state.
        held: the folder of a store that holds something; it is left alone.

    Raises:
        ConfigError: the settings file is malformed, so that the hook cannot be taken out of it.
    """
    files = {name: path for name, path in store.places().items() if held is None or not path.startswith(f"{held}/")}
    return Plan(hook.uninstall(editor, settings, is_created=hook.is_created(store, settings)), files, held)


def carry_out(plan: Plan, editor: Editor, store: StateStore) -> None:
    """Remove what was planned, the hook first: it would write new state.

    Raises:
        ConfigError: the settings file has changed since, or something cannot be removed.
    """
    hook.apply(editor, plan.change, store)
    for name in plan.files:
        store.write(name, None)
