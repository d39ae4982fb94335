import ast

from tests.meta.tree import CORE, PACKAGE, ROOT, calls, sources, tracked_with, where

OPENERS = {"open", "io.open", "codecs.open", "os.open"}


def test_core_opens_no_file() -> None:
    core = [path for path in sources() if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in CORE]

    found = [where(path, call.lineno) for path in core for name, call in calls(path) if name in OPENERS]

    assert core
    assert found == []


def test_nothing_sleeps() -> None:
    sleepers = {"sleep", "time.sleep", "asyncio.sleep"}

    found = [where(path, call.lineno) for path in tracked_with(".py") for name, call in calls(path) if name in sleepers and not is_a_turn(call)]

    assert found == []


def is_a_turn(call: ast.Call) -> bool:
    """Whether a sleep of nothing lets others have their turn."""
    return [ast.unparse(argument) for argument in call.args] == ["0"]


def test_no_test_replaces_things_behind_their_backs() -> None:
    found = []
    for path in tracked_with(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if any(name.startswith("unittest.mock") for name in [*names, module]) or (module == "unittest" and "mock" in ast.unparse(node)):
                found.append(where(path, node.lineno))

    assert found == []


def test_only_the_command_line_prints_and_exits() -> None:
    below = [path for path in sources() if path.relative_to(PACKAGE).parts[0] not in {"cli", "__main__.py", "demo"}]

    found = [where(path, call.lineno) for path in below for name, call in calls(path) if name in {"print", "sys.exit", "exit", "click.echo"}]

    assert found == []
    assert (ROOT / "src" / "tenure" / "cli" / "main.py").exists()
