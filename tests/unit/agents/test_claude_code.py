"""Claude Code: who, where, how long, from which file."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.agents.cases import DAY, DESKTOP, MANAGED, NOW, SESSION, account, claude, env, line

from tenure.agents.claude_code import examine
from tenure.agents.facts import Evidence, Fact, State
from tenure.agents.memory import StoredFile
from tenure.testing.machine import HOME, FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)


def audited(machine: FakeMachine) -> Evidence:
    evidence = examine(machine, AT)
    assert evidence is not None
    return evidence


def fact(machine: FakeMachine, name: str) -> Fact:
    return next(fact for fact in audited(machine).facts if fact.name == name)


def test_nothing_here_is_none() -> None:
    assert examine(FakeMachine(), AT) is None


@pytest.mark.parametrize(
    ("kind", "tier"),
    [("claude_free", "free"), ("claude_pro", "pro"), ("claude_max", "max"), ("claude_team", "team"), ("claude_enterprise", "enterprise")],
)
def test_tier_is_measured_from_the_account_type(kind: str, tier: str) -> None:
    found = fact(claude(state=account(kind)), "tier")
    assert (found.value, found.state) == (tier, State.MEASURED)
    assert found.proof == "~/.claude.json:oauthAccount.organizationType (line 3)"


@pytest.mark.parametrize(
    "state", ["{}", '{"oauthAccount": null}', '{"oauthAccount": {}}', '{"oauthAccount": {"organizationType": "claude_new"}}', "{", "[]", "\0"]
)
def test_tier_is_unknown_with_a_reason_rather_than_guessed(state: str) -> None:
    found = fact(claude(state=state), "tier")
    assert (found.value, found.state) == (None, State.UNKNOWN)
    assert found.proof


def test_a_key_alone_tells_the_tier_and_is_never_read() -> None:
    found = fact(claude(env={"ANTHROPIC_API_KEY": "CANARY"}), "tier")
    assert (found.value, found.state, found.proof) == ("api", State.INFERRED, "environment:ANTHROPIC_API_KEY is set")


@pytest.mark.parametrize("kind", ["claude_max", "claude_pro", "claude_free", "claude_team"])
@pytest.mark.parametrize(
    "variables",
    [{"ANTHROPIC_API_KEY": "CANARY"}, {"ANTHROPIC_AUTH_TOKEN": "CANARY"}, {"ANTHROPIC_BASE_URL": "http://localhost:8080"}],
    ids=lambda variables: next(iter(variables)),
)
def test_a_key_or_an_address_beside_a_login_leaves_the_tier_open(kind: str, variables: dict[str, str]) -> None:
    for machine in (claude(env=variables, state=account(kind)), claude(env(**variables), state=account(kind))):
        found = fact(machine, "tier")
        assert (found.value, found.state) == (None, State.UNKNOWN)
        assert next(iter(variables)) in found.proof
        assert "~/.claude.json" in found.proof
        assert "CANARY" not in repr(audited(machine))
        assert not any(fact.name == "agreement.personal" for fact in audited(machine).facts)


def test_an_address_beside_a_login_leaves_the_provider_open() -> None:
    machine = claude(env={"ANTHROPIC_BASE_URL": "http://localhost:8080"}, state=account("claude_max"))
    assert fact(machine, "provider").state is State.UNKNOWN
    assert next(fact for fact in audited(machine).leaves if fact.name == "usage metrics").value is None


def test_a_provider_that_is_switched_on_comes_before_the_login() -> None:
    found = fact(claude(env={"CLAUDE_CODE_USE_BEDROCK": "1"}, state=account("claude_max")), "tier")
    assert (found.value, found.state) == ("api", State.INFERRED)


@pytest.mark.parametrize(
    ("variables", "provider", "state"),
    [
        ({}, "first_party", State.DEFAULT),
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "bedrock", State.MEASURED),
        ({"CLAUDE_CODE_USE_MANTLE": "true"}, "bedrock", State.MEASURED),
        ({"CLAUDE_CODE_USE_VERTEX": "yes"}, "vertex", State.MEASURED),
        ({"CLAUDE_CODE_USE_FOUNDRY": "1"}, "foundry", State.MEASURED),
        ({"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1"}, "aws_platform", State.MEASURED),
        ({"CLAUDE_CODE_USE_BEDROCK": "0"}, "first_party", State.DEFAULT),
        ({"CLAUDE_CODE_USE_BEDROCK": "perhaps"}, None, State.UNKNOWN),
        ({"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_USE_VERTEX": "1"}, None, State.UNKNOWN),
        ({"ANTHROPIC_BASE_URL": "https://gateway.example"}, "gateway", State.INFERRED),
        ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com/"}, "first_party", State.DEFAULT),
    ],
)
def test_provider(variables: dict[str, str], provider: str | None, state: State) -> None:
    for machine in (claude(env(**variables)), claude(env=variables)):
        found = fact(machine, "provider")
        assert (found.value, found.state) == (provider, state)


def test_managed_beats_user_and_settings_beat_the_environment() -> None:
    managed = {"cleanupPeriodDays": 10, "env": {"DO_NOT_TRACK": "0"}}
    machine = claude({"cleanupPeriodDays": 90, "env": {"DO_NOT_TRACK": "1"}}, managed=managed, env={"DO_NOT_TRACK": "yes"})
    assert fact(machine, "sweep.days").value == 10
    assert fact(machine, "sweep.days").proof == f"{MANAGED}:cleanupPeriodDays (line 2)"
    assert fact(machine, "env.DO_NOT_TRACK").value == "0"
    assert fact(claude({"env": {"DO_NOT_TRACK": "0"}}, env={"DO_NOT_TRACK": "1"}), "env.DO_NOT_TRACK").value == "0"


def test_managed_files_of_the_folder_are_merged() -> None:
    machine = claude(files={MANAGED: '{"cleanupPeriodDays": 10}', "/etc/claude-code/managed-settings.d/10.json": '{"cleanupPeriodDays": 5}'})
    assert fact(machine, "sweep.days").value == 5
    assert fact(machine, "sweep.days").proof == "/etc/claude-code/managed-settings.d/10.json:cleanupPeriodDays (line 1)"


def test_managed_files_of_the_folder_merge_their_variables_one_by_one() -> None:
    part = "/etc/claude-code/managed-settings.d/"
    machine = claude(files={
        MANAGED: json.dumps(env(DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")),
        part + "10.json": '{\n"env": {\n"CLAUDE_CODE_USE_BEDROCK": "1", "DO_NOT_TRACK": "0"}}',
        part + "20.json": json.dumps(env(DISABLE_ERROR_REPORTING="1")),
        part + ".30.json": json.dumps(env(DISABLE_ERROR_REPORTING="")),
        part + "old/40.json": json.dumps(env(DISABLE_ERROR_REPORTING="")),
    })  # fmt: skip
    facts = {fact.name: fact for fact in audited(machine).facts}
    assert facts["provider"].proof == part + "10.json:env.CLAUDE_CODE_USE_BEDROCK (line 3)"
    values = {name: facts[f"env.{name}"].value for name in ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "DISABLE_ERROR_REPORTING")}
    assert values == {"DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "0", "DISABLE_ERROR_REPORTING": "1"}
    assert facts["env.DISABLE_TELEMETRY"].proof == f"{MANAGED}:env.DISABLE_TELEMETRY (line 1)"


def test_the_server_wins_over_managed_files() -> None:
    machine = claude(managed={"cleanupPeriodDays": 10}, files={"~/.claude/remote-settings.json": '{"cleanupPeriodDays": 7}'})
    assert fact(machine, "sweep.days").value == 7


def test_device_management_on_a_mac() -> None:
    plist = b"""<?xml version="1.0"?><plist version="1.0"><dict><key>cleanupPeriodDays</key><integer>6</integer></dict></plist>"""
    path = "/Library/Managed Preferences/com.anthropic.claudecode.plist"
    assert fact(claude(files={path: plist}, platform="darwin"), "sweep.days").value == 6
    assert fact(claude(files={path: b"bplist00\xff\xff"}, platform="darwin"), "settings.managed").state is State.UNKNOWN


def test_default_sweep_is_thirty_days_of_inactivity() -> None:
    found = audited(claude(files={SESSION: StoredFile(line().encode(), NOW - 25 * DAY)})).holdings[0]
    assert (found.count, found.vanishing, found.past_due) == (1, 1, 0)
    assert found.expires_next == AT - timedelta(days=25) + timedelta(days=30)


@pytest.mark.parametrize("value", [0, -1, 1.5, "30", True, None, [], {}, 10**30])
def test_a_malformed_period_pauses_the_sweep(value: object) -> None:
    evidence = audited(claude({"cleanupPeriodDays": value}))
    holding = evidence.holdings[0]
    if value is None:
        assert holding.expires_next is not None, "null is unset"
        return
    assert holding.expires_next is None
    assert holding.swept.startswith("paused: ")
    assert next(fact for fact in evidence.facts if fact.name == "sweep.days").state is State.UNKNOWN


@pytest.mark.parametrize(("written", "days"), [("30.0", 30), ("1e1", 10), ("999999999", 999999999)])
def test_any_whole_number_from_one_is_a_period(written: str, days: int) -> None:
    machine = claude('{"cleanupPeriodDays": ' + written + "}")
    found = fact(machine, "sweep.days")
    assert (found.value, found.state) == (days, State.MEASURED)
    assert repr(fact(machine, "setting.cleanupPeriodDays").value) == str(days)
    assert not any("cleanup" in finding.id for finding in audited(machine).findings)


def test_the_state_of_the_period_is_that_of_its_source() -> None:
    assert fact(claude(), "sweep.days").state is State.DEFAULT
    managed = {name: fact(machine, "attribute.cleanup_managed") for name, machine in (
        ("unset", claude()), ("user", claude({"cleanupPeriodDays": 5})), ("managed", claude(managed={"cleanupPeriodDays": 5})),
        ("broken", claude(managed="{")), ("user broken", claude("{")),
    )}  # fmt: skip
    assert {name: (fact.value, fact.state) for name, fact in managed.items()} == {
        "unset": ("no", State.DEFAULT), "user": ("no", State.DEFAULT), "managed": ("yes", State.MEASURED),
        "broken": (None, State.UNKNOWN), "user broken": ("no", State.DEFAULT),
    }  # fmt: skip


def test_unreadable_user_settings_pause_the_sweep_unless_a_managed_value_runs() -> None:
    assert audited(claude("{")).holdings[0].swept.startswith("paused: ")
    assert audited(claude("{", managed={"cleanupPeriodDays": 10})).holdings[0].swept.startswith("10 days")


@pytest.mark.parametrize(
    ("session", "settings", "managed", "swept"),
    [
        (DESKTOP, None, None, "never"),
        (line(entrypoint="cli") + DESKTOP, None, None, "never"),
        (line(entrypoint="claude-desktop", version="2.1.247"), None, None, "30 days"),
        (DESKTOP, None, {"cleanupPeriodDays": 20}, "20 days"),
        (DESKTOP, {"desktopSessionCleanupPeriodDays": 90}, None, "90 days"),
        (DESKTOP, {"desktopSessionCleanupPeriodDays": 10}, None, "30 days"),
    ],
)
def test_desktop_is_exempt_from_the_sweep(session: str, settings: object, managed: object, swept: str) -> None:
    holding = audited(claude(settings, managed=managed, session=session)).holdings[0]
    assert holding.swept.startswith(swept)


def test_what_the_sweep_reaches_and_what_it_never_does() -> None:
    folders = ("projects/p/s/subagents", "projects/p/s/tool-results", "file-history", "plans", "debug", "paste-cache", "todos", "logs")
    swept = [f"{folder}/x" for folder in folders]
    never = ("history.jsonl", "stats-cache.json", "cache/changelog.md", "projects/p/memory/M.md", "policy-limits.json")
    files = {f"~/.claude/{path}": StoredFile(b"x", NOW) for path in (*swept, *never)}
    holdings = {holding.path: holding.swept for holding in audited(claude(files=files)).holdings}
    assert sum(words == "never" for words in holdings.values()) == len(never)
    assert sum(words.startswith("30 days") for words in holdings.values()) == len(swept) + 1


def test_surfaces_from_the_entry_point() -> None:
    names = {"cli": "cli", "sdk-cli": "cli", "claude-vscode": "ide", "claude-desktop": "desktop", "remote": "web", "something": "unknown"}
    files = {f"~/.claude/projects/p/{name}.jsonl": StoredFile(line(entrypoint=name).encode(), NOW) for name in names}
    files["~/.claude/projects/p/old.jsonl"] = StoredFile(b'{"type":"user","version":"2.0.1"}\n', NOW)
    assert audited(claude(files=files)).surfaces == {"cli": 3, "ide": 1, "desktop": 1, "web": 1, "unknown": 2}


def test_flags_show_names_and_scalars_only() -> None:
    state = {"cachedGrowthBookFeatures": {"a": True, "b": "short-word", "c": "a long sentence of somebody", "d": {"x": 1}, "bad name!": 1, "n": 0.5}}
    flags = {fact.name: fact.value for fact in audited(claude(state=state)).facts if fact.name.startswith("flag.")}
    assert flags == {"flag.a": True, "flag.b": "short-word", "flag.c": "text of 27 characters", "flag.d": "object of 1 key", "flag.n": 0.5}


def test_values_off_the_closed_list_are_not_shown() -> None:
    evidence = audited(claude({"feedbackDrafts": "CANARY", "env": {"DISABLE_TELEMETRY": "CANARY"}, "forceLoginMethod": "CANARY"}))
    assert "CANARY" not in repr(evidence)


def test_a_policy_that_cannot_be_compared_is_unknown() -> None:
    found = fact(claude(managed={"forceLoginOrgUUID": "org-2"}, state={"oauthAccount": None}), "policy.login")
    assert found.state is State.UNKNOWN


def test_with_another_home_projects_outside_of_it_are_left_alone() -> None:
    session = line(cwd="/elsewhere")
    files = {"/elsewhere/.claude/settings.json": json.dumps(env(DISABLE_TELEMETRY="1"))}
    mine, other = (audited(claude(session=session, files=files, is_own=is_own)) for is_own in (True, False))
    assert any(finding.id.endswith("project-settings-change-privacy") for finding in mine.findings)
    assert not any(finding.id.endswith("project-settings-change-privacy") for finding in other.findings)


def test_the_state_file_lies_in_a_folder_of_its_own_when_one_is_set() -> None:
    machine = FakeMachine({"~/c/.claude.json": json.dumps(account("claude_pro"))}, {"CLAUDE_CONFIG_DIR": f"{HOME}/c"})
    assert fact(machine, "tier").value == "pro"


@pytest.mark.parametrize(
    ("variables", "version", "kind", "leaves"),
    [
        ({}, "2.1.198", "claude_max", True),
        ({}, "2.1.197", "claude_max", False),
        ({}, "2.1.291", "claude_team", False),
        ({}, "2.1.291", "claude_unknown", None),
        ({"DISABLE_ERROR_REPORTING": "0"}, "2.1.291", "claude_max", False),
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "2.1.291", "claude_max", False),
    ],
)
def test_error_reports_leave_only_under_their_conditions(variables: dict[str, str], version: str, kind: str, leaves: bool | None) -> None:
    evidence = audited(claude(env(**variables), session=line(version=version), state=account(kind)))
    assert next(fact.value for fact in evidence.leaves if fact.name == "error reports") is leaves
