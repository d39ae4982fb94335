"""Standard output that takes nothing: the command says so, and what was done is not lost with the answer."""

import json
import os
import subprocess
import sys

import pytest
from tests.integration.test_vault_command import CASE

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@pytest.fixture
def run(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "case.json").write_text(json.dumps({**CASE, "session": None}))
    (tmp_path / "content").write_bytes(b"canary-content")

    def run(*argv, to="/dev/full"):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
        with open(to, "wb") as out:
            return subprocess.run(
                [sys.executable, "-m", "tenure", *argv], stdout=out, stderr=subprocess.PIPE, env=environment, text=True, cwd=tmp_path
            )

    return run


@pytest.mark.parametrize("argv", [["vault", "status"], ["vault", "status", "--json"], ["terms", "show"]])
def test_output_that_cannot_be_written_is_said(run, argv) -> None:
    done = run(*argv)
    assert (done.returncode, done.stderr) == (1, "tenure: standard output: expected to write the answer there, found: No space left on device\n")


def test_name_of_what_was_held_is_said_all_the_same(run, tmp_path) -> None:
    done = run("vault", "put", "--case", "case.json", "--content", "content")
    first, second = done.stderr.splitlines()
    record = first.removeprefix("tenure: held as ")
    assert done.returncode == 1
    assert second == "tenure: standard output: expected to write the answer there, found: No space left on device"
    assert run("vault", "why", record, "--json", to=tmp_path / "answer").returncode == 0
    assert json.loads((tmp_path / "answer").read_bytes())["kind"] == "prompt"
