"""What a public repository must not hold: registries' hosts, and paths of the machines that it was made on."""

import re

import pytest
from tests.meta.tree import ROOT, tracked, where

# written in parts, so that this file does not hold what it looks for
HOSTS = ("pypi" + r"\.org", "python" + r"hosted\.org", r"registry\." + "npmjs", r"(?:deb|snapshot)\." + r"debian\.org", r"proxy\." + r"golang\.org")
PLACES = (r"(?<![\w.~-])/" + r"work/", r"(?<![\w.~-])/" + r"root/", r"/opt/" + "pypi", "bash" + "_jobs")
FORBIDDEN = re.compile("|".join((*HOSTS, *PLACES)))


def test_no_registry_and_no_machine_is_named() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [where(path, number) for number, line in enumerate(text.splitlines(), 1) if FORBIDDEN.search(line)]

    assert found == []


def test_the_rule_finds_what_it_looks_for() -> None:
    assert FORBIDDEN.search("see https://" + "pypi" + ".org/simple")
    assert FORBIDDEN.search("cd /" + "work/main")
    assert not FORBIDDEN.search("~/work/client")


@pytest.mark.parametrize("name", ["run.txt", "build.txt", "dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9][^\s=<>~;]*)(\S*)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", text, re.MULTILINE)

    assert entries
    assert [package for package, pin, hashes in entries if not re.fullmatch(r"==[\w.!+]+", pin) or not hashes] == []


def test_locks_agree_with_each_other() -> None:
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE))

    run, build, dev = pins("run.txt"), pins("build.txt"), pins("dev.txt")

    assert run.items() <= dev.items()
    assert {name: pin for name, pin in build.items() if name in dev and dev[name] != pin} == {}
