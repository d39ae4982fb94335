"""How long an audit takes over 2 000 sessions and 3 GB, beside `find -printf` and `du` over the same tree. Prints a table, judges nothing.

The sessions are real files with a beginning, an end and a hole between them, so that 3 GB cost little disk; they are deleted afterwards.
Run: python -m benchmarks.audit [SESSIONS] [GIGABYTES]
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tenure import wiring
from tenure.services.audit import audit
from tenure.services.packs import make_book, read_packs
from tenure.terms.decide import decide

RUNS = 5
PROJECTS = 40
TENURE = Path(sys.executable).parent / "tenure"


def plant(home: Path, sessions: int, size: int) -> None:
    """Write the home folder."""
    line = json.dumps({"type": "user", "entrypoint": "cli", "version": "2.1.291", "cwd": "/nowhere", "message": {"content": "x" * 200}}) + "\n"
    block = (line * 40).encode()
    for number in range(sessions):
        folder = home / ".claude" / "projects" / f"project-{number % PROJECTS}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number:08}.jsonl"
        with path.open("wb") as file:
            file.write(block)
            file.seek(max(size - len(block), len(block)))
            file.write(b"\n" + block)
    (home / ".claude" / "settings.json").write_text('{"cleanupPeriodDays": 90, "env": {"DISABLE_TELEMETRY": "0"}}')
    (home / ".claude.json").write_text('{"oauthAccount": {"organizationType": "claude_max"}}')


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of some runs, after one to warm up."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run(*command: str, home: Path) -> None:
    """Run a command with its output thrown away."""
    subprocess.run(command, env={"PATH": os.environ["PATH"], "HOME": str(home)}, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Measure and print."""
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    total = int(float(sys.argv[2]) * 1e9) if len(sys.argv) > 2 else 3_000_000_000
    home = Path(tempfile.mkdtemp(prefix="tenure-benchmark-"))
    try:
        plant(home, sessions, total // sessions)
        book = make_book(read_packs(wiring.packaged_packs()), [])
        at = wiring.system_clock().now()
        found = audit(wiring.this_machine(str(home)), at, partial(decide, book), {})
        held = found.agents[0].evidence.holdings[0]
        assert held.count == sessions
        rows = {
            "find -printf (reference)": timed(partial(run, "find", str(home), "-type", "f", "-printf", "%s %T@ %p\n", home=home)),
            "du -s --apparent-size": timed(partial(run, "du", "-s", "--apparent-size", str(home), home=home)),
            "audit, as a function": timed(lambda: audit(wiring.this_machine(str(home)), at, partial(decide, book), {})),
            "tenure audit --json, as a command": timed(partial(run, str(TENURE), "audit", "--home", str(home), "--json", home=home)),
        }
        print(f"{held.count} sessions, {held.bytes / 1e9:.2f} GB, median of {RUNS} runs")
        for name, seconds in rows.items():
            print(f"{name:36} {seconds:8.3f} s {seconds / rows['find -printf (reference)']:8.1f} x")
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
