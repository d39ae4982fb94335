"""What a browser posts: read strictly, taken only from a page of this very service, and only with the code of its session."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from tenure.console.sessions import Sessions
from tenure.errors import DataError
from tenure.server.reading import body_of

COOKIE = "__Host-tenure"
LARGEST = 16 * 1024
_MOST_FIELDS = 16
_KIND = "application/x-www-form-urlencoded"


def session_name(request: Request) -> str:
    """Return the name of the session that a request comes with; empty = none."""
    name = request.cookies.get(COOKIE, "")
    return name if len(name) <= 64 and name.isascii() else ""


async def form_of(request: Request, sessions: Sessions) -> Mapping[str, str]:
    """Return the fields of a form.

    Raises:
        DataError: another form, one from elsewhere, or one without the code of its session (`console/not-this-page`).
    """
    if not _is_from_here(request):
        raise _foreign("a form of this service, got one from elsewhere")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise _malformed(f"{_KIND}, got another type")
    try:
        text = (await body_of(request, LARGEST)).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise _malformed("fields of a form, found other bytes") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _malformed("each field once, got one twice")
    name = session_name(request)
    if not name or not sessions.is_code(name, fields.pop("code", "")):
        raise _foreign("the code that its page holds, got another or none")
    return fields


def _is_from_here(request: Request) -> bool:
    """Whether the browser says that a page of this origin sent it; a client that says nothing still needs cookie and code."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_same_host = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return site in (None, "same-origin") and is_same_host


def _foreign(expected: str) -> DataError:
    return DataError(f"form: expected {expected}", code="console/not-this-page", remedy="open the page again, and send its form from there")


def _malformed(expected: str) -> DataError:
    return DataError(f"form: expected {expected}", code="server/malformed")
