"""A person at a real browser: from the first code to a stored file that is opened, on a large screen and a phone."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest

from browser_stage import Browser, needs_browser, started
from e2e.program import Program, wait_until
from web_browsing import Person, person_at
from web_serving import Serving, serving
from web_stage import PASSWORD, alive, code_of

pytestmark = [needs_browser, pytest.mark.engines]

CLIP = "https://files.example.com/files/clip.mp4"
READY = "Ctrl+P"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(
        "", tmp_path_factory.mktemp("profile"), "--autoplay-policy=no-user-gesture-required"
    ) as made:
        yield made


@pytest.fixture
def server(program: Program) -> Iterator[Serving]:
    with serving(program.environment()) as made:
        yield made


def begin(person: Person, server: Serving) -> None:
    """The first administrator, signed in."""
    person.fill(code=server.first_code, name="anna", password=PASSWORD, again=PASSWORD)
    person.submit("/first")
    assert person.path() == "/account"


def test_from_the_first_code_to_a_file_that_is_opened(
    browser: Browser, server: Serving, program: Program
) -> None:
    with person_at(browser.url, server.url) as person:
        begin(person, server)

        # A second factor
        person.fill(offer_password=PASSWORD)
        person.submit("/account/2fa")
        seed = str(person.see("document.getElementById('seed').textContent"))
        assert person.see("document.querySelectorAll('.qr svg path').length") > 0
        person.fill(code=code_of(seed))
        person.submit("/account/2fa/confirm")
        assert person.see("document.querySelectorAll('#recovery li').length") == 10
        person.submit("/logout")
        assert person.path() == "/login"

        # In again, with it
        person.fill(name="anna", password=PASSWORD)
        person.submit("/login")
        person.fill(code=code_of(seed, 1))
        person.submit("/login")
        assert person.path() == "/"

        # Type at once: no click first
        person.wait_screen(READY)
        person.press("a")
        person.wait_screen("Enter Add")
        person.type(CLIP)
        person.wait_screen("clip.mp4")
        person.press("Enter")
        wait_until(lambda: len(program.files()) == 1, "the file arrives")
        person.wait_screen("✓ Done")

        # Open it
        person.press("4")
        person.wait_screen("· stored ")
        person.press("o")
        opened = wait_for_tab(browser, r"/media/\d+$")
        assert person.see(
            f"fetch({opened!r}).then(a => a.blob()).then(b => window.size = b.size) && window.size"
        ) in {None, program.files()[0].stat().st_size}
        person.wait(f"window.size === {program.files()[0].stat().st_size}", "the whole file comes")
        kinds = f"fetch({opened!r}).then(a => window.kind = a.headers.get('content-type')) && window.kind"
        person.see(kinds)
        person.wait("window.kind === 'video/mp4'")

        # And out
        person.go(f"{server.url}/account")
        person.wait("document.getElementById('logout') !== null")
        person.submit("/logout")
        assert person.path() == "/login"
        wait_until(lambda: not server.children(), "no terminal is left", 30)
    assert server.stop() == 0


def wait_for_tab(browser: Browser, pattern: str) -> str:
    found: list[str] = []

    def look() -> bool:
        found[:] = [url for url in browser.tabs() if re.search(pattern, url)]
        return bool(found)

    wait_until(look, f"a tab with {pattern}", 30)
    return found[0]


def test_on_a_phone_there_are_keys_and_fingers_scroll(
    browser: Browser, server: Serving, program: Program
) -> None:
    with person_at(browser.url, server.url, width=390, height=700, touch=True) as person:
        begin(person, server)
        assert person.see("document.documentElement.scrollWidth <= innerWidth"), "the page is too wide"
        person.go(f"{server.url}/")
        person.wait_screen("Nothing here yet")

        assert person.see("getComputedStyle(document.getElementById('keys')).display") == "flex"
        assert person.see("document.documentElement.scrollWidth <= innerWidth")
        low = person.see("document.getElementById('keys').getBoundingClientRect().bottom <= innerHeight")
        assert low, "the keys are below the screen"
        person.tap("#keys [data-act=keyboard]")
        person.press("?")
        person.wait_screen("Keys")
        wheels = (
            "window.wheels = 0; document.querySelector('.xterm-screen')"
            ".addEventListener('wheel', () => window.wheels++, true)"
        )
        person.see(wheels)
        person.swipe(200, 500, 200, 300)
        person.wait("window.wheels >= 5", "wheel turns under the finger")
        person.tap("#keys [data-key=esc]")
        person.press("2")
        person.wait_screen(READY)


def test_after_a_restart_of_the_server_one_is_back_at_the_same_screen(
    browser: Browser, program: Program
) -> None:
    with serving(program.environment()) as first, person_at(browser.url, first.url) as person:
        begin(person, first)
        person.go(f"{first.url}/")
        person.wait_screen(READY)
        person.press("5")
        person.wait_screen("Logs")
        kept = program.home / "views"
        wait_until(
            lambda: any('"logs"' in path.read_text() for path in kept.glob("*.json")), "the view is kept", 30
        )
        pids = first.children()

        os.killpg(first.process.pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(pid) for pid in pids), "no child outlives the server", 30)
        person.wait("document.body.classList.contains('ended')", "the page says so")
        said = person.see("document.getElementById('ended').innerText")
        assert "Session ended" in said
        port = first.url.rpartition(":")[2]

        with serving(program.environment(), "--port", port):
            person.wait_screen("Logs")


def test_two_tabs_are_two_terminals_and_closing_one_stops_no_download(
    browser: Browser, server: Serving, program: Program
) -> None:
    program.world.web.rate_bytes_per_s = 400
    with person_at(browser.url, server.url) as person:
        begin(person, server)
        person.go(f"{server.url}/")
        person.wait_screen(READY)
        with person_at(browser.url, server.url) as other:
            other.wait_screen(READY)
            assert len(server.children()) == 2
            other.paste(CLIP)
            other.wait_screen("clip.mp4")
            other.press("Enter")
            person.wait_screen("clip")
        wait_until(lambda: len(server.children()) == 1, "the closed tab's terminal is gone", 30)

        assert program.files() == []
        program.world.web.rate_bytes_per_s = None
        wait_until(lambda: len(program.files()) == 1, "the file arrives all the same")
        person.wait_screen("✓ Done")


def test_the_page_asks_nobody_else_and_breaks_none_of_its_own_rules(
    browser: Browser, server: Serving
) -> None:
    with person_at(browser.url, server.url) as person:
        person.see("1")
        begin(person, server)
        person.go(f"{server.url}/")
        person.wait_screen(READY)

        asked = person.see("performance.getEntriesByType('resource').map(one => new URL(one.name).origin)")
        assert set(asked) == {server.url}
        assert person.see("window.violations") == []
        assert person.see("document.title").startswith("mediadl")
        assert person.see("document.fonts.check('16px \"Roboto Mono\"')")
        assert person.see("document.activeElement.className") == "xterm-helper-textarea"


def test_where_the_browser_keeps_its_clipboard_the_text_is_shown(browser: Browser, server: Serving) -> None:
    with person_at(browser.url, server.url) as person:
        begin(person, server)
        refuse = "Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined })"
        person.tab.call("Page.addScriptToEvaluateOnNewDocument", source=refuse)
        person.go(f"{server.url}/")
        person.wait_screen(READY)

        person.see("navigator.clipboard.writeText('to be copied') && 1")

        person.wait("document.querySelector('#strip-copy textarea')?.value === 'to be copied'")
        assert person.see("document.activeElement.tagName") == "TEXTAREA"
        person.press("Escape")
        person.wait("document.querySelector('#strip-copy') === null")
        person.press("?")
        person.wait_screen("Keys")


def test_leaving_and_coming_back_with_a_key(browser: Browser, server: Serving) -> None:
    with person_at(browser.url, server.url) as person:
        begin(person, server)
        person.go(f"{server.url}/")
        person.wait_screen(READY)
        person.press("q")
        person.wait("document.body.classList.contains('ended')")

        person.press("x")

        person.wait("!document.body.classList.contains('ended')")
        person.wait_screen(READY)
