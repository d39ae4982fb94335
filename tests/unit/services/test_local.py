"""The local person: an account where there is none, and tokens that are good until the next start."""

from datetime import timedelta

import pytest
from tests.unit.server.desk import AT, TERMS, Desk

from tenure.demo.stage import VirtualClock
from tenure.errors import DataError, TermsError
from tenure.services.keeping import keep
from tenure.services.local import LOCAL, Local, local_tokens, sweep
from tenure.services.tokens import Scope, Tokens
from tenure.testing.store import MemoryStore

PRO = Local("claude_code", "pro", "first_party")


@pytest.fixture
def keeping():
    return Desk().keeping


def test_local_person_has_a_token_per_scope_of_their_own_account(keeping):
    made = local_tokens(keeping, PRO)
    found = {scope: Tokens(keeping.store, keeping.time).find(text) for scope, text in made.items()}
    assert set(found) == {str(scope) for scope in Scope}
    assert {scope: token.subject for scope, token in found.items()} == {
        "ingest": LOCAL,
        "consent": LOCAL,
        "rights": LOCAL,
        "survey": None,
        "operate": None,
    }
    assert keeping.accounts.agreement("claude_code", LOCAL, None, keeping.at).tier == "pro"


def test_account_that_there_is_stays_as_it_is(keeping):
    keeping.accounts.create_account(LOCAL, agent="claude_code", tier="max", provider="first_party", at=keeping.at)
    local_tokens(keeping, PRO)
    assert keeping.accounts.agreement("claude_code", LOCAL, None, keeping.at).tier == "max"


@pytest.mark.parametrize(
    ("local", "error"),
    [
        (Local("nobody", "pro", "first_party"), TermsError),
        (Local("claude_code", "gold", "first_party"), DataError),
        (Local("claude_code", "pro", "moon"), DataError),
        (Local("claude_code", "team", "first_party"), DataError),
    ],
)
def test_terms_that_there_are_not_make_no_account(keeping, local, error):
    with pytest.raises(error):
        local_tokens(keeping, local)
    assert not keeping.accounts.knows(LOCAL)


def test_idle_service_lets_no_pause_grow():
    clock, store = VirtualClock(AT), MemoryStore(AT)
    keeping = keep(store, TERMS, clock, lambda: (clock.now() - AT).total_seconds())
    for _ in range(40):
        clock.move_to(clock.now() + timedelta(days=1))
        sweep(keeping)
    assert store.highest == clock.now()
