"""`tenure terms` as a person uses it."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenure.cli.main import main
from tenure.demo.stage import VirtualClock
from tenure.records.note import sign_note, verifier_key
from tenure.wiring import packaged_packs

CLOCK = VirtualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
CASE = {
    "agent": "claude_code",
    "kind": "prompt",
    "purpose": "train_generative",
    "collected_at": "2025-08-29T00:00:00Z",
    "asked_at": "2025-09-01T00:00:00Z",
    "tier": "pro",
    "provider": "first_party",
    "hosting": None,
    "surface": "cli",
    "model_class": "ordinary",
    "feature": None,
    "flags": [],
    "consents": [{"name": "training", "value": False, "at": "2025-08-28T12:00:00Z", "by": "subject"}],
    "client_version": "2.1.198",
    "env": {},
    "settings": {},
    "safety_flagged": False,
    "session": {"started_at": None, "resumed_at": None},
    "run_started_at": None,
    "copy": "service",
    "attributes": {},
    "derived_from": [],
}


@pytest.fixture
def tenure(home, capsys, monkeypatch):
    def run(*argv, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = main([str(part) for part in argv], clock=CLOCK)
        return code, *capsys.readouterr()

    return run


def decide(tenure, value):
    code, out, _ = tenure("terms", "decide", stdin=msgspec.json.encode(value))
    return code, msgspec.json.decode(out)


def test_one_case_answers_with_its_exit_code(tenure):
    code, answer = decide(tenure, CASE)
    assert (code, answer["schema"], answer["verdict"], answer["keep"], answer["expires_at"]) == (
        10,
        "tenure.decision/1",
        "deny",
        "P30D",
        "2025-09-28T00:00:00Z",
    )
    assert decide(tenure, {**CASE, "purpose": "serve"})[0] == 0
    assert decide(tenure, {**CASE, "consents": None})[0] == 11


def test_a_case_can_come_from_a_file(tenure, tmp_path):
    path = tmp_path / "case.json"
    path.write_bytes(msgspec.json.encode(CASE))
    assert tenure("terms", "decide", "--file", path)[0] == 10


def test_an_array_answers_in_place_and_exits_zero(tenure):
    code, answers = decide(tenure, [CASE, {**CASE, "kind": "prmpt"}, 3, {**CASE, "purpose": "serve"}])
    assert code == 0
    assert [answer.get("verdict") or answer["error"]["code"] for answer in answers] == ["deny", "terms/unknown-kind", "case/not-an-object", "permit"]
    assert decide(tenure, []) == (0, [])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "case/not-json"),
        (b"{", "case/not-json"),
        (b"\xff\xfe{}", "case/not-json"),
        (b'{"a":' * 3000, "case/not-json"),
        (b"3", "case/not-an-object"),
        (b"{}", "case/missing-key"),
        (msgspec.json.encode({**CASE, "teir": "pro"}), "case/unknown-key"),
        (msgspec.json.encode({**CASE, "agent": "clod"}), "terms/unknown-agent"),
        (msgspec.json.encode({**CASE, "purpose": "model_trainning"}), "terms/unknown-purpose"),
        (msgspec.json.encode({**CASE, "collected_at": "2025-08-29"}), "case/bad-time"),
        (msgspec.json.encode({**CASE, "flags": "zdr"}), "case/bad-value"),
        (msgspec.json.encode({**CASE, "attributes": {"colour": "red"}}), "case/unknown-attribute"),
    ],
)
def test_a_malformed_case_exits_2_with_its_code(tenure, content, code):
    exit_code, out, err = tenure("terms", "decide", stdin=content)
    assert (exit_code, msgspec.json.decode(out)["error"]["code"]) == (2, code)
    assert err.startswith("tenure: ")


def test_an_error_helps(tenure):
    err = tenure("terms", "decide", stdin=msgspec.json.encode({**CASE, "purpose": "train_generativ"}))[2]
    assert "did you mean 'train_generative'?" in err


def test_show_lists_agents_clauses_and_one_clause(tenure):
    assert "claude_code" in tenure("terms", "show")[1]
    assert "train-consumer-on" in tenure("terms", "show", "claude_code")[1]
    assert "P5Y" in tenure("terms", "show", "claude_code", "keep-consumer-on")[1]
    plain = msgspec.json.decode(tenure("terms", "show", "claude_code", "--json")[1])
    assert plain["schema"] == "tenure.terms/1"
    assert plain["attributes"]["contains"]["absent"] == "nothing"
    assert tenure("terms", "show", "claude_code", "no-such-clause")[0] == 1


def test_show_at_a_day_leaves_out_what_came_later(tenure):
    early = tenure("terms", "show", "claude_code", "--at", "2025-07-20", "--json")[1]
    assert "train-consumer-on" not in {clause["id"] for clause in msgspec.json.decode(early)["clauses"]}
    assert tenure("terms", "show", "claude_code", "--at", "soon")[0] == 2


def test_timeline_and_diff_show_changes(tenure):
    events = msgspec.json.decode(tenure("terms", "timeline", "claude_code", "--json")[1])["events"]
    assert any(event["seen"] == "2025-08-28" and event["in_force_from_earliest"] == "2025-08-27T00:00:00Z" for event in events)
    changes = msgspec.json.decode(tenure("terms", "diff", "2025-08-01", "2025-09-15", "--agent", "claude_code", "--json")[1])["changes"]
    assert {"begun"} <= {change["what"] for change in changes}
    assert tenure("terms", "diff", "2025-09-15", "2025-09-15")[1].strip() == "No difference."


def test_diff_of_two_files_names_the_clause(tenure, tmp_path):
    content = packaged_packs()["aider.toml"]
    before, after = tmp_path / "a.toml", tmp_path / "b.toml"
    before.write_bytes(content)
    after.write_bytes(content + b'\n[[clause]]\nid = "more"\nrow = "-"\ntext = "-"\nsource = "-"\nclass = "P"\nkinds = "*"\nrefuse = ["improve"]\n')
    changes = msgspec.json.decode(tenure("terms", "diff", before, after, "--json")[1])["changes"]
    assert [(change["what"], change["id"]) for change in changes] == [("added", "more")]


def test_purposes_and_export(tenure):
    assert "train_generative" in tenure("terms", "purposes")[1]
    policy = msgspec.json.decode(tenure("terms", "export", "claude_code", "--format", "odrl")[1])
    assert (policy["@type"], policy["uid"]) == ("Set", "urn:tenure:pack:claude_code")
    assert policy["permission"]
    assert policy["prohibition"]


def test_check_compares_given_pages_and_reaches_for_no_other(tenure, tmp_path):
    code, out, _ = tenure("terms", "check", "--agent", "claude_code", "--json")
    assert (code, {source["state"] for source in msgspec.json.decode(out)["sources"]}) == (0, {"not given"})
    page = tmp_path / "data-usage.md"
    page.write_text("a page")
    out = tenure("terms", "check", "--agent", "claude_code", "--from", page, "--json")[1]
    found = {source["source"]: source for source in msgspec.json.decode(out)["sources"]}["data-usage"]
    assert (found["state"], len(found["found"])) == ("not pinned", 64)
    assert tenure("terms", "check", "--from", tmp_path / "missing")[0] == 1


def test_a_pinned_page_is_compared_on_the_next_check(tenure, tmp_path):
    page = tmp_path / "data-usage.md"
    page.write_text("a page")
    assert tenure("terms", "check", "--agent", "claude_code", "--from", page, "--pin")[0] == 0
    assert "same" in tenure("terms", "check", "--agent", "claude_code", "--from", page)[1]
    page.write_text("another page")
    code, out, _ = tenure("terms", "check", "--agent", "claude_code", "--from", page)
    assert code == 10
    assert "read again" in out
    assert "clauses" in out


def test_confirm_lets_a_third_party_row_loosen(tenure):
    case = {**CASE, "tier": "api", "kind": "code", "flags": ["dpp"], "consents": [], "collected_at": "2026-01-10T00:00:00Z"}
    case |= {"asked_at": "2026-01-12T00:00:00Z", "run_started_at": "2026-01-12T00:00:00Z", "attributes": {"billing": "prepaid", "auth": "oauth"}}
    before = decide(tenure, case)[1]
    rows = msgspec.json.decode(tenure("terms", "show", "claude_code", "--json")[1])["clauses"]
    longest = next(row["id"] for row in rows if row["class"] == "T" and row["keep"] == "P2Y" and "code" in row["kinds"])
    code, out, _ = tenure("terms", "confirm", longest, "--by", "Ada Lovelace", "--json")
    assert (code, msgspec.json.decode(out)["at"]) == (0, "2026-11-23T12:00:00Z")
    after = decide(tenure, case)[1]
    assert (before["keep"], after["keep"]) == ("P30D", "P2Y")
    assert before["table"] != after["table"]
    shown = msgspec.json.decode(tenure("terms", "show", "claude_code", longest, "--json")[1])["clauses"][0]
    assert shown["confirmed"][0]["by"] == "Ada Lovelace"


def test_only_third_party_rows_can_be_confirmed_and_by_someone(tenure):
    assert tenure("terms", "confirm", "keep-consumer-on", "--by", "Ada")[0] == 1
    assert tenure("terms", "confirm", "no-such", "--by", "Ada")[0] == 1
    assert tenure("terms", "confirm", "claude_code/dpp-keep", "--by", " ")[0] == 1
    assert tenure("terms", "confirm", "claude_code/dpp-keep")[0] == 2


def test_price_says_what_a_row_states_and_never_zero(tenure):
    tokens = ["--at", "2025-06-15", "--input", "1000000", "--write-5m", "1000000", "--read", "1000000", "--output", "1000000"]
    enrolled = ["--flag", "dpp", "--fact", "provider=first_party", "--fact", "attribute.auth=oauth"]
    usd = [msgspec.json.decode(tenure("terms", "price", "claude_code", "sonnet-3.7", *tokens, *more, "--json")[1])["usd"] for more in ([], enrolled)]
    assert usd == ["22.05", "19.935"]
    assert tenure("terms", "price", "claude_code", "no-such-model")[0] == 11
    assert tenure("terms", "price", "claude_code", "sonnet-3.7", "--at", "2020-01-01")[0] == 11


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_update_shows_then_applies_a_signed_pack(tenure, tmp_path):
    text = packaged_packs()["aider.toml"].decode().replace('as_of = "2026-10-10"', 'as_of = "2026-11-01"', 1)
    text += '\n[[clause]]\nid = "more"\nrow = "-"\ntext = "-"\nsource = "-"\nclass = "P"\nkinds = "*"\nrefuse = ["improve"]\n'
    path = tmp_path / "aider.note"
    path.write_text(sign_note(text, "terms.example", KEY))
    trusted = str(verifier_key("terms.example", KEY))
    assert tenure("terms", "update", path)[0] == 1
    code, out, err = tenure("terms", "update", path, "--key", trusted)
    assert (code, "more" in out, "nothing was changed" in err) == (0, True, True)
    assert "more" not in tenure("terms", "show", "aider")[1]
    assert tenure("terms", "update", path, "--key", trusted, "--apply")[0] == 0
    assert "more" in tenure("terms", "show", "aider")[1]
    assert "No difference." in tenure("terms", "update", path)[1]


def test_a_pack_changed_on_disk_stops_with_a_remedy(tenure, tmp_path, home):
    path = tmp_path / "aider.note"
    path.write_text(sign_note(packaged_packs()["aider.toml"].decode(), "terms.example", KEY))
    tenure("terms", "update", path, "--key", str(verifier_key("terms.example", KEY)), "--apply")
    kept = next(Path(home).rglob("aider.toml.note"))
    kept.write_text(kept.read_text().replace("Aider", "Oider", 1))
    code, _, err = tenure("terms", "show")
    assert code == 1
    assert "remove that file" in err
