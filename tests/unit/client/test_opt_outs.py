"""The table of services against the terms themselves: what the newest rows of the pack decide is what the agent does."""

from datetime import UTC, datetime
from functools import cache

import pytest

from tenure import wiring
from tenure.client.opt_outs import Account, Provider, Service, Settings, is_on, provider_of, services_on, survey_rate, why_off
from tenure.records.case import Case, Consent
from tenure.records.kinds import Destination, Flag, Kind, Purpose, Verdict
from tenure.terms.decide import Book, decide, open_book
from tenure.terms.parse import parse_pack

NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
VALUES = ("0", "1", "false", "true", "", "junk")
VARIABLES = (
    "DISABLE_TELEMETRY",
    "DO_NOT_TRACK",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_FEEDBACK_COMMAND",
    "DISABLE_BUG_COMMAND",
    "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY",
    "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
)
COLLECTED = {
    Kind.USAGE_METRIC: (Service.METRICS, None),
    Kind.ERROR_REPORT: (Service.ERRORS, None),
    Kind.FEEDBACK_REPORT: (Service.FEEDBACK, Service.FEEDBACK_ARCHIVE),
    Kind.SURVEY_RATING: (Service.RATING, Service.RATING_TO_COLLECTOR),
    Kind.SURVEY_TRANSCRIPT: (Service.TRANSCRIPT_SHARE, Service.TRANSCRIPT_ARCHIVE),
}
NEARER = {Destination.LOCAL_ARCHIVE, Destination.OWN_COLLECTOR}
PRO = Account(tier="pro")


@cache
def _book() -> Book:
    return open_book([parse_pack(wiring.packaged_packs()["claude_code.toml"], "claude_code.toml")])


def _by_terms(env, settings, provider, account):
    """The services that the terms leave on, of those that they speak about."""
    found = set()
    given = {} if settings.feedback_survey_rate is None else {"feedbackSurveyRate": settings.feedback_survey_rate}
    consents = (Consent("transcript_share", True, NEWEST, "subject"), Consent("feedback", True, NEWEST, "subject"))
    for kind, (service, nearer) in COLLECTED.items():
        case = Case(
            "claude_code",
            kind,
            Purpose.COLLECT,
            NEWEST,
            NEWEST,
            tier=account.tier,
            provider=str(provider),
            surface="cli",
            flags=frozenset(account.flags),
            consents=consents,
            client_version="2.1.250",
            env=env,
            settings=given,
            safety_flagged=False,
        )
        decision = decide(_book(), case)
        if decision.verdict is Verdict.PERMIT:
            found.add(service)
        elif decision.destination in NEARER and nearer is not None:
            found.add(nearer)
    return found


def test_the_terms_leave_everything_on_where_nothing_speaks_against_it():
    everything = {Service.METRICS, Service.ERRORS, Service.FEEDBACK, Service.RATING, Service.TRANSCRIPT_SHARE}

    assert _by_terms({}, Settings(), Provider.FIRST_PARTY, PRO) == everything
    assert services_on({}, Settings(), Provider.FIRST_PARTY, PRO) == everything | {Service.HISTORY}


def _spoken_of(on):
    return on & {service for pair in COLLECTED.values() for service in pair}


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_and_value_does_what_the_terms_say(provider, variable):
    for value in VALUES:
        env = {variable: value}
        assert _spoken_of(services_on(env, Settings(), provider, PRO)) == _by_terms(env, Settings(), provider, PRO), value


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("second", VARIABLES)
def test_pairs_of_variables_do_what_the_terms_say(provider, second):
    for first in VARIABLES:
        env = {first: "1", second: "1"}
        assert _spoken_of(services_on(env, Settings(), provider, PRO)) == _by_terms(env, Settings(), provider, PRO), first


@pytest.mark.parametrize("flag", [Flag.ZDR, Flag.HIPAA, Flag.FEEDBACK_DISABLED])
@pytest.mark.parametrize("provider", list(Provider))
def test_a_policy_takes_away_what_the_terms_say_and_nothing_gives_it_back(flag, provider):
    for tier in ("team", "pro"):
        account = Account(tier=tier, flags=frozenset({flag}))
        for env in (
            {},
            {"CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": "1", "DISABLE_TELEMETRY": "1"},
            {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"},
        ):
            mine, terms = _spoken_of(services_on(env, Settings(), provider, account)), _by_terms(env, Settings(), provider, account)
            assert mine <= terms
            if flag is not Flag.ZDR or (provider is Provider.FIRST_PARTY and tier == "team"):
                assert mine == terms


def test_errors_need_a_pro_or_max_login():
    for tier in (None, "free", "team", "enterprise", "api", "gov", "pro", "max"):
        on = services_on({}, Settings(), Provider.FIRST_PARTY, Account(tier=tier))
        assert (Service.ERRORS in on) == (tier in ("pro", "max"))


@pytest.mark.parametrize(("rate", "expected"), [(0, 0), (0.25, 0.25), ("0.5", 0.5), (1, 1), (2, 0), (-1, 0), ("often", 0), (True, 0)])
def test_a_malformed_rate_counts_as_never(rate, expected):
    settings = Settings(feedback_survey_rate=rate)

    assert survey_rate(settings) == expected
    on = services_on({}, settings, Provider.FIRST_PARTY, PRO)
    assert (Service.RATING in on) == (expected > 0) == (Service.TRANSCRIPT_SHARE in on)
    assert _spoken_of(on) == _by_terms({}, settings, Provider.FIRST_PARTY, PRO)


def test_what_must_be_opted_into_is_off_until_it_is():
    opted = Settings(share_sessions=True, partner_program=True)

    assert not services_on({}, Settings(), Provider.FIRST_PARTY, PRO) & {Service.SESSION_UPLOAD, Service.USAGE}
    assert services_on({}, opted, Provider.FIRST_PARTY, PRO) >= {Service.SESSION_UPLOAD, Service.USAGE}
    assert not services_on({}, opted, Provider.BEDROCK, PRO) & {Service.SESSION_UPLOAD, Service.USAGE}
    zdr = Account(tier="team", flags=frozenset({Flag.ZDR}))
    assert Service.SESSION_UPLOAD not in services_on({}, opted, Provider.FIRST_PARTY, zdr)


def test_skipping_the_history_keeps_no_transcript():
    for value, is_kept in (("1", False), ("true", False), ("junk", False), ("0", True), ("", True)):
        on = services_on({"CLAUDE_CODE_SKIP_PROMPT_HISTORY": value}, Settings(), Provider.FIRST_PARTY, PRO)
        assert (Service.HISTORY in on) == is_kept, value


@pytest.mark.parametrize("name", ["BEDROCK", "VERTEX", "FOUNDRY", "ANTHROPIC_AWS"])
def test_a_variable_selects_the_provider_by_its_grammar(name):
    for value, is_selected in (("1", True), ("true", True), ("junk", True), ("0", False), ("false", False), ("", False)):
        provider = provider_of({f"CLAUDE_CODE_USE_{name}": value}, PRO)
        assert (provider is not Provider.FIRST_PARTY) == is_selected, value


def test_the_credential_of_a_gateway_is_stronger_than_a_variable():
    assert provider_of({"CLAUDE_CODE_USE_BEDROCK": "1"}, Account(gateway=True)) is Provider.GATEWAY


def test_an_older_name_counts():
    assert is_on({"DISABLE_BUG_COMMAND": "1"}, "DISABLE_FEEDBACK_COMMAND")
    assert is_on({"DISABLE_BUG_COMMAND": "1", "DISABLE_FEEDBACK_COMMAND": "0"}, "DISABLE_FEEDBACK_COMMAND")


def test_the_strongest_reason_is_named():
    env, zdr = {"DISABLE_FEEDBACK_COMMAND": "1"}, Account(tier="team", flags=frozenset({Flag.ZDR}))

    assert why_off(Service.FEEDBACK, env, Settings(), Provider.FIRST_PARTY, PRO) == "DISABLE_FEEDBACK_COMMAND"
    assert "zdr" in why_off(Service.FEEDBACK, env, Settings(), Provider.FIRST_PARTY, zdr)
    assert why_off(Service.METRICS, {}, Settings(), Provider.VERTEX, PRO) == "provider vertex"
