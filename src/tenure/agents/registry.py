"""The agents that Tenure knows, by id. Apart from the package's `__init__`, so that a type of it can be had without all of them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tenure.agents import aider, claude_code, codex, copilot, cursor, gemini_cli, opencode
from tenure.agents.claude_code.notices import NOTICES as CLAUDE_CODE
from tenure.agents.codex.notices import NOTICES as CODEX
from tenure.agents.facts import Evidence
from tenure.agents.notices import Notices
from tenure.agents.view import View

Examine = Callable[[View, datetime], Evidence | None]

AGENTS: Mapping[str, Examine] = {
    "claude_code": claude_code.examine,
    "codex": codex.examine,
    "gemini_cli": gemini_cli.examine,
    "opencode": opencode.examine,
    "cursor": cursor.examine,
    "copilot": copilot.examine,
    "aider": aider.examine,
}
"""How to examine each."""

NOTICES: Mapping[str, Notices] = {
    "claude_code": CLAUDE_CODE,
    "codex": CODEX,
    "gemini_cli": gemini_cli.NOTICES,
    "opencode": opencode.NOTICES,
    "cursor": cursor.NOTICES,
    "copilot": copilot.NOTICES,
    "aider": aider.NOTICES,
}
"""What may be found of each."""
