"""The audit as a use case: order, terms in force, what the person said."""

from datetime import UTC, datetime

import pytest
from tests.unit.agents.cases import NOW, account, claude, codex, env

from tenure.agents.facts import Severity, State
from tenure.errors import DataError, TermsError
from tenure.records.case import Case
from tenure.records.kinds import Destination, Purpose, Verdict
from tenure.services.audit import Attestation, audit
from tenure.terms.decision import Decision
from tenure.testing.machine import FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)
SAID = datetime(2026, 7, 2, tzinfo=UTC)


class Recorder:
    """Decides everything alike and keeps the cases."""

    def __init__(self, warnings: tuple[str, ...] = ()) -> None:
        self.cases: list[Case] = []
        self.warnings = warnings

    def __call__(self, case: Case) -> Decision:
        self.cases.append(case)
        return Decision(Verdict.GAP, None, None, Destination.NONE, (), (), "sha256:0", warnings=self.warnings)


def test_nothing_here() -> None:
    found = audit(FakeMachine(), AT, Recorder(), {})
    assert (found.agents, found.findings, found.at) == ((), (), AT)


def test_findings_come_by_agent_and_most_severe_first_in_a_stable_order() -> None:
    files = {"~/.codex/config.toml": '[history]\npersistence = "none"\n'}
    machine = claude(env(DISABLE_TELEMETRY="0", CLAUDE_CODE_SKIP_PROMPT_HISTORY="1"), files=files)
    found = audit(machine, AT, Recorder(), {})
    agents = [each.evidence.agent for each in found.agents]
    order = [(agents.index(each.agent), (Severity.HIGH, Severity.MEDIUM, Severity.LOW).index(each.severity)) for each in found.findings]
    assert order == sorted(order)
    assert {agent for agent, _ in order} == {0, 1}
    assert found.findings == audit(machine, AT, Recorder(), {}).findings


def test_terms_are_decided_for_a_prompt_of_now_and_every_purpose() -> None:
    recorder = Recorder()
    found = audit(claude(env(DISABLE_TELEMETRY="0"), state=account("claude_team")), AT, recorder, {})
    assert set(found.agents[0].terms) == set(Purpose)
    case = recorder.cases[0]
    assert (case.agent, str(case.kind), case.tier, case.provider, case.surface) == ("claude_code", "prompt", "team", "first_party", "cli")
    assert (case.collected_at, case.asked_at, case.client_version) == (AT, AT, "2.1.291")
    assert case.env == {"DISABLE_TELEMETRY": "0"}
    assert case.flags is None, "an organisation's flags are not known"
    assert case.consents is None


def test_a_personal_plan_has_none_of_an_organisations_flags() -> None:
    recorder = Recorder()
    audit(claude(state=account("claude_max")), AT, recorder, {})
    assert recorder.cases[0].flags == frozenset()


def test_what_cannot_be_told_is_asked_both_ways() -> None:
    found = audit(claude(state=account("claude_max")), AT, Recorder(), {})
    assert set(found.agents[0].choices) == {True, False}


def test_what_was_said_fills_gaps_and_beats_no_measurement() -> None:
    recorder = Recorder()
    said = {
        "claude_code/consent.training": Attestation(False, SAID),
        "claude_code/tier": Attestation("enterprise", SAID),
        "claude_code/flag.zdr": Attestation(True, SAID, "admin"),
        "codex/tier": Attestation("business", SAID),
    }
    found = audit(claude(state=account("claude_team"), files={"~/.codex/config.toml": ""}), AT, recorder, said)
    facts = [{fact.name: fact for fact in each.evidence.facts} for each in found.agents]
    assert (facts[0]["tier"].value, facts[0]["tier"].state) == ("team", State.MEASURED)
    assert (facts[0]["consent.training"].value, facts[0]["consent.training"].state) == (False, State.ATTESTED)
    assert facts[0]["consent.training"].proof == "attested on 2026-07-02"
    assert (facts[1]["tier"].value, facts[1]["tier"].state) == ("business", State.ATTESTED)
    case = recorder.cases[0]
    assert case.flags == frozenset({"zdr"})
    assert case.consents is not None
    assert (case.consents[0].name, case.consents[0].value, case.consents[0].at, case.consents[0].by) == ("training", False, SAID, "subject")
    assert not found.agents[0].choices


def test_terms_that_need_a_fresh_look_are_a_finding() -> None:
    found = audit(codex(), AT, Recorder(("row: last read long ago",)), {})
    assert [finding.id for finding in found.findings] == ["codex/terms-need-a-fresh-look"]


def test_an_agent_without_terms_is_shown_without() -> None:
    def decide(case: Case) -> Decision:
        raise TermsError(f"no pack for {case.agent}")

    found = audit(codex(), AT, decide, {})
    assert (found.agents[0].terms, found.agents[0].choices) == ({}, {})


def test_one_agent_only() -> None:
    machine = claude(files={"~/.codex/config.toml": ""})
    assert [each.evidence.agent for each in audit(machine, AT, Recorder(), {}, agent="codex").agents] == ["codex"]
    with pytest.raises(DataError):
        audit(machine, AT, Recorder(), {}, agent="nobody")


def test_settings_that_cannot_be_read_leave_variables_unknown_to_the_terms() -> None:
    recorder = Recorder()
    audit(claude("{", state=account("claude_max")), AT, recorder, {})
    assert (recorder.cases[0].env, recorder.cases[0].settings) == (None, None)
