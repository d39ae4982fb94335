"""A changed bit in any row of keys.db that stands in the clear is noticed."""

import pytest
from tests.unit.vault.stores import open_store

from tenure.errors import IntegrityError, VaultError
from tenure.services.verifying import verify
from tenure.testing.keys_checks import OWNER, START, opened, permit, put
from tenure.vault import row_seals

COLUMNS = [(table, column) for table, columns in row_seals.SEALED.items() for column in columns]


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path)
    bucket = put(made)
    with made.transaction():
        made.journal.add("topic", OWNER.subject, b"body")
        made.keys.hold("a", [bucket.key], "legal")
    yield made
    made.close()


def other(value, kind: str):
    match value:
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:]
        case int():
            return value ^ 1
    return 1 if kind == "INTEGER" else "x"


def change(store, table: str, column: str) -> None:
    """Change a value of a row as a bad disk does: its seal stays."""
    database, columns = store._keys_db, row_seals.SEALED[table]
    kinds = dict(database.run("SELECT name, type FROM pragma_table_info(?)", (table,)))
    row = dict(zip(columns, database.run(f"SELECT {','.join(columns)} FROM {table} LIMIT 1")[0], strict=True))  # noqa: S608 - literals only
    seal = database.value(f"SELECT seal FROM {table} LIMIT 1")  # noqa: S608 - literals only
    names = columns[: 2 if table == "held" else 1]
    changed = {**row, column: other(row[column], kinds[column])}
    where = " AND ".join(f"{name} = ?" for name in names)
    database.run(f"UPDATE {table} SET {column} = ? WHERE {where}", (changed[column], *(row[name] for name in names)))  # noqa: S608 - literals only
    database.run(f"UPDATE {table} SET seal = ? WHERE {where}", (seal, *(changed[name] for name in names)))  # noqa: S608 - literals only


def test_what_was_written_is_whole(store) -> None:
    assert list(store.changed()) == []


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_changed_value_is_noticed(store, table, column) -> None:
    change(store, table, column)
    (problem,) = store.changed()
    assert f"keys.db: {table}: " in problem
    assert "expected the row as it was written" in problem
    assert problem in verify(store).problems
    assert not any(text in problem for text in (OWNER.subject, OWNER.session, "topic", "body"))


def test_every_column_has_a_seal(store) -> None:
    for table in row_seals.SEALED:
        found = {name for (name,) in store._keys_db.run("SELECT name FROM pragma_table_info(?)", (table,))}
        assert found == {*row_seals.SEALED[table], "seal"}, table


def test_lost_seal_is_noticed_and_never_made_anew(store, tmp_path) -> None:
    for trigger in [name for (name,) in store._keys_db.run("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]:
        store._keys_db.run(f"DROP TRIGGER {trigger}")
    store._keys_db.run("UPDATE buckets SET subject = 'eve', seal = NULL")
    store.close()
    again = open_store(tmp_path)
    problems = list(again.changed())
    again.close()
    assert len(problems) == 1


@pytest.mark.parametrize("column", ["subject", "expires", "kind", "records"])
def test_changed_bucket_does_not_open(store, column) -> None:
    bucket = put(store, b"content", end=None)
    given = permit(store, [bucket.key])
    store._keys_db.run("DELETE FROM buckets WHERE key <> ?", (bucket.key,))
    change(store, "buckets", column)
    with pytest.raises(IntegrityError) as caught:
        store.keys.open(given, START)
    assert caught.value.code == "integrity/row"


def test_changed_terms_decide_nothing(store, tmp_path) -> None:
    change(store, "terms", "cells")
    store.close()
    again = open_store(tmp_path)
    with pytest.raises(IntegrityError, match="terms") as caught:
        list(again.keys.buckets())
    again.close()
    assert caught.value.code == "integrity/row"


@pytest.mark.parametrize("name", ["highest", "id", "format"])
def test_store_whose_settings_were_changed_does_not_open(store, tmp_path, name) -> None:
    seal = store._keys_db.value("SELECT seal FROM meta WHERE name = ?", (name,))
    value = {"highest": b"2020-01-01T00:00:00+00:00", "id": b"0" * 16, "format": b"2"}[name]
    store._keys_db.run("UPDATE meta SET value = ? WHERE name = ?", (value, name))
    store._keys_db.run("UPDATE meta SET seal = ? WHERE name = ?", (seal, name))
    store.close()
    with pytest.raises((IntegrityError, VaultError)) as caught:
        open_store(tmp_path)
    assert caught.value.code == ("vault/format" if name == "format" else "integrity/row")


def test_store_without_seals_gets_them(store, tmp_path) -> None:
    before = list(store.keys.buckets())
    for trigger in [name for (name,) in store._keys_db.run("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]:
        store._keys_db.run(f"DROP TRIGGER {trigger}")
    for table in row_seals.SEALED:
        store._keys_db.run(f"ALTER TABLE {table} DROP COLUMN seal")
    store.close()
    again = open_store(tmp_path)
    assert list(again.changed()) == []
    assert list(again.keys.buckets()) == before
    assert opened(again, before[0], START) == [b"content"]
    again.close()
