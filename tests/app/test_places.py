"""Main screens: numbers, jumps, the command line, and how they are looked at next time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from mediadl.app import MediadlApp
from mediadl.screens import pages
from mediadl.screens.actions import Scope
from mediadl.screens.page import Page as MainPage
from mediadl.service import Services
from terminal import scene
from terminal.page import opened


class Plain(MainPage):
    """A page with one number that is remembered, and a guard."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LOGS, Scope.APP)
    PLACE = "logs"
    number = 0
    may_leave = True

    def body(self) -> ComposeResult:
        yield Static("plain")

    def view_state(self) -> dict[str, Any]:
        return {"number": self.number}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.number = state["number"]

    async def leave_guard(self) -> bool:
        return self.may_leave


@pytest.fixture(autouse=True)
def plain_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small page in the place of the logs."""
    make = pages.Place.make

    def made(place: pages.Place, services: Services) -> Screen[None]:
        return Plain(services) if place.name == "logs" else make(place, services)

    monkeypatch.setattr(pages.Place, "make", made)


def test_every_place_has_a_key_a_letter_and_a_module() -> None:
    from mediadl.screens.actions import actions_of

    numbers = {action.name: action.keys for action in actions_of(Scope.APP)}
    letters = {action.name for action in actions_of(Scope.JUMP)}

    for number, place in enumerate(pages.PLACES, 1):
        assert numbers[place.name] == (str(number),)
        assert place.name in letters


@pytest.mark.parametrize("keys", ["5", "gl"])
async def test_a_number_or_a_jump_shows_another_screen(services: Services, keys: Sequence[str]) -> None:
    async with opened(services) as page:
        await page.press(*keys)
        await page.until(lambda: page.app.current_mode == "logs", "the logs")
        await page.press("2")
        await page.until(lambda: page.app.current_mode == "queue", "the queue")


async def test_esc_leaves_the_jump_without_going_anywhere(services: Services) -> None:
    async with opened(services) as page:
        await page.press("g")
        await page.opens("JumpDialog")
        await page.press("escape")

        await page.opens("QueueScreen")


async def test_a_click_on_the_header_shows_another_screen(services: Services) -> None:
    async with opened(services, size=(160, 40)) as page:
        await page.pilot.click("#header", offset=(page.lines()[0].index("Logs"), 0))

        await page.until(lambda: page.app.current_mode == "logs", "the logs")


async def test_a_page_that_must_not_be_left_stays(services: Services) -> None:
    async with opened(services) as page:
        await page.press("5")
        await page.until(lambda: page.app.current_mode == "logs", "the logs")
        logs = page.app.page
        assert isinstance(logs, Plain)
        logs.may_leave = False
        await page.press("2")
        await page.press("q")
        await page.pilot.pause()
        assert page.app.current_mode == "logs"
        assert page.app.is_running

        logs.may_leave = True
        await page.press("2")
        await page.until(lambda: page.app.current_mode == "queue", "the queue")


async def test_the_next_start_shows_the_same_screen_filter_order_and_job(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        page.app.page.filter_by("e")
        await page.until(lambda: page.queue._query.search == "e", "the filter")
        await page.press("S")
        await page.until(lambda: page.queue._query.descending, "the order")
        await page.go_to(ids[4])
    async with opened(services) as page:
        await page.until(lambda: page.table.current is not None, "the rows")

        assert page.queue._query.search == "e"
        assert page.queue._query.descending
        assert page.current.id == ids[4]
        assert "/" in page.text()


async def test_the_next_start_begins_where_one_left(services: Services) -> None:
    async with opened(services) as page:
        await page.press("5")
        await page.until(lambda: page.app.current_mode == "logs", "the logs")
        logs = page.app.page
        assert isinstance(logs, Plain)
        logs.number = 7
    app = MediadlApp(services)
    async with app.run_test() as pilot:
        await pilot.pause()

        assert app.current_mode == "logs"
        assert isinstance(app.page, Plain)
        assert app.page.number == 7
        assert [type(stack[0]).__name__ for stack in app._screen_stacks.values() if stack] == ["Plain"]


ODD = {"status": 9, "words": [], "sort": "x", "job": "y"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"place": "nowhere", "pages": 3}',
        json.dumps({"place": "queue", "pages": {"queue": ODD}}),
    ],
)
async def test_a_view_that_makes_no_sense_is_left_out(services: Services, content: str) -> None:
    services.home.create().view_file.write_text(content)
    async with opened(services) as page:
        assert page.app.current_mode == "queue"
        assert page.queue._query.search == ""


async def test_the_view_is_saved_privately(services: Services) -> None:
    async with opened(services) as page:
        await page.press("S")

    saved = services.home.view_file
    assert saved.stat().st_mode & 0o777 == 0o600
    assert json.loads(saved.read_text())["pages"]["queue"]["descending"] is True


# The command line


async def typed(services: Services, text: str) -> tuple[str, str]:
    """What the command line did: the screen on top and the toasts."""
    async with opened(services) as page:
        await page.press(":")
        await page.opens("CommandDialog")
        await page.pilot.press(*("space" if sign == " " else sign for sign in text), "enter")
        said = ("Which one", "no command", "takes no words")
        await page.until(
            lambda: page.dialog != "CommandDialog" or any(words in page.text() for words in said), "done"
        )
        await page.pilot.pause()
        return page.dialog, page.text()


async def test_a_command_runs_by_its_name(services: Services) -> None:
    dialog, _ = await typed(services, "help")

    assert dialog == "HelpDialog"


async def test_the_beginning_of_one_command_is_enough(services: Services) -> None:
    dialog, _ = await typed(services, "he")

    assert dialog == "HelpDialog"


async def test_add_takes_an_address(services: Services) -> None:
    dialog, text = await typed(services, "add https://video.example/7")

    assert dialog == "AddDialog"
    assert "https://video.example/7" in text


async def test_an_unknown_command_says_so_and_waits(services: Services) -> None:
    dialog, text = await typed(services, "zebra")

    assert dialog == "CommandDialog"
    assert "no command" in text


async def test_words_after_a_command_that_takes_none_are_refused(services: Services) -> None:
    dialog, text = await typed(services, "help me")

    assert dialog == "CommandDialog"
    assert "takes no words" in text


async def test_tab_completes(services: Services) -> None:
    async with opened(services) as page:
        await page.press(":", *"filt", "tab")
        field = page.app.screen.query_one("Input")

        assert field.value == "filter "  # type: ignore[attr-defined]


async def test_filter_takes_words(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press(":", *"filter", "space", *"glue", "enter")

        await page.until(lambda: page.table.total == 1, "one job")


# Undo


async def test_u_takes_the_last_change_back_once(services: Services) -> None:
    done: list[str] = []

    def undo() -> str:
        done.append("undone")
        return "All is as before"

    async with opened(services) as page:
        page.app.offer_undo("Removed 2 jobs", undo)
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: "All is as before" in page.toasts(), "the answer")
        await page.press("u")
        await page.until(lambda: "nothing to undo" in page.toasts(), "nothing left")

    assert done == ["undone"]


async def test_an_offer_ends(services: Services) -> None:
    from mediadl.screens.undo import UNDO_S, Undo

    now = [0.0]
    held = Undo(lambda: now[0])
    held.offer("Removed", lambda: "")
    before = held.standing
    now[0] = UNDO_S

    assert before
    assert not held.standing
    assert held.take() is None


# Keys


async def test_a_key_of_the_users_own_works_and_is_shown(services: Services) -> None:
    services.settings.keymap_file.parent.mkdir(parents=True, exist_ok=True)
    services.settings.keymap_file.write_text('[keys]\n"queue.add" = "ctrl+n"\n"queue.nothing" = "x"\n')
    async with opened(services, size=(200, 40)) as page:
        await page.until(lambda: "no such action" in page.toasts(), "what is wrong")
        assert "Ctrl+N Add" in page.queue.query_one("#keys").text  # type: ignore[attr-defined]
        await page.press("a")
        assert page.dialog == "QueueScreen"
        await page.press("ctrl+n")

        await page.opens("AddDialog")
