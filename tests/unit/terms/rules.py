"""A small pack per rule: what the tests of reading are made of."""

from tenure.records.case import Case
from tenure.terms.cases import parse_case
from tenure.terms.decide import Book, decide, open_book
from tenure.terms.decision import Decision
from tenure.terms.parse import parse_pack

HEAD = """
schema = "tenure.pack/1"
agent = "probe"
title = "Probe"
vendor = "Nobody"
as_of = "2026-08-22"
known_to = "2026-10-10"
fresh_for = "P180D"
[[margin]]
until = "2026-01-01"
period = "P1D"
[[margin]]
period = "PT6H"
[vocabulary]
tiers = ["pro", "team", "api"]
providers = ["first_party", "bedrock"]
surfaces = ["cli", "web"]
features = ["chat", "web_session"]
copies = ["service", "compliance", "local"]
[vocabulary.attributes.contains]
values = ["nothing", "code"]
absent = "nothing"
[vocabulary.attributes.region]
values = ["eea", "other"]
[groups.tier]
commercial = ["team", "api"]
[variables.DISABLE_TELEMETRY]
grammar = "non_empty"
strictest = "on"
[variables.DO_NOT_TRACK]
grammar = "boolean"
strictest = "on"
[variables.SHARE]
grammar = "boolean"
strictest = "off"
aliases = ["OLD_SHARE"]
[settings.cleanupPeriodDays]
grammar = "days"
minimum = 1
default = "30"
strictest = "1"
[settings.desktopDays]
grammar = "days"
default = "0"
strictest = "1"
zero = "indefinite"
[settings.skip]
grammar = "boolean"
strictest = "on"
[settings.mode]
grammar = "word"
words = ["loud", "quiet"]
strictest = "quiet"
[settings."a.maxAge"]
grammar = "duration"
default = "30d"
strictest = "1d"
[consents.training]
by = ["subject"]
purposes = ["train_generative"]
after_withdrawal = "P30D"
new_or_resumed = true
[consents.dpp]
by = ["admin"]
purposes = ["train_generative"]
[consents.share]
by = ["subject"]
purposes = ["collect", "serve"]
after_withdrawal = "P0D"
[promises]
no_code = "no code"
no_paths = "no paths"
"""

KNOWN = {
    "agent": "probe",
    "kind": "prompt",
    "purpose": "serve",
    "collected_at": "2026-03-01T12:00:00Z",
    "asked_at": "2026-03-02T00:00:00Z",
    "tier": "pro",
    "provider": "first_party",
    "surface": "cli",
    "flags": [],
    "consents": [],
    "client_version": "2.1.0",
    "env": {},
    "settings": {},
    "safety_flagged": False,
}


def clause(name: str, **fields: object) -> str:
    """One clause in TOML; `when` is a mapping, `begins` and `ends` stand for from and until."""
    renamed = {{"begins": "from", "ends": "until"}.get(key, key): value for key, value in fields.items() if key != "when"}
    lines = [f'[[clause]]\nid = "{name}"\nrow = "-"\ntext = "-"\nsource = "page"']
    if "class" not in renamed:
        lines.append('class = "P"')
    lines += [f"{key} = {_toml(value)}" for key, value in {"kinds": "*", **renamed}.items()]
    when = fields.get("when")
    if isinstance(when, dict):
        lines.append("[clause.when]")
        lines += [f'"{key}" = {_toml(value)}' for key, value in when.items()]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return f'"{value}"'


def book(*clauses: str, confirmed: frozenset[str] = frozenset()) -> Book:
    """A book with one agent, `probe`."""
    return open_book([parse_pack((HEAD + "\n".join(clauses)).encode())], {"probe": confirmed})


def ask(of: Book, **changes: object) -> Decision:
    """Decide a case that is fully known but for the changes; None takes a key away."""
    plain = {key: value for key, value in {**KNOWN, **changes}.items() if value is not None}
    return decide(of, case(plain))


def case(plain: object) -> Case:
    """Parse a plain case."""
    return parse_case(plain)
