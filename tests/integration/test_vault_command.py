"""`tenure vault` as a person uses it: forms, exit codes, and what goes wrong."""

import io
import json
import os
import resource
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenure import wiring
from tenure.cli.main import main
from tenure.demo.stage import VirtualClock

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT = b"canary-content: what I typed"
CASE = {
    "agent": "claude_code",
    "kind": "prompt",
    "tier": "pro",
    "provider": "first_party",
    "surface": "cli",
    "flags": [],
    "consents": [],
    "client_version": "2.1.198",
    "env": {},
    "settings": {},
    "safety_flagged": False,
    "attributes": {"auth": "oauth"},
    "subject": "canary-subject",
    "org": None,
    "session": {"id": "canary-session", "started_at": "2026-02-01T09:00:00Z"},
}
YES = [{"name": "training", "value": True, "at": "2026-01-01T00:00:00Z", "by": "subject", "text_sha256": "ab" * 32, "default_shown": False}]
CANARIES = ("canary-content", "canary-subject", "canary-session")


class Desk:
    """A person at a terminal, with a clock."""

    def __init__(self, home, capfdbinary, tmp_path):
        self.home, self.capture, self.work, self.clock = home, capfdbinary, tmp_path / "work", VirtualClock(AT)
        self.work.mkdir()
        (self.work / "content").write_bytes(CONTENT)
        (self.work / "code.py").write_bytes(b"print()")

    @property
    def store(self) -> Path:
        return self.home / ".local" / "share" / "tenure" / "store"

    def run(self, *argv):
        code = main([str(part) for part in argv], clock=self.clock)
        out, err = self.capture.readouterr()
        return code, out, err.decode()

    def json(self, *argv, code=0):
        found, out, err = self.run(*argv, "--json")
        assert found == code, err
        return json.loads(out)

    def put(self, case=None, *options, content="content", **changes):
        plain = {**CASE, **changes} if case is None else case
        (self.work / "case.json").write_bytes(plain if isinstance(plain, bytes) else json.dumps(plain).encode())
        return self.run("vault", "put", "--case", self.work / "case.json", "--content", self.work / content, *options)

    def held(self, **changes) -> str:
        code, out, err = self.put(**changes)
        assert code == 0, err
        return json.loads(out)["record"]

    def job(self, *purposes, name="server"):
        options = [part for each in purposes or ("serve",) for part in ("--purpose", each)]
        return self.json("job", "register", name, "--code", self.work / "code.py", "--sink", "out", *options)

    def raw(self, folder=None) -> bytes:
        return b"".join(path.read_bytes() for path in sorted((folder or self.store).rglob("*")) if path.is_file())


@pytest.fixture
def desk(home, capfdbinary, tmp_path):
    return Desk(home, capfdbinary, tmp_path)


class TestForms:
    def test_put(self, desk) -> None:
        code, out, err = desk.put()
        put = json.loads(out)
        assert (code, err) == (0, "")
        assert list(put) == ["schema", "verdict", "record", "expires_at", "because", "reason"]
        assert (put["schema"], put["verdict"], put["expires_at"]) == ("tenure.put/1", "permit", "2026-03-03T00:00:00Z")
        assert put["because"]
        assert list(put["because"][0]) == ["clause", "source", "as_of"]

    def test_put_that_is_refused(self, desk) -> None:
        code, out, err = desk.put(collected_at="2025-12-01T00:00:00Z")
        put = json.loads(out)
        assert (code, put["verdict"], put["record"], put["expires_at"]) == (10, "deny", None, None)
        assert "not held" in err

    def test_put_that_cannot_be_told(self, desk) -> None:
        code, out, _ = desk.put({"agent": "claude_code", "kind": "prompt"})
        put = json.loads(out)
        assert (code, put["verdict"], put["record"]) == (11, "gap", None)

    def test_status(self, desk) -> None:
        empty = desk.json("vault", "status")
        assert empty["held"] == {"records": 0, "bytes": 0, "by_kind": {}, "by_terms": {}}
        assert (empty["schema"], empty["residue"], empty["calendar"]) == ("tenure.vault/1", {"segments": 0, "bytes": 0}, [])
        desk.held()
        found = desk.json("vault", "status")
        assert found["held"]["by_kind"] == {"prompt": {"records": 1, "bytes": len(CONTENT)}}
        assert (found["held"]["records"], found["held"]["bytes"]) == (1, len(CONTENT))
        assert found["calendar"] == [{"day": "2026-03-03", "records": 1}]

    def test_expire(self, desk) -> None:
        desk.held()
        nothing = desk.json("vault", "expire")
        assert {key: nothing[key] for key in ("schema", "at", "applied", "keys", "records", "receipt")} == {
            "schema": "tenure.expire/1",
            "at": "2026-02-01T10:00:00Z",
            "applied": False,
            "keys": 0,
            "records": 0,
            "receipt": None,
        }
        preview = desk.json("vault", "expire", "--at", "2026-03-03")
        assert (preview["applied"], preview["keys"], preview["records"], preview["receipt"]) == (False, 1, 1, None)
        assert desk.json("vault", "status")["held"]["records"] == 1

    def test_expire_early_needs_a_yes_and_leaves_the_clock(self, desk) -> None:
        record = desk.held()
        assert desk.run("vault", "expire", "--at", "2026-03-03", "--apply")[0] == 2
        assert desk.json("vault", "status")["held"]["records"] == 1
        done = desk.json("vault", "expire", "--at", "2026-03-03", "--apply", "--yes")
        assert (done["applied"], done["keys"], done["at"]) == (True, 1, "2026-03-03T00:00:00Z")
        assert isinstance(done["receipt"], int)
        assert desk.json("vault", "status")["at"] == "2026-02-01T10:00:00Z"
        assert desk.json("vault", "why", record, code=10)["events"][-1]["detail"] == "before its day"

    def test_get(self, desk) -> None:
        record = desk.held()
        desk.job("serve")
        assert desk.run("vault", "get", record, "--job", "server") == (0, CONTENT, "")
        assert desk.run("vault", "get", record, "--job", "server", "--output", desk.work / "out") == (0, b"", "")
        assert (desk.work / "out").read_bytes() == CONTENT
        assert stat.S_IMODE((desk.work / "out").stat().st_mode) == 0o600
        (desk.work / "open").touch(0o644)
        assert desk.run("vault", "get", record, "--job", "server", "--output", desk.work / "open")[0] == 0
        assert stat.S_IMODE((desk.work / "open").stat().st_mode) == 0o600

    def test_get_that_is_denied_names_its_clauses(self, desk) -> None:
        record = desk.held()
        desk.job("train_generative", name="trainer")
        code, out, err = desk.run("vault", "get", record, "--job", "trainer")
        assert (code, out) == (10, b"")
        assert "train-consumer-off" in err
        plain = desk.json("vault", "get", record, "--job", "trainer", code=10)
        assert (plain["schema"], plain["verdict"], plain["content"]) == ("tenure.get/1", "deny", None)
        assert "train-consumer-off" in [part["clause"] for part in plain["because"]]

    def test_hold_erase_release(self, desk) -> None:
        record = desk.held()
        assert desk.json("vault", "hold", "case", "--kind", "legal", "--subject", "canary-subject")["keys"] == 1
        preview = desk.json("vault", "erase", "canary-subject")
        assert (preview["applied"], preview["keys"], preview["receipt"]) == (False, 1, None)
        assert desk.json("vault", "status")["held"]["records"] == 1
        done = desk.json("vault", "erase", "canary-subject", "--apply")
        assert (done["applied"], done["records"], done["kept"]) == (True, 1, 1)
        assert desk.json("vault", "release", "case")["keys"] == 1
        assert desk.json("vault", "why", record, code=10)["can_open"] is False
        assert desk.run("vault", "hold", "other", "--kind", "legal", "--subject", "nobody")[0] == 10

    def test_export(self, desk) -> None:
        record = desk.held()
        manifest = desk.json("vault", "export", "canary-subject", "--output", desk.work / "mine")
        (line,) = manifest["records"]
        assert (manifest["schema"], line["record"], manifest["not_handed_over"]) == ("tenure.export/1", record, 0)
        assert (desk.work / "mine" / line["file"]).read_bytes() == CONTENT
        assert json.loads((desk.work / "mine" / "manifest.json").read_bytes()) == manifest
        assert desk.run("vault", "export", "canary-subject", "--output", desk.work / "mine")[0] == 2

    def test_erasing_a_merged_account_by_its_old_name(self, desk) -> None:
        record = desk.held()
        desk.held(subject="other", session={"id": "s2"})
        assert desk.run("account", "merge", "canary-subject", "other")[0] == 0
        assert desk.json("vault", "erase", "canary-subject", "--apply")["keys"] == 2
        assert desk.json("vault", "why", record, code=10)["can_open"] is False

    @pytest.mark.parametrize("command", ["export", "erase"])
    def test_what_comes_under_the_id_of_a_merged_account_is_the_other_ones(self, desk, command) -> None:
        desk.held(subject="m1", session={"id": "a"})
        desk.held(subject="m2", session={"id": "b"})
        assert desk.run("account", "merge", "m1", "m2")[0] == 0
        late = desk.held(subject="m1", session={"id": "c"})
        if command == "export":
            assert late in [line["record"] for line in desk.json("vault", "export", "m2", "--output", desk.work / "mine")["records"]]
        else:
            assert desk.json("vault", "erase", "m2", "--apply")["keys"] == 3
            assert desk.json("vault", "why", late, code=10)["can_open"] is False

    def test_organisation_is_erased_with_what_is_known_about_it(self, desk) -> None:
        assert desk.run("org", "create", "canary-acme", "--owner", "olga", "--tier", "enterprise")[0] == 0
        desk.held(org="canary-acme", tier="enterprise")
        assert desk.json("vault", "erase", "--org", "canary-acme", "--apply")["keys"] == 1
        assert desk.run("org", "show", "canary-acme")[0] == 2
        assert b"canary-acme" not in desk.raw()

    def test_no_hold_for_safety_opens_what_is_over(self, desk) -> None:
        desk.job("safety", name="watcher")
        record = desk.held()
        desk.json("vault", "hold", "L", "--kind", "legal", "--subject", "canary-subject")
        desk.clock.move_to(AT + timedelta(days=31))
        desk.json("vault", "expire", "--apply", "--confirm-clock")
        assert desk.json("vault", "hold", "S2", "--kind", "safety", "--subject", "canary-subject", code=10)["keys"] == 0
        assert desk.run("vault", "get", record, "--job", "watcher")[0] == 10

    def test_why_says_of_a_safety_hold_what_get_does(self, desk) -> None:
        desk.job("safety", name="watcher")
        record = desk.held()
        desk.json("vault", "hold", "S", "--kind", "safety", "--subject", "canary-subject")
        for days, code in ((29, 10), (31, 0)):
            desk.clock.move_to(AT + timedelta(days=days))
            why = desk.json("vault", "why", record)
            assert desk.run("vault", "get", record, "--job", "watcher")[0] == code
            assert (why["can_open"], why["decisions"]["safety"]["verdict"]) == (True, "deny" if code else "permit")

    def test_as_text_too(self, desk) -> None:
        record = desk.held()
        assert b"1 record," in desk.run("vault", "status")[1]
        assert b"2026-03-03" in desk.run("vault", "why", record)[1]
        assert b"0 keys" in desk.run("vault", "expire")[1]


class TestTime:
    def test_what_is_due_goes_with_the_next_command(self, desk) -> None:
        record = desk.held()
        desk.job("serve")
        desk.clock.move_to(AT + 29 * DAY)
        desk.run("vault", "status")
        desk.clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
        assert desk.run("vault", "get", record, "--job", "server")[0] == 10
        assert list(desk.store.glob("segments/*/*")) == []

    def test_it_goes_before_the_command_does_anything_else(self, desk) -> None:
        desk.held()
        desk.clock.move_to(AT + 30 * DAY)
        assert desk.run("vault", "release", "none")[0] == 2
        assert list(desk.store.glob("segments/*/*")) == []

    def test_clock_far_ahead_destroys_nothing_until_a_person_confirms(self, desk) -> None:
        record = desk.held()
        desk.job("serve")
        desk.clock.move_to(AT + 31 * DAY)
        assert desk.run("vault", "get", record, "--job", "server")[0] == 10
        code, _, err = desk.put(subject="ben")
        assert code == 1
        assert "--confirm-clock" in err
        assert desk.run("vault", "expire", "--apply")[0] == 1
        assert desk.json("vault", "status")["clock_in_doubt"] is True
        assert list(desk.store.glob("segments/*/*")) != []
        confirmed = desk.json("vault", "expire", "--confirm-clock")
        assert (confirmed["applied"], confirmed["keys"]) == (False, 1)
        assert list(desk.store.glob("segments/*/*")) != []
        done = desk.json("vault", "expire", "--apply")
        assert (done["applied"], done["keys"]) == (True, 1)
        assert list(desk.store.glob("segments/*/*")) == []
        assert desk.put(subject="ben")[0] == 0

    def test_collected_later_than_the_clock_is_malformed(self, desk) -> None:
        code, out, _ = desk.put(collected_at="2026-02-01T10:00:01Z")
        assert (code, json.loads(out)["error"]["code"]) == (2, "case/ahead")

    def test_ledger_holds_after_all_of_it(self, desk) -> None:
        desk.held()
        desk.clock.move_to(AT + 31 * DAY)
        desk.json("vault", "expire", "--confirm-clock")
        desk.clock.move_to(AT)
        desk.held(session={"id": "s2"})
        assert desk.json("ledger", "verify")["ok"] is True


DEEP = {**CASE, "kind": "derived_signal"}
MALFORMED = {
    "empty": b"",
    "not json": b"canary-subject",
    "binary": bytes(range(256)),
    "no object": b'["canary-subject"]',
    "null": b"null",
    "deep": b'{"a":' * 100_000,
    "deep and whole": b"[" * 50_000 + b"]" * 50_000,
    "cut short": json.dumps(CASE).encode()[:-2],
    "a lone surrogate": b'{"agent": "claude_code", "subject": "\\ud800"}',
    "unknown key": {**CASE, "sesion": {"id": "canary-session"}},
    "unknown kind": {**CASE, "kind": "thought"},
    "unknown purpose": {**CASE, "purpose": "sell"},
    "unknown agent": {**CASE, "agent": "nobody"},
    "no agent": {"kind": "prompt"},
    "purpose that is no text": {**CASE, "purpose": 0},
    "subject that is an object": {**CASE, "subject": {"id": "canary-subject"}},
    "subject that is empty": {**CASE, "subject": ""},
    "subject with a line feed": {**CASE, "subject": "canary-subject\n"},
    "subject with spaces around": {**CASE, "subject": " canary-subject "},
    "subject that is long": {**CASE, "subject": "canary-subject" * 100},
    "org that is a number": {**CASE, "org": 7},
    "session that is a text": {**CASE, "session": "canary-session"},
    "session that is a list": {**CASE, "session": []},
    "session id that is a list": {**CASE, "session": {"id": ["canary-session"]}},
    "session with another key": {**CASE, "session": {"id": "s", "name": "canary-session"}},
    "instant without an offset": {**CASE, "collected_at": "2026-02-01T10:00:00"},
    "instant that is a number": {**CASE, "collected_at": 1},
    "instant that cannot be": {**CASE, "collected_at": "2026-02-30T10:00:00Z"},
    "flags that are a text": {**CASE, "flags": "zdr"},
    "consent without a name": {**CASE, "consents": [{"value": True}]},
    "many consents": {**CASE, "consents": [{**YES[0], "at": f"2025-01-01T00:00:00.{n:06}Z"} for n in range(3000)]},
    "sources nested too deep": b'{"agent":"claude_code","kind":"derived_signal","derived_from":['
    + b'{"agent":"claude_code","kind":"derived_signal","derived_from":[' * 40
    + b"]}" * 41,
}


class TestMalformed:
    @pytest.mark.parametrize(
        ("subject", "said"),
        [(" anna ", "a space at its beginning or end"), ("", "an empty one"), ("x" * 201, "201 characters"), (7, "another value")],
    )
    def test_id_is_told_what_is_wrong_with_it(self, desk, subject, said) -> None:
        code, out, _ = desk.put(subject=subject)
        assert code == 2
        assert json.loads(out)["error"]["message"] == f"subject: expected an id of 1 to 200 printable characters, got {said}"

    def test_attribute_that_the_terms_do_not_know(self, desk) -> None:
        code, out, _ = desk.put(attributes={"colour": "red"})
        assert (code, json.loads(out)["error"]["code"]) == (2, "case/unknown-attribute")

    def test_yes_without_its_text_does_not_count_and_the_answer_says_so(self, desk) -> None:
        desk.job("train_generative", name="trainer")
        bare = [{name: value for name, value in YES[0].items() if name not in ("text_sha256", "default_shown")}]
        code, out, _ = desk.put(tier="pro", consents=bare)
        put = json.loads(out)
        assert (code, put["expires_at"]) == (0, "2026-03-03T00:00:00Z")
        assert "text_sha256 and default_shown" in put["reason"]
        assert desk.run("vault", "get", put["record"], "--job", "trainer")[0] in (10, 11)

    @pytest.mark.parametrize("what", MALFORMED)
    def test_case(self, desk, what) -> None:
        code, out, err = desk.put(MALFORMED[what])
        assert code == 2, err
        assert set(json.loads(out)) == {"error"}
        assert set(json.loads(out)["error"]) == {"code", "message", "remedy"}
        assert not any(canary in out.decode() + err for canary in CANARIES)
        assert "fault of Tenure" not in err
        assert b"canary" not in desk.raw()

    @pytest.mark.parametrize(
        "name", ["", "x", "0" * 32, f"{'0' * 32}.0", f"{'g' * 32}.0.0", f"{'0' * 32}.0.-1", "canary-subject", f"{'0' * 32}.0.0\n"]
    )
    def test_record_name(self, desk, name) -> None:
        desk.job("serve")
        for argv in (
            ("get", name, "--job", "server"),
            ("why", name),
            ("erase", "--record", name),
            ("hold", "h", "--kind", "legal", "--record", name),
        ):
            code, out, err = desk.run("vault", *argv)
            assert (code, out) == (2, b""), argv
            assert "canary" not in err

    def test_record_that_is_not_there(self, desk) -> None:
        desk.job("serve")
        assert desk.run("vault", "get", f"{'0' * 32}.0.0", "--job", "server")[0] == 10
        assert desk.run("vault", "why", f"{'0' * 32}.0.0")[0] == 10

    def test_unknown_job(self, desk) -> None:
        code, out, err = desk.run("vault", "get", desk.held(), "--job", "nobody")
        assert (code, out) == (2, b"")
        assert "tenure job register" in err

    @pytest.mark.parametrize("at", ["", "tomorrow", "2026-13-01", "2026-02-01T10:00:00", "99999-01-01"])
    def test_time(self, desk, at) -> None:
        assert desk.run("vault", "expire", "--at", at)[0] == 2

    def test_nothing_named(self, desk) -> None:
        for argv in (("erase", "--apply"), ("hold", "case", "--kind", "legal"), ("hold", "", "--kind", "legal", "--subject", "a")):
            assert desk.run("vault", *argv)[0] == 2
        desk.held()
        assert desk.run("vault", "release", "none")[0] == 2

    def test_case_file_that_is_not_there(self, desk) -> None:
        assert desk.run("vault", "put", "--case", desk.work / "none.json", "--content", desk.work / "content")[0] == 2


class TestPlaces:
    def test_default_is_the_data_home(self, desk, monkeypatch) -> None:
        desk.held()
        assert (desk.store / "keys.db").is_file()
        monkeypatch.setenv("XDG_DATA_HOME", str(desk.work / "data"))
        desk.held()
        assert (desk.work / "data" / "tenure" / "store" / "keys.db").is_file()

    def test_store_elsewhere(self, desk) -> None:
        code, _, _ = desk.put(None, "--store", desk.work / "deep" / "other")
        assert code == 0
        assert not desk.store.exists()
        assert desk.json("vault", "status", "--store", desk.work / "deep" / "other")["held"]["records"] == 1

    def test_root_key_and_folders_are_the_persons_alone(self, desk) -> None:
        desk.held()
        assert stat.S_IMODE((desk.store / "root.key").stat().st_mode) == 0o600
        assert stat.S_IMODE(desk.store.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in desk.store.rglob("*") if path.is_file()} == {0o600}

    def test_store_that_is_a_file(self, desk) -> None:
        (desk.work / "file").write_bytes(b"")
        for store in (desk.work / "file", desk.work / "file" / "below", "/dev/null"):
            code, out, err = desk.put(None, "--store", store)
            assert (code, out) == (1, b"")
            assert str(store) in err
            assert "fault of Tenure" not in err

    def test_store_without_a_name(self, desk, monkeypatch) -> None:
        monkeypatch.chdir(desk.work)
        assert desk.put(None, "--store", "")[0] == 2
        assert not (desk.work / "keys.db").exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
    def test_folder_that_cannot_be_written(self, desk) -> None:
        (desk.work / "fixed").mkdir(mode=0o500)
        code, _, err = desk.put(None, "--store", desk.work / "fixed" / "store")
        assert code == 1
        assert "mode and owner" in err

    def test_folder_on_a_system_that_takes_no_files(self, desk) -> None:
        if not Path("/proc/self").exists():
            pytest.skip("there is no /proc here")
        code, out, err = desk.put(None, "--store", "/proc/self/store")
        assert (code, out) == (1, b"")
        assert f"/proc/{os.getpid()}/store" in err
        assert "fault of Tenure" not in err

    def test_passphrase(self, desk) -> None:
        (desk.work / "right").write_bytes(b"open sesame\n")
        (desk.work / "wrong").write_bytes(b"canary-subject\n")
        (desk.work / "none").write_bytes(b"")
        sealed = ("--store", desk.work / "sealed")
        assert desk.put(None, *sealed, "--passphrase-file", desk.work / "right")[0] == 0
        for options in (
            (),
            ("--passphrase-file", desk.work / "wrong"),
            ("--passphrase-file", desk.work / "none"),
            ("--passphrase-file", desk.work / "x"),
        ):
            code, out, err = desk.run("vault", "status", *sealed, *options)
            assert (code, out) == (1, b"")
            assert "canary" not in err
        assert desk.json("vault", "status", *sealed, "--passphrase-file", desk.work / "right")["held"]["records"] == 1
        assert b"sesame" not in desk.raw(desk.work / "sealed")

    def test_two_writers(self, desk) -> None:
        desk.held()
        program = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()"
        argv = [sys.executable, "-c", program, str(desk.store / "lock")]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout.readline() == b"locked\n"
            code, out, err = desk.put(session={"id": "s2"})
            other.stdin.close()
        assert (code, out) == (1, b"")
        assert "in use by another process" in err
        assert "try again" in err
        assert desk.put(session={"id": "s2"})[0] == 0

    def test_full_disk(self, desk, monkeypatch) -> None:
        record = desk.held()
        desk.job("serve")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "pwrite", full)
        code, out, err = desk.put(session={"id": "s2"})
        monkeypatch.undo()
        assert (code, out) == (1, b"")
        assert "make room" in err
        assert desk.json("vault", "status")["held"]["records"] == 1
        assert desk.run("vault", "get", record, "--job", "server")[1] == CONTENT

    def test_database_that_cannot_grow(self, desk) -> None:
        """As with a full disk below SQLite: the system refuses to write any file beyond a few bytes."""
        record = desk.held()
        desk.job("serve")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            code, out, err = desk.put(session={"id": "s2"})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (code, out) == (1, b"")
        assert str(desk.store) in err
        assert not any(canary in err for canary in CANARIES)
        assert desk.json("ledger", "verify")["ok"] is True
        assert desk.run("vault", "get", record, "--job", "server")[1] == CONTENT
        assert desk.put(session={"id": "s2"})[0] == 0

    def test_missing_root_key(self, desk) -> None:
        desk.held()
        (desk.store / "root.key").unlink()
        code, _, err = desk.run("vault", "status")
        assert code == 1
        assert "root.key" in err
        assert not (desk.store / "root.key").exists()


class TestCanaries:
    def test_no_output_of_a_command_that_was_denied_or_failed_and_no_entry_names_content_or_persons(self, desk) -> None:
        record = desk.held()
        desk.job("train_generative", name="trainer")
        outputs = [
            desk.run("vault", "get", record, "--job", "trainer"),
            desk.run("vault", "get", record, "--job", "nobody"),
            desk.run("vault", "why", record),
            desk.run("vault", "status"),
            desk.put(flags=["canary-content"]),
            desk.put(tier="canary-content"),
            desk.put(collected_at="2025-01-01T00:00:00Z"),
            desk.put(collected_at="2027-01-01T00:00:00Z"),
            desk.put(settings={"cleanupPeriodDays": "canary-content"}),
            desk.run("vault", "erase", "canary-subject"),
            desk.run("vault", "hold", "case", "--kind", "legal", "--session", "canary-session"),
            desk.run("vault", "export", "canary-subject", "--output", "/dev/null/below"),
            desk.run("vault", "erase", "canary-subject", "--apply"),
        ]
        for code, out, err in outputs:
            assert not any(canary in out.decode() + err for canary in CANARIES), (code, out, err)
        desk.run("ledger", "export", desk.work / "ledger")
        published = desk.raw(desk.work / "ledger")
        assert b"ingested" in published
        assert not any(canary.encode() in published for canary in CANARIES)

    def test_damage_is_told_without_a_word_of_content(self, desk) -> None:
        record = desk.held()
        desk.job("serve")
        (segment,) = desk.store.glob("segments/*/*")
        content = segment.read_bytes()
        segment.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        code, out, err = desk.run("vault", "get", record, "--job", "server")
        assert (code, out) == (1, b"")
        assert segment.name in err or record[:32] in err
        assert not any(canary in err for canary in CANARIES)
        segment.write_bytes(content[: len(content) // 2])
        assert desk.run("vault", "get", record, "--job", "server")[0] == 1

    def test_nothing_is_in_the_clear_in_the_store(self, desk) -> None:
        desk.held()
        assert b"canary-content" not in desk.raw()

    def test_refused_put_leaves_no_byte(self, desk) -> None:
        assert desk.put(collected_at="2025-01-01T00:00:00Z")[0] == 10
        assert not any(canary.encode() in desk.raw() for canary in CANARIES)


class TestUninstall:
    def test_what_is_held_is_listed_and_left(self, desk) -> None:
        record = desk.held()
        desk.job("serve")
        before = desk.raw()
        for argv in (("uninstall",), ("uninstall", "--apply")):
            code, out, err = desk.run(*argv)
            assert code == 0
            assert f"kept {desk.store}" in out.decode()
            assert "keys.db" not in out.decode()
            assert "tenure vault erase" in err
        assert desk.raw() == before
        assert desk.run("vault", "get", record, "--job", "server")[1] == CONTENT
        plain = desk.json("uninstall")
        assert (plain["held"], plain["files"]) == (str(desk.store), [])

    def test_ledger_of_what_was_held_stays_too(self, desk) -> None:
        desk.held()
        desk.run("vault", "erase", "canary-subject", "--apply")
        desk.run("uninstall", "--apply")
        assert desk.json("ledger", "verify")["size"] > 0

    def test_store_in_which_nothing_ever_was_goes(self, desk) -> None:
        wiring.open_store(str(desk.store), AT, may_make=True).close()
        assert desk.json("uninstall", "--apply")["held"] is None
        assert not desk.store.exists()

    def test_store_that_cannot_be_opened_stays(self, desk) -> None:
        (desk.work / "right").write_bytes(b"open sesame\n")
        desk.put(None, "--passphrase-file", desk.work / "right")
        desk.run("uninstall", "--apply")
        assert desk.json("vault", "status", "--passphrase-file", desk.work / "right")["held"]["records"] == 1

    def test_looking_makes_no_store(self, desk) -> None:
        desk.store.mkdir(parents=True)
        desk.run("uninstall")
        assert list(desk.store.iterdir()) == []


class TestHandedIn:
    def test_name_that_stands_twice_is_malformed(self, desk) -> None:
        case = desk.work / "twice.json"
        for part in ('"flags": ["zdr"], "flags": []', '"env": NaN'):
            case.write_text(f'{{"agent": "claude_code", "kind": "prompt", {part}}}')
            code, out, _ = desk.run("vault", "put", "--case", str(case), "--content", str(case))
            assert (code, json.loads(out)["error"]["code"]) == (2, "case/not-json")

    def test_standard_input_is_one_thing(self, desk, monkeypatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
        code, _, err = desk.run("vault", "put", "--case", "-")
        assert code == 2
        assert "both name standard input" in err

    def test_nobody_is_told_as_nobody(self, desk, tmp_path) -> None:
        desk.held()
        assert desk.run("vault", "export", "nobody", "--output", str(tmp_path / "out"))[0] == 10
        assert not (tmp_path / "out").exists()
        code, out, _ = desk.run("vault", "erase", "nobody")
        assert (code, b"nobody is known by that id" in out) == (0, True)
        code, out, _ = desk.run("vault", "hold", "case", "--kind", "legal", "--subject", "nobody")
        assert (code, b"no hold was made" in out) == (10, True)
