"""The fake machine and the real one keep the same contract."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tenure.agents.memory import StoredFile
from tenure.agents.view import Scope
from tenure.machine.local import LocalMachine
from tenure.ports import Machine
from tenure.testing.machine import HOME, FakeMachine, check_machine

Files = Mapping[str, StoredFile]


def fake(files: Files, environment: Mapping[str, str]) -> Machine:
    return FakeMachine({f"~/{path}": file for path, file in files.items()}, environment)


def test_fake_machine_keeps_the_contract() -> None:
    check_machine(fake)


def test_local_machine_keeps_the_contract(tmp_path_factory: pytest.TempPathFactory) -> None:
    def local(files: Files, environment: Mapping[str, str]) -> Machine:
        home = tmp_path_factory.mktemp("home")
        for path, file in files.items():
            write(home / path, file)
        return LocalMachine(Scope(str(home), "linux", None, is_own=True, home_is_open=False), environment)

    check_machine(local)


def write(path: Path, file: StoredFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.link is not None:
        path.symlink_to(file.link)
        return
    if file.tables is not None:
        with closing(sqlite3.connect(path)) as connection:
            for name, rows in file.tables.items():
                connection.execute(f'CREATE TABLE "{name}" (key TEXT UNIQUE, value BLOB)')
                connection.executemany(f'INSERT INTO "{name}" VALUES (?, ?)', [(key, value.encode()) for key, value in rows.items()])  # noqa: S608
            connection.commit()
    else:
        path.write_bytes(file.content)
    path.chmod(file.mode)
    os.utime(path, (file.modified, file.modified))


def test_the_checks_catch_a_machine_that_opens_credentials() -> None:
    class Careless(FakeMachine):
        def read(self, path: str) -> bytes:  # type: ignore[override]
            return b"secret"

    with pytest.raises(AssertionError):
        check_machine(lambda files, environment: Careless({f"~/{path}": file for path, file in files.items()}, environment))


def test_another_home_has_no_environment() -> None:
    machine = FakeMachine({}, {"DISABLE_TELEMETRY": "1"}, is_own=False)
    assert machine.variable("DISABLE_TELEMETRY") is None
    assert machine.scope.home == HOME
