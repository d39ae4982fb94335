"""The small commands as a person uses them: arguments in, streams, exit codes and files out."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenure.cli.main import main

SESSION = "0c9e5a2e-7f6b-4c2f-8f55-1f6f3f1d2b3c"
POLICY = """\
[require]
agents = ["claude_code"]
tiers = ["max"]
retention = "P30D"
training = false
"""


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 9, 21, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with Claude Code in it, a repository below it, and nothing of this machine's environment."""
    for name in os.environ:
        if name.startswith(("CLAUDE", "ANTHROPIC", "XDG_", "TENURE", "DISABLE_", "DO_NOT", "OTEL", "CODEX", "OPENAI")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".claude" / "projects" / "-r").mkdir(parents=True)
    (tmp_path / ".claude.json").write_text('{"oauthAccount": {"organizationType": "claude_max"}}')
    line = {"type": "user", "sessionId": SESSION, "entrypoint": "cli", "version": "2.1.200", "cwd": str(tmp_path / "repository")}
    (tmp_path / ".claude" / "projects" / "-r" / f"{SESSION}.jsonl").write_text(json.dumps(line) + "\n")
    (tmp_path / "repository" / "src").mkdir(parents=True)
    (tmp_path / "repository" / "tenure.toml").write_text(POLICY)
    monkeypatch.chdir(tmp_path / "repository" / "src")
    return tmp_path


def run(*words: str) -> int:
    return main(words, clock=FixedClock())


def data(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def state_of(home: Path) -> list[str]:
    folder = home / ".local" / "share" / "tenure"
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_attested_choice_decides_what_was_unknown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("require") == 11
    assert run("attest", "claude_code", "training", "off", "--at", "2026-07-02") == 0
    assert run("require") == 0
    assert "not permitted (attested)" in capsys.readouterr().out
    assert run("attest", "withdraw", "claude_code", "training") == 0
    assert run("require") == 11
    assert state_of(home) == []


def test_attested_fact_is_shown_in_the_audit_with_its_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("attest", "claude_code", "training", "off", "--at", "2026-07-02")
    capsys.readouterr()

    assert run("audit", "--json") == 0
    agents = data(capsys)["agents"]
    assert isinstance(agents, list)
    (fact,) = [fact for fact in agents[0]["facts"] if fact["name"] == "consent.training"]
    assert (fact["value"], fact["state"], fact["proof"]) == (False, "attested", "attested on 2026-07-02")


def test_attestations_are_listed_with_their_age(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("attest", "claude_code", "training", "off", "--at", "2026-07-02")
    capsys.readouterr()

    assert run("attest", "list", "--json") == 0
    found = data(capsys)
    assert found["schema"] == "tenure.attestations/1"
    assert found["attestations"] == [
        {
            "name": "claude_code/consent.training",
            "value": False,
            "state": "attested",
            "at": "2026-07-02T00:00:00Z",
            "age_days": 81,
            "by": "subject",
            "recorded_at": "2026-09-21T12:00:00Z",
        }
    ]


def test_attesting_a_misspelt_fact_writes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("attest", "claude_code", "trainning", "off") == 2
    assert "did you mean 'training'?" in capsys.readouterr().err
    assert state_of(home) == []


def test_agents_and_facts_that_are_none_are_wrong_usage(home: Path) -> None:
    assert run("attest", "claud", "training", "off") == 2
    assert run("attest", "withdraw", "claud", "training") == 2
    assert run("attest", "claude_code", "training", "perhaps") == 2
    assert run("require", "--agent", "banana") == 2


def test_why_without_findings_says_so(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert run("why", "1", "--home", str(tmp_path / "empty")) == 1
    assert capsys.readouterr().err == "tenure: why: there are no findings\n"


@pytest.mark.parametrize("value", ["", "/dev/null", "here"])
def test_home_that_is_none_is_said_plainly(home: Path, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HOME", value)
    for words in (("audit",), ("attest", "list"), ("hook", "install"), ("uninstall",)):
        assert run(*words) == 1
        assert capsys.readouterr().err.startswith("tenure: HOME: expected the path of a home folder")


@pytest.mark.parametrize("command", ["attest", "completion"])
def test_examples_of_a_help_stand_one_to_a_line(home: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    shown = capsys.readouterr().out

    assert "\\b" not in shown
    assert sum(f"tenure {command} " in line for line in shown.splitlines()) > 2


def test_policy_in_json_says_rule_observation_state_and_proof(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("require", "--json") == 11
    found = data(capsys)
    assert (found["schema"], found["answer"], found["file"]) == ("tenure.require/1", "unknown", "../tenure.toml")
    rulings = found["rulings"]
    assert isinstance(rulings, list)
    assert rulings[1] == {
        "agent": "claude_code",
        "rule": "tiers",
        "line": 3,
        "allowed": ["max"],
        "answer": "holds",
        "observed": "max",
        "state": "measured",
        "proof": "~/.claude.json:oauthAccount.organizationType (line 1)",
    }


def test_broken_policy_exits_10(home: Path) -> None:
    (home / "repository" / "tenure.toml").write_text('[require]\ntiers = ["team"]\nretention = "P30D"\n')

    assert run("require") == 10


def test_policy_with_an_error_exits_1_and_names_the_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "repository" / "tenure.toml").write_text('[require]\ntiers = ["tem"]\n')

    assert run("require") == 1
    assert capsys.readouterr().err.startswith("tenure: ../tenure.toml:2: require.tiers: expected some of ")


def test_missing_policy_exits_1(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "repository" / "tenure.toml").unlink()

    assert run("require") == 1
    assert "tenure.toml: expected one in" in capsys.readouterr().err


def test_machine_without_agents_has_nothing_to_judge(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "empty").mkdir()

    assert run("require", "--home", str(home / "empty")) == 0
    assert "nothing to judge" in capsys.readouterr().out


def test_hook_is_shown_then_written_then_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = home / ".claude" / "settings.json"
    settings.write_text('{\n  "model": "opus"\n}\n')

    assert run("hook", "install") == 0
    assert "+++" in capsys.readouterr().out
    assert settings.read_text() == '{\n  "model": "opus"\n}\n'
    assert run("hook", "install", "--apply") == 0
    assert "stamp" in json.loads(settings.read_text())["hooks"]["SessionStart"][0]["hooks"][0]["command"]
    capsys.readouterr()
    assert run("hook", "install", "--apply") == 0
    assert capsys.readouterr().out == ""
    assert run("hook", "remove", "--apply") == 0
    assert settings.read_text() == '{\n  "model": "opus"\n}\n'


def test_hook_in_malformed_settings_is_refused_with_the_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = home / ".claude" / "settings.json"
    settings.write_text('{\n  "model": "opus",\n}\n')

    assert run("hook", "install", "--apply") == 1
    assert f"{settings}:3: expected JSON" in capsys.readouterr().err
    assert settings.read_text() == '{\n  "model": "opus",\n}\n'


def test_settings_of_others_cannot_steer_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = home / ".claude" / "settings.json"
    settings.write_text('{\n\t"model": "\x9b31m\u202e opus"\n}\n', encoding="utf-8")

    assert run("hook", "install") == 0
    shown = capsys.readouterr().out
    assert "opus" in shown
    assert not set("\x9b\u202e\t") & set(shown)


def stamp(home: Path, content: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CODE_ENTRYPOINT": "cli"}
    return subprocess.run([sys.executable, "-m", "tenure", "stamp"], input=content, env=environment, capture_output=True, timeout=60, check=False)


def test_installed_hook_s_command_stamps_a_session(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = home / "repository"
    done = stamp(home, json.dumps({"session_id": SESSION, "cwd": str(project), "hook_event_name": "SessionStart", "source": "startup"}).encode())

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert run("stamp", "list", "--project", str(project), "--json") == 0
    (found,) = data(capsys)["stamps"]  # type: ignore[misc]
    assert (found["session"], found["tier"], found["surface"]) == (SESSION, "max", "cli")
    assert run("stamp", "list", "--project", str(home), "--json") == 0
    assert data(capsys)["stamps"] == []


@pytest.mark.parametrize("content", [b"", b"not json", b'{"session_id": "a b"}', b"\xff" * 100_000])
def test_stamp_never_disturbs_a_session(home: Path, content: bytes) -> None:
    done = stamp(home, content)

    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.startswith(b"tenure stamp: no stamp was made")
    assert b"Traceback" not in done.stderr


def test_stamp_never_disturbs_a_session_when_nothing_can_be_written(home: Path) -> None:
    (home / ".local").write_text("a file where a folder was expected")

    done = stamp(home, json.dumps({"session_id": SESSION}).encode())

    assert (done.returncode, done.stdout) == (0, b"")


def test_uninstall_shows_then_leaves_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = home / ".claude" / "settings.json"
    settings.write_text('{"model": "opus"}')
    run("hook", "install", "--apply")
    run("attest", "claude_code", "training", "off")
    stamp(home, json.dumps({"session_id": SESSION}).encode())
    capsys.readouterr()

    assert run("uninstall") == 0
    shown = capsys.readouterr().out
    assert [name in shown for name in ("attestations.json", "stamps.jsonl", "project.salt", "settings.json")] == [True] * 4
    assert state_of(home) != []
    assert run("uninstall", "--apply") == 0
    assert settings.read_text() == '{"model": "opus"}'
    assert not (home / ".local" / "share" / "tenure").exists()
    assert run("uninstall", "--json") == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("completion", shell) == 0
    assert "_TENURE_COMPLETE" in capsys.readouterr().out


def test_completion_names_the_commands(home: Path) -> None:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "_TENURE_COMPLETE": "bash_complete", "COMP_WORDS": "tenure re", "COMP_CWORD": "1"}
    program = Path(sys.executable).with_name("tenure")

    done = subprocess.run([program], env=environment, capture_output=True, timeout=60, check=False)

    assert b"plain,require" in done.stdout


def test_no_content_of_settings_reaches_the_state(home: Path) -> None:
    settings = {"env": {"ANTHROPIC_API_KEY": "canary-key", "MY_NOTE": "canary-note"}, "apiKeyHelper": "canary-helper"}
    (home / ".claude" / "settings.json").write_text(json.dumps(settings))
    run("hook", "install", "--apply")
    run("attest", "claude_code", "training", "off")
    stamp(home, json.dumps({"session_id": SESSION, "cwd": "/canary-folder", "prompt": "canary-prompt"}).encode())

    written = b"".join(path.read_bytes() for path in (home / ".local" / "share" / "tenure").rglob("*") if path.is_file())
    assert written
    assert b"canary" not in written
