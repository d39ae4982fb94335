"""Each finding appears where it should, and not where one thing differs."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from tests.unit.agents.cases import CASES, NOW

from tenure.agents.notices import EVERYWHERE
from tenure.agents.registry import AGENTS, NOTICES
from tenure.testing.machine import FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)


def found(machine: FakeMachine, agent: str) -> set[str]:
    evidence = AGENTS[agent](machine, AT)
    return set() if evidence is None else {finding.id for finding in evidence.findings}


@pytest.mark.parametrize("name", CASES)
def test_finding_appears(name: str) -> None:
    assert name in found(CASES[name][0], name.partition("/")[0])


@pytest.mark.parametrize("name", CASES)
def test_finding_does_not_appear_where_one_thing_differs(name: str) -> None:
    assert name not in found(CASES[name][1], name.partition("/")[0])


def test_every_finding_has_a_case() -> None:
    declared = {f"{agent}/{slug}" for agent, notices in NOTICES.items() for slug in notices}
    shared = {f"{agent}/{slug}" for agent in NOTICES for slug in EVERYWHERE}
    assert set(CASES) <= declared
    assert declared - set(CASES) <= shared, "only what all agents share may lack a case of each agent"
    assert {slug for name in CASES if (slug := name.partition("/")[2]) in EVERYWHERE} == set(EVERYWHERE)


@pytest.mark.parametrize("name", CASES)
def test_finding_says_where_and_what_to_do(name: str) -> None:
    evidence = AGENTS[name.partition("/")[0]](CASES[name][0], AT)
    assert evidence is not None
    finding = next(finding for finding in evidence.findings if finding.id == name)
    assert finding.proof
    assert finding.remedy
    assert "Source: " in finding.why
    assert "{" not in finding.title.replace('{"', ""), "every placeholder is filled"


def test_no_finding_twice_for_one_place() -> None:
    for machine, _ in CASES.values():
        for examine in AGENTS.values():
            evidence = examine(machine, AT)
            if evidence is not None:
                counts = Counter((finding.id, finding.proof) for finding in evidence.findings)
                assert max(counts.values(), default=1) == 1, counts


def test_truth_values_of_the_opt_outs() -> None:
    """The truth table of the variables: what leaves under each value."""
    from tests.unit.agents.cases import claude, env

    def metrics(**variables: str) -> object:
        evidence = AGENTS["claude_code"](claude(env(**variables)), AT)
        assert evidence is not None
        return next(fact.value for fact in evidence.leaves if fact.name == "usage metrics")

    for value in ("0", "1", "false", "true", "no", "x"):
        assert metrics(DISABLE_TELEMETRY=value) is False, value
        assert metrics(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=value) is False, value
    assert metrics(DISABLE_TELEMETRY="") is True
    for value, leaves in (("0", True), ("false", True), ("off", True), ("", True), ("1", False), ("true", False), ("perhaps", None)):
        assert metrics(DO_NOT_TRACK=value) is leaves, value
    assert metrics(CLAUDE_CODE_USE_BEDROCK="1") is False
    assert metrics(CLAUDE_CODE_USE_BEDROCK="1", CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="1") is True
    assert metrics(DISABLE_GROWTHBOOK="1") is True
