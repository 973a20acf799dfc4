"""Asks a throw-away process whether a version of an engine works, and judges what it says."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mediadl.errors import EngineBroken, NoMedia, SiteChanged, Unknown, Unsupported
from mediadl.modules.base import Network
from mediadl.security.text import safe_text
from mediadl.workers.engine_store import ENGINES, TRIAL, EngineStore

SELF_TEST_S = 90
URL_S = 50
_MAX_LINES = 1000
_BLAMED: frozenset[str] = frozenset(
    cls.kind for cls in (EngineBroken, SiteChanged, Unknown, Unsupported, NoMedia)
)
"""Failures that speak against an engine; others are about the site, the address or the network."""
COMMAND = (sys.executable, "-m", "mediadl.workers.engine_trial_child")


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the self-test."""

    word: str
    ok: bool
    what: str


@dataclass(frozen=True, slots=True)
class Canary:
    """One address that was listed, or not."""

    url: str
    ok: bool
    kind: str = ""
    what: str = ""

    @property
    def is_other_business(self) -> bool:
        """The engine is not asked for such addresses at all."""
        return self.kind == Unsupported.kind and self.what.endswith("is not asked for such addresses")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a trial."""

    version: str
    checks: tuple[Check, ...]
    canaries: tuple[Canary, ...]
    tested: bool
    """The process lived to the end of its self-test."""

    @property
    def failed_check(self) -> Check | None:
        """The part of the self-test that failed."""
        failed = next((check for check in self.checks if not check.ok), None)
        if failed is None and not self.tested:
            return Check("self-test", False, "the process died or hung")
        return failed


class Trials:
    """Tries versions of the engines in a folder."""

    def __init__(self, store: EngineStore, network: Network) -> None:
        self._store = store
        self._network = network

    def run(self, name: str, version: str, urls: Sequence[str], *, checks: bool = True) -> Report:
        """Try a version that has its place; the empty one is the packaged one. Takes seconds to minutes."""
        folder = str(self._store.folder(name, version)) if version else ""
        told = version or self._store.packaged(name)
        return self._ask(name, told, folder, self._store.path_for(name, version), urls, checks=checks)

    def run_folder(
        self, name: str, version: str, folder: Path, urls: Sequence[str], *, checks: bool = True
    ) -> Report:
        """Try a version that is not in its place yet."""
        paths = (str(folder), *self._store.path_for(name, ""))
        return self._ask(name, version, str(folder), paths, urls, checks=checks)

    def objection(self, name: str, version: str, folder: Path, urls: Sequence[str]) -> str:
        """Why a version must not replace the one in use; empty when nothing speaks against it."""
        report = self.run_folder(name, version, folder, urls)
        failed = report.failed_check
        if failed is not None:
            return f"its self-test failed ({failed.word}): {failed.what}"
        suspects = [one for one in report.canaries if not one.ok and not one.is_other_business]
        if not suspects:
            return ""
        # Only what the version in use does better counts: addresses go, sites refuse, networks fail
        now = self.run(name, self._store.in_use(name), [one.url for one in suspects], checks=False)
        by_url = {one.url: one for one in now.canaries}
        worse = [one for one in suspects if one.url in by_url and _is_worse(one, by_url[one.url])]
        if not worse:
            return ""
        again = self.run_folder(name, version, folder, [one.url for one in worse], checks=False)
        for second in again.canaries:
            if not second.ok:
                return f"it fails where the version in use does not, {safe_text(second.url, limit=120)}: {second.what}"
        return ""

    def _ask(
        self, name: str, version: str, folder: str, paths: Sequence[str], urls: Sequence[str], *, checks: bool
    ) -> Report:
        chosen = list(dict.fromkeys(urls))
        limit_s = (SELF_TEST_S if checks else SELF_TEST_S // 3) + URL_S * len(chosen)
        work = Path(tempfile.mkdtemp(prefix=TRIAL, dir=self._root()))
        request = {
            "engine": name,
            "module": ENGINES[name].module,
            "version": version,
            "folder": folder,
            "paths": list(paths),
            "urls": chosen,
            "checks": checks,
            "network": asdict(self._network),
            "work": str(work),
            "limit_s": limit_s,
        }
        try:
            lines = _converse(request, work, limit_s + 5)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return _report(version, lines, chosen)

    def _root(self) -> Path:
        self._store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._store.root


def _is_worse(tried: Canary, present: Canary) -> bool:
    return present.ok or (tried.kind in _BLAMED and present.kind not in _BLAMED)


def _converse(request: dict[str, Any], work: Path, limit_s: float) -> list[dict[str, Any]]:
    """Hand over the request and take what comes; at the end the process and all it started are gone."""
    child = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=work,
    )
    late = False
    try:
        out, _ = child.communicate(json.dumps(request).encode() + b"\n", timeout=limit_s)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    if late:
        out, _ = child.communicate()
    return _parsed(out)


def _parsed(out: bytes) -> list[dict[str, Any]]:
    lines = []
    for text in out.splitlines()[:_MAX_LINES]:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            lines.append(line)
    return lines


def _report(version: str, lines: Sequence[dict[str, Any]], urls: Sequence[str]) -> Report:
    checks = tuple(
        Check(str(line["check"]), line.get("ok") is True, safe_text(line.get("what", ""), limit=300))
        for line in lines
        if "check" in line
    )
    told = {
        str(line["url"]): Canary(
            str(line["url"]),
            line.get("ok") is True,
            str(line.get("kind") or ""),
            safe_text(line.get("what", ""), limit=300),
        )
        for line in lines
        if "url" in line
    }
    tested = any(line.get("tested") is True for line in lines)
    if not tested:
        return Report(version, checks, (), tested=False)
    died = Canary("", False, EngineBroken.kind, "the process died or hung over it")
    canaries = tuple(told.get(url) or Canary(url, died.ok, died.kind, died.what) for url in urls)
    return Report(version, checks, canaries, tested=True)
