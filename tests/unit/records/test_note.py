import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import DataError
from tenure.records.note import open_note, parse_verifier_key, sign_note, verifier_key

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verifier_key("terms.example", PRIVATE)
OTHER = verifier_key("other.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOTE = sign_note("a text\n\nwith an empty line\n", "terms.example", PRIVATE)

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_published_note_of_another_implementation_opens():
    """The example of golang.org/x/mod/sumdb/note."""
    text, key = open_note(GO_NOTE, (parse_verifier_key(GO_KEY),))
    assert (key.name, text.splitlines()[0][:6]) == ("PeterNeumann", "If you")


def test_a_note_round_trips():
    assert open_note(NOTE, (OTHER, KEY)) == ("a text\n\nwith an empty line\n", KEY)
    assert parse_verifier_key(str(KEY)) == KEY


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 127))
def test_a_flipped_letter_anywhere_is_noticed(position, flip):
    broken = NOTE[:position] + chr(ord(NOTE[position]) ^ flip) + NOTE[position + 1 :]
    if broken == NOTE:
        return
    with pytest.raises(DataError):
        open_note(broken, (KEY,))


def test_another_key_of_the_same_name_is_not_it():
    imposter = verifier_key("terms.example", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01"))
    with pytest.raises(DataError, match="found none"):
        open_note(NOTE, (imposter,))


@pytest.mark.parametrize("text", ["", "a+b", "name+00000000+AAAA", str(KEY).replace(KEY.id.hex(), "00000000"), "a b" + str(KEY), str(KEY)[:-4]])
def test_a_broken_key_is_an_error(text):
    with pytest.raises(DataError):
        parse_verifier_key(text)


def test_another_algorithm_is_refused():
    with pytest.raises(DataError):
        parse_verifier_key(f"name+00000000+{base64.b64encode(bytes([2]) + bytes(32)).decode()}")
