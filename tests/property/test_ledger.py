"""The ledger in SQLite says what the pure functions say: across appends, transactions that fail, and reopening."""

import contextlib
import shutil
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.tiles import LONGEST, WIDTH
from tenure.ledger.tree import consistency_proof, inclusion_proof, is_consistent, is_included, leaf_hash, root_of
from tenure.vault.database import Database
from tenure.vault.disk import Folder
from tenure.vault.ledger import SCHEMA, SqliteLedger

BLOCK = 1 << 16


class Undone(Exception):
    """What a transaction fails with."""


@contextlib.contextmanager
def opened(folder):
    database = Database(Folder(str(folder)), "keys.db")
    try:
        with database.transaction():
            database.run(SCHEMA)
        yield database, SqliteLedger(database)
    finally:
        database.close()


def made(start, count):
    return [b"entry %d" % number for number in range(start, start + count)]


def complete(entries, level, index):
    return root_of(entries[index << level : (index + 1) << level])


class Ledger(RuleBasedStateMachine):
    """Appends of any length, undone ones and reopening, beside a list."""

    @initialize(size=st.sampled_from([0, 0, 1, 250, 255, 256, 257, 511, 512, 1000]))
    def begin(self, size):
        self.folder = tempfile.mkdtemp(prefix="tenure-ledger-")
        self.stack = contextlib.ExitStack()
        self.entries = []
        self.reopen()
        self.append(size)

    @rule()
    def reopen(self):
        self.stack.close()
        self.stack = contextlib.ExitStack()
        self.database, self.ledger = self.stack.enter_context(opened(self.folder))

    @rule(count=st.one_of(st.integers(0, 5), st.sampled_from([254, 255, 256, 257, 600])))
    def append(self, count):
        entries = made(len(self.entries), count)
        with self.database.transaction():
            assert self.ledger.append(entries) == len(self.entries)
        self.entries += entries

    @rule(counts=st.lists(st.sampled_from([0, 1, 3, 255, 256, 300]), max_size=3))
    def undo(self, counts):
        with contextlib.suppress(Undone), self.database.transaction():
            for count in counts:
                self.ledger.append([b"undone"] * count)
                self.ledger.root()
            raise Undone
        self.ledger.reset()

    @rule(data=st.data())
    def prove(self, data):
        if not self.entries:
            return
        size = data.draw(st.integers(1, len(self.entries)))
        index = data.draw(st.integers(0, size - 1))
        root = root_of(self.entries[:size])
        assert self.ledger.root(size) == root
        proof = inclusion_proof(index, size, self.ledger.hash)
        assert is_included(leaf_hash(self.entries[index]), index, size, proof, root)
        proof = consistency_proof(size, len(self.entries), self.ledger.hash)
        assert is_consistent(size, len(self.entries), root, root_of(self.entries), proof)

    @rule(data=st.data())
    def hash(self, data):
        level = data.draw(st.integers(0, len(self.entries).bit_length()))
        index = data.draw(st.integers(0, len(self.entries) >> level))
        if (index + 1) << level > len(self.entries):
            with pytest.raises(IntegrityError, match="one beyond"):
                self.ledger.hash(level, index)
        else:
            assert self.ledger.hash(level, index) == complete(self.entries, level, index)

    @rule(data=st.data())
    def read(self, data):
        start = data.draw(st.integers(0, len(self.entries)))
        stop = data.draw(st.none() | st.integers(0, len(self.entries) + 5))
        assert list(self.ledger.entries(start, stop)) == self.entries[start:stop]

    @invariant()
    def agrees(self):
        if hasattr(self, "ledger"):
            assert self.ledger.size == len(self.entries)
            assert self.ledger.root() == root_of(self.entries)

    def teardown(self):
        self.stack.close()
        shutil.rmtree(self.folder)


Ledger.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
test_a_ledger_agrees_with_a_list = pytest.mark.filterwarnings("error")(Ledger.TestCase)


def test_a_log_that_outgrows_two_levels_of_tiles(tmp_path):
    """65,536 entries make a tile of tiles; the ones around that edge are looked at one by one."""
    entries = made(0, BLOCK + WIDTH + 3)
    with opened(tmp_path) as (database, ledger):
        with database.transaction():
            ledger.append(entries[: BLOCK - 2])
        for size in range(BLOCK - 1, BLOCK + 3):
            with database.transaction():
                ledger.append(entries[size - 1 : size])
            assert ledger.root() == root_of(entries[:size])
        with database.transaction():
            ledger.append(entries[BLOCK + 2 :])
        before = ledger.root()
        assert before == root_of(entries)
        assert ledger.hash(16, 0) == complete(entries, 16, 0)
        assert ledger.hash(15, 1) == complete(entries, 15, 1)
        assert ledger.hash(12, 3) == complete(entries, 12, 3)
        assert ledger.hash(8, 256) == complete(entries, 8, 256)
        assert ledger.root(BLOCK) == complete(entries, 16, 0)
        tiles = database.run("SELECT level, count(*) FROM tiles GROUP BY level")
    assert tiles == [(0, 257), (1, 1)]
    with opened(tmp_path) as (_, ledger):
        assert (ledger.size, ledger.root()) == (len(entries), before)


def test_one_append_and_many_make_the_same_rows(tmp_path):
    entries = made(0, 3 * WIDTH + 7)
    found = []
    for name, step in (("one", len(entries)), ("many", 100)):
        (tmp_path / name).mkdir()
        with opened(tmp_path / name) as (database, ledger):
            with database.transaction():
                for start in range(0, len(entries), step):
                    ledger.append(entries[start : start + step])
            found.append(database.run("SELECT level, number, hashes FROM tiles ORDER BY level, number"))
    assert found[0] == found[1]
    assert len(found[0]) == 3


@given(st.integers(LONGEST + 1, LONGEST + 3))
@settings(max_examples=3)
def test_an_entry_that_is_too_long_leaves_the_ledger_as_it_was(length):
    with tempfile.TemporaryDirectory() as folder, opened(folder) as (_, ledger):
        ledger.append([bytes(LONGEST)])
        with pytest.raises(VaultError) as caught:
            ledger.append([b"short", bytes(length)])
        assert caught.value.code == "ledger/entry-too-long"
        assert ledger.size == len(list(ledger.entries())) == 1


def read_all(folder):
    with opened(folder) as (_, ledger):
        return [ledger.hash(4, 0), ledger.hash(4, 17), *ledger.entries()]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM entries WHERE number = 300",
        "DELETE FROM entries WHERE number = 0",
        "DELETE FROM tiles WHERE number = 1",
        "UPDATE tiles SET hashes = substr(hashes, 2) WHERE number = 0",
        "UPDATE entries SET number = 9223372036854775807 WHERE number = 599",
        "UPDATE entries SET number = -5 WHERE number = 599",
        "DELETE FROM entries WHERE number > 500",
        "DELETE FROM entries",
        "DELETE FROM tiles",
        "DELETE FROM newest",
        "UPDATE newest SET size = 599",
        "UPDATE newest SET size = 0",
        "UPDATE newest SET size = 9223372036854775807",
        "UPDATE newest SET root = zeroblob(32)",
        "UPDATE entries SET entry = zeroblob(5) WHERE number = 599",
        "UPDATE entries SET entry = zeroblob(5) WHERE number = 512",
        "UPDATE tiles SET hashes = zeroblob(8192) WHERE number = 1",
    ],
)
def test_what_is_missing_or_cut_short_is_an_error_that_names_the_file(tmp_path, damage):
    with opened(tmp_path) as (database, ledger):
        with database.transaction():
            ledger.append(made(0, 600))
        database.run(damage)
    with pytest.raises(IntegrityError, match=r"keys\.db") as caught:
        read_all(tmp_path)
    assert caught.value.code == "ledger/damaged"
    assert "restore" in caught.value.remedy
