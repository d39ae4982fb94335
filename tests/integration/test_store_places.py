"""Where a store lies: behind links, on a medium that cannot be written, at a mistyped path, and beside anchors that cannot be kept."""

import json

import pytest
from tests.integration.test_vault_command import Desk

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
