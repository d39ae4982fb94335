import importlib
import pkgutil
from types import ModuleType

import pytest

import tenure

EXPORTS: dict[str, set[str]] = {
    "tenure": {"__version__"},
}
"""What each package offers by its own name. A package that is not listed offers its modules only."""

PACKAGES = ["tenure", *sorted(info.name for info in pkgutil.walk_packages(tenure.__path__, "tenure.") if info.ispkg)]


def offered(package: ModuleType) -> set[str]:
    names = {name for name, value in vars(package).items() if not name.startswith("_") and not isinstance(value, ModuleType)}
    return names | ({"__version__"} & set(vars(package)))


@pytest.mark.parametrize("name", PACKAGES)
def test_package_offers_exactly_what_is_listed(name: str) -> None:
    package = importlib.import_module(name)

    assert offered(package) == set(getattr(package, "__all__", EXPORTS.get(name, set())))


@pytest.mark.parametrize("name", PACKAGES)
def test_package_says_what_it_is(name: str) -> None:
    assert importlib.import_module(name).__doc__
