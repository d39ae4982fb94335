"""The worked decisions about the OpenAI and Google agents, and a case for each of their rows."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from tenure.terms.cases import parse_case, render_decision
from tenure.terms.decide import decide, open_book
from tenure.terms.parse import parse_pack
from tenure.terms.price_rows import parse_quotas
from tenure.terms.quota import Sent, metered, quota_for
from tenure.terms.standing import Standing

AGENTS = ("antigravity", "chatgpt", "code_assist", "codex", "gemini_api", "gemini_cli", "openai_api", "vertex")
ASKED = "2026-11-22T00:00:00Z"
PAGES = {agent: (files("tenure.terms") / "packs" / f"{agent}.toml").read_bytes() for agent in AGENTS}
PACKS = {agent: parse_pack(content, f"{agent}.toml") for agent, content in PAGES.items()}
BOOK = open_book(list(PACKS.values()))
OFF = [{"name": "training", "value": False, "at": "2023-01-01T00:00:00Z", "by": "subject"}]
SHARED = [{"name": "sharing", "value": True, "at": "2023-01-01T00:00:00Z", "by": "owner"}]
SENT, TRAIN, SAFETY, IMPROVE = "collect", "train_generative", "safety", "improve"


def answer(agent, tier, kind, purpose, collected, *, book=BOOK, **more):
    """Decide a case in which all that is not named is known to be none."""
    case = {
        "agent": agent,
        "tier": tier,
        "kind": kind,
        "purpose": purpose,
        "collected_at": f"{collected}T12:00:00Z",
        "asked_at": f"{collected}T12:00:00Z",
    }
    case |= {"provider": "first_party", "flags": [], "consents": [], "env": {}, "settings": {}, "safety_flagged": False}
    case |= {"surface": "web"} if agent == "chatgpt" else {"surface": "ide"} if agent in {"code_assist", "antigravity"} else {"surface": "cli"}
    return render_decision(decide(book, parse_case(case | more)))


def verdict(*args, **more):
    """Only the verdict."""
    return answer(*args, **more)["verdict"]


def keep(agent, tier, kind, collected, **more):
    """Only the period."""
    return answer(agent, tier, kind, SENT, collected, **more)["keep"]


def test_example_13_feedback_trains_although_opted_out():
    rated = {"feedback_given": "yes"}
    for kind in ("prompt", "output", "code", "transcript"):
        assert verdict("chatgpt", "pro", kind, TRAIN, "2026-05-01", asked_at=ASKED, consents=OFF, attributes=rated) == "permit"
        assert verdict("chatgpt", "pro", kind, TRAIN, "2026-05-01", asked_at=ASKED, consents=OFF) == "deny"
    assert verdict("chatgpt", "pro", "feedback_report", TRAIN, "2026-05-01", asked_at=ASKED, consents=OFF) == "permit"


def test_example_16_the_request_that_crosses_the_limit_is_billed_whole():
    day = datetime(2026, 8, 30, 12, tzinfo=UTC)
    quota = quota_for(parse_quotas_of("openai_api"), group="large", tier="1", at=day)
    assert quota is not None
    assert quota.consent == "sharing"
    requests = [Sent(at, tokens, True, "inference") for at, tokens in ((day, 2_000), (day, 10), (day.replace(day=31, hour=0), 2_000))]
    assert metered(quota, requests, used=249_000, used_on=day.date()) == (2_000, 10, 0)


def parse_quotas_of(agent):
    return parse_quotas(tomllib.loads(PAGES[agent].decode()), f"{agent}.toml")


@pytest.mark.parametrize(
    ("group", "tier", "tokens"),
    [("large", "1", 250_000), ("large", "2", 250_000), ("large", "5", 1_000_000), ("small", "2", 2_500_000), ("small", "3", 10_000_000)],
)
def test_each_model_group_and_usage_tier_has_its_quota(group, tier, tokens):
    quota = quota_for(parse_quotas_of("openai_api"), group=group, tier=tier, at=datetime(2026, 8, 30, tzinfo=UTC))
    assert quota is not None
    assert quota.tokens == tokens
    assert quota.not_for == {"fine_tuned", "evals", "tools"}


def test_example_18_declined_logs_stay_on_the_machine():
    declined = {"logs": "declined"}
    basic = answer("codex", "plus", "feedback_report", SENT, "2026-04-01", asked_at=ASKED, attributes=declined)
    assert (basic["verdict"], basic["keep"], basic["expires_at"]) == ("permit", None, None)
    for part in ("log", "rollout"):
        assert verdict("codex", "plus", "feedback_report", SENT, "2026-04-01", asked_at=ASKED, attributes=declined | {"contains": part}) == "deny"
        assert verdict("codex", "plus", "feedback_report", SENT, "2026-04-01", attributes={"logs": "included", "contains": part}) == "permit"
        assert verdict("codex", "plus", "feedback_report", SENT, "2026-04-01", attributes={"contains": part}) == "gap"
    assert verdict("codex", "plus", "feedback_report", SENT, "2026-04-01", settings={"feedback.enabled": False}) == "deny"


@pytest.mark.parametrize(
    ("tier", "attributes"), [("free", {"licence": "enterprise"}), ("enterprise", {"auth": "personal"}), ("ultra", {"licence": "standard"})]
)
def test_example_21_the_licence_wins_over_the_personal_login(tier, attributes):
    found = answer("gemini_cli", tier, "prompt", TRAIN, "2026-05-01", attributes=attributes)
    assert (found["verdict"], found["keep"]) == ("deny", "P0D")
    assert verdict("gemini_cli", tier, "prompt", "serve", "2026-06-19", attributes=attributes) == "permit"


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        ("free", "deny"),
        ("pro", "deny"),
        ("ultra", "deny"),
        ("api_unpaid", "deny"),
        ("standard", "permit"),
        ("enterprise", "permit"),
        ("api_paid", "permit"),
        ("vertex", "permit"),
    ],
)
def test_example_22_individuals_are_served_no_longer(tier, expected):
    for purpose in ("serve", SENT):
        assert verdict("gemini_cli", tier, "prompt", purpose, "2026-06-19", attributes={"region": "other"}) == expected
        assert verdict("gemini_cli", tier, "prompt", purpose, "2026-06-17", attributes={"region": "other"}) == "permit"
    if not tier.startswith(("api", "vertex")):
        assert verdict("code_assist", tier, "prompt", "serve", "2026-06-19") == expected


def _by_key(more):
    return more | {"attributes": {"auth": "api_key"} | more.get("attributes", {})}


ROWS = [
    # OpenAI, training
    ("chatgpt plus prompt train_generative 2025-06-01", {}, "permit"),
    ("chatgpt go prompt train_generative 2025-06-01", {}, "permit"),
    ("chatgpt plus prompt train_generative 2025-06-01", {"consents": None}, "gap"),
    ("chatgpt plus prompt train_generative 2025-06-01", {"consents": OFF}, "deny"),
    ("chatgpt plus prompt train_generative 2025-06-01", {"feature": "temporary_chat"}, "deny"),
    ("chatgpt plus prompt train_generative 2025-06-01", {"feature": "temporary_chat", "attributes": {"feedback_given": "yes"}}, "deny"),
    ("chatgpt business prompt train_generative 2025-06-01", {}, "deny"),
    ("chatgpt edu prompt train_generative 2025-06-01", {"attributes": {"feedback_given": "yes"}}, "deny"),
    ("chatgpt business prompt train_generative 2025-06-01", {"consents": [SHARED[0] | {"name": "workspace_sharing"}]}, "permit"),
    ("chatgpt business prompt train_generative 2025-06-01", {"consents": [SHARED[0] | {"name": "workspace_sharing", "by": "member"}]}, "deny"),
    ("codex pro web_session train_generative 2026-06-01", {}, "permit"),
    ("codex pro prompt train_generative 2026-06-01", {}, "permit"),
    ("codex pro prompt train_generative 2026-06-01", {"consents": [OFF[0] | {"name": "codex_training"}]}, "deny"),
    ("codex pro prompt train_generative 2026-06-01", {"consents": OFF, "attributes": {"feedback_given": "yes"}}, "permit"),
    ("codex pro prompt train_generative 2026-06-01", {"attributes": {"auth": "api_key"}}, "deny"),
    ("codex pro prompt train_generative 2026-06-01", {"provider": "azure"}, "deny"),
    ("codex pro prompt serve 2026-06-01", {"provider": "azure"}, "deny"),
    ("codex enterprise prompt train_generative 2026-06-01", {"consents": [SHARED[0] | {"name": "workspace_sharing"}]}, "deny"),
    ("codex pro repository_file train_generative 2026-06-01", {}, "deny"),
    ("codex api prompt train_generative 2026-06-01", {}, "deny"),
    ("codex api prompt train_generative 2026-06-01", {"consents": SHARED}, "permit"),
    ("openai_api api prompt train_generative 2024-06-01", {}, "deny"),
    ("openai_api api prompt train_generative 2026-06-01", {"consents": SHARED}, "permit"),
    ("openai_api api prompt train_generative 2026-06-01", {"consents": [SHARED[0] | {"by": "member"}]}, "deny"),
    ("openai_api api prompt train_generative 2026-06-01", {"consents": SHARED, "flags": ["zdr"]}, "deny"),
    ("openai_api api prompt train_generative 2026-06-01", {"consents": SHARED, "attributes": {"contract": "enterprise"}}, "deny"),
    ("openai_api api prompt train_generative 2026-06-01", {"consents": SHARED, "attributes": {"project_sharing": "not_covered"}}, "deny"),
    ("openai_api api prompt collect 2026-06-01", {"consents": SHARED, "attributes": {"sensitive": "yes"}}, "deny"),
    # OpenAI, retention and the service
    ("openai_api api prompt safety 2026-06-01", {}, "permit"),
    ("openai_api api prompt safety 2026-06-01", {"flags": ["zdr"]}, "deny"),
    ("openai_api api prompt serve 2026-06-01", {"attributes": {"residency": "other"}}, "deny"),
    ("openai_api api prompt serve 2026-06-01", {"attributes": {"residency": "other"}, "flags": ["zdr"]}, "permit"),
    ("openai_api api prompt serve 2026-06-01", {"attributes": {"residency": "other", "retention_control": "modified_abuse_monitoring"}}, "permit"),
    ("chatgpt plus transcript serve 2025-07-01", {"copy": "litigation_hold"}, "deny"),
    ("codex plus transcript collect 2026-06-01", {"copy": "compliance"}, "deny"),
    ("codex enterprise transcript collect 2026-06-01", {"copy": "compliance"}, "deny"),
    ("codex plus repository_file serve 2026-06-01", {"feature": "cloud_task", "attributes": {"contains": "secret", "phase": "setup"}}, "permit"),
    ("codex plus repository_file serve 2026-06-01", {"feature": "cloud_task", "attributes": {"contains": "secret", "phase": "agent"}}, "deny"),
    ("codex plus repository_file serve 2026-06-01", {}, "deny"),
    ("codex plus web_session serve 2026-06-01", {"attributes": {"contains": "secret", "phase": "agent"}}, "deny"),
    ("codex pro web_session train_generative 2025-06-01", {}, "deny"),
    ("codex pro web_session train_generative 2026-06-01", {"consents": OFF, "attributes": {"feedback_given": "yes"}}, "permit"),
    ("codex pro prompt train_generative 2026-06-01", {"attributes": {"deleted": "yes"}}, "deny"),
    ("codex edu web_session train_generative 2026-06-01", {"consents": [SHARED[0] | {"name": "workspace_sharing"}]}, "permit"),
    ("codex plus webfetch_hostname collect 2026-06-01", {}, "deny"),
    ("codex plus usage_metric collect 2026-06-01", {}, "permit"),
    ("codex plus usage_metric collect 2026-06-01", {"settings": {"analytics.enabled": False}}, "deny"),
    ("codex plus usage_metric collect 2026-06-01", {"settings": {"analytics.enabled": "perhaps"}}, "deny"),
    ("codex plus local_transcript collect 2026-06-01", {}, "deny"),
    # Google
    ("gemini_cli free prompt train_generative 2025-07-01", {}, "permit"),
    ("gemini_cli free prompt train_generative 2025-07-01", {"consents": OFF}, "deny"),
    ("gemini_cli free prompt train_generative 2025-07-01", {"settings": {"privacy.usageStatisticsEnabled": False}}, "deny"),
    ("gemini_cli free prompt train_generative 2025-10-11", {}, "deny"),
    ("gemini_cli pro prompt train_generative 2025-09-20", {}, "deny"),
    ("gemini_cli pro prompt train_generative 2025-10-01", {}, "permit"),
    ("gemini_cli ultra prompt train_generative 2025-10-11", {}, "deny"),
    ("gemini_cli api_unpaid prompt train_generative 2025-07-01", {"attributes": {"region": "other"}}, "permit"),
    ("gemini_cli api_unpaid prompt train_generative 2026-01-01", {"attributes": {"region": "other"}}, "permit"),
    (
        "gemini_cli api_unpaid prompt train_generative 2026-01-01",
        {"attributes": {"region": "other"}, "settings": {"privacy.usageStatisticsEnabled": False}},
        "deny",
    ),
    ("gemini_cli api_paid prompt train_generative 2026-01-01", {}, "deny"),
    ("gemini_cli standard prompt train_generative 2026-01-01", {}, "deny"),
    ("gemini_cli vertex prompt train_generative 2026-01-01", {}, "deny"),
    ("gemini_cli free prompt serve 2026-02-28", {"attributes": {"client": "third_party"}}, "deny"),
    ("gemini_cli free prompt serve 2026-02-26", {"attributes": {"client": "third_party"}}, "permit"),
    ("gemini_cli free usage_metric collect 2026-01-01", {}, "permit"),
    ("gemini_cli free usage_metric collect 2026-01-01", {"attributes": {"contains": "prompt"}}, "deny"),
    ("gemini_cli standard usage_metric collect 2026-01-01", {"settings": {"privacy.usageStatisticsEnabled": False}}, "deny"),
    ("code_assist free prompt train_generative 2025-07-01", {}, "deny"),
    ("code_assist free prompt train_generative 2025-07-01", {"consents": OFF}, "deny"),
    ("code_assist standard prompt train_generative 2025-07-01", {}, "deny"),
    ("code_assist free usage_metric collect 2025-07-01", {}, "permit"),
    ("gemini_api unpaid prompt train_generative 2026-01-01", {"attributes": {"region": "other"}}, "permit"),
    ("gemini_api unpaid prompt serve 2026-01-01", {"attributes": {"region": "uk"}}, "deny"),
    ("gemini_api unpaid prompt serve 2026-01-01", {}, "gap"),
    ("gemini_api unpaid prompt collect 2026-01-01", {"attributes": {"region": "other", "sensitive": "yes"}}, "deny"),
    ("gemini_api paid prompt serve 2026-01-01", {}, "permit"),
    ("gemini_api paid prompt train_generative 2026-01-01", {}, "deny"),
    ("gemini_api paid prompt safety 2026-01-01", {}, "permit"),
    ("vertex vertex prompt train_generative 2026-01-01", {}, "deny"),
    (
        "vertex vertex prompt train_generative 2026-01-01",
        {"consents": [SHARED[0] | {"name": "training"}], "attributes": {"cache": "off", "abuse_logging": "on"}},
        "permit",
    ),
    ("vertex vertex prompt safety 2026-01-01", {"flags": ["zdr"], "attributes": {"cache": "on", "abuse_logging": "on"}}, "deny"),
    ("vertex vertex prompt safety 2026-01-01", {"attributes": {"abuse_logging": "on"}}, "permit"),
    ("vertex vertex prompt safety 2026-01-01", {"attributes": {"abuse_logging": "off"}}, "deny"),
    ("antigravity free prompt serve 2026-06-01", {}, "deny"),
    ("antigravity free prompt improve 2026-06-01", {}, "deny"),
    ("antigravity enterprise prompt improve 2026-06-01", {}, "deny"),
    # what lies on the machine, or has a second copy
    ("antigravity free local_transcript collect 2026-06-01", {}, "deny"),
    ("antigravity free prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("chatgpt plus local_transcript collect 2026-06-01", {}, "deny"),
    ("chatgpt plus prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("code_assist free local_transcript collect 2026-06-01", {}, "deny"),
    ("code_assist free prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("codex plus prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("gemini_api paid prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("gemini_cli free prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("openai_api api prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    ("openai_api api prompt safety 2025-07-01", {"copy": "litigation_hold"}, "deny"),
    ("codex plus prompt serve 2025-07-01", {"copy": "litigation_hold"}, "deny"),
    ("vertex vertex prompt collect 2026-06-01", {"copy": "local"}, "deny"),
    # feedback and sharing
    ("chatgpt plus feedback_report collect 2026-06-01", {}, "permit"),
    ("chatgpt plus prompt train_generative 2025-06-01", {"consents": OFF, "attributes": {"feedback_given": "yes"}}, "permit"),
    ("chatgpt plus feedback_report train_generative 2025-06-01", {"consents": OFF}, "permit"),
    ("codex plus feedback_report train_generative 2026-06-01", {}, "deny"),
    ("chatgpt business feedback_report collect 2026-06-01", {}, "deny"),
    ("chatgpt plus feedback_report train_generative 2026-06-01", {"attributes": {"deleted": "yes"}}, "deny"),
    ("chatgpt plus prompt train_generative 2026-06-01", {"attributes": {"deleted": "yes"}}, "deny"),
    ("codex plus prompt train_generative 2026-06-01", {"consents": OFF}, "deny"),
    ("codex business prompt train_generative 2026-06-01", {}, "deny"),
    ("codex edu prompt train_generative 2026-06-01", {"consents": [SHARED[0] | {"name": "workspace_sharing"}]}, "permit"),
    ("codex api prompt train_generative 2023-06-01", {"consents": SHARED}, "permit"),
    ("codex api prompt train_generative 2026-06-01", {"consents": SHARED, "flags": ["zdr"]}, "deny"),
    ("codex api prompt train_generative 2026-06-01", {"consents": SHARED, "attributes": {"contract": "enterprise"}}, "deny"),
    ("codex api prompt train_generative 2026-06-01", {"consents": SHARED, "attributes": {"project_sharing": "not_covered"}}, "deny"),
    ("codex api prompt collect 2026-06-01", {"consents": SHARED, "attributes": {"sensitive": "yes"}}, "deny"),
    ("codex api prompt serve 2026-06-01", {"attributes": {"residency": "other"}}, "deny"),
    ("codex api prompt safety 2026-06-01", {"flags": ["zdr"]}, "deny"),
    ("openai_api api prompt train_generative 2023-06-01", {"consents": SHARED}, "permit"),
    ("openai_api api prompt safety 2027-06-01", {"attributes": {"retention_control": "safety_retention"}, "safety_flagged": True}, "permit"),
    ("openai_api api prompt safety 2027-06-01", {"attributes": {"retention_control": "safety_retention"}}, "deny"),
    ("openai_api api prompt safety 2026-06-01", {"attributes": {"retention_control": "safety_retention"}, "safety_flagged": True}, "deny"),
    ("codex api prompt safety 2027-06-01", {"attributes": {"retention_control": "safety_retention"}, "safety_flagged": True}, "permit"),
    ("codex plus feedback_report collect 2026-06-01", {}, "permit"),
    ("codex plus feedback_report collect 2026-06-01", {"attributes": {"contains": "log", "logs": "included"}}, "permit"),
    ("codex plus feedback_report collect 2026-06-01", {"attributes": {"contains": "log", "logs": "declined"}}, "deny"),
    ("codex plus feedback_report collect 2026-06-01", {"settings": {"feedback.enabled": False}}, "deny"),
    ("codex plus usage_metric collect 2026-06-01", {"attributes": {"channel": "otel"}}, "deny"),
    ("codex plus code collect 2026-06-01", {"attributes": {"channel": "otel"}, "settings": {"otel.exporter": "otlp-http"}}, "deny"),
    ("codex plus prompt serve 2026-06-01", {"attributes": {"channel": "otel"}, "settings": {"otel.exporter": "otlp-http"}}, "deny"),
    # Gemini: roles, regions, clouds, own export
    ("code_assist ultra prompt train_generative 2025-10-01", {}, "deny"),
    ("code_assist free prompt train_generative 2025-10-20", {"attributes": {"licence": "standard"}}, "deny"),
    ("code_assist free prompt train_generative 2025-07-01", {"attributes": {"licence": "standard"}}, "deny"),
    ("code_assist free prompt serve 2026-03-10", {"attributes": {"client": "third_party"}}, "deny"),
    ("code_assist pro prompt serve 2026-06-20", {}, "deny"),
    ("gemini_cli free feedback_report collect 2026-01-01", {}, "deny"),
    ("gemini_cli free prompt train_generative 2025-10-20", {"attributes": {"licence": "standard"}}, "deny"),
    ("gemini_cli api_unpaid prompt serve 2026-06-20", {"attributes": {"region": "other"}}, "deny"),
    ("gemini_cli api_unpaid prompt serve 2026-01-01", {"attributes": {"region": "eea"}}, "deny"),
    ("gemini_cli api_unpaid prompt collect 2026-01-01", {"attributes": {"region": "other", "sensitive": "yes"}}, "deny"),
    ("gemini_cli api_paid prompt safety 2026-01-01", {"flags": ["zdr"]}, "deny"),
    (
        "gemini_cli vertex prompt train_generative 2026-01-01",
        {"consents": [SHARED[0] | {"name": "cloud_training"}], "attributes": {"cache": "off", "abuse_logging": "on"}},
        "permit",
    ),
    ("gemini_cli vertex prompt safety 2026-01-01", {"attributes": {"abuse_logging": "on"}}, "permit"),
    ("gemini_cli free usage_metric collect 2026-05-01", {"attributes": {"channel": "otel"}}, "deny"),
    ("gemini_cli free usage_metric collect 2026-05-01", {"attributes": {"channel": "otel"}, "settings": {"telemetry.enabled": True}}, "deny"),
    ("gemini_cli free prompt serve 2026-05-01", {"attributes": {"channel": "otel"}, "settings": {"telemetry.enabled": True}}, "deny"),
    ("gemini_cli vertex prompt safety 2026-01-01", {"flags": ["zdr"], "attributes": {"cache": "on", "abuse_logging": "on"}}, "deny"),
    ("gemini_cli api_unpaid prompt train_generative 2026-01-01", {"attributes": {"region": "other"}, "consents": OFF}, "deny"),
    ("gemini_cli free usage_metric collect 2026-03-10", {"attributes": {"client": "third_party"}}, "deny"),
    ("gemini_cli free prompt serve 2025-06-10", {}, "deny"),
    ("gemini_cli free prompt serve 2026-06-20", {}, "deny"),
    ("codex api prompt safety 2026-06-01", {}, "permit"),
    ("gemini_api unpaid prompt serve 2025-05-01", {"attributes": {"region": "other"}}, "deny"),
    ("gemini_api unpaid prompt serve 2026-01-01", {"attributes": {"region": "other"}}, "permit"),
    (
        "gemini_cli free prompt serve 2026-05-01",
        {"attributes": {"channel": "otel"}, "settings": {"telemetry.enabled": True, "telemetry.logPrompts": False}},
        "deny",
    ),
    (
        "gemini_cli free prompt serve 2026-05-01",
        {"attributes": {"channel": "otel", "signal": "trace"}, "settings": {"telemetry.enabled": True}},
        "deny",
    ),
]


ROWS += [
    (f"{agent} {tier} derived_signal serve 2026-06-01", more, expected)
    for agent, tier, flagged in (
        ("antigravity", "free", "gap"),
        ("chatgpt", "business", "gap"),
        ("code_assist", "standard", "gap"),
        ("codex", "plus", "gap"),
        ("codex", "enterprise", "deny"),
        ("codex", "api", "deny"),
        ("gemini_api", "unpaid", "gap"),
        ("gemini_api", "paid", "deny"),
        ("gemini_cli", "standard", "gap"),
        ("gemini_cli", "vertex", "deny"),
        ("openai_api", "api", "deny"),
        ("vertex", "vertex", "deny"),
    )
    for more, expected in (({}, "gap"), ({"derived_from": []}, "deny"), ({"flags": ["zdr"]}, flagged))
]
"""What is derived, of unknown sources, of none, and under zero retention."""

ROWS += [(question.replace(" api ", " pro "), _by_key(more), expected) for question, more, expected in ROWS if question.startswith("codex api ")]
"""An API key on a plan of ChatGPT is under the terms of the API."""


@pytest.mark.parametrize(("question", "more", "expected"), ROWS)
def test_each_row_decides(question, more, expected):
    agent, tier, kind, purpose, collected = question.split()
    assert verdict(agent, tier, kind, purpose, collected, **more) == expected


KEEPS = [
    ("chatgpt plus prompt 2026-06-01", {}, None),
    ("chatgpt plus prompt 2026-06-01", {"feature": "temporary_chat"}, "P30D"),
    ("chatgpt plus prompt 2026-06-01", {"attributes": {"deleted": "yes"}}, "P30D"),
    ("chatgpt business prompt 2026-06-01", {}, "indefinite"),
    ("chatgpt enterprise prompt 2026-06-01", {"settings": {"conversation_retention_days": 180}}, "P180D"),
    ("chatgpt enterprise prompt 2026-06-01", {"settings": {"conversation_retention_days": 10}}, "P90D"),
    ("chatgpt plus prompt 2025-07-01", {"copy": "litigation_hold"}, None),
    ("openai_api api prompt 2026-06-01", {}, "P30D"),
    ("openai_api api prompt 2026-06-01", {"flags": ["zdr"]}, "P0D"),
    ("openai_api api prompt 2026-06-01", {"flags": None}, "P0D"),
    ("openai_api api prompt 2026-09-01", {"flags": ["zdr"], "model_class": "frontier"}, "P0D"),
    ("openai_api api prompt 2026-06-01", {"attributes": {"retention_control": "modified_abuse_monitoring", "store": "false"}}, "P0D"),
    ("openai_api api prompt 2026-06-01", {"attributes": {"retention_control": "modified_abuse_monitoring"}}, "P30D"),
    ("openai_api api prompt 2027-06-01", {"attributes": {"retention_control": "private_retention", "store": "false"}}, "P30D"),
    ("codex enterprise prompt 2026-06-01", {"surface": "cli"}, "P0D"),
    ("codex enterprise prompt 2026-06-01", {"surface": "desktop"}, "P0D"),
    ("codex enterprise prompt 2026-06-01", {"surface": "web"}, "indefinite"),
    ("codex enterprise web_session 2026-06-01", {"settings": {"conversation_retention_days": 120}}, "P120D"),
    ("codex plus web_session 2026-06-01", {}, None),
    ("codex plus web_session 2026-06-01", {"attributes": {"deleted": "yes"}}, "P30D"),
    ("codex plus repository_file 2026-06-01", {"feature": "cloud_task"}, "P0D"),
    ("codex plus repository_file 2026-06-01", {}, None),
    ("codex api prompt 2026-06-01", {}, "P30D"),
    ("codex plus prompt 2026-06-01", {"attributes": {"auth": "api_key"}}, "P30D"),
    ("codex plus usage_metric 2026-06-01", {}, None),
    ("codex plus local_transcript 2026-06-01", {"settings": {"history.persistence": "none"}}, None),
    ("codex plus local_prompt_history 2026-06-01", {}, None),
    ("codex plus local_prompt_history 2026-06-01", {"settings": {"history.persistence": "none"}}, "P0D"),
    ("gemini_cli free prompt 2026-01-01", {}, "P1Y6M"),
    ("gemini_cli standard prompt 2026-01-01", {}, "P0D"),
    ("gemini_cli standard prompt 2026-01-01", {"attributes": {"storage": "on"}}, None),
    ("gemini_cli api_paid prompt 2026-01-01", {}, "P55D"),
    ("gemini_cli vertex prompt 2026-01-01", {}, "P0D"),
    ("gemini_cli vertex prompt 2026-01-01", {"attributes": {"cache": "on"}}, "P1D"),
    ("gemini_cli free local_transcript 2026-09-01", {}, "P30D"),
    ("gemini_cli free local_transcript 2026-09-01", {"settings": {"general.sessionRetention.maxAge": "7d"}}, "P7D"),
    ("gemini_cli free local_transcript 2026-09-01", {"settings": {"general.sessionRetention.enabled": False}}, None),
    ("code_assist free feedback_report 2026-01-01", {}, "P1Y6M"),
    ("code_assist enterprise prompt 2026-01-01", {}, "P0D"),
    ("gemini_api paid prompt 2026-01-01", {}, "P55D"),
    ("gemini_api paid prompt 2026-01-01", {"feature": "grounding"}, "P30D"),
    ("gemini_api paid prompt 2026-01-01", {"flags": ["zdr"]}, "P0D"),
    ("gemini_api paid prompt 2027-01-01", {"feature": "interactions"}, "P55D"),
    ("gemini_api unpaid prompt 2027-01-01", {"feature": "interactions"}, "P1D"),
    ("gemini_api unpaid prompt 2027-01-01", {"feature": "interactions", "attributes": {"store": "false"}}, "P0D"),
    ("vertex vertex prompt 2026-01-01", {"attributes": {"cache": "off", "abuse_logging": "off"}, "flags": ["zdr"]}, "P0D"),
    ("vertex vertex prompt 2026-01-01", {"attributes": {"cache": "on", "abuse_logging": "off"}, "flags": ["zdr"]}, "P1D"),
    ("vertex vertex prompt 2026-01-01", {"attributes": {"cache": "off"}, "feature": "grounding"}, "P30D"),
    ("antigravity free prompt 2026-06-01", {}, None),
    ("antigravity free prompt 2026-06-01", {"attributes": {"deleted": "yes"}}, None),
    ("code_assist free prompt 2025-10-20", {"attributes": {"licence": "enterprise"}}, "P0D"),
    ("code_assist standard prompt 2026-01-01", {"attributes": {"storage": "on"}}, None),
    ("codex api prompt 2026-06-01", {"attributes": {"retention_control": "modified_abuse_monitoring", "store": "false"}}, "P0D"),
    ("codex api prompt 2026-06-01", {"flags": ["zdr"]}, "P0D"),
    ("codex business prompt 2026-06-01", {"flags": ["zdr"]}, "P0D"),
    ("codex api prompt 2026-09-01", {"flags": ["zdr"], "model_class": "frontier"}, "P0D"),
    ("codex api prompt 2027-06-01", {}, "P30D"),
    ("codex api prompt 2027-06-01", {"attributes": {"retention_control": "private_retention", "store": "false"}}, "P30D"),
    ("codex business prompt 2026-06-01", {}, "indefinite"),
    ("codex plus prompt 2026-06-01", {"flags": ["zdr"]}, None),
    ("codex edu web_session 2026-06-01", {"flags": ["zdr"]}, "P0D"),
    ("chatgpt enterprise prompt 2026-06-01", {"copy": "local", "attributes": {"deleted": "yes"}}, None),
    ("code_assist free prompt 2025-11-20", {"attributes": {"licence": "enterprise", "storage": "on"}}, None),
    ("gemini_cli free prompt 2025-11-20", {"attributes": {"licence": "enterprise", "storage": "on"}}, None),
    ("gemini_cli free prompt 2025-09-20", {"attributes": {"licence": "enterprise", "storage": "on"}}, "P1Y6M"),
    ("gemini_cli free usage_metric 2026-01-01", {}, "P1Y6M"),
    ("vertex vertex prompt 2026-01-01", {"attributes": {"cache": "off", "abuse_logging": "off"}}, "P0D"),
    ("codex plus usage_metric 2026-06-01", {"copy": "local"}, None),
    ("codex enterprise prompt 2026-02-25", {"surface": "desktop"}, "P0D"),
    ("codex enterprise prompt 2026-06-01", {"surface": "web", "settings": {"conversation_retention_days": 100}}, "P100D"),
    ("codex plus prompt 2025-07-01", {"copy": "litigation_hold", "attributes": {"region": "other"}}, None),
    ("openai_api api prompt 2027-06-01", {}, "P30D"),
    ("openai_api api prompt 2025-07-01", {"copy": "litigation_hold", "attributes": {"region": "other"}}, None),
    ("gemini_cli free prompt 2025-10-20", {"attributes": {"licence": "enterprise"}}, "P0D"),
    ("gemini_cli api_paid prompt 2026-01-01", {"feature": "grounding"}, "P30D"),
    ("gemini_cli api_paid prompt 2026-01-01", {"flags": ["zdr"]}, "P0D"),
    ("gemini_cli vertex prompt 2026-01-01", {"attributes": {"cache": "off", "abuse_logging": "off"}, "flags": ["zdr"]}, "P0D"),
    ("gemini_cli vertex prompt 2026-01-01", {"attributes": {"cache": "off"}, "feature": "grounding"}, "P30D"),
    ("gemini_cli free local_prompt_history 2026-09-01", {}, None),
]


KEEPS += [(question.replace(" api ", " pro "), _by_key(more), expected) for question, more, expected in KEEPS if question.startswith("codex api ")]


@pytest.mark.parametrize(("question", "more", "expected"), KEEPS)
def test_each_row_keeps(question, more, expected):
    agent, tier, kind, collected = question.split()
    assert keep(agent, tier, kind, collected, **more) == expected


@pytest.mark.parametrize(
    ("agent", "kind", "settings", "destination"),
    [
        ("codex", "usage_metric", {}, "none"),
        ("codex", "usage_metric", {"otel.exporter": "otlp-http"}, "own_collector"),
        ("codex", "prompt", {"otel.exporter": "otlp-http"}, "none"),
        ("codex", "prompt", {"otel.exporter": "otlp-grpc", "otel.log_user_prompt": True}, "own_collector"),
        ("gemini_cli", "usage_metric", {}, "none"),
        ("gemini_cli", "usage_metric", {"telemetry.enabled": True}, "own_collector"),
        ("gemini_cli", "prompt", {"telemetry.enabled": True}, "own_collector"),
        ("gemini_cli", "prompt", {"telemetry.enabled": True, "telemetry.logPrompts": False}, "none"),
    ],
)
def test_own_export_goes_to_the_own_collector(agent, kind, settings, destination):
    found = answer(agent, "pro", kind, SENT, "2026-05-01", settings=settings, attributes={"channel": "otel"})
    assert (found["verdict"], found["destination"]) == ("deny", destination)


def test_a_confirmed_report_lets_antigravity_improve():
    book = open_book(list(PACKS.values()), {"antigravity": {"individual-improve"}})
    assert verdict("antigravity", "free", "prompt", IMPROVE, "2026-06-01", book=book) == "permit"
    assert verdict("antigravity", "workspace", "prompt", IMPROVE, "2026-06-01", book=book) == "deny"


def test_litigation_hold_reaches_back_to_april_only_outside_of_europe():
    held = {"copy": "litigation_hold", "attributes": {"region": "other"}}
    assert "legal_team_only" in answer("chatgpt", "plus", "transcript", SENT, "2025-05-05", **held)["promises"]
    assert (
        "legal_team_only" not in answer("chatgpt", "plus", "transcript", SENT, "2025-05-05", **held | {"attributes": {"region": "eea"}})["promises"]
    )


def test_every_trace_identifies_its_user_since_october_2025():
    own = {"settings": {"telemetry.enabled": True}, "attributes": {"channel": "otel"}}
    assert "identifies_user" in answer("gemini_cli", "pro", "usage_metric", SENT, "2025-11-01", **own)["promises"]
    assert "identifies_user" not in answer("gemini_cli", "pro", "usage_metric", SENT, "2025-10-01", **own)["promises"]


def answers(book, agent):
    """All listed cases of an agent, decided, without what only names the table."""
    cases = [(question.split(), more) for question, more, _ in ROWS]
    cases += [([*question.split()[:3], SENT, question.split()[3]], more) for question, more, _ in KEEPS]
    found = [answer(*question, book=book, **more) for question, more in cases if question[0] == agent]
    return [{key: value for key, value in decision.items() if key not in {"table", "warnings"}} for decision in found]


@pytest.mark.parametrize("agent", AGENTS)
def test_no_clause_can_be_left_out_unnoticed(agent):
    pack = PACKS[agent]
    whole = answers(open_book([pack]), agent)
    for clause in pack.clauses:
        if clause.id in SILENT or (clause.standing is Standing.THIRD_PARTY and not clause.refuse):
            continue
        rest = tuple(replace(other, over=other.over - {clause.id}) for other in pack.clauses if other is not clause)
        assert answers(open_book([replace(pack, clauses=rest)]), agent) != whole, clause.id


SILENT = {"api-sharing-keep", "key-sharing-keep"}
"""Clauses that only say that a period is not stated, which no decision shows."""
