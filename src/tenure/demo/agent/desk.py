"""The agent at work: takes prompts and commands, and sees to what belongs to the end of a task."""

from tenure.client.feedback import feedback
from tenure.client.opt_outs import Service
from tenure.client.privacy import privacy
from tenure.client.reports import describe
from tenure.client.surroundings import Surroundings
from tenure.client.survey import Survey
from tenure.client.telemetry import Telemetry
from tenure.demo.agent.loop import Done, Loop

HELP = "Type a task. /feedback WORDS  /privacy  /quit    Ctrl-C stops a task."


class Desk:
    """One session.

    Args:
        here: the surroundings.
        loop: the conversation.
        telemetry: is sent after each task.
        subject: the person's id at the service.
    """

    def __init__(self, here: Surroundings, loop: Loop, telemetry: Telemetry, subject: str) -> None:
        self._here = here
        self._loop = loop
        self._telemetry = telemetry
        self._subject = subject
        self._survey = Survey(here)
        self._uploaded = (0, 0)

    def serve(self) -> None:
        """Take what the person types until they are done. An error ends what was under way, never the session."""
        self._here.terminal.say(HELP)
        line: str | None = ""
        while line is not None:
            try:
                line = self._next(line)
            except KeyboardInterrupt:
                self._here.terminal.say("\nStopped.")
                line = ""
            except Exception as error:
                self.report(error)
                line = ""

    def _next(self, line: str) -> str | None:
        """Do what a line says and return the next one; None = it is over."""
        text = line.strip()
        match text.split():
            case ["/quit"]:
                return None
            case ["/feedback", *_]:
                feedback(self._here, text.removeprefix("/feedback").strip())
            case ["/privacy", *words]:
                privacy(self._here, words, self._subject)
            case [command, *_] if command.startswith("/"):
                self._here.terminal.say(HELP)
            case [_, *_]:
                done = self.task(text)
                self._here.terminal.say(f"\nThe model did not go on: {done.refusal}" if done.refusal else "")
                typed = self._survey.after_task()
                if typed is not None:
                    return typed
            case _:
                pass
        return self._here.terminal.prompt()

    def task(self, prompt: str) -> Done:
        """Do a task, then send what is to be sent after one."""
        try:
            return self._loop.run(prompt)
        finally:
            self._telemetry.flush()
            self._upload()

    def report(self, error: Exception) -> None:
        """Tell the person that something went wrong, and the service where, if that is on."""
        said = describe(error, self._here.version)
        self._here.terminal.say(f"Something went wrong in the agent ({said.type}).")
        if Service.ERRORS in self._here.on and self._here.server is not None:
            self._here.server.errors(said, self._here.case)

    def _upload(self) -> None:
        """Append the lines that are new to the session at the service."""
        path, (read, sent) = self._here.transcript.path, self._uploaded
        if Service.SESSION_UPLOAD not in self._here.on or self._here.server is None or path is None or not path.exists():
            return
        raw = path.read_bytes()
        lines = self._here.redact(raw[read:])[0]
        if lines and self._here.server.transcript(self._here.transcript.session, sent, lines, self._here.case).is_taken:
            self._uploaded = (len(raw), sent + len(lines))
