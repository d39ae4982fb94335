"""Jobs: what may read, and under which name."""

import pytest
from tests.unit.services.house import in_memory, on_disk
from tests.unit.services.works import CODE

from tenure.errors import DataError, VaultError
from tenure.records.kinds import Purpose


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def test_job_is_kept_as_it_was_registered(house) -> None:
    made = house.job("serve", "improve", name="nightly/report")
    house.reopen() if house.folder else None
    assert house.keeping.jobs.get("nightly/report") == made
    (entry,) = house.entries("registered")
    assert (entry["job"], entry["code"], entry["purposes"]) == (made.digest, CODE, ["improve", "serve"])
    assert b"nightly" not in b"".join(house.store.ledger.entries())


def test_registered_anew_the_later_one_counts_and_has_another_digest(house) -> None:
    first = house.job("serve")
    house.later(seconds=1)
    second = house.job("improve")
    assert (house.keeping.jobs.get("job"), house.keeping.jobs.all()) == (second, [second])
    assert first.digest != second.digest


@pytest.mark.parametrize("name", ["", "A", "a b", "a" * 65, "-a", "a\n", "ä"])
def test_name_has_to_be_one(house, name) -> None:
    with pytest.raises(DataError) as caught:
        house.job("serve", name=name)
    assert caught.value.code == "job/name"
    assert house.entries() == []


@pytest.mark.parametrize(
    ("code", "sink"), [("sha256:", "out"), (CODE.upper(), "out"), (CODE + "0", "out"), (CODE, ""), (CODE, "a b"), (CODE, "a\nb")]
)
def test_code_and_sink_have_to_be_some(house, code, sink) -> None:
    with pytest.raises(DataError) as caught:
        house.keeping.jobs.register("job", code, sink, [Purpose.SERVE])
    assert caught.value.code == "job/malformed"


@pytest.mark.parametrize("purposes", [[], [Purpose.COLLECT], [Purpose.SERVE, Purpose.COLLECT]])
def test_job_reads_for_something_other_than_to_collect(house, purposes) -> None:
    with pytest.raises(DataError) as caught:
        house.keeping.jobs.register("job", CODE, "out", purposes)
    assert caught.value.code == "job/purposes"


def test_unknown_job_is_an_error_that_says_how_to_register_one(house) -> None:
    with pytest.raises(VaultError) as caught:
        house.keeping.jobs.get("nobody")
    assert caught.value.code == "job/unknown"
    assert "tenure job register" in caught.value.remedy


def test_job_is_not_registered_while_the_clock_is_in_doubt(house) -> None:
    house.jump(days=31)
    house.reopen()
    with pytest.raises(VaultError) as caught:
        house.job("serve")
    assert caught.value.code == "vault/clock"
