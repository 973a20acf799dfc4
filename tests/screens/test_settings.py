"""The Settings screen: every key, tabs, search, changes elsewhere, the guard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mediadl.service import Services
from mediadl.settings.kinds import Kind, Tab
from terminal.settings_page import settings_opened


async def test_every_setting_is_on_one_tab_of_the_screen(services: Services) -> None:
    async with settings_opened(services) as page:
        shown: list[str] = []
        for tab in Tab:
            page.settings.action_show_tab(tab.value)
            await page.pilot.pause()
            shown += [row_id for row_id in page.ids if page.settings.drafts.setting(row_id)]

        assert sorted(shown) == sorted(one.key for one in services.settings.list())


async def test_a_field_tells_value_source_and_help(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.settings.set("downloads.retries", "2")
    monkeypatch.setenv("MEDIADL_DOWNLOADS__PER_SITE", "3")
    async with settings_opened(services, size=(120, 40)) as page:
        default, file, env = (
            page.row_of(f"downloads.{name}") for name in ("concurrent", "retries", "per_site")
        )
        await page.to("downloads.retries")

        assert (default.value, default.aside) == ("4", "default")
        assert (file.value, file.aside) == ("2", "settings.toml")
        assert env.value == "3"
        assert "MEDIADL_DOWNLOADS__PER_SITE" in env.note
        assert "Tries after the first one" in page.text()
        assert "a whole number from 0 to 50 · default 5 · from settings.toml" in page.text()


# Moving


@pytest.mark.parametrize("key", ["j", "down", "tab"])
async def test_down_goes_to_the_next_field(services: Services, key: str) -> None:
    async with settings_opened(services) as page:
        await page.press(key)

        assert page.cursor == page.ids[1]


@pytest.mark.parametrize("key", ["k", "up", "shift+tab"])
async def test_up_goes_to_the_field_before(services: Services, key: str) -> None:
    async with settings_opened(services) as page:
        await page.press("j", "j", key)

        assert page.cursor == page.ids[1]


@pytest.mark.parametrize(("last", "first"), [("G", "home"), ("end", "home")])
async def test_the_ends_are_one_key_away(services: Services, last: str, first: str) -> None:
    async with settings_opened(services, size=(80, 24)) as page:
        await page.press(last)
        assert page.cursor == page.ids[-1]
        assert page.row.title in page.text()
        await page.press(first)
        assert page.cursor == page.ids[0]
        assert "Downloads" in page.text()
        await page.press(last, "g", "g")
        await page.until(lambda: page.cursor == page.ids[0], "the top")


@pytest.mark.parametrize(("down", "up"), [("pagedown", "pageup"), ("ctrl+f", "ctrl+b"), ("ctrl+d", "ctrl+u")])
async def test_pages_move_by_screens(services: Services, down: str, up: str) -> None:
    async with settings_opened(services, size=(80, 24)) as page:
        await page.press(down)
        assert page.ids.index(page.cursor) > 1
        await page.press(up)
        assert page.cursor == page.ids[0]


@pytest.mark.parametrize(("there", "back"), [("]", "["), ("right", "left"), ("f", "F")])
async def test_tabs_change_by_key_and_keep_their_place(services: Services, there: str, back: str) -> None:
    async with settings_opened(services) as page:
        await page.press("j", "j", there)
        assert "[Platforms]" in page.text()
        assert page.cursor == "platforms.instagram_delay_s"
        await page.press(back)
        assert "[General]" in page.text()
        assert page.cursor == page.ids[2]
        await page.press(back)
        assert "[Interface]" in page.text()


async def test_tabs_change_by_click(services: Services) -> None:
    async with settings_opened(services) as page:
        x = page.lines()[1].index("Security")
        await page.pilot.click("#setting-tabs", offset=(x, 0))
        await page.until(lambda: "[Security]" in page.text(), "the tab")

        assert page.ids[:2] == ["network.ca_file", "network.verify_tls"]
        assert {"web.host", "security.lock_terminal", "security.session_idle_s"} <= set(page.ids)


# Changing


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_a_switch_is_turned_by_a_key(services: Services, key: str) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press(key)
        assert (page.row.value, page.row.changed) == ("○ off", True)
        assert "unsaved, was ● on" in page.row.aside
        await page.press(key)

        assert (page.row.value, page.row.changed) == ("● on", False)


async def test_a_choice_is_made_from_a_menu_or_stepped_through(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.quality")
        await page.press("enter")
        await page.opens("MenuDialog")
        await page.press("j", "enter")
        await page.until(lambda: page.row.value == "1080p ▾", "chosen")
        await page.press("space")

        assert page.unsaved == {"downloads.quality": "720p"}


async def test_typing_is_judged_at_once_and_kept_by_enter(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.concurrent")
        await page.press("enter")
        await page.type_over("99")
        assert await page.judged() == "must be a whole number from 1 to 32"
        await page.pilot.pause()
        assert "✗ must be a whole number from 1 to 32" in page.text()
        await page.press("enter")
        assert page.settings.form.editing
        await page.press("backspace")
        assert await page.judged() == ""
        await page.press("enter")

        assert not page.settings.form.editing
        assert page.app.focused is page.settings.form.fields
        assert page.unsaved == {"downloads.concurrent": "9"}
        assert page.row.value == "9"


async def test_sizes_and_times_are_typed_with_units(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.min_free_bytes")
        await page.press("enter")
        assert page.settings.form.text == "1 GB"
        await page.type_over("2.5 gb")
        await page.press("enter")
        await page.until(lambda: not page.settings.form.editing, "kept")
        await page.to("network.timeout_s")
        await page.press("enter")
        await page.type_over("1m30s")
        await page.press("enter")
        await page.until(lambda: not page.settings.form.editing, "kept")

        assert page.row.value == "1 min 30 s"
        assert page.row_of("downloads.min_free_bytes").value == "2.5 GB"


async def test_a_pattern_of_names_shows_what_it_comes_to(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.name_template")
        await page.press("enter")
        await page.type_over("{platform}/{id}")
        assert await page.judged() == ""
        await page.until(lambda: "→ instagram/DKx3mPqs7Yw.jpg" in page.text(), "the example")


async def test_enter_right_after_typing_waits_for_the_verdict(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("enter")
        page.settings.form.editor.value = "7"
        page.settings.leave_field(None)
        await page.until(lambda: page.unsaved == {"downloads.retries": "7"}, "kept")


async def test_esc_gives_up_what_was_typed_then_the_search_and_never_quits(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("/", *"retries", "enter")
        await page.until(lambda: page.ids == ["downloads.retries"], "found")
        await page.press("enter", "backspace", "9", "escape")
        assert (page.settings.form.editing, page.unsaved) == ("", {})
        assert page.ids == ["downloads.retries"]
        await page.press("escape")
        assert len(page.ids) > 5
        assert page.cursor == "downloads.retries"
        await page.press("escape", "escape")

        assert page.app.is_running
        assert page.dialog == "SettingsScreen"


async def test_tab_keeps_what_was_typed_and_goes_on(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.concurrent")
        await page.press("enter")
        await page.type_over("8")
        await page.press("tab")
        await page.until(lambda: page.cursor == "downloads.per_site", "the next")
        await page.press("enter")
        await page.type_over("0")
        await page.press("shift+tab")
        await page.judged()

        assert page.cursor == "downloads.per_site"
        assert page.settings.form.editing == "downloads.per_site"
        assert page.unsaved == {"downloads.concurrent": "8"}


async def test_a_click_on_a_value_opens_it(services: Services) -> None:
    async with settings_opened(services) as page:
        region = page.settings.form.fields.value_region("downloads.retries")
        assert region is not None
        await page.pilot.click("#fields", offset=(region.x + 1, region.y))
        assert page.settings.form.editing == "downloads.retries"
        await page.type_over("3")
        concurrent = page.settings.form.fields.value_region("downloads.concurrent")
        assert concurrent is not None
        await page.pilot.click("#fields", offset=(3, concurrent.y))
        await page.until(lambda: page.cursor == "downloads.concurrent", "the other field")

        assert page.unsaved == {"downloads.retries": "3"}


async def test_a_right_click_opens_a_menu_of_what_can_be_done(services: Services) -> None:
    services.settings.set("downloads.retries", "2")
    async with settings_opened(services) as page:
        region = page.settings.form.fields.value_region("downloads.retries")
        assert region is not None
        await page.pilot.click("#fields", offset=(4, region.y), button=3)
        await page.opens("MenuDialog")
        menu = page.text()
        await page.press("escape")

        assert page.cursor == "downloads.retries"
        assert "Reset" in menu
        assert "Import cookies" not in menu


async def test_a_secret_is_typed_unseen_and_never_shown(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = services.settings.sheet()
    secret = tuple(
        replace(one, kind=Kind.SECRET, value="hunter2") if one.key == "network.proxy" else one
        for one in whole.settings
    )
    monkeypatch.setattr(services.settings, "sheet", lambda: replace(whole, settings=secret))
    async with settings_opened(services) as page:
        await page.to("network.proxy")
        assert page.row.value == "set"
        await page.press("enter")
        assert page.settings.form.text == ""
        await page.press("enter")
        assert page.unsaved == {}
        await page.press("enter", *"http", "colon", "slash", "slash", "h")
        assert "•••" in page.text()
        assert "http://h" not in page.text()
        await page.press("enter")
        await page.until(lambda: page.unsaved == {"network.proxy": "http://h"}, "kept")

        assert page.row.value == "set"
        assert "hunter2" not in page.text()
        assert "http://h" not in page.text()


async def test_a_variable_of_the_environment_makes_a_field_read_only(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_DOWNLOADS__CONCURRENT", "3")
    async with settings_opened(services) as page:
        await page.to("downloads.concurrent")
        for key in ("enter", "space", "r"):
            await page.press(key)

        assert not page.settings.form.editing
        assert page.unsaved == {}
        assert "MEDIADL_DOWNLOADS__CONCURRENT sets it" in page.toasts()


async def test_reset_takes_one_field_back_and_undo_brings_it_again(services: Services) -> None:
    services.settings.set("downloads.retries", "2")
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("r")
        assert (page.row.value, page.unsaved) == ("5", {"downloads.retries": None})
        await page.press("u")
        await page.until(lambda: page.row.value == "2", "as before")

        assert page.unsaved == {}


async def test_reset_of_a_default_says_so(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("r")

        assert "its default already" in page.toasts()


async def test_discard_gives_all_changes_up_and_undo_brings_them_again(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press("space")
        await page.to("network.verify_tls")
        await page.press("space", "x")
        assert page.unsaved == {}
        await page.press("u")

        await page.until(lambda: len(page.unsaved) == 2, "again")


async def test_y_copies_the_name(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("downloads.retries")
        await page.press("y")

        assert page.app.clipboard == "downloads.retries"


# Finding


async def test_find_looks_through_all_tabs_with_a_count(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("/", *"pause")
        await page.until(lambda: "platforms.request_delay_s" in page.ids, "found")
        number = len(page.ids)

        assert 0 < number < 10
        assert f"{number} of " in page.text()
        assert "Platforms · Platforms" not in page.text()


async def test_the_tab_keys_jump_between_matches(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("/", *"time", "enter", "home")
        assert page.settings.drafts.setting(page.cursor).tab is Tab.GENERAL  # type: ignore[union-attr]
        await page.press("]")
        after = page.settings.drafts.setting(page.cursor)
        assert after is not None
        assert after.tab is not Tab.GENERAL
        await page.press("escape")

        assert f"[{after.tab.value}]" in page.text()
        assert page.cursor == after.key


async def test_nothing_found_says_so(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("/", *"zzzz")

        await page.until(lambda: "No setting has these words" in page.text(), "the note")
        assert "0 of " in page.text()


@pytest.mark.parametrize("words", ["sidecars", "SIDECAR", "downloads.sidecars", "json", "write metadata"])
async def test_names_titles_and_help_are_looked_through(services: Services, words: str) -> None:
    async with settings_opened(services) as page:
        page.settings.filter_by(words)

        await page.until(
            lambda: page.ids and page.ids[0] == "downloads.sidecars" and len(page.ids) < 4, "found"
        )
