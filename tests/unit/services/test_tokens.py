"""Tokens: only hashes are kept, a scope and an end are part of each, and what was taken back stays taken back."""

from datetime import timedelta

import pytest
from tests.unit.services.house import in_memory, on_disk

from tenure.errors import DataError
from tenure.ports import Selection
from tenure.services.tokens import LONGEST, Scope, Tokens

OF_A_PERSON = (Scope.INGEST, Scope.CONSENT, Scope.RIGHTS)


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    house = in_memory() if request.param == "memory" else on_disk(tmp_path)
    yield house
    house.close()


def tokens(house) -> Tokens:
    return Tokens(house.store, house.keeping.time)


def minted(house, scope=Scope.INGEST, **whose):
    return tokens(house).mint(scope, "probe", **({"subject": "anna"} if scope in OF_A_PERSON and not whose else whose))


@pytest.mark.parametrize("scope", Scope)
def test_token_is_found_by_its_text_with_its_scope_alone(house, scope):
    text, made = minted(house, scope)
    assert text.startswith(f"tn_{scope}_")
    assert len(text) == len(f"tn_{scope}_") + 43
    found = tokens(house).find(text)
    assert found == made
    assert found.scope is scope


def test_only_the_hash_of_a_token_is_kept(house):
    texts = [minted(house, scope)[0] for scope in Scope]
    texts += [tokens(house).rotate(tokens(house).find(texts[0]).id)[0]]
    texts += tokens(house).begin([(Scope.INGEST, "anna", None, None)], "probe", timedelta(days=1)).values()
    raw = house.raw()
    for text in texts:
        secret = text.rpartition("_")[2] if "_" not in text[-43:] else text[-43:]
        assert secret.encode() not in raw
        assert secret[:20].encode() not in raw
        assert secret[-20:].encode() not in raw


def test_no_two_tokens_are_alike(house):
    assert len({minted(house)[0] for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text + "\n",
        lambda text: text.upper(),
        lambda text: text.replace("ingest", "rights"),
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: "tn_ingest_" + "é" * 43,
        lambda text: "tn_ingest_" + "١" * 43,
    ],
)
def test_any_other_text_finds_no_token(house, change):
    text, _ = minted(house)
    assert tokens(house).find(change(text)) is None


def test_token_of_another_store_is_worth_nothing(house):
    text, _ = minted(in_memory())
    assert tokens(house).find(text) is None


def test_token_is_worth_nothing_from_its_end_on(house):
    text, made = tokens(house).mint(Scope.INGEST, "probe", subject="anna", lasts=timedelta(days=1))
    house.later(seconds=86_399)
    assert tokens(house).find(text) == made
    house.later(seconds=1)
    assert tokens(house).find(text) is None


def test_clock_that_is_set_back_gives_no_token_back(house):
    text, _ = tokens(house).mint(Scope.INGEST, "probe", subject="anna", lasts=timedelta(days=1))
    house.later(days=2)
    house.held(collected_at=None)
    house.jump(days=-2)
    assert tokens(house).find(text) is None


def test_revoked_token_is_worth_nothing_also_after_a_restart(house):
    text, made = minted(house)
    other, _ = minted(house)
    assert tokens(house).revoke(made.id).is_revoked
    house.reopen()
    assert tokens(house).find(text) is None
    assert tokens(house).find(other) is not None
    assert [each.is_revoked for each in tokens(house).all()].count(True) == 1


def test_rotation_keeps_everything_but_the_secret_and_takes_the_old_one_back(house):
    text, made = tokens(house).mint(Scope.SURVEY, "probe", org="acme", tier="api", provider="bedrock", lasts=timedelta(days=7))
    house.later(days=3)
    fresh, again = tokens(house).rotate(made.id)
    assert tokens(house).find(text) is None
    assert tokens(house).find(fresh) == again
    assert (again.scope, again.org, again.tier, again.provider) == (Scope.SURVEY, "acme", "api", "bedrock")
    assert again.until == house.keeping.at + timedelta(days=7)
    assert again.id != made.id


@pytest.mark.parametrize("end", ["revoked", "over"])
def test_token_that_is_worth_nothing_is_not_rotated(house, end):
    _, made = tokens(house).mint(Scope.INGEST, "probe", subject="anna", lasts=timedelta(days=1))
    if end == "revoked":
        tokens(house).revoke(made.id)
    house.later(days=2 if end == "over" else 0)
    with pytest.raises(DataError) as raised:
        tokens(house).rotate(made.id)
    assert raised.value.code == "token/over"
    assert len(tokens(house).all()) == 1


def test_rotation_is_one_transaction(house):
    text, made = minted(house)
    spent = Tokens(house.store, house.keeping.time, random=_that_ends_after(2))
    with pytest.raises(RuntimeError):
        spent.rotate(made.id)
    assert tokens(house).find(text) == made
    assert len(tokens(house).all()) == 1


def _that_ends_after(calls: int):
    """Random bytes for the secret and the first receipt, then a fault."""
    left = [bytes(32)] * calls

    def take(_: int) -> bytes:
        if not left:
            raise RuntimeError("no more chance")
        return left.pop()

    return take


@pytest.mark.parametrize("scope", Scope)
def test_scope_says_whether_a_token_is_a_persons(house, scope):
    needs = scope in OF_A_PERSON
    with pytest.raises(DataError) as raised:
        tokens(house).mint(scope, "probe", subject=None if needs else "anna")
    assert raised.value.code == "token/subject"


@pytest.mark.parametrize("lasts", [timedelta(), timedelta(days=-1), LONGEST + timedelta(seconds=1)])
def test_life_of_a_token_is_bounded(house, lasts):
    with pytest.raises(DataError) as raised:
        tokens(house).mint(Scope.OPERATE, "probe", lasts=lasts)
    assert raised.value.code == "token/life"


@pytest.mark.parametrize("id", ["", "0", "zzzzzzzz", "%"])
def test_unknown_or_short_id_names_no_token(house, id):
    minted(house)
    with pytest.raises(DataError) as raised:
        tokens(house).revoke(id)
    assert raised.value.code == "token/unknown"


def test_ledger_says_that_a_token_was_made_and_taken_back_and_not_which(house):
    text, made = minted(house)
    tokens(house).revoke(made.id)
    told = [entry for entry in house.entries("account") if str(entry["event"]).startswith("token")]
    assert [entry["event"] for entry in told] == ["token minted", "token revoked"]
    ledger = b"".join(house.store.ledger.entries())
    assert made.id.encode() not in ledger
    assert b"anna" not in ledger
    assert text.encode() not in ledger


def test_tokens_go_with_the_person(house):
    house.person("anna")
    text, _ = minted(house)
    other, _ = minted(house, subject="bert")
    house.keeping.disposition.erase(Selection(subjects=["anna"]), "request", subject="anna")
    assert tokens(house).find(text) is None
    assert tokens(house).find(other) is not None


def test_token_is_of_the_account_that_its_own_became_part_of(house):
    house.person("anna")
    house.person("anne")
    text, _ = minted(house, subject="anne")
    house.later(days=1)
    house.keeping.accounts.merge("anne", "anna", at=house.keeping.at)
    assert tokens(house).find(text, house.keeping.accounts.resolve).subject == "anna"


def test_start_replaces_the_tokens_of_the_start_before_and_no_others(house):
    wanted = [(scope, "anna", None, None) for scope in OF_A_PERSON] + [(Scope.SURVEY, None, "pro", "first_party"), (Scope.OPERATE, None, None, None)]
    own, made = minted(house)
    first = tokens(house).begin(wanted, "probe", timedelta(days=90))
    second = tokens(house).begin(wanted, "probe", timedelta(days=90))
    assert set(second) == {str(scope) for scope in Scope}
    assert all(tokens(house).find(text) is None for text in first.values())
    assert all(tokens(house).find(text) is not None for text in second.values())
    assert tokens(house).find(own) == made
    assert len(tokens(house).all()) == len(wanted) + 1
