import pytest

from tenure.scrub import FINDERS
from tenure.scrub.finder import Span, Together
from tenure.scrub.shapes import LEAD, RUN, SHAPES
from tenure.scrub.tokens import Tokens, entropy
from tenure.testing.finder import planted

ALL = Together(FINDERS.values())
VALUE = planted(4)["api key"]
PASSWORD = planted(4)["password"]


def found(text: str) -> list[str]:
    content = text.encode()
    return [content[span.start : span.end].decode() for span in ALL.find(content)]


@pytest.mark.parametrize(
    "text",
    [
        "password = '{}'",
        'DB_PASSWORD="{}"',
        "PGPASSWORD={} psql",
        "passwd: {}\n",
        '{{"password": "{}"}}',
        "config['password'] = \"{}\"",
        ":password => '{}'",
        "pwd := `{}`",
        "--password {}",
        "mysql://root:{}@db:3306/x",
    ],
)
def test_password_is_found_beside_its_name(text: str) -> None:
    assert found(text.format(PASSWORD)) == [PASSWORD]


@pytest.mark.parametrize(
    "text", ["api_key={}", "x-api-key: {}", "apiKey: '{}'", 'client_secret = "{}"', "ACCESS-KEY={}", "token={}", "credentials: {}"]
)
def test_key_is_found_beside_its_name(text: str) -> None:
    assert found(text.format(VALUE)) == [VALUE]


@pytest.mark.parametrize(
    "text", ["Authorization: Bearer {}", "authorization: bearer {}", "AUTHORIZATION: BEARER {}", "Authorization: token {}", "Authorization: Basic {}"]
)
def test_value_of_an_authorization_header_is_found(text: str) -> None:
    assert found(text.format(VALUE)) == [VALUE]


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB_PASSWORD2']",
        "password: str = Field(default=None)",
        "password=getpass.getpass1()",
        "token = self.tokens2.next",
        "password=${{DB_PASSWORD2}}",
        "password='your-password-1'",
        "password = 'changeme123'",
        "password='xxxxxxxxxxx1'",
        "secret: /run/secrets/db2",
        '"input_tokens":12345678901234,"cache_creation_input_tokens":99887766554433',
        "token: 83161549-6061-494f-8146-c83375fc796c",
        "key = 'sort_by_name_2'",
        "primary_key=order_items_1",
        "https://user:password@host/",
        "http://localhost:8080/@scope/pkg",
    ],
)
def test_code_and_placeholders_are_no_secrets(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.rule} {shape.literals[0].decode()}")
def test_literal_begins_no_token_by_itself(shape) -> None:
    for literal in shape.literals:
        assert Tokens([shape]).find(b"see " + literal + b" for more") == []


def test_run_is_long_enough_to_be_noticed_and_short_enough_for_the_shortest_token() -> None:
    key = planted(1)["aws key id"].encode()

    assert len(key) == RUN
    assert Tokens().find(b"x" * LEAD + b" " + key) == [Span(LEAD + 1, LEAD + 1 + RUN, "aws-key-id")]


def test_token_is_found_at_each_place_and_behind_another_one() -> None:
    one, two = planted(1)["npm"].encode(), planted(2)["npm"].encode()
    text = one + b" " + two + b"\n" + one + b"/" + two

    assert [text[span.start : span.end] for span in Tokens().find(text)] == [one, two, one, two]


def test_uuids_are_passed_over_but_not_a_token_of_their_length() -> None:
    token = "npm_" + "a1" * 16

    assert Tokens().find(b"83161549-6061-494f-8146-c83375fc796c") == []
    assert len(token) == 36
    assert found(f"hf_{'aB3' * 11}") == [f"hf_{'aB3' * 11}"]


def test_entropy_is_that_of_shannon() -> None:
    assert entropy(b"aaaa") == 0
    assert entropy(b"abcd") == 2


def test_token_of_several_runs_hides_no_token_behind_it() -> None:
    tokens = [planted(seed)[kind].encode() for seed in range(5) for kind in ("sendgrid", "jwt", "telegram")]
    text = b"".join(b'"' + token + b'", "=' + token + b'"\n' for token in tokens)

    assert {text[span.start : span.end] for span in Tokens().find(text)} == set(tokens)
    assert len(Tokens().find(text)) == 2 * len(tokens)
