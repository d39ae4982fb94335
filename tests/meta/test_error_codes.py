import ast
import re

from tests.meta.tree import ROOT, sources, where

from tenure import errors

PAGE = ROOT / "docs" / "reference" / "errors.md"
AREAS = (
    *("account", "agent", "attest", "backup", "case", "client", "config", "consent", "console", "data", "derive", "hold", "integrity", "job"),
    *("ledger", "lineage", "note", "otlp", "policy", "release", "scrub", "server", "settings", "stamp", "state", "terms", "token", "vault"),
)
CODE = re.compile(rf"(?:{'|'.join(AREAS)})/[a-z0-9]+(?:-[a-z0-9]+)*")


def raised() -> dict[str, str]:
    """Every code in the sources, with one place where it stands. A string of that form is a code wherever it stands."""
    found: dict[str, str] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, where(path, node.lineno))
    return found


def keywords() -> dict[str, str]:
    """Every literal that is given as `code`."""
    found: dict[str, str] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                found.setdefault(node.value.value, where(path, node.value.lineno))
    return found


def documented() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_code_is_documented() -> None:
    assert {code: place for code, place in raised().items() if code not in documented()} == {}


def test_every_documented_code_exists() -> None:
    assert documented() - set(raised()) == {errors.Error.default_code}


def test_every_code_names_a_known_area() -> None:
    assert {code: place for code, place in keywords().items() if not CODE.fullmatch(code)} == {}
