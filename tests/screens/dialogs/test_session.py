"""Cookies for a site that wants a login, from the job that waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediadl.models import JobStatus
from mediadl.service import Services
from terminal import scene
from terminal.page import opened

WAITING, PRIVATE, ACTIVE = 9, 13, 0
COOKIES = "# Netscape HTTP Cookie File\n.instagram.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\t1%3Aabc\n"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was imported is tested: against nobody."""
    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", "http://127.0.0.1:9")


async def test_i_imports_cookies_and_a_waiting_job_goes_on(services: Services, tmp_path: Path) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    with services.store.write() as tx:
        tx.execute("UPDATE download_queue SET site = platform WHERE platform = 'instagram'")
    (tmp_path / "cookies.txt").write_text(COOKIES)
    async with opened(services) as page:
        await page.go_to(ids[WAITING])
        await page.press("i")
        await page.opens("SessionDialog")
        await page.press(*str(tmp_path / "cookies.txt"), "enter")

        await page.until(lambda: len(services.sessions.list()) == 1, "imported")
        await page.until(lambda: "1 cookie for instagram" in page.toasts(), "told")
        await page.until(lambda: services.queue.get(ids[WAITING]).status is JobStatus.PENDING, "goes on")
        assert page.dialog == "QueueScreen"


async def test_a_failed_job_is_tried_again_with_the_cookies(services: Services, tmp_path: Path) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    (tmp_path / "cookies.txt").write_text(COOKIES)
    async with opened(services) as page:
        await page.go_to(ids[PRIVATE])
        await page.press("enter")
        await page.opens("DetailsDialog")
        assert "i import cookies" in page.text()
        await page.press("i")
        await page.opens("SessionDialog")
        await page.press(*str(tmp_path / "cookies.txt"), "enter")

        await page.until(lambda: services.queue.get(ids[PRIVATE]).status is JobStatus.PENDING, "tried again")
        assert page.dialog == "DetailsDialog"


async def test_a_wrong_file_is_told_and_the_dialog_stays(services: Services, tmp_path: Path) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[WAITING])
        await page.press("i")
        await page.opens("SessionDialog")
        await page.press(*str(tmp_path / "none.txt"), "enter")
        await page.until(lambda: "Invalid input" in page.toasts(), "told")
        assert page.dialog == "SessionDialog"
        await page.press("escape")

        assert page.dialog == "QueueScreen"
        assert services.sessions.list() == []


async def test_i_on_a_job_that_needs_no_login_says_so(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[ACTIVE])
        await page.press("i")

        await page.until(lambda: "does not ask for a login" in page.toasts(), "told")
