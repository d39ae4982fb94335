"""`tenure client`: a person's side of Tenure's service, for sessions of Claude Code. What the plugin calls, and what needs a person's yes."""

import json
import os
import sys
from pathlib import Path

import click

from tenure import wiring
from tenure.cli.client.surroundings import Session, access, furnish, person, root, session_of
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean
from tenure.cli.stamp import stamp_session
from tenure.client.archive import LARGEST, read_archive
from tenure.client.feedback import feedback, report
from tenure.client.hooks import Event, Listener, Plugin, read_event
from tenure.client.kept import Agreed, choices, choose
from tenure.client.opt_outs import Service
from tenure.client.privacy import privacy
from tenure.client.surroundings import Surroundings
from tenure.client.survey import Survey, may_ask
from tenure.client.terminal import is_yes
from tenure.client.uploads import CONSENT, QUESTION
from tenure.services.question_texts import Text

session_option = click.option("--session", "given", metavar="ID", help="Which session. Default: the newest one of the working folder.")
_LONGEST = 1024 * 1024


@click.group("client")
def client() -> None:
    """Send feedback, ratings and sessions of Claude Code to a service, and see to your privacy there.

    `connect` names the service. What sends something shows it first and asks, on a terminal and from a person: not from inside of an agent, and not
    from a file. The plugin for Claude Code (docs/how-to/claude-code-plugin.md) calls `hook`.

    \b
    tenure client connect ready.json
    tenure client feedback the diff came out empty
    tenure client privacy
    """  # noqa: D301 - the character that keeps click from filling the lines


@client.command("connect")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_shell
def connect_command(shell: Shell, file: Path) -> int:
    """Name the service: FILE is the ready file of `tenure serve`, or one of that form with the tokens that you were given.

    FILE is read each time. A yes to uploads that was given for another service does not count for this one.
    """
    place = str(file.resolve())
    found = access(place)
    known = choices(shell.state)
    choose(shell.state, known if known.server == place else type(known)(place))
    click.echo(f"The service is {clean(found.url)}.", err=True)
    return Exit.YES


@client.command("feedback")
@session_option
@click.argument("words", nargs=-1)
@pass_shell
def feedback_command(shell: Shell, given: str | None, words: tuple[str, ...]) -> int:
    """Send a report with WORDS: choose what goes along, see it as it will leave, and say yes. Exactly that is sent."""
    here = furnish(shell, person(), session_of(given))
    text = " ".join(words) or here.terminal.ask("What went wrong, or right?")
    if text is not None:
        feedback(here, text)
    return Exit.YES


@client.command("rate")
@session_option
@click.argument("number", type=click.IntRange(0, 3))
@pass_shell
def rate_command(shell: Shell, given: str | None, number: int) -> int:
    """Rate a session: 1 bad, 2 fine, 3 good, 0 dismiss. The NUMBER goes with the day alone.

    After it you may be asked for the transcript, with a yes of its own.
    """
    here = furnish(shell, person(), session_of(given))
    if not may_ask(here):
        here.terminal.say(f"Nothing is sent: {_why_not(here, Service.RATING)}.")
        return Exit.NO
    Survey(here).give(number)
    return Exit.YES


@client.command("privacy")
@session_option
@click.argument("words", nargs=-1, metavar="[NAME on|off | export FILE | forget | erase]")
@pass_shell
def privacy_command(shell: Shell, given: str | None, words: tuple[str, ...]) -> int:
    """Show what is on and what you have agreed to; set a consent, have everything exported or erased.

    `on` shows the service's own question and asks. `forget` erases one session, `erase` everything that the service holds of you.
    """
    match words:
        case () | (_, "on" | "off") | ("export", _) | ("forget" | "erase",):
            privacy(furnish(shell, person(), session_of(given)), list(words), "me")
        case _:
            raise click.UsageError("expected nothing, NAME on, NAME off, export FILE, forget or erase")
    return Exit.YES


@client.command("upload")
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]))
@pass_shell
def upload_command(shell: Shell, switch: str) -> int:
    """Have sessions sent to the service when they end, redacted. Off until you say yes here, and to the service's own question."""
    known = choices(shell.state)
    if switch == "off":
        choose(shell.state, type(known)(known.server))
        click.echo("Sessions stay here.", err=True)
        return Exit.YES
    here = furnish(shell, person(), Session("", None))
    if here.server is None:
        here.terminal.say("There is no service: tenure client connect FILE")
        return Exit.NO
    question = Text(1, QUESTION.replace("{server}", access(known.server).url))
    if not is_yes(here.terminal.ask(f"{question.content}\nWithout an answer it stays no. y: yes  anything else: no")):
        here.terminal.say("It stays as it was.")
        return Exit.NO
    if (here.server.consents() or {}).get(CONSENT) is not True:
        privacy(here, [CONSENT, "on"], "me")
    if (here.server.consents() or {}).get(CONSENT) is not True:
        return Exit.NO
    choose(shell.state, type(known)(known.server, Agreed(question.sha256, shell.clock.now(), known.server)))
    here.terminal.say("Sessions are sent when they end.")
    return Exit.YES


@client.command("import-archive")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@pass_shell
def import_command(shell: Shell, file: Path) -> int:
    """Send a report that Claude Code wrote to its local archive: FILE of `feedback-bundles` in its configuration folder.

    It is redacted again, shown as it will leave, and sent after a yes. FILE stays where it is.
    """
    here = furnish(shell, person(), Session("", None))
    if not here.on & {Service.FEEDBACK, Service.FEEDBACK_ARCHIVE}:
        here.terminal.say(f"Nothing is sent: {_why_not(here, Service.FEEDBACK)}.")
        return Exit.NO
    with file.open("rb") as stream:
        found = read_archive(file.name, stream.read(LARGEST + 1))
    report(here, "session" if len(found.sessions) == 1 else "7d", found.text, found.sessions, to_archive=False)
    return Exit.YES


@client.command("hook")
@pass_shell
def hook_command(shell: Shell) -> int:
    """Do what the plugin does about an event of Claude Code, whose JSON is on standard input.

    A start is stamped; after a task the rating may be asked for, once in a session; at the end the session is uploaded where you agreed to it; and
    /tenure:feedback, /tenure:rate and /tenure:privacy are answered without the model. It exits 0 whatever happens, and never disturbs a session.
    """
    if sys.stdin.isatty():
        raise click.UsageError("a hook's JSON is expected on standard input")
    content, event = sys.stdin.buffer.read(_LONGEST), None
    try:
        event = read_event(content)
        if event.hook_event_name == "SessionStart":
            stamp_session(shell, content, os.environ.get("TENURE_ARM") or None)
        elif (answer := _plugin(shell).heard(event)) is not None:
            click.echo(json.dumps(answer))
    except Exception as error:
        why = str(error) if hasattr(error, "code") else type(error).__name__
        click.echo(f"tenure client hook: nothing was done: {why}", err=True)
        if event is not None and event.hook_event_name == "UserPromptExpansion":
            click.echo(json.dumps({"decision": "block", "reason": f"Nothing was done: {why}"}))
    return Exit.YES


def _plugin(shell: Shell) -> Plugin:
    def here(event: Event, listener: Listener) -> Surroundings:
        path = Path(event.transcript_path)
        is_own = path.is_relative_to(Path(root()) / "projects") and ".." not in path.parts and path.stem == event.session_id
        return furnish(shell, listener, Session(event.session_id, path if is_own else None), event.cwd)

    entry = wiring.this_machine().variable("CLAUDE_CODE_ENTRYPOINT") or ""
    return Plugin(shell.state, here, shell.clock.now, is_person=not entry.startswith("sdk"))


def _why_not(here: Surroundings, service: Service) -> str:
    return "there is no service: tenure client connect FILE" if service in here.on else f"it is switched off by {here.why_off(service)}"
