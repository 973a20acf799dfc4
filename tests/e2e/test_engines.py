"""A newer engine is taken while the program works; one that lists less is refused, and going back is quick."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from e2e.program import Program, processes_of, wait_until
from mediadl.workers.engine_store import EngineStore
from wheelhouse import engine_wheel, index

pytestmark = [pytest.mark.engines, pytest.mark.timeout(300)]

GOOD, BROKEN = "2026.12.1", "2026.12.2"


def runner_lines(program: Program) -> list[str]:
    found = []
    for pid in processes_of(program.home):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        except OSError:
            continue
        if "runner_nursery" in line:
            found.append(line)
    return found


def test_engines_change_under_a_working_program(program: Program, tmp_path: Path) -> None:
    tiktok = program.world.tiktok
    engine_wheel(tmp_path / "good", "yt-dlp", GOOD)
    engine_wheel(
        tmp_path / "broken", "yt-dlp", BROKEN,
        mend={"extractor/tiktok.py": lambda text: text.replace(b"__UNIVERSAL_DATA_FOR_REHYDRATION__", b"__OTHER__")},
    )  # fmt: skip
    program.fetch(tiktok.post_url("alice", 20))

    updated = program.run("engines", "update", "yt-dlp", "--from", str(tmp_path / "good"))
    wait_until(lambda: any(GOOD in line for line in runner_lines(program)), "a nursery with the new version")
    _, with_new = program.fetch(tiktok.post_url("alice", 19))
    refused = program.run("engines", "update", "yt-dlp", "--from", str(tmp_path / "broken"))
    began = time.monotonic()
    back = program.run("engines", "rollback", "yt-dlp")
    took_s = time.monotonic() - began
    wait_until(
        lambda: bool(runner_lines(program)) and not any(GOOD in line for line in runner_lines(program)),
        "a nursery with the packaged version",
    )
    _, with_old = program.fetch(tiktok.post_url("alice", 18))

    assert updated.code == 0, updated.err
    assert [with_new[0]["status"], with_old[0]["status"]] == ["completed", "completed"]
    assert refused.code == 1
    assert f"{BROKEN} was refused, {GOOD} stays" in refused.err
    assert "tiktok.com" in refused.err
    assert back.code == 0
    assert took_s < 10
    assert len(program.files()) == 3


def test_a_version_that_no_longer_loads_stops_no_download(program: Program, tmp_path: Path) -> None:
    engine_wheel(tmp_path, "yt-dlp", GOOD)
    assert program.run("engines", "update", "yt-dlp", "--from", str(tmp_path)).code == 0
    folder = EngineStore(program.home / "engines").folder("yt-dlp", GOOD)
    (folder / "yt_dlp" / "__init__.py").write_text("raise ImportError('the disk lost a page')\n")

    result, jobs = program.fetch(program.world.tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    assert "the updated engines do not load" in program.log()


def test_the_daemon_updates_by_schedule_in_a_quiet_moment(program: Program, tmp_path: Path) -> None:
    pytest.importorskip("instaloader")
    with index() as shop:
        shop.wheels.append(engine_wheel(tmp_path, "instaloader", "9.1"))
        program.extra |= {"MEDIADL_ENGINES__UPDATE": "weekly", "MEDIADL_ENGINES__INDEX": shop.url,
                          "MEDIADL_NETWORK__PROXY": ""}  # fmt: skip
        program.run("daemon", "start")
        store = EngineStore(program.home / "engines")

        wait_until(lambda: store.in_use("instaloader") == "9.1", "the new version is in use")
        # The index knows nothing of the others: they stay as they are
        assert [store.in_use(name) for name in ("yt-dlp", "gallery-dl")] == ["", ""]
        assert program.daemon_pid() is not None
