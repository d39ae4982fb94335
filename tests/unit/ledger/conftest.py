import sys
from collections.abc import Callable

import pytest
from tests.unit.ledger.told import VERIFIER


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tenure_verify.py", *map(str, arguments)])
        try:
            code = VERIFIER.main()
        except SystemExit as error:
            code = error.code
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return call
