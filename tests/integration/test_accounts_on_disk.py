"""Accounts over the real store: kept from one opening to the next, undone with their transaction, gone with the person."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenure.records.agreement import Role
from tenure.services.accounts import Accounts
from tenure.services.answers import Answer, Evidence, add_answer
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AGENT = "claude_code"


def fill(accounts: Accounts) -> None:
    for subject in ("annabel", "bob"):
        accounts.create_account(subject, agent=AGENT, tier="pro", provider="first_party", at=AT)
    accounts.create_org("acme", owner="olga", agent=AGENT, tier="team", provider="first_party", at=AT)
    accounts.set_member("acme", "annabel", Role.ADMIN, actor="olga", at=AT)
    accounts.set_member("acme", "bob", Role.MEMBER, actor="annabel", at=AT)
    with accounts.store.transaction():
        add_answer(accounts.registry, Answer(AGENT, "training", True, "subject", Evidence(), AT + DAY, AT + DAY), "annabel", None)


def test_what_is_in_force_is_the_same_after_opening_again(tmp_path: Path) -> None:
    store = SqliteStore(Folder(str(tmp_path / "store")), at=AT)
    accounts = Accounts(store)
    fill(accounts)
    asked = [(who, org, AT + days * DAY) for who in ("annabel", "bob", "olga", None) for org in (None, "acme") for days in (-1, 0, 1, 2)]
    before = [accounts.agreement(AGENT, *each) for each in asked]
    store.close()

    store = SqliteStore(Folder(str(tmp_path / "store")), at=AT)
    after = [Accounts(store).agreement(AGENT, *each) for each in asked]
    store.close()

    assert before == after
    assert {each.tier for each in after} == {None, "pro", "team"}


def test_what_a_failed_transaction_attested_is_not_known(tmp_path: Path) -> None:
    store = SqliteStore(Folder(str(tmp_path / "store")), at=AT)
    accounts = Accounts(store)

    def fail() -> None:
        with store.transaction():
            accounts.attest(AGENT, "ann", "acme", tier="team", provider=None, flags=None, consents=None, at=AT, recorded_at=AT)
            assert accounts.agreement(AGENT, "ann", "acme", AT).tier == "team"
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        fail()

    assert accounts.agreement(AGENT, "ann", "acme", AT).tier is None
    assert not accounts.knows("ann")
    assert not accounts.knows_org("acme")
    store.close()


def test_who_is_forgotten_is_in_no_byte_of_the_store(tmp_path: Path) -> None:
    store = SqliteStore(Folder(str(tmp_path / "store")), at=AT)
    accounts = Accounts(store)
    fill(accounts)

    with store.transaction():
        accounts.forget("annabel", AT + DAY)
    store.keys.scrub()
    store.close()

    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert any(b"bob" in path.read_bytes() for path in files)
    assert [path.name for path in files if b"annabel" in path.read_bytes()] == []
