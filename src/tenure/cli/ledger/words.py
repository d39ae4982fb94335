"""Entries of the ledger in words, one line each."""

import re
from collections.abc import Mapping

from tenure.cli.output import clean
from tenure.records.canonical import Plain

_ID = re.compile("(?:sha256:)?([0-9a-f]{32,64})")
_LONGEST = 60
_LISTED = 3

SAYS: Mapping[str, str] = {
    "ingested": "{records} under key {key}, until {expires}",
    "refused": "{records}: {verdict} by {because}",
    "permitted": "{records} for {purposes}, until {until}",
    "read": "{records} under the permit of entry {permit}",
    "derived": "key {key} from {inputs_count} inputs, declassifier {declassifier}",
    "tightened": "keys {keys} until {expires}: {reason}",
    "expired": "days {days}; before their time: {early}",
    "erased": "{records} under keys {keys}: {reason}",
    "held": "keys {keys} under {kind} hold {hold}",
    "released": "keys {keys} from {kind} hold {hold}",
    "consented": "{name}: {value}, said by {by} through {channel}",
    "account": "{event}, by {by}",
    "exported": "{records}",
    "opened": "clock in doubt: {in_doubt}; confirmed: {confirmed}",
    "restored": "keys {keys}, entries {entries}; a copy of {origin}",
    "rotated": "{what}",
    "registered": "job {job} for {purposes}",
}
"""What each type says of its values."""


def words(index: int, entry: Mapping[str, Plain] | None) -> str:
    """Return an entry as a line; None = its bytes are no entry."""
    if entry is None:
        return f"{index:>8}  no entry: `tenure ledger verify` says more"
    kind = str(entry["type"])
    values = {name: _shown(value) for name, value in entry.items()}
    if "records" in values:
        values["records"] += " record" if entry["records"] == 1 else " records"
    said = SAYS[kind].format_map(values)
    return f"{index:>8}  {clean(str(entry['at']))}  {kind:<10}  {said}"


def _shown(value: Plain) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        more = f" and {len(value) - _LISTED} more" if len(value) > _LISTED else ""
        return (", ".join(_shown(part) for part in value[:_LISTED]) or "none") + more
    if isinstance(value, dict):
        return _shown(value.get("day", value.get("name")))
    text = clean(str(value))
    match = _ID.fullmatch(text)
    return f"{match[1][:8]}\N{HORIZONTAL ELLIPSIS}" if match else text[:_LONGEST]
