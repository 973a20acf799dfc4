"""Where a site has changed, one key takes newer engines and tries the job once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediadl.models import JobStatus
from mediadl.screens.dialogs.details import DetailsDialog
from mediadl.service import Services, open_services
from terminal import scene
from terminal.page import Page, opened
from wheelhouse import engine_wheel, index

pytest.importorskip("instaloader")


async def details(page: Page, job_id: int) -> None:
    await page.go_to(job_id)
    await page.press("enter")
    await page.until(lambda: isinstance(page.app.screen, DetailsDialog), "the dialog")
    await page.pilot.pause()


def broken_job(services: Services, reason: str = "site_changed") -> int:
    part = scene.Part(
        "x", "https://a.example/x", "generic", JobStatus.FAILED, reason=reason, message="no data"
    )
    return scene.write(services, [part])[0]


async def test_a_newer_engine_leads_to_one_retry(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = broken_job(services)
    with index() as shop:
        shop.wheels.append(engine_wheel(tmp_path, "instaloader", "9.1"))
        monkeypatch.setenv("MEDIADL_ENGINES__INDEX", shop.url)
        async with opened(services) as page:
            await details(page, job_id)
            assert "U update the engines and retry" in page.text()
            await page.press("U")
            await page.until(lambda: services.queue.get(job_id).status is JobStatus.PENDING, "the retry", 60)

    with open_services(services.home) as fresh:
        assert fresh.engines.info("instaloader").version == "9.1"


async def test_without_a_newer_engine_nothing_is_retried(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = broken_job(services, "engine_broken")
    with index() as shop:
        shop.body = b'{"files": []}'
        monkeypatch.setenv("MEDIADL_ENGINES__INDEX", shop.url)
        async with opened(services) as page:
            await details(page, job_id)
            await page.press("U")
            await page.until(lambda: "Not retried" in page.text(), "the answer", 60)

    assert services.queue.get(job_id).status is JobStatus.FAILED


async def test_where_a_newer_engine_does_not_help_the_key_says_so(services: Services) -> None:
    job_id = broken_job(services, "private")
    async with opened(services) as page:
        await details(page, job_id)
        await page.press("U")
        await page.until(lambda: "would not help" in page.text(), "the reason")
