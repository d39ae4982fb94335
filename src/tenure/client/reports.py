"""An error as it may leave: the type, and the places in the agent's own code. Never a message, a path, or a frame of somebody else's code."""

import builtins
import re
from collections.abc import Iterator
from types import TracebackType

import msgspec

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_OWN = "tenure."
_MOST = 100


class Frame(msgspec.Struct, frozen=True):
    """A place in the agent's own code."""

    module: str
    function: str
    line: int


class ErrorReport(msgspec.Struct, frozen=True):
    """An error of the agent; frames with the innermost last."""

    type: str
    frames: tuple[Frame, ...]
    version: str


def describe(error: BaseException, version: str) -> ErrorReport:
    """Return the report of an error.

    Args:
        error: with its traceback.
        version: of the agent.
    """
    return ErrorReport(_type(error), tuple(_frames(error.__traceback__))[-_MOST:], version)


def _type(error: BaseException) -> str:
    """The nearest class that is Python's or Tenure's own: a name that others chose may say anything."""
    for kind in type(error).__mro__:
        if kind.__module__.startswith(_OWN) or getattr(builtins, kind.__name__, None) is kind:
            return kind.__name__
    return "BaseException"


def _frames(trace: TracebackType | None) -> Iterator[Frame]:
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        function = trace.tb_frame.f_code.co_name.strip("<>")
        if module.startswith(_OWN) and _NAME.fullmatch(function):
            yield Frame(module, function, trace.tb_lineno)
        trace = trace.tb_next
