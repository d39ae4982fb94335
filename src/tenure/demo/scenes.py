"""The scenes of the walk: each runs public commands and returns what it saw."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from tenure.demo.home import SESSIONS, write_home
from tenure.demo.stage import Stage


class NotSeen(Exception):
    """Something else was seen than what the documents say."""


BASE: Mapping[str, object] = {
    "agent": "claude_code",
    "kind": "prompt",
    "provider": "first_party",
    "surface": "cli",
    "model_class": "ordinary",
    "flags": [],
    "consents": [],
    "client_version": "2.1.198",
    "env": {},
    "settings": {},
    "safety_flagged": False,
}


def consumer_allows(stage: Stage) -> str:
    """W1: five years, training permitted."""
    consents = [_answer("training", True, "2025-09-01T08:00:00Z", "subject")]
    case = {**BASE, "tier": "pro", "consents": consents, "collected_at": "2025-09-10T09:30:00Z", "asked_at": "2025-10-01T00:00:00Z"}
    decision = stage.decide({**case, "purpose": "train_generative", "run_started_at": "2025-10-01T00:00:00Z"})
    _expect(decision, verdict="permit", keep="P5Y", expires_at="2030-09-10T00:00:00Z")
    return f"a prompt of 2025-09-10: training {decision['verdict']}, kept {decision['keep']}, until {_day(decision)} ({_clauses(decision)})"


def consumer_declines(stage: Stage) -> str:
    """W2: 30 days, training denied."""
    consents = [_answer("training", False, "2025-09-01T08:00:00Z", "subject")]
    case = {**BASE, "tier": "pro", "consents": consents, "collected_at": "2025-09-10T09:30:00Z", "asked_at": "2025-10-01T00:00:00Z"}
    decision = stage.decide({**case, "purpose": "train_generative"})
    _expect(decision, verdict="deny", keep="P30D", expires_at="2025-10-10T00:00:00Z")
    return f"a prompt of 2025-09-10: training {decision['verdict']}, kept {decision['keep']}, until {_day(decision)} ({_clauses(decision)})"


def commercial(stage: Stage) -> str:
    """W3: Team, Enterprise and API."""
    for tier in ("team", "enterprise", "api"):
        case = {**BASE, "tier": tier, "collected_at": "2026-01-10T09:30:00Z", "asked_at": "2026-01-20T00:00:00Z", "purpose": "train_generative"}
        _expect(stage.decide(case), verdict="deny", keep="P30D", expires_at="2026-02-09T00:00:00Z")
    return "Team, Enterprise, API: training deny, kept P30D"


def partner(stage: Stage) -> str:
    """W4: an admin may, a member may not; first-party only; a discount on what goes in."""
    case = {**BASE, "kind": "code", "tier": "api", "collected_at": "2026-01-10T00:00:00Z", "asked_at": "2026-01-12T00:00:00Z"}
    case |= {"purpose": "train_generative", "run_started_at": "2026-01-12T00:00:00Z"}
    _expect(stage.decide({**case, "flags": ["dpp"]}), verdict="permit")
    for provider in ("bedrock", "vertex"):
        _expect(stage.decide({**case, "flags": ["dpp"], "provider": provider}), verdict="deny")
    member = [_answer("dpp", True, "2026-01-01T00:00:00Z", "member")]
    _expect(stage.decide({**case, "flags": ["dpp_by_member"], "consents": member}), verdict="deny")
    enrolled = ["--flag", "dpp", "--fact", "provider=first_party", "--fact", "attribute.auth=oauth"]
    tokens = ["terms", "price", "claude_code", "sonnet-3.7", "--at", "2025-06-15", "--input", "1000000", "--json"]
    listed, discounted = (str(stage.run([*tokens, *more], "").json["usd"]) for more in ([], enrolled))
    if (listed, discounted) != ("3", "2.1"):
        raise NotSeen(f"expected 3 and 2.1 USD for a million tokens in, saw {listed} and {discounted}")
    return f"enrolled by an admin: permit; on Bedrock and Vertex, or by a member: deny; a million tokens in: {listed} -> {discounted} USD"


def two_reports(stage: Stage) -> str:
    """W7: the same command on both sides of the change of 2025-10-17."""
    case = {**BASE, "kind": "feedback_report", "tier": "pro", "purpose": "train_generative", "asked_at": "2025-10-20T00:00:00Z"}
    older, newer = (stage.decide({**case, "collected_at": f"2025-10-17T{hour}:00:00Z"}) for hour in ("10", "20"))
    _expect(older, verdict="deny", keep="P30D", expires_at="2025-11-16T00:00:00Z")
    _expect(newer, verdict="deny", keep="P5Y", expires_at="2030-10-17T00:00:00Z")
    return f"a report at 10:00 lives until {_day(older)}, one at 20:00 until {_day(newer)}; neither trains"


def local_transcripts(stage: Stage) -> str:
    """W9: what lies on the machine, its age, what goes when, who can read it."""
    stage.clock.move_to(datetime(2026, 9, 20, 12, tzinfo=UTC))
    write_home(stage.home, stage.clock.now())
    agent = _audited(stage)
    holdings = [part for part in _rows(agent, "holdings") if part["kind"] == "local_transcript"]
    found = holdings[0] if holdings else {}
    going, readable = found.get("vanishing"), found.get("world_readable")
    if (found.get("count"), going, readable) != (len(SESSIONS), 1, 1):
        raise NotSeen(f"expected {len(SESSIONS)} transcripts, 1 going within a week, 1 readable by others; saw {found}")
    oldest, next_to_go = str(found["oldest"])[:10], str(found["expires_next"])[:10]
    return f"{found['count']} transcripts since {oldest}; {going} goes by {next_to_go}; {readable} readable by others"


def surfaces(stage: Stage) -> str:
    """W15: terminal, IDE and CI are told apart, and each has its terms."""
    stage.clock.move_to(datetime(2026, 9, 20, 12, tzinfo=UTC))
    write_home(stage.home, stage.clock.now())
    counted = _audited(stage).get("surfaces")
    expected = {surface: 1 for _, surface, _ in SESSIONS}
    if counted != expected:
        raise NotSeen(f"expected one session each of {', '.join(expected)}, saw {counted}")
    case = {**BASE, "tier": "pro", "purpose": "serve", "collected_at": "2026-09-20T00:00:00Z", "asked_at": "2026-09-20T00:00:00Z"}
    decisions = [stage.decide({**case, "surface": surface}) for surface in [*expected, "web"]]
    for decision in decisions:
        _expect(decision, verdict="permit", keep="P30D")
    return f"sessions: {', '.join(expected)}; for each, and for the web, the same 30 days of the account"


def _audited(stage: Stage) -> Mapping[str, object]:
    audit = stage.run(["audit", "--home", str(stage.home), "--agent", "claude_code", "--json"], "").json
    agents = _rows(audit, "agents")
    if not agents:
        raise NotSeen("the audit saw no agent")
    return agents[0]


def _rows(plain: Mapping[str, object], key: str) -> list[dict[str, object]]:
    return msgspec.convert(plain.get(key) or [], list[dict[str, object]])


def _answer(name: str, value: bool, at: str, by: str) -> dict[str, object]:
    return {"name": name, "value": value, "at": at, "by": by}


def _expect(decision: Mapping[str, object], **expected: str) -> None:
    for key, value in expected.items():
        if decision.get(key) != value:
            raise NotSeen(f"expected {key} {value}, saw {decision.get(key) or decision.get('error')}")


def _day(decision: Mapping[str, object]) -> str:
    return str(decision["expires_at"])[:10]


def _clauses(decision: Mapping[str, object]) -> str:
    return ", ".join(str(part["clause"]) for part in _rows(decision, "because"))
