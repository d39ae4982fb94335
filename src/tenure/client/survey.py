"""The survey after a task: a number, which goes with the day and the arm and nothing else; then, only after a yes of its own, the transcript."""

from tenure.client.opt_outs import Service
from tenure.client.service import Reply
from tenure.client.surroundings import Surroundings
from tenure.client.telemetry import rating_payload
from tenure.client.terminal import is_yes

QUESTION = "How is the agent doing this session?  1: bad  2: fine  3: good  0: dismiss  (optional)"
SHARE = "share_transcript"
SHARE_QUESTION = "May the transcript of this session be written to your local archive?"
_RATINGS = {"": 0, "0": 0, "1": 1, "2": 2, "3": 3}


def may_ask(here: Surroundings) -> bool:
    """Tell whether somebody would get a rating."""
    to_service = Service.RATING in here.on and here.server is not None
    return to_service or (Service.RATING_TO_COLLECTOR in here.on and here.collect is not None)


class Survey:
    """The survey of one session, asked at most once."""

    def __init__(self, here: Surroundings) -> None:
        self._here = here
        self._is_asked = False

    def after_task(self) -> str | None:
        """Ask, if this is a fitting moment; return what was typed instead of a number, which is the next prompt."""
        here = self._here
        if self._is_asked or not (here.terminal.is_person and may_ask(here)) or here.chance() >= here.rate:
            return None
        self._is_asked = True
        typed = here.terminal.ask(QUESTION)
        if typed is None or typed not in _RATINGS:
            return typed
        self.give(_RATINGS[typed])
        return None

    def give(self, rating: int) -> None:
        """Send a rating, 0 for dismissed, then ask for the transcript where that may be asked."""
        self.send(rating)
        if rating:
            self._share()

    def send(self, rating: int) -> Reply:
        """Send a rating, with the day and the arm and nothing else."""
        here = self._here
        day = here.now().date()
        if Service.RATING in here.on and here.server is not None:
            return here.server.survey(rating, day, here.arm)
        if Service.RATING_TO_COLLECTOR in here.on and here.collect is not None:
            here.collect(rating_payload(rating, day, here.version))
            return Reply(True)
        return Reply(False, "there is nobody who would get it")

    def _share(self) -> None:
        """Ask for the transcript. A no sends nothing; the third answer is kept for good."""
        here = self._here
        path = here.transcript.path
        if here.remembered(SHARE) == "never" or path is None or not path.exists():
            return
        if Service.TRANSCRIPT_ARCHIVE in here.on:
            if self._is_agreed(SHARE_QUESTION):
                lines = here.redact(path.read_bytes())[0]
                here.terminal.say(f"It lies in {here.archive('survey', '', {here.transcript.session: lines})}.")
        elif Service.TRANSCRIPT_SHARE in here.on and here.server is not None:
            question = here.server.question("transcript_share")
            if question is not None and self._is_agreed(question.text):
                lines = here.redact(path.read_bytes())[0]
                reply = here.server.survey_transcript(question, here.transcript.session, lines, here.case)
                here.terminal.say("Sent. Thank you." if reply.is_taken else f"It was not taken, nothing of it is kept: {reply.reason}")

    def _is_agreed(self, question: str) -> bool:
        answer = self._here.terminal.ask(f"{question}\ny: yes  d: don't ask again  anything else: no")
        if answer is not None and answer.lower() == "d":
            self._here.remember(SHARE, "never")
        return is_yes(answer)
