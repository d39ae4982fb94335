"""Every row counts: each clause of each pack, when it is taken away or changed, changes the answer to a case of the kind on which the oracle agrees.

A clause that only repeats what silence says changes `because`, the row that the answer names.
"""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.oracle import grid

from tenure.records.kinds import Flag, Kind, Purpose
from tenure.records.periods import Period
from tenure.services.packs import read_packs
from tenure.terms.cases import parse_case, render_decision
from tenure.terms.compile import compile_pack
from tenure.terms.decide import Book, decide
from tenure.terms.pack import Keep, VersionRange
from tenure.terms.standing import Standing
from tenure.wiring import packaged_packs

PACKS = {pack.agent: pack for pack in read_packs(packaged_packs())}
FIELDS = ("verdict", "keep", "expires_at", "destination")
TRIES = 120
SOME_DAY = "2026-03-01T12:00:00+00:00"


def mutants(clause):
    """Yield (what was done, the clause afterwards or None)."""
    is_moot = str(clause.keep) == "P0D" and not (clause.permit | clause.refuse) & {Purpose.COLLECT, Purpose.SERVE}
    if (clause.permit or clause.refuse) and not is_moot:  # where nothing is kept, every later use is denied anyway
        yield "permits and refusals exchanged", replace(clause, permit=clause.refuse, refuse=clause.permit, destination=None)
    if clause.keep is not None and "unknown" not in clause.keep.parts:
        yield "kept for a century", replace(clause, keep=Keep("one", (Period(months=1200),)))
    if clause.keep is not None and str(clause.keep) not in {"unknown", "P1D"}:
        yield "kept for a day", replace(clause, keep=Keep("one", (Period(days=1),)))
    if clause.begins is not None:
        latest = clause.begins.latest + timedelta(days=900)
        later = replace(clause.begins, latest=latest, earliest=latest - timedelta(days=1), text="~later")
        yield "begun later", replace(clause, begins=later, ends=None)


@pytest.mark.parametrize("agent", sorted(PACKS))
def test_every_clause_when_removed_is_noticed(agent):
    pack = PACKS[agent]
    assert [clause.id for clause in pack.clauses if not _is_noticed(pack, clause, None)] == []


@pytest.mark.soak
@pytest.mark.parametrize("agent", sorted(PACKS))
def test_every_clause_when_mutated_is_noticed(agent):
    pack = PACKS[agent]
    unnoticed = [f"{clause.id}: {what}" for clause in pack.clauses for what, mutant in mutants(clause) if not _is_noticed(pack, clause, mutant)]
    assert unnoticed == []


def _is_noticed(pack, clause, mutant):
    kinds = sorted(clause.kinds)
    rng = random.Random(clause.id)  # noqa: S311 - chosen cases, not secrets
    for attempt in range(TRIES):
        kind = kinds[attempt % len(kinds)]
        case = parse_case(witness(pack, clause, kind, rng, 0.15 if attempt < TRIES // 2 else 0.5))
        before, after = (render_decision(decide(book, case)) for book in _books(pack, clause, mutant, kind))
        if any(before[field] != after[field] for field in (*FIELDS, "promises", "because")):
            return True
    return False


_BOOKS = {}


def _books(pack, clause, mutant, kind):
    """The table of one kind with the pack as it is, and with one clause changed."""
    kinds = {kind, Kind.PROMPT} if kind is Kind.DERIVED_SIGNAL else {kind}  # the sources of what is derived are prompts here
    alone = tuple(part for part in pack.clauses if kinds & part.kinds)
    confirmed = frozenset({clause.id}) if clause.standing is Standing.THIRD_PARTY else frozenset()
    if (pack.agent, kind, confirmed) not in _BOOKS:
        _BOOKS[pack.agent, kind, confirmed] = Book({pack.agent: compile_pack(replace(pack, clauses=alone), confirmed)})
    changed = tuple(mutant if part.id == clause.id else part for part in alone if mutant is not None or part.id != clause.id)
    key = (pack.agent, kind, clause.id, mutant)
    if _BOOKS.get("changed", (None,))[0] != key:
        _BOOKS["changed"] = (key, Book({pack.agent: compile_pack(replace(pack, clauses=changed), confirmed)}))
    return _BOOKS[pack.agent, kind, confirmed], _BOOKS["changed"][1]


def witness(pack, clause, kind, rng, oddity=0.15):
    """A case to which the clause applies, otherwise ordinary but for a share of its keys."""
    vocabulary = pack.vocabulary
    wanted = {name: rng.choice(sorted(part)) for name, part in clause.when.items() if not isinstance(part, VersionRange)}
    at = clause.begins.latest + timedelta(hours=12) if clause.begins else parse_case_time(SOME_DAY)
    if clause.ends is not None and (not clause.begins or rng.random() < 0.5):
        at = (clause.ends.earliest or clause.ends.latest - timedelta(days=2)) - timedelta(hours=1)
    elif clause.ends is None and rng.random() < 0.3:
        at += timedelta(days=250)
    purposes = sorted(clause.permit | clause.refuse | clause.unknown | clause.hold) or sorted(Purpose)
    purpose = "collect" if clause.destination is not None and rng.random() < 0.5 else rng.choice(purposes)

    def pick(name, values, usual):
        return wanted.get(name) or (rng.choice(values) if rng.random() < oddity else usual)

    case = {"agent": pack.agent, "kind": kind, "purpose": purpose, "collected_at": at.isoformat(), "asked_at": at.isoformat()}
    case |= {name: pick(name, values, values[0]) for name, values in vocabulary.lists.items() if values}
    case["flags"] = [str(flag) for flag in Flag if pick(f"flag.{flag}", ["true", "false"], "false") == "true"]
    case["safety_flagged"] = pick("safety_flagged", ["true", "false"], "false") == "true"
    case["client_version"] = _version(clause.when.get("client_version"), rng)
    case["env"] = dict(_variables(vocabulary, pick))
    case["settings"] = dict(_settings(vocabulary, pick, rng))
    for name, part in vocabulary.attributes.items():
        case.setdefault("attributes", {})[name] = pick(f"attribute.{name}", part.values, part.absent or rng.choice(part.values))
    case["consents"] = [part for name, rule in vocabulary.consents.items() if (part := _consent(name, rule, pick, at))]
    case["run_started_at"] = case["asked_at"]
    if kind == "derived_signal":
        own = {key: value for key, value in case.items() if key not in {"purpose", "asked_at"}}
        case["derived_from"] = [{**own, "kind": "prompt", "flags": rng.choice([case["flags"], []])}]
    return case


def parse_case_time(text):
    return parse_case({"agent": "-", "kind": "prompt", "purpose": "serve", "collected_at": text}).collected_at


def _version(condition, rng):
    if not isinstance(condition, VersionRange):
        return rng.choice(["2.1.198", "2.1.300"])
    bound = condition.low or (0, 0, 1, 0)
    return ".".join(map(str, bound[:3]))


def _variables(vocabulary, pick):
    for name in vocabulary.variables:
        state = pick(f"env.{name}", ["on", "off", "unset"], "unset")
        if state != "unset":
            yield name, {"on": "1", "off": "0"}[state]


def _settings(vocabulary, pick, rng):
    for name, setting in vocabulary.settings.items():
        words = {"boolean": ["on", "off", "unset"], "word": [*setting.words, "unset"]}.get(setting.grammar, ["set", "zero", "unset"])
        state = pick(f"setting.{name}", words, "unset")
        if state != "unset":
            by_grammar = {"days": rng.choice([7, 45, 400]), "number": 0.5, "duration": "45d"}
            yield name, {"on": True, "off": False, "zero": 0, "set": by_grammar.get(setting.grammar)}.get(state, state)


def _consent(name, rule, pick, at):
    state = pick(f"consent.{name}", ["on", "off", "none"], "none")
    if state == "none":
        return None
    return {"name": name, "value": state == "on", "at": (at - timedelta(days=1)).isoformat(), "by": sorted(rule.by)[-1]}


@pytest.mark.parametrize("agent", sorted(PACKS))
def test_the_oracle_agrees_on_the_cases_that_notice(agent):
    """The cases above are of the kind that the oracle is asked about: it agrees on a sample of them too."""
    pack = PACKS[agent]
    book = Book({agent: compile_pack(pack)})
    for clause in pack.clauses:
        rng = random.Random(clause.id)  # noqa: S311 - chosen cases, not secrets
        for kind in sorted(clause.kinds)[:3]:
            case = witness(pack, clause, kind, rng)
            ours, theirs = render_decision(decide(book, parse_case(case))), grid.answer(case)
            assert {field: ours[field] for field in FIELDS} == {field: theirs[field] for field in FIELDS}, (clause.id, case)
