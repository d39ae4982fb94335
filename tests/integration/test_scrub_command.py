"""`tenure scrub` as a person uses it."""

import io
import json
import stat
import sys

import pytest

from tenure.cli.main import main
from tenure.testing.finder import planted

KEY = planted(5)["github classic"]
LINE = json.dumps({"uuid": "83161549-6061-494f-8146-c83375fc796c", "cwd": "/home/anna/shop", "content": f"use {KEY}"}) + "\n"
CLEAN = LINE.replace(KEY, "[redacted:github-token-1]").replace("anna", "user-1")


@pytest.fixture
def transcript(tmp_path):
    file = tmp_path / "session.jsonl"
    file.write_text(LINE)
    return file


@pytest.fixture
def tenure(home, capsys):
    def run(*argv, stdin=None):
        before = sys.stdin
        if stdin is not None:
            sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        try:
            code = main(["scrub", "--scanner", "built-in", *map(str, argv)])
        finally:
            sys.stdin = before
        return code, *capsys.readouterr()

    return run


def test_file_comes_out_without_its_secrets_and_stays_itself(tenure, transcript) -> None:
    code, out, err = tenure(transcript)

    assert (code, out) == (0, CLEAN)
    assert "github-token" in err
    assert transcript.read_text() == LINE


def test_standard_input_is_read_where_no_file_is_named(tenure) -> None:
    assert tenure(stdin=LINE.encode())[:2] == (0, CLEAN)


def test_bytes_that_are_no_text_pass_unchanged(tenure, tmp_path) -> None:
    tenure("-o", tmp_path / "out", stdin=b"\xff\x00\r\n\x80")

    assert (tmp_path / "out").read_bytes() == b"\xff\x00\r\n\x80"


def test_output_is_readable_for_the_person_alone(tenure, transcript, tmp_path) -> None:
    code, out, _ = tenure(transcript, "-o", tmp_path / "out.jsonl")

    assert (code, out) == (0, "")
    assert (tmp_path / "out.jsonl").read_text() == CLEAN
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_report_names_rules_and_lines_in_place_of_the_transcript(tenure, transcript) -> None:
    code, out, err = tenure(transcript, "--report")

    assert (code, err) == (0, "")
    assert out.split("\n")[:3] == [" rule          places  lines", " github-token  1       1", " home          1       1"]


def test_json_report_has_a_schema_and_no_value(tenure, transcript) -> None:
    code, out, err = tenure(transcript, "--json")

    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "schema": "tenure.scrub/1",
        "scanners": ["built-in"],
        "counts": {"github-token": 1, "home": 1},
        "replaced": [{"line": 1, "rule": "github-token", "count": 1}, {"line": 1, "rule": "home", "count": 1}],
        "signed": [],
    }


@pytest.mark.parametrize("options", [[], ["--report"], ["--json"]])
def test_no_value_is_ever_printed(tenure, transcript, options) -> None:
    _, out, err = tenure(transcript, *options)

    assert KEY not in out + err
    assert "anna" not in out + err


def test_nothing_found_is_not_called_clean(tenure, tmp_path) -> None:
    assert "does not show that nothing is there" in tenure(stdin=b"plain\n")[2]


def test_output_that_cannot_be_written_is_refused_and_leaves_nothing(tenure, transcript, tmp_path) -> None:
    code, out, err = tenure(transcript, "-o", tmp_path / "none" / "out")

    assert (code, out) == (1, "")
    assert "a place that can be written" in err
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["session.jsonl"]


def test_kingfisher_compiles_its_rules_into_tenures_own_folder(home, transcript, capsys) -> None:
    before = {path for path in home.rglob("*") if path.is_file()}

    assert main(["scrub", "--scanner", "kingfisher", str(transcript)]) == 0

    made = {path for path in home.rglob("*") if path.is_file()} - before
    assert capsys.readouterr().out == CLEAN
    assert made
    assert all(path.relative_to(home).parts[-3:-1] == ("tenure", "scan-rules") for path in made), made
    assert {stat.S_IMODE(path.parent.parent.stat().st_mode) for path in made} == {0o700}
