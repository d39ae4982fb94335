"""The files of the repository, as the meta tests see them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tenure"
CORE = ("errors", "records", "terms", "agents", "release", "scrub")
"""Packages that open nothing: bytes come in as arguments."""


@cache
def tracked() -> tuple[Path, ...]:
    """All files that git knows of and that exist; outside of a git checkout, all files but hidden ones."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
        return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def tracked_with(*suffixes: str) -> tuple[Path, ...]:
    return tuple(path for path in tracked() if path.suffix in suffixes)


def sources() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls of a module, each with the dotted name that is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
