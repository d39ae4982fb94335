"""Who looks at the pages. A seam: tokens are the one way in that is built; a login by OpenID Connect would be another `Identity`.

A grant holds no secret: the token is looked at once, when somebody signs in, and its id is asked for again with every page.
"""

from dataclasses import dataclass
from typing import Protocol

from tenure.records.agreement import Role
from tenure.services.keeping import Keeping
from tenure.services.tokens import Scope, Token, Tokens

SCOPES = (Scope.CONSENT, Scope.RIGHTS, Scope.OPERATE)
"""What a token must be for to open a page."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may see and do.

    Attributes:
        id: of the token.
        scope: what it is for.
        agent: about which agent.
        subject: whose it is; None for `operate`.
        org: under which organisation; None = the person's own account, or for `operate` every organisation.
    """

    id: str
    scope: Scope
    agent: str
    subject: str | None
    org: str | None


class Identity(Protocol):
    """Says who somebody is. Called in the writer's thread."""

    def sign_in(self, keeping: Keeping, shown: str) -> Grant | None:
        """Return what somebody may do who shows this; None = nothing."""
        ...

    def renewed(self, keeping: Keeping, grant: Grant) -> Grant | None:
        """Return a grant as it is by now; None = it was taken back, or is over."""
        ...


class TokenIdentity:
    """Whoever shows a token of the scope consent, rights or operate is who it was made for."""

    def sign_in(self, keeping: Keeping, shown: str) -> Grant | None:
        """Return what a token grants."""
        token = Tokens(keeping.store, keeping.time).find(shown.strip(), keeping.accounts.resolve)
        return None if token is None or token.scope not in SCOPES else _grant(token, token.subject)

    def renewed(self, keeping: Keeping, grant: Grant) -> Grant | None:
        """Return what the token of a grant grants by now."""
        for token in Tokens(keeping.store, keeping.time).all():
            if token.id == grant.id and token.is_good(keeping.at):
                return _grant(token, None if token.subject is None else keeping.accounts.resolve(token.subject, keeping.at))
        return None


def _grant(token: Token, subject: str | None) -> Grant:
    return Grant(token.id, token.scope, token.agent, subject, token.org)


def manages(keeping: Keeping, grant: Grant) -> bool:
    """Whether a grant is of an owner or an admin of its organisation."""
    if grant.org is None or grant.subject is None:
        return False
    return keeping.accounts.registry.role_in(grant.org, grant.subject, keeping.at) in (Role.OWNER, Role.ADMIN)
