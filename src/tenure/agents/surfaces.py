"""The surface of sessions: of the closed list of the terms."""

from collections.abc import Mapping

from tenure.agents.facts import Fact, State


def usual_surface(counts: Mapping[str, int], ordinary: str) -> Fact:
    """Return the surface that most sessions tell, or the agent's ordinary one where none does.

    Args:
        counts: sessions per surface.
        ordinary: where the agent is ordinarily used.
    """
    known = {surface: count for surface, count in counts.items() if surface != "unknown"}
    if not known:
        return Fact("surface", ordinary, State.DEFAULT, "no session tells another")
    surface = max(sorted(known), key=lambda name: known[name])
    return Fact("surface", surface, State.INFERRED, f"{known[surface]} of {sum(counts.values())} sessions")
