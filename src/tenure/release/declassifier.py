"""What a declassifier is, and its two answers: released figures, or none with a reason. Docs: docs/reference/derive.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenure.records.canonical import Plain, digest
from tenure.release.budget import Spending


@dataclass(frozen=True, slots=True)
class Declassifier:
    """One registered way to set derived data free.

    Attributes:
        name: stable.
        version: rises with each change of what it does.
        rule: what it does, in one sentence; part of its digest.
    """

    name: str
    version: int
    rule: str

    def digest(self, parameters: Mapping[str, int]) -> str:
        """Return `sha256:` of the declassifier with the parameters of one release."""
        stated: dict[str, Plain] = dict(parameters)
        return digest({"name": self.name, "version": self.version, "rule": self.rule, "parameters": stated})


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of whole numbers.

    Attributes:
        cells: label -> figure; what is suppressed is absent, its label too.
        total: distinct subjects over all cells; None = not asked for, or suppressed.
    """

    cells: Mapping[str, int]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Figures that are free, once `spent` is on record.

    Attributes:
        value: the figures; left out of the repr.
        declassifier: its name.
        version: its version.
        digest: of the declassifier with its parameters.
        parameters: numbers such as `k` or `micro_epsilon`.
        spent: what each subject was charged.
    """

    value: Figures = field(repr=False)
    declassifier: str
    version: int
    digest: str
    parameters: Mapping[str, int]
    spent: tuple[Spending, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is released, and nothing is charged.

    Attributes:
        reason: a stable word: `budget`, `difference`, `empty`, `not-permitted`, `subjects`.
        detail: the same in words, without names of subjects.
    """

    reason: str
    detail: str


Outcome = Released | Withheld
