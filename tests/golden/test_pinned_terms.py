"""The hashes of the compiled terms are pinned: no row changes by accident. `python -m tests.golden.test_pinned_terms` pins them anew."""

from pathlib import Path

import msgspec

from tenure.services.packs import read_packs
from tenure.terms.compile import compile_pack
from tenure.wiring import packaged_packs

PINNED = Path(__file__).parent / "terms.json"


def hashes():
    return {pack.agent: compile_pack(pack).hash for pack in read_packs(packaged_packs())}


def test_terms_are_the_pinned_ones():
    assert hashes() == msgspec.json.decode(PINNED.read_bytes())


if __name__ == "__main__":
    PINNED.write_bytes(msgspec.json.format(msgspec.json.encode(hashes()), indent=2) + b"\n")
