"""Bulk decisions agree with deciding each case."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.terms.rules import ask, book, clause

from tenure.errors import DataError
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.terms.bulk import Column, Register

BOOK = book(
    clause("serve", permit=["serve", "collect"]),
    clause("pro", permit=["improve"], keep="P5Y", when={"tier": "pro"}),
    clause("rest", keep="P30D", when={"tier": "!pro"}),
    clause("zdr", refuse=["improve"], keep="P0D", over=["rest"], when={"flag.zdr": True, "tier": "team"}),
    clause("later", begins="2026-02-01T10:00Z", refuse=["improve"], when={"provider": "bedrock"}),
    clause("flagged", permit=["safety"], keep="P2Y", hold=["safety"], when={"safety_flagged": True}),
    clause("doubt", unknown=["debug"], when={"tier": "api"}),
)
ANSWERS = {0: Verdict.DENY, 1: Verdict.GAP, 2: Verdict.PERMIT}
START = datetime(2025, 11, 1, tzinfo=UTC)
ROWS = st.tuples(
    st.integers(0, 400 * 24 * 60),
    st.sampled_from(["pro", "team", "api"]),
    st.sampled_from(["first_party", "bedrock"]),
    st.sampled_from(["true", "false"]),
    st.sampled_from(["true", "false"]),
)


@given(st.lists(ROWS, min_size=1, max_size=30), st.sampled_from(Purpose), st.integers(0, 1200))
def test_bulk_agrees_with_each(rows, purpose, days):
    instants = [START + timedelta(minutes=row[0]) for row in rows]
    columns = dict(zip(("tier", "provider", "flag.zdr", "safety_flagged"), zip(*(row[1:] for row in rows), strict=True), strict=True))
    register = Register(BOOK)
    bound = register.bind("probe", Kind.PROMPT, np.array([at.replace(tzinfo=None) for at in instants], "datetime64[us]"), columns)
    asked_on = START + timedelta(days=days)
    found = register.verdicts(bound, purpose, (asked_on - datetime(1970, 1, 1, tzinfo=UTC)).days)
    for index, (_, tier, provider, zdr, flagged) in enumerate(rows):
        changes = {"tier": tier, "provider": provider, "flags": ["zdr"] if zdr == "true" else [], "safety_flagged": flagged == "true"}
        one = ask(BOOK, purpose=purpose, collected_at=instants[index].isoformat(), asked_at=asked_on.isoformat(), **changes)
        assert ANSWERS[int(found[index])] is one.verdict
        assert register.verdict(int(bound.ids[index]), int(bound.expires[index]), Purpose.SERVE, 0) is Verdict.PERMIT


def test_columns_in_dictionary_form_bind_alike():
    at = np.array(["2026-03-01", "2026-03-02", "2026-03-03"], "datetime64[us]")
    plain = Register(BOOK).bind("probe", Kind.PROMPT, at, {"tier": ["pro", "team", None]})
    coded = Register(BOOK).bind("probe", Kind.PROMPT, at, {"tier": Column(["team", "pro", None], np.array([1, 0, 2]))})
    assert list(plain.expires) == list(coded.expires)


def test_unknown_columns_and_lengths_are_errors():
    at = np.array(["2026-03-01"], "datetime64[us]")
    with pytest.raises(DataError, match="names that conditions use"):
        Register(BOOK).bind("probe", Kind.PROMPT, at, {"teir": ["pro"]})
    with pytest.raises(DataError, match="expected 1 values"):
        Register(BOOK).bind("probe", Kind.PROMPT, at, {"tier": ["pro", "pro"]})
