import json
from datetime import UTC, datetime

import pytest

from tenure.errors import DataError
from tenure.services.audit import Attestation, Attestations
from tenure.services.stamp import (
    FILE,
    SALT,
    TERMS,
    HookInput,
    Stamp,
    load,
    make_stamp,
    pick,
    project_digest,
    read_input,
    salt_of,
    save,
    terms_hash,
)
from tenure.testing.machine import HOME, FakeMachine
from tenure.testing.state import MemoryState

AT = datetime(2026, 9, 21, 12, 0, 0, 123456, tzinfo=UTC)
SALT_A, SALT_B = b"a" * 32, b"b" * 32
SESSION = "0c9e5a2e-7f6b-4c2f-8f55-1f6f3f1d2b3c"
MAX = json.dumps({"oauthAccount": {"organizationType": "claude_max"}})
STATED = {"claude_code/tier": Attestation("team", datetime(2026, 7, 2, tzinfo=UTC))}


def stamped(
    files: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    *,
    given: HookInput | None = None,
    said: Attestations | None = None,
    arm: str | None = None,
) -> Stamp:
    machine = FakeMachine({"~/.claude.json": MAX, **(files or {})}, environment)
    given = given or HookInput(SESSION, f"{HOME}/client-x", "startup")
    return make_stamp(machine, given, AT, said or {}, salt=SALT_A, terms="sha256:table", arm=arm)


def test_stamp_says_account_provider_surface_and_terms() -> None:
    stamp = stamped(environment={"CLAUDE_CODE_ENTRYPOINT": "claude-vscode"}, arm="b/2")

    assert (stamp.tier, stamp.tier_state, stamp.provider, stamp.surface) == ("max", "measured", "first_party", "ide")
    assert (stamp.session, stamp.source, stamp.terms, stamp.arm) == (SESSION, "startup", "sha256:table", "b/2")
    assert stamp.at == AT.replace(microsecond=0)


def test_stamp_is_a_few_hundred_bytes_and_holds_no_path() -> None:
    store = MemoryState()

    save(store, stamped())

    assert 200 < len(store.files[FILE]) < 700
    assert b"client-x" not in store.files[FILE]
    assert HOME.encode() not in store.files[FILE]


def test_what_cannot_be_told_is_unknown() -> None:
    stamp = stamped({"~/.claude.json": "{"}, given=HookInput(SESSION))

    assert (stamp.tier, stamp.tier_state, stamp.surface, stamp.client_version) == (None, "unknown", None, None)


def test_provider_of_the_session_s_environment_counts() -> None:
    stamp = stamped(environment={"CLAUDE_CODE_USE_BEDROCK": "1"})

    assert (stamp.provider, stamp.tier, stamp.tier_state) == ("bedrock", "api", "inferred")


@pytest.mark.parametrize("variables", [{"ANTHROPIC_BASE_URL": "http://localhost:1"}, {"ANTHROPIC_API_KEY": "x"}])
def test_login_beside_a_key_or_another_address_leaves_the_tier_open(variables: dict[str, str]) -> None:
    stamp = stamped(environment=variables)

    assert (stamp.tier, stamp.tier_state) == (None, "unknown")


def test_settings_of_the_project_count() -> None:
    checked_in = {f"{HOME}/client-x/.claude/settings.json": '{"env": {"CLAUDE_CODE_USE_VERTEX": "1"}}'}

    assert stamped(checked_in).provider == "vertex"
    assert stamped(checked_in, given=HookInput(SESSION, "/elsewhere")).provider == "first_party"


def test_attested_tier_counts_where_the_machine_does_not_tell() -> None:
    assert (stamped({"~/.claude.json": "{}"}, said=STATED).tier, stamped({"~/.claude.json": "{}"}, said=STATED).tier_state) == ("team", "attested")
    assert (stamped(said=STATED).tier, stamped(said=STATED).tier_state) == ("max", "measured")


def test_settings_digest_changes_with_what_matters_and_with_nothing_else() -> None:
    plain = stamped().settings

    assert stamped({"~/.claude/settings.json": '{"model": "opus"}'}).settings == plain
    assert stamped({"~/.claude/settings.json": '{"cleanupPeriodDays": 3}'}).settings != plain
    assert stamped(environment={"DISABLE_TELEMETRY": "0"}).settings != plain
    assert stamped(environment={"DISABLE_TELEMETRY": "0"}).settings != stamped(environment={"DISABLE_TELEMETRY": "1"}).settings


def test_version_comes_from_the_session_s_own_file_only() -> None:
    line = json.dumps({"type": "user", "version": "2.1.200", "entrypoint": "cli", "cwd": "/x"}) + "\n"
    files = {"~/.claude/projects/-x/a.jsonl": line, "~/elsewhere.jsonl": line}

    assert stamped(files, given=HookInput(SESSION, "/x", "resume", f"{HOME}/.claude/projects/-x/a.jsonl")).client_version == "2.1.200"
    for path in (f"{HOME}/elsewhere.jsonl", f"{HOME}/.claude/projects/../../elsewhere.jsonl"):
        assert stamped(files, given=HookInput(SESSION, "/x", "resume", path)).client_version is None


def test_project_can_be_found_again_on_this_machine_only() -> None:
    assert project_digest("/home/dev/client-x/", SALT_A) == project_digest("/home/dev/client-x", SALT_A) == stamped().project
    assert project_digest("/home/dev/client-x", SALT_B) != stamped().project


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"a"', b'{"cwd": "/x"}', b'{"session_id": 7}', b'{"session_id": ""}', b'{"session_id": "../../a"}', b"\xff", b"[" * 60_000],
)
def test_input_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read_input(content)

    assert caught.value.code == "stamp/input"


def test_unknown_keys_of_the_input_are_passed_over_and_unknown_sources_are_none() -> None:
    content = {"session_id": SESSION, "cwd": "/x", "source": "teleport", "hook_event_name": "SessionStart", "model": "m"}

    assert read_input(json.dumps(content).encode()) == HookInput(SESSION, "/x", "", "")


def test_arm_is_a_name() -> None:
    with pytest.raises(DataError) as caught:
        stamped(arm="a name with spaces")

    assert caught.value.code == "stamp/arm"


def test_salt_is_made_once() -> None:
    store = MemoryState()

    assert salt_of(store, lambda: SALT_A) == SALT_A
    assert salt_of(store, lambda: SALT_B) == SALT_A
    assert store.files[SALT] == SALT_A


def test_terms_are_compiled_again_only_when_what_they_are_made_of_changes() -> None:
    store = MemoryState()
    compiled: list[str] = []

    def compile_terms() -> str:
        compiled.append("sha256:" + str(len(compiled)))
        return compiled[-1]

    assert [terms_hash(store, files, compile_terms) for files in ([b"a", b"b"], [b"a", b"b"], [b"ab"], [b"a", b"b"])] == [
        "sha256:0",
        "sha256:0",
        "sha256:1",
        "sha256:2",
    ]
    store.files[TERMS] = b"\xff half a line"
    assert terms_hash(store, [b"a", b"b"], compile_terms) == "sha256:3"


def test_stamps_come_back_in_order_and_broken_lines_are_counted() -> None:
    store = MemoryState()
    save(store, stamped())
    store.append(FILE, b'{"schema": "half')
    save(store, stamped(arm="b"))

    stamps, broken = load(store)

    assert ([stamp.arm for stamp in stamps], broken) == ([None, "b"], 1)


def test_stamps_are_picked_by_session_project_and_day() -> None:
    stamps = (stamped(), stamped(given=HookInput("other", "/elsewhere")))

    assert pick(stamps, session="other") == stamps[1:]
    assert pick(stamps, project=project_digest("/elsewhere", SALT_A)) == stamps[1:]
    assert pick(stamps, since=AT) == ()
    assert pick(stamps, since=datetime(2026, 9, 21, tzinfo=UTC)) == stamps
