"""What Claude Code on this machine is set to, as far as it decides which services are on: variables, settings, provider, policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenure.agents.claude_code.footprint import ID, SURFACES
from tenure.agents.claude_code.layers import read_layers, root_of
from tenure.agents.settings import lookup
from tenure.agents.switches import Variables
from tenure.agents.view import View
from tenure.client import opt_outs
from tenure.client.opt_outs import Account, Provider, Service, Settings
from tenure.client.service import Block
from tenure.records.kinds import Flag
from tenure.services.audit import Attestations

ENTRYPOINT = "CLAUDE_CODE_ENTRYPOINT"
_RATE = "feedbackSurveyRate"


@dataclass(frozen=True, slots=True)
class Presence:
    """What decides.

    Attributes:
        env: the variables that count, settings files before the process's own; a malformed one counts as set.
        settings: the person's.
        provider: who serves the model.
        account: whose policy applies, as far as the person has said so: the service knows the rest, and refuses by it.
        surface: where the client runs; None = not told.
    """

    env: Mapping[str, str]
    settings: Settings
    provider: Provider
    account: Account
    surface: str | None

    @property
    def on(self) -> frozenset[Service]:
        """The services that are on."""
        return opt_outs.services_on(self.env, self.settings, self.provider, self.account)

    def why_off(self, service: Service) -> str:
        """Say what switches a service off."""
        return opt_outs.why_off(service, self.env, self.settings, self.provider, self.account)

    def case(self, version: str | None) -> Block:
        """Return what the client says about itself."""
        env = dict.fromkeys(opt_outs.variables_on(self.env), "1")
        case: Block = {"surface": self.surface or "cli", "env": env, "settings": {}}
        return case if version is None else {**case, "client_version": version}


def presence(view: View, folder: str, said: Attestations, *, uploads: bool) -> Presence:
    """Return what decides in a folder.

    Args:
        view: the machine, with the environment of the client or of the person's terminal.
        folder: the working folder.
        said: what the person attested.
        uploads: whether the person has agreed to keep sessions with the service.
    """
    layers = read_layers(view, root_of(view), [folder] if folder.startswith("/") else [])
    sources = tuple(source for source in (layers.managed, *layers.folders.get(folder, ()), layers.user) if source is not None)
    found = Variables(view, sources, "env")
    values = {name: value.value for name in opt_outs.variables() if (value := found.get(name)) is not None}
    env = {name: value if isinstance(value, str) else "1" for name, value in values.items()}
    rate = lookup(sources, _RATE)
    known = rate is None or isinstance(rate.value, str | int | float)
    settings = Settings(feedback_survey_rate=None if rate is None else rate.value if known else "malformed", share_sessions=uploads)  # type: ignore[arg-type]  # of a known type
    account = Account(tier=_tier(said), flags=frozenset(flag for flag in Flag if _value(said, f"flag.{flag}") is True))
    return Presence(env, settings, opt_outs.provider_of(env, account), account, SURFACES.get(view.variable(ENTRYPOINT) or ""))


def _tier(said: Attestations) -> str | None:
    value = _value(said, "tier")
    return value if isinstance(value, str) else None


def _value(said: Attestations, fact: str) -> object:
    found = said.get(f"{ID}/{fact}")
    return None if found is None else found.value
