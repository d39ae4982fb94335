"""The part of a view that needs no disk: what it is of, and its environment variables, whose secrets are never given out."""

from collections.abc import Mapping

from tenure.agents.credentials import is_secret_variable
from tenure.agents.view import Scope
from tenure.errors import AgentError


class Environment:
    """What a view is of, and the variables that it has.

    Args:
        scope: what the view is of.
        variables: by name.
    """

    def __init__(self, scope: Scope, variables: Mapping[str, str]) -> None:
        self._scope = scope
        self._variables = variables

    @property
    def scope(self) -> Scope:
        """What the view is of."""
        return self._scope

    def has_variable(self, name: str) -> bool:
        """Tell whether an environment variable is set and not empty."""
        return bool(self._variables.get(name))

    def variable(self, name: str) -> str | None:
        """Return a variable's value; None when unset; refuse where it may be a secret."""
        if is_secret_variable(name):
            raise AgentError(f"{name}: expected a variable whose value is no secret", code="agent/secret-variable")
        return self._variables.get(name)
