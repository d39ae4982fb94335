"""The laws of the meet, and the laws that every decision keeps whatever the pack says."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.terms.rules import ask, book, clause

from tenure.records.kinds import Destination, Verdict
from tenure.records.periods import Period
from tenure.terms.cells import STRICTEST
from tenure.terms.decision import Because, Decision
from tenure.terms.meet import carried, derived, longevity, meet

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the time zone
PERIODS = st.sampled_from([Period(), Period(days=30), Period(months=6), Period(months=60)])


@st.composite
def decisions(draw):
    keep = draw(st.one_of(PERIODS, st.sampled_from(["indefinite", None])))
    return Decision(
        verdict=draw(st.sampled_from(Verdict)),
        keep=keep,
        expires_at=draw(st.one_of(st.none(), INSTANTS)) if isinstance(keep, Period) else None,
        destination=draw(st.sampled_from(Destination)),
        promises=tuple(sorted(draw(st.sets(st.sampled_from(["no_code", "no_paths", "tls"]))))),
        because=tuple(Because(name, "page", date(2026, 1, 1)) for name in sorted(draw(st.sets(st.sampled_from("abc"))))),
        table="sha256:0",
        known_to=draw(st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31)))),
    )


@given(decisions(), decisions())
def test_meet_is_commutative(one, other):
    assert meet(one, other) == meet(other, one)


@given(decisions(), decisions(), decisions())
def test_meet_is_associative(one, other, third):
    assert meet(meet(one, other), third) == meet(one, meet(other, third))


@given(decisions())
def test_meet_is_idempotent(one):
    assert meet(one, one) == one


@given(decisions(), st.lists(decisions(), max_size=4))
def test_derived_data_is_never_wider_than_any_of_its_inputs(own, sources):
    result = derived(own, sources)
    for part in [own, *map(carried, sources)]:
        assert STRICTEST.index(result.verdict) <= STRICTEST.index(part.verdict)
        assert longevity(result) <= longevity(part)
        assert set(result.promises) <= set(part.promises)


@given(decisions(), st.lists(decisions(), max_size=3), decisions())
def test_one_more_source_never_widens(own, sources, another):
    assert longevity(derived(own, [*sources, another])) <= longevity(derived(own, sources))


CLAUSES = st.builds(
    lambda **fields: {name: value for name, value in fields.items() if value},
    permit=st.lists(st.sampled_from(["serve", "improve"]), unique=True),
    refuse=st.lists(st.sampled_from(["serve", "improve"]), unique=True, max_size=1),
    keep=st.sampled_from(["", "P30D", "P5Y", "P0D", "unknown", "indefinite"]),
    when=st.dictionaries(st.sampled_from(["tier", "provider"]), st.sampled_from(["@x"]), max_size=2),
    begins=st.sampled_from(["", "2025-08-28", "2026-02-01T10:00Z", "~2025", "<=2025-09-01"]),
)
VALUES = {"tier": ["pro", "team", "api"], "provider": ["first_party", "bedrock"]}


@st.composite
def packs(draw):
    parts = []
    for index, fields in enumerate(draw(st.lists(CLAUSES, min_size=1, max_size=6))):
        when = {key: draw(st.sampled_from(VALUES[key])) for key in fields.pop("when", {})}
        parts.append(clause(f"c{index}", **fields, when=when))
    return book(*parts)


@given(packs(), st.sampled_from(["serve", "improve"]), INSTANTS, INSTANTS, st.sets(st.sampled_from(["tier", "provider"])))
def test_not_knowing_never_permits_more_than_any_completion(of, purpose, collected, asked, hidden):
    known = {"purpose": purpose, "collected_at": collected.isoformat(), "asked_at": asked.isoformat()}
    blind = ask(of, **known, **dict.fromkeys(hidden))
    completions = [ask(of, **known, **values) for values in _completions(sorted(hidden))]
    verdicts = {answer.verdict for answer in completions}
    assert blind.verdict is (verdicts.pop() if len(verdicts) == 1 else Verdict.GAP)
    assert longevity(blind) == min(longevity(answer) for answer in completions)


def _completions(keys):
    if not keys:
        return [{}]
    return [{keys[0]: value, **rest} for value in VALUES[keys[0]] for rest in _completions(keys[1:])]


@given(packs(), st.sampled_from(["serve", "improve"]), INSTANTS)
def test_time_alone_never_brings_a_use_back(of, purpose, collected):
    early, late = "2026-02-01T00:00:00Z", "2033-02-01T00:00:00Z"
    before = ask(of, purpose=purpose, collected_at=collected.isoformat(), asked_at=early)
    after = ask(of, purpose=purpose, collected_at=collected.isoformat(), asked_at=late)
    assert STRICTEST.index(after.verdict) <= STRICTEST.index(before.verdict)
