"""A thread of ten thousand posts in a real runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakeweb.sites.forums import Thread
from mediadl.pipeline.protocol import Ended, Message, ThreadRead
from runner_driver import Bench, bench, runners, world

__all__ = ["bench", "runners", "world"]

pytestmark = pytest.mark.engines

MOST_KB = 150 * 1024


def peak_kb(pid: int) -> int:
    """The most memory that a process ever had; 0 when it has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


@pytest.mark.parametrize("software", ["phpbb3", "discourse"])
def test_ten_thousand_posts_are_walked_within_150_megabytes(bench: Bench, software: str) -> None:
    forum = bench.world.forums[software]
    forum.threads[99] = Thread(99, count=10_000, rich=False)
    ids: set[str] = set()
    peaks: list[int] = []
    talk = bench.start(bench.job(forum.thread_url(99), options={"pause_s": 0}))

    def heard(message: Message) -> bool:
        if isinstance(message, ThreadRead):
            ids.update(post.id for post in message.page.posts)
            assert talk.runner.pid is not None
            peaks.append(peak_kb(talk.runner.pid))
        return isinstance(message, Ended)

    talk.read(heard, lambda _item: True)

    assert talk.ended.error is None
    assert len(ids) == 10_000
    assert 0 < max(peaks) < MOST_KB, f"{max(peaks) // 1024} MB"
