"""The shapes of tokens whose makers gave them a prefix. Written from the makers' own documentation; patterns are bounded and start at a literal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

RUN = 20
LEAD = 8
_WORD = rb"(?<![A-Za-z0-9_])"
_BASE64 = rb"(?<![A-Za-z0-9+/_-])"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape.

    Attributes:
        rule: name of what it finds.
        literals: the text is searched for these; the pattern is tried where one stands.
        pattern: tried at the literal; its group, where it has one, is what is replaced.
        before: how many bytes of the token may stand in front of the literal.
        has_run: what it finds has `RUN` or more letters, digits, `_` and `-` on end, which begin at the literal or at most
            `LEAD` bytes behind its start.
    """

    rule: str
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    before: int = 0
    has_run: bool = True


def _shape(rule: str, literals: Sequence[bytes], pattern: bytes, *, before: int = 0, has_run: bool = True) -> Shape:
    return Shape(rule, tuple(literals), re.compile(pattern), before, has_run)


SHAPES: tuple[Shape, ...] = (
    _shape("aws-key-id", (b"AKIA", b"ASIA"), _BASE64 + rb"A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9+/])"),
    _shape("github-token", (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"), rb"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _shape("github-token", (b"github_pat_",), rb"github_pat_[A-Za-z0-9_]{22,255}"),
    _shape("gitlab-token", (b"glpat-", b"gldt-", b"glrt-"), rb"gl(?:pat|dt|rt)-[A-Za-z0-9_-]{20,300}"),
    _shape("anthropic-key", (b"sk-ant-",), rb"sk-ant-[A-Za-z0-9_-]{20,200}"),
    _shape("openai-key", (b"sk-proj-", b"sk-svcacct-", b"sk-admin-"), rb"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,220}"),
    _shape("api-key", (b"sk-",), _WORD + rb"sk-(?!ant-|proj-)(?=[A-Za-z_-]{0,60}[0-9])(?:[a-z]{2,6}-(?:v[0-9]-)?)?[A-Za-z0-9]{30,128}"),
    _shape(
        "slack-token",
        tuple(b"xox" + kind for kind in (b"b-", b"p-", b"a-", b"r-", b"s-", b"e-", b"e.")),
        rb"xox[abeprs][-.](?:xox[bp]-)?[A-Za-z0-9-]{15,300}",
    ),
    _shape("slack-token", (b"xapp-",), rb"xapp-[0-9]-[A-Za-z0-9-]{20,200}"),
    _shape("webhook", (b"hooks.slack.com/",), rb"hooks\.slack\.com/((?:services|workflows)/[A-Za-z0-9_/]{20,200})", has_run=False),
    _shape("webhook", (b"/api/webhooks/",), rb"/api/webhooks/([0-9]{17,20}/[A-Za-z0-9_-]{60,90})", has_run=False),
    _shape("stripe-key", (b"k_live_", b"k_test_"), _WORD + rb"[srp]k_(?:live|test)_[A-Za-z0-9]{16,128}", before=1),
    _shape("stripe-key", (b"whsec_",), rb"whsec_[A-Za-z0-9+/]{24,64}={0,2}", has_run=False),
    _shape("google-key", (b"AIza",), rb"AIza[A-Za-z0-9_-]{35}"),
    _shape("google-key", (b"GOCSPX-",), rb"GOCSPX-[A-Za-z0-9_-]{24,40}"),
    _shape("google-token", (b"ya29.",), rb"ya29\.[A-Za-z0-9_-]{20,500}"),
    _shape("npm-token", (b"npm_",), rb"npm_[A-Za-z0-9]{36}"),
    _shape("pypi-token", (b"pypi-AgE",), rb"pypi-AgE[A-Za-z0-9_-]{50,500}"),
    _shape("huggingface-token", (b"hf_",), _WORD + rb"hf_[A-Za-z0-9]{30,60}"),
    _shape("sendgrid-key", (b"SG.",), _WORD + rb"SG\.[A-Za-z0-9_-]{20,32}\.[A-Za-z0-9_-]{16,64}"),
    _shape("digitalocean-token", (b"dop_v1_", b"doo_v1_", b"dor_v1_"), rb"do[opr]_v1_[a-f0-9]{64}"),
    _shape("shopify-token", (b"shpat_", b"shpca_", b"shppa_", b"shpss_"), rb"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _shape("databricks-token", (b"dapi",), _WORD + rb"dapi[a-f0-9]{32}(?:-[0-9])?"),
    _shape("linear-key", (b"lin_api_",), rb"lin_api_[A-Za-z0-9]{32,48}"),
    _shape("notion-token", (b"ntn_",), _WORD + rb"ntn_[A-Za-z0-9]{40,60}"),
    _shape("postman-key", (b"PMAK-",), rb"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _shape("atlassian-token", (b"ATATT3",), rb"ATATT3[A-Za-z0-9_=-]{60,250}"),
    _shape("vault-token", (b"hvs.", b"hvb."), _WORD + rb"hv[sb]\.[A-Za-z0-9_-]{24,300}"),
    _shape("groq-key", (b"gsk_",), _WORD + rb"gsk_[A-Za-z0-9]{40,60}"),
    _shape("xai-key", (b"xai-",), _WORD + rb"xai-[A-Za-z0-9]{60,90}"),
    _shape("perplexity-key", (b"pplx-",), _WORD + rb"pplx-[A-Za-z0-9]{40,60}"),
    _shape("replicate-token", (b"r8_",), _WORD + rb"r8_[A-Za-z0-9]{36,44}"),
    _shape("newrelic-key", (b"NRAK-",), rb"NRAK-[A-Z0-9]{27}"),
    _shape("mailgun-key", (b"key-",), _WORD + rb"key-[a-f0-9]{32}(?![A-Za-z0-9])"),
    _shape("twilio-key", (b"SK",), _WORD + rb"SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    _shape("telegram-token", (b":AA",), rb"(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])", before=10),
    _shape("azure-key", (b"AccountKey=", b"SharedAccessKey="), rb"(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,100}={0,2})", has_run=False),
    _shape("azure-signature", (b"sig=",), rb"(?<=[?&; ])sig=([A-Za-z0-9%+/_-]{30,120}={0,2})", has_run=False),
    _shape("azure-client-secret", (b"Q~",), rb"(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34}", before=4, has_run=False),
    _shape("age-key", (b"AGE-SECRET-KEY-1",), rb"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _shape("jwt", (b"eyJ",), _BASE64 + rb"eyJ[A-Za-z0-9_-]{17,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}"),
)
"""High precision: each match is taken for a secret as it stands."""
