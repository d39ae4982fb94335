import hmac
import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenure.errors import IntegrityError, VaultError
from tenure.records.held import KeyId
from tenure.vault import sealing
from tenure.vault.sealing import HEADER_SIZE, commit, open_frame, parse_header, seal_frame, terms_digest

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "frame.json").read_text(encoding="utf-8"))
SECRET, KEY, SALT = bytes(range(32)), KeyId(bytes(range(16, 32))), bytes(range(64, 80))
RECORDS, COLLECTED = (b"one", b"", b"three"), (1, -2, 1 << 60)


def frame() -> bytes:
    return seal_frame(SECRET, KEY, 7, SALT, terms_digest([b"{}"]), RECORDS, COLLECTED)


def test_frame_is_as_it_ever_was() -> None:
    assert frame().hex() == GOLDEN["frame"]
    assert commit(SECRET, b"content").hex() == GOLDEN["commitment"]


def test_frame_is_plain_aes_gcm_under_plain_hkdf() -> None:
    extracted = hmac.digest(SALT, SECRET, "sha256")
    message_key = hmac.digest(extracted, b"frame\x01", "sha256")

    inside = AESGCM(message_key).decrypt(bytes(12), frame()[HEADER_SIZE:], frame()[:HEADER_SIZE])

    assert inside == struct.pack("<Q3q4i", 3, *COLLECTED, 0, 3, 3, 8) + b"onethree"


def test_golden_frame_opens() -> None:
    found = open_frame(SECRET, bytes.fromhex(GOLDEN["frame"]))

    assert (found.key, found.batch) == (KEY, 7)
    assert tuple(bytes(found.record(index)) for index in range(len(found))) == RECORDS
    assert tuple(found.collected) == COLLECTED


def test_header_says_whose_frame_it_is() -> None:
    header = parse_header(frame())

    assert (header.key, header.batch, header.salt, header.terms) == (KEY, 7, SALT, terms_digest([b"{}"]))
    assert header.length == len(frame()) - HEADER_SIZE
    assert header.render() == frame()[:HEADER_SIZE]


def test_any_flipped_bit_is_noticed() -> None:
    content = frame()
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            with pytest.raises(IntegrityError):
                open_frame(SECRET, bytes(changed))


def test_any_cut_is_noticed() -> None:
    content = frame()
    for size in range(len(content)):
        with pytest.raises(IntegrityError):
            open_frame(SECRET, content[:size])
    with pytest.raises(IntegrityError):
        open_frame(SECRET, content + b"x")


def test_unknown_version_is_refused_by_name() -> None:
    changed = bytearray(frame())
    changed[4] = 2

    with pytest.raises(IntegrityError, match="expected version 1, found 2") as caught:
        open_frame(SECRET, bytes(changed))

    assert caught.value.code == "integrity/frame-version"
    assert caught.value.remedy


def test_other_key_opens_nothing() -> None:
    with pytest.raises(IntegrityError) as caught:
        open_frame(bytes(32), frame())

    assert caught.value.code == "integrity/frame"
    assert "three" not in str(caught.value)


def test_salt_makes_another_message() -> None:
    other = seal_frame(SECRET, KEY, 7, bytes(16), terms_digest([b"{}"]), RECORDS, COLLECTED)

    assert other[HEADER_SIZE:] != frame()[HEADER_SIZE:]


def test_terms_are_told_apart_by_their_lengths() -> None:
    assert terms_digest([b"ab", b"c"]) != terms_digest([b"a", b"bc"])
    assert terms_digest([]) != terms_digest([b""])


def test_commitment_needs_the_key() -> None:
    assert commit(SECRET, b"content") != commit(bytes(32), b"content")


def test_too_much_for_one_frame_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LARGEST", 7)

    with pytest.raises(VaultError) as caught:
        frame()

    assert caught.value.code == "vault/too-large"


def test_sealed_inside_that_makes_no_sense_is_refused() -> None:
    header = sealing.Header(KEY, 0, SALT, bytes(32), 0)
    for inside in (b"", struct.pack("<Q", 1 << 60), struct.pack("<Q", 1), struct.pack("<Qqii", 1, 0, 0, 9), struct.pack("<Qqii", 1, 0, 2, 1) + b"xx"):
        with pytest.raises(IntegrityError) as caught:
            sealing._unpacked(header, memoryview(inside))
        assert caught.value.code == "integrity/frame"
