"""A stream's fragments, put together by the engine's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from yt_dlp.downloader.hls import HlsFD

from mediadl.modules.base import Target, Task
from mediadl.modules.engines.resume import Record, Records
from mediadl.modules.engines.ytdlp_resume import ResumingYoutubeDL
from mediadl.workers.runner_reporter import PipeReporter

KEY = "e1-hd.mp4"


@pytest.fixture
def downloader(tmp_path: Path) -> HlsFD:
    task = Task(Target("generic", "https://e.com/p", "page", "e.com"), tmp_path)
    session = ResumingYoutubeDL({"quiet": True}, task, PipeReporter(lambda _: None))
    return HlsFD(session, session.params)


def append(downloader: HlsFD, folder: Path, content: bytes, engines_index: int) -> None:
    """One more fragment, with the number that the engine's threads have left in what they share."""
    fragment = folder / f"{KEY}.part-Frag"
    fragment.touch()
    with (folder / f"{KEY}.part").open("ab") as part:
        context: dict[str, Any] = {
            "filename": str(folder / KEY), "tmpfilename": str(folder / f"{KEY}.part"), "live": False,
            "fragment_index": engines_index, "fragment_filename_sanitized": str(fragment), "dest_stream": part,
        }  # fmt: skip
        downloader._append_fragment(context, content)


@pytest.mark.parametrize("engines_index", [1, 4], ids=["its own", "that of a faster thread"])
def test_a_fragment_is_counted_whatever_number_the_engine_writes(
    downloader: HlsFD, tmp_path: Path, engines_index: int
) -> None:
    records = Records(tmp_path)
    records.put(KEY, Record(parts="p"))

    append(downloader, tmp_path, b"one", engines_index)
    append(downloader, tmp_path, b"two!", engines_index + 1)

    record = records.get(KEY)
    assert record is not None
    assert (record.fragments, record.size_bytes) == (2, 7)
    assert records.roll_back(KEY)
    word = json.loads((tmp_path / f"{KEY}.ytdl").read_text("utf-8"))
    assert word["downloader"]["current_fragment"]["index"] == 2


def test_counting_goes_on_where_a_partial_file_was_left(downloader: HlsFD, tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.put(KEY, Record(parts="p", fragments=2, size_bytes=6, progress="{}"))
    (tmp_path / f"{KEY}.part").write_bytes(b"onetwo")

    append(downloader, tmp_path, b"three", 5)

    record = records.get(KEY)
    assert record is not None
    assert (record.fragments, record.size_bytes) == (3, 11)
