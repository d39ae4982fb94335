import ast
import re

from tests.meta.tree import ROOT, sources, where

PAGE = ROOT / "docs" / "reference" / "errors.md"
CODE = re.compile(r"[a-z]+(?:/[a-z0-9-]+)?")


def raised() -> dict[str, str]:
    """Every code in the sources, with one place where it stands."""
    found: dict[str, str] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="code", value=expression) | ast.Assign(targets=[ast.Name(id="default_code")], value=expression):
                    value = expression
                case _:
                    continue
            parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                    found.setdefault(part.value, where(path, part.lineno))
    return found


def documented() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_code_is_documented() -> None:
    assert {code: place for code, place in raised().items() if code not in documented()} == {}


def test_every_documented_code_exists() -> None:
    assert documented() - set(raised()) == set()
