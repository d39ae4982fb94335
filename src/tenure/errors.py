"""The exception tree. A denial is a value, never an exception.

    Error (the root, never raised itself)
     ├── TermsError      a pack, a clause or a case cannot be read
     ├── DataError       a value is outside of what a function takes
     ├── AgentError      a file of a coding agent cannot be understood
     ├── VaultError      a store cannot be opened, written or read as asked
     ├── IntegrityError  something stored is not what was stored
     └── ConfigError     Tenure's own configuration or state cannot be used

Every error has a stable `code`, listed in docs/reference/errors.md, and a message of one sentence: *where: what was expected, what was
found*. A message holds names, sizes and digests only; never content, never a secret.
"""


class Error(Exception):
    """Anything that Tenure could not do.

    Attributes:
        code: stable name such as `terms/unknown-purpose`.
        message: one sentence: where, what was expected, what was found.
        remedy: what the reader can do about it; may be empty.
    """

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class TermsError(Error):
    """A pack, a clause or a case cannot be read."""

    default_code = "terms/invalid"


class DataError(Error):
    """A value is outside of what a function takes."""

    default_code = "data/invalid"


class AgentError(Error):
    """A file of a coding agent cannot be understood."""

    default_code = "agent/unreadable"


class VaultError(Error):
    """A store cannot be opened, written or read as asked."""

    default_code = "vault/failed"


class IntegrityError(Error):
    """Something stored is not what was stored."""

    default_code = "integrity/broken"


class ConfigError(Error):
    """Tenure's own configuration or state cannot be used."""

    default_code = "config/invalid"
