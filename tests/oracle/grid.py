"""The cells on which the product and the oracle are compared: every class that the terms tell apart, at both ends of every date interval.

A block is a set of axes for some kinds; the first value of each axis is its base. Where the whole product is larger than the block's budget, most of
the budget goes to the base with one or two axes changed, and the rest is spread over the whole product. Always in the same way,
so that `cells(agent)` is
the same sequence on every machine. Nothing is made before it is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from math import gcd, prod
from typing import Any

from tests.oracle import claude_code, naive, others

AGENTS = ("claude_code", "codex", "chatgpt", "openai_api", "gemini_cli", "code_assist", "gemini_api", "vertex", "antigravity", "copilot", "cursor",
          "opencode", "aider")
PURPOSES = ("collect", "serve", "debug", "improve", "safety", "train_safety", "train_generative")
CONTENT = ("prompt", "output", "code", "transcript")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LATE = "2034-01-01T00:00:00Z"
Case = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """Some kinds, the axes that matter to them, and the sightings at whose ends they are asked.

    An axis is named by the key of the case that it sets; `env.X`, `settings.X` and `attributes.X` set one entry, and leave it out for `...`.
    """

    kinds: tuple[str, ...]
    sightings: tuple[str, ...]
    axes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    purposes: tuple[str, ...] = PURPOSES
    asked: tuple[str, ...] = ("same", "late")
    budget: int = 40_000
    is_near_only: bool = False


def points(sightings: tuple[str, ...]) -> tuple[datetime, ...]:
    """Just before, at, in the middle of, at the end of and after each interval, and a year later."""
    found: set[datetime] = set()
    for sighting in sightings:
        low, high = naive.interval(sighting)
        if low == naive.BEFORE_ALL:
            low = high - DAY
        found |= {low - SECOND, low, (low + (high - low) / 2).replace(microsecond=0), high - SECOND, high, high + 365 * DAY}
    return tuple(sorted(found))


def _consents(name: str, variant: str, who: str, at: datetime) -> list[dict[str, Any]] | None:
    """A record of answers around the collection: given ten days before, withdrawn ten days after."""

    def entry(value: bool | None, when: datetime | None, by: str | None = who) -> dict[str, Any]:
        return {"name": name, "value": value, "at": naive.written(when), "by": by}

    before, after = at - 10 * DAY, at + 10 * DAY
    variants: dict[str, list[dict[str, Any]] | None] = {
        "none": [], "null": None, "on": [entry(True, before)], "off": [entry(False, before)], "on exactly": [entry(True, at)],
        "on later": [entry(True, at + SECOND)], "on by a member": [entry(True, before, "member")],
        "on then off": [entry(True, before - DAY), entry(False, before)],
        "off then on": [entry(False, before - DAY), entry(True, before)], "withdrawn": [entry(True, before), entry(False, after)],
        "value null": [entry(None, before)], "by null": [entry(True, before, None)], "at null": [entry(True, None)],
        "withdrawn and given again": [entry(True, before), entry(False, after), entry(True, after + DAY)],
    }
    return variants[variant]


def _session(variant: str, at: datetime) -> dict[str, Any] | None:
    variants: dict[str, dict[str, Any] | None] = {
        "null": None,
        "unstated": {"started_at": None, "resumed_at": None},
        "fresh": {"started_at": naive.written(at - 5 * DAY), "resumed_at": None},
        "older": {"started_at": naive.written(at - 20 * DAY), "resumed_at": None},
        "older, resumed before": {"started_at": naive.written(at - 20 * DAY), "resumed_at": naive.written(at - 10 * DAY - SECOND)},
        "older, resumed then": {"started_at": naive.written(at - 20 * DAY), "resumed_at": naive.written(at - 10 * DAY)},
        "older, resumed after": {"started_at": naive.written(at - 20 * DAY), "resumed_at": naive.written(at - 5 * DAY)},
    }
    return variants[variant]


def _asked(variant: str, at: datetime) -> str | None:
    month = at.replace(hour=0, minute=0, second=0, microsecond=0) + 30 * DAY
    return {"same": naive.written(at), "late": LATE, "null": None, "day 30": naive.written(month),
        "before day 30": naive.written(month - SECOND)}[variant]


def _run(variant: str, at: datetime) -> str | None:
    after = {"null": None, "before": at + 10 * DAY - SECOND, "at": at + 10 * DAY, "after": at + 11 * DAY}[variant]
    return naive.written(after)


def make(agent: str, kind: str, purpose: str, at: datetime, asked: str, chosen: dict[str, Any]) -> Case:
    """Build one case."""
    rules = naive.REGISTRY[agent]
    case: Case = {
        "agent": agent, "kind": kind, "purpose": purpose, "collected_at": naive.written(at), "asked_at": _asked(asked, at),
        "tier": rules.lists["tier"][0], "provider": rules.lists["provider"][0], "hosting": None, "surface": rules.lists["surface"][0],
        "model_class": "ordinary", "feature": None, "flags": [], "consents": [], "client_version": "2.1.300", "env": {}, "settings": {},
        "safety_flagged": False, "session": {"started_at": None, "resumed_at": None}, "run_started_at": None, "copy": "service", "attributes": {},
        "derived_from": [],
    }
    for key, value in chosen.items():
        part, _, name = key.partition(".")
        if value is ...:
            continue
        if name and case[part] is not None:
            case[part][name] = value
        elif key == "consents":
            case[key] = _consents(*value, at)
        elif key == "session":
            case[key] = None if value is None else _session(value, at)
        elif key == "run_started_at":
            case[key] = _run(value, at)
        elif key == "foundry":
            case["provider"], case["hosting"] = "foundry", value
        elif key == "derived_from":
            case[key] = value if not value else [{**case, "derived_from": [], **source} for source in value]
        elif not name:
            case[key] = list(value) if isinstance(value, tuple) else value
    return case


@dataclass(frozen=True)
class _Plan:
    """How the cells of a block are numbered: first the base and its changes in one or two axes, then the whole product."""

    agent: str
    block: Block
    dates: tuple[datetime, ...]
    changes: tuple[tuple[tuple[str, int], ...], ...]
    near: int
    whole: int
    wanted_near: int
    wanted_whole: int


def _plan(agent: str, block: Block) -> _Plan:
    dates = points(block.sightings)
    asked = len(block.kinds) * len(block.purposes) * len(dates) * len(block.asked)
    whole = asked * prod(len(values) for values in block.axes.values())
    singles = [((key, place),) for key, values in block.axes.items() for place in range(1, len(values))]
    pairs = [(*one, *other) for one, other in combinations(singles, 2) if one[0][0] != other[0][0]]
    changes = ((), *singles, *pairs)
    near = asked * len(changes)
    if whole <= block.budget:
        return _Plan(agent, block, dates, changes, near, whole, 0, whole)
    return _Plan(agent, block, dates, changes, near, whole, min(near, block.budget * 4 // 5), 0 if block.is_near_only else block.budget // 5)


def _make(plan: _Plan, number: int, is_near: bool) -> Case:
    block = plan.block
    asked: list[Any] = []
    for values in (block.kinds, block.purposes, plan.dates, block.asked):
        number, place = divmod(number, len(values))
        asked.append(values[place])
    places = dict.fromkeys(block.axes, 0)
    if is_near:
        places.update(plan.changes[number])
    else:
        for key, choices in block.axes.items():
            number, places[key] = divmod(number, len(choices))
    return make(plan.agent, *asked, {key: values[places[key]] for key, values in block.axes.items()})


def _spread(size: int, wanted: int, start: int = 0) -> Iterator[int]:
    """The first `wanted` numbers of a fixed walk that meets each number below `size` once."""
    step = int(size * 0.6180339887) | 1
    while gcd(step, size) != 1:
        step += 2
    for place in range(min(size, wanted)):
        yield (start + place * step) % size


def cells(agent: str) -> Iterator[Case]:
    """Every cell of an agent, always in the same order."""
    for block in BLOCKS[agent]:
        plan = _plan(agent, block)
        for number in _spread(plan.near, plan.wanted_near):
            yield _make(plan, number, is_near=True)
        for number in _spread(plan.whole, plan.wanted_whole):
            yield _make(plan, number, is_near=False)


def count(agent: str) -> int:
    plans = [_plan(agent, block) for block in BLOCKS[agent]]
    return sum(plan.wanted_near + plan.wanted_whole for plan in plans)


def sample(n: int, seed: int, agent: str = "claude_code") -> Iterator[Case]:
    """About `n` cells, spread over all blocks of an agent in proportion to their budgets; another seed, other cells."""
    total = count(agent)
    for number, block in enumerate(BLOCKS[agent]):
        plan = _plan(agent, block)
        start = seed * 7919 + number * 104729
        for place in _spread(plan.near, -(-n * plan.wanted_near // total), start % plan.near):
            yield _make(plan, place, is_near=True)
        if not plan.wanted_whole:
            continue
        for place in _spread(plan.whole, -(-n * plan.wanted_whole // total), start % plan.whole):
            yield _make(plan, place, is_near=False)


def answer(case: Case) -> dict[str, str | None]:
    """The oracle's answer for any agent."""
    return claude_code.answer(case) if case["agent"] == "claude_code" else others.answer(case)


# --- Claude Code

CONSENT_VARIANTS = ("on", "none", "null", "off", "on exactly", "on later", "on by a member", "on then off", "off then on", "withdrawn", "value null",
                    "by null", "at null", "withdrawn and given again")
TIERS = ("pro", "free", "max", "team", "enterprise", "api", "gov", None, "platinum")
PROVIDERS = ("first_party", "bedrock", "vertex", "foundry", "aws_platform", "gateway", None)
SURFACES = ("cli", "ide", "desktop", "web", "mobile", "remote_control", "self_hosted", "slack", "code_review", "ci", None)
FEATURES = (None, *claude_code.RULES.lists["feature"][1:], "telepathy")
NON_EMPTY = (..., "1", "0", "false", "", None)
BOOLEAN = (..., "1", "true", "0", "no", "", "maybe", None)
CONTENT_DATES = ("2025-02-22", "2025-07-10", "2025-08-28", "2026-02-27", "2026-06-09", "2026-07-16")


def _consent_axis(name: str, variants: tuple[str, ...] = CONSENT_VARIANTS, who: str = "subject") -> tuple[tuple[str, str, str], ...]:
    return tuple((name, variant, who) for variant in variants)


def _unknown(agent: str, kinds: tuple[str, ...], sightings: tuple[str, ...]) -> Block:
    """One or two keys not known at a time."""
    keys = ("collected_at", "tier", "provider", "surface", "model_class", "flags", "client_version", "env", "settings", "safety_flagged", "session",
            "copy", "attributes", "derived_from")
    rules = naive.REGISTRY[agent]
    names = tuple(rules.consents)[:1]
    return Block(kinds, sightings, {
        "feature": (rules.lists["feature"][0],), **dict.fromkeys(keys, (..., None)),
        "consents": ((names[0], "on", "subject"), (names[0], "null", "subject")) if names else (...,),
    }, asked=("same", "null"), budget=2_000, is_near_only=True)


CLAUDE_CODE = [
    # The consumer's choice: who, when, which session, which run.
    Block(CONTENT, ("2025-08-28", "2026-01-07"), {
        "tier": ("pro", "free", "max", "team", None), "provider": ("first_party", "bedrock"), "consents": _consent_axis("training"),
        "session": ("unstated", "null", "fresh", "older", "older, resumed before", "older, resumed then", "older, resumed after"),
        "run_started_at": ("null", "before", "at", "after"),
    }, purposes=("train_generative", "serve"), asked=("same", "day 30", "before day 30", "late", "null"), budget=30_000),
    # Who the account is, zero retention, flagged content.
    Block(CONTENT, CONTENT_DATES, {
        "tier": TIERS, "provider": PROVIDERS, "flags": ((), ("zdr",), ("zdr", "zdr_other_login"), ("zdr_other_login",), ("baa",), None, ("shiny",)),
        "safety_flagged": (False, True, None), "consents": _consent_axis("training", ("none", "on")), "model_class": ("ordinary", "covered", None),
    }, budget=27_000),
    # Flagged content, held longer than the rest.
    Block((*CONTENT, "web_session", "classifier_score"), ("2025-02-22", "2025-08-28", "2026-02-27", "2026-06-09"), {
        "safety_flagged": (True, False, None), "tier": ("pro", "enterprise", "api", "team", None), "flags": ((), ("zdr",), None),
        "provider": ("first_party", "bedrock"), "consents": _consent_axis("training", ("none", "on", "withdrawn")),
        "attributes.investigation": (..., "open"), "model_class": ("ordinary", "covered"),
    }, purposes=("safety", "train_safety", "serve"), asked=("same", "before day 30", "day 30", "late"), budget=30_000),
    # The partner programme.
    Block(("code", "prompt"), ("2025-05-02", "2025-07-10", "2026-07-04", "2026-10-02"), {
        "tier": ("api", *TIERS[:5], *TIERS[6:]), "provider": PROVIDERS,
        "flags": (("dpp",), (), ("dpp_by_member",), ("dpp", "dpp_by_member"), ("dpp", "zdr"), None),
        "consents": _consent_axis("dpp", who="admin"), "attributes.billing": (..., "prepaid", "invoiced"),
        "run_started_at": ("null", "before", "after"),
    }, purposes=("train_generative", "collect"), asked=("same", "day 30", "late"), budget=30_000),
    # Surfaces and features against zero retention, HIPAA, CMEK and the client's version.
    Block((*CONTENT, "web_session", "repository_file"), (
        "2025-10-20", "2026-01-07", "2026-02-06", "2026-02-27", "2026-03-09", "2026-03-18", "2026-04-08", "2026-06-18", "2026-07-14", "2026-07-28",
        "2026-08-07",
        "2026-08-11..2026-08-14", "2026-10-05"), {
        "surface": SURFACES, "feature": FEATURES, "tier": ("pro", "team", "enterprise", "api"),
        "flags": ((), ("zdr",), ("hipaa",), ("cmek",), ("zdr", "hipaa"), None), "client_version": ("2.1.284", "2.1.285", None),
        "consents": _consent_axis("training", ("none", "on")),
    }, purposes=("collect", "serve", "train_generative"), asked=("same",), budget=30_000),
    # Remote control, artifacts, and the switches that end them.
    Block(("transcript", "prompt"), ("2026-05-05", "2026-05-13", "2026-07-14", "2026-07-28", "2026-06-18"), {
        "surface": ("cli", "remote_control", None), "feature": (None, "remote_control", "artifact"),
        "settings.disableRemoteControl": (..., True, False, "x", None),
        "env.DISABLE_TELEMETRY": NON_EMPTY, "env.DO_NOT_TRACK": (..., "1", "0", "maybe"), "env.DISABLE_GROWTHBOOK": (..., "1", "0"),
        "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": NON_EMPTY, "flags": ((), ("cmek",)),
    }, purposes=("collect", "serve"), asked=("same",), budget=30_000),
    # Covered models, workspaces and investigations; deletion; Foundry's hosting; incognito.
    Block(("prompt", "transcript"), ("2026-02-27", "2026-06-09", "2026-07-10", "2026-07-17", "2026-09-10"), {
        "tier": ("pro", "enterprise", "api"), "provider": ("first_party", "foundry", "bedrock"), "hosting": (None, "azure", "anthropic", "moon"),
        "model_class": ("ordinary", "covered", None), "flags": ((), ("zdr",)), "attributes.covered_workspace": (..., "accepted"),
        "attributes.investigation": (..., "open"), "attributes.deleted_by_user": (..., "yes"), "safety_flagged": (False, True),
        "feature": (None, "incognito", "cowork"), "consents": _consent_axis("training", ("none", "on", "withdrawn")),
    }, budget=30_000),
    # Copies: compliance and local.
    Block(("transcript", "prompt"), ("2026-08-11..2026-08-14",), {
        "copy": ("compliance", "service", "local", None), "tier": ("enterprise", "max", "team", "api"), "provider": ("first_party", "bedrock"),
        "surface": ("cli", "ide", "desktop", "web", "remote_control", None), "feature": (None, "cowork", "web_session"),
        "flags": ((), ("zdr",), ("hipaa",)),
        "attributes.compliance_api": ("on", ..., "off"), "attributes.compliance_period": (..., "own"),
        "attributes.auth": (..., "oauth", "console_key", None),
    }, asked=("same", "day 30"), budget=27_000),
    # Cloud files.
    Block(("repository_file",), ("2025-10-20", "2026-01-07", "2026-04-16", "2026-07-15", "2026-07-28", "2026-08-07", "2026-08-29", "2026-10-05"), {
        "attributes.repository": (..., "attached", "connected"), "attributes.vm_disk": (..., "snapshot"),
        "attributes.file_class": (..., "uncommitted_credential"), "attributes.checkout": (..., "worktree", "submodule"),
        "surface": ("web", "self_hosted", "mobile", "cli", None), "feature": (None, "web_session", "incognito"), "tier": ("pro", "team"),
        "provider": ("first_party", "bedrock"), "attributes.deleted_by_user": (..., "yes"), "flags": ((), ("zdr",), ("hipaa",)),
        "consents": _consent_axis("training", ("none", "on", "withdrawn")),
    }, purposes=("collect", "serve", "train_generative"), budget=30_000),
    # Stored cloud sessions: who, flagged, deleted.
    Block(("web_session",), ("2025-10-20", "2026-02-27", "2026-06-09", "2026-08-07", "2026-09-10", "2026-10-05"), {
        "tier": ("pro", "team", "api"), "provider": ("first_party", "bedrock"), "attributes.deleted_by_user": (..., "yes"),
        "flags": ((), ("zdr",), ("zdr", "zdr_other_login"), ("hipaa",), ("dpp",)), "attributes.auth": (..., "oauth"),
        "safety_flagged": (False, True), "model_class": ("ordinary", "covered"), "attributes.investigation": (..., "open"),
        "feature": (None, "incognito", "remote_control", "cowork"), "env.DISABLE_TELEMETRY": (..., "1"),
        "consents": _consent_axis("training", ("none", "on", "withdrawn")), "run_started_at": ("null", "after"),
    }, asked=("same", "day 30", "late"), budget=20_000),
    # The oldest periods, and how one signed in to an organisation with zero retention.
    Block((*CONTENT, "web_session", "classifier_score", "derived_signal"), ("2023->", "~2024", "2025-07-10", "2025-10-20", "2026-02-27"), {
        "tier": ("pro", "enterprise", "api", None), "flags": ((), ("zdr",), ("zdr", "zdr_other_login")),
        "attributes.auth": (..., "oauth", "api_key", "none", None), "feature": (None, "claude_ai_chat", "cowork"),
        "provider": ("first_party", "bedrock"),
        "attributes.deleted_by_user": (..., "yes"), "copy": ("service", "local", "compliance"),
        "derived_from": ([{"kind": "prompt", "flags": []}], [], None),
        "safety_flagged": (False, True),
    }, asked=("same", "day 30"), budget=20_000),
    # What exists as the service's copy alone.
    Block(("feedback_report", "feedback_draft", "survey_rating", "survey_transcript", "usage_metric", "error_report", "webfetch_hostname",
           "contribution_metric", "classifier_score", "derived_signal", "web_session", "repository_file"), ("2026-06-29", "2026-08-24..2026-08-28"), {
        "copy": ("compliance", "local", "service", None), "provider": ("first_party", "bedrock", "gateway"), "tier": ("pro", "enterprise"),
        "surface": ("cli", "web"), "flags": ((), ("zdr",)), "safety_flagged": (False, True), "attributes.draft": (..., "sent"),
        "consents": _consent_axis("transcript_share", ("on", "none")), "derived_from": ([{"kind": "prompt"}], []),
        "env.CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": (..., "1"), "env.DISABLE_TELEMETRY": (..., "1"),
    }, budget=20_000),
    # Feedback reports.
    Block(("feedback_report",), ("2025-02-22", "2025-08-28", "2025-10-17T18:01Z", "2026-05-16", "2026-07-16", "2026-08-24..2026-08-28",
        "2026-10-05"), {
        "tier": ("pro", "enterprise", "api"), "provider": PROVIDERS, "attributes.auth": (..., "none", "api_key"),
        "flags": ((), ("zdr",), ("zdr", "zdr_other_login"), ("feedback_disabled",), ("hipaa",), None),
        "env.DISABLE_FEEDBACK_COMMAND": BOOLEAN, "env.DISABLE_BUG_COMMAND": (..., "1"), "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": NON_EMPTY,
        "consents": _consent_axis("feedback", ("none", "on", "off")), "attributes.screen": (..., "card", "review"),
        "attributes.contains": (..., "transcript"), "env.CLAUDE_CODE_USE_FOUNDRY": (..., "1", "0"), "env.CLAUDE_CODE_USE_ANTHROPIC_AWS": (..., "1"),
    }, purposes=("collect", "improve", "debug", "train_generative"), budget=27_000),
    # Reports that were drafted.
    Block(("feedback_report",), ("2026-08-24..2026-08-28", "2026-10-05"), {
        "attributes.screen": ("card", "review", "command"), "tier": ("pro", "enterprise"),
        "provider": ("first_party", "bedrock", "foundry", "gateway"),
        "attributes.contains": (..., "transcript", "code", "working_directory", "request_settings"), "attributes.session_mode": (..., "print"),
        "surface": ("cli", "web", "mobile", "slack", "code_review", "self_hosted", "remote_control", None),
        "feature": (None, "web_session", "self_hosted"),
        "flags": ((), ("zdr",), ("hipaa",)), "settings.feedbackDrafts": (..., "quiet", "off", "loud", None),
        "env.CLAUDE_CODE_SEND_FEEDBACK": BOOLEAN, "env.DISABLE_GROWTHBOOK": (..., "1", "0"), "env.DISABLE_TELEMETRY": (..., "0", ""),
        "env.DO_NOT_TRACK": (..., "1", "0"), "attributes.auth": (..., "none"),
    }, purposes=("collect", "improve"), asked=("same",), budget=20_000),
    # Drafts.
    Block(("feedback_draft",), ("2026-08-24..2026-08-28", "2026-10-05"), {
        "attributes.draft": ("sent", ..., "unsent", None), "tier": ("pro", "enterprise"), "feature": (None, "web_session", "self_hosted"),
        "client_version": ("2.1.300", "2.1.88", None), "consents": _consent_axis("feedback", ("none", "off", "null")),
        "attributes.auth": (..., "none"),
        "env.DISABLE_FEEDBACK_COMMAND": (..., "1"), "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": (..., "0"),
        "attributes.screen": (..., "card", "review"),
        "attributes.contains": (..., "transcript", "code", "working_directory", "request_settings"), "attributes.session_mode": (..., "print"),
        "provider": ("first_party", "bedrock", "gateway"), "surface": ("cli", "web", "self_hosted", "slack"),
        "flags": ((), ("zdr",), ("hipaa",), ("feedback_disabled",)), "settings.feedbackDrafts": (..., "notify", "quiet", "off", "loud", None),
        "settings.cleanupPeriodDays": (..., 10, 90, 0, "x", None), "env.CLAUDE_CODE_SEND_FEEDBACK": BOOLEAN,
        "env.DISABLE_GROWTHBOOK": (..., "1", "0"),
        "env.DISABLE_TELEMETRY": (..., "0"), "env.DO_NOT_TRACK": (..., "1", "0"), "copy": ("service", "local", None),
    }, purposes=("collect", "improve", "serve"), budget=27_000),
    # The survey and the transcript after it.
    Block(("survey_rating", "survey_transcript"), (
        "2025-10-27", "2026-02-01", "2026-03-14", "2026-03-16", "<=2026-04-09", "2026-04-28", "2026-05-12", "2026-06-29", "2026-08-07", "2026-08-29",
        "2026-10-05"), {
        "provider": PROVIDERS, "tier": ("pro", "api"), "flags": ((), ("zdr",), ("zdr", "zdr_other_login"), ("feedback_disabled",), ("hipaa",)),
        "env.CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": (..., "1", "0", "maybe"), "env.DISABLE_TELEMETRY": (..., "1", "0", ""),
        "env.DO_NOT_TRACK": (..., "1", "0", "maybe"), "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": (..., "1", "0"),
        "env.CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": (..., "1", "maybe"), "settings.feedbackSurveyRate": (..., 0, 0.5, 7, None),
        "consents": _consent_axis("transcript_share", ("on", "none", "off", "on later", "on by a member", "null")),
        "attributes.contains": (..., "transcript", "request_settings"), "attributes.gateway_signed_in": (..., "no"),
    }, purposes=("collect", "improve"), asked=("same",), budget=30_000),
    # Metrics.
    Block(("usage_metric",), (
        "2025-02-22", "2025-07-10", "2025-08-28", "2026-02-01", "2026-05-01", "2026-05-11", "2026-06-29", "2026-08-13", "2026-08-29"), {
        "provider": PROVIDERS, "tier": ("pro", "enterprise", "api"), "flags": ((), ("zdr",), ("managed_by_host",), None),
        "client_version": ("2.1.126", "2.1.125", None),
        "env.DISABLE_TELEMETRY": NON_EMPTY, "env.DO_NOT_TRACK": BOOLEAN, "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": NON_EMPTY,
        "env.CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": (..., "1", "0", "maybe"), "env.CLAUDE_CODE_USE_BEDROCK": (..., "1", "0"),
        "attributes.contains": (..., "code", "prompt", "file_path", "bash_command"), "attributes.gateway_signed_in": (..., "no"),
    }, purposes=("collect", "improve"), asked=("same",), budget=30_000),
    # Errors and host names.
    Block(("error_report", "webfetch_hostname"), ("2025-07-10", "2026-02-01", "2026-04-22", "2026-05-11", "2026-06-29", "2026-07-16", "2026-10-05"), {
        "tier": TIERS, "provider": PROVIDERS, "client_version": ("2.1.197", "2.1.198", "2.1.285", None),
        "flags": ((), ("zdr",), ("zdr", "zdr_other_login"), ("hipaa",)), "env.DISABLE_ERROR_REPORTING": NON_EMPTY,
        "env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": (..., "1", "0"), "env.CLAUDE_CODE_USE_VERTEX": (..., "1"),
        "settings.skipWebFetchPreflight": (..., True, False, "x", None), "attributes.contains": (..., "code", "file_path"),
    }, purposes=("collect", "debug"), asked=("same",), budget=27_000),
    # Derived: contribution metrics and classifier scores.
    Block(("contribution_metric", "classifier_score"), ("2025-02-22", "2026-01-29", "2026-02-06", "2026-02-27", "2026-07-16"), {
        "tier": TIERS, "provider": PROVIDERS, "flags": ((), ("zdr",), ("zdr", "zdr_other_login")), "safety_flagged": (True, False, None),
        "copy": ("service", "local"),
    }, budget=30_000),
    Block(("derived_signal",), ("2025-08-28", "2026-02-27", "2026-07-28"), {
        "tier": ("pro", "enterprise"), "flags": ((), ("zdr",), ("zdr", "zdr_other_login")), "provider": ("first_party", "vertex"),
        "copy": ("service", "compliance", "local", None), "consents": _consent_axis("training", ("none", "on", "withdrawn")),
        "derived_from": ([{"kind": "transcript"}], None, [], [{"kind": "prompt", "flags": ["zdr"], "tier": "enterprise"}],
                         [{"kind": "transcript"}, {"kind": "survey_rating"}], [{"kind": "local_transcript", "copy": "local"}],
                         [{"kind": "feedback_report"}], [{"kind": "prompt", "tier": None}]),
    }, asked=("same", "day 30", "late"), budget=20_000),
    # What lies on the machine.
    Block(("local_transcript", "local_prompt_history", "transcript"), (
        "2025-07-10", "2025-12-02", "2026-03-12", "2026-04-01", "2026-04-08", "2026-04-14", "2026-08-30", "2026-10-05"), {
        "copy": ("local",), "client_version": ("0.2.116", "0.2.117", "2.1.82", "2.1.83", "2.1.88", "2.1.89", "2.1.117", "2.1.228", "2.1.247",
            "2.1.248", "2.1.285", None),
        "settings.cleanupPeriodDays": (..., 1, 20, 90, 0, -1, "x", None), "settings.desktopSessionCleanupPeriodDays": (..., 0, 10, 90, "x", None),
        "attributes.last_continued_in": (..., "desktop", "cowork"), "attributes.cleanup_managed": (..., "yes"),
        "attributes.local_file": (..., "tool_result", "task", "memory"), "attributes.session_persistence": (..., "off"), "flags": ((), ("hipaa",)),
        "env.CLAUDE_CODE_SKIP_PROMPT_HISTORY": (..., "1", "0", "maybe", None),
    }, purposes=("collect", "serve", "improve"), asked=("same", "day 30"), budget=27_000),
    # Desktop's exemption, a period of 0, and the files beside a transcript.
    Block(("local_transcript", "local_prompt_history", "transcript"), ("2026-04-08", "2026-08-30"), {
        "client_version": ("2.1.248", "2.1.200", "2.1.285", "2.1.100", "2.1.80", None), "copy": ("local", "service"),
        "attributes.last_continued_in": ("desktop", ..., "cowork"), "settings.cleanupPeriodDays": (0, ..., 90, "x"),
        "settings.desktopSessionCleanupPeriodDays": (10, ..., 0), "attributes.local_file": (..., "tool_result", "task", "memory"),
        "attributes.cleanup_managed": (..., "yes"), "flags": ((), ("hipaa",), None), "attributes.session_persistence": (..., "off"),
        "env.CLAUDE_CODE_SKIP_PROMPT_HISTORY": (..., "1"),
    }, purposes=("serve", "safety"), asked=("same", "day 30"), budget=20_000),
    _unknown("claude_code", (*CONTENT, "feedback_report", "usage_metric", "survey_rating", "error_report", "web_session", "local_transcript"),
             ("2025-08-28", "2026-02-27", "2026-07-16")),
]

# --- the other agents

ALL_KINDS = (*CONTENT, "feedback_report", "usage_metric", "web_session", "repository_file", "local_transcript", "local_prompt_history",
    "derived_signal",
             "survey_rating", "error_report")
COPIES = ("service", "local", "litigation_hold")
FEW = ("on", "none", "off", "on later", "on by a member", "withdrawn", "null")
ZDR = ((), ("zdr",), None)
SHORT = ("collect", "serve", "improve", "safety", "train_generative")
API_AXES: dict[str, tuple[Any, ...]] = {
    "flags": ZDR, "consents": _consent_axis("sharing", who="owner"), "attributes.store": (..., "false"),
    "attributes.retention_control": (..., "modified_abuse_monitoring", "private_retention", "safety_retention"),
    "attributes.residency": (..., "us", "other"), "attributes.project_sharing": (..., "not_covered"), "attributes.contract": (..., "enterprise"),
    "attributes.sensitive": (..., "yes"), "safety_flagged": (False, True, None), "model_class": ("ordinary", "frontier"),
    "run_started_at": ("null", "before", "after"),
}


def _every_kind(agent: str, sightings: tuple[str, ...]) -> Block:
    """All kinds and purposes over the closed lists, so that silence is tried everywhere."""
    lists = naive.REGISTRY[agent].lists
    return Block(ALL_KINDS, sightings, {
        "tier": (*lists["tier"], None, "platinum"), "provider": (*lists["provider"], None), "surface": (*lists["surface"][:4], None),
        "feature": (None, *lists["feature"][1:]), "copy": (*lists["copy"], None), "flags": ZDR,
    }, budget=12_000)


CHATGPT_DATES = ("2023->", "<=2025", "2025-05-13", "2025-09-26")
GOOGLE_DATES = ("2025->", "2025-06->", "2025-06-25", "2025-07-27", "2025-09-24", "2025-10-10", "2026-02-27", "2026-06-18")

BLOCKS: dict[str, list[Block]] = {
    "claude_code": CLAUDE_CODE,
    "chatgpt": [
        _every_kind("chatgpt", CHATGPT_DATES),
        Block(CONTENT, CHATGPT_DATES, {
            "tier": ("free", "go", "plus", "pro", "business", "enterprise", "edu", None), "feature": (None, "temporary_chat"),
            "copy": (*COPIES, None),
            "attributes.feedback_given": (..., "yes"), "attributes.deleted": (..., "yes"),
            "settings.conversation_retention_days": (..., 90, 400, 10, None),
            "consents": (*_consent_axis("training"), *_consent_axis("workspace_sharing", FEW, who="admin")),
            "session": ("unstated", "older", "older, resumed after"), "run_started_at": ("null", "before", "after"),
        }, purposes=SHORT, asked=("same", "day 30", "late"), budget=20_000),
    ],
    "openai_api": [
        _every_kind("openai_api", ("2023-03-01", "2024-12->", "~2026")),
        Block(CONTENT, ("2023-03-01", "2024-12->", "~2026", "2026-08-19"), {"copy": COPIES, **API_AXES}, purposes=SHORT, asked=("same", "day 30"),
            budget=20_000),
    ],
    "codex": [
        _every_kind("codex", ("2023->", "2023-03-01", "2026->")),
        Block(CONTENT, ("2023->", "<=2026-02-21", "<=2026-03-13"), {
            "tier": ("free", "go", "plus", "pro", "business", "enterprise", "edu", "api", None), "surface": ("cli", "ide", "desktop", "web", None),
            "feature": (None, "cloud_task", "code_review"), "attributes.auth": (..., "api_key"), "attributes.feedback_given": (..., "yes"),
            "attributes.deleted": (..., "yes"), "settings.conversation_retention_days": (..., 90, 400, 10, None),
            "consents": (*_consent_axis("training", FEW), *_consent_axis("codex_training", FEW),
                *_consent_axis("workspace_sharing", FEW, who="admin")),
            "attributes.channel": (..., "otel"), "settings.otel.exporter": (..., "otlp-http", "x"), "settings.otel.log_user_prompt": (..., True, "x"),
        }, purposes=SHORT, asked=("same", "late"), budget=20_000),
        Block(CONTENT, ("2023-03-01", "2024-12->", "~2026"), {"tier": ("api",), **API_AXES}, purposes=SHORT, asked=("same", "day 30"), budget=12_000),
        Block(("feedback_report", "usage_metric", "repository_file", "local_prompt_history"), ("2025->", "2026->", "<=2026-02-08"), {
            "tier": ("plus", "enterprise", "api"), "feature": (None, "cloud_task"), "attributes.logs": (..., "declined", "included"),
            "attributes.contains": (..., "log", "rollout", "secret"), "attributes.phase": (..., "setup", "agent"),
            "attributes.channel": (..., "otel"),
            "settings.feedback.enabled": (..., False, "x"), "settings.analytics.enabled": (..., False, "x", None),
            "settings.otel.exporter": (..., "otlp-grpc"),
            "settings.history.persistence": (..., "none", "x", None),
        }, purposes=("collect", "serve", "improve"), budget=12_000),
    ],
    "gemini_cli": [
        _every_kind("gemini_cli", GOOGLE_DATES),
        Block(CONTENT, GOOGLE_DATES, {
            "tier": ("free", "pro", "ultra", "standard", "enterprise", "api_unpaid", "api_paid", "vertex", None), "feature": (None, "grounding"),
            "attributes.licence": (..., "standard", "enterprise"), "attributes.client": (..., "third_party"), "attributes.storage": (..., "on"),
            "attributes.cache": (..., "on", "off"), "attributes.abuse_logging": (..., "on", "off"), "attributes.sensitive": (..., "yes"),
            "attributes.region": (..., "eea", "other"), "settings.privacy.usageStatisticsEnabled": (..., False, "x", None),
            "consents": (*_consent_axis("training", FEW), *_consent_axis("cloud_training", FEW, who="admin")), "flags": ZDR,
        }, purposes=SHORT, asked=("same", "day 30", "late"), budget=20_000),
        Block(("usage_metric", "prompt", "local_transcript"), ("2025-06->", "2026-04-21"), {
            "tier": ("free", "standard"), "attributes.channel": (..., "otel"), "attributes.signal": (..., "trace", "metric"),
            "attributes.contains": (..., "prompt", "personal_data"), "settings.privacy.usageStatisticsEnabled": (..., False, "x"),
            "settings.telemetry.enabled": (..., True, "x"), "settings.telemetry.logPrompts": (..., False), "settings.telemetry.traces": (..., True),
            "settings.general.sessionRetention.enabled": (..., False, "x"), "settings.general.sessionRetention.maxAge": (..., "7d", "soon", None),
        }, purposes=("collect", "serve"), budget=12_000),
    ],
    "code_assist": [
        _every_kind("code_assist", GOOGLE_DATES),
        Block((*CONTENT, "usage_metric", "feedback_report"), GOOGLE_DATES, {
            "tier": ("free", "pro", "ultra", "standard", "enterprise", None), "attributes.licence": (..., "standard"),
            "attributes.storage": (..., "on"),
            "attributes.client": (..., "third_party"), "consents": _consent_axis("training", FEW), "flags": ZDR,
        }, purposes=SHORT, asked=("same", "late"), budget=12_000),
    ],
    "gemini_api": [
        _every_kind("gemini_api", ("2025->", "2025-05-20", "~2026")),
        Block(CONTENT, ("2025->", "2025-05-20", "~2026"), {
            "tier": ("unpaid", "paid", None), "feature": (None, "grounding", "interactions"), "attributes.store": (..., "false"),
            "attributes.sensitive": (..., "yes"), "attributes.region": (..., "eea", "ch", "uk", "other"), "flags": ZDR,
        }, asked=("same", "day 30", "late"), budget=20_000),
    ],
    "vertex": [
        _every_kind("vertex", ("2025->",)),
        Block(CONTENT, ("2025->",), {
            "feature": (None, "grounding"), "attributes.cache": (..., "on", "off"), "attributes.abuse_logging": (..., "on", "off"), "flags": ZDR,
            "consents": _consent_axis("training", who="admin"), "run_started_at": ("null", "before", "after"),
        }, asked=("same", "day 30"), budget=12_000),
    ],
    "antigravity": [_every_kind("antigravity", ("<=2026-01-22",))],
    "copilot": [
        _every_kind("copilot", ("2024->", "2026-04-24", "~2026")),
        Block((*CONTENT, "web_session", "feedback_report", "repository_file"), ("2024->", "2026-04-24", "~2026"), {
            "tier": ("free", "pro", "pro_plus", "business", "enterprise", "student", None), "surface": ("cli", "ide", "web", "mobile", None),
            "feature": (None, "completions", "coding_agent"), "attributes.sync_policy": (..., "disabled", "view", "control"),
            "attributes.repository_excluded": (..., "yes"), "attributes.context": (..., "live"),
            "settings.remoteExport": (..., True, False, "x", None),
            "settings.chat.sessionSync.enabled": (..., False), "consents": _consent_axis("training"), "run_started_at": ("null", "before", "after"),
        }, purposes=SHORT, asked=("same", "late"), budget=20_000),
        Block(("usage_metric",), ("2024->", "2025->", "2026-04-24"), {
            "tier": ("pro", "business", "student"), "attributes.metric": (..., "engagement", "last_activity", "interaction"),
            "settings.telemetry.telemetryLevel": (..., "off", "crash", "all", "x", None), "surface": ("cli", "ide"),
            "consents": _consent_axis("training", FEW),
        }, purposes=("collect", "improve", "train_generative"), budget=12_000),
    ],
    "cursor": [
        _every_kind("cursor", ("2025->", "~2025-06", "~2026")),
        Block((*CONTENT, "web_session", "derived_signal"), ("2025->", "~2025-06", "<=2025-06", "~2026"), {
            "tier": ("free", "pro", "team", "enterprise", None), "feature": (None, "cloud_agent", "memories"),
            "attributes.mode": (..., "privacy", "privacy_legacy", "share", "unset"), "attributes.forced": (..., "yes"),
            "attributes.key": (..., "own"),
            "settings.cloud_agent_retention_days": (..., 0, 7, "x", None), "derived_from": ([], None, [{"kind": "prompt"}]),
        }, purposes=SHORT, asked=("same", "late"), budget=20_000),
    ],
    "opencode": [
        _every_kind("opencode", ("2025->", "2026-06-23")),
        Block((*CONTENT, "web_session"), ("2025->", "2026-06-23"), {
            "tier": ("open_source", "zen"), "provider": ("own_key", "zen_paid", "zen_free", None), "attributes.mode": (..., "auto", "disabled"),
            "attributes.upstream": (..., "openai", "anthropic", "other"), "consents": _consent_axis("share"),
        }, purposes=SHORT, asked=("same", "day 30", "late"), budget=20_000),
    ],
    "aider": [
        _every_kind("aider", ("~2024-11",)),
        Block(("usage_metric", "prompt"), ("~2024-11",), {
            "attributes.analytics": (..., "disabled"), "attributes.contains": (..., "code", "key"), "env.AIDER_ANALYTICS_DISABLE": BOOLEAN,
            "consents": _consent_axis("analytics"),
        }, purposes=("collect", "improve"), budget=20_000),
    ],
}
