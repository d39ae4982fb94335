from tenure.console.identity import Grant
from tenure.console.sessions import LASTS_S, MOST, Sessions
from tenure.services.tokens import Scope


class Passing:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def grant(scope=Scope.CONSENT, subject="ann", org=None):
    return Grant("0" * 16, scope, "claude_code", subject, org)


def test_session_lasts_for_its_time_after_its_last_page_alone():
    time = Passing()
    sessions = Sessions(time)
    name = sessions.sign_in(grant(), "")
    time.now = LASTS_S - 1
    assert sessions.find(name) is not None
    time.now += LASTS_S - 1
    assert sessions.find(name) is not None
    time.now += LASTS_S
    assert sessions.find(name) is None
    time.now = 0.0
    assert sessions.find(name) is None, "a session that is over stays over"


def test_signing_in_gives_a_fresh_name_and_closes_the_old_one():
    sessions = Sessions()
    first = sessions.sign_in(grant(), "chosen-by-somebody-else")
    second = sessions.sign_in(grant(Scope.RIGHTS), first)

    assert first != "chosen-by-somebody-else"
    assert sessions.find(first) is None
    assert set(sessions.find(second).grants) == {Scope.CONSENT, Scope.RIGHTS}


def test_what_another_person_could_do_is_dropped():
    sessions = Sessions()
    ann = sessions.sign_in(grant(), "")
    bob = sessions.sign_in(grant(Scope.RIGHTS, "bob"), ann)

    assert set(sessions.find(bob).grants) == {Scope.RIGHTS}


def test_signing_out_closes_the_session():
    sessions = Sessions()
    name = sessions.sign_in(grant(), "")
    sessions.sign_out(name)

    assert sessions.find(name) is None


def test_session_that_was_used_least_recently_makes_room():
    sessions = Sessions()
    first = sessions.sign_in(grant(), "")
    second = sessions.sign_in(grant(), "")
    for _ in range(MOST - 2):
        sessions.sign_in(grant(), "")
    sessions.find(first)
    sessions.sign_in(grant(), "")

    assert sessions.find(first) is not None
    assert sessions.find(second) is None


def test_code_is_bound_to_the_session_and_to_the_process():
    one, other = Sessions(), Sessions()

    assert one.is_code("a", one.code("a"))
    assert not one.is_code("b", one.code("a"))
    assert not other.is_code("a", one.code("a"))
    assert not one.is_code("a", "")
    assert not one.is_code("a", "\u00e9")
