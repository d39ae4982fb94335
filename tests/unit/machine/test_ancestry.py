import os
import sys

import pytest

from tenure.machine.ancestry import ancestors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the names of processes are read from /proc")


def name_of(process: int) -> str:
    with open(f"/proc/{process}/comm", encoding="utf-8") as file:
        return file.read().rstrip("\n")


def test_the_nearest_comes_first():
    found = ancestors(os.getpid())

    assert found[:2] == (name_of(os.getpid()), name_of(os.getppid()))
    assert len(found) < 64


@pytest.mark.parametrize("process", [0, -1, 2**22 + 1])
def test_a_process_that_is_not_there_has_none(process):
    assert ancestors(process) == ()
