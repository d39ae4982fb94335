"""Decisions per second: binding raw cases (columns and single), then bound records; next to Cedar over the same clauses in the same run.

    python benchmarks/decide.py [--records N]

Cedar gets one policy per clause of the same kind, with the day of collection as a number, and decides the same cases; it answers permit or deny
only, with no period and no third answer. Both sides must agree on the cases they are timed on.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.cedar import Cedar
from tenure.records.case import Case
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.packs import make_book, read_packs
from tenure.terms.bulk import Column, Register
from tenure.terms.cases import parse_case
from tenure.terms.decide import Book, decide
from tenure.wiring import packaged_packs

AGENT, KIND = "claude_code", Kind.PROMPT
START = datetime(2025, 3, 1, tzinfo=UTC)
TIERS = ["free", "pro", "max", "team", "enterprise", "api"]
ORDINARY = {"flag": "false", "consent": "none", "env": "unset", "setting": "unset", "client_version": "2.1.198", "hosting": "anthropic"}
PROVIDERS = ["first_party", "bedrock", "vertex", "foundry"]


def raw_cases(count: int, rng: random.Random) -> list[dict[str, object]]:
    """Fully known cases in their plain form."""
    return [raw_case(rng) for _ in range(count)]


def raw_case(rng: random.Random) -> dict[str, object]:
    """One fully known case."""
    at = START + timedelta(minutes=rng.randrange(60 * 24 * 500))
    on = rng.random() < 0.5
    asked = (at + timedelta(days=1)).isoformat()
    return {
        "agent": AGENT,
        "kind": str(KIND),
        "purpose": "train_generative",
        "collected_at": at.isoformat(),
        "asked_at": asked,
        "tier": rng.choice(TIERS),
        "provider": rng.choice(PROVIDERS),
        "hosting": "anthropic",
        "surface": "cli",
        "model_class": "ordinary",
        "flags": [],
        "consents": [{"name": "training", "value": on, "at": "2025-02-01T00:00:00Z", "by": "subject"}],
        "client_version": "2.1.198",
        "env": {},
        "settings": {},
        "safety_flagged": False,
        "run_started_at": (at + timedelta(hours=1)).isoformat(),
        "attributes": {"auth": "oauth", "billing": "prepaid"},
    }


def columns(book: Book, count: int, seed: int) -> tuple[np.ndarray, dict[str, Column]]:
    """The same kind of cases as columns in dictionary form."""
    rng = np.random.default_rng(seed)
    at = np.datetime64("2025-03-01", "us") + rng.integers(0, 500 * 86_400, count) * np.timedelta64(1_000_000, "us")

    def column(values: list[str]) -> Column:
        return Column(values, rng.integers(0, len(values), count))

    known = {
        "tier": column(TIERS), "provider": column(PROVIDERS), "consent.training": column(["on", "off"]), "flag.zdr": column(["false", "true"]),
        "surface": column(["cli", "ide", "web"]), "model_class": column(["ordinary", "covered"]), "safety_flagged": column(["false", "true"]),
    }  # fmt: skip
    names = {key.name for key in book.table(AGENT).kinds[KIND].keys} - set(known)
    attributes = book.table(AGENT).pack.vocabulary.attributes
    words = {name: ORDINARY[name.split(".")[0]] for name in names if name.split(".")[0] in ORDINARY}
    words |= {f"attribute.{name}": part.values[0] for name, part in attributes.items() if part.absent is None and f"attribute.{name}" in names}
    return at, {**known, **{name: Column([word], np.zeros(count, np.int64)) for name, word in words.items()}}


def cpu_seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """The least CPU time of a few runs."""
    best = float("inf")
    for _ in range(repeat):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def row(name: str, count: int, seconds: float, reference: float) -> None:
    """Print a row: rate, time for one, ratio of the rate to the reference."""
    rate = count / seconds
    print(f"{name:<52}{count:>12,}{rate:>16,.0f}{1e6 * seconds / count:>12.3f}{rate / reference:>12,.1f}")


def check(book: Book, cedar: Cedar, cases: list[Case]) -> None:
    """Both sides agree on every case that is timed."""
    for case, allowed in zip(cases, cedar.decide(cases), strict=True):
        assert (decide(book, case).verdict is Verdict.PERMIT) is allowed, case


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_000_000)
    count = parser.parse_args().records
    book = make_book(read_packs(packaged_packs()), [])
    rng = random.Random(7)
    plain = raw_cases(2_000, rng)
    cases = [parse_case(value) for value in plain]
    cedar = Cedar(book.table(AGENT), KIND, Purpose.TRAIN_GENERATIVE)
    check(book, cedar, cases)
    reference = len(cases) / cpu_seconds(lambda: cedar.decide(cases))
    print(f"{'CPU seconds, best of 3; Python ' + sys.version.split()[0]:<52}{'cases':>12}{'per second':>16}{'us each':>12}{'x Cedar':>12}")
    row("cedarpy, batch, same clauses (reference)", len(cases), len(cases) / reference, reference)
    row("decide, one at a time", len(cases), cpu_seconds(lambda: [decide(book, case) for case in cases]), reference)
    row("parse and decide, one at a time", len(cases), cpu_seconds(lambda: [decide(book, parse_case(value)) for value in plain]), reference)
    at, known = columns(book, min(count, 2_000_000), 11)
    register = Register(book)
    row("bind raw columns", len(at), cpu_seconds(lambda: register.bind(AGENT, KIND, at, known), 2), reference)
    bound = register.bind(AGENT, KIND, *columns(book, count, 13))
    for purpose in (Purpose.TRAIN_GENERATIVE, Purpose.SAFETY):
        row(f"decide bound records, {purpose}", count, cpu_seconds(lambda purpose=purpose: register.verdicts(bound, purpose, 20_500)), reference)
    ids, expires = bound.ids[:100_000].tolist(), bound.expires[:100_000].tolist()
    single = cpu_seconds(lambda: [register.verdict(one, day, Purpose.SERVE, 20_500) for one, day in zip(ids, expires, strict=True)])
    row("decide bound records, one at a time", len(ids), single, reference)
    print(f"{len(register.terms)} distinct terms")


if __name__ == "__main__":
    main()
