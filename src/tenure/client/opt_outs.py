"""Which services are on. Every call site asks here, nothing else looks at an opt-out.

From weak to strong, and each may only take away from what stands before it: defaults of the provider, the host's word for metrics, explicit opt-outs,
policy of the organisation. Source: the newest rows of the pack of Claude Code, from which the grammars of the variables are read as data.
"""

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec

from tenure.records.kinds import Flag
from tenure.terms.normalise import setting_number, switch
from tenure.terms.pack import Setting, Variable


class Service(StrEnum):
    """What the agent may do with data beyond talking to the model."""

    HISTORY = "history"
    """Keep a transcript on this machine."""
    METRICS = "metrics"
    ERRORS = "errors"
    FEEDBACK = "feedback"
    FEEDBACK_ARCHIVE = "feedback_archive"
    """A report is written to a local archive, and nothing is sent."""
    RATING = "rating"
    RATING_TO_COLLECTOR = "rating_to_collector"
    """The rating goes to one's own OTLP collector."""
    TRANSCRIPT_SHARE = "transcript_share"
    """Ask, after a rating, whether the transcript may be sent."""
    TRANSCRIPT_ARCHIVE = "transcript_archive"
    """The same, into a local archive."""
    SESSION_UPLOAD = "session_upload"
    """Keep the session with the service; only where the person has set it."""
    USAGE = "usage"
    """Meter tokens for the partner program; only where the organisation has set it."""


class Provider(StrEnum):
    """Who serves the model."""

    FIRST_PARTY = "first_party"
    BEDROCK = "bedrock"
    VERTEX = "vertex"
    FOUNDRY = "foundry"
    AWS_PLATFORM = "aws_platform"
    GATEWAY = "gateway"


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose session it is, as a login would tell it: the policy that applies.

    Attributes:
        tier: kind of account; None = not known, which switches on nothing.
        flags: of the organisation's agreement.
        subject: the person's id at the service; needed for export and erasure.
        gateway: the credential is a gateway's.
    """

    tier: str | None = None
    flags: frozenset[Flag] = frozenset()
    subject: str = ""
    gateway: bool = False


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """The settings file; what it does not name is not known here.

    Attributes:
        account: see there.
        feedback_survey_rate: how likely the survey is at a fitting moment, 0 to 1; a malformed one counts as 0.
        share_sessions: keep sessions with the service.
        partner_program: meter usage for the organisation's program.
    """

    account: Account = Account()
    feedback_survey_rate: str | float | bool | None = None
    share_sessions: bool = False
    partner_program: bool = False


S = Service
DEFAULT_RATE = 0.05
MANAGED = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"
SURVEY_FOR_OTEL = "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL"
PROVIDERS: Mapping[str, Provider] = {
    "CLAUDE_CODE_USE_BEDROCK": Provider.BEDROCK,
    "CLAUDE_CODE_USE_VERTEX": Provider.VERTEX,
    "CLAUDE_CODE_USE_FOUNDRY": Provider.FOUNDRY,
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": Provider.AWS_PLATFORM,
}
SURVEY = frozenset({S.RATING, S.TRANSCRIPT_SHARE, S.TRANSCRIPT_ARCHIVE})
OPTED_INTO = frozenset({S.SESSION_UPLOAD, S.USAGE})
DEFAULTS: Mapping[Provider, frozenset[Service]] = {
    Provider.FIRST_PARTY: OPTED_INTO | {S.HISTORY, S.METRICS, S.ERRORS, S.FEEDBACK, S.RATING, S.TRANSCRIPT_SHARE},
    Provider.BEDROCK: frozenset({S.HISTORY, S.FEEDBACK_ARCHIVE, S.RATING, S.TRANSCRIPT_ARCHIVE}),
    Provider.VERTEX: frozenset({S.HISTORY, S.FEEDBACK_ARCHIVE, S.RATING, S.TRANSCRIPT_ARCHIVE}),
    Provider.FOUNDRY: frozenset({S.HISTORY, S.RATING, S.TRANSCRIPT_ARCHIVE}),
    Provider.AWS_PLATFORM: frozenset({S.HISTORY, S.RATING}),
    Provider.GATEWAY: frozenset({S.HISTORY, S.FEEDBACK_ARCHIVE, S.TRANSCRIPT_ARCHIVE}),
}
OPT_OUTS: Mapping[str, frozenset[Service]] = {
    "DISABLE_TELEMETRY": SURVEY | {S.METRICS},
    "DO_NOT_TRACK": SURVEY | {S.METRICS},
    "DISABLE_ERROR_REPORTING": frozenset({S.ERRORS}),
    "DISABLE_FEEDBACK_COMMAND": frozenset({S.FEEDBACK, S.FEEDBACK_ARCHIVE}),
    "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": SURVEY | {S.RATING_TO_COLLECTOR},
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": SURVEY | {S.METRICS, S.ERRORS, S.FEEDBACK, S.FEEDBACK_ARCHIVE, S.SESSION_UPLOAD},
    "CLAUDE_CODE_SKIP_PROMPT_HISTORY": frozenset({S.HISTORY, S.SESSION_UPLOAD}),
}
BLOCKING = ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
"""What keeps a rating from the vendor, so that one's own collector may have it."""
POLICY: Mapping[Flag, frozenset[Service]] = {
    Flag.ZDR: frozenset({S.ERRORS, S.FEEDBACK, S.TRANSCRIPT_SHARE, S.TRANSCRIPT_ARCHIVE, S.SESSION_UPLOAD}),
    Flag.HIPAA: SURVEY | {S.RATING_TO_COLLECTOR, S.ERRORS, S.FEEDBACK, S.FEEDBACK_ARCHIVE, S.SESSION_UPLOAD},
    Flag.FEEDBACK_DISABLED: SURVEY | {S.RATING_TO_COLLECTOR, S.FEEDBACK, S.FEEDBACK_ARCHIVE},
}
ALL = frozenset(Service)


def services_on(env: Mapping[str, str], settings: Settings, provider: Provider, policy: Account) -> frozenset[Service]:
    """Return the services that are on.

    Args:
        env: the environment of the agent.
        settings: the person's.
        provider: who serves the model.
        policy: of the account and its organisation.
    """
    on = set(DEFAULTS[provider])
    if is_on(env, MANAGED) and provider not in (Provider.FIRST_PARTY, Provider.GATEWAY):
        on.add(S.METRICS)
    if is_on(env, SURVEY_FOR_OTEL) and provider is not Provider.GATEWAY and any(is_on(env, name) for name in BLOCKING):
        on.add(S.RATING_TO_COLLECTOR)
    for _, services in _cuts(env, settings, provider, policy):
        on -= services
    return frozenset(on)


def why_off(service: Service, env: Mapping[str, str], settings: Settings, provider: Provider, policy: Account) -> str:
    """Return what switches a service off, strongest first: a policy, a variable, a setting, or the provider."""
    cuts = [name for name, services in _cuts(env, settings, provider, policy) if service in services]
    return cuts[-1] if cuts else f"provider {provider}"


def _cuts(env: Mapping[str, str], settings: Settings, provider: Provider, policy: Account) -> Iterator[tuple[str, frozenset[Service]]]:
    """Yield what takes services away, from weak to strong."""
    if provider is Provider.FIRST_PARTY and policy.tier not in ("pro", "max"):
        yield "an account that is neither pro nor max", frozenset({S.ERRORS})
    if not settings.share_sessions:
        yield "the setting shareSessions", frozenset({S.SESSION_UPLOAD})
    if not settings.partner_program:
        yield "the setting partnerProgram", frozenset({S.USAGE})
    if survey_rate(settings) == 0:
        yield "the setting feedbackSurveyRate", SURVEY | {S.RATING_TO_COLLECTOR}
    for name, services in OPT_OUTS.items():
        if is_on(env, name):
            yield name, services
    for flag, services in POLICY.items():
        if flag in policy.flags:
            yield f"policy of your organisation ({flag})", services


def is_on(env: Mapping[str, str], name: str) -> bool:
    """Tell whether a variable, or an older name of it, is on by its own grammar."""
    variable = _grammars()[0][name]
    return any(switch(variable, env[spelled]) == "on" for spelled in (name, *variable.aliases) if spelled in env)


def variables() -> tuple[str, ...]:
    """Return the names of all variables that decide here, older names among them."""
    known = _grammars()[0]
    return tuple(spelled for name in (*OPT_OUTS, *PROVIDERS, MANAGED, SURVEY_FOR_OTEL) for spelled in (name, *known[name].aliases))


def variables_on(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the opt-outs that are on."""
    return tuple(name for name in OPT_OUTS if is_on(env, name))


def survey_rate(settings: Settings) -> float:
    """Return how likely the survey is at a fitting moment."""
    rate = settings.feedback_survey_rate
    return DEFAULT_RATE if rate is None else setting_number(_grammars()[1], rate)


def provider_of(env: Mapping[str, str], account: Account) -> Provider:
    """Return who serves the model: a gateway where the credential is its own, else what a variable selects."""
    if account.gateway:
        return Provider.GATEWAY
    return next((provider for name, provider in PROVIDERS.items() if is_on(env, name)), Provider.FIRST_PARTY)


@cache
def _grammars() -> tuple[Mapping[str, Variable], Setting]:
    pack = tomllib.loads((files("tenure.terms") / "packs" / "claude_code.toml").read_text("utf-8"))
    variables = {name: Variable(row["grammar"], row["strictest"], tuple(row.get("aliases", ()))) for name, row in pack["variables"].items()}
    rate = pack["settings"]["feedbackSurveyRate"]
    return variables, Setting(rate["grammar"], rate["strictest"], None, None, (), None, rate["maximum"])
