"""What a job has published, written down before each name appears: a crash between publishing and telling is mended.

One line per file, appended; a file per job costs a third less than a file per item. Nothing here is synced: after a
power cut a missing line only means that the file is fetched again and found to be there already.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict
from typing import Any

from mediadl.models import MediaFacts, MediaKind, StoredFile

NAME = "published.jsonl"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_BYTES = 64 << 20


class Ledger:
    """The published files of one job by item; safe to use from several threads."""

    def __init__(self, folder_fd: int) -> None:
        """Read what earlier runs left in the job's private folder.

        Raises:
            OSError: the folder cannot be written, or a link stands in the way.
        """
        self._fd = os.open(NAME, _FLAGS, 0o600, dir_fd=folder_fd)
        self._lock = threading.Lock()
        with os.fdopen(os.dup(self._fd), "rb") as stream:
            content = stream.read(_MAX_BYTES)
        self._files = read_lines(content)
        if content and not content.endswith(b"\n"):
            os.write(self._fd, b"\n")  # the last writer died in the middle of a line

    def find(self, tag: str) -> StoredFile | None:
        """What was published for an item, by its tag."""
        with self._lock:
            return self._files.get(tag)

    def add(self, tag: str, file: StoredFile) -> None:
        """Note where an item's file is about to appear.

        Raises:
            OSError: the disk did not take it.
        """
        line = json.dumps({"tag": tag, "file": asdict(file)}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            os.write(self._fd, line)
            self._files[tag] = file

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


def read_lines(content: bytes) -> dict[str, StoredFile]:
    """The files by tag; lines that make no sense are left out, later lines win."""
    found: dict[str, StoredFile] = {}
    for line in content.splitlines():
        try:
            plain: Any = json.loads(line)
            media = dict(plain["file"]["media"])
            media["kind"] = MediaKind(media["kind"])
            found[str(plain["tag"])] = StoredFile(**{**plain["file"], "media": MediaFacts(**media)})
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return found
