"""A pack as an ODRL policy in JSON-LD, for tools that speak the W3C's rights language.

Permissions become ODRL permissions, refusals prohibitions, periods duties to delete. What ODRL has no word for (rows in doubt, safety holds,
destinations) stands under Tenure's own names. Source: ODRL Information Model 2.2, https://www.w3.org/TR/odrl-model/.
"""

from collections.abc import Iterable

from tenure.records.kinds import Purpose
from tenure.terms.pack import Clause, Pack, Sighting, VersionRange

NAMESPACE = "urn:tenure:"
CONTEXT = ("http://www.w3.org/ns/odrl.jsonld", {"tenure": NAMESPACE})
"""The JSON-LD context of an export."""


def render_odrl(pack: Pack) -> dict[str, object]:
    """Return a pack as one `odrl:Set`."""
    return {
        "@context": CONTEXT,
        "@type": "Set",
        "uid": f"{NAMESPACE}pack:{pack.agent}",
        "profile": f"{NAMESPACE}profile",
        "tenure:knownTo": pack.known_to.isoformat(),
        "permission": [_rule(pack, clause, clause.permit) for clause in pack.clauses if clause.permit],
        "prohibition": [_rule(pack, clause, clause.refuse) for clause in pack.clauses if clause.refuse],
        "obligation": [_deletion(pack, clause) for clause in pack.clauses if clause.keep is not None],
        "tenure:unknown": [_rule(pack, clause, clause.unknown) for clause in pack.clauses if clause.unknown],
    }


def _rule(pack: Pack, clause: Clause, purposes: Iterable[Purpose]) -> dict[str, object]:
    return {
        **_common(pack, clause),
        "action": "use",
        "constraint": [
            {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": sorted(f"{NAMESPACE}purpose:{purpose}" for purpose in purposes)},
            *_constraints(clause),
        ],
    }


def _deletion(pack: Pack, clause: Clause) -> dict[str, object]:
    within = {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": str(clause.keep)}
    return {
        **_common(pack, clause),
        "action": [{"rdf:value": {"@id": "odrl:delete"}, "refinement": [within]}],
        "constraint": _constraints(clause),
        "tenure:hold": sorted(clause.hold),
    }


def _common(pack: Pack, clause: Clause) -> dict[str, object]:
    return {
        "uid": f"{NAMESPACE}clause:{pack.agent}:{clause.id}",
        "assigner": f"{NAMESPACE}vendor:{pack.vendor}",
        "target": sorted(f"{NAMESPACE}kind:{kind}" for kind in clause.kinds),
        "tenure:source": clause.source,
        "tenure:standing": str(clause.standing),
        "tenure:over": sorted(clause.over),
        "tenure:destination": None if clause.destination is None else str(clause.destination),
        "tenure:promises": list(clause.promises),
    }


def _constraints(clause: Clause) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [_date("gteq", clause.begins)] if clause.begins else []
    found += [_date("lt", clause.ends)] if clause.ends else []
    for name, condition in sorted(clause.when.items()):
        if isinstance(condition, VersionRange):
            found += [
                {"leftOperand": f"{NAMESPACE}{name}", "operator": operator, "rightOperand": ".".join(map(str, bound))}
                for operator, bound in (("gteq", condition.low), ("lt", condition.high))
                if bound is not None
            ]
        else:
            found.append({"leftOperand": f"{NAMESPACE}{name}", "operator": "isAnyOf", "rightOperand": sorted(condition)})
    return found


def _date(operator: str, sighting: Sighting) -> dict[str, object]:
    earliest = None if sighting.earliest is None else sighting.earliest.isoformat()
    return {
        "leftOperand": "dateTime",
        "operator": operator,
        "rightOperand": {"@value": sighting.latest.isoformat(), "@type": "xsd:dateTime"},
        "tenure:earliest": earliest,
        "tenure:seen": sighting.text,
    }
