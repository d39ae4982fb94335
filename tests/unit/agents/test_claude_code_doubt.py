"""Claude Code: which project's settings count, and what is unknown because it is malformed or contradicts itself."""

import json
from datetime import UTC, datetime

import pytest
from tests.unit.agents.cases import MANAGED, NOW, account, claude, env

from tenure.agents.claude_code import examine
from tenure.agents.facts import Evidence, Fact, State
from tenure.testing.machine import HOME, FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)
WORK = f"{HOME}/work"
LOCAL, PROJECT, USER = "~/work/.claude/settings.local.json", "~/work/.claude/settings.json", "~/.claude/settings.json"


def audited(machine: FakeMachine) -> Evidence:
    evidence = examine(machine, AT)
    assert evidence is not None
    return evidence


def fact(machine: FakeMachine, name: str) -> Fact:
    return next(fact for fact in audited(machine).facts if fact.name == name)


def leaf(machine: FakeMachine, name: str) -> Fact:
    return next(fact for fact in audited(machine).leaves if fact.name == name)


def ids(machine: FakeMachine) -> set[str]:
    return {finding.id.partition("/")[2] for finding in audited(machine).findings}


def proofs(machine: FakeMachine) -> dict[str, str]:
    return {finding.id.partition("/")[2]: finding.proof for finding in audited(machine).findings}


def test_the_working_folders_settings_stand_between_managed_and_user() -> None:
    layers = ((LOCAL, 11), (PROJECT, 12), (USER, 13), (MANAGED, 10))
    files = {path: json.dumps({"cleanupPeriodDays": days, "env": {"DO_NOT_TRACK": str(days % 2)}}) for path, days in layers}
    for strongest in (MANAGED, LOCAL, PROJECT, USER):
        machine = claude(files=files, folder=WORK, env={"DO_NOT_TRACK": "yes"})
        assert fact(machine, "sweep.days").value == dict(layers)[strongest]
        assert fact(machine, "sweep.days").proof == f"{strongest}:cleanupPeriodDays (line 1)"
        assert fact(machine, "env.DO_NOT_TRACK").proof == f"{strongest}:env.DO_NOT_TRACK (line 1)"
        del files[strongest]


def test_the_working_folders_settings_decide_provider_and_what_leaves() -> None:
    machine = claude(project=env(CLAUDE_CODE_USE_BEDROCK="1"), local={"skipWebFetchPreflight": True}, folder=WORK)
    assert (fact(machine, "provider").value, fact(machine, "provider").proof) == ("bedrock", f"{PROJECT}:env.CLAUDE_CODE_USE_BEDROCK (line 3)")
    assert leaf(machine, "usage metrics").value is False
    assert leaf(machine, "host names of fetched pages").proof == f"{LOCAL}:skipWebFetchPreflight (line 2)"


def test_another_projects_settings_count_there_only_and_are_named() -> None:
    settings = {"cleanupPeriodDays": 3, **env(CLAUDE_CODE_USE_VERTEX="1", DISABLE_TELEMETRY="1", ANTHROPIC_BASE_URL="http://localhost")}
    for machine, slug in ((claude(project=settings), "project-settings"), (claude(local=settings), "local-settings")):
        assert (fact(machine, "provider").value, fact(machine, "sweep.days").value) == ("first_party", 30)
        finding = next(finding for finding in audited(machine).findings if finding.id == f"claude_code/{slug}-change-privacy")
        for key in ("cleanupPeriodDays", "env.CLAUDE_CODE_USE_VERTEX", "env.DISABLE_TELEMETRY", "env.ANTHROPIC_BASE_URL"):
            assert key in finding.title


def test_a_period_for_desktop_does_not_count_in_a_project() -> None:
    assert not any(fact.name == "setting.desktopSessionCleanupPeriodDays" for fact in audited(
        claude(project={"desktopSessionCleanupPeriodDays": 3}, folder=WORK)).facts)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("DO_NOT_TRACK", "usage metrics"),
        ("DISABLE_GROWTHBOOK", "feature flag requests"),
        ("CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY", "session survey"),
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "export to your own collector"),
        ("DISABLE_FEEDBACK_COMMAND", "feedback reports"),
    ],
)
def test_a_switch_of_no_known_meaning_is_unknown_and_so_is_what_it_governs(name: str, service: str) -> None:
    for machine in (claude(env={name: "banana"}), claude(env(**{name: "banana"}))):
        for found in (leaf(machine, service), fact(machine, f"env.{name}")):
            assert (found.value, found.state) == (None, State.UNKNOWN)
            assert name in found.proof
        assert "switch-not-understood" in ids(machine)


def test_what_is_off_for_another_reason_stays_off() -> None:
    assert leaf(claude(env(DO_NOT_TRACK="banana", DISABLE_TELEMETRY="1")), "usage metrics").value is False
    assert leaf(claude(env(DO_NOT_TRACK="banana", CLAUDE_CODE_USE_BEDROCK="1")), "usage metrics").value is False


@pytest.mark.parametrize("value", [["x"], 1, True, {}, 0.5])
def test_a_variable_of_another_type_than_text_is_unknown(value: object) -> None:
    machine = claude({"env": {"DISABLE_TELEMETRY": value}}, env={"DISABLE_TELEMETRY": "1"})
    for found in (leaf(machine, "usage metrics"), fact(machine, "env.DISABLE_TELEMETRY")):
        assert (found.value, found.state) == (None, State.UNKNOWN)
        assert found.proof.startswith(f"{USER}:env.DISABLE_TELEMETRY (line 3): expected text, found ")


@pytest.mark.parametrize("value", [["x"], "A=1", 3, True])
def test_variables_that_are_no_object_leave_open_what_they_could_say(value: object) -> None:
    machine = claude({"env": value}, state=account("claude_max"))
    for name in ("provider", "tier", "settings.user"):
        assert fact(machine, name).state is State.UNKNOWN
        assert fact(machine, name).proof.startswith(f"{USER}:env (line ")
    for name in ("usage metrics", "error reports", "session survey", "feedback reports", "export to your own collector"):
        assert leaf(machine, name).state is State.UNKNOWN, name
    assert "setting-malformed" in ids(machine)
    assert "switch-not-understood" not in ids(machine)
    managed = claude({"env": value}, managed=env(DISABLE_TELEMETRY="1"))
    assert leaf(managed, "usage metrics").value is False, "a stronger file's word stands"


def test_an_attribution_that_is_no_object_is_unknown() -> None:
    machine = claude({"attribution": "x"})
    assert fact(machine, "setting.attribution.sessionUrl").state is State.UNKNOWN
    assert fact(machine, "settings.user").proof == f"{USER}:attribution (line 2): expected an object, found text"


def test_what_a_settings_file_overrules_is_not_said_to_count() -> None:
    machine = claude(env(DISABLE_TELEMETRY=""), env={"DISABLE_TELEMETRY": "1"})
    assert leaf(machine, "usage metrics").value is True
    assert "telemetry-off-costs-features" not in ids(machine)
    managed = claude(project=env(DISABLE_TELEMETRY="0"), managed=env(DISABLE_TELEMETRY=""))
    assert "telemetry-zero-still-opts-out" not in ids(managed)
    both = claude(project=env(DISABLE_TELEMETRY="0"), env={"DISABLE_TELEMETRY": "1"})
    assert proofs(both)["telemetry-zero-still-opts-out"].startswith(PROJECT)
    assert proofs(both)["telemetry-off-costs-features"] == "environment:DISABLE_TELEMETRY"


@pytest.mark.parametrize(("value", "leaves", "slug"), [("0", None, "feedback-zero-is-unstated"), ("", "when you send one", None), ("1", False, None)])
def test_the_old_feedback_variable_switches_off_only_when_it_is_on(value: str, leaves: object, slug: str | None) -> None:
    machine = claude(env={"DISABLE_BUG_COMMAND": value})
    assert leaf(machine, "feedback reports").value == leaves
    assert ("old-feedback-variable" in ids(machine)) is (value == "1")
    assert slug is None or slug in ids(machine)


def test_an_empty_variable_is_set_to_nothing() -> None:
    found = fact(claude(env={"DISABLE_TELEMETRY": ""}), "env.DISABLE_TELEMETRY")
    assert (found.value, found.state, found.proof) == ("", State.MEASURED, "environment:DISABLE_TELEMETRY is set to nothing")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"version": "2.1.291"}\n'.encode("utf-16"), "UTF-16 text where UTF-8 was expected"),
        (b"[" * 5000 + b"\n", "no line of it is understood"),
        (b'{"a":' * 5000 + b"\n", "no line of it is understood"),
        (b"x" * 200_000, "its first line is longer than what is read"),
        (b"", "it is empty"),
    ],
    ids=["utf-16", "deep list", "deep object", "long line", "empty"],
)
def test_a_session_that_is_not_understood_says_why(content: bytes, reason: str) -> None:
    evidence = audited(claude(files={"~/.claude/projects/p/t.jsonl": content}))
    assert [fact.proof for fact in evidence.facts if fact.name == "sessions"] == [f"~/.claude/projects: 1 session file: {reason}"]
    assert evidence.surfaces == {"cli": 1, "unknown": 1}


def test_a_session_of_lines_without_a_client_is_no_problem() -> None:
    evidence = audited(claude(files={"~/.claude/projects/p/t.jsonl": b'{"type": "summary"}\n'}))
    assert not [fact for fact in evidence.facts if fact.name == "sessions"]


@pytest.mark.parametrize(
    ("folder", "proof"),
    [
        ("~/.claude/projects", "~/.claude/projects: permission denied"),
        ("~/.claude/projects/p", "~/.claude/projects: 1 place below it: permission denied"),
        ("~/.claude", "~/.claude: permission denied"),
    ],
)
def test_a_folder_that_cannot_be_looked_into_is_unknown(folder: str, proof: str) -> None:
    assert [fact.proof for fact in audited(claude(closed={folder: "permission denied"})).facts if fact.name == "files"] == [proof]


def test_managed_drop_ins_that_cannot_be_looked_into_leave_the_defaults_open() -> None:
    part = "/etc/claude-code/managed-settings.d"
    machine = claude(files={f"{part}/10.json": "{}"}, closed={part: "permission denied"})
    assert fact(machine, "settings.managed").proof == f"{part}: permission denied"
    assert leaf(machine, "usage metrics").state is State.UNKNOWN
