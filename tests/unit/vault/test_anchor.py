"""The newest checkpoint that a machine has seen of a store: where it lies is said when it is damaged, and it goes with its store."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY0, Place, put

from tenure.errors import Error, IntegrityError
from tenure.vault.anchor import FolderAnchor
from tenure.vault.backups.restore import Sources, restore
from tenure.vault.disk import Folder
from tenure.vault.examination.visit import doctor
from tenure.vault.store import SqliteStore


def kept(tmp_path: Path) -> tuple[Place, FolderAnchor, Path]:
    place, anchor = Place(tmp_path), FolderAnchor(Folder(str(tmp_path / "anchors")), lambda folder: Path(folder, "keys.db").exists())
    with closing(SqliteStore(place.disk("store"), at=DAY0, anchor=anchor)) as store:
        put(store, b"x")
        place.back_up(store, DAY0)
        path = Path(anchor.path(store.id))
    return place, anchor, path


@pytest.mark.parametrize("damage", ["flip", "empty", "text"])
def test_a_damaged_anchor_is_named_with_its_remedy(tmp_path: Path, damage: str) -> None:
    place, anchor, path = kept(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes({"flip": bytes(content), "empty": b"", "text": "älter".encode("latin-1")}[damage])
    with pytest.raises(IntegrityError) as error:
        SqliteStore(place.disk("store"), at=DAY0, anchor=anchor)
    assert (error.value.code, str(path) in error.value.message, "remove that file" in error.value.remedy) == ("ledger/anchor", True, True)

    found = doctor(place.disk("store"), DAY0, None, anchor, {}, lambda _: None)
    assert [(finding.where, "remove that file" in finding.remedy) for finding in found.findings if finding.code == "ledger/anchor"] == [
        (str(path), True)
    ]

    with closing(SqliteStore(place.disk("store"), at=DAY0)) as store:
        root = store._root
    with pytest.raises(Error) as error:
        restore(
            place.disk("again"),
            Sources(place.disk("data"), place.disk("keys"), place.disk("epochs"), root, None, anchor),
            DAY0,
            None,
            bytes,
            is_applied=False,
        )
    assert str(path) in error.value.message

    path.unlink()
    SqliteStore(place.disk("store"), at=DAY0, anchor=anchor).close()


def test_an_anchor_whose_store_is_gone_is_a_stray(tmp_path: Path) -> None:
    place, anchor, path = kept(tmp_path)
    assert anchor.strays() == {}
    (place.folder / "keys.db").unlink()
    assert anchor.strays() == {path.stem: [str(path), str(path.with_suffix(".place"))]}
    anchor.forget(path.stem)
    assert list((tmp_path / "anchors").iterdir()) == []
