"""The table against a relational join: DuckDB joins clauses with cells and folds them in SQL, sharing nothing with `compile` and `cells`.

It knows one reading of the dates at a time: a cell in a stretch of time with one sighting in doubt is asked twice and the stricter taken.
"""

import random
from datetime import datetime, timedelta

import duckdb
import pytest

from tenure.records.kinds import Kind, Purpose
from tenure.services.packs import read_packs
from tenure.terms.compile import VERSION, compile_pack
from tenure.terms.normalise import version_class
from tenure.terms.pack import VersionRange
from tenure.terms.parse import domains
from tenure.wiring import packaged_packs

PACKS = {pack.agent: pack for pack in read_packs(packaged_packs())}
CELLS_PER_KIND = 120
SOME_DAY = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
RANKS = {"deny": 0, "gap": 1, "permit": 2}

TABLES = """
create table clause(
    clause text, n int, begins text, begins_earliest timestamp, begins_latest timestamp, ends text, ends_earliest timestamp, ends_latest timestamp
);
create table condition(clause text, key text, item text);
create table effect(clause text, purpose text, effect text);
create table "over"(clause text, replaced text);
create table keep(clause text);
create table purpose(purpose text);
create table cell(cell int);
create table value(cell int, key text, item text);
create table reading(cell int, reading int, moment timestamp, doubt text);
"""
VERDICTS = """
with met as (
    select v.cell, c.clause from condition c join value v on v.key = c.key and v.item = c.item join clause k on k.clause = c.clause
    group by v.cell, c.clause having count(*) = any_value(k.n)
    union all select x.cell, k.clause from cell x, clause k where k.n = 0
), alive as (
    select r.cell, r.reading, m.clause from reading r join met m using (cell) join clause k using (clause)
    where (k.begins is null or r.moment >= k.begins_latest or (r.moment >= k.begins_earliest and k.begins = r.doubt and r.reading = 1))
      and (k.ends is null or not (r.moment >= k.ends_latest or (r.moment >= k.ends_earliest and k.ends = r.doubt and r.reading = 1)))
), left_standing as (
    select a.* from alive a
    where not exists (
        select 1 from "over" o join alive b on b.clause = o.clause where o.replaced = a.clause and b.cell = a.cell and b.reading = a.reading
    )
)
"""
FOLD = """
select r.cell, p.purpose, min(case when e.refuse > 0 then 0 when e.doubt > 0 then 1 when e.permit > 0 then 2 else 0 end) as rank
from reading r cross join purpose p
left join (
    select l.cell, l.reading, f.purpose,
        sum((f.effect = 'refuse')::int) refuse, sum((f.effect = 'unknown')::int) doubt, sum((f.effect = 'permit')::int) permit
    from left_standing l join effect f using (clause) group by all
) e on e.cell = r.cell and e.reading = r.reading and e.purpose = p.purpose
group by all
"""
KEEPS = "select l.cell, list(distinct l.clause order by l.clause) from left_standing l join keep using (clause) group by all"


@pytest.mark.parametrize("agent", sorted(PACKS))
def test_table_agrees_with_a_join(agent):
    pack, table = PACKS[agent], compile_pack(PACKS[agent])
    rng = random.Random(agent)  # noqa: S311 - chosen cells, not secrets
    compared = 0
    for kind in Kind:
        clauses = [clause for clause in pack.clauses if kind in clause.kinds]
        if not clauses:
            continue
        cells = list(_cells(pack, clauses, table.kinds[kind], rng))
        verdicts, keeps = _joined(clauses, cells, unconfirmed={clause.id for clause in clauses if clause.standing == "T"})
        for number, (segment, values, _, _) in enumerate(cells):
            mask = table.kinds[kind].standing(segment)
            for key in table.kinds[kind].keys:
                mask &= key.masks[version_class(values[VERSION], key) if key.name == VERSION else values[key.name]]
            cell = table.kinds[kind].cell(segment, mask)
            for purpose in Purpose:
                assert RANKS[cell.verdicts[purpose][0]] == verdicts[number, purpose], (kind, purpose, values)
            assert sorted({table.kinds[kind].clauses[index].id for _, index in cell.keeps}) == keeps.get(number, []), (kind, values)
            compared += len(Purpose) + 1
    assert compared > 200


def _cells(pack, clauses, kind_table, rng):
    """Yield (segment, values, instant, the sighting in doubt) for stretches of time with at most one doubt."""
    lists = domains(pack.vocabulary)
    versions = sorted({cut for clause in clauses for cut in _bounds(clause.when.get(VERSION))})
    spellings = [".".join(map(str, version)) for version in versions] + ["0.0.1"]
    names = sorted({name for clause in clauses for name in clause.when})
    instants = [border + timedelta(seconds=offset) for border in kind_table.borders for offset in (-1, 0, 1)] or [SOME_DAY]
    sightings = {sighting.text: sighting for clause in clauses for sighting in (clause.begins, clause.ends) if sighting}
    for _ in range(CELLS_PER_KIND):
        at = rng.choice(instants)
        doubts = [text for text, part in sightings.items() if (part.earliest is None or at >= part.earliest) and at < part.latest]
        if len(doubts) > 1:
            continue
        values = {name: rng.choice(spellings if name == VERSION else _weighted(lists[name], rng)) for name in names}
        yield kind_table.segment(at), values, at, doubts[0] if doubts else None


def _weighted(values, rng):
    """Mostly the last of booleans, so that not every cell is refused by some flag."""
    return values[-1:] if len(values) == 2 and rng.random() < 0.6 else values


def _bounds(condition):
    return [bound for bound in (condition.low, condition.high) if bound] if isinstance(condition, VersionRange) else []


def _joined(clauses, cells, unconfirmed):
    items = {name: sorted({values[name] for _, values, _, _ in cells}) for name in {name for clause in clauses for name in clause.when}}
    tables = {"clause": [], "condition": [], "effect": [], '"over"': [], "keep": []}
    for clause in clauses:
        for table, rows in _rows(clause, items, clause.id in unconfirmed).items():
            tables[table] += rows
    tables["purpose"] = [[str(purpose)] for purpose in Purpose]
    tables["cell"] = [[number] for number in range(len(cells))]
    tables["value"] = [[number, key, item] for number, (_, values, _, _) in enumerate(cells) for key, item in values.items()]
    tables["reading"] = [row for number, (_, _, at, doubt) in enumerate(cells) for row in _readings(number, at, doubt)]
    with duckdb.connect() as database:
        database.execute(TABLES)
        for table, rows in tables.items():
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                database.execute(f"insert into {table} select {', '.join(['unnest(?)'] * len(columns))}", columns)
        verdicts = {(cell, Purpose(purpose)): rank for cell, purpose, rank in database.execute(VERDICTS + FOLD).fetchall()}
        keeps = dict(database.execute(VERDICTS + KEEPS).fetchall())
    return verdicts, keeps


def _readings(number, at, doubt):
    return [[number, reading, at.replace(tzinfo=None), doubt] for reading in ((0, 1) if doubt else (0,))]


def _rows(clause, items, is_unconfirmed):
    effects = [("refuse", clause.refuse), ("unknown", clause.unknown)] + ([] if is_unconfirmed else [("permit", clause.permit)])
    found = [[clause.id, str(purpose), effect] for effect, purposes in effects for purpose in purposes]
    if clause.destination not in {None, "vendor"}:
        found.append([clause.id, "collect", "refuse"])
    return {
        "clause": [[clause.id, len(clause.when), *_dates(clause.begins), *_dates(clause.ends)]],
        "condition": [[clause.id, name, item] for name, condition in clause.when.items() for item in items[name] if _allows(condition, item)],
        "effect": found,
        '"over"': [] if is_unconfirmed else [[clause.id, replaced] for replaced in clause.over],
        "keep": [[clause.id]] if clause.keep is not None and not clause.hold else [],
    }


def _allows(condition, item):
    return condition.holds(_version(item)) if isinstance(condition, VersionRange) else item in condition


def _dates(sighting):
    if sighting is None:
        return [None, None, None]
    earliest = sighting.earliest or datetime.fromisoformat("0002-01-01T00:00:00+00:00")
    return [sighting.text, earliest.replace(tzinfo=None), sighting.latest.replace(tzinfo=None)]


def _version(text):
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (4 - len(parts)))
