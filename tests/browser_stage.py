"""A real browser for tests, started as its user would start it, that reaches the simulated web only."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: nothing to attach to")
DEADLINE_S = 30.0


@dataclass
class Browser:
    """The browser, with one tab of its user's own."""

    url: str

    def tabs(self) -> list[str]:
        """The addresses of all tabs."""
        with urllib.request.urlopen(f"{self.url}/json/list", timeout=10) as answer:
            return sorted(tab["url"] for tab in json.loads(answer.read()) if tab["type"] == "page")


@contextlib.contextmanager
def started(proxy: str, profile: Path, *flags: str) -> Iterator[Browser]:
    """A Chromium that listens, and is gone afterwards; without a proxy it reaches this machine only."""
    way = f"--proxy-server={proxy}" if proxy else "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
    process = subprocess.Popen(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--remote-debugging-port=0", f"--user-data-dir={profile}", way,
            *(["--proxy-bypass-list=<-loopback>"] if proxy else []), *flags, "--ignore-certificate-errors",
            "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "data:text/html,<title>mine</title>",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    port_file = profile / "DevToolsActivePort"
    end = time.monotonic() + DEADLINE_S
    try:
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < end, "Chromium did not open its port"
            time.sleep(0.05)
        yield Browser(f"http://127.0.0.1:{port_file.read_text().splitlines()[0]}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
