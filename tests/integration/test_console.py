"""The pages in a real browser: asserted from what a person sees, and from the store after the service has stopped."""

import json
import shutil
import tarfile
from pathlib import Path

import httpx
import pytest
from tests.integration.consoles import AT, SECRET, SESSION, WHO, House, book, browsing
from tests.unit.server.otlp import payloads

from tenure.ports import Selection
from tenure.records.kinds import Kind
from tenure.services.consent import LATEST, SOONEST

if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("chromium and chromedriver are not installed: apt install chromium chromium-driver", allow_module_level=True)
webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed; bin/test installs it")
from selenium.webdriver.common.by import By  # noqa: E402 - where there is no browser, there is nothing to import for
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.expected_conditions import staleness_of  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.machine
PAGES = ("privacy", "held", "held/erase", "overview", "telemetry", "organisation")


class Person:
    """Somebody at a browser."""

    def __init__(self, driver, url):
        self.driver, self.url = driver, url

    def open(self, path):
        self.driver.get(f"{self.url}/console/{path}")

    def press(self, words, *, stays=False):
        where = f"//main//*[self::button or self::a][contains(normalize-space(), {json.dumps(words)})]"
        self.go(self.driver.find_element(By.XPATH, where).click, stays=stays)

    def go(self, act, *, stays=False):
        """Do what leads to another page, and wait until that is there; `stays`: it leads nowhere."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        act()
        if not stays:
            wait = WebDriverWait(self.driver, 30)
            wait.until(staleness_of(page))
            wait.until(lambda driver: driver.execute_script("return document.readyState") == "complete")

    def sign_in(self, token):
        self.open("sign-in")
        self.driver.find_element(By.ID, "token").send_keys(token)
        self.press("Sign in")

    def focus(self):
        return self.driver.switch_to.active_element

    def keys(self, *pressed):
        for each in pressed:
            self.focus().send_keys(each)

    @property
    def sees(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def complaints(self):
        """What the browser has to say about the pages, but that a status is none of success."""
        return [each["message"] for each in self.driver.get_log("browser") if "the server responded with a status of" not in each["message"]]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("browser")) as driver:
        driver.downloads = Path(driver.capabilities["chrome"]["userDataDir"]).parent / "downloads"
        yield driver


@pytest.fixture
def house(tmp_path, home):
    found = House(tmp_path, book(permits_debug=True))
    found.furnish()
    return found


@pytest.fixture
def served(house, driver):
    driver.delete_all_cookies()
    with house.serving() as url:
        person = Person(driver, url)
        yield person
        assert person.complaints() == []


@pytest.fixture
def person(house, driver):
    """Somebody at a browser, and a way to stop the service and look into the store."""
    driver.delete_all_cookies()
    serving = house.serving()
    found = Person(driver, serving.__enter__())
    found.is_open = True

    def leave():
        found.is_open = False
        complaints = found.complaints()
        serving.__exit__(None, None, None)
        assert complaints == []

    found.leave = leave
    yield found
    if found.is_open:
        leave()


def answers(house):
    with house.open() as keeping:
        found = keeping.accounts.agreement("claude_code", WHO, None, keeping.at).consents or ()
        return [(each.name, each.value, each.by, each.default_shown) for each in found]


def ask(person, words="used to train generative models"):
    person.open("privacy")
    person.go(person.driver.find_element(By.XPATH, f"//section[.//h2[contains(., '{words}')]]//button[contains(., 'Answer this question')]").click)


def test_yes_on_the_page_of_the_question_is_on_record_with_its_preset_answer(house, person):
    person.sign_in(house.tokens["consent"])
    assert "No answer yet: counts as no" in person.sees
    ask(person, "prompts, code and answers")
    assert person.heading == "A question"
    assert "May your prompts, code and answers in Claude Code be used to train generative models?" in person.sees
    assert person.driver.find_element(By.CSS_SELECTOR, "input[value=no]").is_selected()

    house.later(seconds=2)
    person.driver.find_element(By.CSS_SELECTOR, "input[value=yes]").click()
    person.press("Save my answer")

    assert "Your answer is on record: yes, to training." in person.sees
    assert person.driver.find_element(By.CSS_SELECTOR, "table tbody tr").text.split(" UTC ")[1] == "training yes subject"
    person.leave()
    assert answers(house) == [("training", True, "subject", False)]


@pytest.mark.parametrize(("wait", "clause"), [(SOONEST / 2, "consent/too-early"), (LATEST + SOONEST, "consent/too-late")])
def test_yes_outside_of_its_time_does_not_count(house, person, wait, clause):
    person.sign_in(house.tokens["consent"])
    ask(person)
    house.clock.move_to(house.clock.now() + wait)
    person.driver.find_element(By.CSS_SELECTOR, "input[value=yes]").click()
    person.press("Save my answer")

    assert person.heading == "Your answer does not count"
    assert clause in person.sees
    person.press("Back to my privacy")
    assert "did not count" in person.sees
    person.leave()
    assert answers(house) == []


def test_question_is_answered_once_and_an_older_page_counts_for_nothing(house, person):
    person.sign_in(house.tokens["consent"])
    ask(person)
    first = person.driver.current_window_handle
    person.driver.switch_to.new_window("tab")
    ask(person)  # asks again, with another nonce
    person.driver.close()
    person.driver.switch_to.window(first)
    house.later(seconds=2)
    person.driver.find_element(By.CSS_SELECTOR, "input[value=yes]").click()
    person.press("Save my answer")

    assert "this is not the question that was asked last" in person.sees.lower()
    person.leave()
    assert answers(house) == []


def test_no_counts_at_once_and_is_shown_in_the_history(house, person):
    person.sign_in(house.tokens["consent"])
    person.press("Say no")

    assert "Your answer is on record: no" in person.sees
    person.leave()
    ((_, value, by, _),) = answers(house)
    assert (value, by) == (False, "subject")


def test_export_downloads_all_that_is_held_with_a_manifest(house, person):
    for old in person.driver.downloads.iterdir():
        old.unlink()
    person.sign_in(house.tokens["rights"])
    assert "4 records" in person.sees
    person.press("Download my data", stays=True)
    WebDriverWait(person.driver, 20).until(lambda _: (person.driver.downloads / "tenure-export.tar").exists())

    with tarfile.open(person.driver.downloads / "tenure-export.tar") as archive:
        manifest = json.loads(archive.extractfile("manifest.json").read())
        contents = [archive.extractfile(each["file"]).read() for each in manifest["records"]]

    assert contents == [SECRET] * 4
    assert manifest["subject"] == WHO


def test_erasing_takes_two_steps_and_leaves_nothing(house, person):
    person.sign_in(house.tokens["rights"])
    person.press("Erase my data")
    assert "3 × prompt" in person.sees
    assert "cannot be undone" in person.sees
    assert "survey ratings: they carry no person" in person.sees
    person.press("Erase 4 records", stays=True)  # without the tick the browser itself asks for it
    assert person.heading == "Erase my data"
    person.driver.find_element(By.NAME, "understood").click()
    person.press("Erase 4 records")

    assert "4 records were erased" in person.sees
    person.open("held")
    assert person.heading == "Sign in"
    person.sign_in(house.tokens["rights"])
    assert "no token" in person.sees
    person.leave()
    with house.open() as keeping:
        assert list(keeping.store.keys.buckets(Selection(subjects=[WHO]))) == []
        assert not keeping.accounts.knows(WHO)
    files = [path for path in (house.folder / "store").rglob("*") if path.is_file()]
    assert [path.name for path in files if SECRET in path.read_bytes()] == []


def test_what_others_wrote_is_shown_as_text(house, served):
    served.sign_in(house.tokens["rights"])

    assert WHO in served.sees
    assert SESSION in served.sees
    assert served.driver.title == "Held of me · Tenure"
    assert served.driver.find_elements(By.CSS_SELECTOR, "main img, main script") == []


def test_operator_sees_terms_calendar_refusals_and_ledger(house, served):
    served.sign_in(house.tokens["operate"])

    with_clause = served.driver.find_element(By.XPATH, "//table[caption[contains(., 'not kept')]]//tbody/tr").text
    assert "telemetry-metrics-off" in with_clause
    assert with_clause.startswith("deny")
    assert served.driver.find_element(By.XPATH, "//table[caption[contains(., 'destroyed')]]//tbody/tr").text == "2026-10-28 4"
    assert "30 days" in served.sees
    assert "Clock\nbelieved" in served.sees


def report(house, url, count=10):
    """Report as a client does: requests of 1 s, one failure, tools of 50 ms."""
    sent = [payloads.logs("api_request", model="claude-sonnet-4-5", duration_ms=1000, session_dot_id=f"s-{each}") for each in range(count)]
    sent += [payloads.logs("api_error", model="claude-sonnet-4-5", duration_ms=90), payloads.logs("tool_result", tool_name="Bash", duration_ms=50)]
    head = {"authorization": f"Bearer {house.tokens['ingest']}", "content-type": "application/x-protobuf"}
    with httpx.Client(base_url=url, verify=False) as client:  # noqa: S501 - this machine alone
        for each in sent:
            client.post("/v1/logs", content=each.SerializeToString(), headers=head).raise_for_status()


def test_operator_sees_latency_and_failures_and_the_reading_leaves_receipts(house, person):
    report(house, person.url)
    person.sign_in(house.tokens["operate"])
    person.open("telemetry")
    assert "Requests by model" not in person.sees
    person.press("Read it")

    row = person.driver.find_element(By.XPATH, "//table[caption='Requests by model']//tbody/tr").text
    assert "11 1 (9.1 %) 1.0 s" in row
    assert "Bash" in person.driver.find_element(By.XPATH, "//table[caption='Uses of tools']//tbody/tr").text
    assert person.driver.find_elements(By.CSS_SELECTOR, "svg.plot rect.fill")
    person.leave()
    with house.open() as keeping:
        kinds = [json.loads(entry)["type"] for entry in keeping.store.ledger.entries()]
    assert kinds.count("permitted") == kinds.count("read") == 1


def test_telemetry_that_the_terms_keep_is_shown_as_denied(tmp_path, home, driver):
    house = House(tmp_path)  # the packaged terms permit nothing of metrics but their collection
    house.furnish()
    driver.delete_all_cookies()
    with house.serving() as url:
        person = Person(driver, url)
        report(house, url, count=1)
        person.sign_in(house.tokens["operate"])
        person.open("telemetry")
        person.press("Read it")

        assert "no clause permits debug of usage metrics" in person.sees
        assert "Requests by model" not in person.sees
    with house.open() as keeping:
        assert "permitted" not in [json.loads(entry)["type"] for entry in keeping.store.ledger.entries()]


def test_owner_enters_the_program_and_sees_what_it_changes(house, person):
    person.sign_in(house.tokens["owner"])
    ask(person, "partner program")
    house.later(seconds=2)
    person.driver.find_element(By.CSS_SELECTOR, "input[value=yes]").click()
    person.press("Save my answer")
    assert "Your answer is on record: yes, to dpp." in person.sees
    head = {"authorization": f"Bearer {house.tokens['org']}"}
    used = {"model": "claude-opus-4-5", "tokens": {"input": 1_000_000}, "request": "r1"}
    httpx.post(f"{person.url}/v1/usage", json=used, headers=head, verify=False).raise_for_status()  # noqa: S501 - this machine alone
    person.open("organisation")

    assert "Enrolled\nYes" in person.sees
    assert "by owner" in person.sees
    row = person.driver.find_element(By.XPATH, "//table[caption[contains(., 'Usage by month')]]//tbody/tr").text
    assert row.startswith("2026-09 claude-opus-4-5 1")
    person.leave()
    with house.open() as keeping:
        assert "dpp" in keeping.accounts.agreement("claude_code", None, "acme", keeping.at).flags


def test_person_cannot_open_what_the_token_is_not_for(house, served):
    served.sign_in(house.tokens["consent"])
    for path in ("held", "overview", "telemetry", "organisation"):
        served.open(path)
        assert served.heading == "That did not work"
    assert "server/scope" in served.sees


def test_session_ends_15_minutes_after_its_last_page_and_with_its_token(house, served):
    served.sign_in(house.tokens["consent"])
    house.ran += 14 * 60
    served.open("privacy")
    assert served.heading == "My privacy"
    house.ran += 15 * 60
    served.open("privacy")
    assert served.heading == "Sign in"


def test_whole_way_to_a_yes_needs_the_keyboard_alone(house, person):
    person.open("sign-in")
    assert person.focus().get_attribute("id") == "token"
    person.go(lambda: person.keys(house.tokens["consent"] + Keys.ENTER))
    assert person.heading == "My privacy"
    person.keys(Keys.TAB)
    assert person.focus().get_attribute("textContent") == "Skip to the content"
    person.keys(Keys.ENTER, Keys.TAB)
    assert person.focus().text.startswith("Answer this question")
    person.go(lambda: person.keys(Keys.ENTER))
    assert person.heading == "A question"
    while person.focus().get_attribute("name") != "answer":
        person.keys(Keys.TAB)
    assert person.focus().get_attribute("value") == "no"
    person.keys(Keys.ARROW_DOWN)
    house.later(seconds=2)
    person.keys(Keys.TAB)
    person.go(lambda: person.keys(Keys.ENTER))

    assert "Your answer is on record: yes" in person.sees
    person.leave()
    assert [value for _, value, _, _ in answers(house)] == [True]


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_labelled_and_never_wider_than_the_screen(house, served, width):
    for scope in ("consent", "rights", "operate"):
        served.sign_in(house.tokens[scope])
    served.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
    for path in PAGES:
        served.open(path)
        found = served.driver.execute_script(LOOKED_AT)
        assert found == {"lang": "en", "h1": 1, "skipped": [], "unlabelled": [], "uncaptioned": 0, "wide": False, "scripts": 0, "styled": 0}, path
    served.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


LOOKED_AT = """
const all = (selector) => [...document.querySelectorAll(selector)];
const levels = all('h1,h2,h3,h4').map((each) => Number(each.tagName[1]));
return {
  lang: document.documentElement.lang,
  h1: all('h1').length,
  skipped: levels.filter((level, place) => place && level > levels[place - 1] + 1),
  unlabelled: all('input:not([type=hidden])').filter((each) => !each.labels.length).map((each) => each.name)
    .concat(all('a,button,summary').filter((each) => !each.textContent.trim()).map((each) => each.outerHTML)),
  uncaptioned: all('table').filter((each) => !each.caption).length,
  wide: document.documentElement.scrollWidth > innerWidth,
  scripts: all('script').length,
  styled: all('[style]').length,
};
"""


def test_token_is_in_no_page_no_address_and_no_file(house, person):
    token = house.tokens["rights"]
    person.sign_in(token)
    seen = [person.driver.page_source, person.driver.current_url]
    person.open("sign-in")
    seen.append(person.driver.page_source)
    cookie = person.driver.get_cookie("__Host-tenure")
    person.leave()

    assert [each for each in (*seen, cookie["value"]) if token in each or token.rpartition("_")[2] in each] == []
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    assert [path.name for path in house.folder.rglob("*") if path.is_file() and token.encode() in path.read_bytes()] == []


def test_kinds_of_the_store_are_those_of_the_page(house, served):
    served.sign_in(house.tokens["rights"])
    rows = [each.text for each in served.driver.find_elements(By.XPATH, "//table[caption[contains(., 'by kind')]]//tbody/tr/th")]

    assert rows == [str(Kind.PROMPT), str(Kind.TRANSCRIPT)]
    assert f"as of {AT:%Y-%m-%d}" in served.sees
