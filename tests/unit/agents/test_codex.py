"""Codex: who, where, how long, from which file."""

import json
from datetime import UTC, datetime

import pytest
from tests.unit.agents.cases import NOW, codex, rollout

from tenure.agents.codex import examine
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
    ("plan", "tier"),
    [("free", "free"), ("go", "go"), ("plus", "plus"), ("pro", "pro"), ("team", "business"), ("enterprise", "enterprise"), ("edu", "edu")],
)
def test_tier_is_the_plan_that_the_newest_rollout_names(plan: str, tier: str) -> None:
    found = fact(codex(plan=plan), "tier")
    assert (found.value, found.state) == (tier, State.MEASURED)


def test_the_newest_plan_counts_and_null_does_not() -> None:
    files = {
        f"~/.codex/sessions/{day}/rollout-1.jsonl": StoredFile(rollout(plan).encode(), NOW + day) for day, plan in enumerate(("plus", "pro", None), 1)
    }
    assert fact(codex(files=files), "tier").value == "pro"


def test_tier_is_unknown_rather_than_guessed() -> None:
    assert fact(codex(), "tier").state is State.UNKNOWN
    assert fact(codex(plan="new_plan"), "tier").state is State.UNKNOWN
    assert (fact(codex(env={"OPENAI_API_KEY": "k"}), "tier").value, fact(codex(env={"OPENAI_API_KEY": "k"}), "tier").state) == ("api", State.INFERRED)


@pytest.mark.parametrize(
    ("config", "provider"),
    [
        ("", "first_party"),
        ('model_provider = "openai"\n', "first_party"),
        ('model_provider = "mine"\n[model_providers.mine]\nbase_url = "https://x.openai.azure.com"\n', "azure"),
        ('model_provider = "mine"\n[model_providers.mine]\nbase_url = "https://bedrock.example"\n', "bedrock"),
        ('model_provider = "mine"\n', "other"),
        ("model_provider = 3\n", None),
    ],
)
def test_provider(config: str, provider: str | None) -> None:
    assert fact(codex(config), "provider").value == provider


def test_another_providers_terms_are_not_this_vendors() -> None:
    assert fact(codex('model_provider = "mine"\n', plan="plus"), "tier").state is State.UNKNOWN


def test_layers() -> None:
    name = "setting.history.persistence"
    user = '[history]\npersistence = "save-all"\n'
    system = {"/etc/codex/config.toml": '[history]\npersistence = "none"\n'}
    required = {"/etc/codex/requirements.toml": '[history]\npersistence = "none"\n'}
    profile = 'profile = "p"\n[history]\npersistence = "save-all"\n[profiles.p.history]\npersistence = "none"\n'
    assert fact(codex(user, files=system), name).value == "save-all"
    assert fact(codex(files=system), name).value == "none"
    assert fact(codex(user, files=required), name).value == "none"
    assert fact(codex(profile), name).value == "none"
    assert fact(codex(user), name).proof == "~/.codex/config.toml:history.persistence (line 2)"


def test_rollouts_are_never_swept_and_their_surfaces_told() -> None:
    files = {
        "~/.codex/sessions/a/rollout-1.jsonl": StoredFile(rollout(source="vscode").encode(), NOW),
        "~/.codex/sessions/a/rollout-2.jsonl": StoredFile(rollout(source={"subagent": "x"}, originator="codex_exec").encode(), NOW),
        "~/.codex/sessions/a/rollout-3.jsonl.zst": StoredFile(b"\x28\xb5\x2f\xfd", NOW),
    }
    evidence = audited(codex(files=files))
    assert evidence.surfaces == {"ide": 1, "cli": 1, "unknown": 1}
    assert (evidence.holdings[0].count, evidence.holdings[0].swept, evidence.holdings[0].expires_next) == (3, "never", None)
    assert any("compressed" in fact.proof for fact in evidence.facts)


def test_a_long_first_line_is_read_up_to_the_window() -> None:
    long, longer = rollout(instructions="x" * 30_000), rollout(instructions="x" * 100_000)
    assert audited(codex(files={"~/.codex/sessions/rollout-1.jsonl": StoredFile(long.encode(), NOW)})).version == "0.169.0"
    assert audited(codex(files={"~/.codex/sessions/rollout-1.jsonl": StoredFile(longer.encode(), NOW)})).version is None


def test_databases_elsewhere() -> None:
    files = {"~/elsewhere/state_5.sqlite": b"x"}
    assert not audited(codex(files=files)).holdings
    for machine in (codex(f'sqlite_home = "{HOME}/elsewhere"\n', files=files), codex(env={"CODEX_SQLITE_HOME": f"{HOME}/elsewhere"}, files=files)):
        assert [holding.path for holding in audited(machine).holdings] == ["~/elsewhere/*.sqlite"]


def test_what_leaves() -> None:
    assert {fact.name: fact.value for fact in audited(codex()).leaves} == {
        "usage metrics and analytics": True,
        "feedback reports": "when you send one",
        "log export to your own collector": False,
        "trace export to your own collector": False,
    }
    config = '[analytics]\nenabled = "no"\n[feedback]\nenabled = false\n[otel]\nexporter = "otlp-http"\n'
    leaves = {fact.name: fact.value for fact in audited(codex(config)).leaves}
    assert leaves["usage metrics and analytics"] is None, "a malformed switch is unknown"
    assert leaves["feedback reports"] is False
    assert leaves["log export to your own collector"] is True


def test_a_session_of_another_shape_is_unknown() -> None:
    wrong = json.dumps({"type": "session_meta", "payload": {"cwd": 3}})
    for content in ("null\n", "[]\n", '{"type": "session_meta"}\n', '{"type": "x", "payload": {}}\n', wrong):
        evidence = audited(codex(files={"~/.codex/sessions/rollout-1.jsonl": StoredFile(content.encode(), NOW)}))
        assert evidence.surfaces == {"unknown": 1}


TRUST = f'[projects."{HOME}/work"]\ntrust_level = "trusted"\n'
OFF = {"~/work/.codex/config.toml": "[analytics]\nenabled = false\n"}


def leaf(machine: FakeMachine, name: str) -> Fact:
    return next(fact for fact in audited(machine).leaves if fact.name == name)


def test_a_trusted_projects_settings_count_in_its_folder() -> None:
    here = f"{HOME}/work"
    user = TRUST + "[analytics]\nenabled = true\n"
    found = leaf(codex(user, files=OFF, folder=here), "usage metrics and analytics")
    assert (found.value, found.state, found.proof) == (False, State.MEASURED, "~/work/.codex/config.toml:analytics.enabled (line 2)")
    assert leaf(codex(user, files=OFF), "usage metrics and analytics").value is True
    assert leaf(codex(files=OFF, folder=here), "usage metrics and analytics").value is True, "not trusted"
    required = {**OFF, "/etc/codex/requirements.toml": "[analytics]\nenabled = true\n"}
    assert leaf(codex(user, files=required, folder=here), "usage metrics and analytics").value is True


def test_a_projects_finding_names_each_key() -> None:
    files = {"~/work/.codex/config.toml": 'model = "m"\n[analytics]\nenabled = false\n[otel]\nexporter = "none"\n'}
    found = next(each for each in audited(codex(TRUST, plan="plus", files=files)).findings if each.id == "codex/project-settings-change-privacy")
    assert found.title.endswith(": analytics.enabled, otel.exporter")
    assert found.proof == "~/work/.codex/config.toml:analytics.enabled (line 3)"


@pytest.mark.parametrize(
    ("config", "service"),
    [
        ("analytics = 3\n", "usage metrics and analytics"),
        ("feedback = []\n", "feedback reports"),
        ("otel = 1\n", "log export to your own collector"),
        ("otel = 1\n", "trace export to your own collector"),
        ("[otel]\nexporter = 3\n", "log export to your own collector"),
    ],
)
def test_a_table_that_is_none_leaves_open_what_it_could_say(config: str, service: str) -> None:
    found = leaf(codex(config), service)
    assert (found.value, found.state) == (None, State.UNKNOWN)
    assert found.proof.startswith("~/.codex/config.toml:")


def test_a_history_that_is_no_table_is_unknown() -> None:
    machine = codex('history = "none"\n')
    assert fact(machine, "setting.history.persistence").state is State.UNKNOWN
    assert fact(machine, "settings.user").proof == "~/.codex/config.toml:history (line 1): expected an object, found text"
    assert not any("history" in finding.id for finding in audited(machine).findings)
