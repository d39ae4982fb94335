"""`tenure vault put | get | export`: the ways in and out."""

import base64
import os
import stat
import sys
from pathlib import Path

import click
import msgspec

from tenure.cli.audit.line import counted
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.json_in import read_case_json
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, plain_because, record_name, store_options
from tenure.errors import ConfigError, TermsError
from tenure.ports import Selection
from tenure.records.canonical import Plain
from tenure.records.held import Owner
from tenure.records.ids import LONGEST, id_fault, normal_id
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose, Verdict
from tenure.services.decisions import render_error
from tenure.services.intake import Item, Put
from tenure.services.rights import SCHEMA as EXPORT_SCHEMA
from tenure.services.use import Denied
from tenure.terms.cases import SESSION_KEYS, parse_case

PUT_SCHEMA = "tenure.put/1"
GET_SCHEMA = "tenure.get/1"
EXITS = {Verdict.PERMIT: Exit.YES, Verdict.DENY: Exit.NO, Verdict.GAP: Exit.GAP}
_PRIVATE = 0o600


@click.command("put")
@click.option("--case", "source", metavar="FILE", required=True, help="The case under which it was collected: FILE, as JSON.")
@click.option("--content", metavar="FILE", default="-", help="Read the bytes from FILE instead of standard input.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: the answer is always JSON.")
@store_options
@pass_shell
def put_command(shell: Shell, place: Place, source: str, content: str, as_json: bool) -> int:
    """Hold what comes on standard input under its terms, or refuse it.

    The case has the form of `tenure terms decide`, and further `subject`, `org` and `session.id`. Its purpose does not matter: what is asked is
    whether it may be collected, and for how long it is held. Someone who is not known becomes an account as the case says; of someone who is
    known the account counts, and the case can only be stricter. Exits 0 held, 10 refused, 11 cannot tell (refused too), 2 malformed.
    """
    if source == content == "-":
        raise click.UsageError("--case and --content both name standard input: give one of them as a file")
    try:
        item = read_item(_read(source, "--case"), _read(content, "--content"))
        with open_keeping(shell, place, may_make=True) as keeping:
            put = keeping.intake.put(item)
    except TermsError as error:
        emit_json(render_error(error))
        click.echo(f"tenure: {error}", err=True)
        return Exit.USAGE
    try:
        emit_json(plain_put(put))
    except OSError:
        for record in put.records:  # it is held by now, and its name is said nowhere else
            click.echo(f"tenure: held as {record}", err=True)
        raise
    if put.verdict is not Verdict.PERMIT:
        click.echo(f"tenure: not held: {put.reason or f'the terms say {put.verdict}'}", err=True)
    return EXITS[put.verdict]


def _read(path: str, option: str) -> bytes:
    """Return what is in a file; `-` is standard input."""
    try:
        with click.open_file(path, "rb") as file:
            found: bytes = file.read()
            return found
    except OSError as error:
        raise click.UsageError(f"{option}: expected a file that can be read, found {path[:200]!r}: {error.strerror}") from error


def read_item(case: bytes, content: bytes) -> Item:
    """Return what is handed in by a case with its owner, as JSON.

    Raises:
        TermsError: the case is malformed.
    """
    value = read_case_json(case)
    if not isinstance(value, dict):
        raise TermsError("case: expected an object, got something else", code="case/not-an-object")
    session = value.get("session")
    if not isinstance(session, dict | None):
        raise TermsError("session: expected an object, got another value", code="case/bad-value")
    named = None if session is None else session.get("id")
    owner = Owner(_name(value, "subject"), _name(value, "org"), _name({"session.id": named}, "session.id"))
    plain = {name: part for name, part in value.items() if name not in {"subject", "org"}}
    if plain.get("purpose") is None:
        plain["purpose"] = str(Purpose.COLLECT)
    if session is not None:
        plain["session"] = {name: part for name, part in session.items() if name != "id" or name in SESSION_KEYS}
    return Item(parse_case(plain), owner, [content])


def _name(value: dict[str, object], key: str) -> str | None:
    name = value.get(key)
    if name is None:
        return None
    if not isinstance(name, str) or (fault := id_fault(name)):
        got = fault if isinstance(name, str) else "another value"
        raise TermsError(f"{key}: expected an id of 1 to {LONGEST} printable characters, got {got}", code="case/bad-value")
    return normal_id(name)


def plain_put(put: Put) -> dict[str, object]:
    """Return the plain form of what became of one record."""
    return {
        "schema": PUT_SCHEMA,
        "verdict": str(put.verdict),
        "record": str(put.records[0]) if put.records else None,
        "expires_at": None if put.expires_at is None else render_time(put.expires_at),
        "because": plain_because(put.because),
        "reason": put.reason,
    }


@click.command("get")
@click.argument("record")
@click.option("--job", required=True, metavar="NAME", help="The registered job that reads.")
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="Write the bytes to FILE instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; the bytes stand in `content`, in base64.")
@store_options
@pass_shell
def get_command(shell: Shell, place: Place, record: str, job: str, output: str | None, as_json: bool) -> int:
    """Read one record for the purposes of a registered job.

    The permit is in the ledger, durably, before the first byte is read. Exits 0 with the bytes, 10 denied, 11 cannot tell.
    """
    name = record_name(record)
    with open_keeping(shell, place) as keeping:
        found = keeping.uses.get(keeping.jobs.get(job), name)
        if isinstance(found, Denied):
            return _deny(record, found, as_json)
        opened, index = found
        content = bytes(opened.record(index))
    if as_json:
        emit_json(
            {
                "schema": GET_SCHEMA,
                "verdict": "permit",
                "record": record,
                "content": None if output else base64.b64encode(content).decode(),
                "because": [],
                "reason": "",
            }
        )
    if output is not None:
        write_private(output, content)
    elif not as_json:
        sys.stdout.buffer.write(content)
    return Exit.YES


def _deny(record: str, denied: Denied, as_json: bool) -> int:
    because = plain_because(denied.because)
    if as_json:
        plain = {"schema": GET_SCHEMA, "verdict": str(denied.verdict), "record": record, "content": None, "because": because}
        emit_json({**plain, "reason": denied.reason})
    click.echo(f"tenure: {denied.verdict}: {denied.reason or 'the terms do not permit it for this job'}", err=True)
    for part in because:
        click.echo(f"  {part['clause']}  ({part['source']}, read {part['as_of']})", err=True)
    return EXITS[denied.verdict]


@click.command("export")
@click.argument("subject")
@click.option("--output", "-o", metavar="DIR", required=True, type=click.Path(file_okay=False), help="A folder that is not there, or empty.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
@store_options
@pass_shell
def export_command(shell: Shell, place: Place, subject: str, output: str, as_json: bool) -> int:
    """Hand over all that is held of a person: one file per record and a manifest.

    What only a hold keeps is not handed over; the manifest says how much that is. Survey ratings carry no person, so none is found here.
    """
    folder = Path(output)
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"--output: expected a folder that is not there or empty, found files in {output[:200]!r}")
    records = list[Plain]()
    with open_keeping(shell, place) as keeping:
        subject = keeping.accounts.resolve(subject, keeping.at)
        if not keeping.accounts.knows(subject) and next(keeping.store.keys.buckets(Selection(subjects=[subject])), None) is None:
            click.echo("tenure: nothing is held of, or known about, that id", err=True)
            return Exit.NO
        _make_folder(folder)
        for exported in keeping.rights.export(subject):
            file = f"{exported.described['kind']}-{len(records) + 1:06d}.bin"
            write_private(str(folder / file), exported.content)
            records.append({**exported.described, "file": file})
        manifest: dict[str, Plain] = {
            "schema": EXPORT_SCHEMA,
            "at": render_time(keeping.at),
            "subject": subject,
            "account": keeping.rights.account(subject),
            "records": records,
            "not_handed_over": keeping.rights.unopened(subject),
        }
    write_private(str(folder / "manifest.json"), msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    if as_json:
        emit_json(manifest)
    else:
        printer().print(f"{clean(output)} holds {counted(len(records), 'record')} of this person, and manifest.json")
    return Exit.YES


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: expected a folder that can be made, found: {error.strerror}", code="config/unwritable") from error


def write_private(path: str, content: bytes) -> None:
    """Write a file that only the person can read; what is no file, such as a pipe, keeps its mode.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
        with open(descriptor, "wb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.fchmod(descriptor, _PRIVATE)
            file.write(content)
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be written, found: {error.strerror}", code="config/unwritable") from error
