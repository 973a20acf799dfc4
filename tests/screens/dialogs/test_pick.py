"""The preview of the add dialog: listed in a thread, ticked by hand, added exactly so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.widgets import Static

from fakeweb.world import World, default_world
from mediadl.models import Job, JobQuery
from mediadl.screens.dialogs.add import AddDialog
from mediadl.screens.dialogs.pick import PickDialog
from mediadl.service import Services
from terminal.page import Page, opened

FILE = "https://files.example/harbour.jpg"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The simulated web, and the way there."""
    made = default_world()
    with made.web:
        monkeypatch.setenv("MEDIADL_NETWORK__PROXY", made.web.url)
        monkeypatch.setenv("MEDIADL_NETWORK__CA_FILE", str(made.web.ca_pem))
        yield made


async def preview(page: Page, text: str) -> PickDialog:
    """Open the preview of an address."""
    await page.press("a")
    await page.until(lambda: isinstance(page.app.screen, AddDialog) and page.app.focused, "the dialog")
    dialog = page.app.screen
    assert isinstance(dialog, AddDialog)
    dialog._area.insert(text)
    await page.until(lambda: dialog.found(), "looked at")
    await page.press("ctrl+l")
    await page.opens("PickDialog")
    picking = page.app.screen
    assert isinstance(picking, PickDialog)
    return picking


def added(services: Services) -> list[Job]:
    return services.queue.page(JobQuery(), 0, 100)


def said(dialog: PickDialog) -> str:
    return str(dialog.query_one("#pick-summary", Static).content)


@pytest.mark.engines
@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_two_rejected_ones_are_ticked_and_only_those_are_added(
    services: Services, world: World, size: tuple[int, int]
) -> None:
    async with opened(services, size=size) as page:
        await page.press("a")
        await page.opens("AddDialog")
        add = page.app.screen
        assert isinstance(add, AddDialog)
        add.chosen.filters["match"] = r"post 2\b"
        await page.press("escape")
        await page.press("a")
        await page.opens("AddDialog")
        add = page.app.screen
        assert isinstance(add, AddDialog)
        add.chosen.filters["match"] = r"post 2\b"
        add._area.insert("tiktok:@alice")
        await page.until(lambda: add.found(), "looked at")
        await page.press("ctrl+l")
        await page.opens("PickDialog")
        picking = page.app.screen
        assert isinstance(picking, PickDialog)
        await page.until(lambda: not picking.listing, "the whole list", within_s=60)
        await page.until(lambda: len(picking.list.rows) == 22, "every line")
        rejected = [row for row in picking.list.rows if row.why]
        assert len(rejected) == 21
        assert "22 listed · 1 accepted · 1 ticked" in said(picking)
        assert r"✗ does not match /post 2\b/"[:18] in page.text()

        accepted = next(n for n, row in enumerate(picking.list.rows) if not row.why)
        await page.press("space", "j", "space")
        picking.list.highlighted = accepted
        await page.press("space")
        assert picking.list.ticked == [1, 2]
        assert "[x]  1" in page.text() or accepted > 10
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        (job,) = added(services)
        assert len(job.options["pick"]) == 2
        assert "filters" not in job.options
        await page.until(lambda: page.dialog == "QueueScreen", "closed")


@pytest.mark.engines
async def test_esc_stops_the_listing_and_keeps_what_there_is(services: Services, world: World) -> None:
    services.settings.set("platforms.request_delay_s", "5")
    async with opened(services, size=(80, 24)) as page:
        picking = await preview(page, "tiktok:@alice")
        await page.until(lambda: world.web.log.count("alice") > 0, "asked", within_s=60)
        assert "Listing …" in said(picking)
        await page.press("escape")
        await page.until(lambda: not picking.listing, "stopped", within_s=30)

        assert page.dialog == "PickDialog"
        await page.press("escape")
        assert page.dialog == "AddDialog"
        assert added(services) == []


async def test_a_file_is_listed_without_an_engine(services: Services) -> None:
    async with opened(services, size=(60, 20)) as page:
        picking = await preview(page, FILE)
        await page.until(lambda: picking.list.ticked == [1], "listed")
        assert "harbour" in page.text()
        await page.press("a")
        assert picking.list.ticked == []
        await page.press("enter")
        assert "Tick something first" in page.toasts()
        await page.press("a", "enter")

        await page.until(lambda: len(added(services)) == 1, "added")


async def test_several_addresses_have_no_preview(services: Services) -> None:
    async with opened(services) as page:
        await page.press("a")
        await page.opens("AddDialog")
        add = page.app.screen
        assert isinstance(add, AddDialog)
        await page.press("ctrl+l")
        assert "Type or paste an address first" in page.toasts()
        add._area.insert(f"{FILE}\n{FILE}?2")
        await page.until(lambda: len(add.found()) == 2, "looked at")
        await page.press("ctrl+l")

        assert "A preview takes one address" in page.toasts()
        assert page.dialog == "AddDialog"
