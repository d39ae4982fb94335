"""The commands of the documentation run, and print what it says they print. `python -m tests.meta.examples` rewrites the pages."""

from pathlib import Path

import pytest
from tests.meta.examples import Example, pages, run_page, split
from tests.meta.tree import ROOT

README = ROOT / "README.md"
PAGES = pages()


def unlike(example: Example) -> bool:
    written = [" ".join(line.split()) for line in example.written.strip().splitlines()]
    printed = [" ".join(line.split()) for line in example.printed.strip().splitlines()]
    return bool(written) and written != printed


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_commands_print_what_the_page_says(page: Path) -> None:
    examples = run_page(page)

    assert [(example.command, example.exit) for example in examples if example.exit not in {0, 10, 11}] == []
    assert [(example.command, example.printed) for example in examples if unlike(example)] == []


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_readme_begins_with_the_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    first = text[text.index("```console\n") + len("```console\n") :]

    assert [command.partition("  ")[0] for command, _ in split(first[: first.index("```")])] == ["bin/tenure audit", "bin/test"]


def test_readme_shows_an_audit() -> None:
    assert "$ tenure audit --sample" in README.read_text(encoding="utf-8")
