"""What decides in a folder: the settings files of the real client as well as the process's own variables."""

import json
from datetime import UTC, datetime

import pytest

from tenure.client.opt_outs import Provider, Service, survey_rate
from tenure.client.presence import presence
from tenure.services.audit import Attestation
from tenure.testing.machine import HOME, FakeMachine

WORK = f"{HOME}/work"
AT = datetime(2026, 9, 1, tzinfo=UTC)
FILES = ["~/.claude/settings.json", "~/work/.claude/settings.json", "~/work/.claude/settings.local.json", "/etc/claude-code/managed-settings.json"]


def found(files=None, env=None, said=None, *, uploads=True):
    view = FakeMachine({path: json.dumps(value) for path, value in (files or {}).items()}, env, folder=WORK)
    return presence(view, WORK, said or {}, uploads=uploads)


def attested(**values: object):
    return {f"claude_code/{name.replace('__', '.')}": Attestation(value, AT, "subject") for name, value in values.items()}


@pytest.mark.parametrize("path", FILES)
def test_an_opt_out_counts_in_whichever_file_it_stands(path):
    here = found({path: {"env": {"DISABLE_FEEDBACK_COMMAND": "1"}}})

    assert Service.FEEDBACK not in here.on
    assert here.why_off(Service.FEEDBACK) == "DISABLE_FEEDBACK_COMMAND"
    assert here.case(None)["env"] == {"DISABLE_FEEDBACK_COMMAND": "1"}


@pytest.mark.parametrize("name", ["DISABLE_FEEDBACK_COMMAND", "DISABLE_BUG_COMMAND"])
def test_an_opt_out_counts_in_the_environment_under_its_older_name_too(name):
    assert Service.FEEDBACK not in found(env={name: "1"}).on
    assert Service.FEEDBACK in found(env={name: ""}).on


def test_another_folders_settings_do_not_count():
    assert Service.FEEDBACK in found({"~/elsewhere/.claude/settings.json": {"env": {"DISABLE_FEEDBACK_COMMAND": "1"}}}).on


@pytest.mark.parametrize("value", [True, 1, ["1"], {}])
def test_a_malformed_variable_counts_as_set(value):
    assert Service.RATING not in found({FILES[0]: {"env": {"DISABLE_TELEMETRY": value}}}).on


@pytest.mark.parametrize(("value", "rate"), [(1, 1), (0.25, 0.25), (0, 0), ("often", 0), ([1], 0), (7, 0)])
def test_the_rate_of_the_survey_is_the_clients_own_setting(value, rate):
    here = found({FILES[0]: {"feedbackSurveyRate": value}})

    assert survey_rate(here.settings) == rate
    assert (Service.RATING in here.on) == (rate > 0)


def test_sessions_stay_here_without_a_yes():
    assert Service.SESSION_UPLOAD in found().on
    assert Service.SESSION_UPLOAD not in found(uploads=False).on


def test_the_provider_is_the_one_that_is_selected():
    here = found({FILES[0]: {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}})

    assert here.provider is Provider.BEDROCK
    assert here.on >= {Service.FEEDBACK_ARCHIVE}
    assert Service.FEEDBACK not in here.on


def test_zero_retention_counts_where_it_was_attested():
    assert Service.FEEDBACK in found().on
    assert not found(said=attested(flag__zdr=True)).on & {Service.FEEDBACK, Service.SESSION_UPLOAD, Service.TRANSCRIPT_SHARE}
    assert Service.FEEDBACK in found(said=attested(flag__zdr=False)).on


@pytest.mark.parametrize(("entry", "surface"), [("cli", "cli"), ("sdk-cli", "cli"), ("claude-vscode", "ide"), ("other", "cli")])
def test_the_case_says_where_the_client_runs(entry, surface):
    case = found(env={"CLAUDE_CODE_ENTRYPOINT": entry}).case("2.1.197")

    assert case == {"surface": surface, "env": {}, "settings": {}, "client_version": "2.1.197"}
