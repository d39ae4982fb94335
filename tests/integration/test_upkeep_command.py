"""`tenure vault backup | restore | doctor | rotate` as a person uses them."""

import contextlib
import io
import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenure import wiring
from tenure.cli.main import main
from tenure.demo.stage import VirtualClock
from tenure.records.facts import NAMING, OF_A_PERSON, SALT

DAY0 = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CANARY = "canary-4be1"
CASE = {
    "agent": "claude_code",
    "kind": "prompt",
    "tier": "pro",
    "provider": "first_party",
    "surface": "cli",
    "flags": [],
    "consents": [{"name": "training", "value": False, "at": "2026-08-20T00:00:00Z", "by": "subject"}],
    "client_version": "2.1.198",
    "env": {},
    "settings": {},
    "safety_flagged": False,
}


@pytest.fixture
def tenure(home, capsys, monkeypatch):
    def run(*argv, at=DAY0, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        code = main([str(part) for part in argv], clock=VirtualClock(at))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def put(tenure, tmp_path):
    def run(content, subject, at=DAY0):
        case = tmp_path / "case.json"
        case.write_text(json.dumps({**CASE, "subject": subject, "session": {"id": f"s-{subject}"}}))
        code, out, err = tenure("vault", "put", "--case", case, at=at, stdin=content)
        assert code == 0, out + err
        return json.loads(out)["record"]

    return run


@pytest.fixture
def places(tmp_path):
    (tmp_path / "words").write_text("a long passphrase\n")
    return {
        "sources": ["--data", tmp_path / "a", "--keys", tmp_path / "b", "--epochs", tmp_path / "c"],
        "root": ["--root", tmp_path / "d" / "root", "--root-passphrase-file", tmp_path / "words"],
    }


@pytest.fixture
def store(home) -> Path:
    return home / ".local" / "share" / "tenure" / "store"


def back_up(tenure, places, at=DAY0):
    code, out, err = tenure("vault", "backup", *places["sources"], *places["root"], "--json", at=at)
    assert code == 0, err
    return json.loads(out)


def test_a_lost_store_comes_back_without_what_was_erased_since(tenure, put, places, store, tmp_path):
    gone, kept = put(CANARY, "ann"), put("other", "bob")
    assert [each["what"] for each in back_up(tenure, places)["backups"]] == ["data", "keys", "root"]
    assert tenure("vault", "erase", "ann", "--apply", at=DAY0 + HOUR)[0] == 0
    assert tenure("ledger", "checkpoint", "--publish", tmp_path / "log", at=DAY0 + HOUR)[0] == 0
    shutil.rmtree(store)

    restore = ["vault", "restore", *places["sources"], *places["root"]]
    code, _, err = tenure(*restore, at=DAY0 + 2 * HOUR)
    assert code == 1
    assert "--ledger DIR" in err
    code, out, err = tenure(*restore, "--ledger", tmp_path / "log", at=DAY0 + 2 * HOUR)
    assert code == 0
    assert "would destroy 1 keys" in out
    assert not store.exists()
    code, out, _ = tenure(*restore, "--ledger", tmp_path / "log", "--apply", "--json", at=DAY0 + 2 * HOUR)
    done = json.loads(out)
    assert (code, done["schema"], done["applied"], done["destroyed"], done["opens"]["records"]) == (0, "tenure.restore/1", True, 1, 1)

    assert CANARY not in tenure("vault", "why", gone, at=DAY0 + 2 * HOUR)[1]
    code, out, _ = tenure("vault", "status", "--json", at=DAY0 + 2 * HOUR)
    assert json.loads(out)["held"]["records"] == 1
    assert tenure("ledger", "verify", at=DAY0 + 2 * HOUR)[0] == 0
    assert tenure("vault", "doctor", at=DAY0 + 2 * HOUR)[0] == 0
    assert tenure("vault", "why", kept, at=DAY0 + 2 * HOUR)[0] == 0


def test_places_must_lie_apart(tenure, put, places, store, tmp_path):
    put(CANARY, "ann")
    for argv in (
        ["--data", tmp_path / "a", "--keys", tmp_path / "a" / "keys", "--epochs", tmp_path / "c"],
        ["--data", store / "backup"],
        ["--keys", tmp_path / "b", "--epochs", tmp_path / "b"],
        ["--data", store.parent],
    ):
        code, _, err = tenure("vault", "backup", *argv)
        assert code == 1
        assert "apart from" in err
    back_up(tenure, places)
    code, _, err = tenure("vault", "backup", "--data", tmp_path / "b")
    assert (code, "apart from keys" in err) == (1, True)


def test_keys_need_their_epochs(tenure, put, tmp_path):
    put(CANARY, "ann")
    assert tenure("vault", "backup", "--keys", tmp_path / "b")[0] == 2
    assert tenure("vault", "backup")[0] == 2
    assert tenure("vault", "backup", "--root", tmp_path / "root")[0] == 2


def test_no_command_makes_a_store_where_none_is(tenure, places, store):
    for argv in (["backup", *places["sources"]], ["doctor"], ["rotate"]):
        code, _, err = tenure("vault", *argv)
        assert (code, "expected a store" in err) == (1, True)
    assert not store.exists()


def test_rotation_seals_the_root_key_where_a_passphrase_is_given(tenure, put, tmp_path, store):
    put(CANARY, "ann")
    (tmp_path / "words").write_text("one\n")
    before = json.loads((store / "root.key").read_text())["key"]
    code, out, _ = tenure("vault", "rotate", "--passphrase-file", tmp_path / "words", "--json")
    assert (code, json.loads(out)["sealed"]) == (0, True)
    assert before.encode() not in b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert tenure("vault", "status")[0] == 1
    assert tenure("vault", "status", "--passphrase-file", tmp_path / "words")[0] == 0
    assert tenure("vault", "doctor")[0] == 1


def test_the_doctor_answers_by_exit_code(tenure, put, places, store):
    put(CANARY, "ann")
    back_up(tenure, places)
    assert tenure("vault", "doctor")[0] == 0
    code, out, _ = tenure("vault", "doctor", at=DAY0 + 13 * HOUR)
    assert (code, "backup/old" in out) == (0, True)
    code, out, _ = tenure("vault", "doctor", "--json", at=DAY0 + 25 * HOUR)
    found = json.loads(out)
    assert (code, found["schema"], found["ok"], found["epochs_destroyed"]) == (10, "tenure.doctor/1", False, 1)
    (store / "catalogue.db").unlink()
    code, _, err = tenure("vault", "status")
    assert (code, "doctor --repair" in err) == (1, True)
    back_up_later = tenure("vault", "doctor", "--repair", at=DAY0 + HOUR)
    assert "made anew from the segments" in back_up_later[1]
    assert tenure("vault", "status")[0] == 0


def test_every_start_destroys_the_epochs_that_are_over(tenure, put, places, tmp_path):
    put(CANARY, "ann")
    back_up(tenure, places)
    assert len(list((tmp_path / "c").iterdir())) == 1
    tenure("vault", "status", at=DAY0 + 24 * HOUR)
    assert list((tmp_path / "c").iterdir()) == []
    code, _, err = tenure("vault", "restore", *places["sources"], *places["root"], "--store", tmp_path / "again", at=DAY0)
    assert (code, "epoch key still lives" in err) == (1, True)


def test_a_sealed_store_is_restored_sealed(tenure, put, places, store, tmp_path):
    put(CANARY, "ann")
    words = ["--passphrase-file", tmp_path / "words"]
    assert tenure("vault", "rotate", *words)[0] == 0
    assert tenure("vault", "backup", *places["sources"], *places["root"], *words)[0] == 0
    assert tenure("vault", "restore", *places["sources"], *places["root"], "--store", tmp_path / "again", "--apply")[0] == 0
    assert '"key"' not in (tmp_path / "again" / "root.key").read_text()


def test_open_modes_are_shut(tenure, put, store):
    put(CANARY, "ann")
    (store / "keys.db").chmod(0o644)
    assert "vault/modes" in tenure("vault", "doctor")[1]
    tenure("vault", "doctor", "--repair")
    assert (store / "keys.db").stat().st_mode & 0o077 == 0


def test_no_output_holds_content(tenure, put, places, store):
    put(CANARY, "ann-canary")
    talk = ""
    for argv in (["backup", *places["sources"], *places["root"]], ["doctor"], ["rotate"], ["doctor", "--repair", "--json"]):
        _, out, err = tenure("vault", *argv)
        talk += out + err
    assert "canary" not in talk
    assert json.loads((store / "root.key").read_text())["key"] not in talk


def test_a_person_who_was_erased_since_does_not_come_back(tenure, put, places, store, tmp_path):
    create = ["account", "create", "--agent", "claude_code", "--tier", "pro", "--provider", "first_party"]
    assert tenure(*create, "canary-eve")[0] == 0  # of whom nothing is held
    put(CANARY, "canary-ann")
    put("other", "bob")
    assert tenure("vault", "hold", "case-1", "--kind", "legal", "--subject", "canary-ann")[0] == 0
    back_up(tenure, places)
    for name in ("canary-eve", "canary-ann"):
        code, out, err = tenure("vault", "erase", name, "--apply", at=DAY0 + HOUR)
        assert code == 0, out + err
    log = tmp_path / "log"
    assert tenure("ledger", "checkpoint", "--publish", log, at=DAY0 + HOUR)[0] == 0
    shutil.rmtree(store)
    code, _, err = tenure("vault", "restore", *places["sources"], *places["root"], "--ledger", log, "--apply", at=DAY0 + 2 * HOUR)
    assert code == 0, err
    with contextlib.closing(wiring.open_store(str(store), DAY0 + 2 * HOUR)) as opened:
        notes = [note for topic in (*OF_A_PERSON, *NAMING, SALT) for note in opened.journal.notes(topic)]
    assert [note for note in notes if "canary" in note.key or b"canary" in note.body] == []
    assert {note.key for note in notes} >= {"bob", "subject:bob"}


def test_a_drill_beside_the_store_says_that_it_is_a_copy(tenure, put, places, store, tmp_path):
    put(CANARY, "ann")
    back_up(tenure, places)
    drill = ["vault", "restore", *places["sources"], *places["root"], "--ledger", store / "tiles", "--store", tmp_path / "drill"]
    assert tenure("vault", "status")[0] == 0
    code, out, err = tenure(*drill)
    assert (code, "a copy of the store" in out, str(store) in out) == (0, True, True), err
    assert "stays in the other" in out
    code, out, _ = tenure(*drill, "--takes-over")
    assert (code, "ends with this" in out) == (0, True)
    code, out, _ = tenure(*drill, "--apply", "--json")
    done = json.loads(out)
    assert (code, done["other"], done["store"] == done["restored_as"]) == (0, str(store), False)
    for place in ([], ["--store", tmp_path / "drill"]):
        for command in (["vault", "status"], ["ledger", "verify"], ["vault", "doctor"]):
            code, out, err = tenure(*command, *place)
            assert code == 0, out + err
    assert tenure("vault", "restore", *places["sources"], *places["root"], "--store", tmp_path / "other", "--takes-over", "--apply")[0] == 0
    assert tenure("vault", "status", "--store", tmp_path / "other")[0] == 0
    code, _, err = tenure("vault", "status")
    assert (code, "older copy" in err) == (1, True)


def test_uninstall_removes_what_was_seen_of_a_store_that_is_gone(tenure, put, store, home):
    put(CANARY, "ann")
    anchors = home / ".local" / "state" / "tenure" / "anchors"
    assert len(list(anchors.iterdir())) == 2
    tenure("uninstall", "--apply")
    assert len(list(anchors.iterdir())) == 2
    shutil.rmtree(store)
    assert "anchors" in tenure("uninstall")[1]
    assert tenure("uninstall", "--apply")[0] == 0
    assert not anchors.parent.exists()
