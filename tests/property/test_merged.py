"""Whoever was merged into whom, and whenever data came: erasing a person leaves nothing that belongs to any of their accounts."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.services.house import in_memory

from tenure.ports import Selection

PEOPLE = ("a", "b", "c", "d")
PERSON = st.sampled_from(PEOPLE)
STEPS = st.lists(st.one_of(st.tuples(st.just("put"), PERSON, PERSON), st.tuples(st.just("merge"), PERSON, PERSON)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(STEPS, PERSON)
def test_erasing_a_person_leaves_no_bucket_that_is_theirs(steps, whom) -> None:
    house = in_memory()
    accounts = house.keeping.accounts
    for subject in PEOPLE:
        house.person(subject)
    for number, (what, one, other) in enumerate(steps):
        house.later(minutes=1)
        now = house.keeping.at
        if what == "put":
            house.held(b"%d" % number, subject=one, session=f"s{number}")
        elif one != other and accounts.resolve(one, now) == one and accounts.resolve(other, now) == other:
            assert accounts.merge(one, other, at=now) is None
    house.later(minutes=1)
    now = house.keeping.at
    theirs = [each for each in PEOPLE if accounts.resolve(each, now) == accounts.resolve(whom, now)]
    others = {bucket.key for bucket in house.store.keys.buckets() if accounts.resolve(bucket.owner.subject, now) not in theirs}

    house.keeping.disposition.erase(Selection(subjects=[whom]), "request", subject=whom)

    assert {bucket.key for bucket in house.store.keys.buckets()} == others
    assert not any(accounts.knows(each) for each in theirs)
