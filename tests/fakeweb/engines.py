"""How the unmodified engines are pointed at the simulated web; imports no engine, only names their options."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fakeweb.expected import sha256_of
from fakeweb.server import FakeWeb


@dataclass(frozen=True)
class Run:
    """What an engine left behind."""

    code: int
    output: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """All stored files by name."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def digests(self) -> list[str]:
        """The SHA-256 of every stored file, sorted."""
        return sorted(sha256_of(path) for path in self.files)


Engine = Callable[..., Run]


def run_engine(command: list[str], folder: Path, *, timeout_s: float = 60) -> Run:
    """Run a command to its end in a folder, in a process group of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        timeout=timeout_s,
        check=False,
    )
    return Run(done.returncode, done.stdout, folder)


def ytdlp_command(web: FakeWeb, *, retries: int = 2, timeout_s: float = 5) -> list[str]:
    """The start of a yt-dlp command line; no CA setting reaches curl_cffi, so certificates go unchecked."""
    options = [
        "--ignore-config",
        "--no-cache-dir",
        "--no-update",
        "--proxy",
        web.url,
        "--no-check-certificates",
    ]
    limits = [
        "--retries",
        str(retries),
        "--socket-timeout",
        str(timeout_s),
        "--fixup",
        "never",
        "--no-progress",
    ]
    return [sys.executable, "-m", "yt_dlp", *options, *limits]


def gallery_dl_settings(web: FakeWeb, *, retries: int = 1, timeout_s: float = 3) -> dict[str, object]:
    """gallery-dl's settings by dotted name; all of its waiting is switched off."""
    return {
        "extractor.proxy": web.url,
        "extractor.verify": str(web.ca_pem),
        "extractor.sleep-request": 0,
        "extractor.instagram.sleep-request": 0,
        "extractor.sleep-429": 0.1,
        "extractor.retries": retries,
        "extractor.timeout": timeout_s,
        "extractor.fallback": False,
        "downloader.retries": retries,
        "downloader.timeout": timeout_s,
        "downloader.ytdl.verify": False,
        "cache.file": None,
    }


def gallery_dl_command(web: FakeWeb, folder: Path, **more: object) -> list[str]:
    """The start of a gallery-dl command line that stores everything flat in a folder.

    Args:
        web: Where to go.
        folder: The folder.
        more: Further settings, `__` for a dot and `_` for a dash.
    """
    settings = gallery_dl_settings(web)
    settings |= {name.replace("__", ".").replace("_", "-"): value for name, value in more.items()}
    command = [sys.executable, "-m", "gallery_dl", "--config-ignore", "-D", str(folder)]
    for name, value in settings.items():
        command += ["-o", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return command


def environment(web: FakeWeb) -> dict[str, str]:
    """The variables that send any other program through the simulated web."""
    proxies = {f"{scheme}_PROXY": web.url for scheme in ("HTTP", "HTTPS")}
    trusted = {name: str(web.ca_pem) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}
    lower = {name.lower(): value for name, value in proxies.items()}
    return {**os.environ, **proxies, **lower, **trusted, "NO_PROXY": "", "no_proxy": ""}
