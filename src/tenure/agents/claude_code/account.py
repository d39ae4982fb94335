"""Claude Code's account without a credential: provider, tier and the vendor's cached flags.

Of the state file only `oauthAccount.{organizationType,organizationUuid,emailAddress}` and the cached flags are decoded; the rest is skipped by
the decoder. Of these only the type, when it is a known one, and the flags are ever shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from tenure.agents import decode, shown
from tenure.agents.claude_code import footprint
from tenure.agents.facts import Fact, State
from tenure.agents.locate import json_line, json_lines_under
from tenure.agents.settings import Found, Source, join, lookup, show
from tenure.agents.switches import Position, Variables
from tenure.agents.view import Unreadable, View

_NOTHING = (b"", b"null", b'""')


class _Account(msgspec.Struct, rename="camel"):
    organization_type: msgspec.Raw = msgspec.Raw(b"")
    organization_uuid: msgspec.Raw = msgspec.Raw(b"")
    email_address: msgspec.Raw = msgspec.Raw(b"")


class _State(msgspec.Struct, rename="camel"):
    oauth_account: msgspec.Raw = msgspec.Raw(b"")
    cached_growth_book_features: msgspec.Raw = msgspec.Raw(b"")
    cached_statsig_gates: msgspec.Raw = msgspec.Raw(b"")
    cached_dynamic_configs: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True, slots=True)
class Account:
    """What the state file says.

    Attributes:
        path: the file, as shown.
        problem: why it could not be read; `not there`; empty when it could.
        is_signed_in: it names an account.
        kind: the organisation's type, when it is a known one; `other` when it is not; None when there is none.
        organisation: the organisation's identifier, for comparing only, never shown.
        has_email: it names an e-mail address.
        flags: the vendor's flags cached here.
        line: the line of the account.
    """

    path: str
    problem: str = ""
    is_signed_in: bool = False
    kind: str | None = None
    organisation: str | None = None
    has_email: bool = False
    flags: tuple[Fact, ...] = ()
    line: int | None = None

    @property
    def plan(self) -> str | None:
        """The plan that the account's type names; None when it names none that is known."""
        return footprint.TIERS.get(self.kind or "")

    @property
    def proof(self) -> str:
        """Where the account stands."""
        return f"{self.path}:oauthAccount.organizationType" + (f" (line {self.line})" if self.line else "")


def read_account(view: View, root: str) -> Account:
    """Read the named keys of the state file."""
    own = join(root, ".claude.json")
    path = join(view.scope.home, ".claude.json") if root == join(view.scope.home, ".claude") else own
    data = view.read(path)
    if isinstance(data, Unreadable) and data.is_absent and path == own:
        path = join(view.scope.home, ".claude.json")
        data = view.read(path)
    name = show(path, view.scope.home)
    text = data if isinstance(data, Unreadable) else decode.to_text(data)
    if isinstance(text, Unreadable):
        return Account(name, problem=text.reason)
    try:
        return _decode(name, text)
    except (msgspec.MsgspecError, ValueError):
        return Account(name, problem="not well-formed")
    except RecursionError:
        return Account(name, problem="nested too deeply")


def _decode(name: str, text: str) -> Account:
    state = msgspec.json.decode(text, type=_State)
    flags: list[Fact] = []
    for key, raw in (
        ("cachedGrowthBookFeatures", state.cached_growth_book_features),
        ("cachedStatsigGates", state.cached_statsig_gates),
        ("cachedDynamicConfigs", state.cached_dynamic_configs),
    ):
        flags.extend(_flags(name, key, raw, text))
    if bytes(state.oauth_account) in _NOTHING:
        return Account(name, flags=tuple(flags))
    account = msgspec.json.decode(state.oauth_account, type=_Account)
    kind = _text(account.organization_type)
    return Account(
        name,
        is_signed_in=True,
        kind=None if kind is None else kind if kind in footprint.TIERS else shown.OTHER,
        organisation=_text(account.organization_uuid),
        has_email=bytes(account.email_address) not in _NOTHING,
        flags=tuple(flags),
        line=json_line(text, ("oauthAccount", "organizationType")) or json_line(text, ("oauthAccount",)),
    )


def _text(raw: msgspec.Raw) -> str | None:
    if bytes(raw) in _NOTHING:
        return None
    value = msgspec.json.decode(raw)
    return value if isinstance(value, str) else None


def _flags(name: str, key: str, raw: msgspec.Raw, text: str) -> list[Fact]:
    values = msgspec.json.decode(raw) if bytes(raw) not in _NOTHING else None
    if not isinstance(values, dict):
        return []
    lines = json_lines_under(text, key)
    facts = []
    for flag, value in values.items():
        if shown.is_flag_name(flag):
            line = f" (line {lines[flag]})" if flag in lines else ""
            facts.append(Fact(f"flag.{flag}", shown.flag(value), State.MEASURED, f"{name}:{key}.{flag}{line}"))
    return facts


def elsewhere(variables: Variables) -> Found | None:
    """Return the variable that names another address than the vendor's; None when none does."""
    base = variables.get(footprint.BASE_URL)
    return base if base is not None and (base.problem or str(base.value).rstrip("/") not in ("", footprint.DEFAULT_BASE_URL)) else None


def provider(variables: Variables, switches: Mapping[str, Position], account: Account | None = None) -> Fact:
    """Return who serves the model, from variables that name a provider or another address.

    What stands behind another address is not told: with a login beside it, requests may still go to the vendor under that login.

    Args:
        variables: the environment that the client sees.
        switches: those of them that are switches.
        account: the login, where it is looked at.
    """
    login = None if account is None or account.plan is None else f"{account.proof} names a {account.plan} login"
    named = {footprint.PROVIDERS[name]: position for name, position in switches.items() if name in footprint.PROVIDERS and position.is_on}
    malformed = [switches[name].problem for name in footprint.PROVIDERS if name in switches and switches[name].problem]
    if malformed:
        return Fact("provider", None, State.UNKNOWN, malformed[0])
    if len(named) > 1:
        return Fact("provider", None, State.UNKNOWN, "several are named: " + ", ".join(position.proof for position in named.values()))
    if named:
        name, position = next(iter(named.items()))
        return Fact("provider", name, State.MEASURED, position.proof)
    base = elsewhere(variables)
    if base is not None and (base.problem or login is not None):
        beside = f"{base.proof} is not the vendor's address, and {login}: which of them serves is not known"
        return Fact("provider", None, State.UNKNOWN, base.problem or beside)
    if base is not None:
        return Fact("provider", "gateway", State.INFERRED, f"{base.proof} is not the vendor's address")
    return Fact("provider", "first_party", State.DEFAULT, "no settings file and no variable of this process names another")


def keys(variables: Variables, sources: tuple[Source, ...]) -> Found | None:
    """Return where an API key is set, never the key."""
    for name in footprint.KEYS:
        if (found := variables.presence(name)) is not None:
            return found
    helper = lookup(sources, footprint.KEY_HELPER)
    return None if helper is None or helper.value == "" else Found(True, helper.proof, helper.layer)


def tier(provider_fact: Fact, key: Found | None, token: Found | None, account: Account, server: str | None, base: Found | None = None) -> Fact:
    """Return the tier and how it is known. A third party comes before the login; which of a key and a login was used is told nowhere.

    Args:
        provider_fact: who serves the model.
        key: where an API key is set.
        token: where a login token is set.
        account: the login.
        server: the path of non-empty settings from the vendor's server, which only organisations have.
        base: the variable that names another address.
    """
    if provider_fact.value == "gateway" and account.plan is not None:
        return _login_alone(provider_fact, base, account)
    if token is not None and (key is not None or provider_fact.value == "gateway"):
        beside = key.proof if key is not None else provider_fact.proof
        return Fact("tier", None, State.UNKNOWN, f"{token.proof} is set beside {beside}: which of them a session uses is not known")
    if provider_fact.value not in ("first_party", None):
        return Fact("tier", "api", State.INFERRED, f"{provider_fact.proof}: the customer's own commercial agreement")
    if key is not None and key.problem:
        return Fact("tier", None, State.UNKNOWN, key.problem)
    if key is not None and account.plan is not None:
        beside = f"{key.proof} is set beside the {account.plan} login of {account.proof}: which of them a session uses is not known"
        return Fact("tier", None, State.UNKNOWN, beside)
    if provider_fact.value is None:
        return _login_alone(provider_fact, base, account)
    if key is not None:
        return Fact("tier", "api", State.INFERRED, f"{key.proof} is set")
    if account.kind is not None and account.kind in footprint.TIERS:
        state = State.INFERRED if token is not None else State.MEASURED
        return Fact("tier", footprint.TIERS[account.kind], state, account.proof)
    if account.kind is not None:
        return Fact("tier", None, State.UNKNOWN, f"{account.proof} has a value that is not known")
    if server is not None:
        return Fact("tier", None, State.UNKNOWN, f"no account in {account.path}; {server} suggests Team or Enterprise")
    if token is not None:
        return Fact("tier", None, State.UNKNOWN, f"{token.proof} is set, which does not tell the plan")
    problem = account.problem or "it names no account type"
    return Fact("tier", None, State.UNKNOWN, f"{account.path}: {problem}")


def _login_alone(provider_fact: Fact, base: Found | None, account: Account) -> Fact:
    """Return the tier of the login where another provider could still take its place, unless an address says that one may."""
    if base is None and provider_fact.value is None and account.kind is not None and account.kind in footprint.TIERS:
        return Fact("tier", footprint.TIERS[account.kind], State.INFERRED, f"{account.proof}; the provider is not known")
    return Fact("tier", None, State.UNKNOWN, f"the provider is not known: {provider_fact.proof}")
