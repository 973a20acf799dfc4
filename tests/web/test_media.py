"""Stored files and small exports: whole or in parts, only for whoever may see them, never as a program."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientWebSocketResponse

from mediadl.paths import Home
from mediadl.web.media import kind_of
from mediadl.web.terminals import Patience
from web_stage import CONTENT, Answer, Stage, keep, served, shown


@pytest_asyncio.fixture
async def stage(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    async with served(opened_home, Patience(look_s=0.2)) as made:
        yield made


async def fetch(stage: Stage, name: str, number: int, **headers: str) -> Answer:
    return await (await stage.client(name)).get(f"/media/{number}", **headers)


async def test_a_stored_file_is_shown_to_its_owner(stage: Stage, tmp_path: Path) -> None:
    number = keep(stage, tmp_path / "files" / "Ein Bild é.jpg")

    answer = await fetch(stage, "bert", number)

    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "filename*=utf-8''Ein%20Bild%20%C3%A9.jpg" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-9", 206, CONTENT[:10]),
        ("bytes=100-", 206, CONTENT[100:]),
        ("bytes=-5", 206, CONTENT[-5:]),
        ("bytes=999999-", 416, None),
    ],
)
async def test_a_part_is_sent_where_a_part_is_asked_for(
    stage: Stage, tmp_path: Path, wanted: str, status: int, part: bytes | None
) -> None:
    number = keep(stage, tmp_path / "files" / "a.mp4")

    answer = await fetch(stage, "bert", number, Range=wanted)

    assert answer.status == status
    if part is not None:
        assert answer.body == part
        assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


@pytest.mark.parametrize(
    ("name", "status"), [("bert", 200), ("anna", 200), ("vera", 200), ("carl", 404), ("", 401)]
)
async def test_who_may_see_a_file(stage: Stage, tmp_path: Path, name: str, status: int) -> None:
    number = keep(stage, tmp_path / "files" / "a.jpg")

    assert (await fetch(stage, name, number)).status == status


async def test_what_is_not_there_is_said_to_be_missing(stage: Stage, tmp_path: Path) -> None:
    number = keep(stage, tmp_path / "files" / "a.jpg")
    (tmp_path / "files" / "a.jpg").unlink()

    assert (await fetch(stage, "bert", number)).status == 404
    assert (await fetch(stage, "bert", 999)).status == 404
    assert (await fetch(stage, "bert", 9 * 10**20)).status == 404


async def test_neither_links_nor_the_program_s_own_files_are_sent(stage: Stage, tmp_path: Path) -> None:
    behind = keep(stage, tmp_path / "files" / "a.jpg")
    (tmp_path / "files" / "a.jpg").unlink()
    (tmp_path / "files" / "a.jpg").symlink_to("/etc/passwd")
    own = keep(stage, stage.services.home.root / "session.txt")

    assert (await fetch(stage, "bert", behind)).status == 404
    assert (await fetch(stage, "bert", own)).status == 404


async def test_a_file_beside_it_is_never_taken_for_its_compressed_form(stage: Stage, tmp_path: Path) -> None:
    number = keep(stage, tmp_path / "files" / "a.jpg")
    (tmp_path / "files" / "a.jpg.gz").write_bytes(b"other")

    answer = await fetch(stage, "bert", number, Accept_Encoding="gzip")

    assert answer.body == CONTENT
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "name", ["a.html", "a.svg", "a.xhtml", "a.js", "a.xml", "a.exe", "a", "a.pdf", "a.zip"]
)
async def test_what_could_run_is_saved_and_never_shown(stage: Stage, tmp_path: Path, name: str) -> None:
    number = keep(stage, tmp_path / "files" / name, content=b"<script>alert(1)</script>")

    answer = await fetch(stage, "bert", number)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "html" not in answer.headers["Content-Type"]
    assert "svg" not in answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.webp", ("image/webp", True)), ("a.mp4", ("video/mp4", True)), ("a.mp3", ("audio/mpeg", True)),
        ("a.pdf", ("application/pdf", False)), ("a.html", ("application/octet-stream", False)),
    ],
)  # fmt: skip
def test_kinds_are_told_by_names(name: str, kind: tuple[str, bool]) -> None:
    assert kind_of(name) == kind


async def test_an_export_goes_to_the_browser_once_and_to_nobody_else(stage: Stage, tmp_path: Path) -> None:
    keep(stage, tmp_path / "files" / "a.jpg")
    bert, carl = await stage.client("bert"), await stage.client("carl")
    socket = await bert.terminal()
    await shown(socket, b"Ctrl+P")
    await socket.send_json(["stdin", "4"])
    await shown(socket, b"Sunset")
    await socket.send_json(["stdin", "e"])
    await shown(socket, b"mediadl-history")
    await socket.send_json(["stdin", "\r"])

    key = await delivery(socket)

    assert (await carl.get(f"/download/{key}")).status == 403
    answer = await bert.get(f"/download/{key}")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert b"https://example.com/a" in answer.body
    assert (await bert.get(f"/download/{key}")).status == 404
    assert (await bert.get("/download/abc")).status == 404


async def delivery(socket: ClientWebSocketResponse) -> str:
    """The key of what the terminal hands over."""
    async with asyncio.timeout(30):
        async for message in socket:
            if (
                isinstance(message.data, str)
                and (told := json.loads(message.data))[0] == "deliver_file_start"
            ):
                return str(told[1])
    raise AssertionError(f"closed with {socket.close_code}")


async def test_opening_a_file_opens_its_page(stage: Stage, tmp_path: Path) -> None:
    number = keep(stage, tmp_path / "files" / "a.jpg")
    socket = await (await stage.client("bert")).terminal()
    await shown(socket, b"Ctrl+P")
    await socket.send_json(["stdin", "4"])
    await shown(socket, b"Sunset")
    await socket.send_json(["stdin", "o"])

    async with asyncio.timeout(30):
        async for message in socket:
            if isinstance(message.data, str) and (told := json.loads(message.data))[0] == "open_url":
                break

    assert told == ["open_url", {"url": f"/media/{number}", "new_tab": True}]
