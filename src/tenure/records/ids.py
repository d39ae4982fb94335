"""Ids of persons, organisations and sessions: one rule for all of them, and one form, so that what reads alike is one id.

Source: Unicode Standard Annex 15, normalisation form C.
"""

import unicodedata

LONGEST = 200
"""Characters of an id, at most."""


def normal_id(text: str) -> str:
    """Return an id in its one form: é is one character, however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def id_fault(text: object) -> str:
    """Return what is wrong with an id, as the end of `expected an id of 1 to 200 printable characters, got`; empty = nothing is."""
    if not isinstance(text, str):
        return "another value"
    if not text:
        return "an empty one"
    if len(normal_id(text)) > LONGEST:
        return f"{len(normal_id(text))} characters"
    if not text.isprintable():
        return "a character that does not print"
    return "" if text == text.strip() else "a space at its beginning or end"
