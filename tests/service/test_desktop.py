"""Opening files with the desktop: a stand-in for xdg-open notes what it was asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.service import desktop

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="another opener")


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose opener writes its argument beside itself."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{folder}/asked"\ncase "$1" in *bad*) exit 3;; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":9")
    return folder / "asked"


def test_without_a_display_there_is_no_desktop(opener: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desktop.has_desktop()

    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert not desktop.has_desktop()
    with pytest.raises(desktop.CannotOpen):
        desktop.open_folder(opener)


def test_a_file_and_its_folder_are_opened(opener: Path, tmp_path: Path) -> None:
    file = tmp_path / "-odd name.jpg"
    file.write_text("x")

    desktop.open_file(file)
    assert opener.read_text() == str(file)
    desktop.open_folder(file)
    assert opener.read_text() == str(tmp_path)


def test_what_is_missing_or_may_be_a_program_is_not_opened(opener: Path, tmp_path: Path) -> None:
    program = tmp_path / "game.desktop"
    program.write_text("x")

    with pytest.raises(InvalidInput):
        desktop.open_file(program)
    with pytest.raises(NotFound):
        desktop.open_file(tmp_path / "gone.jpg")
    with pytest.raises(NotFound):
        desktop.open_folder(tmp_path / "gone" / "x.jpg")
    assert not opener.exists()


def test_an_opener_that_refuses_is_told(opener: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.jpg"
    file.write_text("x")

    with pytest.raises(desktop.CannotOpen, match="exit code 3"):
        desktop.open_file(file)
