"""The exit codes of every command: one table."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    YES = 0
    COULD_NOT = 1
    USAGE = 2
    NO = 10
    GAP = 11
