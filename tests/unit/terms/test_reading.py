"""The rules of reading of design 0001, one small pack per rule."""

import pytest
from tests.unit.terms.rules import KNOWN, ask, book, clause

from tenure.errors import TermsError
from tenure.records.kinds import Flag

SERVE = clause("serve", permit=["serve", "collect"])


def verdict(of, **changes):
    return str(ask(of, **changes).verdict)


def keep(of, **changes):
    answer = ask(of, **changes)
    return None if answer.keep is None else str(answer.keep)


def expires(of, **changes):
    at = ask(of, **changes).expires_at
    return None if at is None else at.isoformat().replace("+00:00", "Z")


# Rule 1: dates


@pytest.mark.parametrize(
    ("collected", "expected"),
    [
        ("2025-08-26T23:59:59Z", "permit"),
        ("2025-08-27T00:00:00Z", "deny"),
        ("2025-08-28T23:59:59Z", "deny"),
        ("2025-08-29T00:00:00Z", "deny"),
    ],
)
def test_a_refusal_counts_from_the_earliest_moment(collected, expected):
    of = book(SERVE, clause("stop", begins="2025-08-28", refuse=["serve"]))
    assert verdict(of, collected_at=collected, asked_at=collected) == expected


@pytest.mark.parametrize(
    ("collected", "expected"),
    [("2025-08-27T00:00:00Z", "deny"), ("2025-08-28T23:59:59.999999Z", "deny"), ("2025-08-29T00:00:00Z", "permit")],
)
def test_a_permission_counts_from_the_latest_moment(collected, expected):
    of = book(clause("start", begins="2025-08-28", permit=["serve"]))
    assert verdict(of, collected_at=collected, asked_at=collected) == expected


@pytest.mark.parametrize(
    ("collected", "expected"),
    [("2025-10-16T18:00:00Z", "P5Y"), ("2025-10-16T18:01:00Z", "P30D"), ("2025-10-17T18:00:59Z", "P30D"), ("2025-10-17T18:01:00Z", "P30D")],
)
def test_the_shorter_period_counts_inside_the_interval(collected, expected):
    of = book(clause("long", ends="2025-10-17T18:01Z", keep="P5Y"), clause("short", begins="2025-10-17T18:01Z", keep="P30D"))
    assert keep(of, collected_at=collected) == expected


def test_margin_is_six_hours_from_2026():
    of = book(SERVE, clause("stop", begins="2026-02-01", refuse=["serve"]))
    assert verdict(of, collected_at="2026-01-31T17:59:59Z") == "permit"
    assert verdict(of, collected_at="2026-01-31T18:00:00Z") == "deny"


def test_clauses_of_one_sighting_change_together():
    """Old text permits until the change, the new one from it: there is no reading in which neither holds."""
    of = book(clause("old", ends="2025-08-28", permit=["serve"]), clause("new", begins="2025-08-28", permit=["serve"]))
    assert verdict(of, collected_at="2025-08-28T12:00:00Z", asked_at="2025-08-28T12:00:00Z") == "permit"


def test_clauses_of_two_sightings_change_apart():
    of = book(clause("old", ends="2025-08-28", permit=["serve"]), clause("new", begins="2025-08-27..2025-08-28", permit=["serve"]))
    assert verdict(of, collected_at="2025-08-28T12:00:00Z", asked_at="2025-08-28T12:00:00Z") == "deny"


@pytest.mark.parametrize(
    ("sighting", "before", "after"),
    [
        ("<=2025-07-10", "2025-07-10T23:59:59Z", "2025-07-11T00:00:00Z"),
        ("2025->", "2024-12-31T23:59:59Z", "2025-01-01T00:00:00Z"),
        ("2025-06->", "2025-05-31T23:59:59Z", "2025-06-01T00:00:00Z"),
        ("~2025-05", "2025-05-31T23:59:59Z", "2025-06-01T00:00:00Z"),
        ("~2026", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("2026-08-24..2026-08-28", "2026-08-28T23:59:59Z", "2026-08-29T00:00:00Z"),
    ],
)
def test_every_form_of_a_date_is_certain_from_its_latest_moment(sighting, before, after):
    of = book(clause("start", begins=sighting, permit=["serve"]))
    assert verdict(of, collected_at=before, asked_at=before) == "deny"
    assert verdict(of, collected_at=after, asked_at=after) == "permit"


@pytest.mark.parametrize("sighting", ["<=2025-07-10", "2025->"])
def test_a_refusal_without_established_start_always_counts(sighting):
    of = book(SERVE, clause("stop", begins=sighting, refuse=["serve"]))
    assert verdict(of, collected_at="2020-01-01T00:00:00Z", asked_at="2020-01-01T00:00:00Z") == "deny"


# Rule 2: collection binds


def test_a_later_permission_does_not_reach_what_was_collected_before():
    of = book(clause("start", begins="2026-02-01", permit=["improve"]))
    assert verdict(of, purpose="improve", collected_at="2026-01-01T00:00:00Z", asked_at="2026-08-01T00:00:00Z") == "deny"


# Rule 3: one known case


def test_silence_denies():
    assert verdict(book(SERVE), purpose="train_generative") == "deny"


def test_refusal_beats_permission():
    assert verdict(book(SERVE, clause("no", refuse=["serve"])), purpose="serve") == "deny"


def test_a_row_marked_unknown_is_a_gap():
    of = book(SERVE, clause("doubt", unknown=["serve"]))
    assert verdict(of) == "gap"


def test_refusal_beats_a_row_marked_unknown():
    assert verdict(book(SERVE, clause("doubt", unknown=["serve"]), clause("no", refuse=["serve"]))) == "deny"


def test_the_shortest_of_two_periods_counts():
    assert keep(book(clause("a", keep="P30D"), clause("b", keep="P6M"))) == "P30D"


def test_over_replaces_a_clause_where_both_apply():
    of = book(clause("short", keep="P30D"), clause("long", keep="P2Y", over=["short"], when={"tier": "pro"}))
    assert (keep(of, tier="pro"), keep(of, tier="team")) == ("P2Y", "P30D")


def test_indefinite_is_stated_and_unknown_is_not():
    assert keep(book(clause("a", keep="indefinite"))) == "indefinite"
    assert keep(book(clause("a", keep="unknown"))) is None


# Rule 4: unknown keys


def test_an_unknown_key_on_which_the_answer_turns_is_a_gap():
    of = book(clause("pro", permit=["serve"], when={"tier": "pro"}))
    assert verdict(of, tier=None) == "gap"


def test_an_unknown_key_on_which_nothing_turns_is_none():
    of = book(SERVE, clause("other", refuse=["improve"], when={"provider": "bedrock"}))
    assert verdict(of, provider=None) == "permit"


def test_two_clauses_that_cover_a_closed_list_permit_whatever_the_key_is():
    of = book(clause("pro", permit=["serve"], when={"tier": "pro"}), clause("rest", permit=["serve"], when={"tier": "@commercial"}))
    assert verdict(of, tier=None) == "permit"


def test_a_value_outside_its_closed_list_denies_and_keeps_the_shortest():
    of = book(SERVE, clause("pro", keep="P5Y", when={"tier": "pro"}), clause("rest", keep="P30D", when={"tier": "!pro"}))
    answer = ask(of, tier="platinum")
    assert (str(answer.verdict), str(answer.keep), str(answer.destination)) == ("deny", "P30D", "none")


def test_an_unknown_flag_is_outside_its_closed_list():
    assert verdict(book(SERVE), flags=["shiny"]) == "deny"
    of = book(SERVE, clause("none", keep="P0D", when={"flag.zdr": True}), clause("rest", keep="P30D", when={"flag.zdr": False}))
    assert str(ask(of, flags=["shiny"]).keep) == "P0D"


def test_absent_flags_are_not_known_and_an_empty_list_is():
    of = book(SERVE, clause("zdr", refuse=["serve"], when={"flag.zdr": True}))
    assert (verdict(of, flags=None), verdict(of, flags=[]), verdict(of, flags=["zdr"])) == ("gap", "permit", "deny")


def test_unknown_keys_keep_the_shortest():
    of = book(SERVE, clause("pro", keep="P5Y", when={"tier": "pro"}), clause("rest", keep="P30D", when={"tier": "!pro"}))
    assert keep(of, tier=None) == "P30D"


def test_verdict_and_expiry_are_taken_together():
    """Where the longer life permits and the shorter one denies anyway, all completions deny."""
    of = book(
        clause("pro", permit=["improve"], keep="P1D", when={"tier": "pro"}),
        clause("rest", refuse=["improve"], keep="P5Y", when={"tier": "!pro"}),
    )
    assert verdict(of, purpose="improve", tier=None, asked_at="2026-06-01T00:00:00Z") == "deny"


def test_unknown_day_of_collection_asks_every_stretch_of_time():
    of = book(clause("start", begins="2026-02-01", permit=["serve"]))
    assert verdict(of, collected_at=None) == "gap"


def test_absent_copy_is_the_service_and_absent_feature_is_ordinary_use():
    of = book(SERVE, clause("local", refuse=["serve"], when={"copy": "local"}), clause("web", refuse=["serve"], when={"feature": "web_session"}))
    assert verdict(of) == "permit"
    assert verdict(of, surface=None) == "gap"


def test_an_attribute_without_a_word_on_absence_is_not_known():
    of = book(SERVE, clause("eea", refuse=["serve"], when={"attribute.region": "eea"}))
    assert (verdict(of), verdict(of, attributes={"region": "other"})) == ("gap", "permit")


def test_an_attribute_with_a_word_on_absence_is_that():
    of = book(SERVE, clause("code", refuse=["serve"], when={"attribute.contains": "code"}))
    assert (verdict(of), verdict(of, attributes={"contains": "code"})) == ("permit", "deny")


def test_an_undeclared_attribute_is_an_error():
    with pytest.raises(TermsError) as caught:
        ask(book(SERVE), attributes={"colour": "red"})
    assert caught.value.code == "case/unknown-attribute"


# Variables and settings


@pytest.mark.parametrize(("value", "expected"), [("1", "deny"), ("0", "deny"), ("false", "deny"), ("", "permit")])
def test_any_value_of_a_non_empty_variable_is_on(value, expected):
    of = book(SERVE, clause("off", refuse=["serve"], when={"env.DISABLE_TELEMETRY": "on"}))
    assert verdict(of, env={"DISABLE_TELEMETRY": value}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "deny"), ("TRUE", "deny"), ("0", "permit"), ("no", "permit"), ("", "permit"), ("maybe", "deny")],
)
def test_a_malformed_boolean_counts_as_its_strictest_value(value, expected):
    of = book(SERVE, clause("off", refuse=["serve"], when={"env.DO_NOT_TRACK": "on"}))
    assert verdict(of, env={"DO_NOT_TRACK": value}) == expected


def test_strictest_can_be_off_and_an_alias_counts():
    of = book(clause("share", permit=["serve"], when={"env.SHARE": "on"}))
    assert verdict(of, env={"SHARE": "perhaps"}) == "deny"
    assert verdict(of, env={"OLD_SHARE": "1"}) == "permit"


def test_a_variable_that_is_not_named_is_unset_and_a_null_one_is_not_known():
    of = book(SERVE, clause("off", refuse=["serve"], when={"env.DISABLE_TELEMETRY": "on"}))
    assert (verdict(of, env={}), verdict(of, env=None), verdict(of, env={"DISABLE_TELEMETRY": None})) == ("permit", "gap", "gap")


@pytest.mark.parametrize(
    ("value", "expected"), [(10, "P10D"), ("10", "P10D"), (0, "P1D"), (-3, "P1D"), ("ten", "P1D"), (2.5, "P1D"), (True, "P1D"), (1e300, "P1D")]
)
def test_a_period_follows_its_setting_and_a_malformed_one_is_the_strictest(value, expected):
    assert keep(book(clause("local", keep="cleanupPeriodDays")), settings={"cleanupPeriodDays": value}) == expected


def test_a_period_of_an_unset_setting_is_its_default_and_of_unknown_settings_the_shortest():
    of = book(clause("local", keep="cleanupPeriodDays"))
    assert (keep(of, settings={}), keep(of, settings=None), keep(of, settings={"cleanupPeriodDays": None})) == ("P30D", "P1D", "P1D")


def test_min_and_max_of_periods_and_settings():
    least = book(clause("draft", keep="min(P30D, cleanupPeriodDays)"))
    assert (keep(least, settings={"cleanupPeriodDays": 10}), keep(least, settings={"cleanupPeriodDays": 90})) == ("P10D", "P30D")
    most = book(clause("desktop", keep="max(cleanupPeriodDays, desktopDays)"))
    assert (keep(most), keep(most, settings={"desktopDays": 90})) == ("indefinite", "P90D")


def test_words_and_durations_of_settings():
    of = book(SERVE, clause("quiet", refuse=["serve"], when={"setting.mode": "quiet"}), clause("age", keep="a.maxAge"))
    assert (verdict(of, settings={"mode": "loud"}), verdict(of, settings={"mode": "shrill"}), verdict(of)) == ("permit", "deny", "permit")
    assert (keep(of, settings={"a.maxAge": "2w"}), keep(of, settings={"a.maxAge": "soon"}), keep(of)) == ("P14D", "P1D", "P30D")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.1.197", "permit"), ("2.1.198", "deny"), ("2.1.284", "deny"), ("2.1.285", "permit"), ("2.10.0", "permit")],
)
def test_versions_compare_part_by_part(version, expected):
    of = book(SERVE, clause("range", refuse=["serve"], when={"client_version": [">=2.1.198", "<2.1.285"]}))
    assert verdict(of, client_version=version) == expected


def test_an_unknown_version_is_a_gap_and_a_malformed_one_denies():
    of = book(SERVE, clause("old", refuse=["serve"], when={"client_version": "<2.0.0"}))
    assert (verdict(of, client_version=None), verdict(of, client_version="latest")) == ("gap", "deny")


# Rule 5: consent

TRAIN = clause("train", permit=["train_generative"], keep="P5Y", when={"consent.training": "on"})
SHORT = clause("short", keep="P30D", when={"consent.training": "!on"})


def yes(at, by="subject", name="training", value=True):
    return {"name": name, "value": value, "at": at, "by": by}


def trained(consents, **changes):
    return verdict(book(TRAIN, SHORT), purpose="train_generative", consents=consents, **changes)


def test_consent_counts_from_its_moment():
    assert trained([yes("2026-03-01T12:00:00Z")]) == "permit"
    assert trained([yes("2026-03-01T12:00:01Z")]) == "deny"


def test_the_latest_answer_counts_whatever_the_order():
    assert trained([yes("2026-02-02T00:00:00Z", value=False), yes("2026-02-01T00:00:00Z")]) == "deny"
    assert trained([yes("2026-02-02T00:00:00Z"), yes("2026-02-01T00:00:00Z", value=False)]) == "permit"


def test_consent_of_someone_who_cannot_give_it_is_none():
    assert trained([yes("2026-02-01T00:00:00Z", by="admin")]) == "deny"
    of = book(clause("dpp", permit=["train_generative"], when={"consent.dpp": "on"}))
    assert verdict(of, purpose="train_generative", consents=[yes("2026-02-01T00:00:00Z", by="member", name="dpp")]) == "deny"
    assert verdict(of, purpose="train_generative", consents=[yes("2026-02-01T00:00:00Z", by="admin", name="dpp")]) == "permit"


@pytest.mark.parametrize("missing", ["at", "by", "value"])
def test_consent_without_who_or_when_is_not_known(missing):
    assert trained([{**yes("2026-02-01T00:00:00Z"), missing: None}]) == "gap"


@pytest.mark.parametrize(("by", "expected"), [("subject", "gap"), (None, "gap"), ("admin", "gap")])
def test_an_answer_that_is_not_known_may_be_a_no(by, expected):
    """From whomever, since a no counts from anyone."""
    unless_no = book(clause("default", permit=["improve"], when={"consent.training": "!off"}))
    assert verdict(unless_no, purpose="improve", consents=[yes("2026-02-01T00:00:00Z", by=by, value=None)]) == expected


@pytest.mark.parametrize(("given", "expected"), [("2026-01-01T00:00:00Z", "P5Y"), ("2026-03-01T00:00:00Z", "P30D")])
def test_a_dated_consent_is_read_in_each_stretch_of_an_unknown_day(given, expected):
    """A text that came after the consent never met a time without it."""
    old, long = clause("old", ends="2026-02-01", keep="P10Y"), clause("long", begins="2026-02-01", keep="P5Y", when={"consent.training": "on"})
    short = clause("short", begins="2026-02-01", keep="P30D", when={"consent.training": "!on"})
    assert keep(book(old, long, short), collected_at=None, consents=[yes(given)]) == expected


def test_unknown_consents_keep_the_shorter_period():
    answer = ask(book(TRAIN, SHORT), purpose="train_generative", consents=None)
    assert (str(answer.verdict), str(answer.keep)) == ("gap", "P30D")


@pytest.mark.parametrize(
    ("run", "expected"), [("2026-04-30T23:59:59Z", "permit"), ("2026-05-01T00:00:00Z", "deny"), ("2026-05-02T00:00:00Z", "deny"), (None, "gap")]
)
def test_withdrawal_splits_runs(run, expected):
    consents = [yes("2026-02-01T00:00:00Z"), yes("2026-05-01T00:00:00Z", value=False)]
    assert trained(consents, asked_at="2026-05-10T00:00:00Z", run_started_at=run) == expected


def test_withdrawal_shortens_what_is_held():
    consents = [yes("2026-02-01T00:00:00Z"), yes("2026-05-01T08:00:00Z", value=False)]
    of = book(TRAIN, SHORT)
    assert expires(of, consents=consents, asked_at="2026-05-10T00:00:00Z") == "2026-05-31T00:00:00Z"
    assert expires(of, consents=consents, asked_at="2026-04-10T00:00:00Z") == "2031-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("asked", "expected"), [("2026-04-30T00:00:00Z", "permit"), ("2026-05-01T00:00:00Z", "deny"), ("2026-06-01T00:00:00Z", "deny")]
)
@pytest.mark.parametrize("purpose", ["collect", "serve", "improve"])
def test_a_withdrawal_that_leaves_nothing_ends_every_use(purpose, asked, expected):
    """Such a P0D counts from the withdrawal; it is not that of a response."""
    of = book(clause("public", permit=["collect", "serve", "improve"], keep="indefinite", when={"consent.share": "on"}))
    consents = [yes("2026-02-01T00:00:00Z", name="share"), yes("2026-05-01T00:00:00Z", name="share", value=False)]
    assert verdict(of, purpose=purpose, consents=consents, asked_at=asked) == expected


def test_withdrawal_touches_only_the_kinds_whose_clauses_ask_for_the_consent():
    shared = clause("shared", kinds=["transcript"], permit=["improve"], when={"consent.training": "on"})
    of = book(SERVE, clause("long", kinds=["prompt"], keep="P5Y"), shared)
    consents = [yes("2026-02-01T00:00:00Z"), yes("2026-05-01T00:00:00Z", value=False)]
    assert expires(of, consents=consents, asked_at="2026-05-10T00:00:00Z") == "2031-03-01T00:00:00Z"


def test_a_withdrawal_shortens_only_what_was_kept_for_the_consent():
    of = book(SERVE, clause("rest", keep="P5Y"), clause("train", permit=["train_generative"], when={"consent.training": "on"}))
    consents = [yes("2026-02-01T00:00:00Z"), yes("2026-05-01T00:00:00Z", value=False)]
    assert expires(of, consents=consents, asked_at="2026-05-10T00:00:00Z") == "2031-03-01T00:00:00Z"


def test_a_second_consent_does_not_bring_back_what_a_withdrawal_closed():
    consents = [yes("2026-02-01T00:00:00Z"), yes("2026-05-01T00:00:00Z", value=False), yes("2026-05-02T00:00:00Z")]
    assert trained(consents, asked_at="2026-05-10T00:00:00Z", run_started_at="2026-05-09T00:00:00Z") == "deny"


@pytest.mark.parametrize(
    ("begun", "resumed", "expected"),
    [
        (None, None, "permit"),
        ("2026-02-20T00:00:00Z", None, "permit"),
        ("2026-01-20T00:00:00Z", None, "gap"),
        ("2026-01-20T00:00:00Z", "2026-01-25T00:00:00Z", "deny"),
        ("2026-01-20T00:00:00Z", "2026-02-25T00:00:00Z", "permit"),
        ("2026-01-20T00:00:00Z", "2026-03-05T00:00:00Z", "deny"),
    ],
)
def test_consent_covers_sessions_begun_or_resumed_after_it(begun, resumed, expected):
    assert trained([yes("2026-02-01T00:00:00Z")], session={"started_at": begun, "resumed_at": resumed}) == expected


def test_a_consent_does_not_open_an_older_session_where_training_is_the_default():
    of = book(clause("default", permit=["train_generative"], when={"consent.training": "!off"}))
    older = {"started_at": "2026-01-20T00:00:00Z", "resumed_at": "2026-01-25T00:00:00Z"}
    assert verdict(of, purpose="train_generative", consents=[]) == "permit"
    assert verdict(of, purpose="train_generative", consents=[yes("2026-02-01T00:00:00Z")], session=older) == "deny"
    assert verdict(of, purpose="train_generative", consents=[yes(None)], session=older) == "gap"


def test_a_withdrawal_takes_nothing_from_a_permission_that_does_not_rest_on_the_consent():
    rests = clause("rests", permit=["train_generative"], when={"consent.training": "!off"})
    other = clause("other", permit=["train_generative"], when={"attribute.contains": "code"})
    consents = [yes("2026-05-01T00:00:00Z", value=False)]
    asked = {"purpose": "train_generative", "consents": consents, "asked_at": "2026-05-10T00:00:00Z"}
    assert verdict(book(rests, other), **asked) == "gap"
    assert verdict(book(rests, other), **asked, attributes={"contains": "code"}) == "permit"


# Rule 6: expiry


def test_expiry_is_floored_and_a_use_on_it_is_denied():
    of = book(SERVE, clause("short", keep="P30D"))
    assert expires(of) == "2026-03-31T00:00:00Z"
    assert verdict(of, asked_at="2026-03-30T23:59:59Z") == "permit"
    assert verdict(of, asked_at="2026-03-31T00:00:00Z") == "deny"
    assert verdict(of, asked_at=None) == "gap"


def test_expiry_counts_for_collect_too():
    assert verdict(book(SERVE, clause("short", keep="P30D")), purpose="collect", asked_at="2026-04-30T00:00:00Z") == "deny"


def test_a_run_uses_data_when_it_starts():
    of = book(clause("train", permit=["train_generative"], keep="P30D"))
    late = "2026-08-01T00:00:00Z"
    assert verdict(of, purpose="train_generative", run_started_at="2026-03-10T00:00:00Z", asked_at=late) == "permit"
    assert verdict(of, purpose="train_generative", run_started_at="2026-04-10T00:00:00Z", asked_at=late) == "deny"


def test_nothing_kept_still_serves_and_nothing_else():
    of = book(clause("all", permit=["serve", "collect", "improve"], keep="P0D"))
    assert [verdict(of, purpose=purpose) for purpose in ("serve", "collect", "improve")] == ["permit", "permit", "deny"]
    assert expires(of) == "2026-03-01T12:00:00Z"


def test_a_hold_lengthens_and_opens_only_its_purposes():
    of = book(
        clause("all", permit=["improve"], keep="P30D"),
        clause("flagged", permit=["safety"], keep="P2Y", hold=["safety"], when={"safety_flagged": True}),
    )
    late = {"safety_flagged": True, "asked_at": "2027-01-01T00:00:00Z"}
    assert keep(of, **late) == "P2Y"
    assert verdict(of, purpose="safety", **late) == "permit"
    assert verdict(of, purpose="improve", **late) == "deny"
    assert keep(of, safety_flagged=None) == "P30D"


def test_a_hold_never_shortens():
    of = book(clause("all", keep="P5Y"), clause("flagged", keep="P2Y", hold=["safety"], when={"safety_flagged": True}))
    assert keep(of, safety_flagged=True) == "P5Y"


# Rule 7: third parties


def third_party(confirmed=frozenset()):
    return book(
        clause("short", permit=["serve"], keep="P30D"),
        clause("rumour", permit=["improve"], keep="P2Y", over=["short"], **{"class": "T"}),
        confirmed=confirmed,
    )


def test_a_third_party_does_not_loosen_until_confirmed():
    assert (verdict(third_party(), purpose="improve"), keep(third_party())) == ("deny", "P30D")
    confirmed = third_party(frozenset({"rumour"}))
    assert (verdict(confirmed, purpose="improve"), keep(confirmed)) == ("permit", "P2Y")


def test_a_third_party_tightens_at_once():
    of = book(SERVE, clause("rumour", refuse=["serve"], keep="P7D", **{"class": "T"}))
    assert (verdict(of), keep(of)) == ("deny", "P7D")


def test_confirmation_changes_the_hash():
    assert ask(third_party()).table != ask(third_party(frozenset({"rumour"}))).table


# Rule 8: destination


def test_destination_is_the_vendor_when_collect_is_permitted():
    assert str(ask(book(SERVE)).destination) == "vendor"
    assert str(ask(book(clause("no", refuse=["collect"]))).destination) == "none"


def test_another_destination_denies_collect():
    of = book(SERVE, clause("archive", destination="local_archive", when={"provider": "bedrock"}))
    answer = ask(of, provider="bedrock", purpose="collect")
    assert (str(answer.verdict), str(answer.destination)) == ("deny", "local_archive")


def test_the_nearest_of_several_destinations_counts():
    of = book(clause("a", destination="local_archive"), clause("b", destination="none"))
    assert str(ask(of).destination) == "none"


# Rule 9: derived data


def source(**changes):
    return {key: value for key, value in {**KNOWN, **changes}.items() if key not in {"purpose", "asked_at"}}


DERIVED = clause("derived", kinds=["derived_signal"], permit=["improve"])


def test_derived_data_is_the_meet_of_its_sources():
    of = book(
        DERIVED,
        clause("pro", kinds=["prompt"], permit=["improve"], keep="P30D", when={"tier": "pro"}),
        clause("team", kinds=["prompt"], refuse=["improve"], keep="P1Y", when={"tier": "team"}),
    )
    alone = ask(of, kind="derived_signal", purpose="improve", derived_from=[source()])
    assert (str(alone.verdict), alone.expires_at.isoformat()[:10]) == ("permit", "2026-03-31")
    mixed = ask(of, kind="derived_signal", purpose="improve", derived_from=[source(), source(tier="team")])
    assert str(mixed.verdict) == "deny"


def test_nothing_is_derived_from_what_is_not_kept():
    of = book(clause("derived", kinds=["derived_signal"], permit=["serve"]), clause("zdr", kinds=["prompt"], permit=["serve"], keep="P0D"))
    assert verdict(of, kind="derived_signal", purpose="serve", derived_from=[source()]) == "deny"


def test_a_derived_signal_needs_known_sources():
    assert verdict(book(DERIVED), kind="derived_signal", purpose="improve") == "gap"
    assert verdict(book(DERIVED), kind="derived_signal", purpose="improve", derived_from=[]) == "deny"


# Rule 10: known to, freshness


def test_a_later_case_carries_the_day_up_to_which_terms_are_known():
    assert ask(book(SERVE), asked_at="2026-10-10T23:59:59Z").known_to is None
    assert ask(book(SERVE), asked_at="2026-10-11T00:00:00Z").known_to.isoformat() == "2026-10-10"


def test_an_old_row_warns_and_goes_on_deciding():
    fresh, stale = ask(book(SERVE), asked_at="2027-02-17T00:00:00Z"), ask(book(SERVE), asked_at="2027-02-18T00:00:00Z")
    assert (fresh.warnings, len(stale.warnings), str(stale.verdict)) == ((), 1, "permit")
    assert "180 days" in stale.warnings[0]


def test_promises_are_those_that_hold_for_certain():
    of = book(SERVE, clause("a", promises=["no_code"]), clause("b", promises=["no_paths"], when={"tier": "pro"}))
    assert ask(of).promises == ("no_code", "no_paths")
    assert ask(of, tier=None).promises == ("no_code",)


# Forms that people write


def test_nested_settings_count_by_their_dotted_names():
    of = book(SERVE, clause("age", keep="a.maxAge"))
    assert keep(of, settings={"a": {"maxAge": "7d"}}) == "P7D"


def test_true_and_false_stand_for_the_words_of_an_attribute():
    of = book(SERVE, clause("eea", refuse=["serve"], when={"attribute.region": "eea"}))
    assert verdict(of, attributes={"region": True}) == "deny"
    assert "attributes.region: a value outside" in ask(of, attributes={"region": True}).warnings[0]


def test_a_value_outside_its_list_is_named():
    assert "tier: a value outside" in ask(book(SERVE), tier="platinum").warnings[0]


def test_a_case_that_says_next_to_nothing_is_answered_without_looking_at_each_completion():
    """Thousands of completions: what stands in all of them denies, what permits in some is a gap, silence denies."""
    many = [clause(f"f{index}", refuse=["improve"], keep=f"P{index + 2}D", when={name: word}) for index, (name, word) in enumerate(words())]
    of = book(SERVE, *many, clause("always", refuse=["debug"]), clause("long", keep="P1Y"))
    names = "tier provider surface flags consents env settings client_version safety_flagged collected_at"
    unknown = dict.fromkeys(names.split())
    assert [verdict(of, purpose=purpose, **unknown) for purpose in ("serve", "debug", "train_generative")] == ["gap", "deny", "deny"]
    assert keep(of, purpose="serve", **unknown) == "P2D"


def words():
    others = [("tier", "pro"), ("provider", "bedrock"), ("env.DISABLE_TELEMETRY", "on"), ("surface", "web")]
    return [(f"flag.{flag}", True) for flag in Flag] + others
