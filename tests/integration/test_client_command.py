"""`tenure client`: where a yes can come from, and which file may name the service."""

import json
import os
import pty
import subprocess

import pytest
from tests.integration.machines import TENURE

ANSWERS = [("feedback", "x"), ("privacy",), ("privacy", "training", "on"), ("privacy", "training", "off"), ("rate", "3"), ("upload", "on")]


def run(home, *words, typed="", **env):
    surroundings = {"HOME": str(home), "PATH": os.environ["PATH"], **env}
    return subprocess.run([str(TENURE), "client", *words], env=surroundings, input=typed, capture_output=True, text=True, timeout=60, cwd=home)


def ready(home, mode=0o600):
    path = home / "ready.json"
    path.write_text(json.dumps({"url": "https://127.0.0.1:9", "token": "tn_ingest_x", "tokens": {}, "ca": ""}))
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_an_answer_does_not_come_from_a_file(home, words):
    done = run(home, *words, typed="y\ny\n")

    assert done.returncode == 1
    assert "expected a person at a terminal" in done.stderr


@pytest.mark.parametrize("name", ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "GEMINI_CLI", "CODEX_SANDBOX"])
def test_an_answer_does_not_come_from_inside_of_an_agent(home, name):
    keys, program = pty.openpty()
    surroundings = {"HOME": str(home), "PATH": os.environ["PATH"], name: "1"}
    command = [str(TENURE), "client", "upload", "on"]
    done = subprocess.run(command, env=surroundings, stdin=program, stdout=program, stderr=subprocess.PIPE, text=True, timeout=60, cwd=home)
    os.close(program)
    os.close(keys)

    assert done.returncode == 1
    assert "inside of an agent" in done.stderr


def test_only_a_file_that_nobody_else_can_change_names_the_service(home):
    assert run(home, "connect", ready(home, 0o666)).returncode == 1
    assert not (home / ".local" / "share" / "tenure" / "client.json").exists()
    assert run(home, "connect", ready(home)).returncode == 0
    assert json.loads((home / ".local" / "share" / "tenure" / "client.json").read_text())["upload"] is None


def test_a_hook_disturbs_nothing(home):
    for typed in ("", "{", '{"hook_event_name": "SessionEnd", "session_id": "a"}', '{"hook_event_name": "New", "session_id": "a"}'):
        done = run(home, "hook", typed=typed)
        assert (done.returncode, done.stdout) == (0, ""), typed


def test_a_hook_whose_service_cannot_be_read_still_keeps_the_command_from_the_model(home):
    run(home, "connect", ready(home))
    (home / "ready.json").write_text("{")
    done = run(home, "hook", typed=json.dumps({"hook_event_name": "UserPromptExpansion", "session_id": "a", "command_name": "tenure:privacy"}))

    assert done.returncode == 0
    assert json.loads(done.stdout)["decision"] == "block"


def test_uninstall_takes_what_the_client_kept(home):
    run(home, "connect", ready(home))
    surroundings = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([str(TENURE), "uninstall", "--apply"], env=surroundings, capture_output=True, timeout=60, check=True)

    assert not (home / ".local" / "share" / "tenure").exists()
