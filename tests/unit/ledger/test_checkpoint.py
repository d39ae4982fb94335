"""Checkpoints as C2SP tlog-checkpoint has them."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import DataError
from tenure.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, render_checkpoint
from tenure.ledger.tree import EMPTY
from tenure.records.note import open_note, sign_note, verifier_key

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verifier_key("tenure/0123456789abcdef", PRIVATE)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
ROOT = base64.b64encode(EMPTY).decode()
TEXT = f"tenure/0123456789abcdef\n70000\n{ROOT}\n"
CHECKPOINT = Checkpoint("tenure/0123456789abcdef", 70_000, EMPTY)
NOTE = sign_note(TEXT, KEY.name, PRIVATE)


def test_the_example_of_the_specification():
    published = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    found = parse_checkpoint(published)
    assert (found.origin, found.size, found.root[:2].hex()) == ("example.com/behind-the-sofa", 20_852_163, "0ac5")
    assert render_checkpoint(found) == published


def test_a_checkpoint_is_lines_of_origin_size_and_root():
    assert render_checkpoint(CHECKPOINT) == TEXT
    assert parse_checkpoint(TEXT) == CHECKPOINT


def test_a_signed_checkpoint_is_a_note():
    assert open_note(NOTE, (KEY,)) == (TEXT, KEY)
    assert open_checkpoint(NOTE, (KEY,)) == CHECKPOINT


def test_a_witness_may_add_its_signature():
    witnessed = NOTE + sign_note(TEXT, "witness.example", OTHER).rpartition("\n\n")[2]
    assert open_checkpoint(witnessed, (KEY,)) == CHECKPOINT
    assert open_checkpoint(witnessed, (verifier_key("witness.example", OTHER),)) == CHECKPOINT


def test_extension_lines_are_passed_over():
    assert parse_checkpoint(TEXT + "an extension\n") == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        f"\n1\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n 1\n{ROOT}\n",
        f"origin\n1_0\n{ROOT}\n",
        f"origin\n\u0661\n{ROOT}\n",
        f"origin\n\n{ROOT}\n",
        f"origin\n{'9' * 20}\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n1\n{ROOT[:-4]}\n",
        f"origin\n1\n {ROOT}\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        "origin\n1\n\u00e9\n",
        f"origin\n1\n{ROOT}",
    ],
)
def test_another_form_is_refused(text):
    with pytest.raises(DataError) as caught:
        parse_checkpoint(text)
    assert caught.value.code == "ledger/checkpoint"


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 127))
def test_a_flipped_letter_anywhere_is_noticed(position, flip):
    broken = NOTE[:position] + chr(ord(NOTE[position]) ^ flip) + NOTE[position + 1 :]
    with pytest.raises(DataError):
        open_checkpoint(broken, (KEY,))


def test_a_checkpoint_of_another_signer_is_refused():
    with pytest.raises(DataError, match="found none"):
        open_checkpoint(sign_note(TEXT, KEY.name, OTHER), (KEY,))


def test_a_signed_text_that_is_no_checkpoint_is_refused():
    with pytest.raises(DataError) as caught:
        open_checkpoint(sign_note("a text\n", KEY.name, PRIVATE), (KEY,))
    assert caught.value.code == "ledger/checkpoint"


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_round_trips(size, root):
    assert parse_checkpoint(render_checkpoint(Checkpoint("log.example", size, root))) == Checkpoint("log.example", size, root)
