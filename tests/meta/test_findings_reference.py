"""The page of findings says what the code says."""

from tests.meta.findings_reference import PAGE, page


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "python -m tests.meta.findings_reference rewrites it"
