"""The independent verifier, judged by logs that are made here, with none of Tenure's own code: what holds, and each lie that it must catch."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.ledger.told import (
    DAY,
    END,
    FILE,
    HOLD,
    NEXT,
    NEXT_DAY,
    T0,
    THEIRS,
    A,
    B,
    C,
    Log,
    Run,
    bundled,
    canonical,
    checkpoint,
    day_of,
    entry,
    export,
    key,
    ledger,
    verifier_key,
    write_tiles,
)


def test_file_is_short_and_knows_nothing_of_tenure() -> None:
    text = FILE.read_text("utf-8")
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in imported if isinstance(node, ast.ImportFrom)}

    assert len(text.splitlines()) <= 200
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"cryptography"}
    assert not any(node.level for node in imported if isinstance(node, ast.ImportFrom))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 12, 255, 256, 257, 600])
def test_good_log_holds(tmp_path: Path, run: Run, size: int) -> None:
    code, said = run("log", export(tmp_path / "log", ledger(size)), "--key", verifier_key())

    assert (code, "problem" in said, f"{size} entries" in said) == (0, False, True)
    assert "no copy of data or key exists elsewhere" in said


def test_log_of_more_than_65536_entries_has_three_levels_of_tiles(tmp_path: Path, run: Run) -> None:
    log = [entry(0, "account", event=str(index), commitment="") for index in range(256 * 256 + 1)]
    assert run("log", export(tmp_path / "log", log))[0] == 0


def test_destroyed_keys_are_counted(tmp_path: Path, run: Run) -> None:
    assert "; 4 of 4 keys destroyed" in run("log", export(tmp_path / "whole", ledger(12)))[1]
    assert "; 3 of 4 keys destroyed" in run("log", export(tmp_path / "held", ledger(11)))[1]
    assert "; 1 of 4 keys destroyed" in run("log", export(tmp_path / "young", ledger(10)))[1]


def test_runs_on_its_own(tmp_path: Path) -> None:
    folder = export(tmp_path / "log", ledger(30))
    done = subprocess.run([sys.executable, "-I", FILE, "log", folder, "--json"], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) | {"shown": "", "not_shown": []} == {
        "schema": "tenure.verify/1",
        "ok": True,
        "shown": "",
        "not_shown": [],
        "problems": [],
    }


def test_missing_cryptography_is_said_loudly_and_is_no_yes(tmp_path: Path) -> None:
    folder = export(tmp_path / "log", ledger(30))
    done = subprocess.run([sys.executable, "-I", "-S", FILE, "log", folder], capture_output=True, check=False, text=True)

    assert done.returncode == 1
    assert "SIGNATURE NOT CHECKED" in done.stdout


def test_key_that_came_with_the_log_is_said_to_be_untrusted(tmp_path: Path, run: Run) -> None:
    folder = export(tmp_path / "log", ledger(3))
    (tmp_path / "key").write_text(verifier_key() + "\n", "utf-8")

    assert "whose key signed" in run("log", folder)[1]
    assert "whose key signed" not in run("log", folder, "--key-file", tmp_path / "key")[1]


# what is done to the files

def test_log_signed_by_another_key_fails_although_that_key_lies_beside_it(tmp_path: Path, run: Run) -> None:
    folder = export(tmp_path / "log", ledger(12), checkpoint(ledger(12), THEIRS))
    (folder / "verifier-key").write_text(verifier_key(THEIRS), "utf-8")

    assert run("log", folder)[0] == 0
    assert run("log", folder, "--key", verifier_key())[0] == 10


def test_empty_key_is_not_taken_for_none(tmp_path: Path, run: Run) -> None:
    assert run("log", export(tmp_path / "log", ledger(12)), "--key", "")[0] == 1


@pytest.mark.parametrize("what", ["wrong", "missing", "other text"])
def test_signature_counts(tmp_path: Path, run: Run, what: str) -> None:
    note = checkpoint(ledger(12))
    text, _, signature = note.rpartition("\n\n")
    notes = {"wrong": checkpoint(ledger(12), THEIRS), "missing": text + "\n\n", "other text": f"{text.replace('log', 'lag')}\n\n{signature}"}
    code, said = run("log", export(tmp_path / "log", ledger(12), notes[what]))

    assert (code, "problem: checkpoint of 12 entries" in said) == (10, True)


def tampered(log: Log) -> dict[str, tuple[Log, str]]:
    changed = log[300].replace(b"2027", b"2026")
    return {
        "changed": ([*log[:300], changed, *log[301:]], "entry 300: tile/0/001 has another hash"),
        "reordered": ([*log[:300], log[301], log[300], *log[302:]], "entry 300: tile/0/001 has another hash"),
        "removed, and one added": ([*log[:300], *log[301:], entry(600, "account")], "entry 300: tile/0/001 has another hash"),
        "removed": ([*log[:-1]], "entry 599: tile/entries/002.p/88 has 87 entries, not 88"),
        "added": ([*log, entry(600, "account")], "entry 600: tile/entries/002.p/88 has 89 entries, not 88"),
    }


@pytest.mark.parametrize("how", tampered(ledger(600)))
def test_tampering_with_entries_is_named(tmp_path: Path, run: Run, how: str) -> None:
    folder = export(tmp_path / "log", ledger(600))
    other, expected = tampered(ledger(600))[how]
    write_tiles(folder, "entries", bundled(other))
    if len(other) != 600:
        (folder / "tile/entries/002.p/88").write_bytes(b"".join(bundled(other)[512:]))
    code, said = run("log", folder)

    assert (code, f"problem: {expected}" in said) == (10, True), said


@pytest.mark.parametrize("how", tampered(ledger(600)))
def test_tampering_with_entries_and_all_tiles_is_found_by_the_root(tmp_path: Path, run: Run, how: str) -> None:
    other, _ = tampered(ledger(600))[how]
    code, said = run("log", export(tmp_path / "log", other, checkpoint(ledger(600))))

    assert (code, ("problem: entries 0 to 599: their root" if len(other) == 600 else "problem: entry 5") in said) == (10, True), said


@pytest.mark.parametrize(("tile", "at", "named"), [("0/001", 33, 257), ("0/002.p/88", 0, 512), ("1/000.p/2", 40, 256)])
def test_tile_that_disagrees_with_the_entries_is_named(tmp_path: Path, run: Run, tile: str, at: int, named: int) -> None:
    folder = export(tmp_path / "log", ledger(600))
    raw = bytearray((folder / "tile" / tile).read_bytes())
    raw[at] ^= 1
    (folder / "tile" / tile).write_bytes(raw)
    code, said = run("log", folder)

    assert (code, f"problem: entry {named}: tile/{tile} has another hash" in said) == (10, True)


@pytest.mark.parametrize("cut", [1, 5])
def test_truncated_file_is_unreadable(tmp_path: Path, run: Run, cut: int) -> None:
    folder = export(tmp_path / "log", ledger(600))
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "verifier-key"]
    for file in files:
        raw = file.read_bytes()
        file.write_bytes(raw[:-cut])
        assert (file.name, run("log", folder)[0]) == (file.name, 1)
        file.write_bytes(raw)

    assert len(files) == 8
    assert run("log", folder)[0] == 0


@pytest.mark.parametrize("name", ["checkpoint", "verifier-key", "tile/0/000", "tile/1/000.p/2"])
def test_missing_file_is_unreadable(tmp_path: Path, run: Run, name: str) -> None:
    folder = export(tmp_path / "log", ledger(600))
    (folder / name).unlink()

    assert run("log", folder)[0] == 1


@pytest.mark.parametrize("older", [0, 1, 255, 256, 300, 600])
def test_log_extends_its_older_checkpoints_and_no_other(tmp_path: Path, run: Run, older: int) -> None:
    folder, log = export(tmp_path / "log", ledger(600)), ledger(600)
    (tmp_path / "older").write_text(checkpoint(log[:older]), "utf-8")
    (tmp_path / "longer").write_text(checkpoint([*log, log[0]]), "utf-8")
    (tmp_path / "elsewhere").write_text(checkpoint(log[:older], origin="example.org/other"), "utf-8")
    (tmp_path / "forged").write_text(checkpoint(log[:older], THEIRS), "utf-8")

    assert run("log", folder, "--against", tmp_path / "older")[0] == 0
    assert [run("log", folder, "--against", tmp_path / name)[0] for name in ("longer", "elsewhere", "forged")] == [10, 10, 10]
    if older:
        (tmp_path / "rewritten").write_text(checkpoint([*log[: older - 1], log[older]] if older < 600 else [*log[:599], log[0]]), "utf-8")
        assert f"older checkpoint: not over the first {older} entries" in run("log", folder, "--against", tmp_path / "rewritten")[1]


# what a ledger that is signed properly must not say



def changed(log: Log, index: int, /, **more: object) -> Log:
    return [*log[:index], canonical(json.loads(log[index]) | more), *log[index + 1 :]]


def also(kind: str, /, **more: object) -> Log:
    return [*ledger(12), entry(12, kind, **more)]


LIES: dict[str, tuple[Log, int, str]] = {
    "instants run backwards": (changed(ledger(12), 5, at=T0.isoformat()), 5, "before the entry that it follows"),
    "instants that stay behind": ([*ledger(6), entry(2, "account"), entry(3, "account")], 7, "before the entry that it follows"),
    "data under a destroyed key": (also("ingested", key=A, day=NEXT, expires=NEXT_DAY), 12, f"uses the key {A}"),
    "data under a key that went with its hold": (also("ingested", key=C, day=NEXT, expires=NEXT_DAY), 12, "which entry 11 (released"),
    "a key under a destroyed day key": (also("ingested", key=NEXT, day=DAY, expires=day_of(10)), 12, "which entry 10 (expired"),
    "an erased key derived again": (also("derived", key=key("0/d")), 12, "which entry 8 (erased"),
    "a destroyed key tightened": (also("tightened", keys=[B], day=NEXT, expires=NEXT_DAY), 12, f"uses the key {B}"),
    "a destroyed key held": (also("held", hold=HOLD, keys=[A], kind="legal"), 12, f"uses the key {A}"),
    "a key moved to a later day": (
        [*ledger(6), entry(6, "tightened", keys=[A], day=NEXT, expires=NEXT_DAY)],
        6,
        f"moves to a later day, {NEXT_DAY}",
    ),
    "a key moved to no limit": ([*ledger(6), entry(6, "tightened", keys=[A], day=key("no limit"), expires=None)], 6, "moves to a later day, 9999"),
    "more data under the same key with a later day": ([*ledger(6), entry(6, "ingested", key=A, day=NEXT, expires=NEXT_DAY)], 6, "moves to a later"),
    "a later day under the name of an earlier one": (
        [*ledger(6), entry(6, "ingested", key=NEXT, day=NEXT, expires=NEXT_DAY), entry(7, "tightened", keys=[A], day=NEXT, expires=day_of(9))],
        7,
        "was of another day before",
    ),
    "an expiry of another day than was said": (changed(ledger(12), 10, days=[{"day": day_of(0), "key": DAY}]), 10, "was of another day before"),
    "an early expiry that does not say so": ([*ledger(6), entry(6, "expired", days=[{"day": END, "key": DAY}], early=False)], 6, "and not as early"),
    "a read without a permit": (changed(ledger(12), 5, permit=3), 5, "without a permit"),
    "a read under a permit that comes later": (changed(ledger(24), 5, permit=16), 5, "without a permit"),
    "a read after its permit": ([*ledger(6), entry(6, "read", permit=4, records=1)], 6, "without a permit"),
    "a float": (changed(ledger(12), 9, event=1.5), 9, "not canonical"),
    "white space": ([*ledger(12), ledger(12)[9].replace(b",", b", ")], 12, "not canonical"),
    "a name twice": ([*ledger(12), ledger(12)[9].replace(b'"v":1', b'"v":0,"v":1')], 12, "not canonical"),
    "escapes": ([*ledger(12), entry(12, "account", event="é").replace("é".encode(), b"\\u00e9")], 12, "not canonical"),
    "no JSON": ([*ledger(12), b"\xff"], 12, "not as design 0002 says"),
    "no object": ([*ledger(12), b"7"], 12, "not as design 0002 says"),
    "another version": (changed(ledger(12), 9, v=2), 9, "does not know"),
    "another type": (changed(ledger(12), 9, type="\x1b[2J"), 9, "does not know"),
    "an instant without an offset": (changed(ledger(12), 9, at="2027-01-03T06:00:00"), 9, "not as design 0002 says"),
    "a key in capitals": (also("erased", keys=[A.upper()], records=0), 12, "32 hexadecimal digits"),
    "a new key in capitals": (also("ingested", key=NEXT.upper(), day=NEXT, expires=NEXT_DAY), 12, "32 hexadecimal digits"),
    "a day key in capitals": (also("ingested", key=NEXT, day=NEXT.upper(), expires=NEXT_DAY), 12, "32 hexadecimal digits"),
    "derived data without a key": (also("derived", key=None, inputs="00", declassifier=None), 12, "not as design 0002 says"),
    "nothing where a key should be": (also("ingested", day=NEXT, expires=None), 12, "not as design 0002 says"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_is_caught_although_it_is_signed(tmp_path: Path, run: Run, lie: str) -> None:
    log, index, expected = LIES[lie]
    code, said = run("log", export(tmp_path / "log", log))
    found = [line for line in said.splitlines() if line.startswith(f"problem: entry {index}: ") and expected in line]

    assert (code, len(found)) == (10, 1), said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "log",
    [
        [*ledger(6), entry(6, "expired", days=[{"day": day_of(10), "key": DAY}], early=True)],
        [*ledger(6), entry(6, "tightened", keys=[A], day=NEXT, expires=day_of(8))],
        also("erased", keys=[A], records=0, reason="again"),
        [*ledger(6), entry(6, "tightened", keys=[A], day=None, expires=None)],
        also("derived", key=None, inputs="00", inputs_count=30, declassifier={"name": "threshold_count"}),
    ],
    ids=["early and said", "tightened", "erased twice", "tightened within its day", "figures set free"],
)
def test_what_a_ledger_may_say_holds(tmp_path: Path, run: Run, log: Log) -> None:
    assert run("log", export(tmp_path / "log", log))[0] == 0
