"""Paths and bundles as C2SP tlog-tiles has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import DataError
from tenure.ledger.tiles import LONGEST, WIDTH, bundle_path, parse_bundle, render_bundle, tile_path, tiles_of


@pytest.mark.parametrize(
    ("index", "path"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (999_999, "x999/999"),
        (1_000_000, "x001/x000/000"),
        (1_234_567_890, "x001/x234/x567/890"),
    ],
)
def test_a_path_has_its_number_in_groups_of_three(index, path):
    assert tile_path(0, index) == f"tile/0/{path}"
    assert tile_path(5, index) == f"tile/5/{path}"
    assert bundle_path(index) == f"tile/entries/{path}"


@pytest.mark.parametrize("width", [1, 112, 255])
def test_a_partial_tile_says_how_wide_it_is(width):
    assert tile_path(1, 273, width) == f"tile/1/273.p/{width}"
    assert bundle_path(1234067, width) == f"tile/entries/x001/x234/067.p/{width}"


def test_the_example_of_the_specification():
    """A log of 70,000 entries: 273 full tiles and one of 112; one full tile above them and one of 17; one of 1."""
    assert [part for part in tiles_of(70_000) if part[2] != WIDTH or part[0]] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert sum(1 for level, _, width in tiles_of(70_000) if level == 0 and width == WIDTH) == 273


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (0, []),
        (1, [(0, 0, 1)]),
        (255, [(0, 0, 255)]),
        (256, [(0, 0, 256), (1, 0, 1)]),
        (257, [(0, 0, 256), (0, 1, 1), (1, 0, 1)]),
    ],
)
def test_tiles_of_small_logs(size, tiles):
    assert list(tiles_of(size)) == tiles


@given(st.integers(1, 200_000))
def test_the_tiles_of_a_level_hold_one_hash_for_each_full_tile_below(size):
    count, level = size, 0
    widths: dict[int, list[int]] = {}
    for at, index, width in tiles_of(size):
        assert index == len(widths.setdefault(at, []))
        widths[at].append(width)
    while count:
        assert sum(widths.pop(level)) == count
        count, level = count // WIDTH, level + 1
    assert not widths


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_round_trips(entries):
    assert parse_bundle(render_bundle(entries)) == entries


def test_a_bundle_has_each_entry_after_its_length_in_two_bytes():
    assert render_bundle([b"", b"ab"]) == b"\x00\x00\x00\x02ab"
    assert render_bundle([bytes(LONGEST)])[:2] == b"\xff\xff"


def test_an_entry_that_is_too_long_is_refused():
    with pytest.raises(DataError, match="expected at most 65535 bytes"):
        render_bundle([bytes(LONGEST + 1)])


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.data())
def test_a_bundle_that_is_cut_short_is_refused_or_shorter_by_whole_entries(entries, data):
    content = render_bundle(entries)
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    try:
        found = parse_bundle(cut)
    except DataError as error:
        assert error.code == "ledger/bundle"  # noqa: PT017 - the other outcome is fine too
    else:
        assert found == entries[: len(found)]
        assert len(found) < len(entries)
        assert render_bundle(found) == cut
