"""The one thread that owns a store: it answers everybody, in order, and goes on when something fails."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from tests.unit.services.house import CASE, in_memory

from tenure.errors import VaultError
from tenure.records.held import Owner
from tenure.records.kinds import Verdict
from tenure.server import writer as module
from tenure.server.writer import MOST_WAITING, SWEEP_S, Writer
from tenure.services.intake import Item
from tenure.terms.cases import parse_case


class Shop:
    """A writer over a store in memory; time goes by when a test says so."""

    def __init__(self, sweep=lambda keeping: None):
        self.house, self.ran, self.failed, self.sweeps = in_memory(), 0.0, list[BaseException](), 0
        self._sweep = sweep
        self.writer = Writer(self._opened, self._swept, lambda: self.ran, self.failed.append)

    @contextmanager
    def _opened(self):
        self.opened_in = threading.current_thread().name
        yield self.house.keeping
        self.closed_in = threading.current_thread().name

    def _swept(self, keeping):
        self.sweeps += 1
        self._sweep(keeping)

    def item(self, content=b"what I typed", **changes):
        case = parse_case({name: value for name, value in {**CASE, "purpose": "collect", **changes}.items() if value is not None})
        return Item(case, Owner("anna", None, "s1"), [content])


@pytest.fixture
def shop():
    shop = Shop()
    shop.writer.start()
    yield shop
    shop.writer.stop()


def test_store_is_opened_used_and_closed_in_one_thread():
    shop = Shop()
    shop.writer.start()
    used_in = shop.writer.call(lambda keeping: threading.current_thread().name)
    shop.writer.stop()
    assert {shop.opened_in, used_in, shop.closed_in} == {"tenure-writer"}


def test_start_raises_what_keeps_the_store_from_opening():
    @contextmanager
    def opened():
        raise VaultError("store: in use", code="vault/busy")
        yield

    writer = Writer(opened, lambda keeping: None)
    with pytest.raises(VaultError, match="in use"):
        writer.start()
    with pytest.raises(VaultError) as raised:
        writer.call(lambda keeping: 1)
    assert raised.value.code == "server/busy"


def test_error_of_one_action_is_its_callers_alone(shop):
    with pytest.raises(ZeroDivisionError):
        shop.writer.call(lambda keeping: 1 // 0)
    assert shop.writer.call(lambda keeping: 7) == 7


def test_items_that_come_together_are_durable_together(shop):
    async def both():
        held = threading.Event()
        first = asyncio.ensure_future(shop.writer.run(lambda keeping: held.wait(10)))
        puts = [asyncio.ensure_future(shop.writer.put(shop.item())) for _ in range(20)]
        await asyncio.sleep(0)
        held.set()
        await first
        return await asyncio.gather(*puts)

    made = [0]
    transaction = shop.house.store.transaction

    def counted():
        made[0] += 1
        return transaction()

    shop.house.store.transaction = counted
    puts = asyncio.run(both())
    assert {put.verdict for put in puts} == {Verdict.PERMIT}
    assert len({str(put.records[0]) for put in puts}) == 20
    assert made[0] == 1


def test_bad_item_spoils_no_other_that_came_with_it(shop):
    async def together():
        held = threading.Event()
        first = asyncio.ensure_future(shop.writer.run(lambda keeping: held.wait(10)))
        items = [shop.item(b"one"), shop.item(collected_at="2031-01-01T00:00:00Z"), shop.item(b"two")]
        puts = [asyncio.ensure_future(shop.writer.put(item)) for item in items]
        await asyncio.sleep(0)
        held.set()
        await first
        return await asyncio.gather(*puts, return_exceptions=True)

    one, bad, two = asyncio.run(together())
    assert getattr(bad, "code", "") == "case/ahead"
    assert one.verdict is two.verdict is Verdict.PERMIT
    assert [each.content for each in shop.house.keeping.rights.export("anna")] == [b"one", b"two"]


def test_one_more_than_may_wait_is_told_to_come_back(shop):
    held = threading.Event()
    shop.writer._hand_over(module._Action(lambda keeping: held.wait(10), module.Future()))
    futures = []

    def fill():
        for _ in range(MOST_WAITING + module.MOST_TOGETHER + 2):
            futures.append(module.Future())
            shop.writer._hand_over(module._Action(lambda keeping: 1, futures[-1]))

    with pytest.raises(VaultError) as raised:
        fill()
    assert raised.value.code == "server/busy"
    held.set()
    assert [future.result(10) for future in futures[:-1]] == [1] * (len(futures) - 1)


def test_request_that_nobody_waits_for_is_not_done(shop):
    done = []
    held, given_up = threading.Event(), module.Future()
    shop.writer._hand_over(module._Action(lambda keeping: held.wait(10), module.Future()))
    shop.writer._hand_over(module._Action(lambda keeping: done.append(1), given_up))
    given_up.cancel()
    held.set()
    assert shop.writer.call(lambda keeping: 7) == 7
    assert done == []


def test_sweep_is_done_at_the_start_and_every_half_minute(shop):
    assert shop.sweeps == 1
    for ran, expected in ((SWEEP_S - 1, 1), (SWEEP_S, 2), (SWEEP_S + 1, 2), (2 * SWEEP_S, 3)):
        shop.ran = ran
        shop.writer.call(lambda keeping: None)
        assert shop.sweeps == expected


def test_sweep_that_fails_is_told_and_tried_again_and_costs_no_answer():
    def fails(keeping):
        raise VaultError("no space", code="vault/full")

    shop = Shop(fails)
    shop.writer.start()
    assert shop.writer.call(lambda keeping: 7) == 7
    shop.ran = SWEEP_S
    assert shop.writer.call(lambda keeping: 7) == 7
    shop.writer.stop()
    assert [error.code for error in shop.failed] == ["vault/full"] * 2


def test_stop_finishes_what_waits_and_takes_nothing_more(shop):
    held, last = threading.Event(), module.Future()
    shop.writer._hand_over(module._Action(lambda keeping: held.wait(10), module.Future()))
    shop.writer._hand_over(module._Action(lambda keeping: 7, last))
    stopping = threading.Thread(target=shop.writer.stop)
    stopping.start()
    held.set()
    stopping.join(10)
    assert last.result(10) == 7
    with pytest.raises(VaultError) as raised:
        shop.writer.call(lambda keeping: 1)
    assert raised.value.code == "server/busy"
    shop.writer._waiting.put(None)


def test_who_comes_too_late_is_turned_away_and_does_not_hang():
    shop = Shop()
    shop.writer.start()
    held, late = threading.Event(), module.Future()
    shop.writer._hand_over(module._Action(lambda keeping: held.wait(10), module.Future()))
    shop.writer._waiting.put(None)
    for _ in range(module.MOST_TOGETHER):
        shop.writer._hand_over(module._Action(lambda keeping: 1, module.Future()))
    shop.writer._hand_over(module._Action(lambda keeping: 1, late))
    held.set()
    shop.writer._thread.join(10)
    with pytest.raises(VaultError):
        late.result(10)
