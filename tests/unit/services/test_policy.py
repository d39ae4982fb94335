import pytest

from tenure import wiring
from tenure.errors import ConfigError
from tenure.records.periods import Period
from tenure.services.packs import read_packs
from tenure.services.policy import Rule, parse_policy

PACKS = read_packs({name: content for name, content in wiring.packaged_packs().items() if name in {"claude_code.toml", "codex.toml"}})
FULL = """\
# what this repository asks for
[require]
agents = ["claude_code", "codex"]
tiers = ["team", "enterprise"]
retention = "P30D"
local_retention = "P6M"
training = false

[require.codex]
tiers = ["business"]
share = false
"""


def rules(text: str, agent: str) -> dict[str, Rule]:
    return {rule.name: rule for rule in parse_policy(text.encode(), "tenure.toml", PACKS).of(agent)}


def refused(text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_policy(text if isinstance(text, bytes) else text.encode(), "tenure.toml", PACKS)
    return caught.value


def test_each_rule_knows_its_line_and_value() -> None:
    found = rules(FULL, "claude_code")

    assert found["agents"] == Rule("agents", ("claude_code", "codex"), None, 3)
    assert found["retention"] == Rule("retention", Period(days=30), None, 5)
    assert found["local_retention"].allowed == Period(months=6)
    assert found["training"].allowed is False
    assert list(found) == ["agents", "tiers", "retention", "local_retention", "training"]


def test_agent_s_own_rule_comes_instead_of_the_general_one() -> None:
    assert rules(FULL, "codex")["tiers"] == Rule("tiers", ("business",), "codex", 10)
    assert rules(FULL, "claude_code")["tiers"].allowed == ("team", "enterprise")


def test_agent_s_own_rule_is_for_it_alone() -> None:
    assert "share" in rules(FULL, "codex")
    assert "share" not in rules(FULL, "claude_code")


def test_agent_s_own_rule_can_lift_a_general_one() -> None:
    text = "[require]\nsync = false\n[require.codex]\nsync = true\n"

    assert "sync" not in rules(text, "codex")
    assert "sync" in rules(text, "claude_code")


@pytest.mark.parametrize(
    ("text", "start", "code", "near"),
    [
        ("[require]\nagents = [", "tenure.toml:2: expected TOML", "policy/malformed", ""),
        ("[require]\n= 1\n", "tenure.toml:2: expected TOML", "policy/malformed", ""),
        ("", "tenure.toml:1: require: expected a table [require] with rules", "policy/empty", ""),
        ("[require]\n", "tenure.toml:1: require: expected a table [require] with rules", "policy/empty", ""),
        ("[requires]\nshare = false\n", "tenure.toml:1: requires: expected", "policy/unknown-key", "require"),
        ("[require]\n\nshares = false\n", "tenure.toml:3: require.shares: expected", "policy/unknown-key", "share"),
        ("[require]\nshare = true\n", "tenure.toml:2: require.share: expected false", "policy/value", ""),
        ("[require]\nshare = 'no'\n", "tenure.toml:2: require.share: expected false", "policy/value", ""),
        ("[require]\nretention = 30\n", "tenure.toml:2: require.retention: expected a period", "policy/value", ""),
        ("[require]\nretention = '30 days'\n", "tenure.toml:2: require.retention: expected a period", "policy/value", ""),
        ("[require]\ntiers = 'team'\n", "tenure.toml:2: require.tiers: expected a list", "policy/value", ""),
        ("[require]\ntiers = []\n", "tenure.toml:2: require.tiers: expected a list", "policy/value", ""),
        ("[require]\ntiers = ['tem']\n", "tenure.toml:2: require.tiers: expected some of", "policy/value", "team"),
        ("[require]\ntiers = [7]\n", "tenure.toml:2: require.tiers: expected some of", "policy/value", ""),
        ("[require]\nagents = ['claude']\n", "tenure.toml:2: require.agents: expected some of", "policy/value", "claude_code"),
        ("[require.codx]\nshare = false\n", "tenure.toml:1: require.codx: expected an agent", "policy/unknown-agent", "codex"),
        ("[require.codex]\ntiers = ['team']\n", "tenure.toml:2: require.codex.tiers: expected some of", "policy/value", ""),
        ("[require.codex]\nagents = ['codex']\n", "tenure.toml:2: require.codex.agents: expected", "policy/unknown-key", ""),
    ],
)
def test_errors_name_file_and_line_and_the_nearest_word(text: str, start: str, code: str, near: str) -> None:
    error = refused(text)

    assert error.message.startswith(start)
    assert error.code == code
    assert error.remedy == (f"did you mean {near!r}?" if near else "")


def test_what_is_no_text_is_refused() -> None:
    assert refused(b"\xff[require]").code == "policy/malformed"


def test_deep_nesting_is_refused() -> None:
    assert refused("a = " + "[" * 5000).code == "policy/malformed"


def test_long_list_of_what_would_have_done_is_shortened() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(b"[require]\ntiers = ['mox']\n", "tenure.toml", read_packs(wiring.packaged_packs()))

    assert len(caught.value.message) < 160
    assert caught.value.remedy == "did you mean 'max'?"
