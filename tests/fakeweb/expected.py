"""What a site will serve, so that tests can compare it with what was stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fakeweb.blobs import Blob


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """One file behind a URL; `item_id` and `index` (from 1) say which post and which of its files it is."""

    url: str
    size_bytes: int
    sha256: str
    content_type: str
    item_id: str = ""
    index: int = 1
    label: str = ""

    @classmethod
    def of(
        cls, url: str, blob: Blob, content_type: str, *, item_id: str = "", index: int = 1, label: str = ""
    ) -> ExpectedFile:
        """The description of a blob."""
        return cls(url, blob.size, blob.sha256(), content_type, item_id, index, label)

    def matches(self, path: Path) -> bool:
        """Whether a stored file has exactly these bytes."""
        return path.stat().st_size == self.size_bytes and sha256_of(path) == self.sha256


def digests(files: Iterable[ExpectedFile]) -> list[str]:
    """The SHA-256 of every file, sorted, to compare with what was stored."""
    return sorted(file.sha256 for file in files)


def sha256_of(path: Path) -> str:
    """Hex digest of a file on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
