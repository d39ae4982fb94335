"""The exit codes of every command: one table."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    YES = 0
    COULD_NOT = 1
    USAGE = 2
    NO = 10
    GAP = 11


USAGE_CODES = frozenset(
    {"account/unknown", "hold/unknown", "job/unknown", "ledger/unknown-key", "terms/unknown-agent", "token/unknown", "vault/record-name"},
)
"""Errors that say that a name on the command line is none."""
