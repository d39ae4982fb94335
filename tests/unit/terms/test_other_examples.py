"""Every row of the packs of Copilot, Cursor, OpenCode and Aider, as cases with what they must come out as."""

from importlib.resources import files
from typing import Any

import pytest

from tenure.records.kinds import Kind
from tenure.terms.cases import parse_case, render_decision
from tenure.terms.decide import Book, decide, open_book
from tenure.terms.pack import Pack
from tenure.terms.parse import parse_pack

AGENTS = ("copilot", "cursor", "opencode", "aider")
PACKS = [parse_pack((files("tenure.terms") / "packs" / f"{agent}.toml").read_bytes(), f"{agent}.toml") for agent in AGENTS]
BOOK = open_book(PACKS)
CONFIRMED = open_book(PACKS, {"copilot": {"keep-agent-log"}})

SENT = ["prompt", "output", "code", "transcript"]
KNOWN: dict[str, dict[str, object]] = {
    "copilot": {"tier": "pro", "provider": "first_party", "surface": "cli"},
    "cursor": {"tier": "pro", "provider": "first_party", "surface": "ide", "attributes": {"mode": "privacy"}},
    "opencode": {"tier": "open_source", "provider": "own_key", "surface": "cli"},
    "aider": {"tier": "open_source", "provider": "own_key", "surface": "cli", "client_version": "0.86.0"},
}


def ask(agent: str, kind: str, purpose: str, book: Book = BOOK, **changes: object) -> dict[str, Any]:
    case: dict[str, object] = {
        "agent": agent,
        "kind": kind,
        "purpose": purpose,
        "collected_at": "2027-02-01T09:30:00Z",
        "model_class": "ordinary",
        "feature": None,
        "flags": [],
        "consents": [],
        "env": {},
        "settings": {},
        "safety_flagged": False,
        "copy": "service",
    }
    case |= KNOWN[agent] | changes
    case.setdefault("asked_at", case["collected_at"])
    return render_decision(decide(book, parse_case(case)))


def verdict(agent: str, kind: str, purpose: str, **changes: object) -> object:
    return ask(agent, kind, purpose, **changes)["verdict"]


def keep(agent: str, kind: str, book: Book = BOOK, **changes: object) -> object:
    return ask(agent, kind, "collect", book, **changes)["keep"]


def yes(name: str, at: str | None = "2024-01-01T00:00:00Z", by: str | None = "subject") -> dict[str, object]:
    return {"name": name, "value": True, "at": at, "by": by}


def no(name: str, at: str | None = "2024-01-01T00:00:00Z") -> dict[str, object]:
    return {"name": name, "value": False, "at": at, "by": "subject"}


# All four.


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("kind", SENT)
@pytest.mark.parametrize("purpose", ["collect", "serve"])
def test_what_a_request_needs_is_permitted(agent: str, kind: str, purpose: str) -> None:
    answer = ask(agent, kind, purpose)
    assert (answer["verdict"], answer["destination"]) == ("permit", "vendor")


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DERIVED_SIGNAL])
@pytest.mark.parametrize("purpose", ["debug", "safety", "train_safety"])
def test_purposes_that_no_row_names_are_denied(agent: str, kind: str, purpose: str) -> None:
    assert verdict(agent, kind, purpose) == "deny"


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    ("kind", "copy"),
    [("local_transcript", "service"), ("local_prompt_history", None), ("feedback_draft", None), ("prompt", "local"), ("transcript", "local")],
)
def test_what_lies_on_the_machine_goes_nowhere(agent: str, kind: str, copy: str | None) -> None:
    answer = ask(agent, kind, "collect", copy=copy)
    assert (answer["verdict"], answer["destination"]) == ("deny", "none")


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DERIVED_SIGNAL])
@pytest.mark.parametrize("changes", [{}, {"surface": "ide"}, {"surface": "web", "feature": None}, {"attributes": {}}, {"consents": None}])
def test_local_copy_has_none_of_the_periods_of_the_service(agent: str, kind: str, changes: dict[str, object]) -> None:
    answer = ask(agent, kind, "serve", copy="local", **changes)
    assert (answer["verdict"], answer["keep"]) == ("deny", None)


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("key", ["tier", "provider", "surface", "feature", "copy"])
def test_values_outside_of_the_closed_lists_are_denied(agent: str, key: str) -> None:
    assert verdict(agent, "prompt", "serve", **{key: "elsewhere"}) == "deny"


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "permit"), ({"flags": ["zdr"]}, "permit"), ({"copy": "local"}, "deny"), ({"derived_from": []}, "deny"), ({"derived_from": None}, "gap"),
     ({"derived_from": None, "copy": "local"}, "deny")],
)  # fmt: skip
def test_what_is_derived_has_the_terms_of_its_sources(agent: str, changes: dict[str, object], expected: str) -> None:
    """None of the four offers a zero-retention contract, so that flag covers no login of theirs."""
    source = {"agent": agent, "kind": "prompt", "collected_at": "2027-02-01T09:30:00Z", "flags": [], "consents": []} | KNOWN[agent]
    answer = ask(agent, "derived_signal", "serve", **({"derived_from": [source]} | changes))
    assert (answer["verdict"], answer["destination"]) == (expected, "vendor" if expected == "permit" else "none")


# Copilot: training.

DAY_OF_CHANGE = [
    ("2026-03-26T00:00:00Z", "deny"),
    ("2026-04-23T17:59:59Z", "deny"),
    ("2026-04-24T12:00:00Z", "deny"),
    ("2026-04-24T23:59:59Z", "deny"),
    ("2026-04-25T00:00:00Z", "permit"),
]


@pytest.mark.parametrize("tier", ["free", "pro", "pro_plus"])
@pytest.mark.parametrize(("collected_at", "expected"), DAY_OF_CHANGE)
@pytest.mark.parametrize("kind", [*SENT, "feedback_report"])
def test_copilot_trains_on_individuals_by_default_from_the_change_on(tier: str, collected_at: str, expected: str, kind: str) -> None:
    answer = ask("copilot", kind, "train_generative", tier=tier, collected_at=collected_at)
    assert answer["verdict"] == expected
    assert ("affiliates_only" in answer["promises"]) == (expected == "permit")


@pytest.mark.parametrize("tier", ["business", "enterprise", "student"])
@pytest.mark.parametrize("kind", [*SENT, "feedback_report", "repository_file", "usage_metric"])
@pytest.mark.parametrize("consents", [[], [yes("training")]])
def test_copilot_never_trains_on_organisations_students_and_teachers(tier: str, kind: str, consents: list[object]) -> None:
    assert (
        verdict("copilot", kind, "train_generative", tier=tier, consents=consents, attributes={"context": "live", "metric": "interaction"}) == "deny"
    )


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ([no("training", "2026-01-01T00:00:00Z")], "deny"),
        ([no("training", "2026-05-01T00:00:00Z")], "deny"),
        ([no("training", "2026-05-01T00:00:00Z"), yes("training", "2026-06-01T00:00:00Z")], "permit"),
        ([yes("training")], "permit"),
        (None, "gap"),
        ([no("training", None)], "gap"),
    ],
)
def test_copilot_opt_out_counts_whenever_it_was_given(consents: list[object] | None, expected: str) -> None:
    assert verdict("copilot", "prompt", "train_generative", consents=consents) == expected


def test_copilot_opt_out_after_collection_stops_later_runs_only() -> None:
    out = {"consents": [no("training", "2027-02-10T00:00:00Z")], "asked_at": "2027-02-12T00:00:00Z"}
    assert verdict("copilot", "prompt", "train_generative", run_started_at="2027-02-09T00:00:00Z", **out) == "permit"
    assert verdict("copilot", "prompt", "train_generative", run_started_at="2027-02-10T00:00:00Z", **out) == "deny"
    assert verdict("copilot", "prompt", "train_generative", run_started_at=None, **out) in {"gap", "deny"}


@pytest.mark.parametrize(
    ("context", "tier", "consents", "expected"),
    [
        ("live", "pro", [], "permit"),
        ("live", "pro", [no("training")], "deny"),
        ("at_rest", "pro", [], "deny"),
        (None, "pro", [], "deny"),
        ("live", "business", [], "deny"),
        ("live", "student", [], "deny"),
    ],
)
def test_copilot_private_repository_trains_as_context_of_a_session_only(
    context: str | None, tier: str, consents: list[object], expected: str
) -> None:
    attributes = {} if context is None else {"context": context}
    assert verdict("copilot", "repository_file", "train_generative", tier=tier, consents=consents, attributes=attributes) == expected


def test_copilot_surroundings_of_the_code_are_interaction_data() -> None:
    assert verdict("copilot", "usage_metric", "train_generative", attributes={"metric": "interaction"}) == "permit"
    assert verdict("copilot", "usage_metric", "train_generative", attributes={"metric": "engagement"}) == "deny"
    assert verdict("copilot", "usage_metric", "train_generative", attributes={"metric": "interaction"}, consents=[no("training")]) == "deny"


def test_copilot_synced_copy_does_not_train_since_nothing_says_that_it_counts() -> None:
    assert verdict("copilot", "web_session", "collect", surface="cli") == "permit"
    assert verdict("copilot", "web_session", "train_generative", surface="cli") == "deny"
    assert verdict("copilot", "web_session", "train_generative", surface="cli", consents=[yes("training")]) == "deny"


def test_copilot_metrics_that_do_not_exist_train_nothing() -> None:
    metric = {"attributes": {"metric": "interaction"}, "settings": {"telemetry.telemetryLevel": "error"}}
    assert verdict("copilot", "usage_metric", "train_generative", **metric) == "deny"


# Copilot: how long.


@pytest.mark.parametrize(
    ("surface", "feature", "expected"),
    [
        ("ide", "chat", "P0D"),
        ("ide", "completions", "P0D"),
        ("ide", None, "P0D"),
        ("ide", "coding_agent", "P28D"),
        ("cli", None, "P28D"),
        ("web", None, "P28D"),
        ("mobile", None, "P28D"),
        ("desktop", None, "P28D"),
        ("code_review", None, "P28D"),
        ("slack", None, "P28D"),
        ("ci", None, "P28D"),
        ("web", "coding_agent", "P28D"),
        (None, None, "P0D"),
    ],
)
@pytest.mark.parametrize("kind", SENT)
def test_copilot_keeps_28_days_outside_of_editors(surface: str | None, feature: str | None, expected: str, kind: str) -> None:
    assert keep("copilot", kind, surface=surface, feature=feature) == expected


def test_copilot_keeps_context_as_long_as_its_question() -> None:
    live = {"attributes": {"context": "live"}}
    assert keep("copilot", "repository_file", surface="ide", **live) == "P0D"
    assert keep("copilot", "repository_file", surface="cli", **live) == "P28D"
    assert keep("copilot", "repository_file", surface="ide", feature="coding_agent", **live) == "P28D"
    assert keep("copilot", "repository_file", surface="cli") is None
    assert keep("copilot", "repository_file", surface="ide") is None
    assert verdict("copilot", "repository_file", "collect") == "deny"
    assert verdict("copilot", "repository_file", "collect", **live) == "permit"
    assert verdict("copilot", "repository_file", "collect", consents=[no("training")], **live) == "permit"
    assert verdict("copilot", "repository_file", "collect", tier="business", **live) == "deny"
    assert verdict("copilot", "repository_file", "collect", collected_at="2026-04-24T12:00:00Z", **live) == "deny"
    assert verdict("copilot", "repository_file", "serve", **live) == "permit"


def test_copilot_prompt_of_the_cli_expires_after_28_days() -> None:
    case = {"collected_at": "2026-05-01T10:00:00Z", "tier": "business"}
    assert ask("copilot", "prompt", "serve", asked_at="2026-05-28T23:59:59Z", **case)["expires_at"] == "2026-05-29T00:00:00Z"
    assert verdict("copilot", "prompt", "serve", asked_at="2026-05-28T23:59:59Z", **case) == "permit"
    assert verdict("copilot", "prompt", "serve", asked_at="2026-05-29T00:00:00Z", **case) == "deny"


def test_copilot_what_an_editor_does_not_keep_cannot_train() -> None:
    assert verdict("copilot", "prompt", "train_generative", surface="ide") == "deny"


def test_copilot_report_on_agent_logs_lengthens_only_once_confirmed() -> None:
    log = {"surface": "web", "feature": "coding_agent"}
    assert keep("copilot", "transcript", **log) == "P28D"
    assert keep("copilot", "transcript", book=CONFIRMED, **log) == "indefinite"
    assert keep("copilot", "prompt", book=CONFIRMED, **log) == "P28D"
    assert keep("copilot", "transcript", book=CONFIRMED, surface="ide", feature="coding_agent") == "indefinite"
    assert keep("copilot", "transcript", book=CONFIRMED, surface="web") == "P28D"


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("engagement", ("permit", "P2Y")), ("last_activity", ("permit", "P90D")), ("interaction", ("permit", None)), (None, ("permit", "P90D"))],
)
def test_copilot_metrics(metric: str | None, expected: tuple[str, str | None]) -> None:
    answer = ask("copilot", "usage_metric", "collect", attributes={"metric": metric} if metric else {})
    assert (answer["verdict"], answer["keep"]) == expected


@pytest.mark.parametrize(
    ("level", "expected"), [(None, "permit"), ("all", "permit"), ("error", "deny"), ("crash", "deny"), ("off", "deny"), ("loud", "deny")]
)
def test_copilot_metrics_of_an_editor_need_its_telemetry(level: str | None, expected: str) -> None:
    settings = {} if level is None else {"telemetry.telemetryLevel": level}
    answer = ask("copilot", "usage_metric", "collect", surface="ide", settings=settings, attributes={"metric": "engagement"})
    assert (answer["verdict"], answer["destination"]) == (expected, "vendor" if expected == "permit" else "none")


def test_copilot_metrics_need_telemetry_on_every_surface() -> None:
    settings = {"telemetry.telemetryLevel": "off"}
    assert verdict("copilot", "usage_metric", "collect", surface="cli", settings=settings, attributes={"metric": "engagement"}) == "deny"


def test_copilot_surroundings_are_collected_from_the_change_on() -> None:
    metric = {"attributes": {"metric": "interaction"}}
    assert verdict("copilot", "usage_metric", "collect", collected_at="2026-04-23T00:00:00Z", **metric) == "deny"
    assert verdict("copilot", "usage_metric", "collect", consents=[no("training")], **metric) == "permit"
    assert verdict("copilot", "usage_metric", "collect", tier="business", **metric) == "deny"
    assert ask("copilot", "usage_metric", "train_generative", **metric)["promises"] == ["affiliates_only"]
    assert ask("copilot", "repository_file", "train_generative", attributes={"context": "live"})["promises"] == ["affiliates_only"]


def test_copilot_feedback_is_kept_for_an_unstated_time() -> None:
    answer = ask("copilot", "feedback_report", "collect")
    assert (answer["verdict"], answer["keep"], answer["expires_at"]) == ("permit", None, None)


# Copilot: the synced copy.


@pytest.mark.parametrize(
    ("tier", "surface", "settings", "attributes", "expected"),
    [
        ("pro", "cli", {}, {}, "permit"),
        ("free", "cli", {"remoteExport": True}, {}, "permit"),
        ("pro_plus", "cli", {"remoteExport": False}, {}, "deny"),
        ("pro", "cli", {"remoteExport": "maybe"}, {}, "deny"),
        ("pro", "cli", None, {}, "gap"),
        ("student", "cli", {}, {}, "permit"),
        ("pro", "cli", {}, {"sync_policy": "disabled"}, "permit"),
        ("business", "cli", {}, {}, "deny"),
        ("business", "cli", {}, {"sync_policy": "unset"}, "deny"),
        ("enterprise", "cli", {}, {"sync_policy": "disabled"}, "deny"),
        ("enterprise", "cli", {}, {"sync_policy": "view"}, "permit"),
        ("business", "cli", {}, {"sync_policy": "control"}, "permit"),
        ("business", "cli", {"remoteExport": False}, {"sync_policy": "view"}, "deny"),
        ("pro", "ide", {}, {}, "permit"),
        ("pro", "ide", {"remoteExport": False}, {}, "permit"),
        ("pro", "ide", {"chat.sessionSync.enabled": False}, {}, "deny"),
        ("pro", "ide", {}, {"repository_excluded": "yes"}, "deny"),
        ("business", "ide", {}, {}, "deny"),
        ("business", "ide", {}, {"sync_policy": "view"}, "permit"),
        ("business", "ide", {"chat.sessionSync.enabled": False}, {"sync_policy": "view"}, "deny"),
        ("pro", "web", {}, {}, "deny"),
        ("pro", "cli", {"chat.sessionSync.enabled": False}, {}, "permit"),
        ("pro", "cli", {}, {"repository_excluded": "yes"}, "permit"),
    ],
)
def test_copilot_session_is_synced_unless_somebody_says_no(
    tier: str, surface: str, settings: dict[str, object] | None, attributes: dict[str, object], expected: str
) -> None:
    answer = ask("copilot", "web_session", "collect", tier=tier, surface=surface, settings=settings, attributes=attributes)
    assert answer["verdict"] == expected
    serve = ask("copilot", "web_session", "serve", tier=tier, surface=surface, settings=settings, attributes=attributes)
    assert expected != "permit" or serve["verdict"] == "permit"
    assert answer["destination"] == ("vendor" if expected == "permit" else "none")
    assert answer["keep"] is None
    seen = answer["promises"]
    assert seen == (["admins_see_no_content"] if expected == "permit" and tier in {"business", "enterprise"} else [])


@pytest.mark.parametrize("surface", ["cli", "ide"])
def test_copilot_task_of_the_coding_agent_is_no_local_session_to_sync(surface: str) -> None:
    assert verdict("copilot", "web_session", "collect", surface=surface, feature="completions") == "permit"
    assert verdict("copilot", "web_session", "collect", surface=surface, feature="coding_agent") == "deny"
    assert verdict("copilot", "transcript", "collect", surface=surface, feature="coding_agent") == "permit"


@pytest.mark.parametrize("collected_at", ["2025-12-31T23:59:59Z", "2026-05-01T00:00:00Z", "2026-12-31T23:59:59Z"])
@pytest.mark.parametrize("surface", ["cli", "ide"])
def test_copilot_sync_is_refused_while_its_start_is_in_doubt(collected_at: str, surface: str) -> None:
    answer = ask("copilot", "web_session", "collect", collected_at=collected_at, surface=surface)
    assert (answer["verdict"], answer["destination"]) == ("deny", "none")


def test_example_24() -> None:
    day = {"collected_at": "2026-05-01T00:00:00Z", "asked_at": "2026-11-22T00:00:00Z"}
    assert verdict("copilot", "web_session", "collect", tier="business", attributes={"sync_policy": "unset"}, **day) == "deny"
    assert verdict("copilot", "web_session", "collect", tier="pro", settings={"remoteExport": False}, **day) == "deny"
    assert ask("copilot", "prompt", "serve", tier="business", **day)["expires_at"] == "2026-05-29T00:00:00Z"


# Cursor.


@pytest.mark.parametrize(
    ("mode", "tier", "extra", "expected"),
    [
        ("privacy", "pro", {}, "deny"),
        ("privacy", "team", {}, "deny"),
        ("privacy_legacy", "pro", {}, "deny"),
        ("share", "pro", {}, "permit"),
        ("share", "free", {}, "permit"),
        ("share", "team", {}, "permit"),
        ("share", "team", {"forced": "yes"}, "deny"),
        ("share", "enterprise", {"forced": "yes"}, "deny"),
        ("unset", "team", {}, "deny"),
        ("unset", "enterprise", {}, "deny"),
        ("unset", "pro", {}, "deny"),
        (None, "pro", {}, "gap"),
        (None, "team", {"forced": "yes"}, "deny"),
        ("share", "pro", {"key": "own"}, "deny"),
        ("share", "pro", {"forced": "yes"}, "permit"),
    ],
)
@pytest.mark.parametrize("kind", SENT)
def test_cursor_trains_only_where_data_is_shared(mode: str | None, tier: str, extra: dict[str, object], expected: str, kind: str) -> None:
    attributes = extra if mode is None else {"mode": mode, **extra}
    assert verdict("cursor", kind, "train_generative", tier=tier, attributes=attributes) == expected


@pytest.mark.parametrize(("forced", "expected"), [("no", "permit"), ("yes", "deny")])
@pytest.mark.parametrize("collected_at", ["2025-02-01T00:00:00Z", "2025-06-15T00:00:00Z", "2027-02-01T00:00:00Z"])
def test_cursor_forced_privacy_mode_is_not_off_at_any_date(collected_at: str, forced: str, expected: str) -> None:
    attributes = {"mode": "share", "forced": forced}
    assert verdict("cursor", "code", "train_generative", tier="team", collected_at=collected_at, attributes=attributes) == expected


@pytest.mark.parametrize(
    ("attributes", "tier", "expected"),
    [
        ({"mode": "privacy"}, "pro", True),
        ({"mode": "unset"}, "team", True),
        ({"mode": "share", "forced": "yes"}, "team", True),
        ({"mode": "share"}, "team", False),
        ({"mode": "privacy_legacy", "forced": "yes"}, "team", False),
        ({"mode": "unset"}, "pro", False),
    ],
)
def test_cursor_promises_of_privacy_mode(attributes: dict[str, object], tier: str, expected: bool) -> None:
    promises = ask("cursor", "code", "serve", tier=tier, attributes=attributes)["promises"]
    assert promises == (["no_provider_training", "zdr_with_providers"] if expected else [])


@pytest.mark.parametrize(("mode", "expected"), [("privacy", None), ("privacy_legacy", "P0D"), ("share", None), (None, "P0D")])
@pytest.mark.parametrize("kind", SENT)
def test_cursor_keeps_nothing_in_the_older_mode_and_an_unstated_time_in_others(mode: str | None, expected: str | None, kind: str) -> None:
    assert keep("cursor", kind, attributes={"mode": mode} if mode else {}) == expected


@pytest.mark.parametrize(
    ("collected_at", "expected"), [("2024-05-31T00:00:00Z", "P0D"), ("2025-06-30T23:59:59Z", "P0D"), ("2025-07-01T00:00:00Z", "P0D")]
)
def test_cursor_older_mode_counts_from_before_it_was_seen(collected_at: str, expected: str) -> None:
    assert keep("cursor", "prompt", attributes={"mode": "privacy_legacy"}, collected_at=collected_at) == expected


@pytest.mark.parametrize("feature", ["cloud_agent", "memories"])
@pytest.mark.parametrize("purpose", ["collect", "serve"])
@pytest.mark.parametrize("kind", SENT)
def test_cursor_older_mode_has_no_agents_and_no_memories(feature: str, purpose: str, kind: str) -> None:
    assert verdict("cursor", kind, purpose, feature=feature, attributes={"mode": "privacy_legacy"}) == "deny"
    assert verdict("cursor", kind, purpose, feature=feature, attributes={"mode": "privacy"}) == "permit"
    assert verdict("cursor", kind, purpose, feature="chat", attributes={"mode": "privacy_legacy"}) == "permit"


def test_cursor_own_key_keeps_embeddings_but_no_plain_text() -> None:
    own = {"attributes": {"mode": "privacy", "key": "own"}}
    source = {"agent": "cursor", "kind": "code", "tier": "pro", "provider": "first_party", "collected_at": "2027-02-01T09:30:00Z"}
    for kind in SENT:
        answer = ask("cursor", kind, "collect", **own)
        assert (answer["verdict"], answer["keep"]) == ("permit", "P0D")
        assert "no_plaintext_kept" in answer["promises"]
    assert verdict("cursor", "derived_signal", "collect", **own) == "gap"
    assert verdict("cursor", "derived_signal", "serve", derived_from=[source | {"attributes": {"mode": "privacy"}}]) == "permit"
    assert verdict("cursor", "derived_signal", "train_generative", derived_from=[source | {"attributes": {"mode": "privacy"}}]) == "deny"
    assert keep("cursor", "derived_signal", **own) is None
    assert ask("cursor", "derived_signal", "collect", **own)["promises"] == ["no_plaintext_kept"]
    older = {"attributes": {"mode": "privacy_legacy", "key": "own"}, "derived_from": [source | {"attributes": {"mode": "share"}}]}
    assert keep("cursor", "derived_signal", **older) == "P0D"
    assert verdict("cursor", "derived_signal", "collect", **older) == "deny"


@pytest.mark.parametrize(
    ("tier", "settings", "expected"),
    [
        ("team", {"cloud_agent_retention_days": 14}, "P14D"),
        ("enterprise", {"cloud_agent_retention_days": 90}, "P90D"),
        ("enterprise", {"cloud_agent_retention_days": 0}, "P0D"),
        ("enterprise", {"cloud_agent_retention_days": "a week"}, "P0D"),
        ("enterprise", {}, None),
        ("pro", {}, None),
        ("pro", {"cloud_agent_retention_days": 14}, None),
    ],
)
@pytest.mark.parametrize("kind", [*SENT, "web_session"])
def test_cursor_cloud_agents_keep_what_the_organisation_sets(tier: str, settings: dict[str, object], expected: str | None, kind: str) -> None:
    answer = ask("cursor", kind, "collect", tier=tier, feature="cloud_agent", settings=settings)
    assert (answer["verdict"], answer["keep"]) == ("permit", expected)


@pytest.mark.parametrize("kind", ["web_session", "derived_signal"])
def test_cursor_older_mode_stores_nothing_of_any_kind(kind: str) -> None:
    assert keep("cursor", kind, attributes={"mode": "privacy_legacy"}) == "P0D"


def test_cursor_window_of_cloud_agents_is_for_them_alone() -> None:
    settings = {"cloud_agent_retention_days": 14}
    assert keep("cursor", "prompt", tier="team", feature="chat", settings=settings) is None
    assert verdict("cursor", "web_session", "serve", tier="team", feature="cloud_agent", settings=settings) == "permit"


def test_cursor_session_in_the_cloud_needs_a_mode_that_stores_and_a_certain_date() -> None:
    assert verdict("cursor", "web_session", "collect", feature="cloud_agent") == "permit"
    assert verdict("cursor", "web_session", "collect", feature="chat") == "permit"
    assert verdict("cursor", "web_session", "collect", feature="cloud_agent", attributes={"mode": "privacy_legacy"}) == "deny"
    assert verdict("cursor", "web_session", "collect", feature="cloud_agent", collected_at="2026-07-01T00:00:00Z") == "deny"


# OpenCode.


@pytest.mark.parametrize(
    ("mode", "consents", "expected"),
    [
        (None, [], "deny"),
        ("manual", [], "deny"),
        ("manual", [no("share")], "deny"),
        ("manual", [yes("share")], "permit"),
        ("manual", [yes("share", by="admin")], "deny"),
        ("manual", None, "gap"),
        ("auto", [], "permit"),
        ("auto", None, "gap"),
        ("auto", [no("share")], "deny"),
        ("disabled", [], "deny"),
        ("disabled", [yes("share")], "deny"),
    ],
)
@pytest.mark.parametrize("purpose", ["collect", "serve"])
def test_opencode_session_is_public_only_where_it_is_shared(mode: str | None, consents: list[object] | None, expected: str, purpose: str) -> None:
    answer = ask("opencode", "web_session", purpose, consents=consents, attributes={"mode": mode} if mode else {})
    assert answer["verdict"] == expected
    assert answer["destination"] == ("vendor" if expected == "permit" else "none")
    assert (answer["promises"] == ["public_by_link"]) == (expected == "permit")
    assert answer["keep"] == "indefinite"


def test_opencode_unsharing_ends_the_public_copy() -> None:
    unshared = {"consents": [yes("share"), no("share", "2027-02-10T00:00:00Z")], "asked_at": "2027-02-11T00:00:00Z"}
    answer = ask("opencode", "web_session", "serve", **unshared)
    assert (answer["verdict"], answer["expires_at"]) == ("deny", "2027-02-10T00:00:00Z")
    assert verdict("opencode", "web_session", "serve", **(unshared | {"asked_at": "2027-02-09T00:00:00Z"})) == "permit"


@pytest.mark.parametrize(
    ("provider", "upstream", "expected"),
    [
        ("zen_paid", "other", "P0D"),
        ("zen_paid", None, "P0D"),
        ("zen_paid", "openai", "P30D"),
        ("zen_paid", "anthropic", "P30D"),
        ("zen_free", "openai", None),
        ("own_key", "openai", None),
        (None, "openai", "P30D"),
    ],
)
@pytest.mark.parametrize("kind", SENT)
def test_opencode_zen_keeps_paid_requests_as_long_as_the_model_maker(
    provider: str | None, upstream: str | None, expected: str | None, kind: str
) -> None:
    assert keep("opencode", kind, provider=provider, attributes={"upstream": upstream} if upstream else {}) == expected


@pytest.mark.parametrize(("provider", "expected"), [("zen_free", "permit"), ("zen_paid", "deny"), ("own_key", "deny"), (None, "gap")])
@pytest.mark.parametrize("kind", SENT)
def test_opencode_free_models_may_improve(provider: str | None, expected: str, kind: str) -> None:
    assert verdict("opencode", kind, "improve", provider=provider) == expected
    assert verdict("opencode", kind, "train_generative", provider=provider) == "deny"


@pytest.mark.parametrize("provider", ["zen_paid", "zen_free"])
@pytest.mark.parametrize(
    ("collected_at", "expected"), [("2026-06-22T17:59:59Z", "deny"), ("2026-06-23T12:00:00Z", "deny"), ("2026-06-24T00:00:00Z", "permit")]
)
def test_opencode_zen_begins_with_its_page(provider: str, collected_at: str, expected: str) -> None:
    assert verdict("opencode", "prompt", "serve", provider=provider, collected_at=collected_at) == expected


@pytest.mark.parametrize(("agent", "day"), [("opencode", "2025-01-01"), ("cursor", "2025-01-01"), ("copilot", "2024-01-01"), ("aider", "2024-11-01")])
def test_service_begins_with_the_first_row(agent: str, day: str) -> None:
    assert verdict(agent, "prompt", "serve", collected_at=f"{day}T00:00:00Z") == "permit"
    year = int(day[:4])
    assert verdict(agent, "prompt", "serve", collected_at=f"{year - 1}-10-01T00:00:00Z") == "deny"


@pytest.mark.parametrize(
    ("agent", "kind", "purpose", "year", "changes"),
    [
        ("copilot", "usage_metric", "collect", 2024, {"attributes": {"metric": "engagement"}}),
        ("copilot", "usage_metric", "collect", 2025, {"attributes": {"metric": "last_activity"}}),
        ("copilot", "feedback_report", "collect", 2024, {}),
        ("cursor", "prompt", "train_generative", 2025, {"attributes": {"mode": "share"}}),
        ("opencode", "web_session", "collect", 2025, {"attributes": {"mode": "auto"}}),
        ("opencode", "web_session", "collect", 2025, {"consents": [yes("share", "2020-01-01T00:00:00Z")]}),
    ],
)
def test_rows_without_a_first_day_are_certain_from_their_year_on(agent: str, kind: str, purpose: str, year: int, changes: dict[str, object]) -> None:
    assert verdict(agent, kind, purpose, collected_at=f"{year}-01-01T00:00:00Z", **changes) == "permit"
    assert verdict(agent, kind, purpose, collected_at=f"{year - 1}-12-31T00:00:00Z", **changes) == "deny"


# Aider.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"consents": [yes("analytics")]}, "permit"),
        ({"consents": []}, "deny"),
        ({"consents": [no("analytics")]}, "deny"),
        ({"consents": None}, "gap"),
        ({"consents": [yes("analytics", by="admin")]}, "deny"),
        ({"consents": [yes("analytics")], "client_version": "0.60.9"}, "deny"),
        ({"consents": [yes("analytics")], "client_version": "0.61.0"}, "permit"),
        ({"consents": [yes("analytics")], "client_version": None}, "gap"),
        ({"consents": [yes("analytics")], "collected_at": "2024-11-15T00:00:00Z"}, "deny"),
        ({"consents": [yes("analytics")], "attributes": {"analytics": "disabled"}}, "deny"),
        ({"consents": [yes("analytics", "2026-12-01T00:00:00Z")], "attributes": {"analytics": "disabled"}}, "deny"),
        ({"consents": [yes("analytics")], "env": {"AIDER_ANALYTICS_DISABLE": "true"}}, "deny"),
        ({"consents": [yes("analytics")], "env": {"AIDER_ANALYTICS_DISABLE": "false"}}, "permit"),
        ({"consents": [yes("analytics")], "env": None}, "gap"),
        ({"consents": [yes("analytics")], "attributes": {"contains": "code"}}, "deny"),
        ({"consents": [yes("analytics")], "attributes": {"contains": "chat"}}, "deny"),
        ({"consents": [yes("analytics")], "attributes": {"contains": "key"}}, "deny"),
    ],
)
def test_aider_analytics_need_a_yes(changes: dict[str, object], expected: str) -> None:
    answer = ask("aider", "usage_metric", "collect", **changes)
    assert answer["verdict"] == expected
    if expected == "permit":
        assert answer["promises"] == ["analytics_log", "no_code", "random_id"]
        assert answer["destination"] == "vendor"
    else:
        assert answer["destination"] == "none"


# The packs as such.


LIVE = {"attributes": {"context": "live"}}
INTERACTION = {"attributes": {"metric": "interaction", "context": "live"}}
ANALYTICS = {"consents": [yes("analytics")]}
REASONS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "copilot": {
        "service": ("serve", {}),
        "service-context": ("serve", LIVE),
        "local-kinds": ("collect", {}),
        "local-copy": ("collect", {"copy": "local"}),
        "derived-inherits": ("serve", {}),
        "train-before": ("train_generative", {"collected_at": "2026-04-01T00:00:00Z"}),
        "train-individual": ("train_generative", {}),
        "train-individual-context": ("train_generative", LIVE),
        "train-individual-surroundings": ("train_generative", INTERACTION),
        "train-opted-out": ("train_generative", {"consents": [no("training")]}),
        "train-at-rest": ("train_generative", {}),
        "train-organisation": ("train_generative", {"tier": "enterprise"}),
        "train-student": ("train_generative", {"tier": "student"}),
        "keep-ide": ("serve", {"surface": "ide"}),
        "keep-other": ("serve", {}),
        "keep-context-ide": ("serve", LIVE | {"surface": "ide"}),
        "keep-context-other": ("serve", LIVE),
        "surroundings": ("collect", INTERACTION),
        "engagement": ("collect", {"attributes": {"metric": "engagement"}}),
        "last-activity": ("collect", {"attributes": {"metric": "last_activity"}}),
        "metrics-need-telemetry": ("collect", {"surface": "ide", "settings": {"telemetry.telemetryLevel": "off"}}),
        "feedback": ("collect", {}),
        "sync-before": ("collect", {"collected_at": "2025-06-01T00:00:00Z"}),
        "sync-cli-personal": ("collect", {}),
        "sync-cli-organisation": ("collect", {"tier": "business", "attributes": {"sync_policy": "view"}}),
        "sync-cli-off": ("collect", {"settings": {"remoteExport": False}}),
        "sync-organisation-off": ("collect", {"tier": "business"}),
        "sync-ide-personal": ("collect", {"surface": "ide"}),
        "sync-ide-organisation": ("collect", {"tier": "business", "surface": "ide", "attributes": {"sync_policy": "view"}}),
        "sync-ide-off": ("collect", {"surface": "ide", "settings": {"chat.sessionSync.enabled": False}}),
        "sync-ide-excluded": ("collect", {"surface": "ide", "attributes": {"repository_excluded": "yes"}}),
    },
    "cursor": {
        "service": ("serve", {}),
        "local-kinds": ("collect", {}),
        "local-copy": ("collect", {"copy": "local"}),
        "derived-inherits": ("serve", {}),
        "privacy": ("train_generative", {}),
        "privacy-team-default": ("train_generative", {"tier": "team", "attributes": {"mode": "unset"}}),
        "privacy-forced": ("train_generative", {"tier": "team", "attributes": {"mode": "share", "forced": "yes"}}),
        "legacy": ("train_generative", {"attributes": {"mode": "privacy_legacy"}}),
        "legacy-no-agents": ("serve", {"attributes": {"mode": "privacy_legacy"}, "feature": "memories"}),
        "legacy-no-sessions": ("serve", {"attributes": {"mode": "privacy_legacy"}}),
        "share": ("train_generative", {"attributes": {"mode": "share"}}),
        "share-organisation": ("train_generative", {"tier": "team", "attributes": {"mode": "share"}}),
        "own-key-plaintext": ("serve", {"attributes": {"key": "own", "mode": "privacy"}}),
        "own-key-embeddings": ("collect", {"attributes": {"key": "own", "mode": "privacy"}}),
        "cloud-agent": ("serve", {}),
        "cloud-session-window": ("serve", {"tier": "team", "settings": {"cloud_agent_retention_days": 7}}),
        "cloud-agent-window": ("serve", {"tier": "team", "feature": "cloud_agent", "settings": {"cloud_agent_retention_days": 7}}),
    },
    "opencode": {
        "service-own-key": ("serve", {}),
        "service-zen": ("serve", {"provider": "zen_free"}),
        "local-kinds": ("collect", {}),
        "local-copy": ("collect", {"copy": "local"}),
        "derived-inherits": ("serve", {}),
        "share-keep": ("serve", {}),
        "share-manual": ("serve", {"consents": [yes("share")]}),
        "share-manual-not-asked": ("serve", {}),
        "share-auto": ("serve", {"attributes": {"mode": "auto"}}),
        "share-unshared": ("serve", {"attributes": {"mode": "auto"}, "consents": [no("share")]}),
        "share-disabled": ("serve", {"attributes": {"mode": "disabled"}}),
        "zen-paid": ("serve", {"provider": "zen_paid", "attributes": {"upstream": "other"}}),
        "zen-paid-upstream": ("serve", {"provider": "zen_paid", "attributes": {"upstream": "openai"}}),
        "zen-free": ("improve", {"provider": "zen_free"}),
    },
    "aider": {
        "service": ("serve", {}),
        "local-kinds": ("collect", {}),
        "local-copy": ("collect", {"copy": "local"}),
        "derived-inherits": ("serve", {}),
        "analytics-yes": ("collect", ANALYTICS),
        "analytics-no-yes": ("collect", {}),
        "analytics-disabled": ("collect", ANALYTICS | {"attributes": {"analytics": "disabled"}}),
        "analytics-disabled-variable": ("collect", ANALYTICS | {"env": {"AIDER_ANALYTICS_DISABLE": "1"}}),
        "analytics-no-content": ("collect", ANALYTICS | {"attributes": {"contains": "code"}}),
    },
}
SAYS_ONLY_THAT_IT_IS_NOT_KNOWN = {"keep-agent-log", "cloud-agent-no-window", "cloud-agent-individual"}


@pytest.mark.parametrize(("agent", "clause"), [(agent, clause) for agent, reasons in REASONS.items() for clause in reasons])
def test_clause_is_named_as_the_reason_for_each_of_its_kinds(agent: str, clause: str) -> None:
    purpose, changes = REASONS[agent][clause]
    kinds = next(part.kinds for pack in PACKS for part in pack.clauses if pack.agent == agent and part.id == clause)
    silent = [kind for kind in kinds if clause not in [part["clause"] for part in ask(agent, kind, purpose, **changes)["because"]]]
    assert silent == []


@pytest.mark.parametrize("pack", PACKS, ids=AGENTS)
def test_every_clause_is_the_reason_for_something(pack: Pack) -> None:
    assert {clause.id for clause in pack.clauses} - SAYS_ONLY_THAT_IT_IS_NOT_KNOWN == set(REASONS[pack.agent])


@pytest.mark.parametrize("pack", PACKS, ids=AGENTS)
def test_every_clause_names_its_row_and_source(pack: Pack) -> None:
    clauses = pack.clauses
    assert all(clause.row and clause.text.endswith(".") and clause.source for clause in clauses)


@pytest.mark.parametrize("pack", PACKS, ids=AGENTS)
def test_every_promise_is_made(pack: Pack) -> None:
    promised = {promise for clause in pack.clauses for promise in clause.promises}
    assert promised == set(pack.promises)
