"""What a file is by its first bytes, and which extension it gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeweb.media import jpeg, m4a, mp3, mp4, pdf, png
from mediadl.errors import BadContent, NotMedia
from mediadl.models import MediaKind
from mediadl.pipeline.transfer.names import ALLOWED, facts_from, kind_of
from mediadl.pipeline.transfer.sniff import Nature, sniff
from mediadl.pipeline.transfer.structure import missing_bytes


@pytest.mark.parametrize(
    ("content", "ext"),
    [
        (jpeg("a"), "jpg"),
        (png("a"), "png"),
        (mp4("a"), "mp4"),
        (mp3("a"), "mp3"),
        (pdf("a"), "pdf"),
        (b"GIF89a" + b"\0" * 20, "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "wav"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", "mkv"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", "webm"),
        (b"OggS\0\x02" + b"\0" * 22 + b"OpusHead", "opus"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "avif"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "mov"),
        (b"\0\0\0\x18moov\0\0\0\0", "mp4"),
        ((b"G" + b"\0" * 187) * 4, "ts"),
        (b"PK\x03\x04" + b"\0" * 30, "zip"),
    ],
)
def test_magic_numbers_are_known(content: bytes, ext: str) -> None:
    assert sniff(content[:4096]).ext == ext


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html>",
        b"\n\n  <HTML lang=en>",
        b"\xef\xbb\xbf<html>",
        b"<!-- a comment --> <html>",
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b'{"error": "not found"}',
        b'[{"a": 1}]',
        b"{}",
        b"#EXTM3U\n#EXT-X-VERSION:3\n",
    ],
)
def test_pages_are_known(content: bytes) -> None:
    assert sniff(content).nature is Nature.PAGE


@pytest.mark.parametrize(
    "content", [b"MZ\x90\0\x03\0", b"\x7fELF\x02", b"#!/bin/sh\nrm", b"\xca\xfe\xba\xbe\0\0", b"dex\n035"]
)
def test_programs_are_known(content: bytes) -> None:
    assert sniff(content).nature is Nature.PROGRAM


@pytest.mark.parametrize(
    "content", [b"just words", "wörter".encode(), b"a < b and b > c", b"[note] to self", b"MZ is a word"]
)
def test_text_is_text(content: bytes) -> None:
    assert sniff(content).nature is Nature.TEXT


@given(st.binary(max_size=600))
def test_sniffing_never_raises(content: bytes) -> None:
    found = sniff(content)

    assert found.ext == "" or found.ext in ALLOWED


@given(
    st.sampled_from(
        [b"RIFF", b"\0\0\0\x1cftyp", b"\x1a\x45\xdf\xa3", b"OggS", b"\xff\xfb", b"<", b"BM", b"{"]
    ),
    st.binary(max_size=300),
)
def test_sniffing_what_begins_well_never_raises(start: bytes, rest: bytes) -> None:
    sniff(start + rest)


@given(st.binary(max_size=300), st.text(max_size=12), st.sampled_from(MediaKind), st.booleans())
def test_every_file_gets_an_allowed_extension_or_none_at_all(
    content: bytes, announced: str, kind: MediaKind, media_only: bool
) -> None:
    try:
        facts = facts_from(sniff(content), announced, kind, media_only=media_only, name="x")
    except (NotMedia, BadContent):
        return

    assert facts.ext in ALLOWED


@pytest.mark.parametrize(
    ("content", "announced", "ext"),
    [
        (jpeg("a"), "png", "jpg"),
        (jpeg("a"), "jpeg", "jpg"),
        (mp4("a"), "m4v", "mp4"),
        (b"PK\x03\x04" + b"\0" * 30, "epub", "epub"),
        (b"PK\x03\x04" + b"\0" * 30, "exe", "zip"),
        (b"PK\x03\x04" + b"\0" * 30, "jpg", "zip"),
        (b"\x01\x02\x03\x04" * 20, "bin", "bin"),
        (b"\x01\x02\x03\x04" * 20, "mkv", "mkv"),
        (b"words", "srt", "srt"),
        (b"words", "sh", "txt"),
    ],
)
def test_the_content_chooses_the_extension(content: bytes, announced: str, ext: str) -> None:
    assert facts_from(sniff(content), announced, MediaKind.OTHER, media_only=True, name="x").ext == ext


@pytest.mark.parametrize("announced", ["exe", "sh", "php", "desktop", "lnk", "js", ""])
def test_unknown_content_under_a_dangerous_name_is_refused(announced: str) -> None:
    with pytest.raises(NotMedia):
        facts_from(sniff(b"\x01\x02\x03\x04" * 20), announced, MediaKind.OTHER, media_only=True, name="x")


def test_text_is_a_document_but_no_film() -> None:
    assert (
        facts_from(sniff(b"words"), "txt", MediaKind.OTHER, media_only=True, name="x").kind
        is MediaKind.DOCUMENT
    )
    with pytest.raises(NotMedia):
        facts_from(sniff(b"words"), "mp4", MediaKind.VIDEO, media_only=True, name="x")


def test_pages_are_welcome_only_when_asked_for() -> None:
    with pytest.raises(NotMedia):
        facts_from(sniff(b"<html>"), "html", MediaKind.OTHER, media_only=True, name="x")
    assert facts_from(sniff(b"<html>"), "html", MediaKind.OTHER, media_only=False, name="x").ext == "html"


def test_kinds_of_extensions() -> None:
    assert [kind_of(e) for e in ("jpg", "MP4", "mp3", "pdf", "exe")] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.AUDIO,
        MediaKind.DOCUMENT,
        MediaKind.OTHER,
    ]


def lacking(ext: str, content: bytes) -> int:
    return missing_bytes(ext, len(content), lambda count, offset: content[offset : offset + count])


@pytest.mark.parametrize(("ext", "content"), [("mp4", mp4("a")), ("m4a", m4a("a"))])
def test_whole_containers_lack_nothing_and_cut_ones_something(ext: str, content: bytes) -> None:
    assert lacking(ext, content) == 0
    assert lacking(ext, content[:-100]) > 0
    assert lacking(ext, content + b"\0" * 5) == 0


def test_cut_riff_and_ebml_files_show() -> None:
    riff = b"RIFF" + (1000).to_bytes(4, "little") + b"WEBP" + b"\0" * 996
    ebml = b"\x1a\x45\xdf\xa3\x84abcd\x18\x53\x80\x67\x88" + b"x" * 8
    assert (lacking("webp", riff), lacking("webp", riff[:-10])) == (0, 10)
    assert (lacking("mkv", ebml), lacking("mkv", ebml[:-3])) == (0, 3)
    assert lacking("wav", b"RIFF\xff\xff\xff\xffWAVE") == 0


@given(st.sampled_from(["mp4", "mkv", "webp", "xyz"]), st.binary(max_size=200))
def test_looking_at_structure_never_raises(ext: str, content: bytes) -> None:
    assert lacking(ext, content) >= 0
