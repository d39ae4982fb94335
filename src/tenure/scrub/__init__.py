"""Finding and replacing secrets and personal data inside transcript bytes. Pure.

A help, not a guarantee: docs/reference/scrub.md says what is missed.

    bytes -> view (escapes laid flat) -> Finder -> spans -> splice into the raw line

What is replaced lies inside a JSON string, so what could be parsed still can, and every byte outside of a span stays.
"""

from collections.abc import Mapping

from tenure.scrub.finder import Finder
from tenure.scrub.personal import Emails, Homes
from tenure.scrub.tokens import Assignments, Credentials, PrivateKeys, Tokens

FINDERS: Mapping[str, Finder] = {
    "tokens": Tokens(),
    "private-keys": PrivateKeys(),
    "credentials": Credentials(),
    "assignments": Assignments(),
    "emails": Emails(),
    "homes": Homes(),
}
"""What is always looked for, by name; another finder comes on top."""
