"""The table against Cedar: the clauses as policies of another engine agree on known cases at the borders of every date interval."""

import random
from dataclasses import replace

import pytest
from benchmarks.cedar import Cedar
from tests.oracle.test_mutations import PACKS, witness

from tenure.records.kinds import Purpose, Verdict
from tenure.terms.cases import parse_case
from tenure.terms.compile import compile_pack
from tenure.terms.decide import cells


@pytest.mark.parametrize("agent", sorted(PACKS))
def test_table_agrees_with_cedar(agent):
    pack, table = PACKS[agent], compile_pack(PACKS[agent])
    rng = random.Random(agent)  # noqa: S311 - chosen cases, not secrets
    by_question = {}
    for clause in pack.clauses:
        for kind in rng.sample(sorted(clause.kinds), min(2, len(clause.kinds))):
            for border in _outside(table.kinds[kind], rng):
                case = parse_case(witness(pack, clause, kind, rng))
                case = replace(case, collected_at=border, consents=())
                by_question.setdefault((kind, case.purpose), []).append(case)
    for (kind, purpose), cases in by_question.items():
        ours = [next(cells(table.kinds[kind], case, table))[0].verdicts[purpose][0] is Verdict.PERMIT for case in cases]
        assert ours == Cedar(table, kind, Purpose(purpose)).decide(cases), (kind, purpose)


def _outside(kind_table, rng):
    """Borders at which nothing is in doubt."""
    certain = [border for border in kind_table.borders if not kind_table.doubts(kind_table.segment(border))]
    return rng.sample(certain, min(2, len(certain)))
