"""The three tools: read a file, write a file, run a command; in the working folder only, a command only with a person's yes."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tenure.agents.credentials import is_secret_variable
from tenure.client.service import Block

_LARGEST = 200_000
_TIMEOUT_S = 600


def _tool(name: str, description: str, **properties: str) -> Block:
    schema = {"type": "object", "properties": {key: {"type": "string", "description": text} for key, text in properties.items()}}
    return {"name": name, "description": description, "input_schema": {**schema, "required": list(properties)}}


TOOLS: Sequence[Block] = (
    _tool("Read", "Read a text file in the working folder.", file_path="its path"),
    _tool("Write", "Write a text file in the working folder.", file_path="its path", content="the whole content"),
    _tool("Bash", "Run a shell command in the working folder; the person is asked first.", command="the command"),
)


@dataclass(frozen=True, slots=True)
class Used:
    """What a tool did.

    Attributes:
        text: what the model is told.
        detail: what the transcript keeps beside it.
        is_error: whether it failed.
        decision: `accept` or `reject`.
        source: who decided: `config`, `user_temporary` or `user_reject`.
    """

    text: str
    detail: object
    is_error: bool = False
    decision: str = "accept"
    source: str = "config"


class Workspace:
    """A working folder.

    Args:
        folder: absolute path.
        allow: asks whether a command may run.
        env: the environment; what may be a secret in it is kept from commands.
    """

    def __init__(self, folder: str, allow: Callable[[str], bool], env: Mapping[str, str]) -> None:
        self._folder = os.path.realpath(folder)
        self._allow = allow
        self._env = {name: value for name, value in env.items() if not is_secret_variable(name)}

    def use(self, name: str, given: Mapping[str, object]) -> Used:
        """Use a tool.

        Args:
            name: of the tool.
            given: its input, as the model wrote it.
        """
        try:
            match name, given:
                case "Read", {"file_path": str(path)}:
                    return self._read(path)
                case "Write", {"file_path": str(path), "content": str(content)}:
                    return self._write(path, content)
                case "Bash", {"command": str(command)}:
                    return self._run(command)
                case _:
                    return _failed("no such tool, or another input than it takes")
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return _failed(f"{type(error).__name__}: it could not be done")

    def _inside(self, path: str) -> str:
        found = os.path.realpath(os.path.join(self._folder, path))
        if os.path.commonpath([self._folder, found]) != self._folder:
            raise ValueError("outside of the working folder")
        return found

    def _read(self, path: str) -> Used:
        with open(self._inside(path), encoding="utf-8", errors="replace") as file:
            content = file.read(_LARGEST)
        return Used(content, {"type": "text", "file": {"filePath": path, "content": content, "numLines": content.count("\n") + 1}})

    def _write(self, path: str, content: str) -> Used:
        place = self._inside(path)
        before = None
        if os.path.exists(place):
            with open(place, encoding="utf-8", errors="replace") as file:
                before = file.read(_LARGEST)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(content)
        kind = "create" if before is None else "update"
        detail: Block = {"type": kind, "filePath": place, "content": content, "originalFile": before, "userModified": False}
        detail["structuredPatch"] = []
        return Used(f"{kind}d: {path}", detail)

    def _run(self, command: str) -> Used:
        if not self._allow(command):
            return Used("the person did not allow it", "Error: not allowed", is_error=True, decision="reject", source="user_reject")
        shell = ["/bin/sh", "-c", command]
        nothing = subprocess.DEVNULL
        done = subprocess.run(shell, cwd=self._folder, env=self._env, stdin=nothing, capture_output=True, timeout=_TIMEOUT_S, check=False)
        out, err = (part.decode(errors="replace")[:_LARGEST] for part in (done.stdout, done.stderr))
        detail = {"stdout": out, "stderr": err, "interrupted": False, "isImage": False, "noOutputExpected": False}
        text = "\n".join(part for part in (out, err) if part) or f"exit {done.returncode}"
        return Used(text, detail, is_error=done.returncode != 0, source="user_temporary")


def _failed(why: str) -> Used:
    return Used(why, f"Error: {why}", is_error=True)
