"""The laws of derived data over a store: whatever is made of whatever, in any order and any number of steps, is never wider than what went in."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.services.works import NO, YES, Works

from tenure.ports import Selection
from tenure.records.kinds import Purpose, Verdict
from tenure.services.derive import Derived
from tenure.terms.cells import STRICTEST

PURPOSES = (Purpose.SERVE, Purpose.IMPROVE, Purpose.TRAIN_GENERATIVE, Purpose.DEBUG)
INPUTS = st.lists(
    st.fixed_dictionaries(
        {
            "subject": st.sampled_from(["anna", "ben", "carla"]),
            "kind": st.sampled_from(["prompt", "transcript", "usage_metric"]),
            "consents": st.sampled_from([[YES], [NO], []]),
            "tier": st.sampled_from(["pro", "team"]),
        }
    ),
    min_size=1,
    max_size=5,
)
FEW = settings(max_examples=60, deadline=None)


def held(works, inputs):
    found = []
    for number, given_ in enumerate(inputs):
        case = {key: value for key, value in given_.items() if key != "subject"}
        found.append(works.put(f"{given_['subject']}{number}", session=f"s{number}", **case))
    return found


def terms(works, record):
    """What a bucket permits, and when it ends."""
    bucket, at = works.bucket(record), works.time.now
    verdicts = {purpose: works.judge.of_bucket(bucket, purpose, at, at).verdict for purpose in PURPOSES}
    return verdicts, bucket.expires_at


def is_within(inner, outer):
    verdicts_in, end_in = inner
    verdicts_out, end_out = outer
    narrower = all(STRICTEST.index(verdicts_in[purpose]) <= STRICTEST.index(verdicts_out[purpose]) for purpose in PURPOSES)
    return narrower and (end_out is None or (end_in is not None and end_in <= end_out))


def made_of(works, *records):
    made = works.derive(*(record.key for record in records), purposes=["serve"])
    assert isinstance(made, Derived)
    return made.records[0]


@FEW
@given(INPUTS, st.integers(0, 20))
def test_output_is_within_each_of_its_inputs(inputs, days) -> None:
    works = Works()
    records = held(works, inputs)
    works.later(days=days)

    made = made_of(works, *records)

    assert all(is_within(terms(works, made), terms(works, record)) for record in records)


@FEW
@given(INPUTS)
def test_output_is_used_for_what_every_input_is_and_for_nothing_less(inputs) -> None:
    works = Works()
    records = held(works, inputs)

    verdicts, end = terms(works, made_of(works, *records))

    each = [terms(works, record) for record in records]
    assert verdicts == {purpose: min((one[purpose] for one, _ in each), key=STRICTEST.index) for purpose in PURPOSES}
    assert end == min(end for _, end in each)


@FEW
@given(INPUTS, st.integers(0, 3))
def test_deriving_again_never_widens_and_at_once_changes_nothing(inputs, days) -> None:
    works = Works()
    once = made_of(works, *held(works, inputs))
    works.later(days=days)

    twice = made_of(works, once)

    assert is_within(terms(works, twice), terms(works, once))
    if days == 0:
        assert terms(works, twice) == terms(works, once)


@FEW
@given(INPUTS, st.randoms(use_true_random=False))
def test_splitting_and_shuffling_gain_nothing(inputs, chance) -> None:
    works = Works()
    records = held(works, inputs)
    at_once = made_of(works, *records)

    left = list(records)
    while len(left) > 1:
        chance.shuffle(left)
        size = chance.randint(2, len(left))
        left = [made_of(works, *left[:size]), *left[size:]]
    in_steps = made_of(works, *left)

    assert terms(works, in_steps) == terms(works, at_once)


@FEW
@given(INPUTS, st.integers(0, 4), st.integers(1, 30), st.booleans())
def test_tightening_any_input_before_or_after_never_widens_an_output(inputs, which, days, is_before) -> None:
    works, other = Works(), Works()
    records, twins = held(works, inputs), held(other, inputs)
    loose = made_of(other, *twins)
    tight = None if is_before else made_of(works, *records)
    chosen = works.bucket(records[which % len(records)])
    for each in (works, other):
        each.later(hours=1)
    works.answer(chosen.owner.subject, False)
    works.store.keys.tighten([chosen.key], [], min(chosen.expires_at, works.clock.at + timedelta(days=days)))
    for each in (works, other):
        each.later(hours=1)
    tight = tight or made_of(works, *records)

    assert is_within(terms(works, tight), terms(other, loose))


@FEW
@given(INPUTS, st.data())
def test_erasing_any_input_leaves_nothing_of_what_was_made_of_it(inputs, data) -> None:
    works = Works()
    records = held(works, inputs)
    outputs = [(made_of(works, *part), part) for part in data.draw(st.lists(st.lists(st.sampled_from(records), min_size=1, unique=True), max_size=4))]
    gone = data.draw(st.sampled_from(records))

    works.disposition.erase(Selection(keys=[gone.key]), "request")

    for made, part in outputs:
        assert (works.bucket(made) is None) == (gone in part)


def test_laws_are_asked_of_terms_that_differ() -> None:
    works = Works()
    records = held(works, [{"subject": "a", "kind": "prompt", "consents": [consent], "tier": "pro"} for consent in (YES, NO)])

    assert [terms(works, record)[0][Purpose.TRAIN_GENERATIVE] for record in records] == [Verdict.PERMIT, Verdict.DENY]
