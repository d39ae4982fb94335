import random
from collections.abc import Sequence

import pytest

from tenure.engines.finder import KingfisherFinder, _load
from tenure.errors import ConfigError
from tenure.scrub import FINDERS
from tenure.scrub.finder import Span, Together
from tenure.testing.finder import KnownFinder, check_finder, planted
from tenure.testing.secrets import OTHERS, SECRETS

KINGFISHER = ("github classic", "github fine-grained", "anthropic", "slack bot", "stripe", "npm", "pypi", "digitalocean", "private key")


@pytest.fixture(scope="module")
def kingfisher(tmp_path_factory) -> KingfisherFinder:
    return KingfisherFinder(str(tmp_path_factory.mktemp("rules")))


def test_known_finder_keeps_the_contract() -> None:
    check_finder(KnownFinder.seeded(7), [kind for kind in SECRETS if kind != "database url"])


@pytest.mark.parametrize("seed", range(20))
def test_built_in_finders_keep_the_contract_for_every_kind(seed: int) -> None:
    check_finder(Together(FINDERS.values()), SECRETS, seed=seed)


def test_kingfisher_keeps_the_contract(kingfisher: KingfisherFinder) -> None:
    check_finder(kingfisher, KINGFISHER)


def test_kingfisher_reports_offsets_behind_text_that_is_no_ascii(kingfisher: KingfisherFinder) -> None:
    secret = planted(3)["github classic"].encode()
    text = "密码\N{RIGHTWARDS ARROW}".encode() * 50 + b"\xff\xfe" + secret + "。".encode()

    assert {text[span.start : span.end] for span in kingfisher.find(text)} == {secret}


def test_kingfisher_finds_a_token_that_goes_on_with_an_ampersand_or_a_letter_of_another_script(kingfisher: KingfisherFinder) -> None:
    secret = OTHERS["docker hub"](random.Random(1)).encode()  # noqa: S311 - known chance is the point of a fake

    for text in (b"?token=" + secret + b"&page=2", "密码".encode() + secret + "。".encode()):
        assert {text[span.start : span.end] for span in kingfisher.find(text)} == {secret}


def test_rules_are_compiled_into_the_given_folder_only(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rules = tmp_path / "rules"

    KingfisherFinder(str(rules))

    assert [path.name for path in tmp_path.iterdir()] == ["rules"]
    assert any(rules.rglob("*"))


class _Shifted:
    def find(self, text: bytes) -> Sequence[Span]:
        return [Span(span.start + 1, span.end, span.rule) for span in KnownFinder.seeded(7).find(text)]


class _Greedy:
    def find(self, text: bytes) -> Sequence[Span]:
        return [Span(0, len(text), "all")] if text else []


class _Telling:
    def find(self, text: bytes) -> Sequence[Span]:
        return [Span(span.start, span.end, text[span.start : span.end].decode()) for span in KnownFinder.seeded(7).find(text)]


class _Beyond:
    def find(self, text: bytes) -> Sequence[Span]:
        return [Span(0, len(text) + 1, "all")] if b"\xff" in text else []


@pytest.mark.parametrize("finder", [_Shifted(), _Greedy(), _Telling(), _Beyond(), KnownFinder({})])
def test_contract_notices_a_finder_that_misses_swallows_tells_or_overruns(finder) -> None:
    with pytest.raises(AssertionError):
        check_finder(finder, ["npm"])


def test_missing_kingfisher_names_the_extra() -> None:
    with pytest.raises(ConfigError) as caught:
        _load("kingfisher_that_is_not_there")

    assert caught.value.code == "config/no-scanner"
    assert "tenure[scan]" in caught.value.remedy
