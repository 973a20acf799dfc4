"""Looks at everything the program stands on: what is missing, what is wrong, how to mend it. Changes nothing."""

from __future__ import annotations

import codecs
import locale
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl import __version__
from mediadl.errors import InvalidInput, MediadlError
from mediadl.models import SessionStanding
from mediadl.security.permissions import Right
from mediadl.service.folders import make_writable
from mediadl.service.rights import Verbs, asks
from mediadl.service.session_choice import standing_words

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.settings.schema import Settings

_NEEDED = {
    "yt-dlp": "nothing but plain files can be downloaded",
    "gallery-dl": "Instagram and picture sites cannot be downloaded",
}
"""Engines that must be there, and what does not work without them."""
_HEARTBEAT_LATE_S = 15.0
_TOOL_TIMEOUT_S = 10.0
_NODE_LEAST = 22


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARN = "warn"
    """Works, but could be better."""
    BAD = "bad"
    """Something will fail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    what: str
    mend: str = ""
    """What to do about it; may be given for what works, too."""


class Doctor(Verbs):
    """Examines one data folder and the machine around it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.DATABASE)
    def examine(self) -> Iterator[Finding]:
        """Findings as they are made, each within moments."""
        yield from self._program()
        yield from self._engines()
        yield from _packages()
        yield _ffmpeg()
        yield _javascript()
        yield from self._folders()
        yield from self._database()
        yield self._daemon()
        yield from self._sessions()
        yield _clock()
        yield from _terminal()

    def _program(self) -> Iterator[Finding]:
        python = ".".join(map(str, sys.version_info[:3]))
        yield Finding("mediadl", State.OK, f"{__version__} on Python {python}")
        try:
            network = self._services.inner.settings.values().network
        except InvalidInput as error:
            yield Finding("settings", State.BAD, error.message, error.next_step)
            return
        yield Finding("settings", State.OK, str(self._services.inner.settings.file))
        if network.ca_file and not Path(network.ca_file).expanduser().is_file():
            what = f"network.ca_file names {network.ca_file}, which is no file"
            yield Finding("network", State.BAD, what, "mediadl settings unset network.ca_file")
        elif not network.verify_tls:
            what = "certificates are not checked: anyone on the way can change what you download"
            yield Finding("network", State.WARN, what, "mediadl settings unset network.verify_tls")
        else:
            yield Finding("network", State.OK, "through a proxy" if network.proxy else "direct")

    def _engines(self) -> Iterator[Finding]:
        """The programs that know the sites: there, fresh, and nothing newer refused."""
        if self._settings() is None:
            return  # told by `_program` already
        for engine in self._services.inner.engines.list():
            name, needed = engine.name, _NEEDED.get(engine.name)
            update = f"mediadl engines update {name}"
            where = " beside the program" if engine.source == "updated" else ""
            if not engine.version:
                if needed is not None:
                    yield Finding(name, State.BAD, f"missing: {needed}", update)
                continue
            what = f"{engine.version}{where}"
            if engine.refused:
                version, why = list(engine.refused.items())[-1]
                mend = f"Nothing to do while downloads work; {update} tries again."
                yield Finding(name, State.WARN, f"{what}; {version} was not taken: {why}", mend)
            elif engine.is_old:
                yield Finding(
                    name, State.WARN, f"{what}, {engine.age_days} days old: sites may have changed", update
                )
            else:
                yield Finding(name, State.OK, f"{what}, pinned" if engine.pinned else what)

    def _folders(self) -> Iterator[Finding]:
        home = self._services.home.root
        if home.exists():
            found = _writable("data folder", home)
            if found.state is State.OK and home.stat().st_mode & 0o077:
                found = Finding(
                    "data folder", State.WARN, f"{home} can be read by others", f"chmod 700 {home}"
                )
            yield found
        settings = self._settings()
        if settings is None:
            return
        folder = Path(settings.downloads.directory).expanduser().absolute()
        nearest = next(p for p in (folder, *folder.parents) if p.exists())
        yield _writable("download folder", nearest, shown=folder)
        free, reserve = shutil.disk_usage(nearest).free, settings.downloads.min_free_bytes
        if free < reserve:
            what = f"{_gigabytes(free)} free at {folder}, {_gigabytes(reserve)} are to stay free"
            mend = "Free some space or lower downloads.min_free_bytes; until then jobs wait."
            yield Finding("free space", State.BAD, what, mend)
        else:
            yield Finding("free space", State.OK, f"{_gigabytes(free)} at {folder}")

    def _settings(self) -> Settings | None:
        try:
            return self._services.inner.settings.values()
        except InvalidInput:
            return None  # told by `_program` already

    def _database(self) -> Iterator[Finding]:
        path = self._services.home.database
        if not path.exists():
            yield Finding("database", State.OK, "none yet; the first job makes it")
            return
        try:
            info = self._services.inner.database.info()
            problems = self._services.inner.database.check()
        except MediadlError as error:
            yield Finding("database", State.BAD, error.message, error.next_step)
            return
        mend = "mediadl db backup FILE saves what can be read; then restore an older backup."
        for problem in problems:
            yield Finding("database", State.BAD, problem, mend)
        if not problems:
            size = _gigabytes(info["size_bytes"])
            yield Finding("database", State.OK, f"schema {info['schema']}, {size}, no damage found")
        yield Finding("sqlite", State.OK, "; ".join([info["sqlite"], *info["notes"]]))

    def _daemon(self) -> Finding:
        try:
            status = self._services.daemon.status()
        except MediadlError as error:
            return Finding("daemon", State.WARN, f"cannot be asked: {error.message}", error.next_step)
        if not status.running:
            return Finding("daemon", State.OK, "not running; the next job starts it")
        if status.heartbeat_age_s is not None and status.heartbeat_age_s > _HEARTBEAT_LATE_S:
            what = f"process {status.pid} gave no sign of life for {status.heartbeat_age_s:.0f} s"
            return Finding("daemon", State.BAD, what, "mediadl daemon stop --force; nothing is lost.")
        return Finding("daemon", State.OK, f"runs as process {status.pid}, {status.jobs_active} jobs active")

    def _sessions(self) -> Iterator[Finding]:
        if not self._services.home.database.exists():
            return
        try:
            known = self._services.inner.sessions.list()
        except MediadlError:
            return  # the database told its trouble above
        now = time.time()
        for session in known:
            name = f"session {session.site}"
            mend = f"mediadl session import {session.site} cookies.txt --account {session.account}"
            if session.locked:
                yield Finding(name, State.BAD, f"{session.account}: its key is not here", mend)
            elif session.broken_reason:
                yield Finding(name, State.BAD, f"{session.account}: {session.broken_reason}", mend)
            elif session.standing(now) in {SessionStanding.SOON, SessionStanding.RUN_OUT}:
                yield Finding(name, State.WARN, f"{session.account}: {standing_words(session, now)}", mend)
            else:
                yield Finding(name, State.OK, f"{session.account}: {standing_words(session, now)}")


def _packages() -> Iterator[Finding]:
    for name, needed in (
        ("curl_cffi", "sites that want a real browser refuse us"),
        ("av", "videos cannot be checked"),
        ("pillow", "pictures cannot be checked"),
    ):
        version = _version(name)
        if version is None:
            yield Finding(name, State.BAD, f"missing: {needed}", f"pip install {name}")
        else:
            yield Finding(name, State.OK, version)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _ffmpeg() -> Finding:
    from mediadl.pipeline.plan import find_ffmpeg

    path = find_ffmpeg()
    version = _ask(path, "-version").partition("\n")[0] if path else ""
    match = re.search(r"version (\S+)", version)
    if match is None:
        what = "missing or broken: video and sound that come apart cannot be merged"
        return Finding(
            "ffmpeg", State.BAD, what, "pip install imageio-ffmpeg, or install your system's ffmpeg."
        )
    if shutil.which("ffmpeg"):
        return Finding("ffmpeg", State.OK, f"{match[1]} of the system")
    return Finding(
        "ffmpeg",
        State.OK,
        f"{match[1]}, brought by a wheel",
        "Your system's ffmpeg would get security updates.",
    )


def _javascript() -> Finding:
    beside = Path(sys.executable).parent
    search = f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    mend = "pip install 'mediadl[youtube]' brings deno."
    reasons = []
    for name in ("deno", "node", "qjs", "bun"):
        path = shutil.which(name, path=search)
        if path is None:
            continue
        version = _ask(path, "--help" if name == "qjs" else "--version").strip().partition("\n")[0]
        major = re.search(r"v?(\d+)\.", version)
        if name == "node" and (major is None or int(major[1]) < _NODE_LEAST):
            reasons.append(f"node {version} is too old ({_NODE_LEAST} needed)")
            continue
        return Finding("javascript", State.OK, version if name in version.lower() else f"{name} {version}")
    what = "; ".join(["no deno, node, quickjs or bun: YouTube hides most formats", *reasons])
    return Finding("javascript", State.WARN, what, mend)


def _ask(path: str, option: str) -> str:
    try:
        done = subprocess.run(
            [path, option],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TOOL_TIMEOUT_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _writable(name: str, folder: Path, shown: Path | None = None) -> Finding:
    try:
        make_writable(folder)
    except MediadlError as error:
        return Finding(name, State.BAD, error.message, error.next_step)
    return Finding(name, State.OK, str(shown or folder))


def _clock() -> Finding:
    now = time.time()
    made = Path(__file__).stat().st_mtime
    if now < made - 86_400:
        what = f"says {datetime.fromtimestamp(now, UTC):%Y-%m-%d}, which is before this program was installed"
        return Finding(
            "clock", State.BAD, what, "Set the clock: certificates cannot be checked with a wrong one."
        )
    return Finding("clock", State.OK, f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC")


def _terminal() -> Iterator[Finding]:
    mend = "Set LANG to a UTF-8 locale, such as C.UTF-8."
    for name, encoding in (
        ("file names", sys.getfilesystemencoding()),
        ("locale", locale.getpreferredencoding(do_setlocale=False)),
    ):
        if not _is_utf8(encoding):
            yield Finding(name, State.WARN, f"{encoding} cannot write every title", mend)
        else:
            yield Finding(name, State.OK, encoding)
    if not sys.stdout.isatty():
        yield Finding("terminal", State.OK, "none; output is plain")
        return
    term = os.environ.get("TERM", "")
    if term in {"", "dumb"}:
        yield Finding(
            "terminal", State.WARN, "TERM says that it can show no screens", "Set TERM=xterm-256color."
        )
        return
    size = shutil.get_terminal_size()
    colours = "16 million colours" if os.environ.get("COLORTERM") else "256 colours or less"
    yield Finding("terminal", State.OK, f"{term}, {size.columns} x {size.lines}, {colours}")


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _gigabytes(size_bytes: int) -> str:
    if size_bytes < 100_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.1f} GB"
