"""What the served OpenAPI document promises is asked for by schemathesis, with seeds and bounds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api_stage import Stage, staged
from mediadl.paths import Home

SEMANTIC = "positive_data_acceptance"
"""Text that has the shape of an address need not be one: what changes something may refuse what the shape allows."""


@pytest.fixture
def run(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    monkeypatch.setenv("MEDIADL_DOWNLOADS__DIRECTORY", str(tmp_path / "files"))
    return None


def ask(stage: Stage, folder: Path, *words: str) -> str:
    """What schemathesis said, as an administrator; fails with it when it found something."""
    program = Path(sys.executable).with_name("schemathesis")
    bearer = f"Authorization: Bearer {stage.token('anna')}"
    url = f"{stage.url}/api/v1/openapi.json"
    done = subprocess.run(
        [str(program), "run", url, "-H", bearer, "--seed", "7", "--no-color", "--workers", "1", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
    )
    assert done.returncode == 0, "\n".join(line[:300] for line in done.stdout.splitlines()[-120:])
    return done.stdout


@pytest.mark.usefixtures("run")
def test_edges_of_every_description_are_answered_as_described(home: Home, tmp_path: Path) -> None:
    with staged(home) as stage:
        stage.ask("POST", "/api/v1/queue", "anna", json={"urls": ["https://example.com/a.jpg"]})

        said = ask(stage, tmp_path, "--phases", "coverage", "-n", "1", "--exclude-checks", SEMANTIC)

    assert "generated" in said


@pytest.mark.usefixtures("run")
def test_chance_requests_are_answered_as_described(home: Home, tmp_path: Path) -> None:
    with staged(home) as stage:
        stage.ask("POST", "/api/v1/queue", "anna", json={"urls": ["https://example.com/a.jpg"]})

        ask(stage, tmp_path, "--phases", "fuzzing,stateful", "-n", "5", "--exclude-checks", SEMANTIC)
        ask(stage, tmp_path, "--phases", "coverage,fuzzing", "-n", "3", "--include-method", "GET")
