"""Claude Code: what it leaves on a machine and what its settings mean."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tenure.agents.claude_code import account as accounts
from tenure.agents.claude_code import findings as rules
from tenure.agents.claude_code import footprint
from tenure.agents.claude_code.layers import Layers, read_layers, root_of
from tenure.agents.claude_code.leaves import leaving
from tenure.agents.claude_code.retention import Retention, read_retention
from tenure.agents.claude_code.sessions import Session, Sessions, read_sessions
from tenure.agents.facts import PERSONAL, Evidence, Fact, Holding, State
from tenure.agents.folder import overlooked
from tenure.agents.notices import counted
from tenure.agents.places import NEVER, UNKNOWN, Sweep, hold, hold_all, sort
from tenure.agents.settings import Found, doubt, join, lookup, misshapen, setting_fact, show
from tenure.agents.surfaces import usual_surface
from tenure.agents.switches import Position, Variables, positions
from tenure.agents.view import Listing, Unreadable, View


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine Claude Code on a machine.

    Args:
        view: the machine.
        at: the time of the audit, aware UTC.

    Returns:
        What was found; None when it left nothing here.
    """
    root = root_of(view)
    listing = view.walk(root)
    account = accounts.read_account(view, root)
    if isinstance(listing, Unreadable) and listing.is_absent and account.problem == "not there":
        return None
    return _Examination(view, at, root, listing, account).evidence()


class _Examination:
    """One examination: what was read, step by step."""

    def __init__(self, view: View, at: datetime, root: str, listing: Listing | Unreadable, account: accounts.Account) -> None:
        self.view, self.at, self.root, self.account, self.listing = view, at, root, account, listing
        self.shown_root = show(root, view.scope.home)
        self.found = sort([] if isinstance(listing, Unreadable) else listing.entries, footprint.PLACES)
        self.sessions: Sessions = read_sessions(view, root, self.found[footprint.SESSION])
        self.layers: Layers = read_layers(view, root, self.sessions.folders)
        self.variables = Variables(view, self.layers.here, "env")
        self.switches = positions(self.variables, footprint.SWITCHES)
        self.retention: Retention = read_retention(self.layers, self.sessions.version)
        (self.provider,) = doubt((accounts.provider(self.variables, self.switches, account),), self.layers.here)
        self.key = accounts.keys(self.variables, self.layers.here)
        self.base = accounts.elsewhere(self.variables)
        self.token = self.variables.presence(footprint.LOGIN_TOKEN)
        self.tier = accounts.tier(self.provider, self.key, self.token, account, self._server(), self.base)

    def evidence(self) -> Evidence:
        """Put everything together."""
        holdings = self._holdings()
        found = leaving(self.switches, self.layers.here, self.provider, self.tier, self.sessions.version)
        leaves = doubt(found, self.layers.here)
        seen = rules.Seen(
            layers=self.layers,
            switches=self.switches,
            everywhere=tuple(self._everywhere()),
            account=self.account,
            provider=self.provider,
            tier=self.tier,
            key=self.key,
            retention=self.retention,
            holdings=holdings,
            leaves={fact.name: fact for fact in leaves},
            home_is_open=self.view.scope.home_is_open,
            left_behind=self._left_behind(),
            base=self.base,
        )
        return Evidence(
            agent=footprint.ID,
            title=footprint.TITLE,
            version=self.sessions.version,
            facts=tuple(self._facts()),
            holdings=holdings,
            findings=rules.findings(seen),
            leaves=leaves,
            surfaces=self.sessions.surfaces,
        )

    def _server(self) -> str | None:
        managed = self.layers.managed
        return managed.path if managed is not None and managed.path.endswith("remote-settings.json") and managed.values else None

    def _everywhere(self) -> Iterator[tuple[str, Position]]:
        """Each switch that counts here, then those that count in other projects. What a stronger file overrules counts nowhere."""
        yield from self.switches.items()
        managed = self.layers.managed
        for folder, sources in self.layers.folders.items():
            for name, position in positions(Variables(None, sources, "env"), footprint.SWITCHES).items() if folder != self.layers.folder else ():
                if managed is None or managed.find("env", position.name) is None:
                    yield name, position

    def _left_behind(self) -> str:
        default = join(self.view.scope.home, ".claude")
        if self.root == default:
            return ""
        listing = self.view.walk(join(default, "projects"))
        return "" if isinstance(listing, Unreadable) or not listing.entries else "~/.claude/projects"

    def _holdings(self) -> tuple[Holding, ...]:
        sweeps = {True: self.retention.sweep, False: Sweep(NEVER), None: Sweep(UNKNOWN)}
        desktop = {session.entry.path for session in self.sessions.all if "desktop" in (session.surface, session.last)}
        sessions = self.found.pop(footprint.SESSION)
        ordinary = [entry for entry in sessions if entry.path not in desktop]
        exempt = [entry for entry in sessions if entry.path in desktop]
        held = hold_all({footprint.SESSION: ordinary, **self.found}, self.shown_root, sweeps, self.at)
        self.found[footprint.SESSION] = sessions
        if exempt:
            place = footprint.SESSION
            found = hold(place, exempt, self.shown_root, self.retention.desktop, self.at)
            held = (held[0], _rename(found), *held[1:]) if ordinary else (_rename(found), *held)
        return held + tuple(self._desktop())

    def _desktop(self) -> Iterator[Holding]:
        for folder in footprint.DESKTOP_FOLDERS if self.view.scope.platform == "darwin" else ():
            listing = self.view.walk(join(self.view.scope.home, folder))
            if not isinstance(listing, Unreadable) and listing.entries:
                regular = [entry for entry in listing.entries if entry.regular]
                yield hold(footprint.DESKTOP, regular, "~/" + folder, Sweep(UNKNOWN), self.at)

    def _facts(self) -> Iterator[Fact]:
        yield self.tier
        yield self.provider
        if self.tier.value in footprint.CONSUMER:
            yield Fact(PERSONAL, True, State.INFERRED, self.tier.proof)
        yield usual_surface(self.sessions.surfaces, "cli")
        yield from self._version()
        yield from self._account()
        yield from self._settings()
        for name, position in self.switches.items():
            if not position.is_whole:
                yield position.as_fact(name)
        yield from self._problems()
        yield from self.account.flags

    def _version(self) -> Iterator[Fact]:
        if self.sessions.version is None:
            yield Fact("version", None, State.UNKNOWN, "no session file tells")
        else:
            yield Fact("version", self.sessions.version, State.MEASURED, "the newest session file:version")
        own = self.root != join(self.view.scope.home, ".claude")
        proof = f"environment:{footprint.CONFIG_DIR}" if own else footprint.DOC
        yield Fact("folder", self.shown_root, State.MEASURED if own else State.DEFAULT, proof)

    def _account(self) -> Iterator[Fact]:
        if self.account.problem:
            state = Fact("account.signed_in", None, State.UNKNOWN, f"{self.account.path}: {self.account.problem}")
        else:
            state = Fact("account.signed_in", self.account.is_signed_in, State.MEASURED, f"{self.account.path}:oauthAccount")
        yield state
        if self.account.is_signed_in:
            parent = f"{self.account.path}:oauthAccount"
            yield Fact("account.has_organization", self.account.organisation is not None, State.MEASURED, f"{parent}.organizationUuid")
            yield Fact("account.has_email", self.account.has_email, State.MEASURED, f"{parent}.emailAddress")
        if self.key is not None:
            yield from self._key(self.key)
        elif self.token is not None or self.account.is_signed_in:
            yield Fact("attribute.auth", "oauth", State.INFERRED, self.token.proof if self.token else f"{self.account.path}:oauthAccount")
        yield Fact("consent.training", None, State.UNKNOWN, "not stored on disk; tenure attest records what you say")

    def _key(self, key: Found) -> Iterator[Fact]:
        yield Fact("account.has_key", None if key.problem else True, State.UNKNOWN if key.problem else State.MEASURED, key.problem or key.proof)
        if key.problem or self.tier.value is None:
            yield Fact("attribute.auth", None, State.UNKNOWN, self.tier.proof)
        else:
            yield Fact("attribute.auth", "api_key", State.INFERRED, key.proof)

    def _settings(self) -> Iterator[Fact]:
        for name, words in footprint.SETTINGS.items():
            sources = self.layers.everywhere if name in footprint.NOT_FROM_PROJECT else self.layers.here
            found = lookup(sources, *name.split("."))
            if found is not None:
                yield setting_fact(name, found, words)
        retention = self.retention
        if retention.paused:
            yield Fact("sweep.days", None, State.UNKNOWN, f"paused: {retention.paused}")
        else:
            yield Fact("sweep.days", retention.days, State.DEFAULT if retention.is_default else State.MEASURED, retention.proof)
        yield self._cleanup_managed()
        for source in self.layers.everywhere:
            if source.layer == "managed" and not source.problem:
                yield Fact("policy", "managed", State.MEASURED, source.path)
        organisation = lookup(self.layers.all, "forceLoginOrgUUID")
        if organisation is not None and self.account.organisation is None:
            yield Fact("policy.login", None, State.UNKNOWN, f"{organisation.proof} demands an organisation, {self.account.path} names none")

    def _cleanup_managed(self) -> Fact:
        name, managed = "attribute.cleanup_managed", self.layers.managed
        if self.retention.is_managed:
            return Fact(name, "yes", State.MEASURED, self.retention.proof)
        if managed is not None and managed.problem:
            return Fact(name, None, State.UNKNOWN, f"{managed.path}: {managed.problem}")
        return Fact(name, "no", State.DEFAULT, "no managed settings set cleanupPeriodDays to a valid number")

    def _problems(self) -> Iterator[Fact]:
        for source in self.layers.all:
            if source.problem:
                yield Fact(f"settings.{source.layer}", None, State.UNKNOWN, f"{source.path}: {source.problem}")
        for source, found in misshapen(self.layers.all, footprint.HOLDERS):
            yield Fact(f"settings.{source.layer}", None, State.UNKNOWN, found.problem)
        if isinstance(self.listing, Unreadable):
            if not self.listing.is_absent:
                yield Fact("files", None, State.UNKNOWN, f"{self.shown_root}: {self.listing.reason}")
            return
        for problem in overlooked(self.listing, self.shown_root):
            yield Fact("files", None, State.UNKNOWN, problem)
        yield from _unread(self.sessions.all, self.shown_root)


def _rename(holding: Holding) -> Holding:
    return replace(holding, path=f"{holding.path} (Desktop)")


def _unread(sessions: Sequence[Session], root: str) -> Iterator[Fact]:
    reasons: dict[str, int] = {}
    for session in sessions:
        if session.problem:
            reasons[session.problem] = reasons.get(session.problem, 0) + 1
    for reason, count in sorted(reasons.items()):
        yield Fact("sessions", None, State.UNKNOWN, f"{root}/projects: {counted(count, 'session file')}: {reason}")
