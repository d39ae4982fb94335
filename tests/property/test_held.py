"""Whatever happens to an account and to the clock, what is held is never held longer, nor for more, than a moment before."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.services.house import in_memory
from tests.unit.services.works import NO, YES

from tenure.services.holdings import is_open
from tenure.services.use import Denied

PURPOSES = ("serve", "improve", "safety", "train_generative")
EVENTS = ("yes", "no", "pro", "team", "api", "zdr on", "zdr off", "merge", "day", "fortnight", "back", "restart", "sweep", "late")


def happens(house, event):
    accounts, now = house.keeping.accounts, house.keeping.at
    match event:
        case "yes":
            house.says_yes(accounts.resolve("anna", now))
        case "no":
            house.says_no(accounts.resolve("anna", now))
        case "team":
            accounts.set_tier(None, "acme", agent="probe", tier=event, provider="first_party", at=now)
        case "pro" | "api":
            accounts.set_tier(accounts.resolve("anna", now), agent="probe", tier=event, provider="first_party", at=now)
        case "zdr on" | "zdr off":
            accounts.set_zdr("acme", on=event == "zdr on", actor="tess", at=now)
        case "merge":
            if accounts.resolve("anna", now) == "anna":
                accounts.merge("anna", "ben", at=now)
        case "day":
            house.later(days=1)
        case "fortnight":
            house.later(days=14)
        case "back":
            house.jump(days=-5)
        case "restart":
            house.reopen()
        case "sweep":
            house.keeping.settle()
        case "late":
            house.handed(session="late", consents=[YES], collected_at="2026-08-31T00:00:00Z")


def allowed(house, records):
    """What can be read for each purpose, and until when it is held."""
    now, found = house.keeping.at, {}
    for record in records:
        bucket = house.bucket(record)
        reads = {purpose for purpose in PURPOSES if not isinstance(house.gets(record, purpose), Denied)}
        lives = bucket is not None and is_open(bucket, now)
        end = bucket.expires_at or datetime.max.replace(tzinfo=now.tzinfo) if bucket is not None and lives else now
        found[record] = reads, end
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=12), st.sampled_from([[], [YES], [NO]]))
def test_terms_of_what_is_held_only_tighten(events, answers) -> None:
    house = in_memory()
    house.person("anna")
    house.person("ben")
    house.org("acme")
    house.says_yes("anna")
    records = [
        house.held(consents=answers or None),
        house.held(kind="output"),
        house.held(safety_flagged=True, session="flagged"),
        house.held(org="acme", tier="api", session="work"),
    ]
    records.append(house.derived(records[0], purposes=["serve"]))
    before = allowed(house, records)
    for event in events:
        happens(house, event)
        after = allowed(house, records)
        for record in records:
            assert after[record][0] <= before[record][0], event
            assert after[record][1] <= max(before[record][1], house.keeping.at), event
        before = after
    assert house.is_ordered()
