"""Evidence: when a yes that a case states counts. The account is what counts; a case speaks where there is none yet, and then must bring its proof.

A yes needs the digest of the text that was shown and the answer that was preset. One of somebody who was erased here never counts: what they refused
was forgotten with them, so that they are asked again. A no counts always. Source: guarantee G8.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from tenure.records.case import Case, Consent

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
UNPROVEN = "text_sha256 and default_shown do not state the text that was shown and its preset answer"
ERASED = "somebody of that id was erased here and has not been asked since: tenure privacy set"


def counted(case: Case, *, is_known: bool, is_erased: bool) -> tuple[Case, str]:
    """Return a case in which each yes that does not count is one of which nothing is known, and why; empty = all of them count.

    Args:
        case: as it was given; its sources are looked at too.
        is_known: whether the account says what was consented to; then what the case says to it is left alone, as no yes of it is taken.
        is_erased: whether somebody of that id was erased.
    """
    found = [] if is_known else [each.name for each in case.consents or () if not _counts(each, is_erased)]
    consents = None if case.consents is None or is_known else _without(case.consents, is_erased)
    sources = None
    if case.derived_from is not None:
        looked_at = [counted(source, is_known=False, is_erased=is_erased) for source in case.derived_from]
        sources = tuple(source for source, _ in looked_at)
        found += [reason for _, reason in looked_at if reason]
    reason = "" if not found else f"a yes in the case does not count: {ERASED if is_erased else UNPROVEN}"
    return replace(case, consents=case.consents if is_known else consents, derived_from=sources), reason


def _without(consents: Iterable[Consent], is_erased: bool) -> tuple[Consent, ...]:
    return tuple(each if _counts(each, is_erased) else replace(each, value=None) for each in consents)


def _counts(consent: Consent, is_erased: bool) -> bool:
    is_proven = consent.text_sha256 is not None and _DIGEST.fullmatch(consent.text_sha256) is not None and consent.default_shown is not None
    return consent.value is not True or (is_proven and not is_erased)
