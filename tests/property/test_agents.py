"""No bytes, wherever they lie, make an agent's rules raise, or show what they found there."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tenure.agents.memory import StoredFile
from tenure.agents.registry import AGENTS
from tenure.testing.machine import FakeMachine

AT = datetime(2026, 10, 1, tzinfo=UTC)
FILES = (
    *("~/.claude.json", "~/.claude/settings.json", "~/.claude/remote-settings.json", "/etc/claude-code/managed-settings.json"),
    *("~/.claude/projects/p/s.jsonl", "~/.aider.conf.yml", "~/.aider/analytics.json"),
    *("~/.codex/config.toml", "~/.codex/sessions/rollout-1.jsonl", "/etc/codex/requirements.toml", "~/.gemini/settings.json"),
    *("~/.config/opencode/opencode.json", "~/.copilot/settings.json", "~/.config/Code/User/settings.json"),
)
KEYS = (
    *("env", "cleanupPeriodDays", "attribution", "sessionUrl", "apiKeyHelper", "forceLoginOrgUUID", "forceLoginMethod", "oauthAccount"),
    *("organizationType", "cachedGrowthBookFeatures", "cachedStatsigGates", "DISABLE_TELEMETRY", "DO_NOT_TRACK", "settings", "share", "model"),
    *("small_model", "general", "sessionRetention", "maxAge", "telemetry", "enabled", "security", "auth", "selectedType", "remoteExport"),
    *("chat.sessionSync.enabled", "chat.sessionSync.excludeRepositories"),
    *("payload", "type", "version", "entrypoint", "cwd", "rate_limits", "plan_type"),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("session_meta"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def finite(value: object) -> object:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return 0
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    return [finite(inner) for inner in value] if isinstance(value, list) else value


CONTENTS = st.binary(max_size=60) | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6).map(lambda value: json.dumps(finite(value)).encode())


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FILES), CONTENTS, min_size=1, max_size=6))
def test_no_content_makes_an_agent_raise(contents: dict[str, bytes]) -> None:
    machine = FakeMachine({path: StoredFile(content, AT.timestamp()) for path, content in contents.items()})
    for examine in AGENTS.values():
        evidence = examine(machine, AT)
        if evidence is not None:
            assert all(fact.proof for fact in (*evidence.facts, *evidence.leaves))
