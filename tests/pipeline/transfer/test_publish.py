"""Final names, sidecars, and crashes between publishing and telling."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeweb.media import jpeg
from mediadl.models import MediaFacts, MediaKind, StoredFile
from mediadl.pipeline.transfer import publish
from mediadl.pipeline.transfer.hops import ascii_url
from mediadl.pipeline.transfer.ledger import NAME, Ledger, read_lines
from mediadl.pipeline.transfer.partial import forget, read_record
from mediadl.pipeline.transfer.publish import FolderSync
from transfer_bench import Bench, text_of

CAT = jpeg("cat")


async def test_the_names_are_tried_in_their_order(bench: Bench) -> None:
    for n in range(4):
        bench.files.put(f"/{n}.jpg", jpeg(str(n)))

    answers = [await bench.fetch(f"/{n}.jpg", target_names=("cat", "cat-a", "cat-b")) for n in range(4)]

    names = [Path(answer.file.path).name for answer in answers]
    assert names == ["cat.jpg", "cat-a.jpg", "cat-b.jpg", "cat-b (2).jpg"]


async def test_a_sidecar_says_what_was_stored(bench: Bench) -> None:
    bench.files.put("/cat.jpg", CAT)

    file = (await bench.fetch("/cat.jpg", target_sidecar={"title": "Kätzchen", "tags": ["a"]})).file

    written = text_of(file.sidecar)
    told = json.loads(written)
    assert "Kätzchen" in written
    assert (told["title"], told["tags"]) == ("Kätzchen", ["a"])
    assert told["file"]["sha256"] == file.sha256
    assert (told["file"]["width"], told["file"]["size_bytes"]) == (640, len(CAT))


async def test_a_crash_before_the_sidecar_is_mended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.files.put("/cat.jpg", CAT)
    order = bench.order("/cat.jpg", target_sidecar={"a": 1})

    def crash(*_: object) -> None:
        raise OSError(errno.EIO, "the lights went out")

    monkeypatch.setattr(publish, "write_sidecar", crash)
    await bench.failed(order)
    monkeypatch.undo()
    bench.web.log.clear()

    answer = await bench.stored(replace(order, key="again"))

    assert answer.reused
    assert json.loads(text_of(answer.file.sidecar))["a"] == 1
    assert bench.web.log.entries() == []
    assert bench.visible() == ["site/user/cat.jpg", "site/user/cat.jpg.json"]


async def test_a_file_that_was_changed_since_is_fetched_again(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", CAT)
    order = bench.order("/cat.jpg")
    first = await bench.stored(order)
    with open(first.file.path, "r+b") as file:  # noqa: ASYNC230 - a person did it
        file.write(b"changed")

    again = await bench.stored(replace(order, key="again"))

    assert not again.reused
    assert again.file.sha256 == wanted
    assert Path(again.file.path).name == "cat (2).jpg"


async def test_an_fsync_that_fails_is_no_success(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.files.put("/cat.jpg", CAT)

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    error = await bench.failed(bench.order("/cat.jpg"))

    assert error["kind"] == "unknown"
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "not_writable"), (errno.EACCES, "not_writable")],
)
async def test_disk_errors_have_their_own_kinds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: int, kind: str
) -> None:
    bench.files.put("/cat.jpg", CAT)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", fail)
    error = await bench.failed(bench.order("/cat.jpg"))
    monkeypatch.undo()

    assert error["kind"] == kind
    assert bench.visible() == []


@pytest.mark.parametrize("with_renameat2", [True, False])
async def test_file_systems_without_links_are_served(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, with_renameat2: bool
) -> None:
    bench.files.put("/a.jpg", CAT)
    bench.files.put("/b.jpg", jpeg("other"))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    if not with_renameat2:
        monkeypatch.setattr(publish, "_LIBC", object())

    first = await bench.fetch("/a.jpg", name="cat")
    second = await bench.fetch("/b.jpg", name="cat")
    monkeypatch.undo()

    assert [Path(a.file.path).name for a in (first, second)] == ["cat.jpg", "cat (2).jpg"]


async def test_callers_that_wait_share_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    fsync = os.fsync

    def counted(fd: int) -> None:
        calls.append(fd)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", counted)
    fd = os.open(tmp_path, os.O_RDONLY)
    with ThreadPoolExecutor(2) as disk:
        sync = FolderSync(disk)

        await asyncio.gather(*(sync.sync(fd) for _ in range(50)))
        await sync.sync(fd)

    os.close(fd)
    assert 2 <= len(calls) <= 4


# Records

FILE = StoredFile(
    "/a/b.jpg", 5, "00", "11", MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg", 1, 2), "/a/b.jpg.json"
)


def test_a_stored_file_survives_in_the_ledger(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    first = Ledger(fd)
    first.add("a", replace(FILE, size_bytes=1))
    first.add("a", FILE)
    first.close()
    with (tmp_path / NAME).open("ab") as torn:
        torn.write(b'{"tag": "b", "fi')

    second = Ledger(fd)
    second.add("c", FILE)
    second.close()
    third = Ledger(fd)

    assert (third.find("a"), third.find("b"), third.find("c")) == (FILE, None, FILE)
    third.close()
    os.close(fd)


@given(st.binary(max_size=200))
def test_no_record_is_too_broken_to_read(content: bytes) -> None:
    assert read_record(content).done_bytes >= 0


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["done", "total", "stored", "etag", "media", "path"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )
)
def test_no_json_is_too_odd_for_a_record(plain: Any) -> None:
    record = read_record(json.dumps(plain).encode())

    assert all(start < stop for start, stop in record.done)
    read_lines(json.dumps({"tag": "a", "file": plain}).encode())


def test_forget_removes_one_item_and_nothing_else(tmp_path: Path) -> None:
    for name in ("1-abc.part", "1-abc.json", "11-abc.part", "cookies.txt"):
        (tmp_path / name).write_text("x")

    forget(tmp_path, 1)
    forget(tmp_path / "missing", 1)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["11-abc.part", "cookies.txt"]


@pytest.mark.parametrize(
    ("url", "wire"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://Example.com/a b", "not usable"),
        ("http://example.com/ä?q=ü&x=%20#frag", "http://example.com/%C3%A4?q=%C3%BC&x=%20"),
        ("http://bücher.example/x", "http://xn--bcher-kva.example/x"),
        ("http://user:p%40ss@example.com:81/x", "http://user:p%40ss@example.com:81/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://example.com/a%2Fb?sig=a/b+c==", "http://example.com/a%2Fb?sig=a/b+c=="),
    ],
)
def test_addresses_go_over_the_wire_in_ascii(url: str, wire: str) -> None:
    if wire == "not usable":
        with pytest.raises(Exception, match="not a usable address"):
            ascii_url(url)
        return
    assert ascii_url(url) == wire


@given(st.text(max_size=40))
def test_every_address_is_ascii_or_refused(tail: str) -> None:
    from mediadl.errors import Unsupported

    try:
        assert ascii_url(f"http://example.com/{tail}").isascii()
    except Unsupported:
        return
