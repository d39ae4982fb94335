"""The programs that this process was started by, nearest first: who runs below an agent is no person. Linux only; elsewhere nothing is known."""

import re

_STAT = re.compile(rb"\d+ \((.*)\) \S (\d+) ", re.DOTALL)
_MOST = 64


def ancestors(start: int) -> tuple[str, ...]:
    """Return the names of a process and of those above it.

    Args:
        start: id of the process.
    """
    found: list[str] = []
    process = start
    while process > 0 and len(found) < _MOST:
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                parts = _STAT.match(file.read(4096))
        except OSError:
            break
        if parts is None:
            break
        found.append(parts[1].decode(errors="replace"))
        process = int(parts[2])
    return tuple(found)
