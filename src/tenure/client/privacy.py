"""`/privacy`: what the person has said, saying otherwise, and having what is held exported or erased."""

import os

from tenure.client.opt_outs import Service
from tenure.client.service import Reply, Server
from tenure.client.surroundings import Surroundings
from tenure.client.terminal import is_yes

HELP = "/privacy  shows; /privacy NAME on|off  sets a consent; /privacy export FILE; /privacy forget  this session; /privacy erase  everything"


def privacy(here: Surroundings, words: list[str], subject: str) -> None:
    """Do what the words after `/privacy` say.

    Args:
        here: the surroundings.
        words: after the command.
        subject: the person's id at the service.
    """
    say, server = here.terminal.say, here.server
    if not words:
        for service in Service:
            say(f"  {service:<20} {'on' if service in here.on else 'off, by ' + here.why_off(service)}")
    if server is None:
        say("There is no service whose settings could be shown.")
        return
    match words:
        case []:
            _show(here, server)
        case [name, "on"]:
            _allow(here, server, name)
        case [name, "off"]:
            say(_told(server.answer(name, None), f"{name} is off."))
        case ["export", path]:
            _export(here, server, subject, path)
        case ["forget"] if is_yes(here.terminal.ask("Erase what the service holds of this session? y: yes  anything else: no")):
            say(_told(server.delete_session(here.transcript.session), "Erased."))
        case ["erase"] if here.terminal.ask("Erase everything that the service holds of you? Type erase to go on.") == "erase":
            say(_told(server.erase(subject), "Erased."))
        case ["forget" | "erase"]:
            say("Nothing was erased.")
        case _:
            say(HELP)


def _show(here: Surroundings, server: Server) -> None:
    said = server.consents()
    if said is None:
        here.terminal.say("The service does not tell what you have agreed to.")
    for name, value in (said or {}).items():
        here.terminal.say(f"  {name:<20} {value}")


def _allow(here: Surroundings, server: Server, name: str) -> None:
    """Show the service's own question; a yes goes back with its nonce and what was shown."""
    question = server.question(name)
    if question is None:
        here.terminal.say(f"There is no consent {name} to give.")
    elif is_yes(here.terminal.ask(f"{question.text}\nWithout an answer it stays no. y: yes  anything else: no")):
        here.terminal.say(_told(server.answer(name, question), f"{name} is on."))
    else:
        here.terminal.say("It stays as it was.")


def _export(here: Surroundings, server: Server, subject: str, path: str) -> None:
    content = server.export(subject)
    if content is None:
        here.terminal.say("The service gave no export.")
        return
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        here.terminal.say(f"It was not written: {error.strerror}.")
        return
    here.terminal.say(f"{len(content)} bytes written to {path}.")


def _told(reply: Reply, done: str) -> str:
    return done if reply.is_taken else f"It was not done: {reply.reason}"
