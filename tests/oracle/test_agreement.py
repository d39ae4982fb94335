"""The table against the naive oracle, which was written from the facts by someone who saw neither the packs nor the code that reads them.

`python -m tests.oracle.test_agreement AGENT [N]` prints where the two differ, by kind of difference.
"""

import collections
import json
import sys

import pytest
from tests.oracle import grid

from tenure.services.decisions import decide_plain
from tenure.services.packs import make_book, read_packs
from tenure.wiring import packaged_packs

CELLS_IN_CI = 1_500
CELLS_IN_SOAK = 60_000
FIELDS = ("verdict", "keep", "expires_at", "destination")


def differences(agent, count):
    """Yield (case, oracle's answer, ours, the fields that differ) over a sample of the grid."""
    book = make_book(read_packs({f"{agent}.toml": packaged_packs()[f"{agent}.toml"]}), [])
    for case in grid.sample(count, 7, agent):
        theirs, ours = grid.answer(case), decide_plain(book, case)
        fields = [field for field in FIELDS if theirs[field] != ours[field]]
        if fields:
            yield case, theirs, ours, fields


def _check(agent, count):
    found = next(differences(agent, count), None)
    if found is not None:
        case, theirs, ours, fields = found
        shown = {field: (theirs[field], ours[field]) for field in fields}
        pytest.fail(f"{json.dumps(case)}\noracle, table: {shown}\nclauses: {[part['clause'] for part in ours['because']]}")


@pytest.mark.parametrize("agent", grid.AGENTS)
def test_table_agrees_with_the_oracle(agent):
    _check(agent, CELLS_IN_CI)


@pytest.mark.soak
@pytest.mark.parametrize("agent", grid.AGENTS)
def test_table_agrees_with_the_oracle_everywhere(agent):
    _check(agent, CELLS_IN_SOAK)


def main(agent, count=20_000):
    """Print the differences by kind."""
    counts, shortest = collections.Counter(), {}
    for case, theirs, ours, fields in differences(agent, count):
        field = fields[0]
        key = (case["kind"], case["purpose"] if field == "verdict" else "*", field, str(theirs[field]), str(ours[field]))
        counts[key] += 1
        if key not in shortest or len(json.dumps(case)) < len(json.dumps(shortest[key][0])):
            shortest[key] = (case, [part["clause"] for part in ours["because"]])
    print(f"{sum(counts.values())} of {count} differ")  # noqa: T201
    for key, number in counts.most_common():
        case, clauses = shortest[key]
        known = {name: value for name, value in case.items() if name not in {"agent", "kind", "purpose"} and value not in (None, [], {})}
        print(f"{number:6} {' '.join(key[:3])}: oracle {key[3]}, table {key[4]}\n       {json.dumps(known)}\n       {clauses}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
