"""The other agents' terms as straight code, to be held next to the facts. See `claude_code` for how it is meant to be read."""

from pathlib import Path
from typing import Any

from tests.oracle import naive
from tests.oracle.naive import Answer, Reader, Rules

CONTENT = ("prompt", "output", "code", "transcript")
LOCAL = ("local_transcript", "local_prompt_history")
INDIVIDUAL = ("free", "go", "plus", "pro")
COPILOT_INDIVIDUAL = ("free", "pro", "pro_plus")
GOOGLE_PERSONAL = ("free", "pro", "ultra")
STAYS = Answer("deny", goes="none")
MONTHS_18 = "P1Y6M"


def derived_signal(c: Reader, first: str, is_zero_kept: bool = False) -> Answer:
    """Design 0001, 9: nothing of its own. `first` is when the agent lets anyone in, `is_zero_kept` a zero retention that covers the login."""
    if not c.since(first):
        return Answer("deny")
    if is_zero_kept:
        return Answer("deny", "P0D")
    if c.case.get("derived_from") is None:
        return Answer("gap")
    return Answer("permit" if c.case["derived_from"] else "deny")


# --- OpenAI: ChatGPT, Codex, API (section 4)


def chatgpt(c: Reader, purpose: str) -> Answer:
    if c.kind in LOCAL or c.copy == "local":
        return STAYS
    if c.copy == "litigation_hold":
        return litigation_hold(c)
    if c.kind == "derived_signal":
        return derived_signal(c, "2023->")
    if c.kind == "feedback_report":
        return chatgpt_feedback(c, purpose)
    if c.kind not in CONTENT or not c.since("2023->"):
        return Answer("deny")
    keep = chatgpt_keep(c)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    if purpose == "train_generative":
        return Answer(chatgpt_training(c, ("training",)), keep)
    return Answer("deny", keep)


def chatgpt_feedback(c: Reader, purpose: str) -> Answer:
    """4.1 "any individual: thumbs/feedback"; 8.3: feedback is its own kind, which trains even when opted out. Of workspaces nothing is said."""
    if c.tier not in INDIVIDUAL or not c.since("2023->"):
        return Answer("deny", "P30D" if c.attribute("deleted") == "yes" else None)
    if c.attribute("deleted") == "yes":
        return Answer("permit" if purpose == "collect" else "deny", "P30D")
    is_open = purpose == "collect" or (purpose == "train_generative" and c.feature != "temporary_chat")
    return Answer("permit" if is_open else "deny")


def chatgpt_keep(c: Reader) -> str | None:
    if c.attribute("deleted") == "yes" or c.feature == "temporary_chat":
        return "P30D"
    if c.tier == "business":
        return "indefinite"
    if c.tier == "enterprise":
        days = c.setting("conversation_retention_days")
        return "indefinite" if days is None else f"P{days}D"
    # choice: what an individual or a school does not delete has no stated period
    return None


def chatgpt_training(c: Reader, switches: tuple[str, ...]) -> str:
    if c.feature == "temporary_chat":
        return "deny"
    # choice: what the person deleted trains nothing
    if c.attribute("deleted") == "yes":
        return "deny"
    if c.tier in INDIVIDUAL:  # choice: Go is treated as the facts ask, like its class
        if c.attribute("feedback_given") == "yes":
            return "permit"  # even when opted out
        for name in switches:  # on by default, off only by the person's choice
            state = c.consent(name)
            if state == "off" or (state == "on" and not c.covers_session(name)):
                return "deny"
        return min((c.run_allowed(name) for name in switches), key=lambda verdict: naive.RANK[verdict])
    # choice: feedback by a member of an organisation is not "explicitly shared"
    return c.run_allowed("workspace_sharing") if c.consent("workspace_sharing") == "on" else "deny"


def litigation_hold(c: Reader) -> Answer:
    # choice: open to the legal team alone, so to no purpose; its end is not stated
    return Answer("deny")


def openai_api(c: Reader, purpose: str) -> Answer:
    if c.kind in LOCAL or c.copy == "local":
        return STAYS
    if c.copy == "litigation_hold":
        return litigation_hold(c)
    if c.kind == "derived_signal":
        return derived_signal(c, "2023->", c.flag("zdr"))
    if c.kind not in CONTENT:
        return Answer("deny")
    return api_content(c, purpose)


def api_content(c: Reader, purpose: str) -> Answer:
    # 4.2: the logs of "2023" show that it serves by then
    if not c.since("2023->"):
        return Answer("deny")
    control = c.attribute("retention_control")
    if c.flag("zdr"):
        keep = "P0D"
    elif control == "modified_abuse_monitoring" and c.attribute("store") == "false":
        keep = "P0D"  # choice: neither a log nor a stored state holds it
    else:
        keep = "P30D"
    # A region outside the US needs the amendment. choice: without it the request is refused
    if c.attribute("residency") == "other" and c.since("~2026") and not c.flag("zdr") and control != "modified_abuse_monitoring":
        return Answer("deny", keep)
    # 4.1 "no sensitive data allowed" in shared traffic. choice: so such a request is refused whole; "2024-12 ->" may have held before
    if c.attribute("sensitive") == "yes" and c.consent("sharing") == "on" and c.attribute("project_sharing") == "covered" and c.since("2024-12->"):
        return Answer("deny", keep)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    if purpose == "safety":
        return Answer("permit" if not c.flag("zdr") and api_is_logged(c, control) else "deny", keep)
    if purpose == "train_generative":
        return Answer(api_training(c), keep)
    return Answer("deny", keep)


def api_is_logged(c: Reader, control: str) -> bool:
    # choice: a log against abuse is a use for safety; of the controls of 2026 only safety retention has one, of what was flagged
    if control == "safety_retention":
        return c.since("~2026") and c.safety_flagged
    return control == "standard"


def api_training(c: Reader) -> str:
    # 4.1: closed unless opted in from 2023-03-01; the exclusions of the incentive ("2024-12 ->", start not established) count before too
    if not c.since("2023-03-01") or c.flag("zdr") or c.attribute("project_sharing") == "not_covered":
        return "deny"
    if c.attribute("contract") == "enterprise" and c.since("2024-12->"):
        return "deny"
    return c.run_allowed("sharing") if c.consent("sharing") == "on" else "deny"


def codex(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind == "local_prompt_history":
        return Answer("deny", "P0D" if c.setting("history.persistence") == "none" else None, goes="none")
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if c.copy == "litigation_hold":
        return litigation_hold(c)
    if c.copy == "compliance":
        return Answer("deny")  # choice: an export goes to the customer; no copy for it is stated
    if kind == "derived_signal":
        return derived_signal(c, "2023->", is_codex_zero(c))
    if kind in (*CONTENT, "web_session", "usage_metric") and c.attribute("channel") == "otel":
        return codex_otel(c) if kind != "web_session" else Answer("deny")
    if kind in CONTENT:
        return codex_content(c, purpose)
    if kind == "web_session":
        return codex_task(c, purpose)
    if kind == "repository_file":
        return codex_file(c, purpose)
    if kind == "feedback_report":
        return codex_feedback(c, purpose)
    if kind == "usage_metric":
        is_on = c.since("<=2026-02-08") and c.setting("analytics.enabled") is True
        return Answer("permit" if is_on and purpose == "collect" else "deny")
    return Answer("deny")


def is_codex_zero(c: Reader) -> bool:
    """4.2: zero retention is agreed with an organisation or for a project of the API. choice: an individual's own login is not covered."""
    return c.provider == "first_party" and (c.tier not in INDIVIDUAL or c.attribute("auth") == "api_key") and c.flag("zdr")


def codex_otel(c: Reader) -> Answer:
    if c.setting("otel.exporter") == "none" or not c.since("2025->"):
        return STAYS
    if c.kind in CONTENT and c.setting("otel.log_user_prompt") is not True:
        return STAYS  # only its length
    return Answer("deny", goes="own_collector")


def codex_content(c: Reader, purpose: str) -> Answer:
    if c.provider != "first_party":  # choice: another company's service; nothing is stated
        return Answer("deny")
    if c.tier == "api" or c.attribute("auth") == "api_key":
        found = api_content(c, purpose)
        # 4.3 Enterprise: "no training". choice: whatever the login
        return Answer("deny", found.keep) if c.tier == "enterprise" and purpose == "train_generative" else found
    if not c.since("2023->"):
        return Answer("deny")
    return codex_account(c, purpose, "P0D" if is_codex_zero(c) else codex_keep(c))


def codex_account(c: Reader, purpose: str, keep: str | None) -> Answer:
    """A turn or a task of a ChatGPT account."""
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    if purpose != "train_generative":
        return Answer("deny", keep)
    if c.tier == "enterprise":  # "no training"; choice: sharing does not open it
        return Answer("deny", keep)
    return Answer(chatgpt_training(c, ("training", "codex_training")), keep)


def codex_keep(c: Reader) -> str | None:
    if c.tier == "enterprise":
        # In force by then at the latest, so before it either reading may hold and the shorter counts. choice: whatever the surface was used for
        if c.surface in ("cli", "ide") and c.since("<=2026-02-21"):
            return "P0D"
        if c.surface == "desktop" and c.since("<=2026-03-13"):
            return "P0D"
        return chatgpt_keep(c)
    if c.feature == "cloud_task":
        return "P30D" if c.attribute("deleted") == "yes" else None  # unknown until deleted
    return chatgpt_keep(c)


def codex_task(c: Reader, purpose: str) -> Answer:
    """The transcript of a cloud task: ChatGPT accounts alone have them."""
    if c.provider != "first_party" or c.tier == "api" or c.attribute("auth") == "api_key":
        return Answer("deny")
    if is_codex_zero(c):
        keep: str | None = "P0D"
    elif c.attribute("deleted") == "yes":
        keep = "P30D"
    else:
        keep = chatgpt_keep(c) if c.tier == "enterprise" else None  # Enterprise as in ChatGPT; else unknown
    if not c.since("2026->") or (c.attribute("contains") == "secret" and c.attribute("phase") == "agent"):
        return Answer("deny", keep)
    return codex_account(c, purpose, keep)


def codex_file(c: Reader, purpose: str) -> Answer:
    """The container of a cloud task: ChatGPT accounts alone have them."""
    if c.provider != "first_party" or c.tier == "api" or c.attribute("auth") == "api_key" or c.feature != "cloud_task" or not c.since("2026->"):
        return Answer("deny")
    if c.attribute("contains") == "secret" and c.attribute("phase") == "agent":
        return Answer("deny", "P0D")
    # choice: at most 12 hours is less than a day, so no day
    return Answer("permit" if purpose in ("collect", "serve") else "deny", "P0D")


def codex_feedback(c: Reader, purpose: str) -> Answer:
    if not c.since("2026->") or purpose != "collect" or c.setting("feedback.enabled") is not True:
        return Answer("deny")
    # With logs: the log and the rollout; a secret is named nowhere
    if c.attribute("contains") == "secret" or (c.attribute("contains") != "nothing" and c.attribute("logs") == "declined"):
        return Answer("deny")
    return Answer("permit")


# --- Google (section 5)


def gemini_cli(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind == "local_transcript":
        return Answer("deny", session_retention(c), goes="none")
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_signal(c, "2025-06-25", c.tier in ("api_paid", "vertex") and c.flag("zdr"))
    if kind in (*CONTENT, "usage_metric") and c.attribute("channel") == "otel":
        return gemini_otel(c)
    if kind == "usage_metric":
        return gemini_metric(c, purpose)
    # The first row that lets an account in. choice: the rows of "2025" are about the other products until then
    if kind not in CONTENT or not c.since("2025-06-25"):
        return Answer("deny")
    tier = google_tier(c)
    keep = google_keep(c, tier)
    if is_google_refused(c, tier):
        return Answer("deny", keep)
    # Must be served on paid; "no sensitive data". choice: so such a request is refused whole
    if tier == "api_unpaid" and (c.attribute("region") in ("eea", "ch", "uk") or c.attribute("sensitive") == "yes"):
        return Answer("deny", keep)
    if tier == "vertex":
        return Answer(vertex_use(c, purpose, "cloud_training"), keep)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    if purpose == "safety":
        return Answer("permit" if tier == "api_paid" and not c.flag("zdr") else "deny", keep)
    if purpose == "train_generative":
        return Answer(gemini_training(c, tier), keep)
    return Answer("deny", keep)


def session_retention(c: Reader) -> str | None:
    if c.setting("general.sessionRetention.enabled") is not True:
        return None
    return f"P{str(c.setting('general.sessionRetention.maxAge')).removesuffix('d')}D"


def gemini_otel(c: Reader) -> Answer:
    if c.setting("telemetry.enabled") is not True or not c.since("2025-06->"):
        return STAYS
    if c.kind in CONTENT and c.setting("telemetry.logPrompts") is not True:
        return STAYS
    if c.attribute("signal") == "trace" and c.since("2026-04-21") and c.setting("telemetry.traces") is not True:
        return STAYS
    return Answer("deny", goes="own_collector")


def gemini_metric(c: Reader, purpose: str) -> Answer:
    tier = google_tier(c)
    keep = None
    if tier in GOOGLE_PERSONAL and c.since("2025-06-25"):
        keep = MONTHS_18  # the notice for individuals names usage
    if not c.since("2025-06->") or purpose != "collect" or is_google_refused(c, tier):
        return Answer("deny", keep)
    if c.attribute("contains") != "nothing" or c.setting("privacy.usageStatisticsEnabled") is not True:
        return Answer("deny", keep)
    return Answer("permit", keep)


def google_tier(c: Reader) -> str:
    """Of two roles the licence wins. choice: also before the page said so."""
    tier = c.tier
    if tier in GOOGLE_PERSONAL and c.attribute("licence") != "none":
        return c.attribute("licence")
    return tier


def is_google_refused(c: Reader, tier: str) -> bool:
    # "use of the OAuth login by third-party software". choice: whatever licence stands beside that login
    if c.tier in GOOGLE_PERSONAL and c.attribute("client") == "third_party" and c.since("2026-02-27"):
        return True
    if tier in GOOGLE_PERSONAL or tier == "api_unpaid":
        return c.since("2026-06-18")  # a third party's word, which may tighten
    return False


def google_keep(c: Reader, tier: str) -> str | None:
    if tier in GOOGLE_PERSONAL:
        return MONTHS_18
    if tier in ("standard", "enterprise"):
        if c.attribute("storage") != "on":
            return "P0D"
        # choice: before the page said which of two roles wins, the shorter stated period of the two
        return MONTHS_18 if c.tier in GOOGLE_PERSONAL and not c.since("2025-10-10") else None
    if tier == "api_paid":
        if c.flag("zdr"):
            return "P0D"
        return "P30D" if c.feature == "grounding" else "P55D"
    if tier == "vertex":
        return vertex_keep(c)
    return None


def vertex_keep(c: Reader) -> str | None:
    # "each must be switched off for ZDR": the three switches decide, the flag alone shortens nothing
    if c.attribute("cache") == "on":
        return "P1D"  # at most 24 hours
    if c.feature == "grounding":
        return "P30D"
    return None if c.attribute("abuse_logging") == "on" else "P0D"


def vertex_use(c: Reader, purpose: str, consent: str) -> str:
    if purpose in ("collect", "serve"):
        return "permit"
    if c.flag("zdr"):  # choice: stated to be under zero retention, whatever its switches say
        return "deny"
    if purpose == "safety":  # choice: a log against abuse is a use for safety
        return "permit" if c.attribute("abuse_logging") == "on" else "deny"
    if purpose == "train_generative" and c.consent(consent) == "on":
        return c.run_allowed(consent)
    return "deny"


def gemini_training(c: Reader, tier: str) -> str:
    if tier not in (*GOOGLE_PERSONAL, "api_unpaid"):
        return "deny"
    # choice: the page lost its answers on 2025-10-10; silence from then on, but for the unpaid key it points to terms that say that they train
    if tier != "api_unpaid" and c.since("2025-10-10"):
        return "deny"
    # choice: AI Pro and Ultra from the day that they are named
    if tier in ("pro", "ultra") and not c.since("2025-09-24"):
        return "deny"
    # One switch gates prompts and answers too; on unless opted out.
    if c.setting("privacy.usageStatisticsEnabled") is not True or c.consent("training") == "off":
        return "deny"
    return c.run_allowed("training")


def code_assist(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_signal(c, "2025->")
    if not c.since("2025->"):
        return Answer("deny")
    tier = google_tier(c)
    if kind in ("usage_metric", "feedback_report") and tier in ("free", "pro", "ultra"):
        return Answer("permit" if purpose == "collect" and not is_google_refused(c, tier) else "deny", MONTHS_18)
    if kind not in CONTENT:
        return Answer("deny")
    keep = google_keep(c, tier)
    if is_google_refused(c, tier):  # choice: every surface stops, though the report names the IDE
        return Answer("deny", keep)
    # choice: the notice tells of collection and reviewers, not of training, so training is denied with or without the opt-out
    return Answer("permit" if purpose in ("collect", "serve") else "deny", keep)


def gemini_api(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_signal(c, "2025->", c.tier == "paid" and c.flag("zdr"))
    if kind not in CONTENT:
        return Answer("deny")
    if c.tier == "unpaid":
        return gemini_unpaid(c, purpose)
    if not c.since("2025->"):
        return Answer("deny")
    if c.flag("zdr"):
        return Answer("permit" if purpose in ("collect", "serve") else "deny", "P0D")
    keep = "P30D" if c.feature == "grounding" else "P55D"
    return Answer("permit" if purpose in ("collect", "serve", "safety") else "deny", keep)


def gemini_unpaid(c: Reader, purpose: str) -> Answer:
    if not c.since("2025-05-20"):
        return Answer("deny")
    keep = None
    if c.feature == "interactions" and c.since("~2026"):
        # "store=false avoids" storage. choice: then nothing is left to train on either
        keep = "P1D" if c.attribute("store") == "true" else "P0D"
    if c.attribute("region") in ("eea", "ch", "uk") or c.attribute("sensitive") == "yes":
        return Answer("deny", keep)
    return Answer("permit" if purpose in ("collect", "serve", "train_generative") else "deny", keep)


def vertex(c: Reader, purpose: str) -> Answer:
    if c.kind in LOCAL or c.copy == "local":
        return STAYS
    if c.kind == "derived_signal":
        return derived_signal(c, "2025->", c.flag("zdr"))
    if c.kind not in CONTENT or not c.since("2025->"):
        return Answer("deny")
    return Answer(vertex_use(c, purpose, "training"), vertex_keep(c))


def antigravity(c: Reader, purpose: str) -> Answer:
    if c.kind in LOCAL or c.copy == "local":
        return STAYS
    if c.kind == "derived_signal":
        return derived_signal(c, "<=2026-01-22")
    # All that is known is a third party's word, which lets nobody in and states no period
    return Answer("deny")


# --- GitHub Copilot (section 6)


def derived_of_sources(c: Reader, first: str) -> Answer:
    """For the agents of sections 6 and 7, none of which offers a zero-retention contract: the flag covers no login of theirs."""
    if not c.since(first):
        return Answer("deny")
    if c.case.get("derived_from") is None:
        return Answer("gap")
    return Answer("permit" if c.case["derived_from"] else "deny")


def copilot(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_of_sources(c, "2024->")
    if kind == "usage_metric":
        return copilot_metric(c, purpose)
    if not c.since("2024->"):
        return Answer("deny")
    if kind == "feedback_report":
        if purpose == "train_generative":
            return Answer(copilot_training(c))
        return Answer("permit" if purpose == "collect" else "deny")
    if kind == "repository_file":
        return copilot_file(c, purpose)
    if kind == "web_session":
        # choice: the synced copy has no stated period, and whether it counts as interaction data that trains is not said, so it does not
        return Answer("permit" if purpose in ("collect", "serve") and is_synced(c) else "deny")
    if kind not in CONTENT:
        return Answer("deny")
    # "CLI, web, mobile, other: 28 days", "IDE: not kept": the service's own log (kind transcript too), synced or not.
    keep = copilot_keep(c)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    return Answer(copilot_training(c) if purpose == "train_generative" else "deny", keep)


def copilot_keep(c: Reader) -> str | None:
    if c.surface == "ide" and c.feature in ("chat", "completions"):
        return "P0D"
    return "P28D"  # the session logs of the coding agent rest on a third party, which may not lengthen it


def is_synced(c: Reader) -> bool:
    # choice: "2026" leaves the whole year uncertain, and before it sessions were local
    if not c.since("~2026"):
        return False
    # The rows name the CLI and VS Code. choice: a task of the coding agent ran in the cloud, so it is no local session that could be synced
    if c.surface not in ("cli", "ide") or c.feature == "coding_agent":
        return False
    if c.tier in ("business", "enterprise") and c.attribute("sync_policy") not in ("view", "control"):
        return False
    if c.surface == "cli":
        return c.setting("remoteExport") is not False
    return c.setting("chat.sessionSync.enabled") is not False and c.attribute("repository_excluded") == "no"


def copilot_training(c: Reader) -> str:
    if c.tier not in COPILOT_INDIVIDUAL or not c.since("2026-04-24"):
        return "deny"
    return "deny" if c.consent("training") == "off" else c.run_allowed("training")


def copilot_file(c: Reader, purpose: str) -> Answer:
    if c.attribute("context") != "live":
        return Answer("deny")
    keep = copilot_keep(c)  # "context of a live session": part of the prompt, and kept as it is
    # choice: only what a running session takes as context is ever taken in, from the day that this is stated
    if c.tier not in COPILOT_INDIVIDUAL or not c.since("2026-04-24"):
        return Answer("deny", keep)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    return Answer(copilot_training(c) if purpose == "train_generative" else "deny", keep)


def copilot_metric(c: Reader, purpose: str) -> Answer:
    metric = c.attribute("metric")
    keep = {"engagement": "P2Y", "last_activity": "P90D", "interaction": None}[metric]
    if metric == "engagement" and not c.since("2024->"):
        return Answer("deny")
    if metric == "last_activity" and not c.since("2025->"):
        return Answer("deny")
    if metric == "interaction" and not (c.tier in COPILOT_INDIVIDUAL and c.since("2026-04-24")):
        return Answer("deny")
    # choice: exist only where the telemetry of the editor is on, on every surface
    if c.setting("telemetry.telemetryLevel") != "all" and c.since("2025->"):
        return Answer("deny", keep)
    if purpose == "train_generative" and metric == "interaction":
        return Answer(copilot_training(c), keep)
    return Answer("permit" if purpose == "collect" else "deny", keep)


# --- Cursor, OpenCode, Aider (section 7)


def cursor_mode(c: Reader) -> str:
    mode = c.attribute("mode")
    if mode == "privacy_legacy":
        return mode
    if c.tier in ("team", "enterprise") and (mode == "unset" or c.attribute("forced") == "yes"):
        return "privacy"
    return mode


def cursor(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if not c.since("2025->"):
        return Answer("deny")
    mode = cursor_mode(c)
    # choice: cloud agents and memories are off in the older privacy mode at every date
    is_refused = mode == "privacy_legacy" and (c.feature in ("cloud_agent", "memories") or kind == "web_session")
    if kind == "derived_signal":
        # "Nothing stored" (Legacy): no embedding either
        return Answer("deny", "P0D") if mode == "privacy_legacy" else derived_of_sources(c, "2025->")
    if kind == "web_session":
        if is_refused:
            return Answer("deny", "P0D")  # "nothing stored" (Legacy)
        if not c.since("~2026"):
            return Answer("deny")
        return Answer("permit" if purpose in ("collect", "serve") else "deny", cloud_agent_window(c))
    if kind not in CONTENT:
        return Answer("deny")
    keep = None
    if mode == "privacy_legacy" or c.attribute("key") == "own":
        keep = "P0D"
    elif c.feature == "cloud_agent" and c.since("~2026"):
        keep = cloud_agent_window(c)
    if is_refused:
        return Answer("deny", keep)
    if purpose in ("collect", "serve"):
        return Answer("permit", keep)
    # choice: where nobody chose a mode, an individual's data is not taken to be shared
    return Answer("permit" if purpose == "train_generative" and mode == "share" else "deny", keep)


def cloud_agent_window(c: Reader) -> str | None:
    days = c.setting("cloud_agent_retention_days") if c.tier in ("team", "enterprise") else None
    return None if days is None else f"P{days}D"


def opencode(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_of_sources(c, "2025->")
    if kind == "web_session":
        return shared_session(c, purpose)
    if kind not in CONTENT:
        return Answer("deny")
    if c.provider == "own_key":
        # design 0001, "the service itself": the request goes to the provider of the key, under terms that no row here states
        return Answer("permit" if purpose in ("collect", "serve") and c.since("2025->") else "deny")
    if not c.since("2026-06-23"):
        return Answer("deny")
    if c.provider == "zen_paid":
        keep = "P30D" if c.attribute("upstream") in ("openai", "anthropic") else "P0D"
        return Answer("permit" if purpose in ("collect", "serve") else "deny", keep)
    return Answer("permit" if purpose in ("collect", "serve", "improve") else "deny")


def shared_session(c: Reader, purpose: str) -> Answer:
    if not c.since("2025->"):
        return Answer("deny")
    state = c.consent("share")
    withdrawn = c.withdrawn_at("share")
    also: tuple[Any, ...] = (("P0D", withdrawn),) if withdrawn is not None else ()
    is_shared = c.attribute("mode") != "disabled" and (state == "on" or (c.attribute("mode") == "auto" and state != "off"))
    if not is_shared:
        return Answer("deny", "indefinite", also)
    return Answer("permit" if purpose in ("collect", "serve") else "deny", "indefinite", also)


def aider(c: Reader, purpose: str) -> Answer:
    kind = c.kind
    if kind in LOCAL or c.copy == "local":
        return STAYS
    if kind == "derived_signal":
        return derived_of_sources(c, "2024-11->")
    if kind in CONTENT:
        # design 0001, "the service itself": to the provider of the key.
        # choice: it was there when the month of the row began, since 0.61.0 was not its first version
        return Answer("permit" if purpose in ("collect", "serve") and c.since("2024-11->") else "deny")
    # "v0.61.0 (2024-11) ->" leaves that month uncertain, and an older client has no analytics
    if kind != "usage_metric" or purpose != "collect" or not c.since("~2024-11") or not c.version("0.61.0"):
        return Answer("deny")
    if c.consent("analytics") != "on" or c.env("AIDER_ANALYTICS_DISABLE") == "on" or c.attribute("analytics") == "disabled":
        return Answer("deny")
    return Answer("deny" if c.attribute("contains") != "nothing" else "permit")


# --- the closed lists

ALL_SURFACES = ("cli", "ide", "desktop", "web", "mobile", "remote_control", "self_hosted", "slack", "code_review", "ci")
NO_YES = ("no", "yes")
ON_OFF = ("on", "off")
REGION = ("eea", "ch", "uk", "other")
LICENCE = ("none", "standard", "enterprise")
CLIENT = ("vendor", "third_party")
SIGHTINGS = naive.sightings_in(Path(__file__).read_text(encoding="utf-8"))
API_ATTRIBUTES = {
    "store": ("true", "false"),
    "retention_control": ("standard", "modified_abuse_monitoring", "private_retention", "safety_retention"),
    "residency": ("none", "us", "other"),
    "project_sharing": ("covered", "not_covered"),
    "contract": ("standard", "enterprise"),
    "sensitive": NO_YES,
    "region": REGION,
}
API_ABSENT = {
    "store": "true", "retention_control": "standard", "residency": "none", "project_sharing": "covered", "contract": "standard", "sensitive": "no",
}


def _lists(
    tiers: str, features: str, surfaces: str = " ".join(ALL_SURFACES), copies: str = "service local", **more: str
) -> dict[str, tuple[str, ...]]:
    return {
        "tier": tuple(tiers.split()),
        "provider": tuple(more.get("providers", "first_party").split()),
        "hosting": (),
        "surface": tuple(surfaces.split()),
        "model_class": tuple(more.get("models", "ordinary").split()),
        "feature": tuple(features.split()),
        "copy": tuple(copies.split()),
    }


def _add(agent: str, terms: Any, lists: dict[str, tuple[str, ...]], **more: Any) -> None:
    naive.REGISTRY[agent] = Rules(
        agent=agent, terms=terms, lists=lists, attributes=more.get("attributes", {}), absent=more.get("absent", {}),
        variables=more.get("variables", {}), settings=more.get("settings", {}), consents=more.get("consents", {}), sightings=SIGHTINGS,
    )


def _switch(default: bool | None, strictest: bool) -> dict[str, Any]:
    return {"grammar": "boolean", "default": default, "strictest": strictest, "tries": (True, False)}


RETENTION = {"conversation_retention_days": {"grammar": "days", "least": 90, "strictest": 90, "tries": (None, 90)}}

_add(
    "chatgpt", chatgpt, _lists("free go plus pro business enterprise edu", "chat temporary_chat", "web desktop mobile",
                               "service local litigation_hold", models="ordinary frontier"),
    attributes={"feedback_given": NO_YES, "deleted": NO_YES, "region": REGION}, absent={"feedback_given": "no", "deleted": "no"},
    settings=RETENTION, consents={"training": ("subject",), "workspace_sharing": ("admin", "owner")},
)
_add(
    "openai_api", openai_api, _lists("api", "inference fine_tuned evals tools", copies="service local litigation_hold", models="ordinary frontier"),
    attributes={**API_ATTRIBUTES, "usage_tier": ("1", "2", "3", "4", "5"), "model_group": ("large", "small", "other")}, absent=API_ABSENT,
    consents={"sharing": ("owner",)},
)
_add(
    "codex", codex, _lists("free go plus pro business enterprise edu api", "chat cloud_task code_review",
                           "cli ide desktop web mobile slack code_review ci", "service compliance local litigation_hold",
                           providers="first_party azure bedrock other", models="ordinary frontier"),
    attributes={
        **API_ATTRIBUTES, "auth": ("oauth", "api_key"), "feedback_given": NO_YES, "deleted": NO_YES, "logs": ("declined", "included"),
        "contains": ("nothing", "log", "rollout", "secret"), "phase": ("setup", "agent"), "channel": ("vendor", "otel"),
    },
    absent={**API_ABSENT, "auth": "oauth", "feedback_given": "no", "deleted": "no", "contains": "nothing", "channel": "vendor"},
    settings={
        **RETENTION,
        "analytics.enabled": _switch(True, False), "feedback.enabled": _switch(True, False), "otel.log_user_prompt": _switch(False, False),
        "history.persistence": {
            "grammar": "word", "words": ("save-all", "none"), "default": "save-all", "strictest": "none", "tries": ("save-all", "none"),
        },
        "otel.exporter": {
            "grammar": "word", "words": ("none", "otlp-http", "otlp-grpc"), "default": "none", "strictest": "none",
            "tries": ("none", "otlp-http", "otlp-grpc"),
        },
    },
    consents={
        "training": ("subject",), "codex_training": ("subject",), "include_environments": ("subject",), "sharing": ("owner",),
        "workspace_sharing": ("admin", "owner"),
    },
)
_add(
    "gemini_cli", gemini_cli, _lists("free pro ultra standard enterprise api_unpaid api_paid vertex", "chat grounding", "cli ide ci"),
    attributes={
        "auth": ("personal", "api_key", "cloud_project"), "client": CLIENT, "licence": LICENCE, "storage": ON_OFF,
        "contains": ("nothing", "prompt", "answer", "file_content", "personal_data"), "channel": ("vendor", "otel"),
        "signal": ("log", "metric", "trace"), "cache": ON_OFF, "abuse_logging": ON_OFF, "sensitive": NO_YES, "region": REGION,
    },
    absent={"client": "vendor", "licence": "none", "storage": "off", "contains": "nothing", "channel": "vendor", "signal": "log", "sensitive": "no"},
    settings={
        "privacy.usageStatisticsEnabled": _switch(True, False), "telemetry.enabled": _switch(False, False),
        "telemetry.logPrompts": _switch(True, False), "telemetry.traces": _switch(False, False),
        "general.sessionRetention.enabled": _switch(True, True),
        "general.sessionRetention.maxAge": {"grammar": "duration", "default": "30d", "strictest": "1d", "tries": ("1d", "30d")},
    },
    consents={"training": ("subject",), "cloud_training": ("admin", "owner")},
)
_add(
    "code_assist", code_assist, _lists("free pro ultra standard enterprise", "chat completion", "ide web code_review"),
    attributes={"licence": LICENCE, "storage": ON_OFF, "client": CLIENT}, absent={"licence": "none", "storage": "off", "client": "vendor"},
    consents={"training": ("subject",)},
)
_add(
    "gemini_api", gemini_api, _lists("unpaid paid", "generate grounding interactions"),
    attributes={"store": ("true", "false"), "sensitive": NO_YES, "region": REGION}, absent={"store": "true", "sensitive": "no"},
)
_add(
    "vertex", vertex, _lists("vertex", "generate grounding"), attributes={"cache": ON_OFF, "abuse_logging": ON_OFF},
    consents={"training": ("admin", "owner")},
)
_add(
    "antigravity", antigravity, _lists("free pro ultra workspace enterprise", "chat", "ide cli desktop"), attributes={"deleted": NO_YES},
    absent={"deleted": "no"},
)
_add(
    "copilot", copilot, _lists("free pro pro_plus business enterprise student", "chat completions coding_agent",
                               "cli ide desktop web mobile slack code_review ci"),
    attributes={
        "sync_policy": ("unset", "disabled", "view", "control"), "repository_excluded": NO_YES, "context": ("live", "at_rest"),
        "metric": ("engagement", "last_activity", "interaction"),
    },
    absent={"sync_policy": "unset", "repository_excluded": "no", "context": "at_rest"},
    settings={
        "remoteExport": _switch(None, False), "chat.sessionSync.enabled": _switch(None, False),
        "telemetry.telemetryLevel": {
            "grammar": "word", "words": ("off", "crash", "error", "all"), "default": "all", "strictest": "off",
            "tries": ("off", "crash", "error", "all"),
        },
    },
    consents={"training": ("subject",)},
)
_add(
    "cursor", cursor, _lists("free pro team enterprise", "chat cloud_agent memories", "cli ide desktop web mobile slack code_review ci"),
    attributes={"mode": ("privacy", "privacy_legacy", "share", "unset"), "forced": NO_YES, "key": ("cursor", "own")},
    absent={"forced": "no", "key": "cursor"},
    settings={"cloud_agent_retention_days": {"grammar": "days", "strictest": 0, "tries": (None, 0, 1)}},
)
_add(
    "opencode", opencode, _lists("open_source zen", "chat", "cli ide desktop web ci", providers="own_key zen_paid zen_free"),
    attributes={"mode": ("manual", "auto", "disabled"), "upstream": ("openai", "anthropic", "other")}, absent={"mode": "manual"},
    consents={"share": ("subject",)},
)
_add(
    "aider", aider, _lists("open_source", "chat", "cli ide web ci", providers="own_key"),
    attributes={"analytics": ("ordinary", "disabled"), "contains": ("nothing", "code", "chat", "key")},
    absent={"analytics": "ordinary", "contains": "nothing"},
    variables={"AIDER_ANALYTICS_DISABLE": ("boolean", "on")}, consents={"analytics": ("subject",)},
)


def answer(case: dict[str, Any]) -> dict[str, str | None]:
    """Decide one case in the JSON form of the issue."""
    return naive.decide(case)
