"""A still world for pictures: one moment, one time zone, one disk, no daemon."""

from __future__ import annotations

import shutil
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from mediadl.paths import Home
from mediadl.service import Services, open_services
from terminal import archive, plans, scene

MOMENT = "2026-11-20T12:00:00Z"

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def services(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services over a well-filled data folder at one moment."""
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(500 * 10**9, 417 * 10**9, 83 * 10**9))
    time.tzset()
    with time_machine.travel(MOMENT, tick=False), open_services(opened_home) as made:
        scene.write(made, scene.EVERYDAY)
        plans.write(made, now=time.time())
        archive.write(made, Path("/srv/media"), now=time.time(), on_disk=False)
        archive.log(made)
        yield made
    monkeypatch.undo()
    time.tzset()
