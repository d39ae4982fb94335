"""What Codex leaves on a machine: places, settings, variables. A declaration; what it means stands in the other modules.

Source: its configuration reference and public source, read October 2026.
"""

from collections.abc import Mapping

from tenure.agents.places import Place

ID = "codex"
TITLE = "Codex"
DOC = "configuration reference, read October 2026"

ROLLOUT = Place("sessions/**", "local_transcript")
ARCHIVED = Place("archived_sessions/**", "local_transcript")
HISTORY = Place("history.jsonl", "local_prompt_history")
MEMORIES = Place("memories/**", "memory")
PLACES = (
    ROLLOUT,
    ARCHIVED,
    HISTORY,
    MEMORIES,
    Place("session_index.jsonl", "cache"),
    Place("*.sqlite", "database"),
    Place("*.sqlite-wal", "database"),
    Place("log/**", "log"),
    Place("logs/**", "log"),
)
DATABASES = (Place("*.sqlite", "database"), Place("*.sqlite-wal", "database"))

HOME = "CODEX_HOME"
SQLITE_HOME = "CODEX_SQLITE_HOME"
KEYS = ("OPENAI_API_KEY", "CODEX_API_KEY")
BASE_URL = "OPENAI_BASE_URL"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
SYSTEM = "/etc/codex"

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "analytics.enabled": (),
    "feedback.enabled": (),
    "history.persistence": ("save-all", "none"),
    "history.max_bytes": (),
    "otel.exporter": ("none", "otlp-http", "otlp-grpc", "statsig"),
    "otel.trace_exporter": ("none", "otlp-http", "otlp-grpc", "statsig"),
    "otel.metrics_exporter": ("none", "otlp-http", "otlp-grpc", "statsig"),
    "otel.log_user_prompt": (),
    "memories.generate_memories": (),
    "forced_login_method": ("chatgpt", "api"),
}
"""Settings that matter here, with the words that may be shown."""

HOLDERS = ("analytics", "feedback", "history", "otel", "memories", "projects", "profiles", "model_providers")
"""Settings that hold others; where one is no table, what it was meant to say cannot be told."""

PLANS: Mapping[str, str] = {
    "free": "free",
    "go": "go",
    "plus": "plus",
    "pro": "pro",
    "team": "business",
    "business": "business",
    "enterprise": "enterprise",
    "edu": "edu",
    "education": "edu",
}
PERSONAL_PLANS = frozenset({"free", "go", "plus", "pro"})

SURFACES: Mapping[str, str] = {
    "cli": "cli",
    "exec": "cli",
    "mcp": "cli",
    "vscode": "ide",
    "codex_cli_rs": "cli",
    "codex-tui": "cli",
    "codex_exec": "cli",
    "codex_vscode": "ide",
    "codex_desktop": "desktop",
    "Codex Desktop": "desktop",
    "codex_github_action": "ci",
}
"""What a rollout's `source` or `originator` says about its surface."""
