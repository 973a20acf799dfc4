"""Wheels for tests of engine updates, and a small package index on the loopback that offers them.

They hold the installed engine's own files under another version, sound or broken on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import importlib.util
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODULES = {
    "yt-dlp": "yt_dlp",
    "gallery-dl": "gallery_dl",
    "instaloader": "instaloader",
    "yt-dlp-ejs": "yt_dlp_ejs",
}
_VERSION_FILES = {"yt_dlp": "version.py", "gallery_dl": "version.py", "instaloader": "__init__.py"}
_VERSION_LINE = re.compile(rb"^__version__ = ['\"].*['\"]", re.MULTILINE)

Mend = Callable[[bytes], bytes]


def package_files(name: str) -> dict[str, bytes]:
    """The files of an installed engine, by their names in a wheel."""
    module = MODULES[name]
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return {
        f"{module}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def engine_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    mend: Mapping[str, Mend] | None = None,
    requires: tuple[str, ...] = (),
) -> Path:
    """A wheel of the installed engine that calls itself `version`; `mend` changes files by path in the package."""
    module = MODULES[name]
    files = package_files(name)
    if module in _VERSION_FILES:
        told = f"{module}/{_VERSION_FILES[module]}"
        files[told] = _VERSION_LINE.sub(f'__version__ = "{version}"'.encode(), files[told], count=1)
    for path, change in (mend or {}).items():
        files[f"{module}/{path}"] = change(files[f"{module}/{path}"])
    return wheel(folder, name, version, files, requires=requires)


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, bytes],
    *,
    requires: tuple[str, ...] = (),
    requires_python: str = ">=3.8",
    pure: str = "true",
) -> Path:
    """A wheel of any files."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{MODULES.get(name, name.replace('-', '_'))}-{version}"
    info = f"{stem}.dist-info"
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {requires_python}\n"
    told += "".join(f"Requires-Dist: {line}\n" for line in requires)
    whole = {
        **files,
        f"{info}/METADATA": told.encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {pure}\nTag: py3-none-any\n".encode(),
    }
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in whole.items())
    made = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path, data in whole.items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return made


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@dataclass
class Index:
    """A package index; tests change what it says."""

    wheels: list[Path] = field(default_factory=list)
    entry: Callable[[dict[str, Any]], dict[str, Any]] = lambda made: made
    """Last word on what is said of a file."""
    body: bytes | None = None
    """Instead of a listing."""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def listing(self, project: str) -> bytes | None:
        """The answer for a project; None: it is not known."""
        if self.body is not None:
            return self.body
        prefix = f"{MODULES.get(project, project)}-"
        found = [path for path in self.wheels if path.name.startswith(prefix)]
        files = [
            self.entry(
                {
                    "filename": path.name,
                    "url": f"../files/{path.name}",
                    "hashes": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
                    "size": path.stat().st_size,
                    "upload-time": "2026-11-01T12:00:00Z",
                    "yanked": False,
                }
            )
            for path in found
        ]
        return (
            json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": files}).encode()
            if found
            else None
        )


@contextmanager
def index() -> Iterator[Index]:
    """An index on the loopback."""
    told = Index()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            part, _, rest = self.path.lstrip("/").partition("/")
            if part == "files":
                body = next((path.read_bytes() for path in told.wheels if path.name == rest), None)
                kind = "application/octet-stream"
            else:
                body, kind = told.listing(part), "application/vnd.pypi.simple.v1+json"
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
