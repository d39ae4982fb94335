"""What leaves a machine besides prompts, by Claude Code's switches, settings and provider.

Order of the reasons: gateway > explicit opt-out > managed by host > what the provider's default is > on. A switch of which nobody can say whether
it is on leaves open what it would switch off, unless that is off for another reason.
Source: documentation of data usage and variables, read 2026-08-22.
"""

from collections.abc import Mapping, Sequence

from tenure.agents.claude_code import footprint
from tenure.agents.claude_code.retention import numbers
from tenure.agents.facts import Fact, State
from tenure.agents.settings import Source, lookup
from tenure.agents.switches import Position

_REPORTS_ERRORS = (2, 1, 198)
_THIRD = ("bedrock", "vertex", "foundry", "aws_platform", "gateway")
_METRICS = ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
Switches = Mapping[str, Position]


def leaving(switches: Switches, sources: Sequence[Source], provider: Fact, tier: Fact, version: str | None) -> tuple[Fact, ...]:
    """Return per service whether something of it leaves: true, false, or a word; None when it cannot be told."""
    return (
        _metrics(switches, provider),
        _errors(switches, provider, tier, version),
        _flags(switches, provider),
        _survey(switches, provider),
        _feedback(switches, provider),
        _webfetch(sources),
        _remote_control(switches, sources, provider),
        _artifacts(switches, sources),
        _export(switches),
    )


def _unless_off(otherwise: Fact, switches: Switches, *variables: str) -> Fact:
    """Return what leaves when no switch is on: false where one is, unknown where nobody can say whether one is."""
    found = [switches[variable] for variable in variables if variable in switches]
    on = next((position for position in found if position.is_on), None)
    if on is not None:
        return Fact(otherwise.name, False, State.MEASURED, on.proof)
    doubtful = next((position for position in found if position.is_on is None), None)
    if doubtful is None or otherwise.value is False:
        return otherwise
    return Fact(otherwise.name, None, State.UNKNOWN, doubtful.problem)


def _by_default(name: str, value: bool | str) -> Fact:
    return Fact(name, value, State.DEFAULT, footprint.DOC)


def _unknown(name: str, provider: Fact) -> Fact:
    return Fact(name, None, State.UNKNOWN, f"the provider is not known: {provider.proof}")


def _metrics(switches: Switches, provider: Fact) -> Fact:
    name = "usage metrics"
    if provider.value == "gateway":
        return Fact(name, False, State.INFERRED, provider.proof)
    return _unless_off(_metrics_otherwise(name, switches, provider), switches, *_METRICS)


def _metrics_otherwise(name: str, switches: Switches, provider: Fact) -> Fact:
    host = switches.get("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST")
    if provider.value in _THIRD and host is not None and host.is_on is not False:
        return Fact(name, True, State.MEASURED, host.proof) if host.is_on else Fact(name, None, State.UNKNOWN, host.problem)
    if provider.value is None:
        return _unknown(name, provider)
    return _by_default(name, provider.value == "first_party")


def _errors(switches: Switches, provider: Fact, tier: Fact, version: str | None) -> Fact:
    otherwise = _errors_otherwise("error reports", provider, tier, version)
    return _unless_off(otherwise, switches, "DISABLE_ERROR_REPORTING", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")


def _errors_otherwise(name: str, provider: Fact, tier: Fact, version: str | None) -> Fact:
    if provider.value in _THIRD:
        return Fact(name, False, provider.state, provider.proof)
    if provider.value is None or tier.value is None:
        return Fact(name, None, State.UNKNOWN, "on for Pro and Max logins only, and the tier is not known")
    if tier.value not in ("pro", "max"):
        return _by_default(name, False)
    known = numbers(version)
    if known is None:
        return Fact(name, None, State.UNKNOWN, "on from 2.1.198, and the version is not known")
    return _by_default(name, known >= _REPORTS_ERRORS)


def _flags(switches: Switches, provider: Fact) -> Fact:
    name = "feature flag requests"
    undocumented = Fact(name, None, State.UNKNOWN, "not documented for this provider")
    otherwise = _by_default(name, True) if provider.value == "first_party" else undocumented
    return _unless_off(otherwise, switches, *_METRICS, "DISABLE_GROWTHBOOK")


def _survey(switches: Switches, provider: Fact) -> Fact:
    name = "session survey"
    if provider.value == "gateway":
        return Fact(name, False, State.INFERRED, provider.proof)
    return _unless_off(_by_default(name, True), switches, "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY", *_METRICS)


def _feedback(switches: Switches, provider: Fact) -> Fact:
    name = "feedback reports"
    local = Fact(name, "to a local archive", provider.state, provider.proof)
    otherwise = local if provider.value in _THIRD else _by_default(name, "when you send one")
    return _unless_off(otherwise, switches, "DISABLE_FEEDBACK_COMMAND", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")


def _webfetch(sources: Sequence[Source]) -> Fact:
    name = "host names of fetched pages"
    found = lookup(sources, "skipWebFetchPreflight")
    if found is not None and isinstance(found.value, bool):
        return Fact(name, not found.value, State.MEASURED, found.proof)
    if found is not None:
        return Fact(name, None, State.UNKNOWN, f"{found.proof} is neither true nor false")
    return _by_default(name, True)


def _remote_control(switches: Switches, sources: Sequence[Source], provider: Fact) -> Fact:
    name = "transcripts by Remote Control"
    found = lookup(sources, "disableRemoteControl")
    if found is not None and found.value is True:
        return Fact(name, False, State.MEASURED, found.proof)
    if found is not None and not isinstance(found.value, bool):
        return Fact(name, None, State.UNKNOWN, f"{found.proof} is neither true nor false")
    flags = _flags(switches, provider)
    if flags.value is False:
        return Fact(name, False, flags.state, flags.proof)
    return _by_default(name, "while connected")


def _artifacts(switches: Switches, sources: Sequence[Source]) -> Fact:
    name = "artifacts"
    for key, value in (("disableArtifact", True), ("enableArtifact", False)):
        found = lookup(sources, key)
        if found is not None and found.value is value:
            return Fact(name, False, State.MEASURED, found.proof)
        if found is not None and not isinstance(found.value, bool):
            return Fact(name, None, State.UNKNOWN, f"{found.proof} is neither true nor false")
    return _unless_off(_by_default(name, "when published"), switches, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")


def _export(switches: Switches) -> Fact:
    name = "export to your own collector"
    position = switches.get("CLAUDE_CODE_ENABLE_TELEMETRY")
    if position is None:
        return _by_default(name, False)
    if position.is_on is None:
        return Fact(name, None, State.UNKNOWN, position.problem)
    return Fact(name, position.is_on, State.MEASURED, position.proof)
