"""The built-in finders of personal data: e-mail addresses, and names of persons in the paths of their home folders."""

import re
from collections.abc import Sequence

from tenure.scrub.finder import Span
from tenure.scrub.tokens import places

_LOCAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"


class Emails:
    """Finds e-mail addresses, except those of machines and of documentation."""

    _DOMAIN = re.compile(rb"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6})([A-Za-z]{2,24})(?![A-Za-z0-9_(])")
    _LOCAL_NOBODY = frozenset({b"git", b"noreply", b"no-reply", b"hg"})
    _NO_DOMAIN = frozenset(
        b"png jpg jpeg gif svg webp ico js jsx ts tsx mjs cjs json css scss html md py rs go rb c h cc cpp lock toml yaml yml so whl tgz zip service "
        b"socket timer mount target invalid example localhost get post put patch delete".split()
    )
    _DOCUMENTATION = (b"example.", b"test.")

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where an address stands."""
        found = []
        for at in places(text, b"@"):
            head = text[max(0, at - 64) : at]
            local = head[len(head.rstrip(_LOCAL)) :].lstrip(b".-%+_")
            match = self._DOMAIN.match(text, at) if local else None
            if match is not None and not self._is_nobody(local.lower(), match[1].lower(), match[2].lower()):
                found.append(Span(at - len(local), match.end(), "email"))
        return found

    def _is_nobody(self, local: bytes, domain: bytes, ending: bytes) -> bool:
        return local in self._LOCAL_NOBODY or ending in self._NO_DOMAIN or domain.startswith(self._DOCUMENTATION)


class Homes:
    r"""Finds the NAME in `/home/NAME`, `/Users/NAME`, `C:\Users\NAME`, and in folder names made of such a path, `-home-NAME-`."""

    _UNIX = re.compile(rb"/(?:home|Users)/([A-Za-z0-9_][A-Za-z0-9._-]{0,255})(?![A-Za-z0-9._-])")
    _ROOTS = re.compile(rb"(?:/mnt/[a-z]|/var|/usr|/export|/host|/Data|(?<![A-Za-z0-9])[A-Za-z]:)$")
    _WINDOWS = re.compile(
        rb"[Uu]sers(?:[\\ ]{1,8}|(?=[\t\n\r]))([\t\n\r]?[A-Za-z0-9_][A-Za-z0-9._-]{0,255}(?: [A-Za-z0-9._-]{1,30}(?=\\))?)(?![A-Za-z0-9._-])"
    )
    _FOLDED = re.compile(rb"-(?:home|Users)-([A-Za-z0-9_]{1,63})(?=[-/\"'\s\\])")
    _NOBODY = re.compile(rb"user-\d{1,6}$|(?:Shared|Public|Default|NAME|USER|USERNAME|user|username|you|name)$|[._-]+$")

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where the name of a person stands."""
        found = []
        for literal, pattern, root in (
            (b"/home/", self._UNIX, True),
            (b"/Users/", self._UNIX, True),
            (b":\\\\Users", self._WINDOWS, False),
            (b":\\Users", self._WINDOWS, False),
            (b":\\\\\\\\Users", self._WINDOWS, False),
            (b"-home-", self._FOLDED, False),
            (b"-Users-", self._FOLDED, False),
        ):
            for at in places(text, literal):
                if root and text[at - 1 : at].isalnum() and not self._ROOTS.search(text[max(0, at - 7) : at]):
                    continue
                if root and text[at - 1 : at] == b":" and not self._ROOTS.search(text[max(0, at - 7) : at]):
                    continue
                match = pattern.search(text, at, at + len(literal) + 300)
                if match is not None and match.start() <= at + len(literal) and not self._NOBODY.match(match[1].rstrip(b".")):
                    start, end = match.span(1)
                    found.append(Span(start, end - (len(match[1]) - len(match[1].rstrip(b"."))), "home"))
        return found
