"""The wheel holds all that the program needs, and runs without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tenure import __version__

ROOT = Path(__file__).parents[2]
pytest.importorskip("hatchling", reason="the build backend is not installed; bin/test installs it")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", str(ROOT), "--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *build], check=True, timeout=120)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    install = ["install", "--no-deps", "--no-index", "--quiet", "--target", str(folder), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *install], check=True, timeout=120)
    return folder


def run(installed: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
    program = [sys.executable, str(installed / "bin" / "tenure"), *words]
    return subprocess.run(program, env=environment, cwd=home, capture_output=True, text=True, timeout=60, check=False)


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    source = ROOT / "src"
    wanted = {path.relative_to(source).as_posix() for path in (source / "tenure").rglob("*") if path.is_file() and "__pycache__" not in path.parts}

    held = set(zipfile.ZipFile(wheel).namelist())

    assert wanted - held == set()
    assert "tenure/py.typed" in held
    assert "tenure/terms/packs/claude_code.toml" in held
    assert {name.split("/")[0] for name in held} == {"tenure", f"tenure-{__version__}.dist-info"}


def test_wheel_says_its_licence_and_needs_only_what_the_lock_has(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(f"tenure-{__version__}.dist-info/METADATA").decode()
    locked = (ROOT / "requirements" / "run.txt").read_text()

    assert "License-Expression: Apache-2.0" in metadata
    needed = [line.split()[1].split(">")[0].lower() for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra" not in line]
    assert needed
    assert [name for name in needed if f"\n{name}==" not in locked] == []


def test_installed_wheel_runs_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout


def test_installed_wheel_finds_its_packs(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "terms", "show", "--json")

    assert done.returncode == 0, done.stderr
    assert '"claude_code"' in done.stdout
