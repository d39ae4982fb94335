import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import ConfigError
from tenure.services.hook import EVENT, apply, install, is_ours, uninstall
from tenure.services.json_text import indent_of
from tenure.testing.state import MemoryEditor, MemoryState

PATH = "/home/anna/.claude/settings.json"
OURS = {"hooks": [{"type": "command", "command": "tenure stamp", "timeout": 10}]}
THEIRS = {"matcher": "startup", "hooks": [{"type": "command", "command": "echo hello"}]}


def editor_with(text: str | None) -> MemoryEditor:
    return MemoryEditor({} if text is None else {PATH: text.encode()})


def installed(text: str | None) -> str:
    editor = editor_with(text)
    apply(editor, install(editor, PATH, "tenure stamp"), MemoryState())
    return editor.files[PATH].decode()


def removed(text: str) -> str:
    editor = editor_with(text)
    apply(editor, uninstall(editor, PATH), MemoryState())
    return editor.files[PATH].decode()


def test_hook_is_added_beside_what_is_there() -> None:
    text = json.dumps({"model": "opus", "hooks": {"Stop": [THEIRS], EVENT: [THEIRS]}}, indent=2)

    assert json.loads(installed(text)) == {"model": "opus", "hooks": {"Stop": [THEIRS], EVENT: [THEIRS, OURS]}}


def test_file_is_made_where_there_is_none() -> None:
    assert json.loads(installed(None)) == {"hooks": {EVENT: [OURS]}}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{}\n",
        '{"model":"opus"}',
        '{\n  "model": "opus"\n}\n',
        '{\n\t"model": "opus",\n\t"env": {"A": "}]\\"{["}\n}',
        '{\r\n    "env": {"ä": "ü"}\r\n}\r\n',
        '\ufeff{"a": [1, 2.50, -1e3, null, true]}',
        '{"hooks": {"Stop": []}, "z": 1}',
        json.dumps({"hooks": {EVENT: [THEIRS]}}, indent=4),
    ],
)
def test_removing_gives_back_every_byte(text: str) -> None:
    after = installed(text)

    assert after != text
    assert removed(after) == text


@pytest.mark.parametrize("text", ['{"z": 1, "hooks": {}}', '{"z": 1, "hooks": {"SessionStart": []}}'])
def test_what_the_hook_leaves_empty_goes_with_it(text: str) -> None:
    assert removed(installed(text)) == '{"z": 1}'


def test_every_other_byte_stays_when_the_hook_is_added() -> None:
    text = '{\n   "b" : [1,2 ],\n\n   "a":  "x"\n}\n'

    after = installed(text)

    assert after.startswith('{\n   "b" : [1,2 ],\n\n   "a":  "x"')
    assert json.loads(after)["hooks"] == {EVENT: [OURS]}


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8)


@given(
    settings=st.dictionaries(st.text(max_size=6).filter(lambda key: key != "hooks"), values, max_size=4),
    indent=st.sampled_from([None, 1, 2, 4, "\t"]),
    ascii_only=st.booleans(),
)
def test_adding_and_removing_give_back_any_settings(settings: dict[str, object], indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(settings, indent=indent, ensure_ascii=ascii_only)
    after = installed(text)

    assert json.loads(after) == {**settings, "hooks": {EVENT: [OURS]}}
    assert removed(after) == text


def test_installing_twice_changes_nothing_the_second_time() -> None:
    editor = editor_with(installed("{}"))

    assert install(editor, PATH, "/opt/tools/bin/tenure stamp").is_empty


def test_removing_where_there_is_none_changes_nothing() -> None:
    for text in (None, "", "{}", json.dumps({"hooks": {EVENT: [THEIRS]}})):
        assert uninstall(editor_with(text), PATH).is_empty


def test_hook_in_a_shared_group_leaves_the_others_in_it() -> None:
    shared = {"hooks": [THEIRS["hooks"][0], OURS["hooks"][0]]}

    assert json.loads(removed(json.dumps({"hooks": {EVENT: [shared]}}))) == {"hooks": {EVENT: [{"hooks": [THEIRS["hooks"][0]]}]}}


def test_all_of_several_hooks_are_removed() -> None:
    assert json.loads(removed(json.dumps({"hooks": {EVENT: [OURS, THEIRS, OURS]}}))) == {"hooks": {EVENT: [THEIRS]}}


def test_nothing_is_written_unless_applied() -> None:
    editor = editor_with("{}")

    change = install(editor, PATH, "tenure stamp")

    assert editor.files[PATH] == b"{}"
    assert '+            "command": "tenure stamp"' in change.diff


def test_file_that_changed_since_it_was_shown_is_not_overwritten() -> None:
    editor = editor_with("{}")
    change = install(editor, PATH, "tenure stamp")
    editor.files[PATH] = b'{"model": "opus"}'

    with pytest.raises(ConfigError) as caught:
        apply(editor, change, MemoryState())

    assert caught.value.code == "settings/changed"
    assert editor.files[PATH] == b'{"model": "opus"}'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n "a": 1,\n}', f"{PATH}:3: expected JSON"),
        ('{\n // comment\n}', f"{PATH}:2: expected JSON"),
        ("[]", f"{PATH}: expected an object"),
        ('{"hooks": []}', f"{PATH}: expected an object under hooks"),
        ('{"hooks": {"SessionStart": {}}}', f"{PATH}: expected a list under hooks.SessionStart"),
        ("[" * 100_000, f"{PATH}:1: expected JSON"),
    ],
)
def test_malformed_settings_are_refused_with_their_place(text: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        install(editor_with(text), PATH, "tenure stamp")

    assert caught.value.message.startswith(where)
    assert caught.value.code == "settings/malformed"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected UTF-8 text"):
        install(MemoryEditor({PATH: b"\xff\xfe{}"}), PATH, "tenure stamp")


def test_difference_shows_no_secret() -> None:
    text = '{\n  "env": {\n    "ANTHROPIC_API_KEY": "canary-1",\n    "MY_TOKEN": "canary-2", "OTHER": "seen" } }'

    diff = install(editor_with(text), PATH, "tenure stamp").diff

    assert "canary" not in diff
    assert '"ANTHROPIC_API_KEY": "<not shown>"' in diff
    assert "canary-1" in installed(text)


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        ("tenure stamp", True),
        ("/opt/x/bin/tenure stamp --arm a", True),
        ("'/home/a b/bin/tenure' stamp", True),
        ("tenure audit", False),
        ("echo tenure stamp", False),
        ("tenure", False),
        ("'", False),
        (None, False),
        (7, False),
    ],
)
def test_only_the_stamping_command_is_ours(command: object, ours: bool) -> None:
    assert is_ours(command) is ours


def test_indent_is_the_file_s_own() -> None:
    assert indent_of('{\n\t"a": 1\n}') == "\t"
    assert indent_of('{"a": 1}') == "  "
