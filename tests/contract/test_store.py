"""The contract of a store, on the fake and on the real one."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tenure.ports import Store
from tenure.testing.keys_checks import START, check_key_ring
from tenure.testing.store import MemoryStore
from tenure.testing.store_checks import check_frames, check_journal, check_ledger_store, check_store
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

Check = Callable[[Callable[[], Store]], None]
CHECKS: tuple[Check, ...] = (check_journal, check_ledger_store, check_key_ring, check_frames, check_store)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_memory_store_keeps_the_contract(check: Check) -> None:
    check(lambda: MemoryStore(START))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_sqlite_store_keeps_the_contract(check: Check, tmp_path: Path) -> None:
    numbers = itertools.count()
    check(lambda: SqliteStore(Folder(str(tmp_path / str(next(numbers)))), at=START))
