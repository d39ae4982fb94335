"""What is never opened and never read out, whoever asks: files that hold credentials, and variables whose values are secrets.

The list is closed and by name; a port that reads files asks `is_credential` for every path that it is about to open, links resolved.
Source: the agents' own documentation and public code, as read in October 2026.
"""

import posixpath
import re

CREDENTIAL_NAMES = frozenset({
    ".credentials.json",  # Claude Code, Codex (MCP)
    ".credentials.json.bak",
    "credentials.json",
    "auth.json",  # Codex, OpenCode
    "mcp-auth.json",  # OpenCode
    "oauth_creds.json",  # Gemini CLI
    "google_accounts.json",  # Gemini CLI
    "mcp-oauth-tokens.json",  # Gemini CLI
    "gemini-credentials.json",  # Gemini CLI
    "apps.json",  # Copilot
    "hosts.json",  # Copilot
    "oauth.json",  # Aider
    "oauth-keys.env",  # Aider
    ".netrc",
    ".git-credentials",
    ".npmrc",
    ".pypirc",
    ".env",
    "login.keychain-db",
})
"""File names that are credentials wherever they lie."""

_CREDENTIAL_PATHS = (
    re.compile(r"/\.copilot/config\.json$"),  # authentication state of the Copilot CLI
    re.compile(r"/\.(?:ssh|gnupg|aws|azure|kube|docker)/"),
    re.compile(r"/Library/Keychains/"),
    re.compile(r"/\.config/(?:gcloud|gh|github-copilot)/"),
    re.compile(r"/\.local/share/keyrings/"),
)
_CREDENTIAL_SUFFIXES = (".pem", ".key", ".p12", ".pfx", ".kdbx")
_SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|HEADERS)$")


def is_credential(path: str) -> bool:
    """Tell whether a POSIX path names a file that holds credentials."""
    clean = posixpath.normpath(path.replace("\\", "/"))
    name = posixpath.basename(clean).lower()
    if name in CREDENTIAL_NAMES or name.startswith(("id_rsa", "id_ed25519", "id_ecdsa")) or name.endswith(_CREDENTIAL_SUFFIXES):
        return True
    return any(pattern.search(clean) for pattern in _CREDENTIAL_PATHS)


def is_secret_variable(name: str) -> bool:
    """Tell whether the value of an environment variable may be a secret, judged by its name."""
    return _SECRET_VARIABLE.search(name.upper()) is not None
