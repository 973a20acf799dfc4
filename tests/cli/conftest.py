"""Runs the real command line in this process, over a folder of the test's own and without a daemon."""

from __future__ import annotations

import pytest

from cli.answers import Answer, Run
from mediadl.cli import root
from mediadl.paths import Home


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("queue", "list")`: exit code, stdout, stderr."""
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")

    def command(*words: str) -> Answer:
        capsys.readouterr()
        code = root.main(list(words))
        told = capsys.readouterr()
        return Answer(code, told.out, told.err)

    return command
