from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from tenure import wiring
from tenure.agents.facts import PERSONAL, Evidence, Fact, Holding, State
from tenure.ports import Reads
from tenure.records.kinds import Purpose
from tenure.services.audit import AgentAudit, Attestation, Attestations, Audit, attest, audit, in_force
from tenure.services.packs import make_book, read_packs
from tenure.services.policy import parse_policy
from tenure.services.require import LEAVES, Answer, Ruling, judge, verdict
from tenure.terms.decide import decide

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)
PACKS = read_packs({"claude_code.toml": wiring.packaged_packs()["claude_code.toml"]})
BOOK = make_book(PACKS, [])
DECIDE = partial(decide, BOOK)
OFF = {"claude_code/consent.training": Attestation(False, datetime(2026, 7, 2, tzinfo=UTC))}
ON = {"claude_code/consent.training": Attestation(True, datetime(2026, 7, 2, tzinfo=UTC))}


def known(name: str, value: str | int | bool | None) -> Fact:
    return Fact(name, value, State.UNKNOWN if value is None else State.MEASURED, f"settings.json:{name}")


def audit_of(*facts: Fact, holdings: tuple[Holding, ...] = (), leaves: tuple[Fact, ...] = (), said: Attestations | None = None) -> Audit:
    told = {fact.name for fact in facts}
    usual = (known("tier", "max"), known("provider", "first_party"), known("consent.training", None), known(PERSONAL, True))
    evidence = Evidence(
        agent="claude_code",
        title="Claude Code",
        version="2.1.200",
        facts=(*facts, *(fact for fact in usual if fact.name not in told)),
        holdings=holdings,
        findings=(),
        leaves=leaves,
        surfaces={"cli": 1},
    )
    evidence = attest(evidence, said or {})
    return Audit(AT, (AgentAudit(evidence, in_force(evidence, AT, DECIDE, said or {})),), (), Reads(), "")


def ruling(rule: str, audit: Audit, said: Attestations | None = None) -> Ruling:
    policy = parse_policy(f"[require]\n{rule}\n".encode(), "tenure.toml", PACKS)
    (found,) = judge(audit, policy, BOOK, said or {})
    return found


def services(rule: str, *values: bool | str | None) -> tuple[Fact, ...]:
    return tuple(known(name, value) for name, value in zip(LEAVES["claude_code"][rule], values, strict=True))


@pytest.mark.parametrize(
    ("rule", "fact", "answer"),
    [
        ('tiers = ["max", "team"]', known("tier", "max"), Answer.HOLDS),
        ('tiers = ["team"]', known("tier", "max"), Answer.BROKEN),
        ('tiers = ["team"]', known("tier", None), Answer.UNKNOWN),
        ('providers = ["bedrock"]', known("provider", "bedrock"), Answer.HOLDS),
        ('providers = ["bedrock"]', known("provider", "first_party"), Answer.BROKEN),
        ('providers = ["bedrock"]', known("provider", None), Answer.UNKNOWN),
    ],
)
def test_listed_values_hold_others_break_and_unknown_ones_stay_unknown(rule: str, fact: Fact, answer: Answer) -> None:
    found = ruling(rule, audit_of(fact))

    assert found.answer is answer
    assert found.state is fact.state
    assert found.proof == fact.proof


def test_agent_outside_the_list_breaks_the_rule() -> None:
    held = (Holding("~/.claude/projects/*/*.jsonl", "local_transcript", 1, 10),)

    assert ruling('agents = ["claude_code"]', audit_of(holdings=held)).answer is Answer.HOLDS
    policy = parse_policy(b'[require]\nagents = ["claude_code"]\n', "tenure.toml", PACKS)
    other = audit_of(holdings=held)
    evidence = Evidence("codex", "Codex", None, (), held, ())
    (found,) = judge(Audit(AT, (AgentAudit(evidence, {}),), (), Reads(), other.scope), policy, BOOK, {})
    assert found.answer is Answer.BROKEN
    assert found.proof == "~/.claude/projects/*/*.jsonl"


@pytest.mark.parametrize(
    ("limit", "said", "answer", "observed"),
    [
        ("P30D", OFF, Answer.HOLDS, "P30D"),
        ("P29D", OFF, Answer.BROKEN, "P30D"),
        ("P30D", ON, Answer.BROKEN, "P5Y"),
        ("P5Y", ON, Answer.HOLDS, "P5Y"),
        ("P30D", {}, Answer.UNKNOWN, "P30D to P5Y"),
        ("P5Y", {}, Answer.HOLDS, "P30D to P5Y"),
        ("P1D", {}, Answer.BROKEN, "P30D to P5Y"),
    ],
)
def test_the_longest_that_the_terms_may_mean_counts(limit: str, said: Attestations, answer: Answer, observed: str) -> None:
    found = ruling(f'retention = "{limit}"', audit_of(said=said), said)

    assert (found.answer, found.observed) == (answer, observed)
    assert found.proof.startswith("terms: keep-consumer")


def test_retention_of_an_unknown_tier_is_not_taken_as_the_shortest() -> None:
    found = ruling('retention = "P30D"', audit_of(known("tier", None)))

    assert found.answer is Answer.UNKNOWN


def test_retention_without_terms_is_unknown() -> None:
    evidence = Evidence("windsurf", "Windsurf", None, (), (), ())
    policy = parse_policy(b'[require]\nretention = "P30D"\ntraining = false\n', "tenure.toml", PACKS)

    found = judge(Audit(AT, (AgentAudit(evidence, {}),), (), Reads(), ""), policy, BOOK, {})

    assert [part.answer for part in found] == [Answer.UNKNOWN, Answer.UNKNOWN]


@pytest.mark.parametrize(("said", "answer"), [(OFF, Answer.HOLDS), (ON, Answer.BROKEN), ({}, Answer.UNKNOWN)])
def test_training_is_what_the_terms_say(said: Attestations, answer: Answer) -> None:
    assert ruling("training = false", audit_of(said=said), said).answer is answer


def test_attested_answer_is_shown_as_attested() -> None:
    assert ruling("training = false", audit_of(said=OFF), OFF).state is State.ATTESTED


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ((False, False), Answer.HOLDS),
        ((True, False), Answer.BROKEN),
        ((False, "when you send one"), Answer.BROKEN),
        ((False, "to a local archive"), Answer.HOLDS),
        ((False, None), Answer.UNKNOWN),
        ((True, None), Answer.BROKEN),
    ],
)
def test_service_that_may_send_breaks_the_rule_and_an_unknown_one_leaves_it_open(values: tuple[bool | str | None, ...], answer: Answer) -> None:
    assert ruling("telemetry = false", audit_of(leaves=services("telemetry", *values))).answer is answer


def test_service_of_which_nothing_is_told_is_unknown() -> None:
    assert ruling("sync = false", audit_of()).answer is Answer.UNKNOWN


def test_every_service_that_a_rule_is_about_is_one_of_the_audit() -> None:
    sample = audit(wiring.sample_machine(AT), AT, DECIDE, {})
    named = {each.evidence.agent: {fact.name for fact in each.evidence.leaves} for each in sample.agents}

    assert [(agent, name) for agent, rules in LEAVES.items() for names in rules.values() for name in names if name not in named[agent]] == []


SESSIONS = Holding("~/.claude/projects/*/*.jsonl", "local_transcript", 3, 10, swept="after 30 days")


@pytest.mark.parametrize(
    ("holding", "days", "answer"),
    [
        (SESSIONS, 30, Answer.HOLDS),
        (SESSIONS, 31, Answer.BROKEN),
        (SESSIONS, None, Answer.UNKNOWN),
        (Holding("~/.claude/history.jsonl", "local_prompt_history", 1, 10, swept="never"), 30, Answer.BROKEN),
        (Holding("~/.claude/x", "local_transcript", 1, 10, swept="unknown"), 30, Answer.UNKNOWN),
        (Holding("~/.claude/history.jsonl", "local_prompt_history", 0, 0, swept="never"), 30, Answer.HOLDS),
        (Holding("~/.claude/stats-cache.json", "usage_metric", 1, 10, swept="never"), 30, Answer.HOLDS),
    ],
)
def test_content_here_must_be_removed_in_time(holding: Holding, days: int | None, answer: Answer) -> None:
    assert ruling('local_retention = "P30D"', audit_of(known("sweep.days", days), holdings=(holding,))).answer is answer


def test_content_that_could_not_be_looked_at_is_never_held_in_time() -> None:
    unseen = Fact("files", None, State.UNKNOWN, "~/.claude/projects: permission denied")
    days = known("sweep.days", 30)
    kept_for_ever = Holding("~/.claude/history.jsonl", "local_prompt_history", 1, 10, swept="never")

    found = ruling('local_retention = "P30D"', audit_of(days, unseen))
    assert (found.answer, found.proof) == (Answer.UNKNOWN, unseen.proof)
    assert ruling('local_retention = "P30D"', audit_of(days, unseen, holdings=(SESSIONS,))).answer is Answer.UNKNOWN
    assert ruling('local_retention = "P30D"', audit_of(days, unseen, holdings=(kept_for_ever,))).answer is Answer.BROKEN


@pytest.mark.parametrize(("agent", "provider"), [("opencode", "own_key"), ("opencode", None), ("aider", "own_key"), ("codex", "other")])
def test_silence_about_the_terms_of_another_holds_nothing(agent: str, provider: str | None) -> None:
    packs = read_packs({f"{agent}.toml": wiring.packaged_packs()[f"{agent}.toml"]})
    evidence = Evidence(agent, agent, None, (known("provider", provider),), (), ())
    policy = parse_policy(b'[require]\nretention = "P30D"\ntraining = false\n', "tenure.toml", packs)

    found = judge(Audit(AT, (AgentAudit(evidence, {}),), (), Reads(), ""), policy, make_book(packs, []), {})

    assert [(part.answer, part.state) for part in found] == [(Answer.UNKNOWN, State.UNKNOWN)] * 2


def test_retention_that_an_agreement_may_shorten_is_the_longer_one() -> None:
    audit = audit_of(known("tier", "team"))
    evidence = audit.agents[0].evidence
    evidence = replace(evidence, facts=tuple(fact for fact in evidence.facts if fact.name != PERSONAL))
    found = ruling('retention = "P30D"', replace(audit, agents=(AgentAudit(evidence, {}),)))

    assert (found.answer, found.observed) == (Answer.HOLDS, "P0D to P30D")
    assert found.state is State.DEFAULT


def test_contract_is_never_measured() -> None:
    facts = (known("tier", "team"), known("provider", "bedrock"))

    assert {ruling(rule, audit_of(*facts)).state for rule in ("training = false", 'retention = "P30D"')} == {State.DEFAULT}


def test_broken_beats_unknown_beats_holds() -> None:
    audit = audit_of(known("provider", None))
    policy = parse_policy(b'[require]\ntiers = ["max"]\nproviders = ["bedrock"]\n', "tenure.toml", PACKS)
    broken = parse_policy(b'[require]\ntiers = ["team"]\nproviders = ["bedrock"]\n', "tenure.toml", PACKS)

    assert verdict(judge(audit, policy, BOOK, {})) is Answer.UNKNOWN
    assert verdict(judge(audit, broken, BOOK, {})) is Answer.BROKEN
    assert verdict(()) is Answer.HOLDS


def test_terms_of_the_audit_are_those_that_are_judged() -> None:
    audit = audit_of(said=OFF)

    assert str(audit.agents[0].terms[Purpose.COLLECT].keep) == ruling('retention = "P30D"', audit, OFF).observed
