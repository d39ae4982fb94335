"""What about Codex does other than it seems: rules over what was read, each a notice with its proof."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tenure.agents.codex import footprint
from tenure.agents.codex.layers import Layers, exporter
from tenure.agents.codex.notices import NOTICES
from tenure.agents.codex.sessions import Rollouts
from tenure.agents.facts import FactValue, Finding, Holding
from tenure.agents.notices import counted, exposed, find, malformed, unreadable
from tenure.agents.places import Place
from tenure.agents.settings import Found, Source, lookup, misshapen

_PRIVACY = (*footprint.SETTINGS, "model_provider", "openai_base_url", "sqlite_home")


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the rules look at.

    Attributes:
        layers: the settings files.
        rollouts: what the sessions tell.
        rollout_count: how many rollouts lie here.
        archived_count: how many archived sessions lie here.
        key: where an API key is set.
        holdings: what lies where.
        home_is_open: other users can pass through the home folder.
        left_behind: where an unused default folder has rollouts.
    """

    layers: Layers
    rollouts: Rollouts
    rollout_count: int
    archived_count: int
    key: Found | None
    holdings: Sequence[Holding]
    home_is_open: bool
    left_behind: str = ""


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Return everything that does other than it seems."""
    rules = (_history, _kept, _export, _analytics, _login, _projects)
    found = [finding for rule in rules for finding in rule(seen)]
    found.extend(unreadable(footprint.ID, NOTICES, seen.layers.all))
    found.extend(malformed(footprint.ID, NOTICES, misshapen(seen.layers.all, footprint.HOLDERS)))
    found.extend(exposed(footprint.ID, NOTICES, seen.holdings, seen.home_is_open))
    return tuple(found)


def _say(slug: str, proof: str, **values: FactValue) -> Finding:
    return find(footprint.ID, NOTICES, slug, proof, values)


def _get(seen: Seen, *keys: str) -> Found | None:
    return lookup(seen.layers.count, *keys)


def _history(seen: Seen) -> Iterator[Finding]:
    persistence, limit = _get(seen, "history", "persistence"), _get(seen, "history", "max_bytes")
    if persistence is not None and persistence.value == "none":
        yield _say("history-none-keeps-rollouts", persistence.proof)
    if limit is not None and not limit.problem:
        yield _say("history-limit-spares-rollouts", limit.proof)


def _kept(seen: Seen) -> Iterator[Finding]:
    if seen.rollout_count:
        yield _say("rollouts-never-expire", _path(seen, footprint.ROLLOUT), count=counted(seen.rollout_count, "rollout"))
    if seen.archived_count:
        yield _say("archive-is-not-delete", _path(seen, footprint.ARCHIVED), count=counted(seen.archived_count, "archived session"))
    generate = _get(seen, "memories", "generate_memories")
    memories = next((holding for holding in seen.holdings if holding.kind == "memory"), None)
    if memories is not None or (generate is not None and generate.value is True):
        yield _say("memories-outlive-sessions", memories.path if memories else generate.proof if generate else "")
    if seen.left_behind:
        yield _say("two-config-folders", f"environment:{footprint.HOME}; {seen.left_behind}")


def _path(seen: Seen, place: Place) -> str:
    return next(holding.path for holding in seen.holdings if holding.path.endswith("/" + place.pattern))


def _export(seen: Seen) -> Iterator[Finding]:
    sends = any(value not in (None, "none") for value in (exporter(seen.layers.count, key)[0] for key in ("exporter", "trace_exporter")))
    prompt = _get(seen, "otel", "log_user_prompt")
    if prompt is not None and prompt.value is True:
        yield _say("otel-log-user-prompt" if sends else "otel-log-user-prompt-without-export", prompt.proof)
    name, found = exporter(seen.layers.count, "exporter")
    analytics = _get(seen, "analytics", "enabled")
    if name == "none" and found is not None and (analytics is None or analytics.value is not False):
        yield _say("otel-none-leaves-metrics", found.proof)


def _analytics(seen: Seen) -> Iterator[Finding]:
    analytics, feedback = _get(seen, "analytics", "enabled"), _get(seen, "feedback", "enabled")
    if analytics is None or analytics.value is not False:
        return
    name, found = exporter(seen.layers.count, "metrics_exporter")
    if found is not None and name not in ("none", "statsig"):
        yield _say("analytics-off-stops-own-metrics", f"{analytics.proof}; {found.proof}")
    if feedback is None or feedback.value is not False:
        yield _say("analytics-off-leaves-feedback", analytics.proof)


def _login(seen: Seen) -> Iterator[Finding]:
    forced = _get(seen, "forced_login_method")
    plan = footprint.PLANS.get(seen.rollouts.plan or "")
    if forced is not None and forced.value == "chatgpt" and seen.key is not None:
        yield _say("login-not-the-companys", f"{forced.proof}; {seen.key.proof}")
    elif forced is not None and forced.value == "api" and plan is not None:
        yield _say("plan-not-the-companys", f"{forced.proof}; {seen.rollouts.plan_proof}", tier=plan)
    elif seen.key is not None and plan is not None:
        yield _say("key-beside-plan", f"{seen.key.proof}; {seen.rollouts.plan_proof}", tier=plan)


def _projects(seen: Seen) -> Iterator[Finding]:
    for source in seen.layers.trusted:
        keys = _keys(source)
        if keys:
            yield _say("project-settings-change-privacy", source.proof(*keys[0].split(".")), keys=", ".join(keys))
    for source in seen.layers.others:
        if _keys(source):
            yield _say("project-settings-not-trusted", source.path)


def _keys(source: Source) -> list[str]:
    return [key for key in _PRIVACY if (found := source.find(*key.split("."))) is not None and not found.problem]
