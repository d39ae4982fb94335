"""The session's lines in the form of Claude Code's transcripts: one per content block, chained by `parentUuid`. Plain text, on this machine."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from tenure.client.service import Block
from tenure.demo.agent.messages import Answer
from tenure.demo.agent.tools import Used
from tenure.records.instants import render_time


class Transcript:
    """The lines of one session, which are written only where `folder` is given.

    Args:
        folder: of the project's sessions; None = nothing is kept.
        session: id of the session.
        fields: what every line says: `cwd`, `gitBranch`, `version`, `entrypoint`.
        now: the present.
        new_id: makes an id.
    """

    def __init__(self, folder: Path | None, session: str, fields: Block, now: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self.session = session
        self.path = None if folder is None else folder / f"{session}.jsonl"
        self._fields = {**fields, "sessionId": session, "userType": "external", "isSidechain": False}
        self._now = now
        self._new_id = new_id
        self._parent: str | None = None
        self._prompt = ""

    def prompt(self, text: str) -> None:
        """A person's prompt."""
        self._prompt = self._new_id()
        for more in ({"operation": "enqueue", "content": text}, {"operation": "dequeue"}):
            self._write({"type": "queue-operation", "timestamp": render_time(self._now()), "sessionId": self.session, **more})
        self._chain("user", promptId=self._prompt, message={"role": "user", "content": text})
        self._write({"type": "last-prompt", "lastPrompt": text, "leafUuid": self._parent, "sessionId": self.session})

    def answer(self, answer: Answer) -> None:
        """An answer of the model: a line per block, each with the same id and the same usage."""
        head = msgspec.to_builtins(answer.message)
        for block in answer.message.content:
            self._chain("assistant", requestId=answer.request_id, message={**head, "type": "message", "role": "assistant", "content": [block]})

    def used(self, call: str, used: Used) -> None:
        """What a tool did."""
        result = {"type": "tool_result", "tool_use_id": call, "content": used.text, "is_error": used.is_error}
        message = {"role": "user", "content": [result]}
        self._chain("user", promptId=self._prompt, message=message, toolUseResult=used.detail, sourceToolAssistantUUID=self._parent)

    def interrupted(self) -> None:
        """The person stopped the task."""
        self._chain("user", promptId=self._prompt, message={"role": "user", "content": [{"type": "text", "text": "[Request interrupted by user]"}]})

    def _chain(self, kind: str, **fields: object) -> None:
        name = self._new_id()
        chained = {"parentUuid": self._parent, "type": kind, "uuid": name, "timestamp": render_time(self._now())}
        self._write({**chained, **self._fields, **fields})
        self._parent = name

    def _write(self, line: Block) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as file:
            file.write(msgspec.json.encode(line) + b"\n")
