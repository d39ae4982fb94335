"""No test may see the agents of the machine that it runs on: every folder that is looked into is a temporary one, or the run ends."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = {
    "HOME": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CACHE_HOME": ".cache",
    "XDG_STATE_HOME": ".local/state",
    "CLAUDE_CONFIG_DIR": ".claude",
    "CODEX_HOME": ".codex",
    "COPILOT_HOME": ".copilot",
}
AGENTS = (
    *("ANTHROPIC_", "CLAUDE_", "CLAUDECODE", "DISABLE_", "DO_NOT_TRACK", "OTEL_", "OPENAI_", "CODEX_", "GEMINI_", "GOOGLE_", "OPENCODE"),
    *("AIDER_", "COPILOT_", "CURSOR_", "XDG_", "TENURE_"),
)

_root = tempfile.TemporaryDirectory(prefix="tenure-tests-")


def _settle(home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(AGENTS)]:
        del os.environ[name]
    for name, folder in FOLDERS.items():
        os.environ[name] = str(home / folder) if folder else str(home)


_settle(Path(_root.name))


def _is_temporary(path: str) -> bool:
    return Path(path).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: some hold the time at which they were packed, and workers have to agree on names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def _no_real_home() -> Iterator[None]:
    """End the run when a folder of the person is in reach."""
    kept = dict(os.environ)
    for name in FOLDERS:
        if not _is_temporary(os.environ.get(name, "/")):
            pytest.exit(f"{name} is not a temporary folder: no test may see the real one", returncode=3)
    if Path("~").expanduser() != Path(os.environ["HOME"]):
        pytest.exit("the home folder is not the temporary one", returncode=3)
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh home folder, closed to others, with all variables that point into it."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    _settle(folder)
    return folder
