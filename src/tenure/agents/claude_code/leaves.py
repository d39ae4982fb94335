"""What leaves a machine besides prompts, by Claude Code's switches, settings and provider.

Order of the reasons: gateway > explicit opt-out > managed by host > what the provider's default is > on.
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


def _off(name: str, switches: Switches, *variables: str) -> Fact | None:
    position = next((switches[variable] for variable in variables if variable in switches and switches[variable].is_on), None)
    return None if position is None else Fact(name, False, State.MEASURED, position.proof)


def _by_default(name: str, value: bool | str) -> Fact:
    return Fact(name, value, State.DEFAULT, footprint.DOC)


def _unknown(name: str, provider: Fact) -> Fact:
    return Fact(name, None, State.UNKNOWN, f"the provider is not known: {provider.proof}")


def _metrics(switches: Switches, provider: Fact) -> Fact:
    name = "usage metrics"
    if provider.value == "gateway":
        return Fact(name, False, State.INFERRED, provider.proof)
    off = _off(name, switches, "DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    if off is not None:
        return off
    host = switches.get("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST")
    if provider.value in _THIRD and host is not None and host.is_on:
        return Fact(name, True, State.MEASURED, host.proof)
    if provider.value is None:
        return _unknown(name, provider)
    return _by_default(name, provider.value == "first_party")


def _errors(switches: Switches, provider: Fact, tier: Fact, version: str | None) -> Fact:
    name = "error reports"
    off = _off(name, switches, "DISABLE_ERROR_REPORTING", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    if off is not None:
        return off
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
    variables = ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_GROWTHBOOK")
    off = _off(name, switches, *variables)
    if off is not None:
        return off
    if provider.value != "first_party":
        return Fact(name, None, State.UNKNOWN, "not documented for this provider")
    return _by_default(name, True)


def _survey(switches: Switches, provider: Fact) -> Fact:
    name = "session survey"
    if provider.value == "gateway":
        return Fact(name, False, State.INFERRED, provider.proof)
    variables = ("CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY", "DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    return _off(name, switches, *variables) or _by_default(name, True)


def _feedback(switches: Switches, provider: Fact) -> Fact:
    name = "feedback reports"
    off = _off(name, switches, "DISABLE_FEEDBACK_COMMAND", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    if off is not None:
        return off
    if provider.value in _THIRD:
        return Fact(name, "to a local archive", provider.state, provider.proof)
    return _by_default(name, "when you send one")


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
    return _off(name, switches, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") or _by_default(name, "when published")


def _export(switches: Switches) -> Fact:
    name = "export to your own collector"
    position = switches.get("CLAUDE_CODE_ENABLE_TELEMETRY")
    if position is None:
        return _by_default(name, False)
    return Fact(name, position.is_on, State.MEASURED, position.proof)
