"""One thread that owns the store. Handlers hand it functions and wait; what comes together is made durable together.

A store has one writer; SQLite's connection belongs to one thread. Source: design 0003, Seams.
"""

import asyncio
import contextlib
import functools
import itertools
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tenure.errors import VaultError
from tenure.services.intake import Item, Put
from tenure.services.keeping import Keeping

MOST_WAITING = 2_000
"""Requests that wait for the writer; one more is told to come back later."""
MOST_TOGETHER = 200
"""Items that are made durable together."""
SWEEP_S = 30.0
"""Seconds from one sweep to the next."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Action:
    run: Callable[[Keeping], Any]  # Any: whatever the handler wants back
    answer: "Future[Any]"  # Any: as above


@dataclass(frozen=True, slots=True)
class Holding(Generic[Result]):
    """What is to be held.

    Attributes:
        item: it.
        note: is done inside of the transaction that holds it.
        done: makes the answer, once it is durable.
    """

    item: Item
    note: Callable[[Put], object]
    done: Callable[[Put], Result]


@dataclass(frozen=True, slots=True)
class _Intake:
    prepare: Callable[[Keeping], Any]  # Any: whatever the handler wants back, or a Holding
    key: object
    answer: "Future[Any]"  # Any: as above


_Task = _Action | _Intake | None
"""What waits for the writer; None = nothing comes any more."""


class Writer:
    """Owns an open store.

    Args:
        opened: opens it; entered and left in the writer's own thread.
        sweep: what is to be done at the start and from time to time.
        monotonic: seconds since some start.
        failed: is told what failed that nobody waits for.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Keeping]],
        sweep: Callable[[Keeping], object],
        monotonic: Callable[[], float] = time.monotonic,
        failed: Callable[[BaseException], object] = lambda error: None,
    ) -> None:
        self._failed = failed
        self._is_over = False
        self._opened = opened
        self._sweep = sweep
        self._monotonic = monotonic
        self._swept_at = monotonic()
        self._waiting: queue.Queue[_Task] = queue.Queue(MOST_WAITING)
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, name="tenure-writer")

    def start(self) -> None:
        """Open the store; return when what was due is gone.

        Raises:
            Error: it cannot be opened.
        """
        self._thread.start()
        self._ready.result()

    def stop(self) -> None:
        """Finish what waits, close the store."""
        self._waiting.put(None)
        self._thread.join()

    async def run(self, action: Callable[[Keeping], Result]) -> Result:
        """Run a function of the store and return what it returns, once it is durable.

        Raises:
            VaultError: too many wait (`server/busy`).
        """
        answer: Future[Result] = Future()
        self._hand_over(_Action(action, answer))
        return await asyncio.wrap_future(answer)

    def call(self, action: Callable[[Keeping], Result]) -> Result:
        """Do the same for a caller that is no coroutine."""
        answer: Future[Result] = Future()
        self._hand_over(_Action(action, answer))
        return answer.result()

    async def put(self, item: Item) -> Put:
        """Take in an item, together with others that come at the same time."""
        return await self.hold(lambda keeping: Holding(item, _nothing, _same))

    async def hold(self, prepare: "Callable[[Keeping], Holding[Result] | Result]", key: object = None) -> Result:
        """Take in what a function makes ready, together with others that come at the same time.

        Args:
            prepare: returns what is to be held, or the answer where nothing is.
            key: of two with the same one, the second is made ready once the first is durable; None = it does not matter.

        Raises:
            VaultError: too many wait (`server/busy`).
        """
        answer: Future[Result] = Future()
        self._hand_over(_Intake(prepare, key, answer))
        return await asyncio.wrap_future(answer)

    def _hand_over(self, task: _Action | _Intake) -> None:
        if self._is_over:
            raise _no_more()
        try:
            self._waiting.put_nowait(task)
        except queue.Full as error:
            raise VaultError("server: expected room for one more request, found none", code="server/busy", remedy="come back in a second") from error

    def _work(self) -> None:
        try:
            with self._opened() as keeping:
                self._swept(keeping)
                self._ready.set_result(None)
                while self._serve(keeping, self._drained()):
                    pass
        except BaseException as error:
            if self._ready.done():
                self._failed(error)
            else:
                self._ready.set_exception(error)
        finally:
            self._is_over = True
            self._turn_away()

    def _turn_away(self) -> None:
        """Answer whoever still waits."""
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._waiting.get_nowait()
                if task is not None and task.answer.set_running_or_notify_cancel():
                    task.answer.set_exception(_no_more())

    def _drained(self) -> list[_Task]:
        """Wait for a task and return it with all others that wait already."""
        try:
            found = [self._waiting.get(timeout=SWEEP_S)]
        except queue.Empty:
            return []
        with contextlib.suppress(queue.Empty):
            while len(found) < MOST_TOGETHER:
                found.append(self._waiting.get_nowait())
        return found

    def _serve(self, keeping: Keeping, tasks: list[_Task]) -> bool:
        """Do tasks in their order, items in a row together; return whether there is more to come."""
        if self._monotonic() - self._swept_at >= SWEEP_S:
            self._swept(keeping)
        for kind, group in itertools.groupby(tasks, type):
            if kind is _Intake:
                for together in _apart([task for task in group if isinstance(task, _Intake)]):
                    _put_all(keeping, together)
                continue
            for task in group:
                if isinstance(task, _Action):
                    _answer(task.answer, functools.partial(task.run, keeping))
        return None not in tasks

    def _swept(self, keeping: Keeping) -> None:
        """Sweep; what fails now is tried again the next time, and costs no request its answer."""
        self._swept_at = self._monotonic()
        try:
            self._sweep(keeping)
        except Exception as error:
            self._failed(error)


def _no_more() -> VaultError:
    return VaultError("server: expected a service that goes on, found one that stops", code="server/busy", remedy="come back in a second")


def _answer(answer: "Future[Any]", run: Callable[[], Any]) -> None:  # Any: as the handlers have it
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(run())
    except BaseException as error:
        answer.set_exception(error)


def _apart(tasks: list[_Intake]) -> list[list[_Intake]]:
    """Split tasks so that no two of a group have the same key."""
    groups: list[list[_Intake]] = [[]]
    for task in tasks:
        if task.key is not None and any(task.key == other.key for other in groups[-1]):
            groups.append([])
        groups[-1].append(task)
    return groups


def _put_all(keeping: Keeping, together: list[_Intake]) -> None:
    """Hold what is made ready together; when that fails, each for itself, so that one that is bad spoils no other."""
    ready = list[tuple[_Intake, Holding[Any]]]()  # Any: as the handlers have it
    for task in together:
        if task.answer.set_running_or_notify_cancel():
            try:
                found = task.prepare(keeping)
            except BaseException as error:
                task.answer.set_exception(error)
                continue
            if isinstance(found, Holding):
                ready.append((task, found))
            else:
                task.answer.set_result(found)
    try:
        puts = _held(keeping, [holding for _, holding in ready])
    except Exception:
        for task, holding in ready:
            try:
                (put,) = _held(keeping, [holding])
                task.answer.set_result(holding.done(put))
            except BaseException as error:
                task.answer.set_exception(error)
        return
    for (task, holding), put in zip(ready, puts, strict=True):
        task.answer.set_result(holding.done(put))


def _held(keeping: Keeping, holdings: "list[Holding[Any]]") -> list[Put]:  # Any: as above
    def note(puts: list[Put]) -> None:
        for holding, put in zip(holdings, puts, strict=True):
            holding.note(put)

    return keeping.intake.put_all([holding.item for holding in holdings], then=note) if holdings else []


def _nothing(_: Put) -> None:
    """Note nothing."""


def _same(put: Put) -> Put:
    return put
