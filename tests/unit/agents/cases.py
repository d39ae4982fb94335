"""For each finding a machine that has it and a machine that differs in one thing and has it not."""

import json
from collections.abc import Mapping

from tenure.agents.memory import StoredFile
from tenure.testing.machine import HOME, FakeMachine

DAY = 86400.0
NOW = 1_790_000_000.0
Files = Mapping[str, StoredFile | bytes | str]
MANAGED = "/etc/claude-code/managed-settings.json"
SESSION = "~/.claude/projects/p/s.jsonl"


def line(**keys: object) -> str:
    return json.dumps({"type": "user", "version": "2.1.291", "entrypoint": "cli", "cwd": f"{HOME}/work", **keys}) + "\n"


def claude(
    settings: object = None,
    *,
    env: Mapping[str, str] | None = None,
    managed: object = None,
    project: object = None,
    local: object = None,
    state: object = None,
    session: str | None = None,
    files: Files | None = None,
    **options: object,
) -> FakeMachine:
    """A machine with Claude Code, its session of today and the settings that are given."""
    found: dict[str, StoredFile | bytes | str] = {SESSION: StoredFile((session or line()).encode(), NOW)}
    for path, content in (
        ("~/.claude/settings.json", settings),
        (MANAGED, managed),
        ("~/work/.claude/settings.json", project),
        ("~/work/.claude/settings.local.json", local),
        ("~/.claude.json", {} if state is None else state),
    ):
        if content is not None:
            found[path] = content if isinstance(content, str | bytes) else json.dumps(content, indent=1)
    found.update(files or {})
    return FakeMachine(found, env, **options)  # type: ignore[arg-type]


def account(kind: str, organisation: str = "org-1") -> object:
    return {"oauthAccount": {"organizationType": kind, "organizationUuid": organisation, "emailAddress": "someone@example.org"}}


def rollout(plan: str | None = "plus", **meta: object) -> str:
    payload = {"source": "cli", "cli_version": "0.169.0", "model_provider": "openai", "cwd": f"{HOME}/work", **meta}
    first = {"type": "session_meta", "payload": payload}
    event = {"type": "event_msg", "payload": {"type": "token_count", "rate_limits": {"plan_type": plan}}}
    return json.dumps(first) + "\n" + json.dumps(event) + "\n"


def codex(
    config: str = "",
    *,
    env: Mapping[str, str] | None = None,
    plan: str | None = None,
    files: Files | None = None,
    folders: Mapping[str, int] | None = None,
    folder: str | None = None,
) -> FakeMachine:
    found: dict[str, StoredFile | bytes | str] = {"~/.codex/config.toml": config}
    if plan is not None:
        found["~/.codex/sessions/2026/07/01/rollout-1.jsonl"] = StoredFile(rollout(plan).encode(), NOW)
    return FakeMachine({**found, **(files or {})}, env, folders, folder=folder)


def gemini(settings: object = None, *, env: Mapping[str, str] | None = None, files: Files | None = None, folder: str | None = None) -> FakeMachine:
    text = settings if isinstance(settings, str) else json.dumps(settings or {})
    return FakeMachine({"~/.gemini/settings.json": text, **(files or {})}, env, folder=folder)


def opencode(settings: object = None, *, files: Files | None = None, folder: str | None = None) -> FakeMachine:
    return FakeMachine({"~/.config/opencode/opencode.json": json.dumps(settings or {}), **(files or {})}, folder=folder)


def cursor(**rows: str) -> FakeMachine:
    keys = {
        "privacy": "cursorai/donotchange/privacyMode",
        "partner": "cursorai/donotchange/partnerDataShare",
        "plan": "cursorAuth/stripeMembershipType",
    }
    table = {keys[name]: value for name, value in rows.items()}
    return FakeMachine({"~/.config/Cursor/User/globalStorage/state.vscdb": StoredFile(tables={"ItemTable": table})})


def copilot(cli: object = None, editor: object = None, *, chats: bool = False) -> FakeMachine:
    files: dict[str, StoredFile | bytes | str] = {"~/.copilot/logs/one.log": ""}
    if cli is not None:
        files["~/.copilot/settings.json"] = json.dumps(cli)
    if editor is not None:
        files["~/.config/Code/User/settings.json"] = json.dumps(editor)
    if chats:
        files["~/.config/Code/User/workspaceStorage/w/chatSessions/a.json"] = "x"
    return FakeMachine(files)


def aider(conf: str = "", *, files: Files | None = None, env: Mapping[str, str] | None = None) -> FakeMachine:
    return FakeMachine({"~/.aider.conf.yml": conf, **(files or {})}, env)


def env(**variables: str) -> dict[str, object]:
    return {"env": variables}


OPEN = {"~/.claude": 0o755, "~/.claude/projects": 0o755, "~/.claude/projects/p": 0o755}
READABLE: Files = {SESSION: StoredFile(line().encode(), NOW, 0o644)}
PROJECT: Files = {"~/work/.codex/config.toml": "[analytics]\nenabled = true\n"}
DESKTOP = line(entrypoint="claude-desktop")

CASES: Mapping[str, tuple[FakeMachine, FakeMachine]] = {
    "claude_code/telemetry-zero-still-opts-out": (claude(env(DISABLE_TELEMETRY="0")), claude(env(DISABLE_TELEMETRY="1"))),
    "claude_code/telemetry-off-costs-features": (claude(env(DISABLE_TELEMETRY="1")), claude(env(DISABLE_TELEMETRY=""))),
    "claude_code/do-not-track-zero-leaves-telemetry-on": (claude(env={"DO_NOT_TRACK": "0"}), claude(env={"DO_NOT_TRACK": "1"})),
    "claude_code/nonessential-zero-still-disables": (
        claude(env(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="false")),
        claude(env(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")),
    ),
    "claude_code/nonessential-leaves-webfetch": (
        claude(env(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")),
        claude({**env(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1"), "skipWebFetchPreflight": True}),
    ),
    "claude_code/nonessential-stops-more": (claude(env(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")), claude(env(DISABLE_TELEMETRY="1"))),
    "claude_code/error-reporting-zero-still-opts-out": (claude(env(DISABLE_ERROR_REPORTING="no")), claude(env(DISABLE_ERROR_REPORTING="1"))),
    "claude_code/growthbook-zero-leaves-flags-on": (claude(env(DISABLE_GROWTHBOOK="0")), claude(env(DISABLE_GROWTHBOOK="1"))),
    "claude_code/growthbook-keeps-metrics": (
        claude(env(DISABLE_GROWTHBOOK="1")),
        claude(env(DISABLE_GROWTHBOOK="1", DISABLE_TELEMETRY="1")),
    ),
    "claude_code/otel-zero-is-no-opt-out": (
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="0")),
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="0", DISABLE_TELEMETRY="1")),
    ),
    "claude_code/switch-not-understood": (claude(env(DO_NOT_TRACK="perhaps")), claude(env(DO_NOT_TRACK="TRUE"))),
    "claude_code/feedback-zero-is-unstated": (claude(env(DISABLE_FEEDBACK_COMMAND="0")), claude(env(DISABLE_FEEDBACK_COMMAND="1"))),
    "claude_code/old-feedback-variable": (claude(env(DISABLE_BUG_COMMAND="1")), claude(env(DISABLE_FEEDBACK_COMMAND="1"))),
    "claude_code/survey-on-third-party": (
        claude(env(CLAUDE_CODE_USE_BEDROCK="1")),
        claude(env(CLAUDE_CODE_USE_BEDROCK="1", CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY="1")),
    ),
    "claude_code/survey-opt-out-beats-otel": (
        claude(env(CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL="1", CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY="1")),
        claude(env(CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL="1", DISABLE_TELEMETRY="1")),
    ),
    "claude_code/survey-for-otel-without-effect": (
        claude(env(CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL="1")),
        claude(env(CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL="1", DISABLE_TELEMETRY="1")),
    ),
    "claude_code/survey-rate-invalid": (claude({"feedbackSurveyRate": 2}), claude({"feedbackSurveyRate": 1})),
    "claude_code/survey-rate-zero-reported-ignored": (claude({"feedbackSurveyRate": 0}), claude({"feedbackSurveyRate": 0.1})),
    "claude_code/drafts-in-project-ignored": (claude(project={"feedbackDrafts": "off"}), claude({"feedbackDrafts": "off"})),
    "claude_code/send-feedback-one-grants-nothing": (claude(env={"CLAUDE_CODE_SEND_FEEDBACK": "1"}), claude(env={"CLAUDE_CODE_SEND_FEEDBACK": "0"})),
    "claude_code/cleanup-zero-invalid": (claude({"cleanupPeriodDays": 0}), claude({"cleanupPeriodDays": 1})),
    "claude_code/cleanup-invalid": (claude({"cleanupPeriodDays": "30"}), claude({"cleanupPeriodDays": 30})),
    "claude_code/desktop-cleanup-invalid": (claude({"desktopSessionCleanupPeriodDays": -1}), claude({"desktopSessionCleanupPeriodDays": 0})),
    "claude_code/settings-unreadable": (claude('{"env": '), claude("{}")),
    "claude_code/desktop-sessions-exempt": (claude(session=DESKTOP), claude({"desktopSessionCleanupPeriodDays": 90}, session=DESKTOP)),
    "claude_code/desktop-limit-needs-both": (
        claude({"desktopSessionCleanupPeriodDays": 10}),
        claude({"desktopSessionCleanupPeriodDays": 40}),
    ),
    "claude_code/history-never-swept": (claude(files={"~/.claude/history.jsonl": "x"}), claude()),
    "claude_code/memory-never-swept": (claude(files={"~/.claude/projects/p/memory/MEMORY.md": "x"}), claude()),
    "claude_code/world-readable-transcripts": (claude(files=READABLE, folders=OPEN), claude(files=READABLE, folders={**OPEN, "~/.claude": 0o700})),
    "claude_code/world-readable-behind-home": (
        claude(files=READABLE, folders=OPEN, home_is_open=False),
        claude(files=READABLE, folders=OPEN),
    ),
    "claude_code/past-due": (
        claude(files={SESSION: StoredFile(line().encode(), NOW - 31 * DAY)}),
        claude(files={SESSION: StoredFile(line().encode(), NOW - 29 * DAY)}),
    ),
    "claude_code/login-not-the-companys": (
        claude(managed={"forceLoginOrgUUID": "org-2"}, state=account("claude_max")),
        claude(managed={"forceLoginOrgUUID": ["org-2", "org-1"]}, state=account("claude_max")),
    ),
    "claude_code/login-method-not-the-companys": (
        claude(managed={"forceLoginMethod": "console"}, state=account("claude_pro")),
        claude(managed={"forceLoginMethod": "console"}, state=account("claude_enterprise")),
    ),
    "claude_code/provider-bypasses-policy": (
        claude(env(CLAUDE_CODE_USE_VERTEX="1"), files={"~/.claude/remote-settings.json": '{"permissions": {}}'}),
        claude(env(CLAUDE_CODE_USE_VERTEX="1")),
    ),
    "claude_code/key-beside-login": (
        claude(env={"ANTHROPIC_API_KEY": "k"}, state=account("claude_max")),
        claude(env={"ANTHROPIC_API_KEY": "k"}),
    ),
    "claude_code/address-beside-login": (
        claude(env={"ANTHROPIC_BASE_URL": "http://localhost:1"}, state=account("claude_max")),
        claude(env={"ANTHROPIC_BASE_URL": "http://localhost:1"}),
    ),
    "claude_code/local-settings-change-privacy": (claude(local=env(DISABLE_TELEMETRY="1")), claude(project=env(DISABLE_TELEMETRY="1"))),
    "claude_code/setting-malformed": (claude({"env": ["x"]}), claude({"env": {}})),
    "claude_code/transcripts-not-saved": (
        claude(env(CLAUDE_CODE_SKIP_PROMPT_HISTORY="1")),
        claude(env(CLAUDE_CODE_SKIP_PROMPT_HISTORY="0")),
    ),
    "claude_code/child-session-saves-nothing": (claude(env={"CLAUDE_CODE_CHILD_SESSION": "1"}), claude(env={"CLAUDE_CODE_CHILD_SESSION": ""})),
    "claude_code/otel-content": (
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="1", OTEL_LOG_RAW_API_BODIES="1")),
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="1")),
    ),
    "claude_code/otel-responses-follow-prompts": (
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="1", OTEL_LOG_USER_PROMPTS="1")),
        claude(env(CLAUDE_CODE_ENABLE_TELEMETRY="1", OTEL_LOG_USER_PROMPTS="1", OTEL_LOG_ASSISTANT_RESPONSES="0")),
    ),
    "claude_code/otel-content-without-export": (
        claude(env(OTEL_LOG_USER_PROMPTS="1")),
        claude(env(OTEL_LOG_USER_PROMPTS="1", CLAUDE_CODE_ENABLE_TELEMETRY="1")),
    ),
    "claude_code/host-keeps-metrics-on": (
        claude(env(CLAUDE_CODE_USE_FOUNDRY="1", CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="1")),
        claude(env(CLAUDE_CODE_USE_FOUNDRY="1", CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="1", DISABLE_TELEMETRY="1")),
    ),
    "claude_code/project-settings-change-privacy": (claude(project=env(DISABLE_TELEMETRY="1")), claude(local=env(DISABLE_TELEMETRY="1"))),
    "claude_code/managed-source-beaten": (
        claude(managed={"model": "m"}, files={"~/.claude/remote-settings.json": '{"model": "m"}'}),
        claude(managed={"model": "m"}),
    ),
    "claude_code/two-config-folders": (
        claude(env={"CLAUDE_CONFIG_DIR": f"{HOME}/other"}, files={"~/other/settings.json": "{}"}),
        claude(env={"CLAUDE_CONFIG_DIR": f"{HOME}/.claude"}),
    ),
    "claude_code/session-link-in-commits": (claude({"attribution": {"sessionUrl": True}}), claude({"attribution": {"sessionUrl": False}})),
    "codex/history-none-keeps-rollouts": (codex('[history]\npersistence = "none"\n'), codex('[history]\npersistence = "save-all"\n')),
    "codex/history-limit-spares-rollouts": (codex("[history]\nmax_bytes = 1000\n"), codex()),
    "codex/rollouts-never-expire": (codex(plan="plus"), codex()),
    "codex/archive-is-not-delete": (codex(files={"~/.codex/archived_sessions/rollout-1.jsonl": "x"}), codex()),
    "codex/memories-outlive-sessions": (codex("[memories]\ngenerate_memories = true\n"), codex("[memories]\ngenerate_memories = false\n")),
    "codex/otel-log-user-prompt": (
        codex('[otel]\nlog_user_prompt = true\nexporter = { otlp-http = { endpoint = "https://c.example" } }\n'),
        codex('[otel]\nlog_user_prompt = false\nexporter = { otlp-http = { endpoint = "https://c.example" } }\n'),
    ),
    "codex/otel-log-user-prompt-without-export": (codex("[otel]\nlog_user_prompt = true\n"), codex("[otel]\nlog_user_prompt = false\n")),
    "codex/otel-none-leaves-metrics": (
        codex('[otel]\nexporter = "none"\n'),
        codex('[otel]\nexporter = "none"\n[analytics]\nenabled = false\n'),
    ),
    "codex/analytics-off-stops-own-metrics": (
        codex('[analytics]\nenabled = false\n[otel]\nmetrics_exporter = { otlp-grpc = {} }\n'),
        codex('[analytics]\nenabled = true\n[otel]\nmetrics_exporter = { otlp-grpc = {} }\n'),
    ),
    "codex/analytics-off-leaves-feedback": (
        codex("[analytics]\nenabled = false\n"),
        codex("[analytics]\nenabled = false\n[feedback]\nenabled = false\n"),
    ),
    "codex/login-not-the-companys": (
        codex('forced_login_method = "chatgpt"\n', env={"OPENAI_API_KEY": "k"}),
        codex('forced_login_method = "chatgpt"\n'),
    ),
    "codex/plan-not-the-companys": (
        codex('forced_login_method = "api"\n', plan="plus"),
        codex('forced_login_method = "chatgpt"\n', plan="plus"),
    ),
    "codex/key-beside-plan": (codex(env={"CODEX_API_KEY": "k"}, plan="plus"), codex(plan="plus")),
    "codex/project-settings-change-privacy": (
        codex(f'[projects."{HOME}/work"]\ntrust_level = "trusted"\n', plan="plus", files=PROJECT),
        codex(plan="plus", files=PROJECT),
    ),
    "codex/project-settings-not-trusted": (
        codex(plan="plus", files=PROJECT),
        codex(plan="plus", files={"~/work/.codex/config.toml": 'model = "m"\n'}),
    ),
    "codex/two-config-folders": (
        codex(env={"CODEX_HOME": f"{HOME}/other"}, plan="plus", files={"~/other/config.toml": ""}),
        codex(env={"CODEX_HOME": f"{HOME}/other"}, files={"~/other/config.toml": ""}),
    ),
    "codex/setting-malformed": (codex("analytics = 3\n"), codex("[analytics]\nenabled = true\n")),
    "codex/settings-unreadable": (codex("[history\n"), codex()),
    "codex/world-readable-transcripts": (
        codex(files={"~/.codex/history.jsonl": StoredFile(b"x", NOW, 0o644)}, folders={"~/.codex": 0o755}),
        codex(files={"~/.codex/history.jsonl": StoredFile(b"x", NOW, 0o600)}, folders={"~/.codex": 0o755}),
    ),
    "gemini_cli/telemetry-logs-prompts": (
        gemini({"telemetry": {"enabled": True}}),
        gemini({"telemetry": {"enabled": True, "logPrompts": False}}),
    ),
    "gemini_cli/do-not-track-ignored": (
        gemini(env={"DO_NOT_TRACK": "1"}),
        gemini({"privacy": {"usageStatisticsEnabled": False}}, env={"DO_NOT_TRACK": "1"}),
    ),
    "gemini_cli/telemetry-off-leaves-statistics": (gemini({"telemetry": {"enabled": False}}), gemini()),
    "gemini_cli/key-may-be-unpaid": (
        gemini({"security": {"auth": {"selectedType": "gemini-api-key"}}}),
        gemini({"security": {"auth": {"selectedType": "vertex-ai"}}}),
    ),
    "gemini_cli/login-may-be-personal": (gemini(env={"GOOGLE_GENAI_USE_GCA": "true"}), gemini(env={"GOOGLE_GENAI_USE_GCA": "false"})),
    "gemini_cli/login-not-the-companys": (
        gemini({"security": {"auth": {"selectedType": "oauth-personal", "enforcedType": "vertex-ai"}}}),
        gemini({"security": {"auth": {"selectedType": "vertex-ai", "enforcedType": "vertex-ai"}}}),
    ),
    "gemini_cli/retention-not-understood": (
        gemini({"general": {"sessionRetention": {"maxAge": "soon"}}}),
        gemini({"general": {"sessionRetention": {"maxAge": "2w"}}}),
    ),
    "gemini_cli/prompts-outlive-sessions": (
        gemini(files={"~/.gemini/tmp/p/logs.json": "x"}),
        gemini(files={"~/.gemini/tmp/p/chats/session-1.json": "x"}),
    ),
    "gemini_cli/settings-unreadable": (gemini("{"), gemini('{"a": 1, // a comment\n}')),
    "gemini_cli/project-settings-change-privacy": (
        gemini(files={"/p/.gemini/settings.json": '{"telemetry": {"enabled": true}}'}, folder="/p"),
        gemini(files={"/p/.gemini/settings.json": "{}"}, folder="/p"),
    ),
    "opencode/share-auto": (opencode({"share": "auto"}), opencode({"share": "disabled"})),
    "opencode/share-not-understood": (opencode({"share": "always"}), opencode({"share": "manual"})),
    "opencode/never-expires": (opencode(files={"~/.local/share/opencode/opencode.db": "x"}), opencode()),
    "opencode/small-model-elsewhere": (
        opencode({"model": "anthropic/a", "small_model": "openai/b"}),
        opencode({"model": "anthropic/a", "small_model": "anthropic/b"}),
    ),
    "opencode/small-model-not-set": (opencode({"model": "ollama/a"}), opencode({"model": "ollama/a", "small_model": "ollama/b"})),
    "opencode/free-model-may-keep": (opencode({"model": "opencode/a-free"}), opencode({"model": "opencode/a"})),
    "opencode/project-settings-change-privacy": (
        opencode(files={"/p/opencode.json": '{"share": "auto"}'}, folder="/p"),
        opencode(files={"/p/opencode.json": "{}"}, folder="/p"),
    ),
    "cursor/data-is-shared": (cursor(privacy="false"), cursor(privacy="true")),
    "cursor/partner-data-shared": (cursor(partner="true"), cursor(partner="false")),
    "cursor/privacy-mode-may-store": (cursor(privacy="true"), cursor(privacy="false")),
    "cursor/never-expires": (cursor(), FakeMachine({"~/.config/Cursor/User/globalStorage/other": "x"})),
    "copilot/cli-sessions-sync": (copilot(), copilot({"remoteExport": False})),
    "copilot/editor-sessions-sync": (copilot(chats=True), copilot(editor={"chat.sessionSync.enabled": False}, chats=True)),
    "copilot/telemetry-level-leaves-sync": (
        copilot(editor={"telemetry.telemetryLevel": "off"}, chats=True),
        copilot(editor={"telemetry.telemetryLevel": "all"}, chats=True),
    ),
    "copilot/exclude-list-leaves-the-rest": (
        copilot(editor={"chat.sessionSync.excludeRepositories": ["a/b"]}, chats=True),
        copilot(editor={"chat.sessionSync.excludeRepositories": []}, chats=True),
    ),
    "copilot/one-switch-of-two": (copilot({"remoteExport": False}, chats=True), copilot(chats=True)),
    "copilot/never-expires": (copilot(chats=True), copilot()),
    "aider/never-expires": (aider(files={"~/work/.aider.chat.history.md": "x"}), aider(files={"~/work/a/b/c/d/.aider.chat.history.md": "x"})),
    "aider/history-may-be-committed": (aider("gitignore: false\n"), aider("gitignore: true\n")),
    "aider/llm-history-logged": (aider("llm-history-file: log.md\n"), aider()),
    "aider/analytics-false-is-not-permanent": (
        aider(env={"AIDER_ANALYTICS": "false"}),
        aider(env={"AIDER_ANALYTICS": "false"}, files={"~/.aider/analytics.json": '{"permanently_disable": true}'}),
    ),
}
