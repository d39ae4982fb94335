import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.terms.rules import HEAD, clause

from tenure.errors import ConfigError, DataError, TermsError
from tenure.records.note import sign_note, verifier_key
from tenure.services.updates import apply_update, read_update, shelf
from tenure.terms.parse import parse_pack
from tenure.testing.state import MemoryState

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verifier_key("terms.example", PRIVATE)
def in_use(state, text):
    return list(shelf(state, {"probe.toml": text.encode()}).values())


OWN = HEAD + clause("serve", permit=["serve"])
IN_USE = parse_pack(OWN.encode())


def signed(text, as_of="2026-09-01"):
    return sign_note(text.replace('as_of = "2026-08-22"', f'as_of = "{as_of}"') + "\n", "terms.example", PRIVATE).encode()


NEWER = signed(HEAD + clause("serve", permit=["serve"], keep="P30D") + "\n" + clause("more", refuse=["improve"]))


def test_an_update_shows_its_difference_and_counts_once_applied():
    update = read_update(NEWER, [KEY], [IN_USE], "new.toml")
    assert [(change.what, change.clause.id) for change in update.changes] == [("changed", "serve"), ("added", "more")]
    state = MemoryState()
    assert in_use(state, OWN) == [IN_USE]
    apply_update(state, update)
    assert in_use(state, OWN) == [update.pack]


def test_an_unsigned_or_foreign_pack_is_refused():
    for content in (HEAD.encode(), NEWER.replace(b"P30D", b"P31D")):
        with pytest.raises(DataError):
            read_update(content, [KEY], [IN_USE], "new.toml")
    with pytest.raises(DataError, match="found none"):
        read_update(NEWER, [], [IN_USE], "new.toml")


def test_a_signed_pack_that_is_none_is_an_error_with_its_place():
    with pytest.raises(TermsError, match=r"new\.toml"):
        read_update(signed("schema = 3"), [KEY], [IN_USE], "new.toml")


def test_an_older_pack_does_not_replace_a_newer_one():
    with pytest.raises(ConfigError, match="2026-08-22 or later"):
        read_update(signed(HEAD, as_of="2026-08-01"), [KEY], [IN_USE], "old.toml")


def test_a_pack_that_was_changed_where_it_is_kept_stops_everything():
    state = MemoryState()
    apply_update(state, read_update(NEWER, [KEY], [IN_USE], "new.toml"))
    name = next(name for name in state.places() if name.endswith(".note"))
    state.write(name, (state.read(name) or b"").replace(b"P30D", b"P99D"))
    with pytest.raises(ConfigError) as caught:
        in_use(state, OWN)
    assert caught.value.code == "terms/tampered-pack"


def test_terms_that_came_later_with_tenure_win_over_an_older_update():
    state = MemoryState()
    apply_update(state, read_update(NEWER, [KEY], [IN_USE], "new.toml"))
    later = HEAD.replace('as_of = "2026-08-22"', 'as_of = "2026-12-01"')
    assert in_use(state, later) == [parse_pack(later.encode())]
