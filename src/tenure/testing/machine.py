"""A fake machine, and the checks that every machine must pass."""

from collections.abc import Callable, Mapping

from tenure.agents.memory import MemoryMachine, StoredFile
from tenure.agents.view import WINDOW, Ends, Listing, Scope, Unreadable
from tenure.errors import AgentError
from tenure.ports import Machine

HOME = "/home/dev"


class FakeMachine(MemoryMachine):
    """A machine in memory.

    Args:
        files: by path; a path that begins with `~` lies in the home folder. Text and bytes stand for a file of mode 600 of the year 1970.
        environment: variables.
        folders: permission bits of folders; others are closed to other users.
        platform: `linux` or `darwin`.
        folder: the working folder.
        is_own: the view has this environment; else the environment is empty.
        home_is_open: other users can pass through the home folder.
        closed: folders that cannot be looked into, with the reason.
    """

    def __init__(
        self,
        files: Mapping[str, StoredFile | bytes | str] | None = None,
        environment: Mapping[str, str] | None = None,
        folders: Mapping[str, int] | None = None,
        *,
        platform: str = "linux",
        folder: str | None = None,
        is_own: bool = True,
        home_is_open: bool = True,
        closed: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            Scope(HOME, platform, folder, is_own, home_is_open),
            {_absolute(path): _stored(file) for path, file in (files or {}).items()},
            environment if is_own else {},
            {_absolute(path): mode for path, mode in (folders or {}).items()},
            {_absolute(path): reason for path, reason in (closed or {}).items()},
        )


def _absolute(path: str) -> str:
    return HOME + path[1:] if path.startswith("~") else path


def _stored(file: StoredFile | bytes | str) -> StoredFile:
    if isinstance(file, StoredFile):
        return file
    return StoredFile(file.encode() if isinstance(file, str) else file)


Make = Callable[[Mapping[str, StoredFile], Mapping[str, str]], Machine]
"""Makes a machine with files at paths relative to its home folder, and with an environment."""


def check_machine(make: Make) -> None:
    """Check that a machine keeps the contract of `ports.Machine`.

    Args:
        make: makes the machine to check; called once per check.
    """
    for check in (_reads_settings, _refuses_credentials, _refuses_secrets, _reads_ends_only, _walks, _looks_for_names, _selects_keys):
        check(make)


def _reads_settings(make: Make) -> None:
    machine = make({"a/settings.json": StoredFile(b"{}"), "a/link.json": StoredFile(link="settings.json"), "a/loop": StoredFile(link="loop")}, {})
    home = machine.scope.home
    assert machine.read(f"{home}/a/settings.json") == b"{}"
    assert machine.read(f"{home}/a/link.json") == b"{}", "a link to a settings file is followed"
    assert machine.reads.settings in (1, 2)
    for path, is_absent in (("a/none", True), ("a", False), ("a/loop", False), ("a/settings.json/b", True)):
        found = machine.read(f"{home}/{path}")
        assert isinstance(found, Unreadable)
        assert found.is_absent is is_absent, path
    assert isinstance(machine.read(f"{home}/\0"), Unreadable)


def _refuses_credentials(make: Make) -> None:
    files = {
        "a/auth.json": StoredFile(b"secret"),
        "a/settings.json": StoredFile(link="auth.json"),
        "a/plain": StoredFile(b"secret"),
        "a/.credentials.json": StoredFile(link="plain"),
    }
    machine = make(files, {})
    home = machine.scope.home
    for path in ("a/auth.json", "a/settings.json", "a/.credentials.json"):
        assert isinstance(machine.read(f"{home}/{path}"), Unreadable), path
    assert isinstance(machine.ends(f"{home}/a/auth.json"), Unreadable)
    assert isinstance(machine.rows(f"{home}/a/auth.json", "t", ["k"]), Unreadable)
    assert machine.reads.refused == 5
    assert (machine.reads.settings, machine.reads.credentials, machine.reads.connections, machine.reads.content_bytes) == (0, 0, 0, 0)


def _refuses_secrets(make: Make) -> None:
    machine = make({}, {"SOME_API_KEY": "secret", "EMPTY": "", "PLAIN": "1"})
    assert machine.has_variable("SOME_API_KEY")
    assert not machine.has_variable("EMPTY")
    assert not machine.has_variable("UNSET")
    assert (machine.variable("PLAIN"), machine.variable("UNSET")) == ("1", None)
    try:
        machine.variable("SOME_API_KEY")
    except AgentError:
        return
    raise AssertionError("the value of a key variable was read")


def _reads_ends_only(make: Make) -> None:
    content = b"head" + b"x" * (3 * WINDOW) + b"tail"
    machine = make({"s/big": StoredFile(content), "s/small": StoredFile(b"0123456789"), "s/link": StoredFile(link="small")}, {})
    home = machine.scope.home
    big, small = machine.ends(f"{home}/s/big", 10 * WINDOW), machine.ends(f"{home}/s/small", 8)
    assert isinstance(big, Ends)
    assert isinstance(small, Ends)
    assert (big.head, big.tail, big.size) == (content[:WINDOW], content[-WINDOW:], len(content))
    assert (small.head, small.tail) == (b"01234567", b"89"), "the ends do not overlap"
    assert isinstance(machine.ends(f"{home}/s/link"), Unreadable), "a link to a session is not followed"
    assert machine.reads.sessions == 2


def _walks(make: Make) -> None:
    files = {"d/one": StoredFile(b"1", modified=1000.0), "d/in/two": StoredFile(b"22", modified=2000.0), "d/out": StoredFile(link="in")}
    machine = make(files, {})
    home = machine.scope.home
    listing = machine.walk(f"{home}/d")
    assert isinstance(listing, Listing)
    found = {entry.path: entry for entry in listing.entries}
    assert set(found) == {"one", "in/two", "out"}
    assert (found["in/two"].size, found["in/two"].modified, found["in/two"].regular) == (2, 2000.0, True)
    assert not found["out"].regular, "a link is listed and not followed"
    for path, is_absent in (("none", True), ("d/one", False)):
        missing = machine.walk(f"{home}/{path}")
        assert isinstance(missing, Unreadable)
        assert missing.is_absent is is_absent


def _looks_for_names(make: Make) -> None:
    files = {path: StoredFile(b"x") for path in ("r/.hist", "r/a/.hist", "r/a/other", "r/a/b/.hist", "r/.git/.hist", "r/node_modules/.hist")}
    machine = make(files, {})
    listing = machine.walk(f"{machine.scope.home}/r", names=[".hist"], depth=1)
    assert isinstance(listing, Listing)
    assert {entry.path for entry in listing.entries} == {".hist", "a/.hist"}


def _selects_keys(make: Make) -> None:
    tables = {"ItemTable": {"wanted": "1", "other": "secret"}}
    machine = make({"db": StoredFile(tables=tables), "text": StoredFile(b"not a database at all")}, {})
    home = machine.scope.home
    assert machine.rows(f"{home}/db", "ItemTable", ["wanted", "absent"]) == {"wanted": "1"}
    for path, table in (("db", "NoTable"), ("db", 'x" --'), ("text", "ItemTable"), ("none", "ItemTable")):
        assert isinstance(machine.rows(f"{home}/{path}", table, ["wanted"]), Unreadable), (path, table)
