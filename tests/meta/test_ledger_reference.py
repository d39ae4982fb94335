"""The ledger's page says which entries there are, with their keys, and shows JSON of the forms that are printed."""

import json
import re

from tests.meta.tree import ROOT

from tenure.cli.ledger.words import SAYS
from tenure.ledger.entries import TYPES
from tenure.services.proving import CHECKPOINT, PROGRAM, VERIFIER_KEY

PAGE = (ROOT / "docs" / "reference" / "ledger.md").read_text(encoding="utf-8")


def test_every_type_stands_in_the_table_with_its_keys():
    rows = re.findall(r"^\| `([a-z]+)` \| ((?:`[a-z0-9_]+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert {kind: tuple(re.findall("`(.+?)`", keys)) for kind, keys in rows} == TYPES


def test_every_type_has_words():
    assert SAYS.keys() == TYPES.keys()
    for kind, said in SAYS.items():
        assert set(re.findall(r"{(\w+)}", said)) <= set(TYPES[kind])


def test_shown_json_is_json():
    shown = [json.loads(text) for text in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)]
    assert [(each["schema"], set(each)) for each in shown] == [
        ("tenure.ledger/1", {"schema", "ok", "size", "root", "problems"}),
        ("tenure.proof/1", {"schema", "key", "verifier_key", "checkpoint", "entries"}),
    ]


def test_every_file_of_an_export_stands_in_the_table():
    for name in (CHECKPOINT, VERIFIER_KEY, PROGRAM):
        assert f"| `{name}` |" in PAGE
