"""A subscription begins by itself, and survives the loss of the database as two text files."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.program import Program, wait_until
from fakeweb.sites.tiktok import make_user

pytestmark = pytest.mark.engines

VIDEOS = r"/video/tos/"


def run_states(program: Program) -> list[str]:
    """How the runs of the one schedule stand, newest first."""
    return [one["state"] for one in program.run("schedule", "history", "eve", "--json").json_lines()]


def test_nothing_is_fetched_again_after_export_wipe_and_import(program: Program, tmp_path: Path) -> None:
    program.world.tiktok.join("eve", make_user(posts=4, bytes_per_video=20_000))
    added = program.run("schedule", "add", "tiktok:@eve", "--every", "6h", "--backfill-items", "0")
    assert added.code == 0, added.err

    wait_until(lambda: len(program.files()) == 4, "the first run fetched everything, nobody asked it to")
    wait_until(lambda: run_states(program) == ["done"], "the run is over")
    schedules, archive = tmp_path / "all.yaml", tmp_path / "archive.jsonl"
    assert program.run("schedule", "export", str(schedules)).code == 0
    assert program.run("archive", "export", str(archive)).code == 0
    program.run("daemon", "stop")
    for file in program.home.glob("media_downloader.db*"):
        file.unlink()
    program.world.web.log.clear()

    assert program.run("archive", "import", str(archive)).code == 0
    imported = program.run("schedule", "import", str(schedules))

    assert imported.out == "+ eve\n", imported.err
    wait_until(lambda: run_states(program) == ["done"], "it runs again by itself")
    assert program.world.web.log.count(VIDEOS) == 0
    assert len(program.files()) == 4
    assert program.run("schedule", "apply", str(schedules)).err == "1 same\n"
