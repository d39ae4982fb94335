"""A case: one piece of data, the agreement it was collected under and the use that is asked about.

`None` is *not known*. An empty tuple or mapping is *known to be none*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tenure.records.kinds import Kind, Purpose

SettingValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer that a person gave.

    Attributes:
        name: which question, such as `training`.
        value: the answer; None = not known.
        at: when it was given; None = not known.
        by: who gave it: `subject`, `member`, `admin`, `owner`; None = not known.
        text_sha256: digest of the text that was shown, where recorded.
        default_shown: the answer that was preset, where recorded.
    """

    name: str
    value: bool | None
    at: datetime | None = None
    by: str | None = None
    text_sha256: str | None = None
    default_shown: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the terms. Docs: docs/reference/case.md.

    Attributes:
        agent: the agent's id, such as `claude_code`.
        kind: what kind of data.
        purpose: what it is to be used for.
        collected_at: when it was collected, aware; None = not known.
        asked_at: when the use is asked about, aware; None = not known.
        tier: and the following: values of the pack's closed lists.
        env: environment variables of the client.
        settings: settings of the client, by name.
        derived_from: the sources, for derived data.
    """

    agent: str
    kind: Kind
    purpose: Purpose
    collected_at: datetime | None = None
    asked_at: datetime | None = None
    tier: str | None = None
    provider: str | None = None
    hosting: str | None = None
    surface: str | None = None
    model_class: str | None = None
    feature: str | None = None
    flags: frozenset[str] | None = None
    consents: tuple[Consent, ...] | None = None
    client_version: str | None = None
    env: Mapping[str, str | None] | None = None
    settings: Mapping[str, SettingValue] | None = None
    safety_flagged: bool | None = None
    session_started_at: datetime | None = None
    session_resumed_at: datetime | None = None
    run_started_at: datetime | None = None
    copy: str | None = None
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    derived_from: tuple["Case", ...] | None = None
