"""The loop: a prompt goes to the model, its tools are used, their results go back, until it has nothing more to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenure.client.service import Block
from tenure.client.telemetry import Telemetry
from tenure.demo.agent.messages import Answer, Model, Refusal
from tenure.demo.agent.tools import Workspace
from tenure.demo.agent.transcript import Transcript

MOST_TURNS = 50
TOKEN_TYPES = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cacheRead",
    "cache_creation_input_tokens": "cacheCreation",
}
"""How telemetry names the fields of `Usage`."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a task ended.

    Attributes:
        text: the last answer.
        turns: how many answers it took.
        refusal: why it ended early; empty when it did not.
    """

    text: str
    turns: int
    refusal: str = ""


class Loop:
    """A conversation.

    Args:
        model: answers.
        workspace: where the tools work.
        transcript: keeps the lines.
        telemetry: counts.
        on_text: gets the model's text as it comes.
        on_answer: gets every whole answer.
    """

    def __init__(
        self,
        model: Model,
        workspace: Workspace,
        transcript: Transcript,
        telemetry: Telemetry,
        on_text: Callable[[str], None],
        on_answer: Callable[[Answer], None],
    ) -> None:
        self._model = model
        self._workspace = workspace
        self._transcript = transcript
        self._telemetry = telemetry
        self._on_text = on_text
        self._on_answer = on_answer
        self._messages: list[Block] = []

    def run(self, prompt: str) -> Done:
        """Do a task; an interruption leaves the conversation as it was before, and is passed on."""
        before = len(self._messages)
        self._transcript.prompt(prompt)
        self._messages.append({"role": "user", "content": prompt})
        try:
            return self._turns()
        except KeyboardInterrupt:
            del self._messages[before:]
            self._transcript.interrupted()
            raise

    def _turns(self) -> Done:
        text = ""
        for turn in range(1, MOST_TURNS + 1):
            answer = self._model.answer(self._messages, self._on_text)
            if isinstance(answer, Refusal):
                self._telemetry.event("api_error", status_code=answer.status)
                return Done(text, turn, answer.text)
            self._heard(answer)
            text = answer.message.text
            results = [self._use(block) for block in answer.message.content if block.get("type") == "tool_use"]
            if not results:
                return Done(text, turn)
            self._messages.append({"role": "user", "content": results})
        return Done(text, MOST_TURNS, f"stopped after {MOST_TURNS} turns")

    def _heard(self, answer: Answer) -> None:
        message, usage = answer.message, answer.message.usage
        self._messages.append({"role": "assistant", "content": message.content})
        self._transcript.answer(answer)
        self._on_answer(answer)
        for field, kind in TOKEN_TYPES.items():
            self._telemetry.count("claude_code.token.usage", getattr(usage, field), type=kind, model=message.model)
        self._telemetry.event(
            "api_request",
            model=message.model,
            duration_ms=answer.duration_ms,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_input_tokens,
            cache_creation_tokens=usage.cache_creation_input_tokens,
        )

    def _use(self, block: Block) -> Block:
        name, given, call = str(block.get("name")), block.get("input"), str(block.get("id"))
        used = self._workspace.use(name, given if isinstance(given, Mapping) else {})
        self._transcript.used(call, used)
        self._telemetry.event("tool_decision", tool_name=name, decision=used.decision, source=used.source)
        self._telemetry.event("tool_result", tool_name=name, success=not used.is_error, tool_result_size_bytes=len(used.text.encode()))
        if name == "Write":
            self._telemetry.count("claude_code.code_edit_tool.decision", 1, tool_name=name, decision=used.decision)
        return {"type": "tool_result", "tool_use_id": call, "content": used.text, "is_error": used.is_error}
