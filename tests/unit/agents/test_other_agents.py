"""Gemini CLI, OpenCode, Cursor, Copilot, Aider: what each tells, and what it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.agents.cases import DAY, NOW, aider, copilot, cursor, gemini, opencode

from tenure.agents.facts import Evidence, Fact, State
from tenure.agents.memory import StoredFile
from tenure.agents.registry import AGENTS
from tenure.testing.machine import FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)


def audited(machine: FakeMachine, agent: str) -> Evidence:
    evidence = AGENTS[agent](machine, AT)
    assert evidence is not None
    return evidence


def fact(machine: FakeMachine, agent: str, name: str) -> Fact:
    return next(fact for fact in audited(machine, agent).facts if fact.name == name)


@pytest.mark.parametrize("agent", AGENTS)
def test_nothing_here_is_none(agent: str) -> None:
    assert AGENTS[agent](FakeMachine(), AT) is None


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({}, 30),
        ({"sessionRetention": {"maxAge": "12h"}}, 0.5),
        ({"sessionRetention": {"maxAge": "2w"}}, 14),
        ({"sessionRetention": {"enabled": False}}, None),
        ({"sessionRetention": {"maxAge": 30}}, None),
        ({"sessionRetention": {"enabled": "yes"}}, None),
    ],
)
def test_gemini_sweeps_chats(settings: object, days: float | None) -> None:
    chat = StoredFile(b"{}", NOW - DAY / 4)
    holding = audited(gemini({"general": settings}, files={"~/.gemini/tmp/p/chats/session-1.json": chat}), "gemini_cli").holdings[0]
    assert holding.expires_next == (None if days is None else AT - timedelta(days=0.25) + timedelta(days=days))


def test_gemini_auth_is_told_and_the_plan_is_not() -> None:
    machine = gemini({"security": {"auth": {"selectedType": "gemini-api-key"}}})
    assert fact(machine, "gemini_cli", "tier").state is State.UNKNOWN
    assert fact(machine, "gemini_cli", "attribute.auth").value == "api_key"
    assert fact(gemini(env={"GOOGLE_GENAI_USE_VERTEXAI": "true"}), "gemini_cli", "tier").value == "vertex"
    assert fact(gemini(env={"GEMINI_API_KEY": "CANARY"}), "gemini_cli", "auth").proof == "environment:GEMINI_API_KEY is set"


def test_gemini_system_settings_win() -> None:
    system = {"/etc/gemini-cli/settings.json": '{"privacy": {"usageStatisticsEnabled": false}}'}
    machine = gemini({"privacy": {"usageStatisticsEnabled": True}}, files=system)
    assert fact(machine, "gemini_cli", "setting.privacy.usageStatisticsEnabled").value is False


def test_opencode_modes() -> None:
    modes = (({}, "manual", "default"), ({"share": "disabled"}, "disabled", "measured"), ({"autoshare": True}, "auto", "measured"))
    for settings, mode, state in modes:
        found = fact(opencode(settings), "opencode", "attribute.mode")
        assert (found.value, str(found.state)) == (mode, state)
    assert fact(opencode({"share": 3}), "opencode", "attribute.mode").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("model", "tier", "provider"),
    [("anthropic/a", "open_source", "own_key"), ("opencode/a", "zen", "zen_paid"), ("opencode/a-free", "zen", "zen_free"), (None, None, None)],
)
def test_opencode_provider(model: str | None, tier: str | None, provider: str | None) -> None:
    machine = opencode({"model": model})
    assert (fact(machine, "opencode", "tier").value, fact(machine, "opencode", "provider").value) == (tier, provider)


def test_cursor_keys_are_inferred_and_contradictions_unknown() -> None:
    assert fact(cursor(privacy="true"), "cursor", "attribute.mode").state is State.INFERRED
    assert fact(cursor(privacy="perhaps"), "cursor", "attribute.mode").state is State.UNKNOWN
    assert fact(cursor(plan="business"), "cursor", "tier").value == "team"
    assert fact(cursor(plan="CANARY"), "cursor", "tier").value is None
    table = {"ItemTable": {"cursorai/donotchange/privacyMode": "true", "cursorai/donotchange/newPrivacyMode2": "false"}}
    both = FakeMachine({"~/.config/Cursor/User/globalStorage/state.vscdb": StoredFile(tables=table)})
    assert "contradict" in fact(both, "cursor", "attribute.mode").proof


def test_copilot_syncs_by_default_in_both_places() -> None:
    leaves = {fact.name: (fact.value, str(fact.state)) for fact in audited(copilot(chats=True), "copilot").leaves}
    assert leaves == {"sessions of the CLI, to github.com": (True, "default"), "sessions of VS Code, to github.com": (True, "default")}
    off = audited(copilot({"remoteExport": False}, {"chat.sessionSync.enabled": False}, chats=True), "copilot")
    assert [fact.value for fact in off.leaves] == [False, False]


def test_an_editor_without_copilot_is_no_copilot() -> None:
    files = {"~/.config/Code/User/settings.json": "{}", "~/.config/Code/User/workspaceStorage/w/other": "x"}
    assert AGENTS["copilot"](FakeMachine(files), AT) is None


@pytest.mark.parametrize(
    ("stored", "leaves"),
    [('{"asked_opt_in": true}', True), ('{"asked_opt_in": true, "permanently_disable": true}', False), ("{}", False), ("{", None), ("[]", None)],
)
def test_aider_analytics(stored: str, leaves: bool | None) -> None:
    assert audited(aider(files={"~/.aider/analytics.json": stored}), "aider").leaves[0].value is leaves


def test_aider_looks_into_repositories_but_not_into_hidden_folders() -> None:
    files = {"~/a/.aider.chat.history.md": "x", "~/b/c/.aider.input.history": "x", "~/.cache/d/.aider.chat.history.md": "x"}
    assert sum(holding.count for holding in audited(aider(files=files), "aider").holdings) == 2


@pytest.mark.parametrize("settings", [{"privacy": 3}, {"privacy": "x"}, {"privacy": []}, {"privacy": {"usageStatisticsEnabled": "no"}}])
def test_gemini_statistics_of_another_form_are_unknown(settings: object) -> None:
    found = next(each for each in audited(gemini(settings), "gemini_cli").leaves if each.name == "usage statistics")
    assert (found.value, found.state) == (None, State.UNKNOWN)
    assert found.proof.startswith("~/.gemini/settings.json:privacy")


def test_gemini_settings_that_are_no_objects_are_unknown() -> None:
    machine = gemini({"general": {"sessionRetention": "off"}, "telemetry": True})
    assert fact(machine, "gemini_cli", "sweep.days").state is State.UNKNOWN
    assert "expected an object, found text" in fact(machine, "gemini_cli", "sweep.days").proof
    leaves = {each.name: each for each in audited(machine, "gemini_cli").leaves}
    assert leaves["export to a collector"].state is State.UNKNOWN
    assert {each.title.partition(" ")[0] for each in audited(machine, "gemini_cli").findings if each.id.endswith("setting-malformed")} == {
        "general.sessionRetention", "telemetry",
    }  # fmt: skip


def test_gemini_switches_of_no_known_meaning_are_unknown() -> None:
    machine = gemini(env={"GEMINI_TELEMETRY_ENABLED": "banana"})
    assert next(each for each in audited(machine, "gemini_cli").leaves if each.name == "export to a collector").state is State.UNKNOWN
    assert fact(machine, "gemini_cli", "env.GEMINI_TELEMETRY_ENABLED").state is State.UNKNOWN
    assert fact(gemini(env={"GOOGLE_GENAI_USE_VERTEXAI": "banana"}), "gemini_cli", "auth").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("conf", "env"), [("analytics: maybe\n", {}), ("", {"AIDER_ANALYTICS": "banana"}), ("", {"AIDER_ANALYTICS_DISABLE": "banana"})]
)
def test_aider_switches_of_no_known_meaning_are_unknown(conf: str, env: dict[str, str]) -> None:
    assert audited(aider(conf, env=env), "aider").leaves[0].state is State.UNKNOWN


def test_a_privacy_key_of_another_form_is_named() -> None:
    table = {"ItemTable": {"cursorai/donotchange/newPrivacyMode2": '{"mode": 2}'}}
    machine = FakeMachine({"~/.config/Cursor/User/globalStorage/state.vscdb": StoredFile(tables=table)})
    assert fact(machine, "cursor", "attribute.mode").proof.endswith("newPrivacyMode2 is neither true nor false")


def test_a_closed_folder_of_rollouts_is_unknown() -> None:
    files = {"~/.codex/config.toml": "", "~/.codex/sessions/2026/rollout-1.jsonl": "x"}
    machine = FakeMachine(files, closed={"~/.codex/sessions": "permission denied"})
    assert fact(machine, "codex", "files").proof == "~/.codex/sessions: permission denied"


def test_aider_reads_the_settings_beside_each_history() -> None:
    conf = "gitignore: false\nllm-history-file: log/CANARY.txt\n"
    files = {"~/a/.aider.chat.history.md": "x", "~/a/.aider.conf.yml": conf, "~/a/log/CANARY.txt": "xyz"}
    evidence = audited(FakeMachine(files), "aider")
    assert {(each.id, each.proof) for each in evidence.findings} >= {
        ("aider/history-may-be-committed", "~/a/.aider.conf.yml:gitignore (line 1)"),
        ("aider/llm-history-logged", "~/a/.aider.conf.yml:llm-history-file (line 2)"),
    }
    assert [(each.kind, each.count, each.bytes) for each in evidence.holdings] == [("local_transcript", 1, 1), ("local_transcript", 1, 3)]
    assert "CANARY" not in repr(evidence)


@pytest.mark.parametrize("named", ["log.txt", "~/a/log.txt", "/home/dev/a/log.txt", "b/../log.txt"])
def test_aider_finds_the_log_that_the_persons_own_settings_name(named: str) -> None:
    files = {"~/a/.aider.chat.history.md": "x", "~/a/log.txt": "xyz"}
    assert audited(aider(f"llm-history-file: {named}\n", files=files), "aider").holdings[-1].bytes == 3
    if not named.startswith("~"):
        assert audited(aider(env={"AIDER_LLM_HISTORY_FILE": named}, files=files), "aider").holdings[-1].bytes == 3


def test_aider_leaves_a_log_outside_of_anothers_home_alone() -> None:
    files = {"~/a/.aider.chat.history.md": "x", "~/a/.aider.conf.yml": "llm-history-file: /elsewhere/log\n", "/elsewhere/log": "xyz"}
    assert len(audited(FakeMachine(files, is_own=False), "aider").holdings) == 1
    assert len(audited(FakeMachine(files), "aider").holdings) == 2


def test_an_unreadable_setting_beside_a_history_is_unknown() -> None:
    files = {"~/a/.aider.chat.history.md": "x", "~/a/.aider.conf.yml": b"\0"}
    assert fact(FakeMachine(files), "aider", "settings.project").state is State.UNKNOWN
