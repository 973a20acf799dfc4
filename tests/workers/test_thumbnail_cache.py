"""What is kept of pictures: bounded, private, shared."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.workers.thumbnail_cache import ByteBound, Raster, ThumbnailFolder, _unpack


def sha(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()


def raster(n: int = 0, side: int = 90) -> Raster:
    return Raster(side, side, hashlib.shake_128(str(n).encode()).digest(side * side * 3))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "thumbnails"


def test_what_is_put_comes_back(folder: Path) -> None:
    kept = ThumbnailFolder(folder)
    kept.put(sha(1), 96, raster(1))

    assert ThumbnailFolder(folder).get(sha(1), 96) == raster(1)
    assert kept.get(sha(1), 320) is None
    assert kept.get(sha(2), 96) is None


def test_what_is_forgotten_is_gone_from_the_disk(folder: Path) -> None:
    kept = ThumbnailFolder(folder)
    for side in (96, 320):
        kept.put(sha(1), side, raster(1))
    kept.put(sha(2), 96, raster(2))

    kept.forget(sha(1), (96, 320))
    kept.forget(sha(3), (96, 320))
    kept.forget("../../x", (96,))

    assert [path.name for path in files(folder)] == [f"{sha(2)}-96"]


def test_nobody_else_may_look(folder: Path) -> None:
    before = os.umask(0)
    try:
        ThumbnailFolder(folder).put(sha(1), 96, raster())
    finally:
        os.umask(before)

    assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}


def test_a_name_that_is_no_hash_reaches_no_file(folder: Path) -> None:
    kept = ThumbnailFolder(folder)
    for name in ("", "../../x", sha(1).upper(), sha(1)[:-1]):
        kept.put(name, 96, raster())
        assert kept.get(name, 96) is None

    assert files(folder.parent) == []


def test_a_damaged_file_is_thrown_away(folder: Path) -> None:
    kept = ThumbnailFolder(folder)
    kept.put(sha(1), 96, raster())
    files(folder)[0].write_bytes(b"mdT1\0\5\0\5garbage")

    assert kept.get(sha(1), 96) is None
    assert files(folder) == []


@given(st.binary(max_size=400))
def test_no_bytes_make_a_picture_larger_than_its_class(data: bytes) -> None:
    for found in (_unpack(data, 96), _unpack(b"mdT1\0\2\0\2" + data, 96)):
        assert found is None or len(found.rgb) == found.width * found.height * 3


def test_what_was_used_longest_ago_goes_first(folder: Path) -> None:
    kept = ThumbnailFolder(folder, limit_bytes=10 * 25_000)
    for n in range(8):
        kept.put(sha(n), 96, raster(n))
        path = next(path for path in files(folder) if path.name.startswith(sha(n)))
        os.utime(path, (0, 1_000_000 + n))
    assert kept.get(sha(0), 96) is not None  # used again
    for n in range(8, 14):
        kept.put(sha(n), 96, raster(n))
    kept.make_room()

    assert sum(path.stat().st_size for path in files(folder)) <= 10 * 25_000
    assert kept.get(sha(0), 96) is not None
    assert kept.get(sha(1), 96) is None
    assert kept.get(sha(13), 96) is not None


def test_two_programs_share_a_folder(folder: Path) -> None:
    one, other = (ThumbnailFolder(folder, limit_bytes=4 * 25_000) for _ in range(2))
    for n in range(30):
        (one if n % 2 else other).put(sha(n), 96, raster(n))
        assert (other if n % 2 else one).get(sha(n), 96) in {None, raster(n)}
    one.make_room()

    assert sum(path.stat().st_size for path in files(folder)) <= 4 * 25_000


def test_half_written_files_of_the_dead_are_swept(folder: Path) -> None:
    kept = ThumbnailFolder(folder)
    kept.put(sha(1), 96, raster())
    part = files(folder)[0].parent
    dead, alive = part / ".dead", part / ".alive"
    for path in (dead, alive):
        path.write_bytes(b"x")
    os.utime(dead, (0, time.time() - 7200))

    kept.make_room()

    assert not dead.exists()
    assert alive.exists()


def test_memory_is_bounded_by_bytes() -> None:
    memory: ByteBound[int] = ByteBound(limit_bytes=10 * 24_300)
    for n in range(20):
        memory.put(n, raster(n))
        memory.get(0)

    assert memory.size_bytes <= 10 * 24_300
    assert memory.get(0) is not None
    assert memory.get(1) is None
    assert memory.get(19) is not None
