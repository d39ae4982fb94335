"""Codex's rollouts: surface, version, folder, provider and plan of each, from the ends of the file. Named keys only.

The first line is `session_meta`; a plan stands in a `token_count` event near the end, where it is not null.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tenure.agents import shown
from tenure.agents.codex import footprint
from tenure.agents.settings import join
from tenure.agents.view import Entry, Unreadable, View

_SMALL = 8 * 1024
_NEWEST = 8


class _Meta(msgspec.Struct):
    originator: str | None = None
    source: msgspec.Raw = msgspec.Raw(b"")
    cli_version: str | None = None
    cwd: str | None = None
    model_provider: str | None = None


class _First(msgspec.Struct):
    type: str
    payload: _Meta


class _Limits(msgspec.Struct):
    plan_type: str | None = None


class _Event(msgspec.Struct):
    type: str
    rate_limits: _Limits | None = None


class _Line(msgspec.Struct):
    payload: _Event


@dataclass(frozen=True, slots=True)
class Rollouts:
    """What the rollouts tell.

    Attributes:
        surfaces: how many per surface; `unknown` counts those that do not tell.
        folders: where sessions ran.
        version: the client of the newest that tells.
        provider: the model provider of the newest that tells; compared, never shown.
        plan: the plan that the newest event names.
        plan_proof: where it stands.
        problems: how many could not be read, by reason.
    """

    surfaces: Mapping[str, int]
    folders: frozenset[str]
    version: str | None = None
    provider: str | None = None
    plan: str | None = None
    plan_proof: str = ""
    problems: Mapping[str, int] = field(default_factory=dict)


def read_rollouts(view: View, root: str, shown_root: str, entries: Iterable[Entry]) -> Rollouts:
    """Read the ends of each rollout, newest first."""
    newest = sorted(entries, key=lambda entry: entry.modified, reverse=True)
    surfaces: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    metas: list[_Meta] = []
    for entry in newest:
        meta = _meta(view, join(root, entry.path))
        if isinstance(meta, str):
            problems[meta] += 1
            surfaces["unknown"] += 1
        else:
            metas.append(meta)
            surfaces[_surface(meta) or "unknown"] += 1
    plan = _plan(view, root, newest[:_NEWEST])
    return Rollouts(
        surfaces=dict(surfaces),
        folders=frozenset(meta.cwd for meta in metas if meta.cwd),
        version=next((found for meta in metas if (found := shown.version(meta.cli_version))), None),
        provider=next((meta.model_provider for meta in metas if meta.model_provider), None),
        plan=plan,
        plan_proof=f"{shown_root}/sessions, the newest:token_count.rate_limits.plan_type" if plan else "",
        problems=dict(problems),
    )


def _meta(view: View, path: str) -> _Meta | str:
    if path.endswith(".zst"):
        return "compressed, not opened"
    ends = view.ends(path, _SMALL)
    if not isinstance(ends, Unreadable) and b"\n" not in ends.head and ends.size > _SMALL:
        ends = view.ends(path)
    if isinstance(ends, Unreadable):
        return ends.reason
    line, newline, _ = ends.head.partition(b"\n")
    if not newline and ends.size > len(ends.head):
        return "its first line is longer than what is read"
    try:
        first = msgspec.json.decode(line, type=_First)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return "its first line is not understood"
    return first.payload if first.type == "session_meta" else "its first line is not understood"


def _surface(meta: _Meta) -> str | None:
    source = bytes(meta.source).strip(b'"').decode("ascii", "replace")
    return footprint.SURFACES.get(source) or footprint.SURFACES.get(meta.originator or "")


def _plan(view: View, root: str, entries: Sequence[Entry]) -> str | None:
    for entry in entries:
        ends = None if entry.path.endswith(".zst") else view.ends(join(root, entry.path))
        if ends is None or isinstance(ends, Unreadable):
            continue
        for line in reversed((ends.tail or ends.head).splitlines()):
            if b'"plan_type"' in line and (plan := _plan_of(line)) is not None:
                return plan
    return None


def _plan_of(line: bytes) -> str | None:
    try:
        event = msgspec.json.decode(line, type=_Line).payload
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if event.type != "token_count" or event.rate_limits is None or event.rate_limits.plan_type is None:
        return None
    return event.rate_limits.plan_type if event.rate_limits.plan_type in footprint.PLANS else shown.OTHER
