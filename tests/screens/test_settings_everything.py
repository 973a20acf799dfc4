"""The Settings screen: logins, sizes, colours, odd text; the same verdicts as the command line."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len

from mediadl.errors import InvalidInput
from mediadl.screens.actions import Scope, actions_of
from mediadl.service import Services
from mediadl.settings.kinds import Tab
from mediadl.widgets.setting_text import login_id
from terminal.settings_page import settings_opened

COOKIES = "# Netscape HTTP Cookie File\n.instagram.com\tTRUE\t/\tTRUE\t4102444800\tsessionid\t1%3Aabc\n"

# Logins


@pytest.fixture
def _nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was imported is tested: against nobody."""
    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", "http://127.0.0.1:9")


@pytest.mark.usefixtures("_nobody_answers")
async def test_cookies_are_imported_for_a_site(services: Services, tmp_path: Path) -> None:
    (tmp_path / "cookies.txt").write_text(COOKIES)
    async with settings_opened(services) as page:
        await page.to(login_id("instagram"))
        assert page.row.value == "– no login"
        await page.press("enter")
        await page.opens("SessionDialog")
        await page.press(*str(tmp_path / "cookies.txt"), "enter")
        await page.until(lambda: len(services.sessions.list()) == 1, "imported")
        await page.until(lambda: page.dialog == "SettingsScreen", "back")
        await page.until(lambda: page.row_of(login_id("instagram", "default")), "the row")

        assert page.row_of(login_id("instagram", "default")).value.startswith("✓ 1 cookie, good until")


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_a_login_is_forgotten_after_a_question(services: Services, tmp_path: Path, key: str) -> None:
    (tmp_path / "cookies.txt").write_text(COOKIES)
    services.sessions.import_file("instagram", tmp_path / "cookies.txt")
    async with settings_opened(services) as page:
        await page.to(login_id("instagram", "default"))
        await page.press(key)
        await page.opens("ConfirmDialog")
        await page.press("escape")
        assert len(services.sessions.list()) == 1
        await page.press(key)
        await page.opens("ConfirmDialog")
        assert "Forget the login of instagram?" in page.text()
        await page.press("enter")
        await page.until(lambda: services.sessions.list() == [], "forgotten")
        await page.until(lambda: login_id("instagram") in page.ids, "the row")
        await page.to(login_id("instagram"))
        await page.press(key)

        assert "There is no login here" in page.toasts()


@pytest.mark.usefixtures("_nobody_answers")
async def test_cookies_are_imported_for_a_site_that_is_asked_for(services: Services, tmp_path: Path) -> None:
    (tmp_path / "cookies.txt").write_text(COOKIES.replace(".instagram.com", ".forum.example"))
    async with settings_opened(services) as page:
        await page.to("platforms.cooldown_s")
        await page.press("i")
        await page.opens("SessionDialog")
        await page.press(*"forum.example", "enter", *str(tmp_path / "cookies.txt"), "enter")
        await page.until(
            lambda: [one.site for one in services.sessions.list()] == ["forum.example"], "imported"
        )
        await page.until(lambda: login_id("forum.example", "default") in page.ids, "the row")


async def test_logins_are_imported_on_their_tab_only(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.press("i")

        assert "Logins are on the tab Platforms" in page.toasts()


# Everything


def test_a_key_means_one_thing_here() -> None:
    for scopes in (
        (Scope.SETTINGS, Scope.APP),
        (Scope.UNSAVED,),
        (Scope.THEMES,),
        (Scope.KEYS,),
        (Scope.LOCK,),
    ):
        keys = Counter(key for action in actions_of(*scopes) for key in action.keys)
        assert [key for key, number in keys.items() if number > 1] == []


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("downloads.concurrent", ("0", "32", "33", "4.5", "x", "", "-1")),
        ("downloads.min_free_bytes", ("10 GB", "10 apples", "2 PB", "7")),
        ("network.timeout_s", ("0.1 s", "0", "11 min", "inf", "1h")),
        ("downloads.name_template", ("{id}", "{titel}", "/x", "../x", "")),
        ("network.proxy", ("", "ftp://x", "socks5://h:1", "http://u:p@h")),
        ("network.ca_file", ("", "/no/such.pem", "~nobody-here/x")),
        ("downloads.directory", (" ", "~/x", "/dev/null")),
    ],
)
async def test_typing_gives_the_verdict_of_the_command_line(
    services: Services, key: str, texts: tuple[str, ...]
) -> None:
    async with settings_opened(services) as page:
        await page.to(key)
        await page.press("enter")
        for text in texts:
            page.settings.form.editor.value = text
            try:
                services.settings.set(key, text)
                expected = ""
            except InvalidInput as error:
                expected = error.message.removeprefix(f"{key}: ")
            if text != "" or page.settings.live is not None:
                assert await page.judged() == expected, text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50), (40, 12)])
async def test_it_can_be_used_at_every_size(services: Services, size: tuple[int, int]) -> None:
    async with settings_opened(services, size=size) as page:
        for tab in Tab:
            page.settings.action_show_tab(tab.value)
            await page.pilot.pause()
            assert all(cell_len(one) <= size[0] for one in page.lines())
        page.settings.action_show_tab("General")
        await page.press("enter")
        await page.type_over("/tmp/x")
        assert "/tmp/x" in page.text()


async def test_without_colour_every_state_has_a_sign(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with settings_opened(services) as page:
        await page.to("downloads.sidecars")
        await page.press("space")
        text = page.text()

        assert "›●Sidecars" in text
        assert "○ off" in text
        assert "[● General]" in text


def test_neither_app_nor_screen_imports_the_schema() -> None:
    script = "import sys, mediadl.app, mediadl.screens.settings; print('pydantic' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )

    assert told.stdout == "False\n"


async def test_hostile_values_are_only_text(services: Services) -> None:
    services.settings.file.write_text(
        '[interface]\ntheme = "[@click=app.leave]x[/]"\n[downloads]\nname_template = "[/]{id}[bold red]"\n'
    )
    async with settings_opened(services) as page:
        assert "[/]{id}[bold red]" in page.text()
        await page.to("interface.theme")
        assert "[@click=app.leave]x[/]" in page.text()
        x = page.row.value.index("click")
        region = page.settings.form.fields.value_region("interface.theme")
        assert region is not None
        await page.pilot.click("#setting-strip", offset=(x, 0))
        await page.pilot.pause()

        assert page.app.return_value is None


# Options of platforms


async def test_every_platform_has_its_options_under_its_name(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("tiktok.sound")
        headings = [row.title for row in page.settings.form.fields.rows if not row.id]

        assert {"TikTok", "Instagram"} <= set(headings)
        assert page.row.value == "○ off"
        assert "tiktok.sound  true or false · default" in page.text()


async def test_an_option_of_a_platform_is_changed_and_saved_like_any_setting(services: Services) -> None:
    async with settings_opened(services) as page:
        await page.to("tiktok.sound")
        await page.press("space", "ctrl+s")
        await page.until(lambda: services.settings.get("tiktok.sound").value is True, "saved")


async def test_an_option_no_platform_has_is_told_on_the_tab(services: Services) -> None:
    services.settings.file.write_text("[tiktok]\nsonud = true\n")
    async with settings_opened(services) as page:
        await page.to("platforms.cooldown_s")

        assert "settings.toml: no such option: tiktok.sonud" in page.text()
