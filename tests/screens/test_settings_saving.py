"""The Settings screen: saving, changes elsewhere, leaving."""

from __future__ import annotations

import pytest

from mediadl.service import Services
from terminal.settings_page import SettingsPage, settings_opened

# Saving


async def change_two(page: SettingsPage) -> None:
    await page.to("downloads.sidecars")
    await page.press("space")
    await page.to("network.verify_tls")
    await page.press("space")


async def test_save_writes_all_changes_at_once_and_undo_takes_them_back(services: Services) -> None:
    services.settings.file.write_text("# mine\n[downloads]\nretries = 2 # few\n")
    async with settings_opened(services) as page:
        await change_two(page)
        await page.press("ctrl+s")
        await page.until(lambda: page.row.aside == "settings.toml", "saved")
        saved = services.settings.export()
        await page.press("u")
        await page.until(lambda: services.settings.get("downloads.sidecars").value, "taken back")

    assert saved.startswith("# mine\n[downloads]\nretries = 2 # few\n")
    assert "sidecars = false" in saved
    assert "verify_tls = false" in saved
    assert services.settings.export() == "# mine\n[downloads]\nretries = 2 # few\n"


async def test_undo_leaves_alone_what_others_saved_since(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press("space", "ctrl+s")
        await page.until(lambda: page.row.aside == "settings.toml", "saved")
        services.settings.set("downloads.sidecars", "true")
        await page.press("u")
        await page.until(lambda: "changed by another program" in page.toasts(), "told")

    assert services.settings.export() == "[downloads]\nsidecars = true\n"


async def test_save_while_typing_takes_what_is_typed(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("enter")
        await page.type_over("9")
        await page.press("ctrl+s")
        await page.until(lambda: services.settings.get("downloads.retries").value == 9, "saved")


async def test_save_while_typing_nonsense_saves_nothing(services: Services) -> None:
    async with settings_opened(services) as page:
        await change_two(page)
        await page.to("downloads.retries")
        await page.press("enter")
        await page.type_over("x")
        await page.press("ctrl+s")
        assert await page.judged()
        await page.pilot.pause()

        assert services.settings.export() == ""
        assert page.settings.form.editing == "downloads.retries"


async def test_without_changes_save_says_so(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("ctrl+s")

        assert "Nothing was changed" in page.toasts()


# Changed elsewhere


async def test_a_change_elsewhere_is_shown_and_keeps_own_changes(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press("space")
        services.settings.set("downloads.retries", "1")
        page.settings.ask()
        await page.until(lambda: page.row_of("downloads.retries").value == "1", "the new value")

        assert page.unsaved == {"downloads.sidecars": "false"}
        assert "Changed elsewhere" not in page.toasts()


async def test_a_change_elsewhere_of_the_same_field_warns_before_it_is_overwritten(
    services: Services,
) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("enter")
        await page.type_over("9")
        await page.press("enter")
        await page.until(lambda: page.unsaved, "kept")
        services.settings.set("downloads.retries", "1")
        page.settings.ask()
        await page.until(lambda: "Changed elsewhere" in page.toasts(), "the warning")
        assert "Changed elsewhere to 1" in page.row_of("downloads.retries").note
        await page.press("ctrl+s")
        await page.until(lambda: services.settings.get("downloads.retries").value == 9, "overwritten")


async def test_a_change_in_the_same_moment_is_not_overwritten(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press("space")
        services.settings.set("downloads.sidecars", "true")
        await page.settings._save()
        await page.pilot.pause()

        assert services.settings.export() == "[downloads]\nsidecars = true\n"


async def test_a_file_that_cannot_be_read_is_told_and_mends_itself(services: Services) -> None:
    services.settings.set("downloads.retries", "3")
    async with settings_opened(services) as page:
        services.settings.file.write_text("[downloads]\nretries = 'lots'\n")
        page.settings.ask()
        await page.until(lambda: "must be a whole number" in page.text(), "the trouble")
        services.settings.file.write_text("[downloads]\nretries = 4\n")
        page.settings.ask()
        await page.until(lambda: page.row_of("downloads.retries").value == "4", "read again")

        assert "must be a whole number" not in page.text()


# Leaving


async def leaving(page: SettingsPage, *keys: str) -> None:
    await page.to("downloads.sidecars")
    await page.press("space", *keys)
    await page.opens("UnsavedDialog")


@pytest.mark.parametrize("keys", [("2",), ("g", "q"), ("q",), ("ctrl+q",)])
async def test_unsaved_changes_are_asked_about(services: Services, keys: tuple[str, ...]) -> None:
    async with settings_opened(services) as page:
        await leaving(page, *keys)
        assert "Save 1 change?" in page.text()
        assert "Sidecars" in page.text()
        await page.press("escape")
        await page.until(lambda: page.dialog == "SettingsScreen", "stayed")

        assert page.app.is_running
        assert page.unsaved == {"downloads.sidecars": "false"}


@pytest.mark.parametrize("key", ["enter", "s"])
async def test_leaving_can_save(services: Services, key: str) -> None:
    async with settings_opened(services) as page:
        await leaving(page, "2")
        await page.press(key)
        await page.until(lambda: page.dialog == "QueueScreen", "gone")

        assert services.settings.get("downloads.sidecars").value is False


async def test_leaving_can_give_the_changes_up(services: Services) -> None:
    async with settings_opened(services) as page:
        await leaving(page, "2")
        await page.press("d")
        await page.until(lambda: page.dialog == "QueueScreen", "gone")

        assert services.settings.export() == ""


async def test_what_is_being_typed_counts_as_a_change(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("enter")
        await page.type_over("many")
        await page.press("ctrl+q")
        await page.opens("UnsavedDialog")
        assert "Retries" in page.text()
        await page.press("enter")
        await page.until(lambda: page.dialog == "SettingsScreen", "stayed: it cannot be saved")

        assert page.app.is_running
        assert page.settings.form.editing == "downloads.retries"


async def test_without_changes_nothing_is_asked(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("2")

        await page.until(lambda: page.dialog == "QueueScreen", "gone")


async def test_tab_and_field_are_remembered(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("network.verify_tls")
    async with settings_opened(services) as page:
        assert page.cursor == "network.verify_tls"
        assert "[Security]" in page.text()
