"""OpenCode: what it leaves on a machine and what its settings mean.

Source: its documentation of sharing and configuration, and public code of tools that read its files, read October 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tenure.agents import shown
from tenure.agents.facts import Evidence, Fact, Finding, Holding, Severity, State
from tenure.agents.folder import look, troubles
from tenure.agents.notices import EVERYWHERE, Notice, Notices, exposed, find, unreadable
from tenure.agents.places import Place
from tenure.agents.settings import JSONC, Found, Source, folder_of, join, load_all, lookup
from tenure.agents.surfaces import usual_surface
from tenure.agents.view import View

ID = "opencode"
TITLE = "OpenCode"
DOC = "opencode.ai, page on sharing, read October 2026"

PLACES = (
    Place("opencode*.db", "database"),
    Place("opencode*.db-wal", "database"),
    Place("storage/**", "local_transcript"),
    Place("snapshot/**", "code"),
    Place("log/**", "log"),
)
SHARE = ("manual", "auto", "disabled")
_KNOWN_PROVIDERS = frozenset(
    {"anthropic", "openai", "google", "opencode", "openrouter", "github-copilot", "amazon-bedrock", "azure", "ollama", "lmstudio"}
)

NOTICES: Notices = {
    **EVERYWHERE,
    "share-auto": Notice(
        Severity.HIGH,
        "share = \"auto\" publishes every session: anyone with the link can read it",
        "Set \"share\": \"disabled\", or \"manual\".",
        "A shared session is copied to the vendor's server and public to whoever has the link, until it is unshared. After unsharing the page "
        "is reported to "
        "answer still.",
        "opencode.ai, page on sharing, and sst/opencode issues 7982 and 17188",
    ),
    "share-not-understood": Notice(
        Severity.MEDIUM,
        "share has a value that OpenCode does not document",
        "Write \"manual\", \"auto\" or \"disabled\".",
        "Only three words are documented; what another does is not stated.",
        "opencode.ai, page on sharing",
    ),
    "never-expires": Notice(
        Severity.MEDIUM,
        "Sessions are kept for ever: no retention setting exists ({size})",
        "Delete sessions in the client; nothing expires by itself.",
        "OpenCode has no setting for retention. People report databases of several gigabytes.",
        "anomalyco/opencode issues 34875 and 40855",
    ),
    "small-model-elsewhere": Notice(
        Severity.MEDIUM,
        "Titles and summaries go to another provider ({small}) than the model itself ({main})",
        "Set \"small_model\" to a model of the same provider.",
        "OpenCode uses a small model for titles. It sees the beginning of each session.",
        "anomalyco/opencode issue 10416",
    ),
    "small-model-not-set": Notice(
        Severity.LOW,
        "The model is local or your own, yet titles may go elsewhere: small_model is unset",
        "Set \"small_model\" to a model of the same provider.",
        "Where small_model is unset OpenCode chooses one; a person with a local model found titles that a remote model had written.",
        "anomalyco/opencode issue 10416",
    ),
    "free-model-may-keep": Notice(
        Severity.MEDIUM,
        "A free model of OpenCode Zen may keep what it is sent and use it to improve",
        "Choose a paid model, or your own key.",
        "Paid models of Zen run under zero retention; free ones may be kept and used.",
        "opencode.ai, page on Zen, first seen 2026-06-23",
    ),
}


def examine(view: View, at: datetime) -> Evidence | None:
    """Examine OpenCode on a machine; None when it left nothing here."""
    data = join(folder_of(view, "XDG_DATA_HOME", ".local/share"), "opencode")
    config = join(folder_of(view, "XDG_CONFIG_HOME", ".config"), "opencode")
    folder = look(view, data, PLACES)
    sources = _sources(view, config)
    if folder is None and not sources:
        return None
    holdings = folder.holdings(at) if folder is not None else ()
    share = _share(sources)
    facts = (*_account(sources), share, *_others(sources), *troubles((folder,), sources))
    found = (*_findings(sources, holdings), *unreadable(ID, NOTICES, sources), *exposed(ID, NOTICES, holdings, view.scope.home_is_open))
    return Evidence(ID, TITLE, None, facts, holdings, found, (_leaves(sources),))


def _sources(view: View, config: str) -> tuple[Source, ...]:
    """Return the settings files, strongest first: project, the one that a variable names, user."""
    folder, named = view.scope.folder, view.variable("OPENCODE_CONFIG")
    project = [join(folder, name) for name in ("opencode.json", "opencode.jsonc")] if folder and folder != view.scope.home else []
    user = [join(config, name) for name in ("opencode.json", "opencode.jsonc", "config.json")]
    return (
        *load_all(view, "project", project, JSONC),
        *load_all(view, "environment", [named] if named else [], JSONC),
        *load_all(view, "user", user, JSONC),
    )


def _mode(sources: Sequence[Source]) -> Found | None:
    found = lookup(sources, "share")
    if found is not None:
        return found
    old = lookup(sources, "autoshare")
    return Found("auto", old.proof, old.layer) if old is not None and old.value is True else None


def _share(sources: Sequence[Source]) -> Fact:
    found = _mode(sources)
    if found is None:
        broken = next((source for source in sources if source.problem), None)
        if broken is not None:
            return Fact("attribute.mode", None, State.UNKNOWN, f"{broken.path}: {broken.problem}")
        return Fact("attribute.mode", "manual", State.DEFAULT, DOC)
    if found.value not in SHARE:
        return Fact("attribute.mode", None, State.UNKNOWN, f"{found.proof} is none of the documented words")
    return Fact("attribute.mode", str(found.value), State.MEASURED, found.proof)


def _provider(found: Found | None) -> str | None:
    """Return a model's provider when it is a well-known one; `other` when it is not."""
    if found is None or not isinstance(found.value, str):
        return None
    name = found.value.partition("/")[0]
    return name if name in _KNOWN_PROVIDERS else shown.OTHER


def _account(sources: Sequence[Source]) -> Iterator[Fact]:
    model = lookup(sources, "model")
    name = _provider(model)
    if model is None or name is None:
        reason = "no settings file names a model"
        yield Fact("tier", None, State.UNKNOWN, reason)
        yield Fact("provider", None, State.UNKNOWN, reason)
    elif name == "opencode":
        is_free = str(model.value).endswith("-free")
        yield Fact("tier", "zen", State.INFERRED, model.proof)
        yield Fact("provider", "zen_free" if is_free else "zen_paid", State.INFERRED, model.proof)
    else:
        yield Fact("tier", "open_source", State.INFERRED, model.proof)
        yield Fact("provider", "own_key", State.INFERRED, model.proof)
    yield usual_surface({}, "cli")


def _others(sources: Sequence[Source]) -> Iterator[Fact]:
    for key in ("model", "small_model"):
        if (found := lookup(sources, key)) is not None:
            yield Fact(f"{key}.provider", _provider(found) or shown.OTHER, State.MEASURED, found.proof)


def _leaves(sources: Sequence[Source]) -> Fact:
    name, mode = "public copies of sessions", _share(sources)
    words: Mapping[object, bool | str] = {"manual": "when you share one", "auto": True, "disabled": False}
    return Fact(name, words.get(mode.value), mode.state, mode.proof)


def _findings(sources: Sequence[Source], holdings: Sequence[Holding]) -> Iterator[Finding]:
    mode = _mode(sources)
    if mode is not None and mode.value == "auto":
        yield find(ID, NOTICES, "share-auto", mode.proof)
    elif mode is not None and mode.value not in SHARE:
        yield find(ID, NOTICES, "share-not-understood", mode.proof)
    for source in sources:
        keys = [key for key in ("share", "autoshare", "model", "small_model", "provider") if source.layer == "project" and key in source.values]
        if keys:
            yield find(ID, NOTICES, "project-settings-change-privacy", source.proof(keys[0]), {"keys": ", ".join(keys)})
    kept = [holding for holding in holdings if holding.kind in ("database", "local_transcript")]
    if kept:
        yield find(ID, NOTICES, "never-expires", kept[0].path, {"size": _size(sum(holding.bytes for holding in kept))})
    yield from _models(sources)


def _models(sources: Sequence[Source]) -> Iterator[Finding]:
    model, small = lookup(sources, "model"), lookup(sources, "small_model")
    main, other = _provider(model), _provider(small)
    if model is None or main is None:
        return
    if small is not None and other is not None and str(small.value).partition("/")[0] != str(model.value).partition("/")[0]:
        yield find(ID, NOTICES, "small-model-elsewhere", small.proof, {"small": other, "main": main})
    elif small is None and main in ("ollama", "lmstudio", shown.OTHER):
        yield find(ID, NOTICES, "small-model-not-set", model.proof)
    if main == "opencode" and str(model.value).endswith("-free"):
        yield find(ID, NOTICES, "free-model-may-keep", model.proof)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB" if count >= 100 else f"{count} B"
