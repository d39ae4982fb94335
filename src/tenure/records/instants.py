"""Instants as text: ISO 8601 with an offset, in UTC."""

from datetime import UTC, datetime


def parse_time(text: str) -> datetime:
    """Parse an instant with its offset, such as `2025-08-29T00:00:00Z`, into UTC.

    Raises:
        ValueError: not such an instant, or without an offset.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return at.astimezone(UTC)


def render_time(at: datetime) -> str:
    """Return an instant as `2025-08-29T00:00:00Z`, with fractions of a second only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
