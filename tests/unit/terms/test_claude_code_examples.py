"""The worked decisions about Claude Code, and a case for each group of its rows."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from tenure.terms.cases import parse_case, render_decision
from tenure.terms.decide import decide, open_book
from tenure.terms.parse import parse_pack
from tenure.terms.price import Terms, Usage, amount
from tenure.terms.price_rows import parse_discounts, parse_prices, parse_surcharges

CONTENT = (files("tenure.terms") / "packs" / "claude_code.toml").read_bytes()
PACK = parse_pack(CONTENT, "claude_code.toml")
BOOK = open_book([PACK])
CONFIRMED = open_book([PACK], {"claude_code": {"dpp-keep"}})
FIRST, LATER = "2026-08-22T00:00:00Z", "2026-11-22T00:00:00Z"
SESSION = ("prompt", "output", "code", "transcript")
TRAIN = "train_generative"


def consent(name, value, at, by="subject"):
    return {"name": name, "value": value, "at": at if "T" in at else f"{at}T00:00:00Z", "by": by}


ON = [consent("training", True, "2025-08-28T12:00:00Z")]
OFF = [consent("training", False, "2025-08-28T12:00:00Z")]
SHARED = [consent("transcript_share", True, "2026-04-29")]


def answer(kind, purpose, collected, tier="pro", *, book=BOOK, **more):
    """Decide a case in which all that is not named is ordinary or known to be none."""
    at = collected if "T" in collected else f"{collected}T00:00:00Z"
    case = {"agent": "claude_code", "kind": kind, "purpose": purpose, "collected_at": at, "asked_at": at, "tier": tier, "provider": "first_party"}
    case |= {"surface": "cli", "model_class": "ordinary", "feature": "chat", "flags": [], "consents": [], "client_version": "2.1.198"}
    case |= {"env": {}, "settings": {}, "safety_flagged": False, "copy": "service", "attributes": {}}
    return render_decision(decide(book, parse_case(case | more)))


def verdict(*args, **more):
    return answer(*args, **more)["verdict"]


def keep(kind, collected, tier="pro", **more):
    return answer(kind, "collect", collected, tier, **more)["keep"]


def ends(kind, collected, tier="pro", **more):
    at = answer(kind, "collect", collected, tier, **more)["expires_at"]
    return None if at is None else at.removesuffix("T00:00:00Z")


def where(kind, collected, tier="pro", **more):
    return answer(kind, "collect", collected, tier, **more)["destination"]


# The first table of examples, asked on 2026-08-22.


def test_a_max_session_before_the_consumer_terms_never_trains():
    assert verdict("transcript", TRAIN, "2025-08-27", "max", consents=ON, asked_at=FIRST, run_started_at="2025-09-01T00:00:00Z") == "deny"
    assert verdict("transcript", TRAIN, "2025-08-27", "max", consents=ON) == "deny"


def test_a_pro_prompt_with_the_setting_off_lives_30_days():
    assert verdict("prompt", TRAIN, "2025-08-29", consents=OFF, asked_at=FIRST) == "deny"
    assert ends("prompt", "2025-08-29", consents=OFF) == "2025-09-28"


def test_team_code_without_the_programme_lives_30_days_untrained():
    assert verdict("code", TRAIN, "2026-01-10", "team") == "deny"
    assert ends("code", "2026-01-10", "team") == "2026-02-09"


def test_the_programme_does_not_reach_bedrock():
    assert verdict("code", TRAIN, "2026-01-10", "api", flags=["dpp"], provider="bedrock") == "deny"
    assert verdict("code", TRAIN, "2026-01-10", "api", flags=["dpp"]) == "permit"


@pytest.mark.parametrize(("collected", "expires"), [("2025-10-17T10:00:00Z", "2025-11-16"), ("2025-10-17T20:00:00Z", "2030-10-17")])
@pytest.mark.parametrize("tier", ["free", "max", "enterprise", "api"])
def test_reports_change_from_30_days_to_five_years_within_a_day(tier, collected, expires):
    assert ends("feedback_report", collected, tier) == expires


def test_a_zero_that_opts_out_and_a_zero_that_does_not():
    assert verdict("usage_metric", "collect", "2026-05-20", env={"DO_NOT_TRACK": "0"}) == "permit"
    assert verdict("usage_metric", "collect", "2026-05-20", env={"DISABLE_TELEMETRY": "false"}) == "deny"


def test_the_survey_appears_on_bedrock_again():
    assert verdict("survey_rating", "collect", "2026-03-20", "api", provider="bedrock") == "permit"
    assert verdict("survey_rating", "collect", "2026-03-10", "api", provider="bedrock") == "deny"


def test_zero_retention_serves_and_keeps_nothing():
    case = {"flags": ["zdr"]}
    assert verdict("prompt", "serve", "2026-03-01", "enterprise", **case) == "permit"
    assert keep("prompt", "2026-03-01", "enterprise", **case) == "P0D"
    assert answer("prompt", "collect", "2026-03-01", "enterprise", **case)["expires_at"] == "2026-03-01T00:00:00Z"
    for purpose in ("debug", "improve", "safety", "train_safety", TRAIN):
        assert verdict("prompt", purpose, "2026-03-01", "enterprise", **case) == "deny"


def test_a_new_organisation_does_not_inherit_zero_retention():
    assert keep("prompt", "2026-03-01", "enterprise") == "P30D"


@pytest.mark.parametrize("contains", ["code", "prompt", "file_path", "bash_command", "transcript"])
@pytest.mark.parametrize("collected", ["2025-03-01", "2025-08-01", "2026-08-22"])
def test_a_metric_with_content_is_refused_on_any_day(collected, contains):
    assert verdict("usage_metric", "collect", collected, attributes={"contains": contains}) == "deny"
    assert verdict("usage_metric", "collect", collected) == "permit"


# The second table of examples, asked on 2026-11-22.


@pytest.mark.parametrize("case", [("feedback_report", {}), ("feedback_draft", {"draft": "sent"})])
def test_a_draft_sent_from_the_card_carries_no_transcript(case):
    kind, more = case
    card = {"screen": "card"} | more
    assert verdict(kind, "collect", "2026-09-10", "max", attributes=card) == "permit"
    assert verdict(kind, "collect", "2026-09-10", "max", attributes=card | {"contains": "transcript"}) == "deny"
    assert verdict(kind, "collect", "2026-09-10", "max", attributes=card | {"contains": "working_directory"}) == "deny"
    assert verdict(kind, "collect", "2026-09-10", "max", attributes=card | {"contains": "transcript", "screen": "review"}) == "permit"
    assert ends(kind, "2026-09-10", "max", attributes=card) == "2031-09-10"


ABSENT = [
    {"provider": "bedrock"},
    {"provider": "aws_platform"},
    {"provider": "vertex"},
    {"provider": "foundry"},
    {"attributes": {"session_mode": "print"}},
    {"surface": "web"},
    {"feature": "web_session"},
    {"flags": ["zdr"]},
    {"flags": ["hipaa"]},
    {"flags": ["feedback_disabled"]},
    {"settings": {"feedbackDrafts": "off"}},
    {"env": {"DISABLE_BUG_COMMAND": "1"}},
    {"env": {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "0"}},
    {"env": {"DISABLE_TELEMETRY": "0"}},
    {"env": {"DO_NOT_TRACK": "1"}},
    {"env": {"DISABLE_GROWTHBOOK": "1"}},
    {"env": {"CLAUDE_CODE_SEND_FEEDBACK": "0"}},
]


@pytest.mark.parametrize("more", ABSENT)
@pytest.mark.parametrize("draft", ["unsent", "sent"])
def test_no_draft_is_offered_where_drafts_are_absent(draft, more):
    attributes = {"draft": draft} | more.get("attributes", {})
    assert verdict("feedback_draft", "collect", "2026-09-10", "enterprise", **more | {"attributes": attributes}) == "deny"


def test_a_one_in_the_session_variable_for_drafts_grants_nothing():
    sent = {"attributes": {"draft": "sent"}}
    for value in ("1", ""):
        assert verdict("feedback_draft", "collect", "2026-09-10", env={"CLAUDE_CODE_SEND_FEEDBACK": value}, **sent) == "permit"
    assert verdict("feedback_draft", "collect", "2026-09-10", "pro", env={"CLAUDE_CODE_SEND_FEEDBACK": "1", "DO_NOT_TRACK": "1"}, **sent) == "deny"


def test_an_unsent_draft_stays_on_the_machine():
    case = {"settings": {"cleanupPeriodDays": 10}}
    for purpose in ("collect", "serve", "debug", "improve", "safety", "train_safety", TRAIN):
        assert verdict("feedback_draft", purpose, "2026-09-01", **case) == "deny"
    assert ends("feedback_draft", "2026-09-01", **case) == "2026-09-11"
    assert where("feedback_draft", "2026-09-01", **case) == "none"
    assert keep("feedback_draft", "2026-09-01", settings={"cleanupPeriodDays": 90}) == "P30D"


DESKTOP = {"last_continued_in": "desktop"}
SWEPT = [
    ("2.1.247", DESKTOP, {}, "2026-07-31"),
    ("2.1.248", DESKTOP, {}, None),
    ("2.1.248", DESKTOP | {"cleanup_managed": "yes"}, {"cleanupPeriodDays": 20}, "2026-07-21"),
    ("2.1.248", DESKTOP, {"desktopSessionCleanupPeriodDays": 90}, "2026-09-29"),
    ("2.1.248", DESKTOP, {"desktopSessionCleanupPeriodDays": 7}, "2026-07-31"),
    ("2.1.248", {}, {}, "2026-07-31"),
    ("2.1.88", {}, {"cleanupPeriodDays": 0}, "2026-07-01"),
    ("2.1.89", {}, {"cleanupPeriodDays": 0}, "2026-07-02"),
    ("2.1.89", {}, {"cleanupPeriodDays": "x"}, "2026-07-02"),
    ("2.1.89", {"session_mode": "print", "session_persistence": "off"}, {}, "2026-07-01"),
    ("0.2.116", {}, {}, None),
]


@pytest.mark.parametrize(("version", "attributes", "settings", "expires"), SWEPT)
def test_the_installed_client_decides_how_long_local_transcripts_live(version, attributes, settings, expires):
    case = {"client_version": version, "attributes": attributes, "settings": settings}
    assert ends("local_transcript", "2026-07-01", **case) == expires
    assert ends("transcript", "2026-07-01", copy="local", **case) == expires


def test_hipaa_puts_the_desktop_transcript_back_under_the_sweep():
    assert ends("local_transcript", "2026-07-01", flags=["hipaa"], client_version="2.1.285", attributes=DESKTOP) == "2026-07-31"


COMPLIANCE = {"copy": "compliance", "attributes": {"compliance_api": "on"}}


def test_the_compliance_copy_has_its_own_six_years():
    assert ends("transcript", "2026-09-01", "enterprise", attributes={"compliance_api": "on"}) == "2026-10-01"
    assert ends("transcript", "2026-09-01", "enterprise", **COMPLIANCE) == "2032-09-01"
    assert verdict("transcript", "collect", "2026-09-01", "enterprise", **COMPLIANCE) == "permit"
    for copy in ("service", "compliance"):
        for purpose in ("improve", TRAIN):
            assert verdict("transcript", purpose, "2026-09-01", "enterprise", **COMPLIANCE | {"copy": copy}) == "deny"
    own = COMPLIANCE | {"attributes": {"compliance_api": "on", "compliance_period": "own"}}
    assert keep("transcript", "2026-09-01", "enterprise", **own) is None


@pytest.mark.parametrize(
    "more",
    [
        {"flags": ["zdr"]},
        {"flags": ["hipaa"]},
        {"provider": "bedrock"},
        {"surface": "web"},
        {"attributes": {"compliance_api": "on", "auth": "console_key"}},
        {"attributes": {}},
    ],
)
def test_the_compliance_copy_is_refused(more):
    assert verdict("transcript", "collect", "2026-09-01", "enterprise", **COMPLIANCE | more) == "deny"


def test_the_compliance_copy_is_for_enterprise_only():
    assert verdict("transcript", "collect", "2026-09-01", "team", **COMPLIANCE) == "deny"
    assert verdict("transcript", "collect", "2026-08-01", "enterprise", **COMPLIANCE) == "deny"


def test_hipaa_refuses_tools_and_old_clients():
    case = {"flags": ["hipaa"], "client_version": "2.1.285"}
    assert verdict("webfetch_hostname", "collect", "2026-10-06", "enterprise", **case) == "deny"
    assert verdict("feedback_report", "collect", "2026-10-06", "enterprise", **case) == "deny"
    assert verdict("web_session", "collect", "2026-10-06", "enterprise", **case) == "deny"
    assert verdict("prompt", "serve", "2026-10-06", "enterprise", feature="web_session", **case) == "deny"
    for kind in SESSION:
        assert verdict(kind, "serve", "2026-10-06", "enterprise", **case) == "permit"
        assert verdict(kind, "serve", "2026-10-06", "enterprise", **case | {"client_version": "2.1.284"}) == "deny"
        assert verdict(kind, "collect", "2026-10-06", "enterprise", **case | {"client_version": "2.1.284"}) == "deny"
        assert verdict(kind, "serve", "2026-10-06", "enterprise", surface="mobile", **case) == "deny"
        assert verdict(kind, "serve", "2026-10-06", "enterprise", **case | {"client_version": None}) == "gap"


JOINED = [consent("dpp", True, "2025-12-01", "admin"), consent("dpp", False, "2026-03-01", "admin")]


@pytest.mark.parametrize(("book", "expires"), [(BOOK, "2026-02-09"), (CONFIRMED, "2028-01-10")])
def test_the_programme_after_an_organisation_left(book, expires):
    case = {"flags": ["dpp"], "consents": JOINED, "asked_at": LATER, "book": book}
    assert ends("code", "2026-01-10", "api", **case) == expires
    assert verdict("code", TRAIN, "2026-01-10", "api", **case, run_started_at="2026-02-01T00:00:00Z") == "permit"
    assert verdict("code", TRAIN, "2026-01-10", "api", **case, run_started_at="2026-04-01T00:00:00Z") == "deny"


@pytest.mark.parametrize("flags", [["dpp", "zdr"], ["dpp", "dpp_by_member"], ["dpp_by_member"]])
def test_nobody_enrols_under_zero_retention_or_as_a_member(flags):
    assert verdict("code", TRAIN, "2026-05-01", "api", flags=flags) == "deny"
    assert verdict("code", TRAIN, "2026-05-01", "api", flags=flags, book=open_book([PACK], {"claude_code": {"dpp-zdr-not-eligible"}})) == "deny"


# Rows without a worked example.


@pytest.mark.parametrize(
    ("collected", "tier", "consents", "period", "trained"),
    [
        ("2025-03-01", "max", [], "P30D", "deny"),
        ("2025-08-28", "max", [consent("training", True, "2025-08-28")], "P30D", "deny"),
        ("2025-08-29", "max", ON, "P5Y", "permit"),
        ("2025-08-29", "max", [], "P30D", "deny"),
        ("2026-01-07", "free", ON, "P5Y", "permit"),
        ("2026-08-22", "gov", ON, "P30D", "deny"),
    ],
)
def test_the_consumer_setting_decides_training_and_period(collected, tier, consents, period, trained):
    for kind in SESSION:
        assert keep(kind, collected, tier, consents=consents) == period
        assert verdict(kind, TRAIN, collected, tier, consents=consents) == trained
        assert verdict(kind, "serve", collected, tier, consents=consents) == "permit"


def test_a_withdrawal_splits_runs_and_shortens_what_is_kept():
    case = {"consents": [*ON, consent("training", False, "2026-06-01")], "asked_at": FIRST}
    assert verdict("prompt", TRAIN, "2026-05-20", **case, run_started_at="2026-05-25T00:00:00Z") == "permit"
    assert verdict("prompt", TRAIN, "2026-05-20", **case, run_started_at="2026-06-02T00:00:00Z") == "deny"
    assert ends("prompt", "2026-05-20", **case) == "2026-07-01"


def test_a_session_begun_before_the_consent_counts_from_its_resumption():
    begun = {"started_at": "2025-08-20T00:00:00Z", "resumed_at": None}
    case = {"consents": ON, "session": begun}
    assert verdict("prompt", TRAIN, "2025-09-02", **case) == "gap"
    assert keep("prompt", "2025-09-02", **case) == "P30D"
    resumed = case | {"session": begun | {"resumed_at": "2025-09-01T00:00:00Z"}}
    assert verdict("prompt", TRAIN, "2025-09-02", **resumed) == "permit"


def test_a_chat_that_its_owner_deleted_or_hid_trains_nothing():
    for more in ({"attributes": {"deleted_by_user": "yes"}}, {"feature": "incognito"}):
        assert verdict("prompt", TRAIN, "2026-09-20", consents=ON, **more) == "deny"
        assert keep("prompt", "2026-09-20", consents=ON, **more) == "P30D"


def test_the_programme_takes_invoiced_organisations_until_it_is_prepaid_only():
    for billing, day, expected in (("invoiced", "2026-09-01", "permit"), ("invoiced", "2026-10-02", "deny"), ("prepaid", "2026-10-04", "permit")):
        assert verdict("code", TRAIN, day, "api", flags=["dpp"], attributes={"billing": billing}) == expected


def test_conversations_count_as_feedback_in_the_preview_only():
    assert verdict("prompt", "improve", "2025-03-01") == "permit"
    assert verdict("prompt", "improve", "2025-07-10") == "deny"
    assert verdict("prompt", "serve", "2025-02-20") == "deny"


def test_flagged_content_is_held_for_safety_alone():
    case = {"safety_flagged": True, "asked_at": FIRST}
    assert keep("prompt", "2026-03-01", "enterprise", flags=["zdr"], **case) == "P2Y"
    assert verdict("prompt", "safety", "2026-03-01", "enterprise", flags=["zdr"], **case) == "permit"
    assert verdict("prompt", "train_safety", "2026-03-01", "enterprise", **case) == "deny"
    assert verdict("prompt", "train_safety", "2026-03-01", "pro", **case) == "permit"
    assert verdict("prompt", "serve", "2026-03-01", "enterprise", **case) == "deny"
    assert keep("classifier_score", "2026-03-01", "enterprise", flags=["zdr"], **case) == "P7Y"
    assert verdict("classifier_score", "collect", "2026-03-01", "enterprise", flags=["zdr"]) == "permit"


def test_scores_of_unflagged_content_are_retained_under_zero_retention_only():
    assert verdict("classifier_score", "collect", "2026-03-01", "enterprise") == "deny"
    assert verdict("classifier_score", "collect", "2026-03-01", "enterprise", safety_flagged=True) == "permit"
    assert verdict("classifier_score", "safety", "2026-03-01", "enterprise", flags=["zdr"]) == "deny"
    assert keep("classifier_score", "2026-03-01", "enterprise", flags=["zdr"]) is None


def test_a_personal_login_is_no_part_of_a_zero_retention_organisation():
    assert keep("prompt", "2026-03-01", "pro", flags=["zdr"]) == "P30D"
    assert verdict("web_session", "collect", "2026-03-01", "pro", flags=["zdr"]) == "permit"
    assert keep("prompt", "2025-12-01", "enterprise", flags=["zdr"], attributes={"auth": "oauth"}) == "P30D"
    assert keep("prompt", "2025-12-01", "enterprise", flags=["zdr"]) == "P0D"


@pytest.mark.parametrize("kind", ["feedback_report", "usage_metric", "survey_rating", "web_session", "contribution_metric", "derived_signal"])
@pytest.mark.parametrize("copy", ["local", "compliance"])
def test_what_exists_at_the_service_alone_has_no_other_copy(kind, copy):
    decided = answer(kind, "collect", "2026-05-20", "team", copy=copy, derived_from=[])
    assert (decided["verdict"], decided["keep"], decided["destination"]) == ("deny", None, "none")


def test_a_repository_is_cloned_by_cloud_sessions_alone():
    for surface, expected in (("web", "permit"), ("mobile", "permit"), ("cli", "deny"), ("code_review", "deny")):
        decided = answer("repository_file", "collect", "2026-03-01", surface=surface)
        assert (decided["verdict"], decided["keep"]) == (expected, "P0D" if expected == "permit" else None)


def test_another_login_in_a_zero_retention_company_has_its_own_terms():
    assert keep("prompt", "2026-08-01", "pro", flags=["zdr", "zdr_other_login"], consents=ON) == "P5Y"
    assert keep("prompt", "2026-08-01", "enterprise", flags=["zdr"], provider="bedrock") == "P30D"
    assert keep("prompt", "2026-08-01", "enterprise", flags=["zdr"], feature="claude_ai_chat") == "P30D"


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("feature", "web_session", "2026-02-25", "2026-02-27"),
        ("surface", "web", "2026-02-25", "2026-02-27"),
        ("feature", "contribution_metrics", "2026-02-04", "2026-02-06"),
        ("feature", "code_review", "2026-03-07", "2026-03-09"),
        ("feature", "web_setup", "2026-04-06", "2026-04-08"),
        ("feature", "artifact", "2026-06-16", "2026-06-18"),
        ("surface", "remote_control", "2026-03-16", "2026-03-18"),
        ("feature", "self_hosted", "2026-08-05", "2026-08-07"),
        ("model_class", "covered", "2026-06-07", "2026-06-09"),
    ],
)
def test_zero_retention_switches_features_off_from_their_day(key, value, before, after):
    for purpose in ("collect", "serve"):
        assert verdict("transcript", purpose, before, "enterprise", flags=["zdr"], **{key: value}) == "permit"
        assert verdict("transcript", purpose, after, "enterprise", flags=["zdr"], **{key: value}) == "deny"
        assert verdict("transcript", purpose, after, "enterprise", **{key: value}) == "permit"


def test_covered_models_keep_30_days_under_zero_retention_too():
    case = {"flags": ["zdr"], "model_class": "covered"}
    assert keep("prompt", "2026-07-20", "enterprise", **case) == "P30D"
    accepted = {"attributes": {"covered_workspace": "accepted"}}
    assert verdict("prompt", "serve", "2026-07-20", "enterprise", **case, **accepted) == "permit"
    assert verdict("prompt", "serve", "2026-07-01", "enterprise", **case, **accepted) == "deny"
    assert keep("prompt", "2026-07-20", "pro", model_class="covered", consents=ON) == "P5Y"


def test_a_shared_transcript_needs_a_yes():
    assert verdict("survey_transcript", "collect", "2026-04-30", consents=SHARED) == "permit"
    assert verdict("survey_transcript", "collect", "2026-04-30") == "deny"
    assert verdict("survey_transcript", "collect", "2026-04-27", consents=[consent("transcript_share", True, "2026-04-01")]) == "deny"
    assert keep("survey_transcript", "2026-04-30", consents=SHARED) == "P6M"
    assert where("survey_transcript", "2026-07-01", "api", consents=SHARED, provider="vertex") == "local_archive"
    assert verdict("survey_transcript", "collect", "2026-09-01", consents=SHARED, attributes={"contains": "request_settings"}) == "deny"


def test_a_rating_can_go_to_the_own_collector_only():
    own = {"CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": "1"}
    assert where("survey_rating", "2026-06-01", env=own | {"DISABLE_TELEMETRY": "1"}) == "own_collector"
    assert verdict("survey_rating", "collect", "2026-06-01", env=own | {"DISABLE_TELEMETRY": "1"}) == "deny"
    assert where("survey_rating", "2026-06-01", env=own) == "vendor"
    beaten = own | {"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": "1"}
    assert where("survey_rating", "2026-06-01", env=beaten) == "none"
    assert where("survey_rating", "2026-06-01", env=own | {"DO_NOT_TRACK": "1"}, flags=["feedback_disabled"]) == "none"


@pytest.mark.parametrize(
    ("provider", "collected", "env", "flags", "expected"),
    [
        ("bedrock", "2026-05-02", {}, [], "deny"),
        ("bedrock", "2026-05-02", {}, ["managed_by_host"], "permit"),
        ("foundry", "2026-05-02", {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}, [], "permit"),
        ("bedrock", "2026-05-02", {"DISABLE_TELEMETRY": "1"}, ["managed_by_host"], "deny"),
        ("aws_platform", "2026-08-01", {}, ["managed_by_host"], "deny"),
        ("aws_platform", "2026-08-14", {}, ["managed_by_host"], "permit"),
        ("gateway", "2026-08-14", {}, ["managed_by_host"], "deny"),
        ("first_party", "2026-08-14", {"DISABLE_GROWTHBOOK": "1"}, [], "permit"),
        ("first_party", "2026-08-14", {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "0"}, [], "deny"),
    ],
)
def test_metrics_follow_the_provider_unless_a_host_manages_it(provider, collected, env, flags, expected):
    assert verdict("usage_metric", "collect", collected, "api", provider=provider, env=env, flags=flags) == expected


@pytest.mark.parametrize(
    ("tier", "collected", "version", "flags", "expected"),
    [
        ("api", "2026-07-01", "2.1.100", [], "permit"),
        ("api", "2026-07-17", "2.1.198", [], "deny"),
        ("pro", "2026-07-17", "2.1.198", [], "permit"),
        ("pro", "2026-07-17", "2.1.197", [], "deny"),
        ("pro", "2026-07-17", None, [], "gap"),
        ("max", "2026-07-17", "2.1.198", ["hipaa"], "deny"),
        ("free", "2026-07-17", "2.1.198", [], "deny"),
    ],
)
def test_error_reports_come_from_pro_and_max_only(tier, collected, version, flags, expected):
    assert verdict("error_report", "collect", collected, tier, client_version=version, flags=flags) == expected


def test_feedback_goes_to_a_local_archive_on_clouds():
    assert where("feedback_report", "2026-05-15", "api", provider="bedrock") == "none"
    assert where("feedback_report", "2026-05-17", "api", provider="bedrock") == "local_archive"
    assert where("feedback_report", "2026-05-17", "api", attributes={"auth": "none"}) == "local_archive"
    assert where("feedback_report", "2026-05-17", "api", flags=["zdr"]) == "none"
    assert verdict("feedback_report", "improve", "2026-05-17") == "permit"
    assert verdict("feedback_report", TRAIN, "2026-09-11") == "deny"


def test_only_the_skip_setting_stops_the_host_name_check():
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1"}
    assert verdict("webfetch_hostname", "collect", "2026-04-23", "api", provider="bedrock", env=quiet) == "permit"
    assert verdict("webfetch_hostname", "collect", "2026-04-23", settings={"skipWebFetchPreflight": True}) == "deny"
    assert verdict("webfetch_hostname", "collect", "2026-04-23", settings={"skipWebFetchPreflight": "x"}) == "deny"


WEB = {"surface": "web", "feature": "web_session"}


def test_a_cloud_session_follows_the_account():
    assert keep("web_session", "2025-11-01", consents=ON, **WEB) == "P5Y"
    assert keep("web_session", "2025-11-01", "team", **WEB) == "P30D"
    assert keep("web_session", "2026-03-01", consents=ON, attributes={"deleted_by_user": "yes"}, **WEB) == "P0D"
    assert keep("repository_file", "2025-11-01", consents=ON, **WEB) == "P0D"
    assert keep("repository_file", "2026-05-01", consents=ON, **WEB) == "P0D"
    assert keep("repository_file", "2026-07-29", consents=ON, **WEB) == "P5Y"
    assert keep("repository_file", "2026-05-01", consents=ON, attributes={"vm_disk": "snapshot"}, **WEB) == "P7D"
    assert verdict("repository_file", "collect", "2026-02-01", attributes={"repository": "connected"}, **WEB) == "deny"
    assert verdict("repository_file", "collect", "2026-02-01", **WEB) == "permit"
    assert "vm_deleted_after_completion" in answer("repository_file", "collect", "2026-05-01", **WEB)["promises"]


def test_remote_control_needs_feature_flags():
    case = {"surface": "remote_control", "feature": "remote_control"}
    assert verdict("transcript", "collect", "2026-08-14", **case) == "permit"
    for env in ({"DISABLE_TELEMETRY": "0"}, {"DO_NOT_TRACK": "1"}, {"DISABLE_GROWTHBOOK": "1"}, {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "0"}):
        assert verdict("transcript", "collect", "2026-08-14", env=env, **case) == "deny"
    assert verdict("transcript", "collect", "2026-08-14", settings={"disableRemoteControl": True}, **case) == "deny"


def test_foundry_on_azure_lets_only_flagged_content_out():
    assert verdict("prompt", "collect", "2026-07-18", "api", provider="foundry", hosting="azure") == "deny"
    assert verdict("prompt", "collect", "2026-07-18", "api", provider="foundry", hosting="azure", safety_flagged=True) == "permit"
    assert verdict("prompt", "collect", "2026-07-18", "api", provider="foundry", hosting="anthropic") == "permit"


def test_local_files_never_count_as_taken_in():
    for kind in ("local_transcript", "local_prompt_history"):
        assert verdict(kind, "collect", "2026-05-01") == "deny"
    assert verdict("local_transcript", "serve", "2026-05-01") == "permit"
    assert verdict("local_prompt_history", "serve", "2026-05-01") == "deny"
    for off in ({"env": {"CLAUDE_CODE_SKIP_PROMPT_HISTORY": "1"}}, {"attributes": {"session_persistence": "off"}}):
        assert verdict("local_transcript", "serve", "2025-08-01", **off) == "deny"
        assert keep("local_transcript", "2025-08-01", **off) == "P0D"
    assert keep("local_prompt_history", "2026-05-01") == "indefinite"
    assert keep("local_prompt_history", "2026-05-01", env={"CLAUDE_CODE_SKIP_PROMPT_HISTORY": "1"}) == "P0D"
    assert verdict("transcript", "collect", "2026-05-01", copy="local") == "deny"


def source(kind, tier, **more):
    case = {"agent": "claude_code", "kind": kind, "purpose": "improve", "collected_at": "2026-05-01T00:00:00Z", "tier": tier}
    case |= {
        "provider": "first_party",
        "surface": "cli",
        "model_class": "ordinary",
        "feature": "chat",
        "flags": [],
        "consents": [],
        "env": {},
        "settings": {},
    }
    return case | {"safety_flagged": False, "copy": "service"} | more


def test_what_is_derived_may_do_what_its_sources_may():
    trained = {"derived_from": [source("transcript", "max", consents=ON)]}
    assert verdict("derived_signal", TRAIN, "2026-05-01", "max", **trained) == "permit"
    assert keep("derived_signal", "2026-05-01", "max", **trained) == "P5Y"
    assert verdict("derived_signal", TRAIN, "2026-05-01", "max", derived_from=[source("transcript", "team")]) == "deny"
    assert verdict("derived_signal", "improve", "2026-05-01", "team", derived_from=[source("transcript", "team", flags=["zdr"])]) == "deny"
    assert verdict("derived_signal", TRAIN, "2026-05-01", "max", derived_from=[]) == "deny"


ROOT = tomllib.loads(CONTENT.decode())
PRICES, SURCHARGES, DISCOUNTS = parse_prices(ROOT), parse_surcharges(ROOT), parse_discounts(ROOT)
MILLION = 1_000_000
OAUTH = Terms(consents=frozenset({"dpp"}), flags=frozenset({"dpp"}), facts={"attribute.auth": "oauth", "provider": "first_party"})
KEY = Terms(consents=frozenset({"dpp"}), flags=frozenset({"dpp"}), facts={"attribute.auth": "api_key", "provider": "first_party"})
MIXED = Usage(input=MILLION, write_5m=MILLION, read=MILLION, output=MILLION)
AMOUNTS = [
    ("sonnet-3.7", "2025-06-15", MIXED, OAUTH, "19.935"),
    ("sonnet-3.7", "2025-06-15", MIXED, KEY, "22.05"),
    ("sonnet-3.7", "2025-08-01", MIXED, OAUTH, "22.05"),
    ("sonnet-4", "2025-06-15", MIXED, OAUTH, "22.05"),
    ("sonnet-5.5", "2026-10-06", Usage(read=MILLION), Terms(), "0.20"),
    ("sonnet-5.5", "2026-10-08", Usage(read=MILLION), Terms(), "0.10"),
    ("haiku-5.5", "2026-10-08", Usage(input=90_000, read=10_000, output=1_000), Terms(), "0.0096"),
    ("haiku-5.5", "2026-10-08", Usage(input=90_000, read=10_001, output=1_000), Terms(), "0.04800005"),
    ("sonnet-5", "2026-09-02", Usage(input=MILLION), Terms(), "2.00"),
    ("opus-5.5", "2026-10-08", Usage(output=MILLION), Terms(modes=frozenset({"us_inference"})), "22.00"),
    ("opus-5.5", "2026-10-08", Usage(output=MILLION), Terms(modes=frozenset({"fast"})), "40"),
    ("fable-5.1", "2026-09-02", Usage(read=MILLION), Terms(), "0.25"),
]


@pytest.mark.parametrize(("model", "day", "usage", "terms", "expected"), AMOUNTS)
def test_worked_amounts(model, day, usage, terms, expected):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert amount(PRICES, DISCOUNTS, usage, model=model, at=at, surcharges=SURCHARGES, terms=terms) == Decimal(expected)


@pytest.mark.parametrize(("model", "day"), [("sonnet-9", "2026-09-02"), ("opus-5.5", "2026-09-01")])
def test_an_unknown_price_is_no_amount(model, day):
    assert amount(PRICES, DISCOUNTS, MIXED, model=model, at=datetime.fromisoformat(day).replace(tzinfo=UTC), surcharges=SURCHARGES) is None
