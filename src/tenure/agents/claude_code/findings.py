"""What about Claude Code does other than it seems: rules over what was read, each a notice with its proof."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tenure.agents import shown
from tenure.agents.claude_code import footprint
from tenure.agents.claude_code.account import Account
from tenure.agents.claude_code.layers import Layers
from tenure.agents.claude_code.notices import NOTICES
from tenure.agents.claude_code.retention import Retention
from tenure.agents.facts import Fact, FactValue, Finding, Holding
from tenure.agents.notices import counted, exposed, find, malformed, unreadable
from tenure.agents.settings import Found, Source, lookup, misshapen
from tenure.agents.switches import Position

_ZERO_STILL_ON = {
    "DISABLE_TELEMETRY": "telemetry-zero-still-opts-out",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "nonessential-zero-still-disables",
    "DISABLE_ERROR_REPORTING": "error-reporting-zero-still-opts-out",
}
_ZERO_IS_OFF = {
    "DO_NOT_TRACK": "do-not-track-zero-leaves-telemetry-on",
    "DISABLE_GROWTHBOOK": "growthbook-zero-leaves-flags-on",
}
_GATES = {
    "OTEL_LOG_USER_PROMPTS": "your prompts",
    "OTEL_LOG_ASSISTANT_RESPONSES": "the agent's answers",
    "OTEL_LOG_TOOL_DETAILS": "commands and paths",
    "OTEL_LOG_TOOL_CONTENT": "what tools read and wrote",
    "OTEL_LOG_RAW_API_BODIES": "whole conversations",
}
_OFF_WORDS = frozenset({"0", "false", "no", "off"})
_PRIVACY_KEYS = (
    "cleanupPeriodDays", "feedbackSurveyRate", "skipWebFetchPreflight", "attribution", "disableArtifact", "enableArtifact",
    "disableRemoteControl", "autoMemoryEnabled", "apiKeyHelper", "otelHeadersHelper", "forceLoginMethod", "forceLoginOrgUUID",
)  # fmt: skip
_PRIVACY_VARIABLES = frozenset({*footprint.SWITCHES, "DISABLE_BUG_COMMAND", footprint.BASE_URL, *footprint.KEYS, footprint.LOGIN_TOKEN})


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the rules look at.

    Attributes:
        layers: the settings files.
        switches: the switches that hold everywhere.
        everywhere: the switches that count, here or in another project.
        account: the login.
        provider: who serves the model.
        tier: the plan.
        key: where an API key is set.
        retention: the sweep.
        holdings: what lies where.
        leaves: what leaves, by name.
        home_is_open: other users can pass through the home folder.
        left_behind: where an unused default folder has transcripts.
        base: a variable that names another address, where there is one.
    """

    layers: Layers
    switches: Mapping[str, Position]
    everywhere: Sequence[tuple[str, Position]]
    account: Account
    provider: Fact
    tier: Fact
    key: Found | None
    retention: Retention
    holdings: Sequence[Holding]
    leaves: Mapping[str, Fact]
    home_is_open: bool
    left_behind: str = ""
    base: Found | None = None


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Return everything that does other than it seems."""
    rules = (_switches, _survey, _webfetch, _export, _settings, _sweep, _kept, _company, _projects)
    return tuple(finding for rule in rules for finding in rule(seen))


def _say(slug: str, proof: str, **values: FactValue) -> Finding:
    return find(footprint.ID, NOTICES, slug, proof, values)


def _switches(seen: Seen) -> Iterator[Finding]:
    for name, position in seen.everywhere:
        if position.is_whole:
            continue
        is_zero = position.value.strip().lower() in _OFF_WORDS
        value = shown.variable(position.value)
        if name in _ZERO_STILL_ON and is_zero:
            yield _say(_ZERO_STILL_ON[name], position.proof, value=value)
        elif name in _ZERO_IS_OFF and is_zero:
            yield _say(_ZERO_IS_OFF[name], position.proof, value=value)
        elif name == "DISABLE_FEEDBACK_COMMAND" and is_zero:
            yield _say("feedback-zero-is-unstated", position.proof, name=position.name, value=value)
        elif position.problem:
            yield _say("switch-not-understood", position.proof, name=position.name)
        elif name in ("DISABLE_TELEMETRY", "DO_NOT_TRACK") and position.is_on:
            yield _say("telemetry-off-costs-features", position.proof, name=name)
        elif name == "DISABLE_GROWTHBOOK" and position.is_on and seen.leaves["usage metrics"].value is True:
            yield _say("growthbook-keeps-metrics", position.proof)
        elif name == "CLAUDE_CODE_ENABLE_TELEMETRY" and is_zero and seen.leaves["usage metrics"].value is not False:
            yield _say("otel-zero-is-no-opt-out", position.proof, value=value)
        elif name == "CLAUDE_CODE_SEND_FEEDBACK" and position.is_on:
            yield _say("send-feedback-one-grants-nothing", position.proof)
        elif name == "CLAUDE_CODE_SKIP_PROMPT_HISTORY" and position.is_on:
            yield _say("transcripts-not-saved", position.proof)
        elif name == "CLAUDE_CODE_CHILD_SESSION" and position.is_on:
            yield _say("child-session-saves-nothing", position.proof)
        if position.name == "DISABLE_BUG_COMMAND" and position.is_on:
            yield _say("old-feedback-variable", position.proof)


def _survey(seen: Seen) -> Iterator[Finding]:
    survey = seen.leaves["session survey"]
    if seen.provider.value in ("bedrock", "vertex", "foundry", "aws_platform") and survey.value is True:
        yield _say("survey-on-third-party", seen.provider.proof, provider=seen.provider.value)
    own, out = seen.switches.get("CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL"), seen.switches.get("CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY")
    if own is not None and own.is_on:
        if out is not None and out.is_on:
            yield _say("survey-opt-out-beats-otel", own.proof)
        elif seen.leaves["usage metrics"].value is True:
            yield _say("survey-for-otel-without-effect", own.proof)
    rate = lookup(seen.layers.here, "feedbackSurveyRate")
    if rate is not None:
        is_number = isinstance(rate.value, int | float) and not isinstance(rate.value, bool) and 0 <= rate.value <= 1
        if not is_number:
            yield _say("survey-rate-invalid", rate.proof)
        elif rate.value == 0 and survey.value is True:
            yield _say("survey-rate-zero-reported-ignored", rate.proof)


def _webfetch(seen: Seen) -> Iterator[Finding]:
    traffic = seen.switches.get("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    if traffic is None or not traffic.is_on:
        return
    yield _say("nonessential-stops-more", traffic.proof)
    if seen.leaves["host names of fetched pages"].value is not False:
        yield _say("nonessential-leaves-webfetch", traffic.proof)


def _export(seen: Seen) -> Iterator[Finding]:
    is_exporting = seen.leaves["export to your own collector"].value is True
    for name, what in _GATES.items():
        gate = seen.switches.get(name)
        if gate is not None and gate.is_on:
            yield _say("otel-content" if is_exporting else "otel-content-without-export", gate.proof, name=name, what=what)
    prompts = seen.switches.get("OTEL_LOG_USER_PROMPTS")
    if is_exporting and prompts is not None and prompts.is_on and "OTEL_LOG_ASSISTANT_RESPONSES" not in seen.switches:
        yield _say("otel-responses-follow-prompts", prompts.proof)
    host = seen.switches.get("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST")
    if host is not None and host.is_on and seen.provider.value not in ("first_party", None) and seen.leaves["usage metrics"].value is True:
        yield _say("host-keeps-metrics-on", host.proof, provider=seen.provider.value)


def _settings(seen: Seen) -> Iterator[Finding]:
    yield from unreadable(footprint.ID, NOTICES, seen.layers.all)
    for source in seen.layers.beaten:
        yield _say("managed-source-beaten", source.path, path=source.path)
    yield from malformed(footprint.ID, NOTICES, misshapen(seen.layers.all, footprint.HOLDERS))
    link = lookup(seen.layers.here, "attribution", "sessionUrl")
    if link is not None and link.value is True:
        yield _say("session-link-in-commits", link.proof)


def _sweep(seen: Seen) -> Iterator[Finding]:
    retention = seen.retention
    if retention.invalid is not None:
        is_desktop = "desktopSession" in retention.invalid.proof
        is_zero = retention.invalid.value == 0 and not isinstance(retention.invalid.value, bool)
        slug = "desktop-cleanup-invalid" if is_desktop else "cleanup-zero-invalid" if is_zero else "cleanup-invalid"
        yield _say(slug, retention.invalid.proof)
    desktop = lookup(seen.layers.everywhere, "desktopSessionCleanupPeriodDays")
    if desktop is not None and retention.days is not None and retention.desktop_days is not None and retention.desktop_days < retention.days:
        yield _say("desktop-limit-needs-both", desktop.proof, days=retention.desktop_days, general=retention.days)
    if seen.left_behind:
        yield _say("two-config-folders", f"environment:{footprint.CONFIG_DIR}; {seen.left_behind}")


def _kept(seen: Seen) -> Iterator[Finding]:
    for holding in seen.holdings:
        if holding.kind == "local_prompt_history":
            yield _say("history-never-swept", holding.path)
        elif holding.kind == "memory":
            yield _say("memory-never-swept", holding.path, count=counted(holding.count, "file"))
        elif holding.path.endswith("(Desktop)") and holding.swept == "never":
            yield _say("desktop-sessions-exempt", holding.path, count=counted(holding.count, "transcript"))
    yield from exposed(footprint.ID, NOTICES, seen.holdings, seen.home_is_open)
    late = [holding for holding in seen.holdings if holding.past_due]
    if late:
        yield _say("past-due", late[0].path, count=counted(sum(holding.past_due for holding in late), "file"))


def _company(seen: Seen) -> Iterator[Finding]:
    yield from _login(seen)
    managed = seen.layers.managed
    if managed is not None and managed.values:
        names = [switch for name, switch in seen.switches.items() if name in footprint.PROVIDERS and switch.is_on and switch.layer != "managed"]
        if names:
            yield _say("provider-bypasses-policy", f"{names[0].proof}; {managed.path}", name=names[0].name)
        elif seen.base is not None and seen.base.layer != "managed" and not seen.base.problem and seen.provider.value in ("gateway", None):
            yield _say("provider-bypasses-policy", f"{seen.base.proof}; {managed.path}", name=footprint.BASE_URL)
    login = seen.account.plan
    if seen.key is not None and seen.key.value is True and login is not None and seen.provider.value == "first_party":
        yield _say("key-beside-login", f"{seen.key.proof}; {seen.account.proof}", tier=login)
    if seen.base is not None and not seen.base.problem and login is not None and seen.provider.value is None:
        yield _say("address-beside-login", f"{seen.base.proof}; {seen.account.proof}", tier=login)


def _login(seen: Seen) -> Iterator[Finding]:
    """Compare the login with what a policy demands, wherever it stands."""
    organisation, method = lookup(seen.layers.all, "forceLoginOrgUUID"), lookup(seen.layers.all, "forceLoginMethod")
    login = seen.account.plan
    if organisation is not None and seen.account.organisation is not None:
        wanted = organisation.value if isinstance(organisation.value, list) else [organisation.value]
        if seen.account.organisation not in wanted:
            yield _say("login-not-the-companys", f"{organisation.proof}; {seen.account.path}:oauthAccount.organizationUuid")
            return
    if organisation is None and login in footprint.CONSUMER and method is not None and (method.layer == "managed" or method.value == "console"):
        yield _say("login-method-not-the-companys", f"{method.proof}; {seen.account.proof}", tier=login or "", method=_method(method.value))


def _method(value: object) -> str:
    return {"console": "a Console login", "claudeai": "a company account of claude.ai"}.get(str(value), "another login")


def _projects(seen: Seen) -> Iterator[Finding]:
    for source in seen.layers.projects:
        for key in footprint.NOT_FROM_PROJECT:
            if (found := source.find(key)) is not None:
                yield _say("drafts-in-project-ignored", found.proof, key=key)
        slug = "project-settings-change-privacy" if source.layer == "project" else "local-settings-change-privacy"
        if keys := _privacy_keys(source):
            yield _say(slug, source.proof(*keys[0]), keys=", ".join(".".join(key) for key in keys))


def _privacy_keys(source: Source) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = [(key,) for key in _PRIVACY_KEYS if source.find(key) is not None]
    env = source.values.get("env")
    if isinstance(env, Mapping):
        keys.extend(("env", name) for name in sorted(_PRIVACY_VARIABLES) if name in env)
    return keys
