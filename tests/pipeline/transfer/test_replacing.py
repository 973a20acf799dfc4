"""A stored file gives way to a better one only, and never to half of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from fakeweb.expected import sha256_of
from fakeweb.media import jpeg, png
from mediadl.pipeline.protocol import Replaced
from transfer_bench import Bench, text_of

SMALL = jpeg("cat", width=320, height=240)
LARGE = jpeg("cat", width=640, height=480)
POSTED_AT = 1_600_000_000.0


def stored_small(bench: Bench, content: bytes = SMALL, name: str = "cat.jpg") -> Replaced:
    """A file as an earlier job left it, and what the history knows of it."""
    path = bench.root / "site" / "user" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Replaced(str(path), sha256_of(path), len(content), 320, 240)


async def test_a_better_file_takes_the_place_under_the_same_name(bench: Bench) -> None:
    old = stored_small(bench)
    bench.files.put("/cat.jpg", LARGE)

    answer = await bench.stored(
        bench.order("/cat.jpg", target_replaces=old, target_mtime=POSTED_AT, target_sidecar={"a": 1})
    )

    assert Path(old.path).read_bytes() == LARGE
    assert (answer.file.path, answer.file.media.width, answer.reused) == (old.path, 640, False)
    assert os.stat(old.path).st_mtime == POSTED_AT
    assert json.loads(text_of(f"{old.path}.json"))["file"]["width"] == 640
    assert bench.visible() == ["site/user/cat.jpg", "site/user/cat.jpg.json"]


async def test_what_is_no_better_goes_and_the_stored_file_stays(bench: Bench) -> None:
    old = stored_small(bench)
    bench.files.put("/cat.jpg", jpeg("cat", width=330, height=240))

    error = await bench.failed(bench.order("/cat.jpg", target_replaces=old))

    assert error["kind"] == "not_better"
    assert "hardly larger" in error["message"]
    assert Path(old.path).read_bytes() == SMALL
    assert not list(bench.work.glob("*.part"))


async def test_another_format_is_refused(bench: Bench) -> None:
    old = stored_small(bench)
    bench.files.put("/cat.png", png("cat"))

    error = await bench.failed(bench.order("/cat.png", target_replaces=old))

    assert "another format: png instead of jpg" in error["message"]


async def test_a_file_that_a_person_changed_is_left_alone(bench: Bench) -> None:
    old = stored_small(bench)
    Path(old.path).write_bytes(b"painted over")
    bench.files.put("/cat.jpg", LARGE)

    error = await bench.failed(bench.order("/cat.jpg", target_replaces=old))

    assert "changed since it was stored" in error["message"]
    assert Path(old.path).read_bytes() == b"painted over"


async def test_a_file_that_was_deleted_does_not_come_back(bench: Bench) -> None:
    old = stored_small(bench)
    Path(old.path).unlink()
    bench.files.put("/cat.jpg", LARGE)

    await bench.failed(bench.order("/cat.jpg", target_replaces=old))

    assert bench.visible() == []


async def test_nothing_outside_the_download_folder_or_behind_a_link_is_touched(
    bench: Bench, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "cat.jpg").write_bytes(SMALL)
    known = replace(stored_small(bench), path=str(outside / "cat.jpg"))
    (bench.root / "link").symlink_to(outside)
    bench.files.put("/cat.jpg", LARGE)
    through = replace(known, path=str(bench.root / "link" / "cat.jpg"))

    beyond = await bench.failed(bench.order("/cat.jpg", target_replaces=known))
    linked = await bench.failed(bench.order("/cat.jpg", target_replaces=through))

    assert "outside the download folder" in beyond["message"]
    assert linked["kind"] == "not_writable"
    assert (outside / "cat.jpg").read_bytes() == SMALL


async def test_the_old_bytes_stay_beside_it_when_asked_for(bench: Bench) -> None:
    old = replace(stored_small(bench), keep_original=True)
    bench.files.put("/cat.jpg", LARGE)

    await bench.stored(bench.order("/cat.jpg", target_replaces=old))

    assert Path(old.path).with_name("cat.original.jpg").read_bytes() == SMALL
    assert Path(old.path).read_bytes() == LARGE


async def test_what_was_replaced_and_could_not_be_told_is_told_by_the_next_run(bench: Bench) -> None:
    old = stored_small(bench)
    bench.files.put("/cat.jpg", LARGE)
    order = bench.order("/cat.jpg", target_replaces=old)
    await bench.stored(order)
    bench.web.log.clear()

    again = await bench.stored(replace(order, key="again"))

    assert again.file.media.width == 640
    assert bench.web.log.entries() == []


KILLS = """
    import hashlib, os, signal, sys
    from pathlib import Path
    from mediadl.models import MediaFacts, MediaKind
    from mediadl.pipeline.protocol import Replaced, Target
    from mediadl.pipeline.transfer.folders import Folders
    from mediadl.pipeline.transfer.publish import Finished
    from mediadl.pipeline.transfer.replacing import take_place

    root = Path(sys.argv[1])
    work, folder = root / ".work", root / "user"
    work.mkdir(parents=True), folder.mkdir()
    old, new = b"old" * 1000, b"new" * 4000
    digest = lambda content: hashlib.sha256(content).hexdigest()
    media = MediaFacts(kind=MediaKind.IMAGE, ext="jpg", mime="image/jpeg", width=640, height=480)
    replaced = Replaced(str(folder / "cat.jpg"), digest(old), len(old), 320, 240, keep_original=True)
    target = Target(str(root), str(work), "", (), mtime=1.0, sidecar={"a": 1}, replaces=replaced)

    def attempt(last):
        calls = 0

        def count(_frame, event, _argument):
            nonlocal calls
            calls += event == "c_call"
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

        (work / "1.part").write_bytes(new)
        work_fd = os.open(work, os.O_RDONLY)
        fd = os.open(work / "1.part", os.O_RDWR)
        done = Finished(work_fd, "1.part", fd, len(new), digest(new), digest(new), media)
        sys.setprofile(count)
        take_place(done, target, replaced, Folders(), work_fd, "1.side", lambda file: None)
        sys.setprofile(None)

    def in_child(last):
        pid = os.fork()
        if not pid:
            attempt(last)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    seen = set()
    for last in range(1, 10_000):
        for path in folder.iterdir():
            path.unlink()
        (folder / "cat.jpg").write_bytes(old)
        code = in_child(last)
        found = (folder / "cat.jpg").read_bytes()
        assert found in {old, new}, (last, len(found))
        if found == new:
            assert (folder / "cat.original.jpg").read_bytes() == old
        seen.add(found[:3])
        if code == 0:
            break
        assert code == -signal.SIGKILL, code
        assert in_child(-1) == 0, last
        assert (folder / "cat.jpg").read_bytes() == new
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["cat.jpg", "cat.jpg.json", "cat.original.jpg"], names
        assert digest(new) in (folder / "cat.jpg.json").read_text()
    assert seen == {b"old", b"new"}
    print(last)
"""


@pytest.mark.kill
def test_killed_at_any_moment_the_old_or_the_new_file_is_there_and_the_next_run_ends_it(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLS), str(tmp_path / "downloads")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
