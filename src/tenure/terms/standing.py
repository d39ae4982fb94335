"""On what a row of the terms rests."""

from enum import StrEnum


class Standing(StrEnum):
    """On what a row rests. What rests on a third party only tightens until a person confirms it."""

    PAGE = "P"
    REPOSITORY = "R"
    POLICY = "C"
    THIRD_PARTY = "T"
