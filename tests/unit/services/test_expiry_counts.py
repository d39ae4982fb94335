"""An expiry tells what it destroyed: the preview, the answer and the rows that went agree."""

from datetime import UTC, datetime

import pytest
from tests.unit.services.house import in_memory, on_disk


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def rows(house) -> tuple[int, int]:
    buckets = list(house.store.keys.buckets())
    return len(buckets), sum(bucket.records for bucket in buckets)


@pytest.mark.parametrize("until", [datetime(2026, 11, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_what_is_previewed_is_what_goes(house, until) -> None:
    house.held()
    house.held(b"again")
    house.held(subject="ben", session="s2", tier="team")
    forever = house.held(subject="eva", session="s3", kind="output")
    before = rows(house)
    shown = house.keeping.disposition.preview(until)
    done = house.keeping.disposition.expire(until)
    after = rows(house)
    assert (shown.keys, shown.records, shown.days) == (done.keys, done.records, done.days)
    assert (done.keys, done.records) == (before[0] - after[0], before[1] - after[1]) == (2, 3)
    assert sum(entry["records"] for entry in house.entries("expired")) == done.records
    assert house.gets(forever) == b"what I typed", "what has no end is never due"
