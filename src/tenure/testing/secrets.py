"""Made-up secrets: of the right shape, valid nowhere, from a seed. For measuring and testing what looks for secrets."""

import base64
import json
import random
import string
import zlib
from collections.abc import Callable, Mapping

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_URL = _BASE62 + "-_"
_HEX = "0123456789abcdef"


def _some(chance: random.Random, size: int, letters: str = _BASE62) -> str:
    return "".join(chance.choice(letters) for _ in range(size))


def _with_checksum(prefix: str, chance: random.Random) -> str:
    body, left, digits = _some(chance, 30), 0, ""
    left = zlib.crc32(body.encode())
    while left:
        left, digit = divmod(left, 62)
        digits = _BASE62[digit] + digits
    return prefix + body + digits.rjust(6, "0")


def _base64(chance: random.Random, size: int) -> str:
    return base64.b64encode(chance.randbytes(size)).decode()


def _jwt(chance: random.Random) -> str:
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": _some(chance, 10, string.digits), "iat": chance.randrange(10**9, 2 * 10**9)}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, _some(chance, 43, _URL)])


def _private_key(chance: random.Random) -> str:
    body = "\n".join(_base64(chance, 48) for _ in range(12))
    kind = chance.choice(["RSA ", "EC ", "OPENSSH ", ""])
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


def _password(chance: random.Random) -> str:
    """Return a password of the kind that people make up: a word, digits, a sign."""
    word = "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(3)).capitalize()
    return f"{word}{chance.randrange(100, 9999)}{chance.choice('!#%*+-_')}{_some(chance, 2, string.ascii_lowercase)}"


SECRETS: Mapping[str, Callable[[random.Random], str]] = {
    "aws key id": lambda chance: "AKIA" + _some(chance, 16, string.ascii_uppercase + "234567"),
    "aws secret": lambda chance: _some(chance, 40, _BASE62 + "/+"),
    "github classic": lambda chance: _with_checksum("ghp_", chance),
    "github fine-grained": lambda chance: f"github_pat_{_some(chance, 22)}_{_some(chance, 59)}",
    "gitlab": lambda chance: "glpat-" + _some(chance, 20, _URL),
    "anthropic": lambda chance: f"sk-ant-api03-{_some(chance, 93, _URL)}AA",
    "openai": lambda chance: f"sk-proj-{_some(chance, 74, _URL)}T3BlbkFJ{_some(chance, 74, _URL)}",
    "slack bot": lambda chance: f"xoxb-{_some(chance, 12, string.digits)}-{_some(chance, 13, string.digits)}-{_some(chance, 24)}",
    "stripe": lambda chance: "sk_live_" + _some(chance, 24),
    "google": lambda chance: "AIza" + _some(chance, 35, _URL),
    "npm": lambda chance: _with_checksum("npm_", chance),
    "pypi": lambda chance: "pypi-AgEIcHlwaS5vcmc" + _some(chance, 140, _URL),
    "huggingface": lambda chance: "hf_" + _some(chance, 34, string.ascii_letters),
    "sendgrid": lambda chance: f"SG.{_some(chance, 22, _URL)}.{_some(chance, 43, _URL)}",
    "digitalocean": lambda chance: "dop_v1_" + _some(chance, 64, _HEX),
    "telegram": lambda chance: f"{chance.randrange(10**9, 9 * 10**9)}:AA{_some(chance, 33, _URL)}",
    "azure storage": lambda chance: _base64(chance, 64),
    "jwt": _jwt,
    "private key": _private_key,
    "database url": lambda chance: f"postgres://svc:{_password(chance)}@db.internal.net:5432/app",
    "password": _password,
    "api key": lambda chance: _some(chance, 32, _HEX),
}
"""Kinds of secrets, each with what makes one."""

OTHERS: Mapping[str, Callable[[random.Random], str]] = {
    "docker hub": lambda chance: "dckr_pat_" + _some(chance, 27, _URL),
    "rubygems": lambda chance: "rubygems_" + _some(chance, 48, _HEX),
    "figma": lambda chance: "figd_" + _some(chance, 40, _URL),
    "square": lambda chance: "sq0csp-" + _some(chance, 43, _URL),
    "artifactory": lambda chance: "AKCp" + _some(chance, 69),
    "planetscale": lambda chance: "pscale_tkn_" + _some(chance, 43, _URL),
    "pulumi": lambda chance: "pul-" + _some(chance, 40, _HEX),
    "grafana": lambda chance: f"glsa_{_some(chance, 32)}_{_some(chance, 8, _HEX)}",
    "sentry": lambda chance: "sntryu_" + _some(chance, 64, _HEX),
    "netlify": lambda chance: "nfp_" + _some(chance, 36),
    "clojars": lambda chance: "CLOJARS_" + _some(chance, 60, _HEX),
    "typeform": lambda chance: f"tfp_{_some(chance, 44)}_{_some(chance, 14)}",
}
"""Kinds for which no built-in finder has a shape, chosen after those were written: what a scanner adds, and what is missed without one."""

ASSIGNED: Mapping[str, str] = {
    "aws secret": "AWS_SECRET_ACCESS_KEY",
    "azure storage": "AccountKey",
    "password": "DB_PASSWORD",
    "api key": "SERVICE_API_KEY",
}
"""Kinds that nothing tells from other text but the name that they are assigned to."""


def name_of(kind: str) -> str:
    """Return the name under which people write such a secret down."""
    return ASSIGNED.get(kind, kind.upper().replace(" ", "_").replace("-", "_") + "_VALUE")
