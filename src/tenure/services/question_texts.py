"""The questions that Tenure asks for consents: one text per name, with a version. A changed text is a new version: an answer names the old one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A question as it is shown.

    Attributes:
        version: of the text of this consent.
        content: the text, without the answer that is preset.
    """

    version: int
    content: str

    @property
    def sha256(self) -> str:
        """The digest of the text, as it stands on record."""
        return hashlib.sha256(self.content.encode()).hexdigest()


_FROM_NOW = "This covers what is collected from now on, in sessions that you begin or resume after your answer. You can take it back at any time."
_FOR_ALL = "This covers everybody in the organisation, for what is collected from now on. It can be taken back at any time."

TEXTS: Mapping[str, Text] = {
    "training": Text(1, f"May your prompts, code and answers in {{agent}} be used to train generative models? {_FROM_NOW}"),
    "codex_training": Text(1, f"May your coding tasks in {{agent}} be used to train generative models? {_FROM_NOW}"),
    "trusted_tester": Text(1, f"May what you do in {{agent}} as a tester be used to train generative models? {_FROM_NOW}"),
    "include_environments": Text(1, f"May the whole environments of your tasks in {{agent}} be used as well? {_FROM_NOW}"),
    "transcript_share": Text(1, f"May the transcript of a session in {{agent}} be sent along when you rate it? {_FROM_NOW}"),
    "feedback": Text(1, f"May the reports that you send from {{agent}} be kept, with the conversation in them? {_FROM_NOW}"),
    "analytics": Text(1, f"May usage data of {{agent}} be sent? {_FROM_NOW}"),
    "share": Text(1, f"May a session of {{agent}} be shared under a public link when you ask for one? {_FROM_NOW}"),
    "dpp": Text(1, f"Shall the organisation enter the partner program of {{agent}}: may its prompts, code and answers train models? {_FOR_ALL}"),
    "sharing": Text(1, f"May the organisation's inputs and outputs in {{agent}} be shared and used to train models? {_FOR_ALL}"),
    "workspace_sharing": Text(1, f"May the workspace's conversations in {{agent}} be used to train models? {_FOR_ALL}"),
    "cloud_training": Text(1, f"May the organisation's prompts and answers in {{agent}} be used to train models? {_FOR_ALL}"),
}
"""By the name of the consent. `{agent}` stands for the agent's title."""


def text_of(name: str, agent_title: str) -> Text:
    """Return the question for a consent as it is shown; one without a text of its own is asked for by its name."""
    known = TEXTS.get(name) or Text(0, f"Do you consent to `{name}` in {{agent}}? {_FROM_NOW}")
    return Text(known.version, known.content.replace("{agent}", agent_title))
