"""A command waits for another one, and not for ever."""

import pytest

from tenure.errors import VaultError
from tenure.vault.disk import Folder
from tenure.vault.waiting import Patience


class Time:
    def __init__(self) -> None:
        self.at = 100.0
        self.slept = 0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept += 1


def test_patience_ends_after_its_seconds() -> None:
    time = Time()
    patience = Patience(5.0, time.monotonic, time.sleep)
    time.at += 1000
    while patience():
        pass
    assert 5.0 <= time.at - 1100 < 5.1
    assert time.slept > 100


def test_lock_is_had_as_soon_as_the_other_lets_go(tmp_path) -> None:
    other = Folder(str(tmp_path)).lock("lock")
    other.__enter__()
    asked = []

    def wait() -> bool:
        asked.append(1)
        if len(asked) == 3:
            other.__exit__(None, None, None)
        return True

    with Folder(str(tmp_path), wait).lock("lock"):
        assert len(asked) == 3


def test_lock_that_is_never_let_go_is_busy_in_the_end(tmp_path) -> None:
    time = Time()
    with Folder(str(tmp_path)).lock("lock"):
        for folder in (Folder(str(tmp_path), Patience(5.0, time.monotonic, time.sleep)), Folder(str(tmp_path))):
            with pytest.raises(VaultError) as caught, folder.lock("lock"):
                pass
            assert caught.value.code == "vault/busy"
    assert 5.0 <= time.at - 100 < 5.1
