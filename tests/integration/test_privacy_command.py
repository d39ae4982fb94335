"""`tenure privacy` and its neighbours as a person uses them; the question on a real pseudo-terminal, under a clock that the test sets."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenure.cli.main import main

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
PROGRAM = """\
import sys
from datetime import UTC, datetime, timedelta
from tenure.cli.main import main

class SteppingClock:
    at = datetime(2026, 9, 21, 12, tzinfo=UTC)

    def now(self):
        self.at += timedelta(seconds=float(sys.argv[1]))
        return self.at

sys.exit(main(sys.argv[2:], clock=SteppingClock()))
"""
PROMPT = b"[y/N] "


class FixedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def _at_home(home: Path) -> None:
    """Every store of this file lies in a fresh home folder."""


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: the end of the person and that of the program."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


def run(*words: str) -> int:
    return main(words, clock=FixedClock())


def data(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    assert run(*words, "--json") in (0, 10)
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def state(capsys: pytest.CaptureFixture[str], name: str, subject: str = "ann", *words: str) -> str:
    found = data(capsys, "privacy", "show", subject, *words)["consents"]
    assert isinstance(found, list)
    return str(next(row["state"] for row in found if row["name"] == name))


def converse(terminal: tuple[int, int], words: tuple[str, ...], *, ahead: bytes = b"", answer: bytes, step: float = 2) -> tuple[int, str]:
    """Run a command on the terminal: type ahead, wait for the prompt, type the answer. Return the exit code and what it said."""
    person, program = terminal
    os.write(person, ahead)
    command = [sys.executable, "-c", PROGRAM, str(step), *words]
    with subprocess.Popen(command, stdin=program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said = b""
        try:
            assert process.stderr is not None
            while PROMPT not in said and (part := os.read(process.stderr.fileno(), 4096)):
                said += part
            os.write(person, answer)
            out, rest = process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode, (said + rest + out).decode()


SET = ("privacy", "set", "ann", "training", "on")


def test_a_person_who_reads_and_answers_consents(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")

    code, said = converse(terminal, SET, answer=b"y\n")

    assert code == 0, said
    assert "be used to train generative models?" in said
    assert state(capsys, "training") == "on"
    [answer] = next(row["answers"] for row in data(capsys, "privacy", "show", "ann")["consents"] if row["name"] == "training")  # type: ignore[attr-defined]
    assert (answer["by"], answer["default_shown"], len(answer["text_sha256"])) == ("subject", False, 64)


def test_keys_that_were_typed_ahead_never_consent(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")

    code, said = converse(terminal, SET, ahead=b"y\ny\nyes\ny", answer=b"\n")

    assert code == 10, said
    assert "consent/answered-no" in said
    assert state(capsys, "training") == "off"


def test_an_answer_within_a_second_does_not_count(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")

    code, said = converse(terminal, SET, answer=b"y\n", step=0)

    assert code == 10
    assert "consent/too-early" in said
    assert state(capsys, "training") == "none"


def test_an_answer_after_ten_minutes_does_not_count(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")

    code, said = converse(terminal, SET, answer=b"y\n", step=700)

    assert code == 10
    assert "consent/too-late" in said
    assert state(capsys, "training") == "none"


@pytest.mark.parametrize("answer", [b"perhaps\n", b"yy\n", b"\x04"])
def test_what_is_neither_yes_nor_no_changes_nothing(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str], answer: bytes) -> None:
    run("account", "create", "ann", "--tier", "pro")

    code, said = converse(terminal, SET, answer=answer)

    assert code == 10
    assert "consent/not-understood" in said
    assert state(capsys, "training") == "none"


def test_without_a_terminal_there_is_no_yes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run("account", "create", "ann", "--tier", "pro")
    (tmp_path / "answer").write_text("y\ny\n")

    with (tmp_path / "answer").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert run(*SET) == 10

    assert "tenure privacy set" in capsys.readouterr().err
    assert state(capsys, "training") == "none"


def test_a_no_needs_no_terminal(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")
    converse(terminal, SET, answer=b"y\n", step=0.5)

    assert main(["privacy", "set", "ann", "training", "off"], clock=FixedClock()) == 0
    assert state(capsys, "training") == "off"


def test_the_partner_program_is_entered_on_a_terminal_by_an_owner(terminal: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    run("org", "create", "acme", "--owner", "olga", "--tier", "enterprise")
    run("org", "member", "acme", "mia", "member", "--as", "olga")

    refused = converse(terminal, ("org", "program", "acme", "on", "--as", "mia"), answer=b"y\n", step=0.5)
    assert state(capsys, "dpp", "mia", "--org", "acme") == "none"
    entered = converse(terminal, ("org", "program", "acme", "on", "--as", "olga"), answer=b"y\n", step=0.5)

    assert refused[0] == 10
    assert "account/program-by-admin" in refused[1]
    assert entered[0] == 0, entered[1]
    assert state(capsys, "dpp", "olga", "--org", "acme") == "on"
    assert state(capsys, "dpp", "eve", "--org", "acme") == "none"
    assert flags(capsys) == ["dpp"]
    assert run("org", "program", "acme", "off", "--as", "mia") == 10
    assert run("org", "program", "acme", "off", "--as", "olga") == 0
    assert flags(capsys) == []


def flags(capsys: pytest.CaptureFixture[str], org: str = "acme") -> object:
    found = data(capsys, "org", "show", org)["agreements"]
    assert isinstance(found, list)
    return found[0]["flags"]


def test_zero_retention_needs_the_account_team(capsys: pytest.CaptureFixture[str]) -> None:
    run("org", "create", "acme", "--owner", "olga", "--tier", "enterprise")
    run("org", "role", "tess", "account_team")

    refused = data(capsys, "org", "zdr", "acme", "on", "--as", "olga")

    assert (refused["schema"], refused["verdict"], refused["because"]) == ("tenure.org/1", "deny", ["account/zdr-by-account-team"])
    assert flags(capsys) == []
    assert run("org", "zdr", "acme", "on") == 10
    assert run("org", "zdr", "acme", "on", "--as", "tess") == 0
    assert flags(capsys) == ["zdr"]
    run("org", "create", "acme-lab", "--as", "olga", "--tier", "enterprise")
    assert flags(capsys, "acme-lab") == []


def test_accounts_are_made_changed_merged_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for subject in ("ann", "bob"):
        assert run("account", "create", subject, "--tier", "pro") == 0
    assert run("account", "tier", "bob", "--tier", "max") == 0
    assert run("account", "merge", "ann", "bob") == 0

    shown = data(capsys, "account", "show", "ann")

    assert (shown["schema"], shown["merged_into"]) == ("tenure.account/1", "bob")
    assert [found["tier"] for found in shown["agreements"]] == ["max"]  # type: ignore[attr-defined]
    assert [change["event"] for change in shown["changes"]] == ["created", "merged"]  # type: ignore[attr-defined]


def test_leaving_an_organisation(capsys: pytest.CaptureFixture[str]) -> None:
    run("org", "create", "acme", "--owner", "olga", "--tier", "enterprise")
    run("org", "member", "acme", "mia", "member", "--as", "olga")

    assert run("account", "leave", "olga", "acme") == 10
    assert run("account", "leave", "mia", "acme") == 0
    assert data(capsys, "org", "show", "acme")["members"] == [{"subject": "olga", "role": "owner"}]
    assert run("account", "show", "mia") == 0


@pytest.mark.parametrize(
    "words",
    [
        ("account", "create", "ann", "--tier", "platinum"),
        ("account", "create", "", "--tier", "pro"),
        ("account", "tier", "nobody", "--tier", "pro"),
        ("account", "show", "nobody"),
        ("account", "merge", "nobody", "nobody"),
        ("org", "create", "acme", "--tier", "enterprise"),
        ("org", "show", "nowhere"),
        ("org", "zdr", "nowhere", "on", "--as", "tess"),
        ("org", "program", "nowhere", "on"),
        ("privacy", "set", "ann", "everything", "off"),
        ("org", "member", "acme", "mia", "king"),
    ],
)
def test_what_there_is_not_exits_2(words: tuple[str, ...]) -> None:
    run("account", "create", "zoe", "--tier", "pro")

    assert run(*words) == 2


def test_an_account_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    run("account", "create", "ann", "--tier", "pro")

    before = data(capsys, "account", "show", "ann", "--at", "2026-09-20")

    assert before["agreements"][0]["tier"] is None  # type: ignore[index]
    assert run("account", "show", "ann", "--at", "yesterday") == 2


def test_when_the_clock_is_in_doubt_a_no_counts_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    class JumpedClock:
        def now(self) -> datetime:
            return datetime(2028, 1, 1, tzinfo=UTC)

    run("account", "create", "ann", "--tier", "pro")

    assert main(["account", "tier", "ann", "--tier", "max"], clock=JumpedClock()) == 1
    assert main(["privacy", "set", "ann", "training", "off"], clock=JumpedClock()) == 0
    assert state(capsys, "training") == "off"
