"""A bit that turned around anywhere in a store: each command works right or says what is damaged and what to do, and nothing else is lost.

Gate 3 of issue 3. Every byte is tried in the long run; here some of each file.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from tests.integration.test_vault_command import CANARIES, Desk

from tenure.cli.exits import Exit

FIRST, SECOND = b"canary-content: the first", b"canary-content: the second"
READ = {"get": FIRST, "get too": SECOND}


@pytest.fixture
def desk(home, capfdbinary, tmp_path) -> Desk:
    return Desk(home, capfdbinary, tmp_path)


@pytest.fixture
def actions(desk) -> dict[str, tuple[str, ...]]:
    """Make a small store, and say what is done with it."""
    records = []
    for number, content in enumerate((FIRST, SECOND)):
        (desk.work / "content").write_bytes(content)
        records.append(desk.held(session={"id": f"canary-session-{number}", "started_at": "2026-02-01T09:00:00Z"}))
    desk.job("serve")
    desk.json("vault", "hold", "canary-session-hold", "--subject", "canary-subject", "--kind", "legal")
    return {
        "get": ("vault", "get", records[0], "--job", "server"),
        "get too": ("vault", "get", records[1], "--job", "server"),
        "status": ("vault", "status"),
        "why": ("vault", "why", records[0]),
        "show": ("account", "show", "canary-subject"),
        "verify": ("ledger", "verify"),
        "doctor": ("vault", "doctor"),
        "expire": ("vault", "expire"),
        "put": ("vault", "put", "--case", str(desk.work / "case.json"), "--content", str(desk.work / "content")),
    }


def test_sound_store_does_all_of_it(desk, actions) -> None:
    outcomes = {name: desk.run(*argv) for name, argv in actions.items()}
    assert {name: code for name, (code, _, _) in outcomes.items()} == dict.fromkeys(actions, Exit.YES), outcomes
    assert {name: outcomes[name][1] for name in READ} == READ


def test_flip_of_some_bits_of_each_file_is_told_and_costs_nothing_else(desk, actions) -> None:
    chance = Random(7)  # noqa: S311 - places, not keys
    for name, size in _files(desk.store):
        for place in sorted({0, size - 1, *(chance.randrange(size) for _ in range(4))}):
            _try(desk, actions, name, place, chance.randrange(8))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(16))
def test_flip_of_each_byte_is_told_and_costs_nothing_else(desk, actions, part: int) -> None:
    for name, size in _files(desk.store):
        content = (desk.store / name).read_bytes()
        for place in range(part, size, 16):
            if any(content[max(0, place - 16) : place + 16]) or place % 512 == part:  # of the room that nothing stands in, some
                _try(desk, actions, name, place, (place // 16) % 8)


def _files(store: Path) -> list[tuple[str, int]]:
    """Return names and sizes. The lock is empty, and tiles are made from keys.db."""
    names = sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())
    return [(name, (store / name).stat().st_size) for name in names if (store / name).stat().st_size]


def _try(desk: Desk, actions: dict[str, tuple[str, ...]], name: str, place: int, bit: int) -> None:
    where = f"{name}, byte {place}, bit {bit}"
    home, whole, flipped = (desk.home / each for each in (".local", "whole", "flipped"))  # with what the machine has seen of the store
    shutil.copytree(home, whole)
    try:
        file = desk.store / name
        before = _rows(file)
        content = bytearray(file.read_bytes())
        content[place] ^= 1 << bit
        file.write_bytes(content)
        is_in_rows = _rows(file) != before
        home.rename(flipped)
        failed = set()
        for action, argv in actions.items():
            shutil.copytree(flipped, home)
            code, out, err = desk.run(*argv)
            _check(desk, f"{where}: {action}", action, code, out, err)
            failed |= {action} if code != Exit.YES else set()
            shutil.rmtree(home)
        if name.startswith("segments/"):
            assert not READ.keys() <= failed, f"{where}: both are lost"
            assert failed <= {*READ, "doctor"}, f"{where}: {failed}"
        if failed & {*READ, "put"} or is_in_rows:
            assert "doctor" in failed, f"{where}: the doctor finds nothing"
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(flipped, ignore_errors=True)
        whole.rename(home)


def _check(desk: Desk, where: str, action: str, code: int, out: bytes, err: str) -> None:
    assert "Traceback" not in err, f"{where}: {err}"
    assert not any(canary in err for canary in CANARIES), f"{where}: {err}"
    if action in READ:
        assert (code, out) in ((Exit.YES, READ[action]), (Exit.COULD_NOT, b"")), f"{where}: {code} {out!r} {err}"
    elif code == Exit.COULD_NOT:
        assert out == b"", where
    else:
        # a fact of an account that is changed may let less be held until the doctor is asked, which has to find it
        assert code == Exit.YES or action in ("verify", "doctor", "put"), f"{where}: {code} {err}"
    if code == Exit.COULD_NOT:
        said = [line for line in err.splitlines() if line]
        assert any(str(desk.store) in line or "segments/" in line for line in said), f"{where}: names no file: {err}"
        assert len(said) > 1, f"{where}: no remedy: {err}"


def _rows(file: Path) -> object:
    """Return what stands in the rows of keys.db; None for other files, and where nobody can read it. The catalogue is made from the segments."""
    if file.name != "keys.db":
        return None
    try:
        with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as database:
            tables = [table for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
            return {table: sorted(map(repr, database.execute(f"SELECT * FROM {json.dumps(table)}"))) for table in tables}  # noqa: S608 - its own names
    except sqlite3.Error:
        return None
