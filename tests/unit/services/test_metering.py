"""Metering: each request once, by the prices of its own time, cheaper by token kind for as long as an enrolment lasts, and gone with the person."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.unit.services.house import House

from tenure import wiring
from tenure.ports import Selection
from tenure.services.keeping import keep
from tenure.services.metering import MOST_PAYERS, Metering
from tenure.services.packs import make_book
from tenure.services.updates import shelf
from tenure.terms.price import Usage
from tenure.testing.state import MemoryState
from tenure.testing.store import MemoryStore

MAY = datetime(2025, 5, 20, 12, tzinfo=UTC)
MILLION = 1_000_000
BOOK = make_book(shelf(MemoryState(), wiring.packaged_packs()), [])
LIST = {"input": Decimal(3), "write_5m": Decimal("3.75"), "write_1h": Decimal(6), "read": Decimal("0.3"), "output": Decimal(15)}


class Metered(House):
    """A house in the days of the program, with the dated prices of a real agent."""

    def open(self):
        super().open()
        self.clock.move_to(max(self.clock.now(), MAY))
        self.keeping = keep(self.store, BOOK, self.clock, lambda: self.ran)
        self.metering = Metering(self.store, self.keeping.accounts, BOOK, self.keeping.time)

    def uses(self, request, payer="acme", *, is_org=True, model="sonnet-3.7", **tokens) -> bool:
        return self.metering.add("claude_code", payer, is_org=is_org, model=model, usage=Usage(**tokens), request=request)

    def lines(self, payer="acme", *, is_org=True):
        return self.metering.invoice(payer, is_org=is_org)

    def sets_program(self, *, on):
        consents, terms = self.keeping.consents, {"agent": "claude_code", "subject": "olga", "name": "dpp", "org": "acme", "at": self.keeping.at}
        if not on:
            consents.withdraw(**terms, channel="terminal")
            return
        asked = consents.ask(**terms, channel="terminal")
        self.later(seconds=5)
        answer = consents.answer(asked.nonce, "olga", True, shown=asked.shown, at=self.keeping.at, channel="terminal", flushed=True)
        assert getattr(answer, "value", None) is True, answer


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr("tests.unit.services.house.START", MAY)
    store = MemoryStore(MAY)
    house = Metered(lambda: store)
    accounts, now = house.keeping.accounts, house.keeping.at
    assert accounts.set_team("tess", on=True, at=now) is None
    made = accounts.create_org("acme", owner="olga", agent="claude_code", tier="api", provider="first_party", actor="olga", at=now)
    assert made is None
    assert accounts.create_account("anna", agent="claude_code", tier="pro", provider="first_party", at=now) is None
    house.later(minutes=1)
    return house


@pytest.mark.parametrize("is_restarted", [False, True])
def test_same_request_counts_once(house, is_restarted):
    assert house.uses("req-1", input=10)
    if is_restarted:
        house.reopen()
    assert not house.uses("req-1", input=10)
    assert not house.uses("req-1", input=999)
    (line,) = house.lines()
    assert (line.requests, dict(line.tokens)) == (1, {"input": 10})


def test_requests_of_payers_are_apart(house):
    assert house.uses("req-1", "acme", input=1)
    assert house.uses("req-1", "anna", is_org=False, input=2)
    assert house.uses("req-1", "acme", is_org=False, input=3)
    assert [dict(line.tokens) for line in house.lines("anna", is_org=False)] == [{"input": 2}]


@pytest.mark.parametrize("kind", LIST)
def test_price_of_each_kind_of_token_is_the_list_price_without_an_enrolment(house, kind):
    house.uses("req-1", **{kind: 1000})
    (line,) = house.lines()
    assert line.listed == line.due == LIST[kind] / 1000
    assert line.discounted == 0


@pytest.mark.parametrize("kind", LIST)
def test_enrolment_lowers_the_kinds_that_its_row_names_and_no_other(house, kind):
    house.sets_program(on=True)
    house.later(days=1)
    house.uses("req-1", **{kind: 1000})
    (line,) = house.lines()
    is_lowered = kind in ("input", "write_5m", "read")
    assert line.listed == LIST[kind] / 1000
    assert line.due == LIST[kind] / 1000 * (Decimal("0.7") if is_lowered else 1)
    assert line.discounted == int(is_lowered)


def test_discount_is_of_the_models_that_its_row_names(house):
    house.sets_program(on=True)
    house.later(days=1)
    house.uses("req-1", model="haiku-3.5", input=1000)
    (line,) = house.lines()
    assert line.due == line.listed


def test_discount_lasts_from_the_enrolment_to_the_withdrawal(house):
    house.uses("before", input=MILLION)
    house.later(days=1)
    house.sets_program(on=True)
    house.later(days=1)
    house.uses("while", input=MILLION)
    house.later(days=1)
    house.sets_program(on=False)
    house.later(days=1)
    house.uses("after", input=MILLION)
    (line,) = house.lines()
    assert (line.requests, line.discounted) == (3, 1)
    assert line.listed - line.due == Decimal("0.9")


def test_discount_ends_with_its_row(house):
    house.sets_program(on=True)
    house.later(days=80)
    house.uses("req-1", input=1000)
    (line,) = house.lines()
    assert line.month == "2025-08"
    assert line.due == line.listed


def test_invoice_has_a_line_per_month_and_model(house):
    for number, (days, model) in enumerate([(0, "sonnet-3.7"), (0, "haiku-3.5"), (20, "sonnet-3.7"), (0, "sonnet-3.7")]):
        house.later(days=days)
        house.uses(f"req-{number}", model=model, input=1, output=2)
    lines = house.lines()
    assert [(line.month, line.model, line.requests) for line in lines] == [
        ("2025-05", "haiku-3.5", 1),
        ("2025-05", "sonnet-3.7", 1),
        ("2025-06", "sonnet-3.7", 2),
    ]
    assert dict(lines[2].tokens) == {"input": 2, "output": 4}


def test_price_that_no_row_states_is_unknown_and_never_nought(house):
    house.uses("req-1", model="made-up-model", input=1)
    house.uses("req-2", model="made-up-model", input=1)
    (line,) = house.lines()
    assert (line.listed, line.due, line.requests) == (None, None, 2)


def test_use_goes_with_the_person_and_the_same_request_counts_anew(house):
    house.uses("req-1", "anna", is_org=False, input=1)
    house.uses("req-1", "acme", input=1)
    house.keeping.disposition.erase(Selection(subjects=["anna"]), "request", subject="anna")
    house.reopen()
    assert house.lines("anna", is_org=False) == []
    assert len(house.lines()) == 1
    assert house.uses("req-1", "anna", is_org=False, input=1)


def test_name_of_a_request_is_not_kept(house):
    house.uses("a-name-of-a-request", input=1)
    assert b"a-name-of-a-request" not in house.raw()


def test_fault_while_a_request_is_written_down_counts_it_not(house):
    add = house.store.journal.add

    def fails(topic, key, body):
        raise OSError("no disk")

    house.store.journal.add = fails
    with pytest.raises(OSError, match="no disk"):
        house.uses("req-1", input=1)
    house.store.journal.add = add
    assert house.uses("req-1", input=1)
    (line,) = house.lines()
    assert line.requests == 1


def test_use_of_a_merged_account_stands_under_both(house):
    accounts = house.keeping.accounts
    assert accounts.create_account("anne", agent="claude_code", tier="pro", provider="first_party", at=house.keeping.at) is None
    house.uses("req-1", "anne", is_org=False, input=1)
    house.later(seconds=1)
    assert accounts.merge("anne", "anna", at=house.keeping.at) is None
    assert not house.uses("req-1", "anna", is_org=False, input=1)
    assert house.uses("req-2", "anne", is_org=False, input=1)
    (line,) = house.lines("anna", is_org=False)
    assert line.requests == 2


def test_requests_of_many_payers_are_remembered_in_bounds_and_count_once_all_the_same(house):
    for number in range(MOST_PAYERS + 5):
        house.uses("req-1", f"org-{number}", input=1)
    assert len(house.metering._seen) == MOST_PAYERS
    assert not house.uses("req-1", "org-0", input=1)
