"""`tenure ledger` as a person uses it."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from tests.integration.ledgers import AT, erase, fill, hold, opened, put

from tenure import wiring
from tenure.cli.main import main
from tenure.demo.stage import VirtualClock
from tenure.ledger.checkpoint import open_checkpoint
from tenure.ledger.tree import EMPTY
from tenure.records.note import parse_verifier_key

CLOCK = VirtualClock(AT + timedelta(hours=1))
LATER = VirtualClock(AT + timedelta(days=25))


@pytest.fixture
def tenure(home, capsys):
    def run(*argv, clock=CLOCK):
        code = main([str(part) for part in argv], clock=clock)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def keys(folder):
    """A store of 303 entries, with a living and an erased key."""
    with opened(folder) as store:
        fill(store, 300)
        living, erased = put(store, "canary-session", days=20), put(store, "canary-other")
        erase(store, erased)
    return living, erased


def verified(tenure, folder):
    code, out, err = tenure("ledger", "verify", "--store", folder, "--json")
    assert err == ""
    return code, json.loads(out)


def files(folder):
    return {str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def checked(program, *argv):
    """Run the independent verifier, which is exported with the log."""
    done = subprocess.run([sys.executable, str(program), *map(str, argv), "--json"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_fresh_store_has_a_ledger_that_holds(tenure):
    wiring.open_store(wiring.store_folder(), AT, may_make=True).close()
    code, out, _ = tenure("ledger", "verify", "--json")
    assert (code, json.loads(out)) == (0, {"schema": "tenure.ledger/1", "ok": True, "size": 0, "root": EMPTY.hex(), "problems": []})


def test_a_ledger_that_holds_exits_zero(tenure, folder, keys):
    code, plain = verified(tenure, folder)
    assert (code, plain["ok"], plain["size"], plain["problems"]) == (0, True, 303, [])
    code, out, _ = tenure("ledger", "verify", "--store", folder)
    assert (code, out.splitlines()[-1]) == (0, "the ledger holds")
    assert f"303 entries, root {plain['root']}" in out


def test_verifying_changes_nothing_though_something_is_due(tenure, folder, keys):
    before = (folder / "keys.db").read_bytes()
    assert tenure("ledger", "verify", "--store", folder, clock=LATER)[0] == 0
    assert (folder / "keys.db").read_bytes() == before


def test_a_changed_entry_exits_ten_and_says_where(tenure, folder, keys):
    damage(folder, b'"what":"test 40"', b'"what":"test 41"')
    code, plain = verified(tenure, folder)
    assert (code, plain["ok"], plain["size"]) == (10, False, 303)
    assert plain["problems"][0] == "tile 0/0: expected the hashes of what is below it, found others"
    code, out, _ = tenure("ledger", "verify", "--store", folder)
    assert (code, out.splitlines()[-1]) == (10, "the ledger does not hold")


def test_a_log_that_is_cut_off_exits_ten_and_has_no_root(tenure, folder, keys):
    with opened(folder) as store:
        store._keys_db.run("DELETE FROM entries WHERE number > 299")
    code, plain = verified(tenure, folder)
    assert (code, plain["ok"], plain["size"], plain["root"]) == (10, False, None, None)
    assert str(folder / "keys.db") in plain["problems"][0]


def test_an_older_copy_of_the_store_exits_ten(tenure, folder, keys, tmp_path):
    shutil.copytree(folder, tmp_path / "older")
    assert tenure("ledger", "prove", keys[0].hex(), "--store", folder, "-o", tmp_path / "proof", clock=LATER)[0] == 0
    code, plain = verified(tenure, tmp_path / "older")
    assert (code, plain["ok"], plain["root"]) == (10, False, None)
    assert "as last seen here" in plain["problems"][0]


@pytest.mark.parametrize("content", [b"", b"not a database, though it is long enough to be one" * 100])
def test_a_store_that_cannot_be_read_exits_one_with_file_and_remedy(tenure, folder, keys, content):
    (folder / "keys.db").write_bytes(content)
    code, out, err = tenure("ledger", "verify", "--store", folder, "--json")
    assert (code, out) == (1, "")
    assert str(folder / "keys.db") in err
    assert len(err.splitlines()) == 2


def test_a_missing_root_key_exits_one_with_file_and_remedy(tenure, folder, keys):
    (folder / "root.key").unlink()
    code, _, err = tenure("ledger", "verify", "--store", folder)
    assert code == 1
    assert "root.key" in err
    assert "backup" in err.splitlines()[1]


@pytest.mark.parametrize("command", [["verify"], ["show"], ["checkpoint"], ["export", "out"], ["prove", "00" * 16]])
def test_a_folder_that_is_no_store_is_refused_and_not_made_one(tenure, tmp_path, command):
    code, out, err = tenure("ledger", *command, "--store", tmp_path / "typo")
    assert (code, out) == (1, "")
    assert "expected a store, found none" in err
    assert not (tmp_path / "typo").exists()


def damage(folder, old, new):
    content = (folder / "keys.db").read_bytes()
    place = content.rindex(old)
    (folder / "keys.db").write_bytes(content[:place] + new + content[place + len(old) :])


@pytest.mark.parametrize("sought", [b'"what":"test 7"', b'"what":"test 290"', b'"type":"erased"'])
def test_no_flipped_byte_of_an_entry_holds_or_is_a_fault(tenure, folder, keys, sought):
    content = (folder / "keys.db").read_bytes()
    place = content.rindex(sought)
    for offset in range(-2, len(sought), 3):
        at = place + offset
        (folder / "keys.db").write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        code, out, err = tenure("ledger", "verify", "--store", folder)
        assert code in (1, 10)
        assert "fault of Tenure" not in err
        assert "canary" not in out + err


@pytest.mark.parametrize(("place", "destroyed", "state"), [(0, False, "its key is not destroyed"), (1, True, "its key is destroyed")])
def test_a_proof_is_checked_by_the_independent_verifier(tenure, folder, keys, tmp_path, place, destroyed, state):
    code, out, err = tenure("ledger", "prove", f"{keys[place].hex()}.0.1", "--store", folder)
    proof = json.loads(out)
    assert (code, proof["schema"], proof["key"]) == (0, "tenure.proof/1", keys[place].hex())
    assert err == f"{len(proof['entries'])} entries about it; {state}\n"
    assert "canary" not in out
    assert tenure("ledger", "export", tmp_path / "log", "--store", folder)[0] == 0
    (tmp_path / "proof.json").write_text(out)
    program, key = tmp_path / "log" / "tenure_verify.py", tmp_path / "log" / "verifier-key"
    code, said = checked(program, "proof", tmp_path / "proof.json", "--key-file", key)
    assert code == (0 if destroyed else 10), said


def test_a_proof_goes_into_a_file(tenure, folder, keys, tmp_path):
    path = tmp_path / "new" / "proof.json"
    code, out, _ = tenure("ledger", "prove", keys[1].hex(), "--store", folder, "-o", path)
    assert (code, out) == (0, "")
    assert json.loads(path.read_text())["key"] == keys[1].hex()


def test_proving_destroys_first_what_is_due(tenure, folder, keys):
    code, _, err = tenure("ledger", "prove", keys[0].hex(), "--store", folder, clock=VirtualClock(AT + timedelta(days=19)))
    assert (code, "not destroyed" in err) == (0, True)
    code, _, err = tenure("ledger", "prove", keys[0].hex(), "--store", folder, clock=LATER)
    assert code == 0
    assert "its key is destroyed" in err


def test_what_the_log_says_nothing_about_is_an_error(tenure, folder, keys):
    code, out, err = tenure("ledger", "prove", "00" * 16, "--store", folder)
    assert (code, out) == (2, "")
    assert "expected one that the ledger names, found none" in err
    assert tenure("ledger", "prove", "nonsense", "--store", folder)[0] == 2


def test_a_checkpoint_is_a_signed_note(tenure, folder, keys, tmp_path):
    code, note, _ = tenure("ledger", "checkpoint", "--publish", tmp_path / "log", "--store", folder)
    assert code == 0
    key = parse_verifier_key((tmp_path / "log" / "verifier-key").read_text())
    assert open_checkpoint(note, (key,)).size == 303
    assert (tmp_path / "log" / "checkpoint").read_text() == note
    assert tenure("ledger", "checkpoint", "--store", folder)[1] == note


def test_publishing_again_writes_full_tiles_once(tenure, folder, keys, tmp_path):
    log = tmp_path / "log"
    assert tenure("ledger", "checkpoint", "--publish", log, "--store", folder)[0] == 0
    before = files(log)
    with opened(folder) as store:
        fill(store, 300)
    assert tenure("ledger", "checkpoint", "--publish", log, "--store", folder)[0] == 0
    after = files(log)
    assert {name for name in after if after[name] == before.get(name)} >= {"tile/0/000", "tile/entries/000", "tile/0/001.p/47"}
    assert after["checkpoint"] != before["checkpoint"]
    assert after.keys() - before.keys() == {
        *("tile/0/001", "tile/entries/001", "tile/0/002.p/91", "tile/entries/002.p/91", "tile/1/000.p/2"),
    }
    tenure("ledger", "export", tmp_path / "whole", "--store", folder)
    code, said = checked(tmp_path / "whole" / "tenure_verify.py", "log", log)
    assert code == 0, said


def test_a_fork_is_refused_and_left_as_it_is(tenure, folder, keys, tmp_path):
    shutil.copytree(folder, tmp_path / "older")
    log = tmp_path / "log"
    with opened(folder) as store:
        fill(store, 3)
    assert tenure("ledger", "checkpoint", "--publish", log, "--store", folder)[0] == 0
    before = files(log)
    with opened(tmp_path / "older") as store:
        hold(store, keys[0], "case", "legal")
    for command in (["checkpoint", "--publish", log], ["export", log]):
        code, out, err = tenure("ledger", *command, "--store", tmp_path / "older")
        assert (code, out) == (1, "")
        assert "that begins with the 306 entries that were published" in err
        assert files(log) == before


def test_the_folder_of_another_log_is_refused(tenure, folder, keys, tmp_path):
    with opened(tmp_path / "other") as store:
        fill(store, 1)
    assert tenure("ledger", "export", tmp_path / "log", "--store", tmp_path / "other")[0] == 0
    before = files(tmp_path / "log")
    code, _, err = tenure("ledger", "checkpoint", "--publish", tmp_path / "log", "--store", folder)
    assert code == 1
    assert "expected a signature by tenure/" in err
    assert files(tmp_path / "log") == before


def test_an_export_is_checked_by_its_own_program(tenure, folder, keys, tmp_path):
    code, out, err = tenure("ledger", "export", tmp_path / "log", "--store", folder)
    assert (code, out) == (0, "")
    assert "303 entries" in err
    code, said = checked(tmp_path / "log" / "tenure_verify.py", "log", tmp_path / "log")
    assert code == 0, said
    tile = tmp_path / "log" / "tile" / "entries" / "000"
    tile.write_bytes(tile.read_bytes().replace(b"test 7", b"test 8"))
    assert checked(tmp_path / "log" / "tenure_verify.py", "log", tmp_path / "log")[0] == 10


def test_a_folder_that_cannot_be_written_is_an_error(tenure, folder, keys, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = tenure("ledger", "export", tmp_path / "file" / "log", "--store", folder)
    assert code == 1
    assert "expected a" in err


def test_entries_are_shown_in_words(tenure, folder, keys):
    code, out, _ = tenure("ledger", "show", "--store", folder, "--last", "3")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert [line.split()[:3] for line in lines] == [
        ["300", "2026-11-25T12:00:00Z", "ingested"],
        ["301", "2026-11-25T12:00:00Z", "ingested"],
        ["302", "2026-11-25T12:00:00Z", "erased"],
    ]
    assert lines[0].endswith(f"2 records under key {keys[0].hex()[:8]}\N{HORIZONTAL ELLIPSIS}, until 2026-12-15")
    assert lines[2].endswith("request")
    assert len(tenure("ledger", "show", "--store", folder)[1].splitlines()) == 303


def test_entries_are_shown_as_json(tenure, folder, keys):
    code, out, _ = tenure("ledger", "show", "--store", folder, "--last", "2", "--json")
    plain = json.loads(out)
    assert (code, plain["schema"], plain["size"]) == (0, "tenure.ledger-entries/1", 303)
    assert [(each["index"], each["entry"]["type"]) for each in plain["entries"]] == [(301, "ingested"), (302, "erased")]
    assert "canary" not in out
