"""What Claude Code's findings say. Every id stands in docs/reference/findings.md."""

from tenure.agents.facts import Severity
from tenure.agents.notices import EVERYWHERE, Notice, Notices

_ENV = "code.claude.com, page on environment variables, read 2026-08-22"
_USAGE = "code.claude.com, page on data usage, read 2026-08-22"
_SETTINGS = "code.claude.com, page on settings, read 2026-10-10"
_FOLDER = "code.claude.com, page on the configuration folder, read 2026-08-22"
_OTEL = "code.claude.com, page on monitoring, read 2026-08-22"
_ZDR = "code.claude.com, page on zero data retention, read 2026-08-22"

NOTICES: Notices = {
    **EVERYWHERE,
    "telemetry-zero-still-opts-out": Notice(
        Severity.MEDIUM,
        "DISABLE_TELEMETRY={value} opts you OUT (any value counts) and costs Remote Control",
        "To opt in, remove the variable; to stay out, write 1 so that it reads as what it does.",
        "Any non-empty value switches usage metrics off, 0 and false included. The vendor's feature flags are then not fetched, so Remote "
        "Control and "
        "other features behind flags go away, and the session survey is off.",
        _ENV,
    ),
    "telemetry-off-costs-features": Notice(
        Severity.LOW,
        "{name} also stops feature flags: Remote Control and others are unavailable, the survey is off",
        "If you miss a feature, this is why. DISABLE_GROWTHBOOK is the separate switch for flags alone.",
        "The switch turns usage metrics off and with them the fetch of feature flags, on which some features depend.",
        _ENV,
    ),
    "do-not-track-zero-leaves-telemetry-on": Notice(
        Severity.MEDIUM,
        "DO_NOT_TRACK={value} leaves usage metrics ON",
        "Set DO_NOT_TRACK=1, or DISABLE_TELEMETRY=1.",
        "Unlike DISABLE_TELEMETRY this variable is read as a truth value: 0, false, no and off leave metrics on.",
        _ENV,
    ),
    "nonessential-zero-still-disables": Notice(
        Severity.MEDIUM,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC={value} still disables (any value counts)",
        "Remove the variable to allow that traffic; write 1 to keep it off.",
        "Any non-empty value counts, 0 and false included: updates, error reports, feedback, the survey, artifacts, feature flags and metrics "
        "are off.",
        _ENV,
    ),
    "nonessential-leaves-webfetch": Notice(
        Severity.MEDIUM,
        "Non-essential traffic is off, yet each fetched page's host name still goes to Anthropic",
        "Set \"skipWebFetchPreflight\": true in the user settings to stop the host name check.",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC does not cover the check that WebFetch makes before each fetch. It sends the host name, with every "
        "provider; only skipWebFetchPreflight stops it. Automatic installs from a marketplace have a variable of their own too.",
        _USAGE,
    ),
    "nonessential-stops-more": Notice(
        Severity.LOW,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC also stops updates, feedback, artifacts and flags",
        "To stop metrics alone, use DISABLE_TELEMETRY; for error reports, DISABLE_ERROR_REPORTING.",
        "One switch stands for many: the updater (security fixes included), release notes, error reports, feedback, survey, artifacts, feature flags "
        "and metrics.",
        _ENV,
    ),
    "error-reporting-zero-still-opts-out": Notice(
        Severity.LOW,
        "DISABLE_ERROR_REPORTING={value} opts you OUT of error reports (any value counts)",
        "Remove the variable to send error reports; write 1 to keep them off.",
        "Any non-empty value counts, 0 and false included.",
        _ENV,
    ),
    "growthbook-zero-leaves-flags-on": Notice(
        Severity.LOW,
        "DISABLE_GROWTHBOOK={value} leaves the vendor's feature flags ON",
        "Set DISABLE_GROWTHBOOK=1 to stop fetching flags.",
        "The variable is read as a truth value: 0 and false leave fetching on.",
        _ENV,
    ),
    "growthbook-keeps-metrics": Notice(
        Severity.LOW,
        "DISABLE_GROWTHBOOK stops feature flags only; usage metrics go on",
        "Set DISABLE_TELEMETRY=1 if you meant metrics.",
        "The variable switches flags off; events are sent as before.",
        _ENV,
    ),
    "otel-zero-is-no-opt-out": Notice(
        Severity.HIGH,
        "CLAUDE_CODE_ENABLE_TELEMETRY={value} is no opt-out: Anthropic's usage metrics stay on",
        "Set DISABLE_TELEMETRY=1 to opt out; CLAUDE_CODE_ENABLE_TELEMETRY only governs export to your own collector.",
        "Two things share the word: your own OpenTelemetry export, off unless this variable is 1, and the vendor's metrics, on unless "
        "DISABLE_TELEMETRY, DO_NOT_TRACK or the non-essential switch says otherwise. People set this one to 0 and believe that they have opted out.",
        "anthropics/claude-code issue 55604 and " + _ENV,
    ),
    "switch-not-understood": Notice(
        Severity.MEDIUM,
        "{name} has a value that is neither on nor off",
        "Write 1 or 0.",
        "The variable is documented with truth values only; what another value does is not stated. Tenure shows what it governs as unknown.",
        _ENV,
    ),
    "feedback-zero-is-unstated": Notice(
        Severity.LOW,
        "{name}={value}: what a value other than 1 does is not documented",
        "Remove the variable to keep /feedback, or write 1 to switch it off.",
        "Only the value 1 is documented for this variable. Others of this family take any non-empty value as on, others read 0 as off.",
        _ENV,
    ),
    "old-feedback-variable": Notice(
        Severity.LOW,
        "DISABLE_BUG_COMMAND is the old name; it switches off /feedback, /bug and /share",
        "Rename it to DISABLE_FEEDBACK_COMMAND.",
        "The variable was renamed on 2026-03-18; the old name is still read. From 2.1.212 it covers /bug and /share too.",
        _ENV,
    ),
    "survey-on-third-party": Notice(
        Severity.MEDIUM,
        "The session survey is ON although the provider is {provider}",
        "Set CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY=1.",
        "Since 2026-03-16 the survey appears with every provider. Metrics and error reports are off there by default, which is why people expect the "
        "survey to be off too. Answering Yes to its follow-up writes a local archive there; nothing is uploaded.",
        _USAGE,
    ),
    "survey-opt-out-beats-otel": Notice(
        Severity.LOW,
        "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL does nothing: the survey opt-out wins",
        "Remove one of the two.",
        "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY beats the variable that would send ratings to your own collector.",
        _ENV,
    ),
    "survey-for-otel-without-effect": Notice(
        Severity.LOW,
        "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL does nothing while traffic to Anthropic is allowed",
        "It only counts where metrics to Anthropic are switched off; remove it, or switch them off.",
        "The variable brings the rating back, for your own collector only, where traffic to the vendor is blocked.",
        _ENV,
    ),
    "survey-rate-invalid": Notice(
        Severity.LOW,
        "feedbackSurveyRate is not a number between 0 and 1",
        "Write a number from 0 to 1.",
        "The setting is a probability. A value outside is malformed; Tenure counts it as its strictest reading.",
        _SETTINGS,
    ),
    "survey-rate-zero-reported-ignored": Notice(
        Severity.LOW,
        "feedbackSurveyRate 0 is reported not to stop the survey",
        "Set CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY=1.",
        "A person reports that the survey went on at rate 0. A third party's report, not tested here.",
        "anthropics/claude-code issue 38778",
    ),
    "drafts-in-project-ignored": Notice(
        Severity.MEDIUM,
        "{key} in a project's settings is ignored",
        "Move it to ~/.claude/settings.json or to managed settings.",
        "The setting counts only in user or managed settings (and the second also with --settings); project and local files are passed over.",
        _SETTINGS,
    ),
    "send-feedback-one-grants-nothing": Notice(
        Severity.LOW,
        "CLAUDE_CODE_SEND_FEEDBACK=1 grants nothing; only 0 has an effect",
        "Remove it; to forbid sending for a session, write 0.",
        "The variable can only switch drafted feedback off for a session.",
        _ENV,
    ),
    "cleanup-zero-invalid": Notice(
        Severity.HIGH,
        "cleanupPeriodDays 0 is an error: the sweep is paused and transcripts pile up",
        "Write 1 or more. To keep no transcript at all, set CLAUDE_CODE_SKIP_PROMPT_HISTORY=1.",
        "Since 2.1.89 the least value is 1 and 0 is rejected; before, 0 deleted all transcripts at the next start, and from 2026-03-12 also "
        "stopped writing them.",
        _SETTINGS,
    ),
    "cleanup-invalid": Notice(
        Severity.HIGH,
        "cleanupPeriodDays is not a whole number of days of at least 1: the sweep is paused",
        "Write a whole number without quotes, 1 or more.",
        "A settings file that is invalid and has this key pauses the sweep from 2.1.203 on, so nothing is deleted.",
        _SETTINGS,
    ),
    "desktop-cleanup-invalid": Notice(
        Severity.MEDIUM,
        "desktopSessionCleanupPeriodDays is not a whole number of days: the sweep is paused",
        "Write a whole number without quotes; 0 means no limit.",
        "From 2.1.248 the sweep also pauses while this key is invalid.",
        _SETTINGS,
    ),
    "settings-unreadable": Notice(
        Severity.HIGH,
        "{path} cannot be read ({problem}): its choices do not count",
        "Repair the file; its settings, opt-outs included, may not be in force.",
        "What a file that cannot be read says is not known. While the user's settings cannot be read the sweep of old transcripts pauses (from "
        "2.1.203); "
        "a managed value still runs.",
        _SETTINGS,
    ),
    "desktop-sessions-exempt": Notice(
        Severity.MEDIUM,
        "{count} continued in Desktop: never swept",
        "Set desktopSessionCleanupPeriodDays in the user settings, or delete them.",
        "From 2.1.248 a transcript begun or last continued in Desktop or Cowork is exempt from the sweep and kept at any age; older clients "
        "delete it. A "
        "managed cleanupPeriodDays ends the exemption.",
        "code.claude.com, page on settings, change of 2026-08-30",
    ),
    "desktop-limit-needs-both": Notice(
        Severity.LOW,
        "desktopSessionCleanupPeriodDays {days} is shorter than cleanupPeriodDays {general}: the longer one decides",
        "Shorten cleanupPeriodDays too.",
        "A transcript of Desktop is deleted only when it is past both limits.",
        "code.claude.com, page on settings, change of 2026-08-30",
    ),
    "history-never-swept": Notice(
        Severity.MEDIUM,
        "history.jsonl keeps every prompt for ever; the sweep never touches it",
        "Delete ~/.claude/history.jsonl, or set CLAUDE_CODE_SKIP_PROMPT_HISTORY=1 to stop writing it (and transcripts).",
        "cleanupPeriodDays governs transcripts; the list of prompts for the arrow-up key has no retention and stays until you delete it.",
        _FOLDER,
    ),
    "memory-never-swept": Notice(
        Severity.LOW,
        "Auto memory is never swept: {count} drawn from your sessions",
        "Delete projects/*/memory, or set \"autoMemoryEnabled\": false.",
        "Memory is derived from sessions and outlives them: since 2.1.228 the sweep leaves it out.",
        _FOLDER,
    ),
    "past-due": Notice(
        Severity.LOW,
        "{count} past due: the sweep has not run since",
        "Start Claude Code once, or delete them.",
        "The sweep runs when the client starts. Until then what is due stays.",
        _FOLDER,
    ),
    "login-not-the-companys": Notice(
        Severity.HIGH,
        "The login does not belong to the organisation that the company's policy demands",
        "Sign in again with the company's account: claude auth logout, then claude auth login.",
        "forceLoginOrgUUID names an organisation and the signed-in account belongs to another. The company's terms, zero retention among them, "
        "cover only "
        "requests that are made under its own organisation.",
        _ZDR,
    ),
    "login-method-not-the-companys": Notice(
        Severity.HIGH,
        "The login is a {tier} account where the company's policy expects {method}",
        "Sign in again the way that the policy says.",
        "forceLoginMethod says how to sign in. A personal login is under consumer terms, whatever the company has agreed.",
        _ZDR,
    ),
    "provider-bypasses-policy": Notice(
        Severity.HIGH,
        "{name} sends requests past the organisation's managed settings",
        "Remove the variable, or have the administrator set it in managed settings.",
        "Settings from the vendor's server apply to requests to the vendor. A variable that names another provider or address takes the client "
        "out of their "
        "reach.",
        _SETTINGS,
    ),
    "key-beside-login": Notice(
        Severity.MEDIUM,
        "An API key is set beside a {tier} login: sessions may run under the key's terms",
        "Remove the key to use the login, or sign out to use the key.",
        "A key makes requests under the commercial terms of the key's organisation, the login under the account's. Which one a session used is "
        "not recorded "
        "in its transcript.",
        _ZDR,
    ),
    "address-beside-login": Notice(
        Severity.MEDIUM,
        "ANTHROPIC_BASE_URL names another address beside a {tier} login: whose terms apply is not known",
        "Say what stands behind the address, or remove the variable to talk to the vendor directly.",
        "Another address may be a proxy that passes requests on under the login, or a gateway with an agreement of its own. Nothing on this machine "
        "tells which, so the provider and the plan are shown as unknown.",
        _ENV,
    ),
    "local-settings-change-privacy": Notice(
        Severity.LOW,
        "A project's settings.local.json differs from your other settings: {keys}",
        "Read it; what it says counts in that project only.",
        "A project's .claude/settings.local.json is stronger than its checked-in settings and your own. What holds elsewhere need not hold there.",
        _SETTINGS,
    ),
    "transcripts-not-saved": Notice(
        Severity.MEDIUM,
        "CLAUDE_CODE_SKIP_PROMPT_HISTORY is on: no transcript and no prompt history is written",
        "Remove the variable if you want to resume sessions.",
        "With it a session leaves nothing to resume and nothing to look back at.",
        _ENV,
    ),
    "child-session-saves-nothing": Notice(
        Severity.HIGH,
        "CLAUDE_CODE_CHILD_SESSION is inherited: transcripts are silently not saved",
        "Unset it in the shell, terminal or service that starts Claude Code.",
        "The marker is meant for sessions that another session starts. Inherited by accident it switches the transcript off without a word; a "
        "person lost two "
        "weeks.",
        "anthropics/claude-code issue 80654",
    ),
    "otel-content": Notice(
        Severity.HIGH,
        "{name} sends {what} to your collector",
        "Remove the variable, or see to it that those who work here know.",
        "Export to the customer's own collector carries lengths only, unless a content gate is opened. This one is open.",
        _OTEL,
    ),
    "otel-responses-follow-prompts": Notice(
        Severity.HIGH,
        "OTEL_LOG_USER_PROMPTS also exports the agent's answers: OTEL_LOG_ASSISTANT_RESPONSES is unset",
        "Set OTEL_LOG_ASSISTANT_RESPONSES=0 to export prompts alone.",
        "Unset, the gate for answers follows the gate for prompts.",
        _OTEL,
    ),
    "otel-content-without-export": Notice(
        Severity.LOW,
        "{name} is set, yet the export that it opens is off",
        "Remove it, or it takes effect the day somebody sets CLAUDE_CODE_ENABLE_TELEMETRY=1.",
        "The content gates count only while CLAUDE_CODE_ENABLE_TELEMETRY is on.",
        _OTEL,
    ),
    "host-keeps-metrics-on": Notice(
        Severity.MEDIUM,
        "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST keeps usage metrics ON with {provider}",
        "Set DISABLE_TELEMETRY=1.",
        "With other providers metrics are off by default; this variable cancels that. Error reports and feedback stay off.",
        _USAGE,
    ),
    "project-settings-change-privacy": Notice(
        Severity.MEDIUM,
        "A checked-in settings file changes your privacy: {keys}",
        "Read it; override it in that project's .claude/settings.local.json.",
        "A project's .claude/settings.json is stronger than your own settings. Whoever can commit to the repository can change what leaves your "
        "machine and "
        "what is kept.",
        "first-fluke/oh-my-agent issue 371 and " + _SETTINGS,
    ),
    "managed-source-beaten": Notice(
        Severity.LOW,
        "{path} has no effect: another managed source wins",
        "Put all managed settings into one source.",
        "Of the managed sources (the vendor's server, device management, files) one wins whole; they are not merged.",
        _SETTINGS,
    ),
    "two-config-folders": Notice(
        Severity.MEDIUM,
        "CLAUDE_CONFIG_DIR points elsewhere; what lies in ~/.claude is not swept meanwhile",
        "Audit it with CLAUDE_CONFIG_DIR unset, or delete what is left there.",
        "The client sweeps the folder that it uses. Transcripts from before stay behind.",
        _FOLDER,
    ),
    "session-link-in-commits": Notice(
        Severity.LOW,
        "attribution.sessionUrl puts a link to your session into commits",
        "Set \"attribution\": {\"sessionUrl\": false}.",
        "Commits of public repositories then point to a session on the vendor's servers.",
        "anthropics/claude-code issue 72557 and " + _SETTINGS,
    ),
}
