"""The tree against published vectors, against a naive reading of RFC 9162, and against whoever bends a proof."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import DataError
from tenure.ledger.tree import (
    EMPTY,
    complete_subtrees,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    keys_digest,
    leaf_hash,
    node_hash,
    range_hash,
    root_of,
)
from tenure.records.held import KeyId

LARGEST = 70

# The vectors of the Merkle tree tests of Certificate Transparency (RFC 6962, section 2.1), which RFC 9162 leaves as they are.
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
NODE_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (5, 8, [LEAF_4, NODE_6_7, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], NODE_2_3, LEAF_4]),
]
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (6, 8, [NODE_4_5, NODE_6_7, ROOTS[4]]),
    (2, 5, [NODE_2_3, LEAF_4]),
]

ENTRIES = [bytes([number]) * (number % 5) for number in range(LARGEST)]
NAIVE: dict[tuple[int, int], bytes] = {}


def naive_root(start, stop):
    """MTH of RFC 9162, 2.1.1, word for word."""
    if (start, stop) not in NAIVE:
        size = stop - start
        if size == 0:
            found = hashlib.sha256().digest()
        elif size == 1:
            found = hashlib.sha256(b"\x00" + ENTRIES[start]).digest()
        else:
            split = start + naive_split(size)
            found = hashlib.sha256(b"\x01" + naive_root(start, split) + naive_root(split, stop)).digest()
        NAIVE[start, stop] = found
    return NAIVE[start, stop]


def naive_split(size):
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def naive_path(index, start, stop):
    """PATH of RFC 9162, 2.1.3.1."""
    if stop - start == 1:
        return []
    split = naive_split(stop - start)
    if index < split:
        return [*naive_path(index, start, start + split), naive_root(start + split, stop)]
    return [*naive_path(index - split, start + split, stop), naive_root(start, start + split)]


def naive_subproof(older, start, stop, is_whole):
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if older == stop - start:
        return [] if is_whole else [naive_root(start, stop)]
    split = naive_split(stop - start)
    if older <= split:
        return [*naive_subproof(older, start, start + split, is_whole), naive_root(start + split, stop)]
    return [*naive_subproof(older - split, start + split, stop, False), naive_root(start, start + split)]


def subtree_of(entries):
    def subtree(level, index):
        assert (index + 1) << level <= len(entries), "a subtree that is not complete was asked for"
        return root_of(entries[index << level : (index + 1) << level])

    return subtree


def subtree(level, index):
    return naive_root(index << level, (index + 1) << level)


def unhex(texts):
    return [bytes.fromhex(text) for text in texts]


def test_published_roots():
    for size, root in enumerate(ROOTS):
        assert root_of(LEAVES[:size]).hex() == root
        assert range_hash(0, size, subtree_of(LEAVES)).hex() == root
    assert EMPTY.hex() == ROOTS[0]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_published_inclusion_proofs(index, size, proof):
    assert inclusion_proof(index, size, subtree_of(LEAVES[:size])) == unhex(proof)
    assert is_included(leaf_hash(LEAVES[index]), index, size, unhex(proof), bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("older", "newer", "proof"), CONSISTENCIES)
def test_published_consistency_proofs(older, newer, proof):
    assert consistency_proof(older, newer, subtree_of(LEAVES[:newer])) == unhex(proof)
    assert is_consistent(older, newer, *unhex((ROOTS[older], ROOTS[newer])), unhex(proof))


def test_every_root_and_inclusion_proof_is_that_of_the_naive_reading():
    for size in range(LARGEST + 1):
        root = naive_root(0, size)
        assert root_of(ENTRIES[:size]) == range_hash(0, size, subtree) == root
        for index in range(size):
            proof = inclusion_proof(index, size, subtree)
            assert proof == naive_path(index, 0, size)
            assert is_included(leaf_hash(ENTRIES[index]), index, size, proof, root)


def test_every_consistency_proof_is_that_of_the_naive_reading():
    for newer in range(1, LARGEST + 1):
        for older in range(1, newer + 1):
            proof = consistency_proof(older, newer, subtree)
            assert proof == naive_subproof(older, 0, newer, True)
            assert is_consistent(older, newer, naive_root(0, older), naive_root(0, newer), proof)


def test_an_inclusion_proof_fits_no_other_index_and_size():
    for size in range(1, 24):
        for index in range(size):
            proof, leaf, root = inclusion_proof(index, size, subtree), leaf_hash(ENTRIES[index]), naive_root(0, size)
            wrong = [other for other in range(-1, size + 2) if is_included(leaf, other, size, proof, root)]
            assert wrong == [index]
            assert not is_included(leaf, index, size, proof, naive_root(0, size + 1))
            assert not is_included(leaf, index, index, proof, root)


def test_another_size_of_the_log_is_noticed_where_the_way_to_the_root_differs():
    """The size steers the way only; a checkpoint binds it to the root."""
    assert not is_included(leaf_hash(ENTRIES[4]), 4, 4, inclusion_proof(4, 5, subtree), naive_root(0, 5))
    assert not is_included(leaf_hash(ENTRIES[4]), 4, 9, inclusion_proof(4, 5, subtree), naive_root(0, 5))


def test_a_consistency_proof_fits_no_other_sizes():
    for newer in range(2, 24):
        for older in range(1, newer):
            proof, roots = consistency_proof(older, newer, subtree), (naive_root(0, older), naive_root(0, newer))
            assert not is_consistent(newer, older, *roots, proof)
            assert not is_consistent(newer, newer, *roots, proof)
            assert not is_consistent(0, newer, *roots, proof)
            assert not is_consistent(older, newer, *roots[::-1], proof)


@given(st.data())
def test_a_flipped_bit_of_leaf_proof_or_root_fails(data):
    size = data.draw(st.integers(1, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    parts = [leaf_hash(ENTRIES[index]), naive_root(0, size), *naive_path(index, 0, size)]
    leaf, root, *proof = flipped(data, parts)
    assert not is_included(leaf, index, size, proof, root)


@given(st.data())
def test_a_flipped_bit_of_a_consistency_proof_or_its_roots_fails(data):
    newer = data.draw(st.integers(2, LARGEST))
    older = data.draw(st.integers(1, newer - 1))
    parts = [naive_root(0, older), naive_root(0, newer), *naive_subproof(older, 0, newer, True)]
    before, after, *proof = flipped(data, parts)
    assert not is_consistent(older, newer, before, after, proof)


def flipped(data, parts):
    place, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    changed = (int.from_bytes(parts[place], "big") ^ 1 << bit).to_bytes(32, "big")
    return [*parts[:place], changed, *parts[place + 1 :]]


def test_a_proof_that_is_too_long_or_too_short_fails():
    for size in range(2, 24):
        for index in range(size):
            proof, leaf, root = naive_path(index, 0, size), leaf_hash(ENTRIES[index]), naive_root(0, size)
            for wrong in (proof[:-1], proof[1:], [*proof, EMPTY], [EMPTY, *proof], proof[::-1]):
                assert wrong == proof or not is_included(leaf, index, size, wrong, root)
        for older in range(1, size):
            proof, roots = naive_subproof(older, 0, size, True), (naive_root(0, older), naive_root(0, size))
            for wrong in (proof[:-1], [*proof, EMPTY], []):
                assert not is_consistent(older, size, *roots, wrong)


def test_equal_sizes_are_consistent_with_the_same_root_and_no_proof_only():
    root = naive_root(0, 5)
    assert is_consistent(5, 5, root, root, [])
    assert not is_consistent(5, 5, root, naive_root(0, 6), [])
    assert not is_consistent(5, 5, root, root, [EMPTY])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_there_is_no_proof_of_an_entry_that_is_not_there(index, size):
    with pytest.raises(DataError, match="expected an entry below"):
        inclusion_proof(index, size, subtree)


@pytest.mark.parametrize(("older", "newer"), [(0, 3), (-1, 3), (4, 3)])
def test_there_is_no_proof_from_nothing_or_from_a_longer_log(older, newer):
    with pytest.raises(DataError, match="expected an older size"):
        consistency_proof(older, newer, subtree)


def test_a_node_is_never_a_leaf():
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert node_hash(left, right) != leaf_hash(left + right)


@given(st.integers(0, 2**40))
def test_complete_subtrees_cover_a_log_from_left_to_right(size):
    place = 0
    for level, index in complete_subtrees(0, size):
        assert index << level == place
        place += 1 << level
    assert place == size


def test_a_digest_of_keys_depends_on_the_set_alone():
    keys = [KeyId(bytes([number]) * 16) for number in (3, 1, 2)]
    assert keys_digest(keys) == keys_digest(sorted(keys)) == root_of(sorted(keys))
    assert keys_digest(keys[:2]) != keys_digest(keys)
