"""What kinds of data an agent leaves behind, and what they may be used for: the two closed lists that every table is indexed by."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of data."""

    PROMPT = "prompt"
    OUTPUT = "output"
    CODE = "code"
    TRANSCRIPT = "transcript"
    FEEDBACK_REPORT = "feedback_report"
    SURVEY_RATING = "survey_rating"
    SURVEY_TRANSCRIPT = "survey_transcript"
    USAGE_METRIC = "usage_metric"
    ERROR_REPORT = "error_report"
    WEBFETCH_HOSTNAME = "webfetch_hostname"
    WEB_SESSION = "web_session"
    REPOSITORY_FILE = "repository_file"
    CONTRIBUTION_METRIC = "contribution_metric"
    CLASSIFIER_SCORE = "classifier_score"
    FEEDBACK_DRAFT = "feedback_draft"
    DERIVED_SIGNAL = "derived_signal"
    LOCAL_TRANSCRIPT = "local_transcript"
    LOCAL_PROMPT_HISTORY = "local_prompt_history"


class Purpose(StrEnum):
    """What a piece of data is used for. `collect` is whether it may be taken in or sent at all."""

    COLLECT = "collect"
    SERVE = "serve"
    DEBUG = "debug"
    IMPROVE = "improve"
    SAFETY = "safety"
    TRAIN_SAFETY = "train_safety"
    TRAIN_GENERATIVE = "train_generative"


TRAINING = frozenset({Purpose.TRAIN_SAFETY, Purpose.TRAIN_GENERATIVE})
"""The purposes whose time of use is the start of a training run."""


class Flag(StrEnum):
    """What an organisation's agreement adds or takes away."""

    ZDR = "zdr"
    ZDR_OTHER_LOGIN = "zdr_other_login"
    HIPAA = "hipaa"
    BAA = "baa"
    DPP = "dpp"
    DPP_BY_MEMBER = "dpp_by_member"
    CMEK = "cmek"
    FEEDBACK_DISABLED = "feedback_disabled"
    MANAGED_BY_HOST = "managed_by_host"


class Verdict(StrEnum):
    """The three answers."""

    PERMIT = "permit"
    DENY = "deny"
    GAP = "gap"


class Destination(StrEnum):
    """Where a piece of data goes when it is collected, nearest to the person first."""

    NONE = "none"
    OWN_COLLECTOR = "own_collector"
    LOCAL_ARCHIVE = "local_archive"
    VENDOR = "vendor"
