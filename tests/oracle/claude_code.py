"""Claude Code's terms as straight code, to be held next to the tables of the facts, section by section.

Written from the facts alone, by someone who has seen neither the pack nor the code that reads it. `terms(c, purpose)` judges one known case; the rest
(unknown keys, uncertain dates, expiry, derived data) is in `naive`. A comment `# choice:` marks where the facts leave one.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.oracle import naive
from tests.oracle.naive import Answer, Reader, Rules

CONSUMER = ("free", "pro", "max")
COMMERCIAL = ("team", "enterprise", "api", "gov")
CONTENT = ("prompt", "output", "code", "transcript")


def terms(c: Reader, purpose: str) -> Answer:
    answer = of_kind(c, purpose)
    # choice: where no period is stated, the 30 days after a withdrawal of the setting are the one that is (terms.md 16.8)
    if answer.keep is None and c.kind in (*CONTENT, "web_session", "repository_file"):
        return replace(answer, also=withdrawal(c))
    return answer


def of_kind(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind == "local_transcript":
        return local_transcript(c, purpose)
    if kind == "local_prompt_history":
        return local_prompt_history(c)
    if kind == "feedback_draft":
        return feedback_draft(c, purpose)
    if c.copy == "local":
        return local_transcript(c, purpose) if kind in CONTENT else Answer("deny")  # the rest exists as the service's copy alone
    if c.copy == "compliance":
        return compliance_copy(c, purpose) if kind in CONTENT else Answer("deny")
    if kind in CONTENT:
        return content(c, purpose)
    if kind == "web_session":
        return web_session(c, purpose)
    if kind == "repository_file":
        return repository_file(c, purpose)
    if kind == "feedback_report":
        return feedback_report(c, purpose)
    if kind == "survey_rating":
        return survey_rating(c, purpose)
    if kind == "survey_transcript":
        return survey_transcript(c, purpose)
    if kind == "usage_metric":
        return usage_metric(c, purpose)
    if kind == "error_report":
        return error_report(c, purpose)
    if kind == "webfetch_hostname":
        return webfetch_hostname(c, purpose)
    if kind == "contribution_metric":
        return contribution_metric(c, purpose)
    if kind == "classifier_score":
        return classifier_score(c, purpose)
    if kind == "derived_signal":
        return derived_signal(c)
    return Answer("deny")


# --- who is who: terms.md 6, 14; terms-others.md 2 (HIPAA)


def is_consumer(c: Reader) -> bool:
    # A cloud or a gateway is used under the customer's own commercial agreement. Before 2025-08-28 everybody is under the commercial terms.
    return c.tier in CONSUMER and c.provider == "first_party" and c.since("2025-08-28")


def is_zdr_login(c: Reader) -> bool:
    """Whether the request signs in to an organisation with zero retention, directly at the vendor."""
    # Per organisation, at first by its own API key: a personal tier or another login has the standard terms (terms.md 6, 2025-07-10, 2026-07-16).
    return c.flag("zdr") and c.tier in COMMERCIAL and c.provider == "first_party" and not c.flag("zdr_other_login")


def has_zdr(c: Reader) -> bool:
    """Whether nothing of this case may be kept."""
    if not is_zdr_login(c) or not c.since("2025-07-10"):
        return False
    if c.since("2026-02-27"):
        return c.feature not in ("claude_ai_chat", "cowork")  # standard retention
    # "Via API key" until then. choice: a login that is not stated may be one
    return c.tier == "api" or c.attribute("auth") != "oauth"


def has_accepted_retention(c: Reader) -> bool:
    """terms-others.md 2: a workspace of a zero-retention organisation that accepted 30 days for the models that need it."""
    return c.attribute("covered_workspace") == "accepted" and c.since("2026-07-10")


def is_refused_by_zdr(c: Reader) -> bool:
    """What zero retention switches off at the back end: terms.md 6."""
    feature, surface = c.feature, c.surface
    if feature in ("ios_simulator", "ultrareview"):  # undated rows: taken as in force throughout
        return True
    if feature == "contribution_metrics":
        return c.since("2026-02-06")
    if feature == "web_session" or surface == "web":
        return c.since("2026-02-27")
    if feature == "code_review" or surface == "code_review":
        return c.since("2026-03-09")
    if feature == "remote_control" or surface == "remote_control":
        # choice: the administrator's switch has been greyed out since 2026-03-18, the page says so on 2026-07-14; the earlier one counts
        return c.since("2026-03-18")
    if feature == "web_setup":
        return c.since("2026-04-08")
    if feature == "artifact":
        return c.since("2026-06-18")
    if feature == "self_hosted" or surface == "self_hosted":
        return c.since("2026-08-07")
    if feature == "compliance_api":
        return c.since("2026-08-11..2026-08-14")
    return False


def is_refused_by_hipaa(c: Reader) -> bool:
    """What a HIPAA organisation cannot use, with the whole session where the client is too old."""
    if not c.flag("hipaa"):
        return False
    # choice: applies to every tier that states the flag
    if c.since("2026-10-05"):
        if not c.version("2.1.285"):
            return True
        # choice: the agreement covers the CLI and the Code tab of Desktop; what is "not covered" is refused, not merely without the agreement
        if c.surface not in ("cli", "desktop") or c.provider != "first_party" or c.feature in ("cowork", "claude_ai_chat"):
            return True
        if c.feature in ("web_session", "web_setup", "remote_control", "code_review", "ultrareview", "self_hosted", "artifact"):
            return True
    if c.feature == "ios_simulator" or (c.feature == "compliance_api" and c.since("2026-08-11..2026-08-14")):
        return True
    return c.feature == "artifact" and c.since("2026-06-18")


def is_refused_by_switches(c: Reader) -> bool:
    """terms.md 6 (artifacts, CMEK) and 10 (remote control and artifacts under the opt-outs)."""
    if c.feature == "artifact":
        if c.flag("cmek") and c.since("2026-06-18"):
            return True
        if c.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") == "on":
            return True
    if c.feature == "remote_control" or c.surface == "remote_control":
        if c.setting("disableRemoteControl") is True and c.since("2026-05-05"):
            return True
        # choice: "documented" dates do not limit an opt-out, so no flags means no remote control at any date
        if c.env("DISABLE_TELEMETRY") == "on" or c.env("DO_NOT_TRACK") == "on" or c.env("DISABLE_GROWTHBOOK") == "on":
            return True
        return c.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") == "on" and c.since("2026-07-28")
    return False


def is_refused(c: Reader) -> bool:
    """Whether the request as a whole is refused, so that nothing of it may be taken, kept or used."""
    if is_refused_by_hipaa(c) or is_refused_by_switches(c):
        return True
    if is_zdr_login(c):
        if is_refused_by_zdr(c):
            return True
        # Models that need retention are refused on the server for such organisations, unless 30 days were accepted for the workspace.
        return c.model_class == "covered" and c.since("2026-06-09") and not has_accepted_retention(c)
    return False


# --- prompts, outputs, code, transcripts at the service: terms.md 1, 2, 3, 6, 7, 13


def content(c: Reader, purpose: str) -> Answer:
    keep, also = content_keep(c)
    if not c.since("2025-02-22"):
        return Answer("deny", keep, also)
    hold = content_hold(c)
    opens = ("safety", "train_safety")
    if is_refused(c):
        return Answer("deny", keep, also, hold, opens)
    return Answer(content_use(c, purpose), keep, also, hold, opens)


def content_keep(c: Reader) -> tuple[str | None, tuple[Any, ...]]:
    """terms.md 3, with what zero retention, a covered model and a deletion by the user make of it."""
    also: tuple[Any, ...] = ()
    if not c.since("2025-08-28"):
        # choice: "~2024-25" of the 30 days is some day of 2024
        if c.since("~2024"):
            keep = "P30D"
        elif c.since("2023->"):
            keep = "P90D" if c.tier in CONSUMER else "P28D"
        else:
            keep, also = None, ()
    else:
        keep, also = account_keep(c)
    # choice: the day of the deletion is not known here, so that of collection counts
    if c.attribute("deleted_by_user") == "yes" and c.since("~2024"):
        keep, also = naive.shortest([keep, "P30D"]), ()
    # Kept 30 days whatever the platform and the agreement (2026-06-09), refused for such an organisation or not.
    if has_zdr(c) and not (c.model_class == "covered" and c.since("2026-06-09")):
        return "P0D", ()
    return keep, also


def account_keep(c: Reader) -> tuple[str, tuple[Any, ...]]:
    """The period of the account from 2025-08-28 on."""
    # choice: DPP material is kept like the rest, 30 days; its two years rest on a third party and nobody confirmed them
    if c.tier not in CONSUMER or c.provider != "first_party" or c.consent("training") != "on" or not c.covers_session("training"):
        return "P30D", ()
    # A third party's word, which may shorten.
    if c.feature == "incognito" and c.since("2026-09-10"):
        return "P30D", ()
    return "P5Y", withdrawal(c)


def withdrawal(c: Reader) -> tuple[Any, ...]:
    """What is held falls to 30 days from the withdrawal of the setting, if that is sooner (terms.md 16.8)."""
    withdrawn = c.withdrawn_at("training")
    return () if withdrawn is None else (("P30D", withdrawn),)


def content_hold(c: Reader) -> str | None:
    # The copy that says so before the page of 2026-02-27 is undated, so it holds nothing.
    if c.safety_flagged and c.since("2026-02-27"):
        return "P2Y"
    # choice: where a flagged session is also under investigation, the shorter of the two counts; "until closed" is stated and has no limit
    return "indefinite" if is_investigated(c) else None


def is_investigated(c: Reader) -> bool:
    return c.attribute("investigation") == "open" and c.model_class == "covered" and c.tier in COMMERCIAL and c.since("2026-06-09")


def content_use(c: Reader, purpose: str) -> str:
    is_deleted = c.attribute("deleted_by_user") == "yes"
    if purpose == "collect":
        # Foundry hosted on Azure: only usage metadata and flagged content leave it.
        if c.provider == "foundry" and c.since("2026-07-17") and c.hosting == "azure" and not c.safety_flagged:
            return "deny"
        return "permit"
    if purpose == "serve":
        # choice: gone from history at once when the user deletes it, so it serves no more, nor improves or trains
        return "deny" if is_deleted else "permit"
    if purpose == "improve":
        # "Associated conversation data" is feedback in the research preview; the page of 2025-07-10 does not say it again.
        # choice: not of a third-party platform, whose terms are its own
        return "permit" if not c.since("2025-07-10") and c.provider == "first_party" and not is_deleted else "deny"
    if purpose == "safety":
        return "permit" if (c.safety_flagged and c.since("2026-02-27")) or is_investigated(c) else "deny"
    if purpose == "train_safety":
        # choice: the sentence stands in the consumer help centre, so it reaches consumers only
        return "permit" if c.safety_flagged and is_consumer(c) else "deny"
    if purpose == "train_generative":
        return content_training(c)
    return "deny"  # debug: no row


def content_training(c: Reader) -> str:
    if c.feature == "incognito":  # a third party's word, which may tighten
        return "deny"
    if c.attribute("deleted_by_user") == "yes":  # choice: what the user deleted trains nothing
        return "deny"
    # Trusted testers: a third party's word, which may not loosen.
    if is_consumer(c):
        if c.consent("training") == "on" and c.covers_session("training"):
            return c.run_allowed("training")
        return "deny"
    # The partner programme (terms.md 1, 2025-08-28 commercial: Team, Enterprise, API; terms.md 2: the vendor's own API, not the clouds')
    if c.tier not in COMMERCIAL or c.provider != "first_party" or not c.since("2025-07-10"):
        return "deny"
    # choice: a flag that a member opted in spoils the enrolment even beside the flag of the enrolment
    if c.flag("dpp_by_member") or not (c.flag("dpp") or c.consent("dpp") == "on"):
        return "deny"
    # ZDR is not eligible, and chat apps are not part of it (third party, tightening).
    if c.flag("zdr") or c.feature in ("claude_ai_chat", "cowork"):
        return "deny"
    if c.since("2026-10-02") and c.attribute("billing") == "invoiced":
        return "deny"
    # The flag states the enrolment; a consent on record that does not count is none (design 0001, rule 5), a refusal is one.
    if c.consent("dpp") == "off":
        return "deny"
    return c.run_allowed("dpp")


def compliance_copy(c: Reader, purpose: str) -> Answer:
    """terms-others.md 2: local sessions of an Enterprise stored for compliance."""
    if not c.since("2026-08-11..2026-08-14"):
        return Answer("deny")
    if c.attribute("compliance_api") != "on" or c.tier != "enterprise" or c.provider != "first_party":
        return Answer("deny")
    # choice: remote control runs on the person's machine too, but only CLI, Desktop, IDE and Cowork, which runs in Desktop, are named
    if c.surface not in ("cli", "desktop", "ide") or c.feature == "web_session":
        return Answer("deny")
    if is_zdr_login(c) or c.flag("hipaa") or c.attribute("auth") == "console_key":
        return Answer("deny")
    # choice: the organisation's own period is not known here, so nothing is stated
    keep = "P6Y" if c.attribute("compliance_period") == "default" else None
    return Answer("permit" if purpose == "collect" and not is_refused(c) else "deny", keep)


# --- cloud execution: terms.md 12, 3


def web_session(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-10-20"):
        return Answer("deny")
    keep, also = cloud_keep(c)
    if c.attribute("deleted_by_user") == "yes":
        # All products: 30 days at the back end. Deleting a cloud session removes its data for good. choice: a hold goes on.
        keep, also = "P0D" if c.since("2026-02-27") or keep == "P0D" else "P30D", ()
    # choice: no page says that cloud sessions run for a third-party provider; their period is that of the account all the same
    if c.provider != "first_party":
        return Answer("deny", keep, also)
    hold = "P2Y" if c.safety_flagged and c.since("2026-02-27") else None
    # choice: the hold and the safety uses of flagged sessions reach their stored transcript
    return Answer("deny" if is_cloud_refused(c) else web_session_use(c, purpose), keep, also, hold, ("safety", "train_safety"))


def web_session_use(c: Reader, purpose: str) -> str:
    if purpose == "collect":
        return "permit"
    if purpose == "safety":
        return "permit" if c.safety_flagged and c.since("2026-02-27") else "deny"
    # choice: what an enrolled organisation shares are its sessions' tokens, of stored cloud sessions nothing is said
    if purpose == "train_generative" and c.tier not in CONSUMER:
        return "deny"
    return content_use(c, purpose)


def cloud_keep(c: Reader) -> tuple[str, tuple[Any, ...]]:
    """What is held follows the account (2025-10-20, 2026-01-07); nothing for an organisation with zero retention, which has no cloud sessions."""
    return ("P0D", ()) if has_zdr(c) else account_keep(c)


def is_cloud_refused(c: Reader) -> bool:
    if is_refused(c) or (is_zdr_login(c) and c.since("2026-02-27")):
        return True
    return c.flag("hipaa") and c.since("2026-10-05")


def repository_file(c: Reader, purpose: str) -> Answer:
    # Only a cloud session clones a repository; nothing is said of any other.
    if not c.since("2025-10-20") or (c.surface not in ("web", "mobile") and c.feature != "web_session"):
        return Answer("deny")
    keep, also = repository_keep(c)
    if c.provider != "first_party" or is_file_refused(c):
        return Answer("deny", keep, also)
    if purpose == "serve" and c.attribute("deleted_by_user") == "yes" and c.attribute("vm_disk") == "clone" and c.since("2026-02-27"):
        return Answer("deny", keep, also)
    # choice: to serve is what the clone is for; training on files at rest is not stated
    return Answer("permit" if purpose in ("collect", "serve") else "deny", keep, also)


def repository_keep(c: Reader) -> tuple[str | None, tuple[Any, ...]]:
    if c.attribute("vm_disk") == "snapshot":
        # choice: "about 7 days" is 7 days; before the page names the snapshot nothing is stated
        period = "P7D" if c.since("2026-04-16") else None
        return ("P0D" if has_zdr(c) and c.since("2026-02-27") else period), ()
    # choice: one page dropped the deletion on completion on 2026-01-07, another kept it until 2026-07-28; until then it is gone with the session
    if not c.since("2026-07-28"):
        return "P0D", ()
    # choice: what a deleted session had cloned goes with its event data
    return ("P0D", ()) if c.attribute("deleted_by_user") == "yes" else cloud_keep(c)


def is_file_refused(c: Reader) -> bool:
    if is_cloud_refused(c):
        return True
    if (c.surface == "self_hosted" or c.feature == "self_hosted") and c.since("2026-08-07"):
        return True
    if c.attribute("vm_disk") == "snapshot" and not c.since("2026-04-16"):
        return True
    # choice: only the repository that the session was started in is ever stated; an attached one from the day that it is named
    if c.attribute("repository") == "connected":
        return True
    if c.attribute("repository") == "attached" and not c.since("2026-07-15"):
        return True
    return c.attribute("file_class") == "uncommitted_credential" and c.attribute("checkout") == "main" and c.since("2026-08-29")


# --- feedback: terms.md 4, 1, 9, 10


def feedback_report(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-02-22"):
        return Answer("deny")
    keep = "P5Y" if c.since("2025-10-17T18:01Z") else "P30D"
    if is_column_contradicted(c):
        return Answer("deny", keep)
    if c.attribute("screen") != "command" and (not c.since("2026-08-24..2026-08-28") or is_draft_absent(c) or carries_too_much(c)):
        return Answer("deny", keep)  # a draft that was sent goes the same way, under its own conditions
    # A third-party provider, or no credential of the vendor: nothing leaves; from 2026-05-16 an archive is written instead.
    if c.provider != "first_party" or c.attribute("auth") == "none":
        if is_feedback_off(c):
            return Answer("deny", keep)
        # choice: the table says that reports are off on Foundry and the AWS platform, which is nearer to the person than an archive
        if c.provider in ("foundry", "aws_platform"):
            return Answer("deny", keep)
        return Answer("deny", keep, goes="local_archive" if c.since("2026-05-16") else None)
    if is_feedback_off(c):
        return Answer("deny", keep)
    if purpose == "collect" or purpose == "improve":
        return Answer("permit", keep)
    if purpose == "debug" and not c.since("2025-08-28"):
        return Answer("permit", keep)
    return Answer("deny", keep)  # training: refused until 2025-08-28, silent since


def is_feedback_off(c: Reader) -> bool:
    # Undated: blocked for ZDR organisations.
    if is_zdr_login(c):
        return True
    # choice: product feedback switched off by the organisation covers the command too
    if c.flag("feedback_disabled"):
        return True
    if c.flag("hipaa") and c.since("2026-10-05"):
        return True
    if c.env("DISABLE_FEEDBACK_COMMAND") == "on" or c.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") == "on":
        return True
    # Undated opt-outs count at any date. choice: sending is the consent, so none on record does not stop it, a recorded refusal does
    return c.consent("feedback") == "off"


def feedback_draft(c: Reader, purpose: str) -> Answer:
    """terms-others.md 2: drafts by the model."""
    if not c.since("2026-08-24..2026-08-28"):
        return Answer("deny", goes="none" if c.attribute("draft") == "unsent" else None)
    if c.attribute("draft") == "unsent":
        return Answer("deny", draft_period(c), goes="none")
    if c.copy == "local":
        return Answer("deny", draft_period(c), goes="none")
    if c.copy == "compliance":
        return Answer("deny")
    if is_draft_absent(c) or carries_too_much(c) or is_column_contradicted(c):
        return Answer("deny", "P5Y")
    return Answer("permit" if purpose in ("collect", "improve") else "deny", "P5Y")


def draft_period(c: Reader) -> str | None:
    days = c.setting("cleanupPeriodDays")
    # Every client that drafts (2.1.238 on) rejects 0, which counts as the strictest value that it takes.
    return naive.shortest(["P30D", "P1D" if days == 0 else f"P{days}D"])


def is_draft_absent(c: Reader) -> bool:
    if c.attribute("session_mode") == "print" or c.provider != "first_party" or is_feedback_off(c) or c.flag("hipaa"):
        return True
    # choice: cloud sessions are those of the web, of a self-hosted environment, of Slack, of the phone and of Code Review
    if c.surface in ("web", "mobile", "slack", "code_review", "self_hosted") or c.feature in ("web_session", "self_hosted"):
        return True
    # The feature flags are not fetched.
    if c.env("DISABLE_TELEMETRY") == "on" or c.env("DO_NOT_TRACK") == "on" or c.env("DISABLE_GROWTHBOOK") == "on":
        return True
    return c.setting("feedbackDrafts") == "off" or c.env("CLAUDE_CODE_SEND_FEEDBACK") == "off"


def carries_too_much(c: Reader) -> bool:
    contains = c.attribute("contains")
    if contains == "nothing":
        return False
    if contains == "working_directory":
        return True
    # choice: what the list of the card's payload does not name is refused there; the review screen may carry the transcript and what is in one
    # choice: a draft that states no screen counts as sent from the card
    return c.attribute("screen") != "review" or contains == "request_settings"


# --- the survey: terms.md 5, 9, 10


def survey_rating(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-10-27") or purpose != "collect":
        return Answer("deny")
    if c.attribute("contains") != "nothing" or is_survey_forbidden(c):
        return Answer("deny")
    if is_survey_blocked(c):
        return Answer("deny", goes="own_collector" if goes_to_own_collector(c) else None)
    return Answer("permit" if is_survey_on(c) else "deny")


def is_survey_on(c: Reader) -> bool:
    """The row of section 9. choice: a provider is on from the day that a row says so; of a gateway none does."""
    if c.provider == "first_party":
        return True
    if c.provider in ("bedrock", "vertex", "foundry"):
        return c.since("2026-03-16")
    return c.provider == "aws_platform" and c.since("2026-05-11")


def is_survey_forbidden(c: Reader) -> bool:
    """What nothing overrides: the person's own switch, the organisation's policy, the rate."""
    if c.env("CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY") == "on" and c.since("2026-02-01"):
        return True
    if c.flag("feedback_disabled"):
        return True
    # choice: the survey is one of the feedback tools that a HIPAA configuration switches off
    if c.flag("hipaa") and c.since("2026-10-05"):
        return True
    return bool(c.setting("feedbackSurveyRate") == 0 and c.since("2026-03-14"))


def is_survey_blocked(c: Reader) -> bool:
    """Traffic to the vendor is switched off."""
    if c.provider == "gateway" and c.since("2026-06-29"):
        return True
    # choice: DO_NOT_TRACK has "the same effect" as DISABLE_TELEMETRY, so from the same day, though the page names it later
    for name in ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"):
        if c.env(name) == "on" and c.since("2026-02-01"):
            return True
    return False


def goes_to_own_collector(c: Reader) -> bool:
    if c.provider == "gateway" and c.attribute("gateway_signed_in") == "yes" and c.since("2026-08-29"):
        return False
    return c.env("CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL") == "on" and c.since("2026-05-12")


def survey_transcript(c: Reader, purpose: str) -> Answer:
    if not c.since("2026-04-28"):  # asked for earlier, says a third party, while the page denied it
        return Answer("deny")
    keep = "P6M"
    # choice: the question follows the rating, so whatever stops the rating stops it
    if purpose != "collect" or is_survey_forbidden(c):
        return Answer("deny", keep)
    for name in ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"):
        if c.env(name) == "on":
            return Answer("deny", keep)
    if is_zdr_login(c):
        return Answer("deny", keep)
    if c.consent("transcript_share") != "on":
        return Answer("deny", keep)
    # choice: 2.1.224 sends the settings of the last request along, the page does not say so: refused
    if c.attribute("contains") == "request_settings":
        return Answer("deny", keep)
    if c.provider in ("bedrock", "vertex", "foundry", "gateway") and c.since("2026-06-29"):
        return Answer("deny", keep, goes="local_archive")
    # choice: before that the clouds upload as the vendor's own platform does; of the AWS platform and a gateway no row says so
    return Answer("permit" if c.provider in ("first_party", "bedrock", "vertex", "foundry") else "deny", keep)


# --- metrics, errors, host names: terms.md 9, 10, 11


def is_column_contradicted(c: Reader) -> bool:
    """A variable selects the column of another provider. choice: where first_party is stated all the same, what is off in that column is off."""
    names = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_ANTHROPIC_AWS")
    return c.provider == "first_party" and any(c.env(name) == "on" for name in names)


def usage_metric(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-02-22"):
        return Answer("deny")
    if c.attribute("contains") != "nothing":
        return Answer("deny")
    for name in ("DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"):
        if c.env(name) == "on":
            return Answer("deny")
    if not is_metric_on(c):
        return Answer("deny")
    if purpose == "collect":
        return Answer("permit")
    # Usage data is feedback in the research preview, and that may improve products; the page of 2025-07-10 does not say it of metrics.
    if purpose == "improve":
        return Answer("deny" if c.since("2025-07-10") else "permit")
    return Answer("deny")


def is_metric_on(c: Reader) -> bool:
    column = c.provider
    if column == "first_party":
        return not is_column_contradicted(c)
    if column == "gateway":  # forced off from 2026-06-29; before that no row; start-up events before the sign-in from 2026-08-29
        return c.attribute("gateway_signed_in") == "no" and c.since("2026-08-29")
    # choice: a third-party provider is off where no row says that it is on
    is_managed = c.flag("managed_by_host") or c.env("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST") == "on"
    if not is_managed or not c.version("2.1.126"):
        return False
    if column == "aws_platform":
        return c.since("2026-08-13")
    return c.since("2026-05-01")


def error_report(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-07-10") or purpose != "collect":  # choice: no row names a use of them
        return Answer("deny")
    if c.env("DISABLE_ERROR_REPORTING") == "on" or c.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") == "on":
        return Answer("deny")
    if c.attribute("contains") != "nothing" or c.provider != "first_party" or is_column_contradicted(c):
        return Answer("deny")
    if c.flag("hipaa") and c.since("2026-10-05") and not c.version("2.1.285"):
        return Answer("deny")
    if c.since("2026-07-16"):
        if c.tier not in ("pro", "max") or not c.version("2.1.198") or c.flag("hipaa"):
            return Answer("deny")
        # The row itself sets "no ZDR" beside a Pro or Max login, so here the flag is enough.
        if c.flag("zdr") and not c.flag("zdr_other_login"):
            return Answer("deny")
    return Answer("permit")


def webfetch_hostname(c: Reader, purpose: str) -> Answer:
    if not c.since("2026-04-22") or purpose != "collect" or c.attribute("contains") != "nothing":
        return Answer("deny")
    if c.setting("skipWebFetchPreflight") is True:
        return Answer("deny")
    if c.flag("hipaa") and c.since("2026-10-05"):
        return Answer("deny")
    return Answer("permit")


# --- derived data and safety: terms.md 15, 7


def contribution_metric(c: Reader, purpose: str) -> Answer:
    # choice: for commercial accounts at first_party only, as nothing else is named
    if not c.since("2026-01-29") or purpose != "collect" or c.tier not in COMMERCIAL or c.provider != "first_party":
        return Answer("deny")
    if is_zdr_login(c) and c.since("2026-02-06"):
        return Answer("deny")
    return Answer("permit")


def classifier_score(c: Reader, purpose: str) -> Answer:
    # choice: undated, so from the beginning of the product
    if not c.since("2025-02-22"):
        return Answer("deny")
    if c.safety_flagged:
        return Answer("permit" if purpose in ("collect", "safety") else "deny", "P7Y")
    # Of content that is not flagged only "results are retained even under ZDR" is said.
    return Answer("permit" if purpose == "collect" and has_zdr(c) else "deny")


def derived_signal(c: Reader) -> Answer:
    """Neutral beside its sources; refused without any, and never under zero retention."""
    if has_zdr(c):
        return Answer("deny", "P0D")
    if not c.since("2025->"):  # choice: nothing of a time before the product
        return Answer("deny")
    if c.case.get("derived_from") is None:
        return Answer("gap")
    return Answer("permit" if c.case["derived_from"] else "deny")


# --- on the person's machine: terms.md 8; terms-others.md 2


def cleanup_period(c: Reader) -> str:
    days = c.setting("cleanupPeriodDays")
    if days == 0:
        # Rejected from 2.1.89 on, so malformed there, which counts as the strictest value that it takes.
        return "P0D" if not c.version("2.1.89") else "P1D"
    return f"P{days}D"


def local_transcript(c: Reader, purpose: str) -> Answer:
    # choice: the variable is honoured at any date; where no transcript may be written, none may be used
    if c.env("CLAUDE_CODE_SKIP_PROMPT_HISTORY") == "on":
        return Answer("deny", "P0D", goes="none")
    if c.attribute("session_persistence") == "off":  # choice: at any date and in any mode
        return Answer("deny", "P0D", goes="none")
    # choice: to serve (to resume) is the one use that is stated
    verdict = "permit" if purpose == "serve" and c.since("2025-07-10") else "deny"
    return Answer(verdict, local_keep(c), goes="none")


def last_continued_in(c: Reader) -> str:
    """terms-others.md 2, 2026-08-30: begun or last continued in Desktop; where nothing else is said, the surface says it."""
    said = (c.case.get("attributes") or {}).get("last_continued_in")
    if said is None and c.case.get("surface") in ("cli", "desktop"):
        return str(c.case["surface"])
    return c.attribute("last_continued_in")


def local_keep(c: Reader) -> str | None:
    if not c.version("0.2.117"):
        return None
    # choice: which file of a session it is matters to the session's files alone, not to a copy of a prompt
    part = c.attribute("local_file") if c.kind == "local_transcript" else "transcript"
    if part == "tool_result" and not c.version("2.1.83"):  # never cleaned
        return "indefinite"
    if part == "task" and not c.version("2.1.117"):  # choice: not covered by the sweep, and no period stated
        return None
    if part == "memory" and c.version("2.1.228"):  # choice: swept like the rest by the clients before
        return "indefinite"
    # choice: the transcript is exempt, as the row says, not the other files beside it
    if part == "transcript" and c.version("2.1.248") and last_continued_in(c) in ("desktop", "cowork"):
        if c.attribute("cleanup_managed") == "yes" or c.flag("hipaa"):
            return cleanup_period(c)
        days = c.setting("desktopSessionCleanupPeriodDays")
        return "indefinite" if days == 0 else naive.longest([cleanup_period(c), f"P{days}D"])
    return cleanup_period(c)


def local_prompt_history(c: Reader) -> Answer:
    if c.env("CLAUDE_CODE_SKIP_PROMPT_HISTORY") == "on":
        return Answer("deny", "P0D", goes="none")
    # choice: swept under a HIPAA configuration by clients that know it, whatever the date
    if c.flag("hipaa") and c.version("2.1.285"):
        return Answer("deny", cleanup_period(c), goes="none")
    return Answer("deny", "indefinite" if c.since("2026-04-08") else None, goes="none")


RULES = Rules(
    agent="claude_code",
    lists={
        "tier": ("free", "pro", "max", "team", "enterprise", "api", "gov"),
        "provider": ("first_party", "bedrock", "vertex", "foundry", "aws_platform", "gateway"),
        "hosting": ("azure", "anthropic"),
        "surface": ("cli", "ide", "desktop", "web", "mobile", "remote_control", "self_hosted", "slack", "code_review", "ci"),
        "model_class": ("ordinary", "covered"),
        "feature": (
            "chat", "web_session", "web_setup", "remote_control", "code_review", "ultrareview", "artifact", "ios_simulator", "self_hosted",
            "contribution_metrics", "cowork", "claude_ai_chat", "compliance_api", "incognito",
        ),
        "copy": ("service", "compliance", "local"),
    },
    attributes={
        "contains": ("nothing", "code", "prompt", "file_path", "bash_command", "transcript", "working_directory", "request_settings"),
        "screen": ("card", "review", "command"),
        "draft": ("unsent", "sent"),
        "auth": ("oauth", "api_key", "console_key", "none", "unstated"),
        "session_mode": ("interactive", "print"),
        "compliance_api": ("off", "on"),
        "compliance_period": ("default", "own"),
        "last_continued_in": ("cli", "desktop", "cowork"),
        "cleanup_managed": ("no", "yes"),
        "billing": ("prepaid", "invoiced"),
        "deleted_by_user": ("no", "yes"),
        "repository": ("started", "attached", "connected"),
        "vm_disk": ("clone", "snapshot"),
        "file_class": ("ordinary", "uncommitted_credential"),
        "checkout": ("main", "worktree", "submodule"),
        "local_file": ("transcript", "tool_result", "task", "memory"),
        "session_persistence": ("on", "off"),
        "covered_workspace": ("none", "accepted"),
        "investigation": ("none", "open"),
        "gateway_signed_in": ("yes", "no"),
    },
    absent={
        "contains": "nothing", "draft": "unsent", "session_mode": "interactive", "compliance_api": "off", "compliance_period": "default",
        "last_continued_in": "cli", "cleanup_managed": "no", "auth": "unstated", "screen": "command", "deleted_by_user": "no",
        "repository": "started", "vm_disk": "clone", "file_class": "ordinary", "checkout": "main", "local_file": "transcript",
        "session_persistence": "on", "covered_workspace": "none", "investigation": "none", "gateway_signed_in": "yes",
    },
    variables={
        "DISABLE_TELEMETRY": ("non_empty", "on"),
        "DO_NOT_TRACK": ("boolean", "on"),
        "DISABLE_ERROR_REPORTING": ("non_empty", "on"),
        "DISABLE_FEEDBACK_COMMAND": ("boolean", "on"),
        "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": ("boolean", "on"),
        "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": ("boolean", "off"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": ("non_empty", "on"),
        "DISABLE_GROWTHBOOK": ("boolean", "on"),
        "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": ("boolean", "off"),
        "CLAUDE_CODE_SKIP_PROMPT_HISTORY": ("boolean", "on"),
        "CLAUDE_CODE_SEND_FEEDBACK": ("boolean", "off"),
        "CLAUDE_CODE_USE_BEDROCK": ("boolean", "on"),
        "CLAUDE_CODE_USE_VERTEX": ("boolean", "on"),
        "CLAUDE_CODE_USE_FOUNDRY": ("boolean", "on"),
        "CLAUDE_CODE_USE_ANTHROPIC_AWS": ("boolean", "on"),
    },
    aliases={"DISABLE_FEEDBACK_COMMAND": ("DISABLE_BUG_COMMAND",)},
    settings={
        "cleanupPeriodDays": {"grammar": "days", "default": 30, "strictest": 1, "tries": (0, 1, 30)},
        "desktopSessionCleanupPeriodDays": {"grammar": "days", "default": 0, "strictest": 1, "tries": (1, 0)},
        "feedbackSurveyRate": {"grammar": "number", "most": 1, "strictest": 0, "tries": (0, 1)},
        "skipWebFetchPreflight": {"grammar": "boolean", "strictest": True, "tries": (True, False)},
        "disableRemoteControl": {"grammar": "boolean", "strictest": True, "tries": (True, False)},
        "feedbackDrafts": {
            "grammar": "word", "words": ("notify", "quiet", "off"), "default": "notify", "strictest": "off", "tries": ("notify", "quiet", "off"),
        },
    },
    consents={
        "training": ("subject",), "transcript_share": ("subject",), "feedback": ("subject",), "dpp": ("admin", "owner"),
        "trusted_tester": ("subject",),
    },
    terms=terms,
    sightings=naive.sightings_in(Path(__file__).read_text(encoding="utf-8")),
)
naive.REGISTRY[RULES.agent] = RULES


def answer(case: dict[str, Any]) -> dict[str, str | None]:
    """Decide one case in the JSON form of the issue."""
    return naive.decide(case)
