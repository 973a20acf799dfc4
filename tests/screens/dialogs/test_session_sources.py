"""Cookies given to the dialog as a paste or by a browser's name, and what is shown of them: nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.events import Paste

from mediadl.screens.dialogs.session import SessionDialog
from mediadl.service import Services
from terminal import scene
from terminal.page import Page, opened

WAITING = 9


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", "http://127.0.0.1:9")


async def ask(page: Page, job_id: int) -> None:
    await page.go_to(job_id)
    await page.press("i")
    await page.opens("SessionDialog")


@pytest.mark.parametrize(
    "pasted",
    [
        "Cookie: sessionid=very-secret; csrftoken=t",
        "curl 'https://www.instagram.com/' \\\n -b 'sessionid=very-secret'",
        json.dumps([{"name": "sessionid", "value": "very-secret"}], indent=1),
        "# Netscape HTTP Cookie File\n.instagram.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\tvery-secret",
    ],
)
async def test_pasted_cookies_are_taken_and_never_shown(services: Services, pasted: str) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services, (80, 24)) as page:
        await ask(page, ids[WAITING])
        page.app.post_message(Paste(pasted))
        await page.until(lambda: "characters pasted, not shown" in page.text(), "counted")
        assert "very-secret" not in page.text()
        await page.press("enter")

        await page.until(lambda: len(services.sessions.list()) == 1, "imported")
        await page.until(lambda: "for instagram" in page.toasts(), "told")
        assert "very-secret" not in page.text()


async def test_a_paste_can_be_taken_away_again(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services, (80, 24)) as page:
        await ask(page, ids[WAITING])
        page.app.post_message(Paste("Cookie: sessionid=very-secret"))
        await page.until(lambda: "pasted, not shown" in page.text(), "counted")
        await page.press("backspace")
        await page.until(lambda: "or paste the cookies" in page.text(), "empty again")
        await page.press("enter")

        assert page.dialog == "SessionDialog"
        assert services.sessions.list() == []


async def test_a_pasted_path_is_a_path(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(".instagram.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\tx\n")
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await ask(page, ids[WAITING])
        page.app.post_message(Paste(f"{file}\n"))
        await page.until(lambda: "cookies.txt" in page.text(), "shown")
        await page.press("enter")

        await page.until(lambda: len(services.sessions.list()) == 1, "imported")


async def test_a_browser_that_is_not_here_is_told_and_the_dialog_stays(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await ask(page, ids[WAITING])
        await page.press(*"firefox", "enter")

        await page.until(lambda: "no cookies of firefox are here" in page.toasts(), "told")
        assert page.dialog == "SessionDialog"


async def test_without_an_answer_of_the_site_it_is_told_that_it_was_not_tested(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await ask(page, ids[WAITING])
        page.app.post_message(Paste("Cookie: sessionid=very-secret"))
        await page.press("enter")

        await page.until(lambda: "not tested" in page.toasts(), "told", within_s=30.0)


async def test_tab_goes_through_the_fields_and_a_paste_finds_its_own(services: Services) -> None:
    async with opened(services, (80, 24)) as page:
        page.app.push_screen(SessionDialog(services))
        await page.opens("SessionDialog")
        focused = [page.app.focused and page.app.focused.id]
        page.app.post_message(Paste("Cookie: sessionid=very-secret"))
        await page.until(lambda: "pasted, not shown" in page.text(), "taken by the right field")
        for _ in range(3):
            await page.press("tab")
            focused.append(page.app.focused and page.app.focused.id)
        await page.press(*"instagram", "tab", "tab", *"bob", "enter")

        await page.until(lambda: len(services.sessions.list()) == 1, "imported")
        assert "very-secret" not in page.text()

    assert focused == ["site", "cookies-path", "account", "site"]
    assert [(one.site, one.account) for one in services.sessions.list()] == [("instagram", "bob")]
