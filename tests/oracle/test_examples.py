"""The oracle against the example decisions of the facts that a case can express (Claude Code: `cc`, the other agents: `o`)."""

from typing import Any

import pytest
from tests.oracle import claude_code, grid, naive, others


def case(kind: str, purpose: str, collected_at: str, **changes: object) -> dict[str, Any]:
    """A known case of an ordinary account, with changes."""
    made: dict[str, Any] = {
        "agent": "claude_code", "kind": kind, "purpose": purpose, "collected_at": collected_at, "asked_at": collected_at,
        "tier": "pro", "provider": "first_party", "hosting": None, "surface": "cli", "model_class": "ordinary", "feature": None, "flags": [],
        "consents": [], "client_version": "2.1.198", "env": {}, "settings": {}, "safety_flagged": False,
        "session": {"started_at": None, "resumed_at": None}, "run_started_at": None, "copy": "service", "attributes": {}, "derived_from": [],
    }
    made.update(changes)
    return made


def training(value: bool, at: str, by: str = "subject") -> dict[str, object]:
    return {"name": "training", "value": value, "at": at, "by": by}


LATE = "2026-08-22T00:00:00Z"
FAR = "2026-11-22T00:00:00Z"

CLAUDE_CODE = [
    ("cc1", case("transcript", "train_generative", "2025-08-27T12:00:00Z", tier="max", asked_at=LATE,
                 consents=[training(True, "2025-08-28T12:00:00Z")]), {"verdict": "deny", "keep": "P30D", "expires_at": "2025-09-26T00:00:00Z"}),
    ("cc3", case("prompt", "train_generative", "2025-08-29T00:00:00Z", asked_at=LATE, consents=[training(False, "2025-08-28T12:00:00Z")]),
     {"verdict": "deny", "keep": "P30D", "expires_at": "2025-09-28T00:00:00Z"}),
    ("cc6", case("code", "train_generative", "2026-01-10T09:00:00Z", tier="team", asked_at=LATE),
     {"verdict": "deny", "expires_at": "2026-02-09T00:00:00Z"}),
    ("cc8", case("code", "train_generative", "2026-01-10T09:00:00Z", tier="api", provider="bedrock", flags=["dpp"]), {"verdict": "deny"}),
    ("cc8 at first_party", case("code", "train_generative", "2026-01-10T09:00:00Z", tier="api", flags=["dpp"]), {"verdict": "permit"}),
    ("cc11", case("feedback_report", "collect", "2025-10-17T10:00:00Z"), {"verdict": "permit", "expires_at": "2025-11-16T00:00:00Z"}),
    ("cc12", case("feedback_report", "collect", "2025-10-17T20:00:00Z"), {"verdict": "permit", "expires_at": "2030-10-17T00:00:00Z"}),
    ("cc20", case("usage_metric", "collect", "2026-05-20T00:00:00Z", env={"DO_NOT_TRACK": "0"}), {"verdict": "permit", "destination": "vendor"}),
    ("cc21", case("usage_metric", "collect", "2026-05-20T00:00:00Z", env={"DISABLE_TELEMETRY": "false"}), {"verdict": "deny", "destination": "none"}),
    ("cc23", case("survey_rating", "collect", "2026-03-20T00:00:00Z", tier="api", provider="bedrock"), {"verdict": "permit"}),
    ("cc29 keep", case("prompt", "improve", "2026-03-01T08:00:00Z", tier="enterprise", flags=["zdr"]),
     {"verdict": "deny", "keep": "P0D", "expires_at": "2026-03-01T08:00:00Z"}),
    ("cc29 serve", case("prompt", "serve", "2026-03-01T08:00:00Z", tier="enterprise", flags=["zdr"]), {"verdict": "permit"}),
    ("cc34", case("prompt", "serve", "2026-03-01T08:00:00Z", tier="enterprise"), {"verdict": "permit", "keep": "P30D"}),
    *[(f"cc42 {what}", case("usage_metric", "collect", "2026-03-01T00:00:00Z", attributes={"contains": what}), {"verdict": "deny"})
      for what in ("file_path", "prompt", "code")],
    ("o1", case("feedback_draft", "collect", "2026-09-10T00:00:00Z", tier="max", client_version="2.1.270",
                attributes={"draft": "sent", "screen": "card"}), {"verdict": "permit", "expires_at": "2031-09-10T00:00:00Z"}),
    ("o1 with a transcript", case("feedback_draft", "collect", "2026-09-10T00:00:00Z", tier="max", client_version="2.1.270",
                                  attributes={"draft": "sent", "screen": "card", "contains": "transcript"}), {"verdict": "deny"}),
    ("o2 bedrock", case("feedback_draft", "collect", "2026-09-10T00:00:00Z", tier="api", provider="bedrock", attributes={"draft": "sent"}),
     {"verdict": "deny"}),
    ("o2 -p", case("feedback_draft", "collect", "2026-09-10T00:00:00Z", attributes={"draft": "sent", "session_mode": "print"}), {"verdict": "deny"}),
    ("o2 zdr", case("feedback_draft", "collect", "2026-09-10T00:00:00Z", tier="enterprise", flags=["zdr"], attributes={"draft": "sent"}),
     {"verdict": "deny"}),
    *[("o3", case("feedback_draft", purpose, "2026-09-01T00:00:00Z", settings={"cleanupPeriodDays": 10}, attributes={"draft": "unsent"}),
       {"verdict": "deny", "expires_at": "2026-09-11T00:00:00Z", "destination": "none"}) for purpose in ("collect", "serve", "improve", "debug")],
    *[(f"o4 {version} {settings} {managed}",
       case("local_transcript", "collect", "2026-07-01T00:00:00Z", client_version=version, settings=settings, copy="local",
            attributes={"last_continued_in": "desktop", "cleanup_managed": managed}),
       {"verdict": "deny", "keep": keep, "expires_at": expires, "destination": "none"})
      for version, settings, managed, keep, expires in (
          ("2.1.247", {}, "no", "P30D", "2026-07-31T00:00:00Z"),
          ("2.1.248", {}, "no", "indefinite", None),
          ("2.1.248", {"cleanupPeriodDays": 20}, "yes", "P20D", "2026-07-21T00:00:00Z"),
          ("2.1.248", {"desktopSessionCleanupPeriodDays": 90}, "no", "P90D", "2026-09-29T00:00:00Z"))],
    ("o5 service", case("transcript", "collect", "2026-09-01T00:00:00Z", tier="enterprise", attributes={"compliance_api": "on", "auth": "oauth"}),
     {"verdict": "permit", "expires_at": "2026-10-01T00:00:00Z"}),
    ("o5 compliance", case("transcript", "collect", "2026-09-01T00:00:00Z", tier="enterprise", copy="compliance",
                           attributes={"compliance_api": "on", "auth": "oauth"}), {"verdict": "permit", "expires_at": "2032-09-01T00:00:00Z"}),
    *[(f"o5 {purpose} {copy}", case("transcript", purpose, "2026-09-01T00:00:00Z", tier="enterprise", copy=copy,
                                    attributes={"compliance_api": "on", "auth": "oauth"}), {"verdict": "deny"})
      for purpose in ("improve", "train_generative") for copy in ("service", "compliance")],
    *[(f"o6 {changes}", case("transcript", "collect", "2026-09-01T00:00:00Z", tier="enterprise", copy="compliance",
                             **{"attributes": {"compliance_api": "on", "auth": "oauth"}, **changes}), {"verdict": "deny"})
      for changes in ({"flags": ["zdr"]}, {"provider": "bedrock"}, {"attributes": {"compliance_api": "on", "auth": "console_key"}})],
    *[(f"o8 {kind}", case(kind, "collect", "2026-10-06T00:00:00Z", tier="enterprise", flags=["hipaa"], client_version="2.1.285", surface=surface),
       {"verdict": "deny"}) for kind, surface in (("webfetch_hostname", "cli"), ("feedback_report", "cli"), ("prompt", "web"))],
    *[(f"o8 {version}", case("prompt", "serve", "2026-10-06T00:00:00Z", tier="enterprise", flags=["hipaa"], client_version=version),
       {"verdict": verdict}) for version, verdict in (("2.1.285", "permit"), ("2.1.284", "deny"))],
    *[(f"o9 run of {run}", case("code", "train_generative", "2026-01-10T00:00:00Z", tier="api", flags=["dpp"], run_started_at=run, asked_at=FAR,
                                   consents=[
        {"name": "dpp", "value": True, "at": "2026-01-01T00:00:00Z", "by": "admin"},
        {"name": "dpp", "value": False, "at": "2026-03-01T00:00:00Z", "by": "admin"}]), {"verdict": verdict, "expires_at": "2026-02-09T00:00:00Z"})
      for run, verdict in (("2026-02-01T00:00:00Z", "permit"), ("2026-04-01T00:00:00Z", "deny"))],
    ("o11 zdr", case("code", "train_generative", "2026-05-01T00:00:00Z", tier="api", flags=["dpp", "zdr"]), {"verdict": "deny"}),
    ("o11 member", case("code", "train_generative", "2026-05-01T00:00:00Z", tier="api", flags=["dpp_by_member"]), {"verdict": "deny"}),
]

ON = "2026-05-01T00:00:00Z"
OTHERS = [
    ("o13 rated", case("transcript", "train_generative", ON, agent="chatgpt", surface="web", consents=[training(False, "2026-01-01T00:00:00Z")],
                       attributes={"feedback_given": "yes"}), {"verdict": "permit"}),
    ("o13 not rated", case("transcript", "train_generative", ON, agent="chatgpt", surface="web",
                           consents=[training(False, "2026-01-01T00:00:00Z")]), {"verdict": "deny"}),
    *[(f"o18 {contains}", case("feedback_report", "collect", "2026-04-01T00:00:00Z", agent="codex", tier="plus",
                               attributes={"logs": "declined", "contains": contains}), {"verdict": verdict, "keep": None})
      for contains, verdict in (("nothing", "permit"), ("log", "deny"), ("rollout", "deny"))],
    ("o21", case("prompt", "train_generative", ON, agent="gemini_cli", tier="free", attributes={"licence": "enterprise"}),
     {"verdict": "deny", "keep": "P0D"}),
    *[(f"o22 {tier}", case("prompt", "serve", "2026-06-19T00:00:00Z", agent="gemini_cli", tier=tier), {"verdict": verdict})
      for tier, verdict in (("free", "deny"), ("pro", "deny"), ("ultra", "deny"), ("standard", "permit"))],
    ("o24 unset", case("web_session", "collect", ON, agent="copilot", tier="business"), {"verdict": "deny"}),
    ("o24 off", case("web_session", "collect", ON, agent="copilot", settings={"remoteExport": False}), {"verdict": "deny"}),
    ("o24 prompt", case("prompt", "collect", ON, agent="copilot", tier="business"), {"verdict": "permit", "expires_at": "2026-05-29T00:00:00Z"}),
]


@pytest.mark.parametrize(("asked", "expected"), [pytest.param(asked, expected, id=name) for name, asked, expected in OTHERS])
def test_the_other_agents_decide_as_the_examples_say(asked: dict[str, Any], expected: dict[str, Any]) -> None:
    decided = others.answer(asked)
    assert {key: decided[key] for key in expected} == expected


@pytest.mark.parametrize(("asked", "expected"), [pytest.param(asked, expected, id=name) for name, asked, expected in CLAUDE_CODE])
def test_claude_code_decides_as_the_examples_say(asked: dict[str, Any], expected: dict[str, Any]) -> None:
    decided = claude_code.answer(asked)
    assert {key: decided[key] for key in expected} == expected


def test_a_five_year_period_from_the_29th_of_february_ends_on_the_28th() -> None:
    assert naive.end_of("P5Y", naive.instant("2028-02-29T10:00:00Z")) == naive.instant("2033-02-28T00:00:00Z")


def test_inside_the_interval_the_stricter_reading_decides() -> None:
    on = [training(True, "2025-08-01T00:00:00Z")]
    inside = claude_code.answer(case("prompt", "train_generative", "2025-08-28T12:00:00Z", consents=on))
    after = claude_code.answer(case("prompt", "train_generative", "2025-08-29T00:00:00Z", consents=on))
    assert (inside["verdict"], inside["keep"]) == ("deny", "P30D")
    assert (after["verdict"], after["keep"]) == ("permit", "P5Y")


def test_an_unknown_key_that_matters_is_a_gap_with_the_shortest_period() -> None:
    decided = claude_code.answer(case("prompt", "train_generative", "2026-01-10T00:00:00Z", consents=None))
    assert (decided["verdict"], decided["keep"]) == ("gap", "P30D")


def test_an_unknown_key_that_does_not_matter_changes_nothing() -> None:
    assert claude_code.answer(case("prompt", "debug", "2026-01-10T00:00:00Z", consents=None, tier=None, flags=None))["verdict"] == "deny"


def test_a_value_outside_its_list_denies_and_keeps_as_if_unknown() -> None:
    decided = claude_code.answer(case("prompt", "serve", "2026-03-10T00:00:00Z", tier="platinum", flags=["zdr"]))
    assert (decided["verdict"], decided["keep"], decided["destination"]) == ("deny", "P0D", "none")


def test_a_withdrawal_splits_runs_and_brings_the_end_forward() -> None:
    consents = [training(True, "2026-01-01T00:00:00Z"), training(False, "2026-03-01T10:00:00Z")]
    asked = {run: claude_code.answer(case("prompt", "train_generative", "2026-01-10T00:00:00Z", consents=consents, run_started_at=run,
                                              asked_at="2026-03-20T00:00:00Z"))
             for run in ("2026-02-01T00:00:00Z", "2026-03-01T10:00:00Z", None)}
    assert [decided["verdict"] for decided in asked.values()] == ["permit", "deny", "gap"]
    assert {decided["expires_at"] for decided in asked.values()} == {"2026-03-31T00:00:00Z"}


def test_a_derived_signal_is_never_wider_than_its_source() -> None:
    source = case("transcript", "serve", "2026-03-01T08:00:00Z", tier="enterprise", flags=["zdr"])
    decided = claude_code.answer(case("derived_signal", "improve", "2026-03-01T08:00:00Z", tier="enterprise", derived_from=[source]))
    assert (decided["verdict"], decided["expires_at"]) == ("deny", "2026-03-01T08:00:00Z")


def test_an_unshared_session_ends_at_once() -> None:
    answers = ((True, "2026-04-01T00:00:00Z"), (False, "2026-06-01T08:00:00Z"))
    share = [{"name": "share", "value": value, "at": at, "by": "subject"} for value, at in answers]
    shared = case("web_session", "serve", ON, agent="opencode", tier="open_source", provider="own_key", consents=share)
    assert others.answer({**shared, "asked_at": "2026-06-01T07:59:59Z"})["verdict"] == "permit"
    assert others.answer({**shared, "asked_at": "2026-06-01T08:00:00Z"})["verdict"] == "deny"


def test_the_grid_is_the_same_each_time_and_below_a_million_cells() -> None:
    assert [*grid.sample(50, 3)] == [*grid.sample(50, 3)]
    assert sum(grid.count(agent) for agent in grid.AGENTS) < 1_000_000


@pytest.mark.parametrize("agent", grid.AGENTS)
def test_the_oracle_answers_every_sampled_cell(agent: str) -> None:
    for asked in grid.sample(150, 1, agent):
        decided = grid.answer(asked)
        assert decided["verdict"] in ("permit", "deny", "gap")
        assert decided["destination"] in naive.NEAREST
        assert decided["destination"] == "vendor" or asked["purpose"] != "collect" or decided["verdict"] != "permit"
