"""Where a store lies: behind links, on a medium that cannot be written, at a mistyped path, and beside anchors that cannot be kept."""

import json
import os
import threading

import pytest
from tests.integration.test_vault_command import AT, CONTENT, Desk

from tenure import wiring
from tenure.errors import VaultError
from tenure.vault.database import Database
from tenure.vault.disk import Folder


@pytest.fixture
def desk(home, capfdbinary, tmp_path) -> Desk:
    return Desk(home, capfdbinary, tmp_path)


class TestLinks:
    def test_link_in_the_path_of_a_store_is_followed(self, desk, tmp_path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        record = json.loads(desk.put(None, "--store", tmp_path / "link" / "store")[1])["record"]
        assert (tmp_path / "real" / "store" / "keys.db").exists()
        assert desk.json("vault", "why", record, "--store", tmp_path / "real" / "store")["can_open"]

    def test_home_that_is_a_link_is_followed(self, desk, tmp_path, monkeypatch) -> None:
        record = desk.held()
        (tmp_path / "link").symlink_to(desk.home)
        monkeypatch.setenv("HOME", str(tmp_path / "link"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "link" / ".local" / "share"))
        assert desk.json("vault", "why", record)["can_open"]
        assert desk.run("vault", "doctor")[0] == 0

    def test_link_below_the_vault_itself_is_followed(self, tmp_path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        Database(Folder(str(tmp_path / "link")), "some.db").close()
        assert (tmp_path / "real" / "some.db").exists()

    def test_whatever_sqlite_says_names_the_file(self, tmp_path) -> None:
        database = Database(Folder(str(tmp_path)), "some.db")
        with pytest.raises(VaultError, match=r"some\.db") as caught:
            database.run("SELECT * FROM nothing")
        database.close()
        assert (caught.value.code, bool(caught.value.remedy)) == ("vault/unusable", True)


def everything(folder) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in [folder, *folder.rglob("*")]}


LOOKING = (
    *(["vault", "get", "0" * 32 + ".0.0", "--job", "job"], ["vault", "why", "0" * 32 + ".0.0"], ["vault", "export", "anna", "-o", "out"]),
    *(
        ["vault", "expire", "--apply"],
        ["vault", "erase", "anna", "--apply"],
        ["vault", "hold", "a", "--kind", "legal", "--subject", "anna"],
        ["vault", "release", "a"],
    ),
    *(["vault", "doctor"], ["vault", "rotate"], ["job", "list"], ["keys", "list"], ["org", "show", "acme"], ["account", "show", "anna"]),
    *(["privacy", "show", "anna"], ["ledger", "verify"], ["ledger", "checkpoint"]),
)


class TestLookingMakesNothing:
    @pytest.mark.parametrize("argv", [["vault", "status"], *LOOKING], ids=" ".join)
    def test_mistyped_store_is_said_and_not_made(self, desk, tmp_path, monkeypatch, argv) -> None:
        monkeypatch.chdir(desk.work)
        code, _, err = desk.run(*argv, "--store", tmp_path / "mistyped")
        assert (code, "expected a store, found none" in err) == (1, True), err
        assert not (tmp_path / "mistyped").exists()

    @pytest.mark.parametrize("argv", LOOKING, ids=" ".join)
    def test_without_a_store_nothing_is_made_at_the_default_place(self, desk, monkeypatch, argv) -> None:
        monkeypatch.chdir(desk.work)
        assert desk.run(*argv)[0] == 1
        assert not desk.store.exists()

    def test_status_without_a_store_says_that_nothing_is_held(self, desk) -> None:
        assert desk.json("vault", "status")["held"]["records"] == 0
        assert b"Nothing is held" in desk.run("vault", "status")[1]
        assert not desk.store.exists()

    @pytest.mark.parametrize("name", ["thesis.txt", ".tenure-new-abcdefgh.txt", "sub/notes", "catalogue.db", "keys.db"])
    def test_folder_of_others_is_refused_and_left_alone(self, desk, tmp_path, name) -> None:
        folder = tmp_path / "mine"
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"my own")
        (folder / ".new-draft").write_bytes(b"mine too")
        before = everything(folder)
        for argv in (
            ["vault", "status"],
            ["job", "list"],
            ["job", "register", "j", "--code", desk.work / "code.py", "--sink", "x", "--purpose", "serve"],
        ):
            code, _, err = desk.run(*argv, "--store", folder)
            assert (code, str(folder) in err, "\n  " in err) == (1, True, True), err
        code, _, err = desk.put(None, "--store", folder)
        assert code == 1
        assert everything(folder) == before

    def test_folder_in_which_the_making_of_a_store_was_interrupted_is_taken(self, desk, tmp_path) -> None:
        folder = tmp_path / "store"
        folder.mkdir()
        (folder / "lock").touch()
        (folder / ".tenure-new-abcdefgh").write_bytes(b"half a root key")
        assert desk.put(None, "--store", folder)[0] == 0
        assert b"half a root key" not in desk.raw(folder)

    def test_empty_folder_is_made_a_store_by_what_takes_something_in(self, desk, tmp_path) -> None:
        (tmp_path / "empty").mkdir()
        assert desk.put(None, "--store", tmp_path / "empty")[0] == 0


class TestReadOnlyMedium:
    @pytest.fixture
    def record(self, desk, monkeypatch) -> str:
        record = desk.held()
        desk.job("serve")
        access = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: False if mode == os.W_OK and str(path) == str(desk.store) else access(path, mode))
        return record

    def test_it_can_be_looked_at_and_verified_and_nothing_is_written(self, desk, record, tmp_path) -> None:
        before = everything(desk.store)
        for argv in (
            ["vault", "status"],
            ["vault", "why", record],
            ["ledger", "verify"],
            ["ledger", "checkpoint"],
            ["vault", "doctor"],
            ["job", "list"],
        ):
            code, _, err = desk.run(*argv)
            assert code == 0, (argv, err)
            assert "doctor" in argv or "cannot be written: it is looked at as it is" in err
        assert desk.run("ledger", "export", tmp_path / "exported")[0] == 0
        assert everything(desk.store) == before

    def test_what_is_due_stays_until_it_can_be_written(self, desk, record) -> None:
        desk.clock.move_to(AT.replace(month=3, day=20))
        before = everything(desk.store)
        assert desk.json("vault", "status")["held"]["records"] == 0
        assert everything(desk.store) == before

    def test_what_would_write_is_refused_with_the_remedy(self, desk, record) -> None:
        before = everything(desk.store)
        for argv in (["vault", "get", record, "--job", "server"], ["vault", "erase", "canary-subject", "--apply"], ["vault", "expire", "--apply"]):
            code, out, err = desk.run(*argv)
            assert (code, "copy the store to where it can be written" in err) == (1, True), err
            assert CONTENT not in out
        assert desk.put()[0] == 1
        assert everything(desk.store) == before

    def test_changes_that_only_the_log_has_are_not_left_unseen(self, desk, record) -> None:
        (desk.store / "keys.db-wal").write_bytes(b"changes")
        code, _, err = desk.run("vault", "status")
        assert (code, "keys.db-wal" in err) == (1, True)


class TestAnchorThatCannotBeKept:
    @pytest.fixture
    def full(self, desk, monkeypatch):
        """A state home in which nothing can be written: a file stands in its place."""
        (desk.work / "full").write_bytes(b"")
        monkeypatch.setenv("XDG_STATE_HOME", str(desk.work / "full"))

    def test_answer_comes_with_a_warning(self, desk, full) -> None:
        code, out, err = desk.put()
        record = json.loads(out)["record"]
        assert (code, err.startswith("tenure: warning: ")) == (0, True)
        assert str(desk.work / "full") in err
        desk.job("serve")
        code, out, _ = desk.run("vault", "get", record, "--job", "server")
        assert (code, out) == (0, CONTENT)
        assert desk.json("vault", "erase", "canary-subject", "--apply")["receipt"] is not None

    def test_store_is_settled_all_the_same(self, desk, full) -> None:
        desk.held()
        store = wiring.open_store(str(desk.store), AT)
        assert store.frames.is_settled
        store.close()

    def test_doctor_says_so(self, desk, full) -> None:
        desk.held()
        found = desk.json("vault", "doctor")["findings"]
        assert [each["level"] for each in found if each["code"] == "ledger/anchor-behind"] == ["warning"]

    def test_anchor_that_is_kept_is_no_finding(self, desk) -> None:
        desk.held()
        assert "ledger/anchor-behind" not in {each["code"] for each in desk.json("vault", "doctor")["findings"]}


class TestTwoAtOnce:
    def test_second_writer_waits_for_the_first(self, desk) -> None:
        record = desk.held()
        store = wiring.open_store(str(desk.store), AT)
        threading.Timer(0.2, store.close).start()
        assert desk.json("vault", "why", record)["can_open"]


class TestChangedRow:
    @pytest.mark.parametrize("change", ["subject = 'eve'", "kind = 'code'", "session = NULL", "expires = expires + 25920000000000", "records = 2"])
    def test_verify_and_doctor_name_it_and_nothing_opens(self, desk, change) -> None:
        record = desk.held()
        desk.job("serve")
        store = wiring.open_store(str(desk.store), AT)
        seal = store._keys_db.value("SELECT seal FROM buckets")
        store._keys_db.run(f"UPDATE buckets SET {change}")  # noqa: S608 - literals only
        store._keys_db.run("UPDATE buckets SET seal = ?", (seal,))
        store.close()
        assert any("keys.db: buckets: " in problem for problem in desk.json("ledger", "verify", code=10)["problems"])
        found = desk.json("vault", "doctor", code=10)["findings"]
        assert "integrity/row" in {each["code"] for each in found}
        code, out, err = desk.run("vault", "get", record, "--job", "server")
        assert code in (1, 10), err
        assert CONTENT not in out
