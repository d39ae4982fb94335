"""Decisions in bulk over plain cases: each malformed case answers for itself and spoils no other."""

from collections.abc import Iterable, Iterator

from tenure.errors import Error
from tenure.terms.cases import parse_case, render_decision
from tenure.terms.decide import Book, decide


def decide_plain(book: Book, value: object) -> dict[str, object]:
    """Decide one case in its plain form.

    Raises:
        TermsError: the case is malformed.
    """
    return render_decision(decide(book, parse_case(value)))


def decide_each(book: Book, values: Iterable[object]) -> Iterator[dict[str, object]]:
    """Decide cases in order; a malformed one yields `{"error": {...}}` in its place."""
    for value in values:
        try:
            yield decide_plain(book, value)
        except Error as error:
            yield render_error(error)


def render_error(error: Error) -> dict[str, object]:
    """Return an error in its plain form."""
    return {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
