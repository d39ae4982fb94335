import pytest
from tests.unit.demo.agent.people import ASKED, SESSION, NotingServer, Typist, surroundings

from tenure.client.privacy import HELP, privacy


def test_it_shows_each_service_and_what_switched_it_off(tmp_path):
    person, server = Typist(), NotingServer()

    privacy(surroundings(tmp_path, person, server, env={"DO_NOT_TRACK": "1"}), [], "ann")

    assert "metrics              off, by DO_NOT_TRACK" in person.seen
    assert "feedback             on" in person.seen
    assert "training             False" in person.seen


def test_a_yes_goes_back_with_the_question_that_was_shown(tmp_path):
    person, server = Typist(["y"]), NotingServer()

    privacy(surroundings(tmp_path, person, server), ["training", "on"], "ann")

    assert server.calls == [("question", "training"), ("answer", "training", ASKED)]
    assert ASKED.text in person.asked[0]


def test_anything_but_a_yes_answers_nothing(tmp_path):
    for answer in (None, "", "n", "on", "ok"):
        server = NotingServer()
        privacy(surroundings(tmp_path, Typist([answer]), server), ["training", "on"], "ann")
        assert server.names == ["question"], answer


def test_a_no_needs_no_question(tmp_path):
    person, server = Typist(), NotingServer()

    privacy(surroundings(tmp_path, person, server), ["training", "off"], "ann")

    assert server.calls == [("answer", "training", None)]
    assert person.asked == []


@pytest.mark.parametrize(("word", "answer", "call"), [("erase", "erase", ("erase", "ann")), ("forget", "y", ("delete_session", SESSION))])
def test_erasing_needs_its_word(tmp_path, word, answer, call):
    for typed in (answer, None, "", "n", "ERASE!", "yes please"):
        person, server = Typist([typed]), NotingServer()
        privacy(surroundings(tmp_path, person, server), [word], "ann")
        assert server.calls == ([call] if typed == answer else []), typed
        assert ("Erased." in person.seen) == (typed == answer)


def test_a_refused_answer_is_shown_as_one(tmp_path):
    person = Typist(["y"])

    privacy(surroundings(tmp_path, person, NotingServer("the answer came too late")), ["training", "on"], "ann")

    assert "It was not done: the answer came too late" in person.seen
    assert "training is on." not in person.seen


def test_an_export_is_written_for_the_person_and_overwrites_nothing(tmp_path):
    path = tmp_path / "mine.zip"
    person = Typist()
    here = surroundings(tmp_path, person, NotingServer())

    privacy(here, ["export", str(path)], "ann")

    assert path.read_bytes() == b"everything"
    assert path.stat().st_mode & 0o777 == 0o600

    path.write_bytes(b"mine")
    privacy(here, ["export", str(path)], "ann")
    assert path.read_bytes() == b"mine"
    assert "It was not written" in person.seen


def test_other_words_show_the_help(tmp_path):
    for words in (["maybe"], ["training", "maybe"], ["a", "b", "c"]):
        person, server = Typist(), NotingServer()
        privacy(surroundings(tmp_path, person, server), words, "ann")
        assert server.calls == []
        assert HELP in person.seen
