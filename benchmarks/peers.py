"""The other programs, as their users start them: nothing switched off, no configuration of this machine read."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import BIN

HOW_TO_GET = {
    "aria2c": "apt-get install aria2",
    "curl": "apt-get install curl",
    "gallery-dl": "make setup",
    "yt-dlp": "make setup",
}


def program(name: str) -> str | None:
    """Its path: ours where the environment has it, else the system's."""
    own = BIN / name
    return str(own) if own.exists() else shutil.which(name)


def missing(names: Sequence[str]) -> list[str]:
    """What is not here, with how to get it."""
    return [f"{name} is missing: {HOW_TO_GET[name]}" for name in names if program(name) is None]


def _here(name: str) -> str:
    found = program(name)
    if found is None:
        raise FileNotFoundError(f"{name} is missing: {HOW_TO_GET[name]}")
    return found


def gallery_dl(*arguments: str | Path, proxy: str = "") -> list[str | Path]:
    """gallery-dl that stores in the current folder."""
    through = ["-o", f"extractor.proxy={proxy}"] if proxy else []
    return [_here("gallery-dl"), "--config-ignore", "-q", "-d", ".", *through, *arguments]


def aria2c(*arguments: str | Path, proxy: str = "") -> list[str | Path]:
    """aria2c."""
    through = ["--all-proxy", proxy] if proxy else []
    return [_here("aria2c"), "--no-conf=true", "-q", *through, *arguments]


def curl(*arguments: str | Path, proxy: str = "") -> list[str | Path]:
    """curl."""
    through = ["-x", proxy] if proxy else []
    return [_here("curl"), "-q", "-s", "-S", "-f", *through, *arguments]


def curl_parallel(urls: Path, proxy: str = "") -> list[str | Path]:
    """curl with a list for `-K`, as many at once as it chooses by itself."""
    return curl("-Z", "--remote-name-all", "-K", urls, proxy=proxy)


def yt_dlp(*arguments: str | Path, proxy: str = "") -> list[str | Path]:
    """yt-dlp; certificates go unchecked because no CA setting of it reaches all of its clients."""
    through = ["--proxy", proxy, "--no-check-certificates"] if proxy else []
    return [_here("yt-dlp"), "--ignore-config", "-q", "--no-warnings", *through, *arguments]


def curl_list(urls: Sequence[str], path: Path) -> Path:
    """A file for `curl -K` that stores each URL under its own name."""
    path.write_text("".join(f'url = "{url}"\n' for url in urls))
    return path


def url_list(urls: Sequence[str], path: Path) -> Path:
    """A file with one URL a line."""
    path.write_text("".join(f"{url}\n" for url in urls))
    return path
