"""The agents that Tenure knows, by id. Apart from the package's `__init__`, so that a type of it can be had without all of them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tenure.agents import claude_code
from tenure.agents.facts import Evidence
from tenure.agents.view import View

Examine = Callable[[View, datetime], Evidence | None]

AGENTS: Mapping[str, Examine] = {
    "claude_code": claude_code.examine,
}
