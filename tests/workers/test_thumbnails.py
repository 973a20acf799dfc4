"""Thumbnails for a screen: newest first, cancelled when not wanted any more, in batches, from the nearest place."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

import hostile_media
from mediadl.models import MediaKind
from mediadl.workers.thumbnail_cache import ThumbnailFolder
from mediadl.workers.thumbnail_child import Form, Medium
from mediadl.workers.thumbnail_link import Answer, NoPicture, ThumbnailLink, Trouble
from mediadl.workers.thumbnails import Thumbnail, ThumbnailFeed, ThumbnailStore, Wish

DEADLINE_S = 60.0


class StandIn:
    """A link without a process: makes a grey picture of every file, when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.started = threading.Event()
        self.stops = 0
        self.failing: OSError | None = None
        self.pid: int | None = None

    def ask(self, path: str, medium: Medium, form: Form, box: tuple[int, int]) -> Answer:
        self.asked.append(Path(path).name)
        self.pid = 1
        self.started.set()
        assert self.may_answer.wait(DEADLINE_S)
        if self.failing:
            raise self.failing
        if path.endswith("bad.jpg"):
            raise NoPicture(Trouble.BROKEN)
        if form is Form.SIXEL:
            return Answer(*box, b'"1;1')
        return Answer(*box, b"\x80" * (box[0] * box[1] * 3))

    def cancel(self) -> None:
        self.may_answer.set()

    def stop(self) -> None:
        self.pid = None
        self.stops += 1


class Page:
    """What a screen is told."""

    def __init__(self) -> None:
        self.batches: list[tuple[float, Sequence[Thumbnail]]] = []
        self._changed = threading.Condition()

    def take(self, batch: Sequence[Thumbnail]) -> None:
        with self._changed:
            self.batches.append((time.monotonic(), batch))
            self._changed.notify_all()

    @property
    def pictures(self) -> dict[int, Thumbnail]:
        return {picture.id: picture for _, batch in self.batches for picture in batch}

    def wait_for(self, test: Callable[[dict[int, Thumbnail]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: test(self.pictures), DEADLINE_S), self.pictures


@contextmanager
def running(feed: ThumbnailFeed, threads: int = 1) -> Iterator[None]:
    workers = [threading.Thread(target=feed.run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        feed.stop()
        for worker in workers:
            worker.join(DEADLINE_S)
        assert not any(worker.is_alive() for worker in workers)


def wish(path: Path, n: int, *, kind: MediaKind = MediaKind.IMAGE, size: tuple[int, int] = (20, 14)) -> Wish:
    return Wish(n, str(path), hashlib.sha256(path.name.encode()).hexdigest(), kind, *size)


@pytest.fixture
def store(tmp_path: Path) -> ThumbnailStore:
    return ThumbnailStore(ThumbnailFolder(tmp_path / "cache" / "thumbnails"))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{n}.jpg" for n in range(40)]
    for path in paths:
        path.write_bytes(b"x")
    return paths


def feed_of(store: ThumbnailStore, page: Page, link: StandIn, *, idle_s: float = 20.0) -> ThumbnailFeed:
    return ThumbnailFeed(store, page.take, idle_s=idle_s, make_link=lambda: cast("ThumbnailLink", link))


def test_the_most_urgent_come_first_and_what_is_not_wanted_is_never_made(
    store: ThumbnailStore, files: list[Path]
) -> None:
    page, link = Page(), StandIn()
    link.may_answer.clear()
    feed = feed_of(store, page, link)
    with running(feed):
        feed.want([wish(path, n) for n, path in enumerate(files[:20])])
        assert link.started.wait(DEADLINE_S)
        feed.want([wish(path, n) for n, path in enumerate(files[20:23], 20)])
        link.may_answer.set()
        page.wait_for(lambda pictures: {20, 21, 22} <= set(pictures))

    assert link.asked == ["0.jpg", "20.jpg", "21.jpg", "22.jpg"]
    assert feed.cancelled == 19


def test_what_somebody_else_shows_larger_is_kept_larger_and_on_disk_only(
    store: ThumbnailStore, files: list[Path], tmp_path: Path
) -> None:
    link, wished = StandIn(), replace(wish(files[0], 1), kept_side=320)

    made = [store.make(wished, cast("ThumbnailLink", link)) for _ in range(2)]

    assert [(one.box, one.width <= 20) for one in made] == [((20, 14), True)] * 2
    assert [path.name[-4:] for path in (tmp_path / "cache").rglob(f"{wished.sha256}*")] == ["-320"]
    assert store.memory.size_bytes == 0
    assert link.asked == ["0.jpg"]


def test_what_is_being_made_is_not_made_twice(store: ThumbnailStore, files: list[Path]) -> None:
    page, link = Page(), StandIn()
    link.may_answer.clear()
    feed = feed_of(store, page, link)
    with running(feed):
        feed.want([wish(files[0], 0)])
        assert link.started.wait(DEADLINE_S)
        feed.want([wish(files[0], 0), wish(files[1], 1)])
        link.may_answer.set()
        page.wait_for(lambda pictures: len(pictures) == 2)

    assert link.asked == ["0.jpg", "1.jpg"]


def test_a_page_arrives_in_few_batches(store: ThumbnailStore, files: list[Path]) -> None:
    page, link = Page(), StandIn()
    feed = feed_of(store, page, link)
    with running(feed):
        feed.want([wish(path, n) for n, path in enumerate(files)])
        page.wait_for(lambda pictures: len(pictures) == len(files))

    times = [at for at, _ in page.batches]
    assert all(later - earlier >= 0.09 for earlier, later in itertools.pairwise(times))


def test_pictures_are_kept_in_memory_and_for_the_next_start(
    store: ThumbnailStore, files: list[Path], tmp_path: Path
) -> None:
    again = ThumbnailStore(ThumbnailFolder(tmp_path / "cache" / "thumbnails"))
    link = StandIn()

    first, second = (store.make(wish(files[0], 0), cast("ThumbnailLink", link)) for _ in range(2))
    third = again.make(wish(files[0], 0), cast("ThumbnailLink", link))

    assert link.asked == ["0.jpg"]
    assert first == second == third
    assert (third.width, third.height, len(third.rgb)) == (14, 14, 14 * 14 * 3)


def test_a_kept_picture_of_a_file_that_is_gone_is_not_shown(store: ThumbnailStore, files: list[Path]) -> None:
    link = cast("ThumbnailLink", StandIn())
    store.make(wish(files[0], 0), link)
    files[0].unlink()

    assert store.make(wish(files[0], 0), link).note == "missing"


def test_a_broken_file_is_tried_once(store: ThumbnailStore, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"x")
    link = StandIn()

    notes = [store.make(wish(tmp_path / "bad.jpg", 0), cast("ThumbnailLink", link)).note for _ in range(3)]

    assert notes == ["broken"] * 3
    assert link.asked == ["bad.jpg"]


@pytest.mark.parametrize("kind", [MediaKind.DOCUMENT, MediaKind.OTHER])
def test_what_is_no_medium_is_not_looked_into(
    store: ThumbnailStore, files: list[Path], kind: MediaKind
) -> None:
    link = StandIn()

    assert store.make(wish(files[0], 0, kind=kind), cast("ThumbnailLink", link)).note == "no preview"
    assert link.asked == []


def test_a_full_disk_costs_the_cache_and_not_the_picture(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")  # a file where the folder should be
    store = ThumbnailStore(ThumbnailFolder(tmp_path / "cache" / "thumbnails"))

    assert store.make(wish(files[0], 0), cast("ThumbnailLink", StandIn())).rgb


def test_no_process_gives_a_word(store: ThumbnailStore, files: list[Path]) -> None:
    page, link = Page(), StandIn()
    link.failing = OSError("no process")
    feed = feed_of(store, page, link)
    with running(feed):
        feed.want([wish(files[0], 0)])
        page.wait_for(lambda pictures: 0 in pictures)

    assert page.pictures[0].note == "no preview"


def test_a_child_without_work_is_sent_home(store: ThumbnailStore, files: list[Path]) -> None:
    page, link = Page(), StandIn()
    feed = feed_of(store, page, link, idle_s=0.05)
    with running(feed):
        feed.want([wish(files[0], 0)])
        page.wait_for(lambda pictures: 0 in pictures)
        deadline = time.monotonic() + DEADLINE_S
        while link.pid is not None:
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)
        feed.want([wish(files[1], 1)])
        page.wait_for(lambda pictures: 1 in pictures)

    assert link.pid is None
    assert link.stops >= 2


def test_sixels_are_handed_through(store: ThumbnailStore, files: list[Path]) -> None:
    wanted = Wish(0, str(files[0]), "", MediaKind.IMAGE, 800, 600, sixel=True)

    made = store.make(wanted, cast("ThumbnailLink", StandIn()))

    assert (made.sixel, made.width, made.height) == (b'"1;1', 800, 600)


def test_hostile_files_and_good_ones_on_one_page(store: ThumbnailStore, tmp_path: Path) -> None:
    words = hostile_media.lay_out(tmp_path)
    Image.new("RGB", (300, 200), (9, 99, 199)).save(tmp_path / "good.png")
    names = [*words, "good.png"]
    page = Page()
    feed = ThumbnailFeed(store, page.take)
    with running(feed, threads=2):
        feed.want(
            [
                wish(tmp_path / name, n, kind=MediaKind.VIDEO if name.endswith("mp4") else MediaKind.IMAGE)
                for n, name in enumerate(names)
            ]
        )
        page.wait_for(lambda pictures: len(pictures) == len(names))

    assert {names[n]: picture.note for n, picture in page.pictures.items()} == {**words, "good.png": ""}
    assert page.pictures[len(names) - 1].rgb[:3] == bytes((9, 99, 199))


class Stuck(ThumbnailLink):
    """A real link whose child is stopped as soon as there is one."""

    def start(self) -> None:
        super().start()
        assert self.pid is not None
        os.kill(self.pid, signal.SIGSTOP)


def test_a_slow_file_that_was_scrolled_away_is_given_up_and_may_be_asked_for_again(
    store: ThumbnailStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediadl.workers.thumbnails.SLOW_S", 0.0)
    Image.new("RGB", (60, 40), (9, 99, 199)).save(tmp_path / "slow.jpg")
    page = Page()
    feed = ThumbnailFeed(store, page.take, make_link=Stuck)
    with running(feed):
        feed.want([wish(tmp_path / "slow.jpg", 0)])
        wait_until(lambda: any(link._asking and link.pid for link in feed_links(feed)))
        feed.want([])
        wait_until(lambda: feed.cancelled == 1)

    assert page.pictures == {}
    link = ThumbnailLink()
    try:
        assert store.make(wish(tmp_path / "slow.jpg", 0), link).rgb
    finally:
        link.stop()


@pytest.mark.timeout(20)
def test_the_end_does_not_wait_for_a_file(store: ThumbnailStore, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), (9, 99, 199)).save(tmp_path / "slow.jpg")
    feed = ThumbnailFeed(store, Page().take, make_link=Stuck)
    with running(feed):
        feed.want([wish(tmp_path / "slow.jpg", 0)])
        wait_until(lambda: any(link._asking and link.pid for link in feed_links(feed)))


def feed_links(feed: ThumbnailFeed) -> list[ThumbnailLink]:
    with feed._changed:
        return [link for link, _ in feed._busy.values()]


def wait_until(test: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not test():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
