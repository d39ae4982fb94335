"""The independent verifier on proofs that a key was destroyed."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.told import (
    HOLD,
    NEXT,
    T0,
    VERIFIER,
    A,
    B,
    C,
    Run,
    canonical,
    entry,
    key,
    ledger,
    proof,
    verifier_key,
)


@pytest.mark.parametrize(
    ("name", "indexes", "end"),
    [("a", (0, 10), "10 (expired"), ("b", (1, 6, 10), "10 (expired"), ("c", (2, 7, 10, 11), "11 (released"), ("d", (3, 8), "8 (erased")],
)
def test_proof_holds_for_every_way_to_go(tmp_path: Path, run: Run, name: str, indexes: Sequence[int], end: str) -> None:
    (tmp_path / "proof.json").write_bytes(proof(ledger(600), key(f"0/{name}"), indexes))
    code, said = run("proof", tmp_path / "proof.json", "--key", verifier_key())

    assert (code, f"destroyed in entry {end}" in said) == (0, True), said


def test_key_that_a_legal_hold_keeps_is_not_destroyed_by_erasure(tmp_path: Path, run: Run) -> None:
    log = [*ledger(8), entry(8, "erased", keys=[C], records=2, reason="subject"), entry(9, "released", hold=HOLD, keys=[C], kind="legal", days=1)]
    file = tmp_path / "proof.json"
    file.write_bytes(proof(log, C, (2, 7, 8)))
    assert run("proof", file)[0] == 10

    file.write_bytes(proof(log, C, (2, 7, 8, 9)))
    assert "destroyed in entry 9 (released" in run("proof", file)[1]


@pytest.mark.parametrize(
    ("name", "indexes"),
    [(A, (0,)), (A, (10,)), (A, (10, 0)), (key("0/d"), (8,)), (C, (2, 7, 10)), (B, (1, 10)), (key("0/d"), (3, 10)), (NEXT, (0, 10)), (A, ())],
)
def test_proof_that_leaves_something_open_fails(tmp_path: Path, run: Run, name: str, indexes: Sequence[int]) -> None:
    (tmp_path / "proof.json").write_bytes(proof(ledger(40), name, indexes))

    assert run("proof", tmp_path / "proof.json")[0] == 10


@pytest.mark.parametrize("index", [1, -1, 3, 4, 11, 12, 600])
def test_entry_at_another_place_is_named(tmp_path: Path, run: Run, index: int) -> None:
    made = json.loads(proof(ledger(3) + ledger(12)[10:11], A, (0, 3)))
    made["entries"][1]["index"] = index + (index == 3)
    (tmp_path / "proof.json").write_text(json.dumps(made), "utf-8")
    code, said = run("proof", tmp_path / "proof.json")

    assert (code, f"entry {made['entries'][1]['index']}: not shown to be in the log" in said) == (10, True)


@pytest.mark.parametrize("before", [[], ["AAAA"], ["A" * 43 + "="] * 9])
@pytest.mark.parametrize("kept", [0, 1, 2])
def test_inclusion_proof_of_another_length_fails(tmp_path: Path, run: Run, before: list[str], kept: int) -> None:
    made = json.loads(proof(ledger(3) + ledger(12)[10:11], A, (0, 3)))
    made["entries"][0]["proof"] = [*before, *made["entries"][0]["proof"][2 - kept :]]
    if kept == 2 and not before:
        made["entries"][0]["proof"].reverse()
    (tmp_path / "proof.json").write_text(json.dumps(made), "utf-8")

    assert run("proof", tmp_path / "proof.json")[0] == 10


SMALL = proof([*ledger(1), entry(1, "erased", keys=[A], records=3, reason="subject")], A, (0, 1))
LARGE = proof(ledger(600), key("288/c"), (290, 295, 298, 299))


def flipped(raw: bytes, bit: int) -> bytes:
    found = bytearray(raw)
    found[bit // 8] ^= 1 << bit % 8
    return bytes(found)


class InMemory:
    """Stands for the file of a proof, which tens of thousands of writes would make slow."""

    def __init__(self, raw: bytes) -> None:
        self.read_bytes = lambda: raw


def is_refused(raw: bytes, trusted: str | None) -> bool:
    problems: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VERIFIER, "Path", InMemory)
        try:
            VERIFIER.check_proof(argparse.Namespace(path=raw, key=trusted), problems)
        except VERIFIER.MALFORMED:
            return True
    return problems != []


@pytest.mark.parametrize("trusted", [None, verifier_key()], ids=["its own key", "the key given"])
def test_any_flipped_bit_of_a_proof_fails(trusted: str | None) -> None:
    assert not is_refused(SMALL, trusted)
    assert [bit for bit in range(len(SMALL) * 8) if not is_refused(flipped(SMALL, bit), trusted)] == []


@settings(max_examples=300, deadline=None)
@given(bit=st.integers(0, len(LARGE) * 8 - 1))
def test_any_flipped_bit_of_a_long_proof_fails(bit: int) -> None:
    assert not is_refused(LARGE, None)
    assert is_refused(flipped(LARGE, bit), None)


@pytest.mark.parametrize("cut", [1, 2, 40, 400, len(SMALL) - 1, len(SMALL)])
def test_truncated_proof_is_unreadable(tmp_path: Path, run: Run, cut: int) -> None:
    (tmp_path / "proof.json").write_bytes(SMALL[:-cut])

    assert run("proof", tmp_path / "proof.json")[0] == 1


LIVES = {
    "held beyond its day": ledger(11),
    "held by another hold too": [*ledger(8), canonical(json.loads(ledger(8)[7]) | {"hold": NEXT}), *ledger(12)[10:]],
    "let go before its day": [*ledger(8), entry(8, "released", hold=HOLD, keys=[C], kind="legal", days=9)],
}


@pytest.mark.parametrize("how", LIVES)
def test_key_that_lives_is_not_shown_as_destroyed(tmp_path: Path, run: Run, how: str) -> None:
    log = LIVES[how]
    (tmp_path / "proof.json").write_bytes(proof(log, C, [index for index, raw in enumerate(log) if C.encode() in raw or b'"expired"' in raw]))

    assert run("proof", tmp_path / "proof.json")[0] == 10


def test_entries_of_one_instant_are_told_in_order(tmp_path: Path, run: Run) -> None:
    log = [canonical(json.loads(ledger(12)[index]) | {"at": T0.isoformat(), "early": True}) for index in (2, 7, 10, 11)]
    codes = []
    for indexes in ((0, 1, 2, 3), (0, 1, 3, 2)):
        (tmp_path / "proof.json").write_bytes(proof(log, C, indexes))
        codes.append(run("proof", tmp_path / "proof.json")[0])

    assert codes == [0, 10]


def test_proof_names_the_first_use_of_a_key_with_several(tmp_path: Path, run: Run) -> None:
    log = [*ledger(3), canonical(json.loads(ledger(1)[0]) | {"at": json.loads(ledger(3)[2])["at"]}), *ledger(12)[10:11]]
    (tmp_path / "proof.json").write_bytes(proof(log, A, (0, 3, 4)))

    assert "put to use in entry 0 " in run("proof", tmp_path / "proof.json")[1]
