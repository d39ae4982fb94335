"""What Claude Code leaves on a machine: places, settings, variables. A declaration; what it means stands in the other modules.

Source: its documentation of the configuration folder, settings and variables, read 2026-08-22 to 2026-10-10.
"""

from collections.abc import Mapping

from tenure.agents.places import Place
from tenure.agents.switches import Switch

ID = "claude_code"
TITLE = "Claude Code"
DOC = "documentation as of 2026-08-22"

SESSION = Place("projects/*/*.jsonl", "local_transcript", swept=True)
HISTORY = Place("history.jsonl", "local_prompt_history")
MEMORY = Place("projects/*/memory/**", "memory")
REMOTE_SETTINGS = Place("remote-settings.json", "cache")

PLACES = (
    SESSION,
    MEMORY,
    Place("projects/*/*/subagents/**", "local_transcript", swept=True),
    Place("projects/*/*/tool-results/**", "output", swept=True),
    HISTORY,
    Place("file-history/**", "code", swept=True),
    Place("plans/**", "output", swept=True),
    Place("debug/**", "log", swept=True),
    Place("paste-cache/**", "prompt", swept=True),
    Place("image-cache/**", "prompt", swept=True),
    Place("uploads/**", "prompt", swept=True),
    Place("session-env/**", "cache", swept=True),
    Place("tasks/**", "output", swept=True),
    Place("shell-snapshots/**", "cache", swept=True),
    Place("backups/**", "cache", swept=True),
    Place("feedback-bundles/**", "feedback_report", swept=True),
    Place("usage-data/**", "usage_metric", swept=True),
    Place("todos/**", "output", swept=True),
    Place("statsig/**", "cache", swept=True),
    Place("logs/**", "log", swept=True),
    Place("stats-cache.json", "usage_metric"),
    Place("cache/changelog.md", "cache"),
    REMOTE_SETTINGS,
    Place("policy-limits.json", "cache"),
)

DESKTOP_FOLDERS = (
    "Library/Application Support/Claude/local-agent-mode-sessions",
    "Library/Application Support/Claude/claude-code-sessions",
)
DESKTOP = Place("**", "local_transcript", swept=None)

MANAGED_FOLDERS: Mapping[str, str] = {
    "darwin": "/Library/Application Support/ClaudeCode",
    "linux": "/etc/claude-code",
}
MDM_FILE = "/Library/Managed Preferences/com.anthropic.claudecode.plist"

NON_EMPTY = "non_empty"
SWITCHES: Mapping[str, Switch] = {
    "DISABLE_TELEMETRY": Switch(NON_EMPTY),
    "DO_NOT_TRACK": Switch(),
    "DISABLE_ERROR_REPORTING": Switch(NON_EMPTY),
    "DISABLE_FEEDBACK_COMMAND": Switch("one", aliases=("DISABLE_BUG_COMMAND",)),
    "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": Switch(),
    "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": Switch(),
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": Switch(NON_EMPTY),
    "DISABLE_GROWTHBOOK": Switch(),
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": Switch(),
    "CLAUDE_CODE_SKIP_PROMPT_HISTORY": Switch(),
    "CLAUDE_CODE_CHILD_SESSION": Switch(NON_EMPTY),
    "CLAUDE_CODE_SEND_FEEDBACK": Switch(),
    "CLAUDE_CODE_ENABLE_TELEMETRY": Switch(),
    "CLAUDE_CODE_USE_BEDROCK": Switch(),
    "CLAUDE_CODE_USE_MANTLE": Switch(),
    "CLAUDE_CODE_USE_VERTEX": Switch(),
    "CLAUDE_CODE_USE_FOUNDRY": Switch(),
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": Switch(),
    "OTEL_LOG_USER_PROMPTS": Switch(),
    "OTEL_LOG_ASSISTANT_RESPONSES": Switch(),
    "OTEL_LOG_TOOL_DETAILS": Switch(),
    "OTEL_LOG_TOOL_CONTENT": Switch(),
    "OTEL_LOG_RAW_API_BODIES": Switch(NON_EMPTY),
}

PROVIDERS: Mapping[str, str] = {
    "CLAUDE_CODE_USE_BEDROCK": "bedrock",
    "CLAUDE_CODE_USE_MANTLE": "bedrock",
    "CLAUDE_CODE_USE_VERTEX": "vertex",
    "CLAUDE_CODE_USE_FOUNDRY": "foundry",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "aws_platform",
}
BASE_URL = "ANTHROPIC_BASE_URL"
DEFAULT_BASE_URL = "https://api.anthropic.com"
CONFIG_DIR = "CLAUDE_CONFIG_DIR"

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
LOGIN_TOKEN = "CLAUDE_CODE_OAUTH_TOKEN"  # noqa: S105 - the name of a variable
KEY_HELPER = "apiKeyHelper"

TIERS: Mapping[str, str] = {
    "claude_free": "free",
    "claude_pro": "pro",
    "claude_max": "max",
    "claude_team": "team",
    "claude_enterprise": "enterprise",
}
CONSUMER = frozenset({"free", "pro", "max"})

HOLDERS = ("env", "attribution")
"""Settings that hold others; where one is no object, what it was meant to say cannot be told."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "cleanupPeriodDays": (),
    "desktopSessionCleanupPeriodDays": (),
    "feedbackSurveyRate": (),
    "skipWebFetchPreflight": (),
    "attribution.sessionUrl": (),
    "disableArtifact": (),
    "enableArtifact": (),
    "disableRemoteControl": (),
    "autoMemoryEnabled": (),
    "feedbackDrafts": ("notify", "quiet", "off"),
    "forceLoginMethod": ("claudeai", "console"),
}
"""Settings that matter here, with the words that may be shown."""

NOT_FROM_PROJECT = ("feedbackDrafts", "desktopSessionCleanupPeriodDays")
"""Settings that count only in user or managed files."""

SURFACES: Mapping[str, str] = {
    "cli": "cli",
    "sdk-cli": "cli",
    "sdk-ts": "cli",
    "sdk-py": "cli",
    "mcp": "cli",
    "claude-vscode": "ide",
    "claude-jetbrains": "ide",
    "claude-desktop": "desktop",
    "local-agent": "desktop",
    "remote": "web",
    "remote-control": "remote_control",
    "claude-code-github-action": "ci",
}
"""What a session's `entrypoint` says about its surface."""
