"""Pictures, mouse and paste in a real browser: images over the gallery's tiles, clicks and wheel as good as keys."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from browser_stage import Browser, needs_browser, started
from e2e.program import Program
from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.service import Services
from terminal import archive, scene
from web_browsing import Person, person_at
from web_serving import Serving, serving
from web_stage import PASSWORD

pytestmark = [needs_browser, pytest.mark.engines]

READY = "? Help"

IMAGES = """
(() => {
  const screen = document.querySelector('.xterm-screen').getBoundingClientRect();
  return Array.from(document.querySelectorAll('#images img'), (image) => {
    const box = image.getBoundingClientRect();
    const [right, bottom] = [Math.min(screen.right + 1, innerWidth), Math.min(screen.bottom + 1, innerHeight)];
    return {
      there: image.complete && image.naturalWidth > 100 && box.width > 40 && box.height > 40,
      inside: box.left >= screen.left && box.right <= right && box.top >= screen.top && box.bottom <= bottom,
      left: box.left - screen.left, top: box.top - screen.top, width: box.width, height: box.height,
    };
  });
})()
"""

COUNT = "document.querySelectorAll('#images img').length"


def settled(least: int) -> str:
    """So many images at least, all loaded and in view; then what is known of each."""
    wanted = f"all.length >= {least} && all.every((one) => one.there && one.inside)"
    return f"(() => {{ const all = {IMAGES}; return {wanted} && all; }})()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started("", tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture
def server(program: Program) -> Iterator[Serving]:
    program.extra["MEDIADL_NO_DAEMON"] = "1"
    with Services(Home(program.home).create()) as services:
        services.users.add("anna", Role.ADMIN, PASSWORD)
        archive.write(services, program.downloads, now=time.time())
        scene.write(
            services, [scene.Part(f"Part {n:02}", f"https://a.example/{n}", "generic") for n in range(60)]
        )
    with serving(program.environment()) as made:
        yield made


def sign_in(person: Person) -> None:
    person.fill(name="anna", password=PASSWORD)
    person.submit("/login")
    person.wait_screen(READY)


def test_images_lie_over_the_tiles_and_never_over_a_dialog(browser: Browser, server: Serving) -> None:
    with person_at(browser.url, server.url) as person:
        sign_in(person)
        person.press("4")
        person.wait_screen("Low tide")
        assert person.see(IMAGES) == []
        person.press("t")
        found = person.wait(settled(6), "images come")

        # In a grid, each over a tile of its own, and nothing can be clicked away by them
        assert len({(round(one["left"]), round(one["top"])) for one in found}) == len(found)
        assert len({round(one["width"]) for one in found}) == 1
        cell = person.cell_size()
        for one in found:
            assert one["top"] / cell[1] == pytest.approx(round(one["top"] / cell[1]), abs=0.1)
            assert one["left"] / cell[0] == pytest.approx(round(one["left"] / cell[0]), abs=0.1)
        middle = found[0]["left"] + found[0]["width"] / 2, found[0]["top"] + found[0]["height"] / 2
        assert person.see(f"document.elementFromPoint({middle[0]}, {middle[1]}).tagName") != "IMG"
        assert person.see("window.violations") == []

        person.press("?")
        person.wait(f"{COUNT} === 0", "none over a dialog")
        person.wait_screen("Keys")
        person.press("Escape")
        person.wait(f"{COUNT} === {len(found)}", "they are back")

        # A smaller window: the tiles lie elsewhere, and the images with them
        person.resize(760, 560)
        person.wait("window.cells[0] < 85", "the terminal follows the window")
        person.wait(settled(2), "the images follow the tiles")
        person.press("q")
        person.wait("document.body.classList.contains('ended')")
        assert person.see(COUNT) == 0


def cursor_row(shown: str) -> str:
    """The title of the row with the cursor."""
    found = re.search(r"^›.*?(Part \d\d)", shown, re.MULTILINE)
    return found[1] if found else ""


def test_clicks_and_wheel_agree_with_keys(browser: Browser, server: Serving) -> None:
    with person_at(browser.url, server.url) as person:
        sign_in(person)
        person.press("2")
        shown = person.wait_screen(lambda text: bool(cursor_row(text)))
        rows = re.findall(r"Part \d\d", shown)
        assert cursor_row(shown) == rows[0]
        line = next(n for n, text in enumerate(shown.splitlines()) if rows[4] in text)

        person.click_cell(12, line)
        person.wait_screen(lambda text: cursor_row(text) == rows[4])
        person.press("j")
        person.wait_screen(lambda text: cursor_row(text) == rows[5])

        last = rows[-1]
        person.wheel_cell(12, line, 240)
        shown = person.wait_screen(lambda text: rows[0] not in text and bool(re.search(r"Part \d\d", text)))
        assert re.findall(r"Part \d\d", shown)[-1] != last
        person.wheel_cell(12, line, -2000)
        person.wait_screen(lambda text: rows[0] in text)
        person.press("j")
        person.wait_screen(lambda text: cursor_row(text) == rows[6])


def test_a_pasted_address_opens_the_add_dialog_with_it(browser: Browser, server: Serving) -> None:
    with person_at(browser.url, server.url) as person:
        sign_in(person)
        for key, there in (("2", "Part 00"), ("4", "Low tide")):
            person.press(key)
            person.wait_screen(there)
            person.paste("https://files.example.com/files/pasted.mp4")
            person.wait_screen(
                lambda text: "Enter Add" in text and "https://files.example.com/files/pasted.mp4" in text
            )
            person.press("Escape")
            person.wait_screen(lambda text: "Enter Add" not in text)
