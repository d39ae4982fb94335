import json
from pathlib import Path

import pytest

from tenure.scrub.finder import Span
from tenure.scrub.redact import Redactor, Replaced
from tenure.testing.finder import KnownFinder, planted

SECRETS = planted(5)
KEY = SECRETS["github classic"]
PASSWORD = SECRETS["password"]
SIGNATURE = "EqQB" + "aB3/" * 60 + "=="
UUID = "83161549-6061-494f-8146-c83375fc796c"


def line(**changes: object) -> bytes:
    record = {"parentUuid": None, "uuid": UUID, "sessionId": UUID, "type": "user", "cwd": "/srv/app"}
    return json.dumps({**record, **changes}).encode()


def redact(content: bytes, **options: bool) -> bytes:
    return Redactor(**options).redact(content).content


def test_only_the_secret_is_replaced() -> None:
    content = line(message={"content": f"use {KEY} now"})

    assert redact(content) == content.replace(KEY.encode(), b"[redacted:github-token-1]")


def test_every_copy_gets_the_same_placeholder_and_another_value_another_one() -> None:
    other = planted(6)["github classic"]
    content = b"\n".join(
        [
            line(message={"content": KEY}, toolUseResult={"stdout": KEY, "originalFile": f"x\n{KEY}\n", "stderr": other}),
            json.dumps({"type": "queue-operation", "operation": "enqueue", "content": KEY}).encode(),
            json.dumps({"type": "last-prompt", "lastPrompt": KEY}).encode(),
        ]
    )

    redacted = redact(content)

    assert redacted.count(b"[redacted:github-token-1]") == 5
    assert redacted.count(b"[redacted:github-token-2]") == 1


def test_value_that_was_recognised_once_goes_everywhere() -> None:
    content = line(message={"content": f"DB_PASSWORD={PASSWORD}"}) + b"\n" + line(message={"content": f"why does {PASSWORD} fail"})

    assert PASSWORD.encode() not in redact(content)


def test_files_of_one_redactor_share_their_placeholders() -> None:
    redactor = Redactor()

    one, two = redactor.redact(line(content=f"a {KEY}")).content, redactor.redact(line(content=f"b {planted(6)['github classic']} {KEY}")).content

    assert b"[redacted:github-token-1]" in one
    assert b"[redacted:github-token-2] [redacted:github-token-1]" in two


def test_numbers_go_on_behind_placeholders_that_are_there_already() -> None:
    assert b"[redacted:github-token-8]" in redact(line(content=f"[redacted:github-token-7] {KEY}"))


def test_report_counts_by_line_and_rule_and_shows_no_value() -> None:
    redaction = Redactor().redact(line(content=f"{KEY} {KEY}") + b"\n\n" + line(cwd="/home/anna/shop", content=KEY))

    assert redaction.replaced == (Replaced(1, "github-token", 2), Replaced(3, "github-token", 1), Replaced(3, "home", 1))
    assert redaction.counts() == {"github-token": 3, "home": 1}
    assert KEY not in repr(redaction)


def test_ids_stay_even_where_a_finder_takes_them_for_secrets() -> None:
    finder = KnownFinder({UUID.encode(): "uuid-key", b"toolu_01Fake000000000000000006": "tool"})
    content = line(message={"content": [{"type": "tool_use", "id": "toolu_01Fake000000000000000006"}]})

    assert Redactor(finder).redact(content).content == content


def test_secret_under_the_key_of_an_id_is_no_id() -> None:
    assert KEY.encode() not in redact(line(uuid=KEY))


def test_signature_and_image_stay_byte_for_byte() -> None:
    image = "iVBORw0KGgo" + "AKIA" + "ABCDEFGHIJKLMNOP" + "/" + "aB3/" * 80
    block = {"type": "thinking", "thinking": "hm", "signature": SIGNATURE}
    content = line(message={"content": [block, {"type": "image", "source": {"type": "base64", "data": image}}]})
    finder = KnownFinder({SIGNATURE[10:60].encode(): "high-entropy", image[11:31].encode(): "high-entropy"})

    assert Redactor(finder).redact(content).content == content


def test_secret_in_signed_thinking_goes_and_is_told_apart() -> None:
    content = line(message={"content": [{"type": "thinking", "thinking": f"the key is {KEY}", "signature": SIGNATURE}]})

    redaction = Redactor().redact(content)

    assert KEY.encode() not in redaction.content
    assert SIGNATURE.encode() in redaction.content
    assert redaction.signed == (Replaced(1, "github-token", 1),)


def test_signed_thinking_can_be_kept_with_a_note_of_what_was_left() -> None:
    content = line(message={"content": [{"type": "thinking", "thinking": f"the key is {KEY}", "signature": SIGNATURE}]})

    redaction = Redactor(keep_signed=True).redact(content)

    assert (redaction.content, redaction.replaced) == (content, ())
    assert redaction.signed == (Replaced(1, "github-token", 1),)


@pytest.mark.parametrize(
    "written",
    [
        KEY.replace("_", "\\u005f"),
        "".join(f"\\u{ord(character):04X}" for character in KEY),
        KEY[:10] + "\\u001b[1m" + KEY[10:] + "\\u001b[0m",
        KEY[:4] + "\\u001b[0;31m" + KEY[4:20] + "\\u001B[m" + KEY[20:],
        json.dumps(json.dumps({"k": KEY}))[1:-1],
        json.dumps(json.dumps(json.dumps({"k": KEY})))[1:-1],
        json.dumps(json.dumps(KEY.replace("_", "\\u005f")))[1:-1],
        f"\\n{KEY}\\n",
        f"\\t{KEY}",
        f"密码{KEY}。",
    ],
)
def test_secret_goes_however_it_is_written(written: str) -> None:
    redacted = redact(f'{{"uuid":"{UUID}","content":"a {written} b"}}'.encode())

    text = json.loads(redacted)["content"]
    assert text.count("[redacted:github-token-1]") == 1
    assert KEY[-12:] not in text
    assert "\\" not in text or written.startswith('"') or "{" in text


def test_token_written_with_slashes_escaped_goes() -> None:
    secret = SECRETS["aws secret"]
    redacted = redact(f'{{"content":"AWS_SECRET_ACCESS_KEY={secret}"}}'.replace("/", "\\/").encode())

    assert json.loads(redacted)["content"] == "AWS_SECRET_ACCESS_KEY=[redacted:assigned-secret-1]"


def test_private_key_goes_also_when_each_of_its_lines_is_a_string() -> None:
    key = SECRETS["private key"]
    patch = {"lines": [f"+{part}" for part in key.split("\n")], "after": "stays"}

    found = json.loads(redact(line(toolUseResult={"structuredPatch": [patch], "content": key})))["toolUseResult"]

    assert not [part for part in key.split("\n")[1:-1] if part in json.dumps(found)]
    assert len(found["structuredPatch"][0]["lines"]) == len(patch["lines"])
    assert found["structuredPatch"][0]["after"] == "stays"
    assert found["content"] == "[redacted:private-key-1]"


def test_text_that_only_mentions_private_keys_stays() -> None:
    content = line(content="grep '-----BEGIN RSA PRIVATE KEY-----' *.pem", other="-----END RSA PRIVATE KEY-----")

    assert redact(content) == content


def test_key_of_an_object_is_redacted_in_its_place() -> None:
    content = line(snapshot={"trackedFileBackups": {"/home/anna/shop/a.py": {"version": 1}, KEY: 2}})

    found = json.loads(redact(content))["snapshot"]["trackedFileBackups"]

    assert found == {"/home/user-1/shop/a.py": {"version": 1}, "[redacted:github-token-1]": 2}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/home/anna/shop", "/home/user-1/shop"),
        ("/Users/anna.smith/x", "/Users/user-1/x"),
        ("C:\\Users\\Anna\\x", "C:\\Users\\user-1\\x"),
        ("C:\\Users\\tom\\x", "C:\\Users\\user-1\\x"),
        ("C:\\Users\\Anna Smith\\x", "C:\\Users\\user-1\\x"),
        ("/mnt/c/Users/anna/x", "/mnt/c/Users/user-1/x"),
        ("file:///home/anna", "file:///home/user-1"),
        ("~/.claude/projects/-home-anna-shop/a.jsonl", "~/.claude/projects/-home-user-1-shop/a.jsonl"),
        ("ask anna@shop.co, please", "ask [redacted:email-1], please"),
        ("\nanna@shop.co", "\n[redacted:email-1]"),
        ("Co-Authored-By: Anna <anna.s+x@mail.shop.co>", "Co-Authored-By: Anna <[redacted:email-1]>"),
    ],
)
def test_personal_data_is_replaced(before: str, after: str) -> None:
    assert json.loads(redact(line(content=before)))["content"] == after


@pytest.mark.parametrize(
    "text",
    [
        "src/pages/home/index.tsx",
        "/home/user-12/x",
        "/Users/Shared/x",
        "git@github.com:owner/name",
        "noreply@anthropic.com",
        "x\n@app.post('/')",
        "icon@2x.png",
        "react@18.2.0",
        "getty@tty1.service",
        "anna@example.com",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    content = line(content=text)

    assert redact(content) == content


def test_same_person_is_the_same_in_every_path() -> None:
    found = json.loads(redact(line(cwd="/home/anna/a", content="/home/anna/b and /home/bert/c")))

    assert (found["cwd"], found["content"]) == ("/home/user-1/a", "/home/user-1/b and /home/user-2/c")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b'{"content":"' + KEY.encode(),
        b'{"content":"' + KEY.encode() + b"\\",
        b"plain text " + KEY.encode(),
        b'{"content":"\xff\xfe ' + KEY.encode() + b'"}',
        b'{"content":"' + KEY.encode() + b'"}\r\n{"a":1}\r\n',
        b'{"a":NaN,"content":"\\ud800 ' + KEY.encode() + b'"}',
        b"\xef\xbb\xbf" + b'{"content":"' + KEY.encode() + b'"}',
        b"[" * 100_000 + KEY.encode(),
    ],
)
def test_lines_of_any_kind_lose_the_secret_and_nothing_else(content: bytes) -> None:
    assert redact(content) == content.replace(KEY.encode(), b"[redacted:github-token-1]")


def test_private_key_in_plain_text_goes_over_all_its_lines() -> None:
    key = SECRETS["private key"]

    redacted = redact(f"before\n{key}\nafter".encode())

    assert redacted.startswith(b"before\n[redacted:private-key-1]\n")
    assert redacted.endswith(b"\nafter")
    assert not [part for part in key.split("\n")[1:-1] if part.encode() in redacted]


def test_finder_that_reports_nonsense_changes_no_form() -> None:
    class Wild:
        def find(self, text: bytes):
            return [Span(start, min(start + 9, len(text)), "Wild Rule!") for start in range(0, len(text), 7)]

    content = line(message={"content": 'a "b" \\ c\n é 密', "n": 12345678901234567890}, ok=True)
    before, after = json.loads(content), json.loads(Redactor(Wild()).redact(content).content)

    assert (after["uuid"], after["message"]["n"], after["ok"], after["parentUuid"]) == (before["uuid"], before["message"]["n"], True, None)


SAMPLES = Path(__file__).parents[4] / "shared" / "samples"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of real transcripts are not beside this checkout")
def test_real_transcripts_keep_their_chain_and_no_name_of_a_person() -> None:
    files = [*SAMPLES.glob("claude-code/**/*.jsonl"), *SAMPLES.glob("sessions/**/*.jsonl")]
    for file in files:
        content = file.read_bytes()
        redaction = Redactor().redact(content)
        assert Redactor().redact(redaction.content).content == redaction.content
        assert b"/home/dev" not in redaction.content
        for before, after in zip(content.split(b"\n"), redaction.content.split(b"\n"), strict=True):
            if before.strip():
                one, two = json.loads(before), json.loads(after)
                assert [one.get(key) for key in ("uuid", "parentUuid", "sessionId", "timestamp")] == [
                    two.get(key) for key in ("uuid", "parentUuid", "sessionId", "timestamp")
                ]
        assert content.count(b'"signature"') == redaction.content.count(b'"signature"')
    assert files


@pytest.mark.parametrize(("content", "value"), [('a\\"b', b'"b'), ("x é y", "é".encode()[1:] + b" y"), ("x é y", b"x " + "é".encode()[:1])])
def test_no_escape_and_no_character_is_cut_in_two(content: str, value: bytes) -> None:
    raw = f'{{"content":"{content}"}}'.encode()

    json.loads(Redactor(KnownFinder({value: "planted"})).redact(raw).content)


def test_line_end_of_another_system_stays_when_a_finder_takes_it_along() -> None:
    assert Redactor(KnownFinder({b"secret\r\n": "planted"})).redact(b"a secret\r\nb").content == b"a [redacted:planted-1]\r\nb"


def test_what_is_found_over_a_placeholder_is_dropped() -> None:
    class Everything:
        def find(self, text: bytes):
            return [Span(0, len(text), "all")]

    content = b"a [redacted:github-token-1] b"

    assert Redactor(Everything()).redact(content).content == content


def test_what_shows_only_after_a_replacement_goes_as_well() -> None:
    class Second:
        """Finds `two` only where a mask stands."""

        def find(self, text: bytes):
            return [Span(text.index(b"two"), text.index(b"two") + 3, "late")] if b"\0" in text and b"two" in text else []

    assert Redactor(Second()).redact(f"{KEY} two".encode()).content == b"[redacted:github-token-1] [redacted:late-1]"


def test_stray_byte_behind_a_name_is_no_part_of_it() -> None:
    assert redact(b"/home/anna\x80A") == b"/home/user-1\x80A"
