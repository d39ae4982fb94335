"""Adapter: a public page over HTTPS. The only place in the reading part of Tenure that makes a connection, and only when asked."""


MAX_BYTES = 8 * 1024 * 1024
TIMEOUT_S = 20


def fetch_page(url: str) -> bytes | None:
    """Return the content of a page of at most 8 MiB; None if it could not be had."""
    import http.client  # loaded when a page is fetched, not at every start
    import urllib.error
    import urllib.request

    if not url.startswith("https://"):
        return None
    request = urllib.request.Request(url, headers={"User-Agent": "tenure-terms-check", "Accept": "text/html, text/markdown, text/plain"})  # noqa: S310 - https only, checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - https only, checked above
            content: bytes = answer.read(MAX_BYTES + 1)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return None
    return content if len(content) <= MAX_BYTES else None
