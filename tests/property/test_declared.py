"""Declared cases decide as the cases that they were made of, over the same cells that the oracle is asked about."""

import pytest
from tests.oracle import grid

from tenure.records.canonical import canonical_bytes
from tenure.services.packs import make_book, read_packs
from tenure.terms.cases import parse_case, render_case
from tenure.terms.decide import decide
from tenure.terms.declared import declared
from tenure.terms.keeping import NOTHING
from tenure.wiring import packaged_packs

CELLS = 400


@pytest.mark.parametrize("agent", grid.AGENTS)
def test_declared_case_decides_as_the_case_did(agent):
    book = make_book(read_packs({f"{agent}.toml": packaged_packs()[f"{agent}.toml"]}), [])
    for plain in grid.sample(CELLS, 11, agent):
        case = parse_case(plain)
        kept = declared(book, case)
        expected, found = decide(book, case), decide(book, kept)

        assert (found.verdict, found.keep, found.destination, found.because) == (
            expected.verdict, expected.keep, expected.destination, expected.because,
        ), plain  # fmt: skip
        assert found.expires_at == expected.expires_at or expected.keep == NOTHING
        assert declared(book, kept) == kept
        assert parse_case({**render_case(kept), "purpose": plain["purpose"], "asked_at": plain["asked_at"]}) == kept


def test_free_text_does_not_reach_a_declared_case():
    book = make_book(read_packs({"claude_code.toml": packaged_packs()["claude_code.toml"]}), [])
    case = parse_case(
        {
            "agent": "claude_code", "kind": "prompt", "purpose": "collect", "collected_at": "2026-02-01T10:11:12.5Z",
            **dict.fromkeys(("tier", "provider", "hosting", "surface", "model_class", "feature", "copy", "client_version"), "canary"),
            "flags": ["canary"], "env": {"canary": "canary", "DISABLE_TELEMETRY": "canary", "CLAUDE_CODE_ENABLE_TELEMETRY": "canary"},
            "settings": {"canary": "canary", "cleanupPeriodDays": "canary"}, "consents": [{"name": "canary", "value": True},
            {"name": "training", "value": True, "by": "canary", "text_sha256": "canary"}], "attributes": {"auth": "canary"},
        }
    )  # fmt: skip

    assert b"canary" not in canonical_bytes(render_case(declared(book, case)))
