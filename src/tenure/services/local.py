"""The local person of a service on one machine: an account to begin with, and tokens that last until the next start."""

from dataclasses import dataclass
from datetime import timedelta

from tenure.errors import DataError
from tenure.services.keeping import Keeping
from tenure.services.surveys import Surveys
from tenure.services.tokens import Scope, Tokens
from tenure.services.uploads import Uploads

LOCAL = "local"
"""The id of the person whose machine it is."""
_LASTS = timedelta(days=90)
_QUIET = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Local:
    """Under what the local person's data is held, where there is no account yet."""

    agent: str
    tier: str
    provider: str


def local_tokens(keeping: Keeping, local: Local) -> dict[str, str]:
    """Return fresh tokens of the local person by scope; those of the last start are worth nothing from now on.

    Raises:
        TermsError: there is no such agent.
        DataError: the tier or provider is none of the agent's.
    """
    lists = keeping.judge.book.table(local.agent).pack.vocabulary.lists
    for name, value in (("tier", local.tier), ("provider", local.provider)):
        known = lists.get(name, ())
        if value not in known:
            message = f"{name}: expected one that {local.agent} has, {', '.join(known)}; got {value[:40]!r}"
            raise DataError(message, code="account/terms", remedy=f"give another with --{name}")
    if not keeping.accounts.knows(LOCAL):
        with keeping.store.transaction():
            at = keeping.time.keep()
        refused = keeping.accounts.create_account(LOCAL, agent=local.agent, tier=local.tier, provider=local.provider, at=at)
        if refused is not None:
            message = f"tier: expected one that a person can have, got {local.tier}: {refused.reason}"
            raise DataError(message, code="account/terms", remedy=refused.remedy)
    persons = [(scope, LOCAL, None, None) for scope in (Scope.INGEST, Scope.CONSENT, Scope.RIGHTS)]
    others = [(Scope.SURVEY, None, local.tier, local.provider), (Scope.OPERATE, None, None, None)]
    return Tokens(keeping.store, keeping.time).begin([*persons, *others], local.agent, _LASTS)


def sweep(keeping: Keeping) -> None:
    """Do what a service does from time to time: end what is due, hold the ratings of the days that are over."""
    if keeping.time.is_in_doubt:
        return
    if keeping.time.now > keeping.store.highest + _QUIET:
        with keeping.store.transaction():
            keeping.time.keep()  # an idle service is no long pause
    if keeping.disposition.due():
        keeping.settle()
        Uploads(keeping.store, keeping.intake, keeping.accounts, keeping.time).prune()
    Surveys(keeping.store, keeping.intake, keeping.time).close_days()
