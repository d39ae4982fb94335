"""Codex: what it leaves on a machine and what its settings mean."""

from collections.abc import Iterator
from datetime import datetime

from tenure.agents import shown
from tenure.agents.codex import findings as rules
from tenure.agents.codex import footprint
from tenure.agents.codex.layers import Layers, exporter, read_layers, root_of
from tenure.agents.codex.sessions import Rollouts, read_rollouts
from tenure.agents.facts import PERSONAL, Evidence, Fact, State
from tenure.agents.folder import Folder, look, troubles
from tenure.agents.notices import counted
from tenure.agents.settings import Found, doubt, join, lookup, setting_fact
from tenure.agents.surfaces import usual_surface
from tenure.agents.switches import Variables
from tenure.agents.view import View


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Codex on a machine.

    Args:
        view: the machine.
        at: the time of the audit, aware UTC.

    Returns:
        What was found; None when it left nothing here.
    """
    root = root_of(view)
    folder = look(view, root, footprint.PLACES)
    if folder is None:
        return None
    rollouts = read_rollouts(view, root, folder.shown, folder.found.get(footprint.ROLLOUT, ()))
    layers = read_layers(view, root, rollouts.folders)
    databases = _databases(view, layers, root)
    variables = Variables(view, (), None)
    key = next((found for name in footprint.KEYS if (found := variables.presence(name)) is not None), None)
    holdings = folder.holdings(at) + (databases.holdings(at) if databases else ())
    seen = rules.Seen(
        layers=layers,
        rollouts=rollouts,
        rollout_count=folder.count(footprint.ROLLOUT),
        archived_count=folder.count(footprint.ARCHIVED),
        key=key,
        holdings=holdings,
        home_is_open=view.scope.home_is_open,
        left_behind=_left_behind(view, root),
    )
    (provider,) = doubt((_provider(variables, layers, rollouts),), layers.count)
    problems = troubles((folder, databases), layers.all, footprint.HOLDERS)
    facts = (*_account(provider, key, rollouts, layers), *_settings(layers), *_others(folder, rollouts), *problems)
    return Evidence(
        agent=footprint.ID,
        title=footprint.TITLE,
        version=rollouts.version,
        facts=facts,
        holdings=holdings,
        findings=rules.findings(seen),
        leaves=doubt(_leaves(layers), layers.count),
        surfaces=rollouts.surfaces,
    )


def _databases(view: View, layers: Layers, root: str) -> Folder | None:
    setting = lookup(layers.count, "sqlite_home")
    place = view.variable(footprint.SQLITE_HOME) or (setting.value if setting is not None else None)
    if not isinstance(place, str) or not place.startswith("/") or place.rstrip("/") == root:
        return None
    return look(view, place.rstrip("/"), footprint.DATABASES)


def _left_behind(view: View, root: str) -> str:
    default = join(view.scope.home, ".codex")
    if root == default:
        return ""
    folder = look(view, default, (footprint.ROLLOUT,))
    return "~/.codex/sessions" if folder is not None and folder.count(footprint.ROLLOUT) else ""


def _provider(variables: Variables, layers: Layers, rollouts: Rollouts) -> Fact:
    setting = lookup(layers.count, "model_provider")
    if setting is not None and setting.value != "openai":
        return _other_provider(setting, layers)
    base = lookup(layers.count, "openai_base_url") or variables.get(footprint.BASE_URL)
    if base is not None and str(base.value).rstrip("/") not in ("", footprint.DEFAULT_BASE_URL):
        return Fact("provider", "other", State.INFERRED, f"{base.proof} is not the vendor's address")
    if setting is None and rollouts.provider not in (None, "openai"):
        return Fact("provider", "other", State.INFERRED, "the newest rollout:session_meta.model_provider")
    if setting is not None:
        return Fact("provider", "first_party", State.MEASURED, setting.proof)
    return Fact("provider", "first_party", State.DEFAULT, "no settings file and no variable of this process names another")


def _other_provider(setting: Found, layers: Layers) -> Fact:
    if not isinstance(setting.value, str):
        return Fact("provider", None, State.UNKNOWN, f"{setting.proof} is not a name")
    base = lookup(layers.count, "model_providers", setting.value, "base_url")
    words = f"{setting.value} {base.value if base and not base.problem else ''}".lower()
    if "azure" in words:
        return Fact("provider", "azure", State.INFERRED, setting.proof)
    if "bedrock" in words:
        return Fact("provider", "bedrock", State.INFERRED, setting.proof)
    return Fact("provider", "other", State.INFERRED, setting.proof)


def _account(provider: Fact, key: Found | None, rollouts: Rollouts, layers: Layers) -> Iterator[Fact]:
    tier = _tier(provider, key, rollouts)
    yield tier
    yield provider
    if tier.value in footprint.PERSONAL_PLANS:
        yield Fact(PERSONAL, True, State.INFERRED, tier.proof)
    yield usual_surface(rollouts.surfaces, "cli")
    if key is not None:
        yield Fact("account.has_key", True, State.MEASURED, key.proof)
    if tier.value is not None:
        yield Fact("attribute.auth", "api_key" if tier.value == "api" else "oauth", State.INFERRED, tier.proof)
    workspace = lookup(layers.count, "forced_chatgpt_workspace_id")
    if workspace is not None:
        yield Fact("policy.login", None, State.UNKNOWN, f"{workspace.proof} demands a workspace; which one is signed in stands in a credential file")
    yield Fact("consent.training", None, State.UNKNOWN, "not stored on disk; tenure attest records what you say")


def _tier(provider: Fact, key: Found | None, rollouts: Rollouts) -> Fact:
    if provider.value != "first_party":
        return Fact("tier", None, State.UNKNOWN, f"another provider's terms apply: {provider.proof}")
    if rollouts.plan is not None and rollouts.plan in footprint.PLANS:
        return Fact("tier", footprint.PLANS[rollouts.plan], State.MEASURED, rollouts.plan_proof)
    if rollouts.plan is not None:
        return Fact("tier", None, State.UNKNOWN, f"{rollouts.plan_proof} has a value that is not known")
    if key is not None:
        return Fact("tier", "api", State.INFERRED, f"{key.proof} is set")
    return Fact("tier", None, State.UNKNOWN, "no rollout names a plan, and the login stands in a credential file")


def _settings(layers: Layers) -> Iterator[Fact]:
    for name, words in footprint.SETTINGS.items():
        parts = name.split(".")
        value, found = exporter(layers.count, parts[1]) if name.endswith("exporter") else (None, lookup(layers.count, *parts))
        if found is not None and value is not None:
            yield Fact(f"setting.{name}", value, State.MEASURED, found.proof)
        elif found is not None and name.endswith("exporter"):
            yield Fact(f"setting.{name}", None, State.UNKNOWN, found.problem or f"{found.proof} names no exporter")
        elif found is not None:
            yield setting_fact(name, found, words)


def _others(folder: Folder, rollouts: Rollouts) -> Iterator[Fact]:
    if rollouts.version is None:
        yield Fact("version", None, State.UNKNOWN, "no rollout tells")
    else:
        yield Fact("version", rollouts.version, State.MEASURED, "the newest rollout:session_meta.cli_version")
    default = folder.shown == "~/.codex"
    yield Fact("folder", folder.shown, State.DEFAULT if default else State.MEASURED, footprint.DOC if default else f"environment:{footprint.HOME}")
    for reason, count in sorted(rollouts.problems.items()):
        yield Fact("sessions", None, State.UNKNOWN, f"{folder.shown}/sessions: {counted(count, 'rollout')}: {reason}")


def _leaves(layers: Layers) -> Iterator[Fact]:
    yield _switch(layers, "usage metrics and analytics", True, "analytics", "enabled")
    yield _switch(layers, "feedback reports", "when you send one", "feedback", "enabled")
    for key, name in (("exporter", "log export to your own collector"), ("trace_exporter", "trace export to your own collector")):
        value, found = exporter(layers.count, key)
        if found is None:
            yield Fact(name, False, State.DEFAULT, footprint.DOC)
        elif value in (None, shown.OTHER):
            yield Fact(name, None, State.UNKNOWN, found.problem or f"{found.proof} names no exporter")
        else:
            yield Fact(name, value != "none", State.MEASURED, found.proof)


def _switch(layers: Layers, name: str, on: bool | str, *keys: str) -> Fact:
    found = lookup(layers.count, *keys)
    if found is None:
        return Fact(name, on, State.DEFAULT, footprint.DOC)
    if not isinstance(found.value, bool):
        return Fact(name, None, State.UNKNOWN, found.problem or f"{found.proof} is neither true nor false")
    return Fact(name, on if found.value else False, State.MEASURED, found.proof)


