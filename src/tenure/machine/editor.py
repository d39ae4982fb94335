"""Changing settings files of others: in one step, with their mode, and only when they still are what the person was shown."""

import os
import stat

from tenure.agents.credentials import is_credential
from tenure.agents.view import WHOLE
from tenure.errors import ConfigError
from tenure.machine.state import replace_file

_MODE = 0o600


class FileEditor:
    """The files of this machine."""

    def load(self, path: str) -> bytes | None:
        """Return a file's content; None when it is not there."""
        target = os.path.realpath(path)
        if is_credential(path) or is_credential(target):
            raise ConfigError(f"{path}: expected a settings file, found one that holds credentials", code="settings/credential")
        try:
            if not stat.S_ISREG(os.stat(target).st_mode):
                raise ConfigError(f"{path}: expected a regular file, found something else", code="settings/not-a-file")
            with open(target, "rb") as file:
                content = file.read(WHOLE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(path, "a readable file", error) from error
        if len(content) > WHOLE:
            raise ConfigError(f"{path}: expected at most {WHOLE} bytes, found more", code="settings/too-large")
        return content

    def replace(self, path: str, shown: bytes | None, content: bytes | None) -> None:
        """Replace a file's content in one step, keeping its mode; a link stays a link. None removes the file."""
        if self.load(path) != shown:
            message = f"{path}: expected the content that was shown, found that it has changed since"
            raise ConfigError(message, code="settings/changed", remedy="look at the change again, then --apply")
        target = os.path.realpath(path)
        try:
            if content is None:
                os.unlink(target)
                return
            mode = os.stat(target).st_mode if shown is not None else _MODE
            replace_file(target, content, mode)
        except OSError as error:
            raise _refused(path, "a file that can be written", error) from error


def _refused(path: str, expected: str, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: expected {expected}, found: {(error.strerror or 'no reason given').lower()}", code="settings/unusable")
