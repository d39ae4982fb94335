import os

import pytest

from tenure.demo.agent.tools import Workspace


def workspace(folder, *, allow=lambda _: True, env=None):
    return Workspace(str(folder), allow, {"PATH": os.environ["PATH"], **(env or {})})


def test_a_file_is_written_and_read(tmp_path):
    work = workspace(tmp_path)

    created, updated = (work.use("Write", {"file_path": "sub/a.txt", "content": content}) for content in ("one", "two"))

    assert (created.detail["type"], created.detail["originalFile"]) == ("create", None)
    assert (updated.detail["type"], updated.detail["originalFile"]) == ("update", "one")
    assert work.use("Read", {"file_path": "sub/a.txt"}).text == "two"


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "link", "sub/../../outside.txt", "a\0b", ""])
def test_nothing_outside_of_the_folder_is_read_or_written(tmp_path, path):
    folder, outside = tmp_path / "work", tmp_path / "outside.txt"
    folder.mkdir()
    outside.write_text("kept")
    (folder / "link").symlink_to(outside)
    work = workspace(folder)

    assert work.use("Read", {"file_path": path}).is_error
    assert work.use("Write", {"file_path": path, "content": "gone"}).is_error
    assert outside.read_text() == "kept"


def test_a_command_runs_in_the_folder_with_its_yes_only(tmp_path):
    asked = []
    used = workspace(tmp_path, allow=lambda command: bool(asked.append(command))).use("Bash", {"command": "touch x"})

    assert (used.is_error, used.decision, used.source, asked) == (True, "reject", "user_reject", ["touch x"])
    assert list(tmp_path.iterdir()) == []

    used = workspace(tmp_path).use("Bash", {"command": "pwd; echo wrong >&2; exit 3"})
    assert used.text == f"{os.path.realpath(tmp_path)}\n\nwrong\n"
    assert (used.is_error, used.decision, used.source) == (True, "accept", "user_temporary")


def test_a_command_sees_no_key(tmp_path):
    work = workspace(tmp_path, env={"ANTHROPIC_API_KEY": "made-up-key", "TENURE_ARM": "b"})

    said = work.use("Bash", {"command": "env"}).text

    assert "made-up-key" not in said
    assert "TENURE_ARM=b" in said


@pytest.mark.parametrize(
    ("name", "given"), [("Delete", {}), ("Read", {}), ("Read", {"file_path": 1}), ("Write", {"file_path": "a"}), ("Bash", {"command": None})]
)
def test_what_is_no_tool_or_no_input_is_an_error_for_the_model(tmp_path, name, given):
    assert workspace(tmp_path).use(name, given).is_error
