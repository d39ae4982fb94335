"""Renders docs/reference/findings.md from the notices themselves. `python -m tests.meta.findings_reference` rewrites the page."""

from collections.abc import Iterator
from pathlib import Path

from tenure.agents.notices import EVERYWHERE, Notice
from tenure.agents.registry import NOTICES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "findings.md"
HEAD = """# Findings

Everything that `tenure audit` may find, rendered from the program by `python -m tests.meta.findings_reference`; a test compares this page with
it. An id is `AGENT/NAME` and stays the same from release to release. `tenure why ID` explains one that was found here.

High: content can be read, published, trained on or kept against what was meant. Medium: a setting does something other than it seems. Low: worth
knowing. Braces stand for what was found.
"""
STALE = """## Of terms

### AGENT/terms-need-a-fresh-look

*low.* The terms of {title} were read long ago: {count} need a fresh look.

A clause that was read longer ago than its pack allows goes on deciding, with this warning. **What to do:** `tenure terms check` compares the pages
and says what to read again.
"""


def section(name: str, notice: Notice) -> str:
    return f"### {name}\n\n*{notice.severity}.* {notice.title}.\n\n{notice.why} **What to do:** {notice.remedy}\n\nSource: {notice.source}.\n"


def sections() -> Iterator[str]:
    yield HEAD
    yield "## Of every agent\n"
    for slug, notice in EVERYWHERE.items():
        yield section(f"AGENT/{slug}", notice)
    for agent, notices in NOTICES.items():
        yield f"## {agent}\n"
        for slug, notice in notices.items():
            if EVERYWHERE.get(slug) is not notice:
                yield section(f"{agent}/{slug}", notice)
    yield STALE


def page() -> str:
    return "\n".join(sections())


if __name__ == "__main__":
    PAGE.write_text(page())
