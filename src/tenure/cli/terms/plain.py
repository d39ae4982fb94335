"""Packs and clauses in the forms that commands print."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import click
from rich.text import Text

from tenure.ports import Clock
from tenure.services.packs import Confirmation
from tenure.terms.compile import Table
from tenure.terms.pack import Clause, VersionRange

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def plain_pack(table: Table) -> dict[str, object]:
    """Return the head of a pack."""
    pack = table.pack
    vocabulary = pack.vocabulary
    return {
        "agent": pack.agent,
        "title": pack.title,
        "vendor": pack.vendor,
        "as_of": pack.as_of.isoformat(),
        "known_to": pack.known_to.isoformat(),
        "table": table.hash,
        "vocabulary": {name: list(values) for name, values in vocabulary.lists.items()},
        "attributes": {
            name: {"values": list(part.values), "absent": part.absent, "help": part.help} for name, part in vocabulary.attributes.items()
        },
        "variables": sorted(vocabulary.variables),
        "settings": sorted(vocabulary.settings),
        "consents": {name: {"by": sorted(rule.by)} for name, rule in vocabulary.consents.items()},
        "promises": dict(pack.promises),
    }


def plain_clause(confirmed: Sequence[Confirmation], agent: str, clause: Clause) -> dict[str, object]:
    """Return all of a clause, with who confirmed it."""
    confirmations = [part for part in confirmed if (part.agent, part.clause) == (agent, clause.id)]
    return {
        "id": clause.id,
        "row": clause.row,
        "text": clause.text,
        "source": clause.source,
        "class": str(clause.standing),
        "as_of": clause.as_of.isoformat(),
        "from": None if clause.begins is None else clause.begins.text,
        "until": None if clause.ends is None else clause.ends.text,
        "kinds": sorted(clause.kinds),
        "when": {name: _condition(condition) for name, condition in clause.when.items()},
        "permit": sorted(clause.permit),
        "refuse": sorted(clause.refuse),
        "unknown": sorted(clause.unknown),
        "keep": None if clause.keep is None else str(clause.keep),
        "over": sorted(clause.over),
        "destination": clause.destination,
        "promises": list(clause.promises),
        "hold": sorted(clause.hold),
        "confirmed": [{"by": part.by, "at": part.at.isoformat()} for part in confirmations],
    }


def _condition(condition: frozenset[str] | VersionRange) -> object:
    if isinstance(condition, VersionRange):
        return [sign + ".".join(map(str, bound)) for sign, bound in ((">=", condition.low), ("<", condition.high)) if bound is not None]
    return sorted(condition)


def effects(clause: Clause) -> Text:
    """Return what a clause does, in words and colours."""
    parts = [(f"permits {', '.join(sorted(clause.permit))}", "green")] if clause.permit else []
    parts += [(f"refuses {', '.join(sorted(clause.refuse))}", "red")] if clause.refuse else []
    parts += [(f"not known: {', '.join(sorted(clause.unknown))}", "yellow")] if clause.unknown else []
    parts += [(f"keep {clause.keep}", "cyan")] if clause.keep else []
    parts += [(f"goes to {clause.destination}", "")] if clause.destination else []
    parts += [(f"promises {', '.join(clause.promises)}", "dim")] if clause.promises else []
    return Text("; ").join(Text(text, style) for text, style in parts)


def moment(at: datetime | None) -> str | None:
    """Return an instant as text; None stays None."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def day(clock: Clock, text: str) -> datetime:
    """Return the beginning of a day given as `2026-08-22`, or the present for `today`.

    Raises:
        click.UsageError: it is neither.
    """
    if text == "today":
        return clock.now()
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError as error:
        raise click.UsageError(f"expected a day such as 2026-08-22 or `today`, got {text[:40]!r}") from error
