"""Failures, signals, sizes, colours, a kill: behaviours 14 to 17 and 19 (restored view) of the terminal program."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from rich.cells import cell_len

from mediadl import logs
from mediadl.app import MediadlApp
from mediadl.logs import LogQuery
from mediadl.models import JobStatus
from mediadl.service import Services
from mediadl.widgets.line import Line
from terminal import scene
from terminal.anywhere import DIALOGS, NAMES, Anywhere, Dialog, fill, opened
from terminal.pty_program import PtyProgram, on_a_terminal

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]


# 14: readable errors


@dataclass(frozen=True, slots=True)
class Fault:
    """A thread that fails: what it calls, and how it is brought to call it."""

    group: str
    place: str
    target: str
    keys: tuple[str, ...] = ()


_SWITCH = ("/", *"sidecars", "enter", "space")

FAULTS: tuple[Fault, ...] = (
    Fault("feed", "queue", "mediadl.service.queue:QueueService.data_version"),
    Fault("totals", "logs", "mediadl.service.queue:QueueService.counts"),
    Fault("attach", "queue", "mediadl.service.daemon:DaemonService.attach"),
    Fault("queries-dashboard", "dashboard", "mediadl.service.stats:StatsService.overview"),
    Fault("queries-queue", "queue", "mediadl.service.queue:QueueService.page"),
    Fault("queries-scheduler", "scheduler", "mediadl.service.planned:PlanService.count"),
    Fault("queries-history", "history", "mediadl.service.history:HistoryService.kinds"),
    Fault("queries-settings", "settings", "mediadl.service.settings:SettingsService.stamp"),
    Fault("queries-marks", "queue", "mediadl.service.queue:QueueService.ids", ("*",)),
    Fault("queries-details", "queue", "mediadl.service.queue:QueueService.get", ("enter",)),
    Fault("tail", "logs", "mediadl.logs.browser:LogBrowser.look"),
    Fault("verbs", "queue", "mediadl.service.queue:QueueService.pause", ("p",)),
    Fault("charts", "dashboard", "mediadl.widgets.day_chart:draw_charts"),
    Fault("thumbnails", "history", "mediadl.workers.thumbnails:ThumbnailFeed.run", ("t",)),
    Fault(
        "save",
        "settings",
        "mediadl.service.settings:SettingsService.save",
        ("/", *"sidecars", "enter", "space", "ctrl+s"),
    ),
    Fault("go", "queue", "mediadl.screens.page:Page.leave_guard", ("1",)),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.group)
async def test_behaviour_14_a_thread_that_fails_is_told_and_the_app_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, fault: Fault
) -> None:
    fill(services)
    handler = logs.start(services.home.logs)
    request.addfinalizer(lambda: logs.stop(handler))
    path, _, name = fault.target.partition(":")
    owner = importlib.import_module(path)
    *classes, method = name.split(".")
    for word in classes:
        owner = getattr(owner, word)

    def fail(*_args: object, **_keywords: object) -> object:
        raise RuntimeError("out of paper [/] [@click=app.leave]x")

    monkeypatch.setattr("mediadl.workers.event_feed.BACK_OFF_S", 0.05)
    start = "queue" if fault.place != "queue" else "settings"
    async with opened(services, start) as page:
        with monkeypatch.context() as broken:
            broken.setattr(owner, method, fail)
            await page.press(str(NAMES.index(fault.place) + 1))
            await page.until(lambda: page.place == fault.place or fault.group == "go", "there")
            if fault.keys:
                await page.until(lambda: page.app.page.is_attached, "the screen")
                if fault.group != "go":
                    await page.loaded()
                await page.press(*fault.keys)
            await page.until(lambda: "out of paper [/]" in page.toasts(), "told")
            await page.pilot.pause()
            assert "mediadl logs" in page.toasts()
            assert "Traceback" not in page.text()
        assert page.app.is_running
        while page.depth > 1:
            await page.press("escape")
        if fault.group == "save":
            await page.press("x")
        await page.show("logs")
        await page.press("?")
        await page.opens("HelpDialog")
    entries = services.logs.tail(LogQuery(level="error"), 10)
    assert any("RuntimeError" in entry.message for entry in entries)


# 15: clean terminal


@pytest.mark.parametrize("place", ["dashboard", "history", "logs"])
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_behaviour_15_a_signal_leaves_a_clean_terminal_and_the_downloads_alone(
    services: Services, signum: signal.Signals, place: str
) -> None:
    ids = fill(services)
    services.views.save({"place": place, "pages": {}})
    with opened_on_a_terminal(services, MARKS[place]) as program:
        os.kill(program.process.pid, signum)
        program.ended(within_s=30)

        assert program.process.returncode == 128 + signum
        assert program.is_clean
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l"):
            assert sequence in program.output
        assert b"Traceback" not in program.output
    assert services.queue.get(ids[0]).status is JobStatus.ACTIVE


MARKS = {
    "dashboard": b"Morning mist",
    "history": b"Picture 059",
    "logs": b"step 59",
    "queue": b"Morning mist",
}
"""What a screen shows once it has its rows."""


@contextlib.contextmanager
def opened_on_a_terminal(services: Services, wanted: bytes) -> Iterator[PtyProgram]:
    """The program, once this is on its screen."""
    program = PtyProgram(services.home.root)
    try:
        program.read_until(wanted)
        yield program
    finally:
        program.kill()


# 16: every size


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_16_nothing_is_cut_in_the_middle_of_a_word(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name, size=SIZES[0]) as page:
        for size in SIZES:
            await page.pilot.resize_terminal(*size)
            await page.until(lambda size=size: page.app.screen.size == size, "resized")  # type: ignore[misc]
            await page.pilot.pause()
            assert_whole(page)
            assert page.hints
            assert name.capitalize() in page.lines()[0]
            assert page.shown(page.rows).height >= 4


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.name)
async def test_behaviour_16_a_dialog_follows_the_size_of_the_window(
    services: Services, dialog: Dialog
) -> None:
    ids = fill(services)
    async with opened(services, dialog.place, size=(120, 40)) as page:
        await page.open(dialog, ids)
        for size in ((60, 20), (200, 60), (80, 24)):
            await page.pilot.resize_terminal(*size)
            await page.until(lambda size=size: page.app.screen.size == size, "resized")  # type: ignore[misc]
            await page.pilot.pause()
            assert_whole(page)
            for box in page.app.screen.children:
                if box.display and not box.has_class("-textual-system"):
                    assert page.app.screen.region.contains_region(box.region), (size, box)
        depth = page.depth
        await page.press("escape")
        await page.until(lambda: page.depth == depth - 1, "closed")
        await page.pilot.pause()
        assert_whole(page)


def assert_whole(page: Anywhere) -> None:
    """No line is longer than the window; header, tabs and key bars show whole pieces."""
    width, height = page.app.size
    lines = page.lines()
    assert len(lines) == height
    assert all(cell_len(line) <= width for line in lines)
    for screen in page.app.screen_stack:
        for bar in screen.query(Line):
            if bar.display and bar.region.height:
                pieces = [*bar._left, *bar._right]
                left = bar.text
                assert cell_len(left) <= max(bar.size.width, 1)
                for piece in sorted(pieces, key=lambda piece: -piece.cells):
                    left = left.replace(f"{piece.lead} {piece.text}" if piece.lead else piece.text, "", 1)
                assert not left.strip(), (bar, bar.text)


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_16_a_window_that_is_too_small_says_so(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name, size=(80, 24)) as page:
        for narrow_or_low in ((39, 20), (80, 11)):
            await page.pilot.resize_terminal(*narrow_or_low)
            await page.until(lambda: "at least 40×12" in " ".join(page.text().split()), "the note")
            assert name.capitalize() not in page.text()
            await page.pilot.resize_terminal(80, 24)
            await page.until(lambda: name.capitalize() in page.lines()[0], "the screen is back")


# 17: colours


async def test_behaviour_17_the_theme_is_tried_on_kept_and_there_at_the_next_start(
    services: Services,
) -> None:
    async with opened(services, "logs") as page:
        before = page.app.theme
        await page.press("ctrl+t")
        await page.opens("ThemeDialog")
        await page.press("j")
        await page.until(lambda: page.app.theme != before, "tried on")
        await page.press("escape")
        await page.until(lambda: page.app.theme == before, "given back")
        await page.press("ctrl+t")
        await page.opens("ThemeDialog")
        await page.press("j", "j")
        await page.until(lambda: page.app.theme != before, "tried on")
        chosen = page.app.theme
        await page.press("enter")
        await page.until(lambda: services.settings.get("interface.theme").value == chosen, "kept")
    app = MediadlApp(services)
    async with app.run_test() as pilot:
        await pilot.pause()

        assert app.theme == chosen


SAID: dict[str, tuple[str, ...]] = {
    "dashboard": ("▶ Active", "✗ Failed", "✓ Done"),
    "queue": (
        "▶ Active", "○ Pending", "… Waiting", "‖ Paused", "◷ Scheduled", "✗ Failed", "✓ Done", "⊘ Cancelled",
    ),
    "scheduler": ("◷ Scheduled",),
    "history": ("▣ image", "▶ video", "♪ audio"),
    "logs": ("error", "warn", "info"),
    "settings": ("● on", "○ off"),
}  # fmt: skip
"""What states are called, with their signs."""


@pytest.mark.parametrize("colours", ["none", "terminal"])
@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_17_states_have_words_or_signs_without_colours(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str, colours: str
) -> None:
    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        services.settings.set("interface.theme", "ansi-dark")
    fill(services)
    async with opened(services, name, size=(120, 50)) as page:
        await page.until(lambda: all(said in page.text() for said in SAID[name]), f"{SAID[name]}")
        await page.press("home")

        assert any(line.lstrip().startswith(("›", "▌", ">")) or "›" in line[:3] for line in page.lines())


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_17_every_theme_says_the_same(services: Services, name: str) -> None:
    """What is on the screen does not hang on the colours."""
    fill(services)
    async with opened(services, name) as page:
        await page.until(lambda: "4 active" in page.lines()[0], "totals")
        await page.press("home")
        before = [line.rstrip() for line in page.lines()]
        for theme in ("ansi-dark", "textual-light"):
            page.app.theme = theme
            await page.pilot.pause()
            after = [line.rstrip() for line in page.lines()]

            same = sum(a == b for a, b in zip(before, after, strict=True))
            # Times go by meanwhile, and charts are drawn otherwise without colours
            assert same > len(before) * 0.6, theme


# 19: the same view again


def test_behaviour_19_after_a_kill_the_same_screen_filter_and_cursor_are_there(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root) as program:
        program.type("/")
        program.read_until(b"words in title")
        program.type("train")
        program.read_until(b"1 of 20")
        program.type("\r")
        saved_when(services, lambda pages: pages.get("queue", {}).get("words") == "train")
        program.type("j")
        saved_when(services, lambda pages: pages["queue"]["job"] == ids[7])
        os.kill(program.process.pid, signal.SIGKILL)
        program.ended(within_s=30)
    with opened_on_a_terminal(services, b"Night trains") as program:
        program.read_until(b"1 of 20")

        assert b"Lecture 7" not in program.output


@pytest.mark.parametrize("name", [name for name in NAMES if name != "queue"])
async def test_behaviour_19_every_screen_comes_back_as_it_was(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.press("home", "j", "j")
        held = page.cursor_id
        if name in {"history", "settings"}:
            await page.press("/", "a")
            await page.press("enter", "j")
            await page.pilot.pause()
            held = page.cursor_id
        state = page.app.page.view_state()
    app = MediadlApp(services)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        again = Anywhere(app, pilot)
        await again.until(lambda: app.screen_stack and app.page.is_attached, "the first screen")
        await again.loaded()

        assert again.place == name
        assert again.app.page.view_state() == state
        if name not in {"dashboard", "logs"}:
            # Those two begin where something goes on
            await again.until(lambda: again.cursor_id == held, "the cursor")


def saved_when(services: Services, condition: Callable[[dict[str, dict[str, object]]], bool]) -> None:
    """Wait until the view on disk says so; it is saved every few seconds."""
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError, ValueError):
            if condition(json.loads(services.home.view_file.read_text())["pages"]):
                return
        assert time.monotonic() < deadline, services.home.view_file.read_text()
        time.sleep(0.05)
