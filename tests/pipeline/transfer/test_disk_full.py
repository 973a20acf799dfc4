"""A disk that is really full: a small file system of its own, where the rights allow one."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakeweb import FakeWeb, Fault, SyntheticBlob
from mediadl.pipeline.transfer import http, terms
from transfer_bench import Bench, Files

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "mediadl-test", str(folder)]
    try:
        done = subprocess.run(mount, check=False, **quiet)  # type: ignore[call-overload]
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("this user may not mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, **quiet)  # type: ignore[call-overload]


@pytest.fixture
async def full(small_disk: Path, web: FakeWeb, files: Files) -> AsyncIterator[Bench]:
    bench = Bench(small_disk, web, files)
    yield bench
    await bench.close()


@pytest.mark.parametrize("way", ["announced", "endless", "surprise", "endless surprise", "bulk surprise"])
async def test_a_full_disk_is_called_by_its_name_and_room_helps(
    full: Bench, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    wanted = full.files.put("/big.bin", SyntheticBlob(30 * MIB))
    if "endless" in way:
        full.web.faults.add(Fault.endless(r"/big"))
    if "bulk" in way:
        monkeypatch.setattr(http, "BULK_BYTES", 1)
        monkeypatch.setattr(http, "BULK_SPEED_BYTES_PER_S", 1)
        full.web.rate_bytes_per_s = 100 * MIB
    if "surprise" in way:  # somebody else fills the disk behind our back
        monkeypatch.setattr(terms, "free_bytes", lambda _: 1 << 40)
    order = full.order("/big.bin")

    error = await full.failed(order)

    assert error["kind"] == "disk_full"
    assert full.visible() == []
    full.web.faults.clear()
    full.files.put("/big.bin", SyntheticBlob(2 * MIB))
    assert (await full.stored(replace(order, key="on"))).file.sha256 != wanted
