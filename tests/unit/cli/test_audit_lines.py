"""What an audit says of the vendor and of this machine: never the comforting end first, and every line with a state."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial

import pytest

from tenure import wiring
from tenure.agents.facts import PERSONAL, Evidence, Fact, Holding, State
from tenure.cli.audit.line import Line
from tenure.cli.audit.lines import lines
from tenure.services.audit import AgentAudit, Attestation, Attestations, attest, audit, in_force, span_of
from tenure.services.packs import make_book, read_packs
from tenure.terms.decide import Book, decide

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)
SINCE = datetime(2026, 7, 2, tzinfo=UTC)
STATES = {str(state) for state in State}


@cache
def book(agent: str) -> Book:
    return make_book(read_packs({f"{agent}.toml": wiring.packaged_packs()[f"{agent}.toml"]}), [])


def shown(agent: str, *facts: Fact, said: Attestations | None = None, holdings: tuple[Holding, ...] = ()) -> list[Line]:
    evidence = attest(Evidence(agent, agent, "2.1.291", facts, holdings, (), surfaces={"cli": 1}), said or {})
    terms = in_force(evidence, AT, partial(decide, book(agent)), said or {})
    return list(lines(AgentAudit(evidence, terms, kept=span_of(evidence, AT, book, said or {}))))


def line(label: str, found: list[Line]) -> Line:
    return next(line for line in found if line.label == label)


def account(tier: str | None, provider: str | None = "first_party", *, personal: bool = False) -> tuple[Fact, ...]:
    facts = [Fact("tier", tier, State.MEASURED if tier else State.UNKNOWN, "x"), Fact("consent.training", None, State.UNKNOWN, "not stored")]
    facts.append(Fact("provider", provider, State.DEFAULT if provider else State.UNKNOWN, "y"))
    return (*facts, Fact(PERSONAL, True, State.INFERRED, "x")) if personal else tuple(facts)


@pytest.mark.parametrize(
    ("agent", "facts", "said", "text", "state"),
    [
        ("claude_code", account("team"), {}, "30 days; nothing under zero retention, which is not known", "unknown"),
        ("claude_code", account("enterprise"), {}, "30 days; nothing under zero retention, which is not known", "unknown"),
        ("claude_code", account("team"), {"claude_code/flag.zdr": False}, "30 days", "attested"),
        ("claude_code", account("max", personal=True), {}, "5 years if training is ON, 30 days if training is OFF", "unknown"),
        ("claude_code", account("max", personal=True), {"claude_code/consent.training": False}, "30 days", "attested"),
        ("claude_code", account("max", "bedrock", personal=True), {}, "30 days", "default"),
        (
            "claude_code",
            account(None),
            {},
            "5 years at the longest, nothing at the shortest; it turns on the plan, the training choice and zero retention, which are not known",
            "unknown",
        ),
        ("codex", account("business"), {}, "no limit; nothing under zero retention, which is not known", "unknown"),
        ("codex", account("plus", personal=True), {}, "not stated", "unknown"),
        ("copilot", account("pro"), {}, "28 days", "default"),
    ],
)
def test_the_longest_comes_first_with_what_it_turns_on(
    agent: str, facts: tuple[Fact, ...], said: Mapping[str, bool], text: str, state: str
) -> None:
    found = line("kept by the vendor", shown(agent, *facts, said={name: Attestation(value, SINCE) for name, value in said.items()}))

    assert (found.text, found.state) == (text, state)


def test_the_clause_shown_is_that_of_the_longest() -> None:
    assert "keep-consumer-on" in line("kept by the vendor", shown("claude_code", *account("max", personal=True))).proof


@pytest.mark.parametrize(
    ("agent", "provider"),
    [("opencode", "own_key"), ("opencode", None), ("aider", "own_key"), ("codex", "other"), ("codex", "azure")],
)
def test_silence_about_the_terms_of_another_is_not_a_no(agent: str, provider: str | None) -> None:
    found = shown(agent, Fact("tier", None, State.UNKNOWN, "x"), Fact("provider", provider, State.INFERRED if provider else State.UNKNOWN, "y"))
    training, kept = line("may train on it", found), line("kept by the vendor", found)

    assert (training.text[0], training.state) == ("?", "unknown")
    assert kept.state == "unknown"


@pytest.mark.parametrize(
    ("facts", "text", "state"),
    [
        (account("team", "bedrock"), "no, the terms do not permit it", "default"),
        (account("max", personal=True), "? not stored on disk: tenure attest records what you chose", "unknown"),
    ],
)
def test_training_of_known_terms_is_answered(facts: tuple[Fact, ...], text: str, state: str) -> None:
    found = line("may train on it", shown("claude_code", *facts))

    assert (found.text, found.state) == (text, state)


def test_a_contract_is_never_measured() -> None:
    facts = (Fact("tier", "team", State.MEASURED, "x"), Fact("provider", "bedrock", State.MEASURED, "y"))
    found = shown("claude_code", *facts)

    assert {line(label, found).state for label in ("may train on it", "kept by the vendor")} == {"default"}


def test_every_line_has_one_of_the_five_states() -> None:
    sample = audit(wiring.sample_machine(AT), AT, lambda case: decide(book(case.agent), case), {}, book=book)

    assert [found for each in sample.agents for found in lines(each) if found.state not in STATES] == []


def test_what_could_not_be_looked_at_is_unknown_with_its_reason() -> None:
    reason = "~/.claude/projects: permission denied"
    found = shown("claude_code", *account("max"), Fact("files", None, State.UNKNOWN, reason))

    assert [(each.text, each.proof, each.state) for each in found if each.label == "kept here"] == [
        ("? not all of it could be looked at", reason, "unknown")
    ]
    assert not [each for each in found if each.text == "files"], "it is said once"


def test_what_was_looked_at_stays_beside_what_was_not() -> None:
    held = Holding("~/.claude/history.jsonl", "local_prompt_history", 1, 10, swept="never")
    found = shown("claude_code", *account("max"), Fact("files", None, State.UNKNOWN, "denied"), holdings=(held,))
    start = found.index(line("kept here", found))

    assert [each.state for each in found[start : start + 2]] == ["measured", "unknown"]


@pytest.mark.parametrize(
    ("state", "swept", "text", "shown_state"),
    [
        (State.DEFAULT, "30 days after the last change", "1 transcript, 10 B: 30 days by default", "default"),
        (State.MEASURED, "30 days after the last change", "1 transcript, 10 B: 30 days", "measured"),
        (State.DEFAULT, "never", "1 transcript, 10 B: never swept", "measured"),
        (State.DEFAULT, "unknown: x cannot be read", "1 transcript, 10 B: unknown: x cannot be read", "unknown"),
    ],
)
def test_a_default_period_is_shown_as_the_default_that_it_is(state: State, swept: str, text: str, shown_state: str) -> None:
    held = Holding("~/.claude/projects/*/*.jsonl", "local_transcript", 1, 10, swept=swept)
    found = line("kept here", shown("claude_code", *account("max"), Fact("sweep.days", 30, state, "x"), holdings=(held,)))

    assert (found.text, found.state) == (text, shown_state)
