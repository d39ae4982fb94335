"""What Codex's findings say. Every id stands in docs/reference/findings.md."""

from tenure.agents.facts import Severity
from tenure.agents.notices import EVERYWHERE, Notice, Notices

_CONFIG = "developers.openai.com, Codex configuration reference, read October 2026"
_SOURCE = "openai/codex, codex-rs/config/src/types.rs, read October 2026"

NOTICES: Notices = {
    **EVERYWHERE,
    "history-none-keeps-rollouts": Notice(
        Severity.HIGH,
        "history.persistence = \"none\" governs history.jsonl only; rollouts are still written",
        "Delete rollouts by hand (codex delete, or the files under sessions/); no setting stops them.",
        "Two things hold what you type: history.jsonl, the list for the arrow-up key, and one rollout per session with the whole conversation. "
        "The setting "
        "governs the first.",
        _SOURCE,
    ),
    "history-limit-spares-rollouts": Notice(
        Severity.LOW,
        "history.max_bytes limits history.jsonl only; rollouts grow without limit",
        "Delete rollouts by hand; no setting limits them.",
        "The limit is that of history.jsonl. Rollouts have no documented retention.",
        _SOURCE,
    ),
    "rollouts-never-expire": Notice(
        Severity.MEDIUM,
        "{count} kept for ever: no setting exists",
        "Delete what you no longer need: codex delete, or the files under sessions/.",
        "Codex documents no retention for rollouts. Deleting is manual.",
        "openai/codex issue 37435",
    ),
    "archive-is-not-delete": Notice(
        Severity.LOW,
        "{count} still here: archiving does not delete",
        "codex delete removes a session.",
        "codex archive moves the rollout into archived_sessions; nothing removes it there.",
        "openai/codex issue 37435",
    ),
    "memories-outlive-sessions": Notice(
        Severity.LOW,
        "Memories drawn from your sessions are kept apart from them: deleting a session leaves them",
        "Set [memories] generate_memories = false and delete the folder memories/.",
        "Memories are derived from sessions into a store of their own, which no retention reaches.",
        _SOURCE,
    ),
    "otel-log-user-prompt": Notice(
        Severity.HIGH,
        "otel.log_user_prompt sends your prompts to your collector",
        "Set [otel] log_user_prompt = false, or see to it that those who work here know.",
        "The export carries lengths only unless this gate is open. It is.",
        _CONFIG,
    ),
    "otel-log-user-prompt-without-export": Notice(
        Severity.LOW,
        "otel.log_user_prompt is on, yet no exporter is set",
        "Remove it, or it takes effect the day somebody sets an exporter.",
        "The gate counts only while an exporter is set.",
        _CONFIG,
    ),
    "otel-none-leaves-metrics": Notice(
        Severity.MEDIUM,
        "otel.exporter = \"none\" does not stop the vendor's metrics and analytics",
        "Set [analytics] enabled = false.",
        "The exporter is that of your own logs. Metrics go by default to a third party that the vendor uses (reported of release builds), and "
        "analytics "
        "have a switch of their own.",
        "UKGovernmentBEIS/inspect_swe pull request 50 (a third party's report) and " + _CONFIG,
    ),
    "analytics-off-stops-own-metrics": Notice(
        Severity.LOW,
        "analytics.enabled = false also stops the metrics that you export yourself",
        "Leave analytics on if you rely on otel.metrics_exporter.",
        "The switch stands above the metrics exporter.",
        _SOURCE,
    ),
    "analytics-off-leaves-feedback": Notice(
        Severity.LOW,
        "analytics.enabled = false leaves /feedback on, which can send a whole session",
        "Set [feedback] enabled = false.",
        "With logs included a report carries an in-memory log and the session's rollout, not redacted.",
        "openai/codex, codex-rs/feedback, read October 2026",
    ),
    "login-not-the-companys": Notice(
        Severity.HIGH,
        "An API key is set where the company's policy demands a ChatGPT login",
        "Remove the key and sign in with the company's workspace.",
        "forced_login_method says how to sign in. A key's sessions are under the terms of the key's organisation, not of the workspace.",
        _CONFIG,
    ),
    "plan-not-the-companys": Notice(
        Severity.HIGH,
        "Sessions ran on a {tier} plan where the company's policy demands an API key",
        "Sign out of ChatGPT and use the company's key.",
        "forced_login_method says how to sign in. A personal plan is under consumer terms, whatever the company has agreed.",
        _CONFIG,
    ),
    "key-beside-plan": Notice(
        Severity.MEDIUM,
        "An API key is set beside a ChatGPT plan ({tier}): sessions may run under either's terms",
        "Remove the key to use the plan, or sign out to use the key.",
        "A key makes requests under the terms of the key's organisation, the login under the plan's.",
        _CONFIG,
    ),
    "project-settings-not-trusted": Notice(
        Severity.LOW,
        "A project's .codex/config.toml has no effect: the project is not trusted",
        "Trust the project if you want its settings; otherwise nothing.",
        "Codex reads a project's settings only where the user's config.toml marks the project as trusted.",
        _CONFIG,
    ),
    "two-config-folders": Notice(
        Severity.LOW,
        "CODEX_HOME points elsewhere; what lies in ~/.codex is left behind",
        "Audit it with CODEX_HOME unset, or delete what is left there.",
        "Rollouts from before stay in the default folder.",
        _CONFIG,
    ),
}
