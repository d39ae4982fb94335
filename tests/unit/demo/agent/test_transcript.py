import json

from tests.unit.demo.agent.people import AT, SESSION, Counted, Ticking

from tenure.agents.claude_code import footprint
from tenure.client.sessions import branch_of, project_folder
from tenure.demo.agent.messages import Answer, Message, Usage
from tenure.demo.agent.tools import Used
from tenure.demo.agent.transcript import Transcript

FIELDS = {"cwd": "/home/dev/shop", "gitBranch": "main", "version": "0.1.0", "entrypoint": "cli"}
COMMON = {"uuid", "parentUuid", "sessionId", "timestamp", "cwd", "gitBranch", "version", "userType", "entrypoint", "isSidechain", "type"}


def written(tmp_path):
    transcript = Transcript(tmp_path / "p", SESSION, FIELDS, Ticking(AT), Counted())
    use = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}
    message = Message("msg_1", "claude-opus-4-8", [{"type": "text", "text": "I read."}, use], "tool_use", Usage(1, 2, 3, 4))
    transcript.prompt("Read it")
    transcript.answer(Answer(message, "req_1", 5))
    transcript.used("toolu_1", Used("content", {"type": "text"}))
    transcript.interrupted()
    return transcript.path, [json.loads(line) for line in transcript.path.read_text().splitlines()]


def test_the_lines_have_the_documented_form(tmp_path):
    _, lines = written(tmp_path)

    assert [line["type"] for line in lines] == ["queue-operation"] * 2 + ["user", "last-prompt", "assistant", "assistant", "user", "user"]
    assert all(set(line) >= COMMON for line in lines if line["type"] in ("user", "assistant"))
    prompt, result = lines[2], lines[6]
    assert (lines[0]["content"], prompt["message"], lines[3]["lastPrompt"]) == ("Read it", {"role": "user", "content": "Read it"}, "Read it")
    assert result["message"]["content"] == [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "content", "is_error": False}]
    assert (result["toolUseResult"], result["sourceToolAssistantUUID"]) == ({"type": "text"}, lines[5]["uuid"])


def test_an_answer_is_a_line_per_block_with_one_id_and_one_usage(tmp_path):
    _, lines = written(tmp_path)
    first, second = (line["message"] for line in lines if line["type"] == "assistant")

    assert (first["id"], first["usage"]) == (second["id"], second["usage"]) == ("msg_1", {
        "input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4,
    })  # fmt: skip
    assert [len(first["content"]), len(second["content"])] == [1, 1]
    assert {line["requestId"] for line in lines if line["type"] == "assistant"} == {"req_1"}


def test_each_line_names_the_one_before_it(tmp_path):
    _, lines = written(tmp_path)
    chained = [line for line in lines if "uuid" in line]

    assert [line["parentUuid"] for line in chained] == [None, *(line["uuid"] for line in chained[:-1])]


def test_only_the_person_can_read_it(tmp_path):
    path, _ = written(tmp_path)

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_without_a_folder_nothing_is_written(tmp_path):
    transcript = Transcript(None, SESSION, FIELDS, Ticking(AT), Counted())

    transcript.prompt("Read it")

    assert transcript.path is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_project_is_named_as_the_client_names_it(tmp_path):
    assert project_folder(tmp_path, "/home/dev/my.shop").name == "-home-dev-my-shop"


def test_entry_points_are_ones_that_are_known():
    assert {"cli", "sdk-cli"} <= set(footprint.SURFACES)


def test_the_branch_is_that_of_the_folder(tmp_path):
    assert branch_of(str(tmp_path)) == ""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/fix/it\n")
    assert branch_of(str(tmp_path)) == "fix/it"
    (tmp_path / ".git" / "HEAD").write_text("0" * 40 + "\n")
    assert branch_of(str(tmp_path)) == ""
