"""Secrets found by Kingfisher, a scanner with hundreds of rules.

It runs in this process and makes no connection: what it finds is never validated.
"""

import importlib
import re
from collections.abc import Sequence
from typing import Any

from tenure.errors import ConfigError
from tenure.scrub.finder import Span

_ENDS = bytes(32 if byte > 127 or byte == ord("&") else byte for byte in range(256))
_OTHER = re.compile(r"[^a-z0-9]+")
_WHITE = b" \t\r\n"


class KingfisherFinder:
    """Finds secrets by the rules that come with Kingfisher.

    Args:
        cache: an absolute folder for its compiled rules, which take seconds to compile; None = compile them in memory each time.

    Raises:
        ConfigError: Kingfisher is not installed.
    """

    def __init__(self, cache: str | None = None) -> None:
        sdk = _load("kingfisher_sdk")
        self._scanner = sdk.Scanner(sdk.Rules(cache=cache is not None, cache_dir=cache), base64=False)

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where one of its rules matches."""
        # its rules do not know that & or a letter that is not ASCII ends a token; same length, so that the offsets stay
        found = self._scanner.scan(text.translate(_ENDS))
        spans = {_span(text, finding) for finding in found if finding.visible}
        return sorted((span for span in spans if span is not None), key=lambda span: (span.start, span.end, span.rule))


def _span(text: bytes, finding: Any) -> Span | None:  # the SDK is loaded at run time
    start, end = finding.location["start_offset"], finding.location["end_offset"]
    value = text[start:end]
    start, end = start + len(value) - len(value.lstrip(_WHITE)), end - (len(value) - len(value.rstrip(_WHITE)))
    rule = _OTHER.sub("-", finding.rule_id.lower().rpartition("/")[2].removeprefix("betterleaks.").removeprefix("kingfisher.")).strip("-")
    return Span(start, end, rule or "secret") if start < end else None


def _load(name: str) -> Any:  # loaded at run time: it is an extra
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = "scrub: expected the scanner Kingfisher, found none"
        raise ConfigError(message, code="config/no-scanner", remedy="pip install 'tenure[scan]'") from error
