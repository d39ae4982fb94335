"""What the terms come to at the vendor for what is known of one agent: for how long in each completion, and whether that is said at all.

Two readings are kept apart. A decision reads an unknown as strictly as it can, which is the shortest period; a person wants to know how long it may
be, which is the longest. And where content goes to somebody whose terms are not known here, silence about them is no answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tenure.agents.facts import Evidence, Fact, State
from tenure.records.case import Case, Consent
from tenure.records.kinds import TRAINING, Flag, Purpose, Verdict
from tenure.terms.decide import Book
from tenure.terms.decision import Decision
from tenure.terms.lengths import Length, possible_lengths
from tenure.terms.pack import Clause

OTHERS: Mapping[str, frozenset[str]] = {
    "aider": frozenset({"own_key"}),
    "codex": frozenset({"azure", "bedrock", "other"}),
    "opencode": frozenset({"own_key"}),
}
"""Per agent the providers whose own terms decide, and are not in its pack."""

UNSAID = "the terms of whoever serves it decide, and are not known here"
_WORDS = ("tier", "provider")
DETAILS = ("model_class", "feature", "surface")
"""What differs from one piece of data to the next."""
_CERTAINTY = (State.MEASURED, State.DEFAULT, State.INFERRED, State.ATTESTED, State.UNKNOWN)
Lengths = Mapping[Length, tuple[Clause, ...]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that is not known, and on which it turns for how long content is kept.

    Attributes:
        name: such as `consent.training`, `flag.zdr`, `tier`.
        answers: per possible answer the lengths that are left.
    """

    name: str
    answers: Mapping[str | bool, tuple[Length, ...]]


@dataclass(frozen=True, slots=True)
class Span:
    """For how long the vendor may keep a prompt.

    Attributes:
        found: every length that the terms may mean, the longest first, each with the clauses that say so. Not stated counts as the longest.
        turns: what it turns on, where there are several.
        by_flags: the lengths without any flag of an agreement, where the flags are not known; else empty.
    """

    found: Lengths
    turns: tuple[Turn, ...] = ()
    by_flags: tuple[Length, ...] = ()

    @property
    def longest(self) -> Length:
        """The longest of them."""
        return next(iter(self.found))

    @property
    def shortest(self) -> Length:
        """The shortest of them."""
        return list(self.found)[-1]


def days(length: Length) -> float:
    """Return a length as days, for ordering; not stated comes last."""
    return float("inf") if length is None else 1e9 if isinstance(length, str) else length.approximate_days


def span(book: Book, case: Case, surfaces: Iterable[str | None]) -> Span:
    """Return for how long the terms may mean that a case is kept, over all surfaces and over all that is not known.

    Raises:
        TermsError: no pack for the agent.
    """
    seen = tuple(surfaces)

    def find(of: Case) -> Lengths:
        return _longest_first(possible_lengths(book, replace(of, surface=surface, safety_flagged=False)) for surface in seen)

    found = find(case)
    if len(found) == 1:
        return Span(found)
    turns = _that_matter(_turns(book, case, find)) or _that_matter(_details(book, case, find, seen))
    return Span(found, turns, tuple(find(replace(case, flags=frozenset()))) if case.flags is None else ())


def _longest_first(parts: Iterable[Lengths]) -> Lengths:
    found: dict[Length, dict[str, Clause]] = {}
    for part in parts:
        for length, clauses in part.items():
            found.setdefault(length, {}).update({clause.id: clause for clause in clauses})
    return {length: tuple(found[length].values()) for length in sorted(found, key=days, reverse=True)}


def _that_matter(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    return tuple(turn for turn in turns if len(set(map(frozenset, turn.answers.values()))) > 1)


def _details(book: Book, case: Case, find: Callable[[Case], Lengths], surfaces: tuple[str | None, ...]) -> Iterator[Turn]:
    """Try each feature, model and surface, where nothing else accounts for it."""
    lists = book.table(case.agent).pack.vocabulary.lists
    for name in DETAILS[:2]:
        yield Turn(name, {word: tuple(find(_with(case, name, word))) for word in lists.get(name, ())})
    yield Turn("surface", {surface or "": tuple(span(book, case, (surface,)).found) for surface in surfaces if len(surfaces) > 1})


def _turns(book: Book, case: Case, find: Callable[[Case], Lengths]) -> Iterator[Turn]:
    """Try each answer to what is not known."""
    lists = book.table(case.agent).pack.vocabulary.lists
    for name in _WORDS:
        if getattr(case, name) is None:
            yield Turn(name, {word: tuple(find(_with(case, name, word))) for word in lists.get(name, ())})
    if not any(consent.name == "training" and consent.value is not None for consent in case.consents or ()):
        yield Turn("consent.training", {answer: tuple(find(consenting(case, answer))) for answer in (False, True)})
    if case.flags is None:
        without = tuple(find(replace(case, flags=frozenset())))
        for flag in Flag:
            yield Turn(f"flag.{flag}", {False: without, True: tuple(find(replace(case, flags=frozenset({flag}))))})


def _with(case: Case, name: str, word: str) -> Case:
    match name:
        case "tier":
            return replace(case, tier=word)
        case "provider":
            return replace(case, provider=word)
        case "feature":
            return replace(case, feature=word)
        case _:
            return replace(case, model_class=word)


def consenting(case: Case, answer: bool) -> Case:
    """Return a case in which the person allowed training at the time of collection, or did not."""
    others = tuple(consent for consent in case.consents or () if consent.name != "training")
    return replace(case, consents=(*others, Consent("training", answer, at=case.asked_at, by="subject")))


def is_unsaid(case: Case) -> bool:
    """Tell whether the content goes, or may go, to somebody whose terms are not known here."""
    others = OTHERS.get(case.agent, frozenset())
    return bool(others) and (case.provider is None or case.provider in others)


def without_silence(decision: Decision, case: Case) -> Decision:
    """Return a decision in which silence about the terms of others is a gap: nothing there says that they do not train on it."""
    is_comfort = case.purpose in (*TRAINING, Purpose.IMPROVE, Purpose.DEBUG, Purpose.SAFETY) and decision.verdict is Verdict.DENY
    return replace(decision, verdict=Verdict.GAP) if is_comfort and is_unsaid(case) else decision


def least_certain(facts: Iterable[Fact]) -> State:
    """Return the least certain state of some facts."""
    return max((fact.state for fact in facts), key=_CERTAINTY.index)


def known_by(evidence: Evidence) -> State:
    """Return how an answer of the terms is known that is the same for all that is not known.

    It is a contract, so never measured: at best as documented.
    """
    named = (fact.state for fact in evidence.facts if fact.name in ("tier", "provider") or _is_said(fact))
    return max((State.DEFAULT, *(state for state in named if state is not State.UNKNOWN)), key=_CERTAINTY.index)


def _is_said(fact: Fact) -> bool:
    return fact.name.startswith(("consent.", "agreement.")) and fact.state is State.ATTESTED
