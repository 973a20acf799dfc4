"""A person at a browser for tests of the browser view: looks at pages, types, presses keys, reads the terminal."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mediadl.modules.instagram.cdp import Tab

DEADLINE_S = 30.0

_KEYS = {"Enter": "\r", "Escape": "", "Tab": "\t"}


class Person:
    """One tab of a browser."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def see(self, script: str) -> Any:
        """The value of an expression in the page."""
        return self.tab.evaluate(script)

    def wait(self, script: str, what: str = "", deadline_s: float = DEADLINE_S) -> Any:
        """Wait until an expression is true in the page; returns its value."""
        end = time.monotonic() + deadline_s
        while not (found := self.see(script)):
            if time.monotonic() > end:
                text = self.see("document.body ? document.body.innerText : ''")
                raise AssertionError(f"not within {deadline_s} s: {what or script}\n{self.path()}\n{text}")
            time.sleep(0.05)
        return found

    def path(self) -> str:
        """Where it is."""
        return str(self.see("location.pathname + location.search"))

    def go(self, url: str) -> None:
        """Type an address."""
        self.tab.call("Page.navigate", url=url)

    def fill(self, **fields: str) -> None:
        """Type into fields of a form, by their ids."""
        for name, value in fields.items():
            script = f"document.getElementById({json.dumps(name.replace('_', '-'))})"
            self.wait(f"{script} !== null", f"a field {name}")
            self.see(f"{script}.value = {json.dumps(value)}")

    def submit(self, action: str) -> None:
        """Send the form that leads there, and wait for the page that answers."""
        self.see("window.before = true")
        self.see(f"document.querySelector('form[action=\"{action}\"]').requestSubmit()")
        self.wait(
            "window.before === undefined && document.readyState === 'complete'", f"an answer to {action}"
        )

    def press(self, key: str) -> None:
        """Press and release a key."""
        text = _KEYS.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        if len(key) == 1 and key.isalnum():
            code = ord(key.upper())
        details = {"key": key, "windowsVirtualKeyCode": code}
        self.tab.call("Input.dispatchKeyEvent", type="keyDown", **({"text": text} if text else {}), **details)
        self.tab.call("Input.dispatchKeyEvent", type="keyUp", **details)

    def type(self, text: str) -> None:
        """Type it, letter by letter."""
        for letter in text:
            self.press(letter)

    def paste(self, text: str) -> None:
        """Paste into whatever has the keyboard."""
        self.see(
            "(() => { const held = new DataTransfer(); held.setData('text/plain', " + json.dumps(text) + ");"
            " document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
            " { clipboardData: held, bubbles: true, cancelable: true })); })()"
        )

    def swipe(self, x: float, y: float, to_x: float, to_y: float, steps: int = 10) -> None:
        """Draw a finger over the screen."""
        point = [{"x": x, "y": y}]
        self.tab.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=point)
        for step in range(1, steps + 1):
            way = step / steps
            point = [{"x": x + (to_x - x) * way, "y": y + (to_y - y) * way}]
            self.tab.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=point)
        self.tab.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def tap(self, selector: str) -> None:
        """Touch something."""
        box = self.see(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        x, y = box
        self.swipe(x, y, x, y, steps=0)

    def cell_size(self) -> tuple[float, float]:
        """Width and height of the terminal's cells, in pixels of the page."""
        width, height = self.see(_CELL)
        return width, height

    def click_cell(self, x: int, y: int) -> None:
        """Click into the middle of a cell of the terminal."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self._mouse(kind, x, y, button="none" if kind == "mouseMoved" else "left", clickCount=1)

    def wheel_cell(self, x: int, y: int, down: int) -> None:
        """Turn the wheel over a cell of the terminal, by pixels."""
        self._mouse("mouseWheel", x, y, deltaX=0, deltaY=down)

    def _mouse(self, kind: str, x: int, y: int, **details: Any) -> None:
        width, height = self.cell_size()
        left, top = self.see(
            "(() => { const b = document.querySelector('.xterm-screen').getBoundingClientRect();"
            " return [b.left, b.top]; })()"
        )
        at = {"x": left + (x + 0.5) * width, "y": top + (y + 0.5) * height}
        self.tab.call("Input.dispatchMouseEvent", type=kind, **at, **details)

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self.tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self, path: Path) -> None:
        """Keep how it looks, for a person to see."""
        answer = self.tab.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def screen(self) -> str:
        """What the terminal shows, as text."""
        return str(self.see(_READ_SCREEN) or "")

    def wait_screen(self, wanted: str | Callable[[str], bool], deadline_s: float = DEADLINE_S) -> str:
        """Wait until the terminal shows something; returns all of it."""
        end = time.monotonic() + deadline_s
        while True:
            shown = self.screen()
            if wanted(shown) if callable(wanted) else wanted in shown:
                return shown
            if time.monotonic() > end:
                raise AssertionError(f"not within {deadline_s} s: {wanted}\n{shown}\n{self.path()}")
            time.sleep(0.05)


_TAP = """
(() => {
  // What the terminal is sent, kept so that a test can read it: the terminal itself is drawn on a canvas
  const Plain = window.WebSocket;
  window.sent = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
  });
  window.WebSocket = class extends Plain {
    constructor(...how) {
      super(...how);
      window.lastSocket = this;
      const asked = new URL(how[0]).searchParams;
      window.cells = [Number(asked.get('width')), Number(asked.get('height'))];
      this.addEventListener('message', (event) => {
        if (typeof event.data !== 'string') window.sent.push(new Uint8Array(event.data));
      });
    }
    send(data) {
      super.send(data);
      const [kind, size] = JSON.parse(data);
      if (kind === 'resize') window.cells = [size.width, size.height];
    }
  };
})();
"""

_CELL = """
(() => {
  const box = document.querySelector('.xterm-screen').getBoundingClientRect();
  return [box.width / window.cells[0], box.height / window.cells[1]];
})()
"""

_READ_SCREEN = """
(() => {
  if (!window.sent) return '';
  const bytes = window.sent.splice(0);
  const decoder = window.decoder ??= new TextDecoder();
  const grid = window.grid ??= { rows: [], x: 0, y: 0, left: '' };
  let text = grid.left + bytes.map((part) => decoder.decode(part, { stream: true })).join('');
  grid.left = '';
  const put = (letter) => {
    (grid.rows[grid.y] ??= [])[grid.x++] = letter;
  };
  const sequence = new RegExp("^\\\\x1b(?:\\\\[[0-9;?$<>=]*[ -/]*[@-~]|\\\\][^\\\\x07\\\\x1b]*(?:\\\\x07|\\\\x1b.)"
    + "|[()][A-Z0-9]|[=>78c])");
  while (text) {
    if (text[0] === '\\x1b') {
      const found = sequence.exec(text);
      if (!found) {
        if (text.length < 64) { grid.left = text; break; }
        text = text.slice(1);
        continue;
      }
      const move = /^\\x1b\\[(\\d*);?(\\d*)H$/.exec(found[0]);
      if (move) { grid.y = (Number(move[1]) || 1) - 1; grid.x = (Number(move[2]) || 1) - 1; }
      text = text.slice(found[0].length);
    } else if (text[0] === '\\n') { grid.y++; text = text.slice(1); }
    else if (text[0] === '\\r') { grid.x = 0; text = text.slice(1); }
    else {
      const letter = String.fromCodePoint(text.codePointAt(0));
      put(letter);
      text = text.slice(letter.length);
    }
  }
  return grid.rows.map((row) => Array.from(row ?? [], (letter) => letter ?? ' ').join('')).join('\\n');
})()
"""


@contextmanager
def person_at(
    browser_url: str, url: str, *, width: int = 1000, height: int = 640, touch: bool = False
) -> Iterator[Person]:
    """Somebody who opens a tab; the tab is closed at the end."""
    with Tab(browser_url, "about:blank", lambda _url: False) as tab:
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        if touch:
            tab.call("Emulation.setTouchEmulationEnabled", enabled=True)
        tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
        tab.call("Page.addScriptToEvaluateOnNewDocument", source=_TAP)
        tab.call("Page.navigate", url=url)
        yield Person(tab)
