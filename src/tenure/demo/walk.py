"""The steps of the walk and how each is judged. A step has a part per stage of Tenure; what cannot be shown yet is said so, never marked by hand.

A part's function plays the scene and returns its evidence, or raises `NotSeen` with what was seen instead.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tenure.demo import held, scenes
from tenure.demo.stage import Stage
from tenure.errors import Error

Scene = Callable[[Stage], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a step.

    Attributes:
        what: what must be seen.
        scene: shows it; None = cannot be shown yet.
    """

    what: str
    scene: Scene | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of the documents.

    Attributes:
        id: W1 .. W30.
        says: what the documents say.
        parts: what must be seen.
    """

    id: str
    says: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """How a step went.

    Attributes:
        step: which.
        state: `seen`, `part`, `not yet` or `failed`.
        evidence: what was seen, by part.
        missing: parts that cannot be shown yet.
        wrong: what was seen in place of what should be.
    """

    step: Step
    state: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


SEALED = "the record sealed under these terms"
STEPS: tuple[Step, ...] = (
    Step(
        "W1",
        "a consumer who allows training: five years",
        (Part("decision, expiry, training permitted", scenes.consumer_allows), Part(SEALED, held.consumer_allows)),
    ),
    Step(
        "W2",
        "a consumer who declines: 30 days",
        (Part("30 days, training denied", scenes.consumer_declines), Part(SEALED, held.consumer_declines)),
    ),
    Step(
        "W3",
        "commercial: no training by default, 30 days",
        (Part("for Team, Enterprise and API", scenes.commercial), Part(SEALED, held.commercial)),
    ),
    Step(
        "W4",
        "partner program: opt-in by an admin, first-party API only, a discount",
        (
            Part("who may enrol, where it counts, what it costs", scenes.partner),
            Part("an admin enrols", held.partner),
            Part("metered usage is discounted"),
        ),
    ),
    Step(
        "W5",
        "zero data retention per organisation, by the account team",
        (Part("nothing of content left, raw bytes scanned", held.zero_retention),),
    ),
    Step("W6", "privacy settings manage the preference", (Part("the command, takes effect at once", held.privacy), Part("the page"))),
    Step(
        "W7",
        "feedback: 30 days and never trained on, later five years",
        (Part("two reports, two dates, two lives", scenes.two_reports), Part("both held for their time", held.two_reports)),
    ),
    Step("W8", "retention ends", (Part("gone, the key destroyed, proof verifies offline", held.retention_ends),)),
    Step("W9", "local plaintext transcripts for 30 days", (Part("what lies here, what goes when, who can read it", scenes.local_transcripts),)),
    Step("W10", "the feedback command shares session transcripts", (Part("scope, preview, consent; refused under zero retention"),)),
    Step("W11", "the survey records a number only", (Part("the wire carries the number, the day and the arm"),)),
    Step("W12", "telemetry without code or file paths", (Part("canaries in every string position: none stored"),)),
    Step("W13", "opt out of each service by environment variable", (Part("each switches off its own service, seen on the wire"),)),
    Step("W14", "TLS for all transmissions", (Part("TLS 1.2 or later only"),)),
    Step(
        "W15",
        "terminal, IDE, web, CI",
        (Part("the surface of each session and its terms", scenes.surfaces), Part("on the wire"), Part("in cloud sessions")),
    ),
    Step("W16", "code retained over time, one number", (Part("percentage at 1, 7, 30 and 90 days"),)),
    Step("W17", "A/B variations compared by retention", (Part("two arms delivered, compared with an interval"),)),
    Step("W18", "a transcript turned into bits", (Part("each bit with the turn that caused it, locally"),)),
    Step("W19", "a repository cloned into an isolated machine", (Part("one clone, nothing else of the host"),)),
    Step("W20", "all outbound traffic through a security proxy", (Part("allowed and denied attempts recorded"),)),
    Step("W21", "abuse prevention", (Part("a budget trips, the session is stopped"),)),
    Step("W22", "git credentials never in the sandbox", (Part("clone and push work, the hunt finds nothing"),)),
    Step("W23", "only repositories in which a session was started", (Part("a connected one is refused"),)),
    Step("W24", "browser-accessible sessions", (Part("started, watched and deleted from a page"),)),
    Step("W25", "cloud data follows the account's terms", (Part("sealed, expiring, deletable"),)),
    Step("W26", "train on auxiliary signals", (Part("a model on bits chooses the next arm"),)),
    Step("W27", "the answer: the same use where the terms refuse it", (Part("refused at the signal, the aggregate, the model"),)),
    Step("W28", "the answer: what the literal reading would leak", (Part("bits per session, by clause"),)),
    Step("W29", "the answer: a person withdraws", (Part("content", held.withdraws), Part("signals"), Part("their part of the model"))),
    Step("W30", "the answer: an auditor who trusts nobody", (Part("verifies with the independent verifier", held.auditor),)),
)


def walk(stage: Stage, steps: Iterable[Step] = STEPS) -> Iterator[Seen]:
    """Play the steps in order; each is judged by what was seen."""
    for step in steps:
        yield _play(stage, step)


def _play(stage: Stage, step: Step) -> Seen:
    evidence, wrong = [], []
    for part in step.parts:
        if part.scene is None:
            continue
        try:
            evidence.append(part.scene(stage))
        except (scenes.NotSeen, Error) as error:
            wrong.append(f"{part.what}: {error}")
    missing = tuple(part.what for part in step.parts if part.scene is None)
    state = "failed" if wrong else "not yet" if not evidence else "part" if missing else "seen"
    return Seen(step, state, tuple(evidence), missing, tuple(wrong))
