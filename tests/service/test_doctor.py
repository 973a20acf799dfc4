from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mediadl.models import Session
from mediadl.paths import Home
from mediadl.service import Services, open_services
from mediadl.service.doctor import Finding, State
from mediadl.store import sessions
from mediadl.workers.engine_store import EngineStore


def findings(services: Services) -> dict[str, Finding]:
    return {found.name: found for found in services.doctor.examine()}


def test_a_fresh_folder_has_nothing_bad(services: Services) -> None:
    found = findings(services)

    assert {name for name, one in found.items() if one.state is State.BAD} == set()
    assert {"yt-dlp", "gallery-dl", "ffmpeg", "database", "daemon", "free space", "clock"} <= set(found)


def test_looking_changes_nothing(home: Home) -> None:
    with open_services(home) as services:
        findings(services)

    assert not home.database.exists()
    assert not (Path.home() / "Downloads").exists()


def test_broken_settings_are_told_with_their_key(services: Services) -> None:
    services.settings.file.write_text("[downloads]\nconcurrent = 'many'\n")

    found = findings(services)["settings"]

    assert found.state is State.BAD
    assert "downloads.concurrent" in found.what


def test_a_full_disk_is_told(services: Services) -> None:
    services.settings.set("downloads.min_free_bytes", str(10**15))

    assert findings(services)["free space"].state is State.BAD


def test_an_unwritable_download_folder_is_told(services: Services) -> None:
    services.settings.set("downloads.directory", "/proc/nowhere")

    assert findings(services)["download folder"].state is State.BAD


def test_a_data_folder_open_to_others_is_told(services: Services) -> None:
    services.home.root.chmod(0o755)

    found = findings(services)["data folder"]

    assert (found.state, found.mend) == (State.WARN, f"chmod 700 {services.home.root}")


def test_a_damaged_database_is_told_with_what_to_do(services: Services) -> None:
    services.home.database.write_bytes(b"not a database at all" * 100)

    found = findings(services)["database"]

    assert found.state is State.BAD
    assert found.mend


def test_sessions_that_ran_out_or_broke_are_told(services: Services) -> None:
    now = time.time()
    with services.store.write() as tx:
        sessions.put(tx, Session("instagram", "a", "f", 1, now - 5, now, ""))
        sessions.put(tx, Session("tiktok", "b", "g", 1, None, now, "logged out"))

    found = findings(services)

    assert found["session instagram"].state is State.WARN
    assert found["session tiktok"].state is State.BAD


def test_missing_tools_are_told(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("mediadl.pipeline.plan.find_ffmpeg", lambda: "")

    found = findings(services)

    assert found["ffmpeg"].state is State.BAD


def test_a_tool_that_hangs_or_crashes_is_not_trusted(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\nsleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("mediadl.service.doctor._TOOL_TIMEOUT_S", 0.2)

    assert findings(services)["ffmpeg"].state is State.BAD


def test_old_engines_are_told_with_the_update(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_ENGINES__OLD_AFTER_DAYS", "1")

    found = findings(services)["yt-dlp"]

    assert found.state is State.WARN
    assert "days old" in found.what
    assert found.mend == "mediadl engines update yt-dlp"


def test_an_engine_that_was_refused_is_told_with_the_reason(services: Services) -> None:
    EngineStore(services.home.engines).note_refused("yt-dlp", "2999.1.1", "its self-test failed")

    found = findings(services)["yt-dlp"]

    assert found.state is State.WARN
    assert "2999.1.1 was not taken: its self-test failed" in found.what
