"""Whatever the bytes or values, a parser answers with a value or with Tenure's own error that holds nothing of what it was given."""

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.terms.rules import HEAD, KNOWN, book, clause

from tenure.errors import Error
from tenure.records.kinds import Kind, Purpose
from tenure.terms.cases import KEYS, parse_case
from tenure.terms.decide import decide
from tenure.terms.parse import parse_pack

CANARY = "canary-7f3a"
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
BOOK = book(clause("serve", permit=["serve"], keep="cleanupPeriodDays", when={"tier": "pro"}))


@given(VALUES)
def test_any_value_is_a_case_or_an_error(value):
    _decided(value)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
@example({"collected_at": "9999-12-31T23:59:59-14:00"})
@example({"client_version": "9" * 400})
@example({"settings": {"cleanupPeriodDays": 10**400}})
@example({"settings": {"cleanupPeriodDays": float("nan")}})
def test_any_value_in_any_key_is_a_case_or_an_error(changes):
    _decided({**KNOWN, **changes})


def _error(function, *arguments):
    """What Tenure's own error says; None where there is none. Any other exception fails the test."""
    try:
        function(*arguments)
    except Error as error:
        return error
    return None


def _decided(value):
    error = _error(lambda: decide(BOOK, parse_case(value)))
    assert error is None or error.code.startswith(("case/", "terms/"))


def test_errors_quote_at_most_a_name():
    long = CANARY + "x" * 500
    for key in KEYS:
        assert CANARY not in str(_error(lambda key=key: decide(BOOK, parse_case({**KNOWN, key: {"nested": long}})))), key


def test_nesting_is_bounded():
    value = dict(KNOWN)
    for _ in range(2000):
        value = {**KNOWN, "derived_from": [value]}
    assert _error(parse_case, value).code == "case/too-deep"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_pack_or_an_error(content):
    assert _error(parse_pack, content).code.startswith("terms/")


@given(st.integers(0, len(HEAD)), st.text(max_size=3))
def test_a_broken_pack_is_an_error_with_a_place(position, noise):
    text = HEAD[:position] + noise + HEAD[position + 1 :]
    error = _error(parse_pack, text.encode(errors="surrogatepass"))
    assert error is None or error.message.startswith(("pack.toml", "margin"))


@given(st.sampled_from(Kind), st.sampled_from(Purpose), st.sets(st.sampled_from(sorted(KNOWN))))
def test_whatever_is_missing_there_is_an_answer(kind, purpose, hidden):
    value = {key: part for key, part in {**KNOWN, "kind": kind, "purpose": purpose}.items() if key not in hidden - {"agent", "kind", "purpose"}}
    decide(BOOK, parse_case(value))
