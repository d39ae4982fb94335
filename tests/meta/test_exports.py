import ast
import importlib
import inspect
import pkgutil

import pytest

import tenure

EXPORTS: dict[str, set[str]] = {
    "tenure": {"__version__"},
    "tenure.agents.claude_code": {"examine"},
    "tenure.agents.codex": {"examine"},
    "tenure.release": {"DECLASSIFIERS"},
    "tenure.scrub": {"FINDERS"},
}
"""What each package defines under its own name. A package that is not listed offers its modules only."""

COMMANDS = "tenure.cli."
"""Nothing imports from the packages of the command line but its table of commands, by name."""

ALL = ["tenure", *sorted(info.name for info in pkgutil.walk_packages(tenure.__path__, "tenure.") if info.ispkg)]
PACKAGES = [name for name in ALL if not name.startswith(COMMANDS)]


def defined(package: str) -> set[str]:
    """The public names that a package's own file defines; what it imports is not among them."""
    found: set[str] = set()
    for node in ast.parse(inspect.getsource(importlib.import_module(package))).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_") or name == "__version__"}


@pytest.mark.parametrize("name", PACKAGES)
def test_package_offers_exactly_what_is_listed(name: str) -> None:
    assert defined(name) == EXPORTS.get(name, set())


def test_only_packages_that_exist_are_listed() -> None:
    assert set(EXPORTS) <= set(PACKAGES)


@pytest.mark.parametrize("name", ALL)
def test_package_says_what_it_is(name: str) -> None:
    assert importlib.import_module(name).__doc__
