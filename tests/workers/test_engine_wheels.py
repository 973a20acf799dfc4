"""A wheel is unpacked only when it is what it says, and never outside its folder."""

from __future__ import annotations

import contextlib
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import BadContent, DownloadError, TooLarge
from mediadl.workers import engine_wheels
from mediadl.workers.engine_wheels import parse_name, unpack
from wheelhouse import wheel

FILES = {"gallery_dl/__init__.py": b"x = 1\n", "gallery_dl/deep/er.py": b"y = 2\n"}


@pytest.fixture
def to(tmp_path: Path) -> Path:
    made = tmp_path / "to"
    made.mkdir()
    return made


def test_a_sound_wheel_gives_its_package_and_what_it_says_of_itself(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", FILES, requires=("requests>=2",), requires_python=">=3.9")

    told = unpack(made, to, "gallery_dl")

    assert (told.version, told.requires_python, told.requires) == ("2.0", ">=3.9", ("requests>=2",))
    assert (to / "gallery_dl" / "deep" / "er.py").read_bytes() == b"y = 2\n"
    assert (to / "gallery_dl-2.0.dist-info" / "METADATA").is_file()


def test_scripts_and_data_of_a_wheel_are_left_out(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", {**FILES, "gallery_dl-2.0.data/scripts/run": b"#!"})

    unpack(made, to, "gallery_dl")

    assert {entry.name for entry in to.iterdir()} == {"gallery_dl", "gallery_dl-2.0.dist-info"}


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.py", "gallery_dl/../../escaped.py", "/escaped.py", "gallery_dl\\..\\escaped.py",
        "requests/__init__.py", "sitecustomize.py", "gallery_dl.pth", "C:/escaped.py", "other-1.0.dist-info/METADATA",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused_before_anything_is_written(
    tmp_path: Path, to: Path, name: str
) -> None:
    made = wheel(tmp_path / "w", "gallery-dl", "2.0", {name: b"bad", **FILES})

    with pytest.raises(BadContent):
        unpack(made, to, "gallery_dl")

    assert list(to.iterdir()) == []
    assert not list(tmp_path.rglob("escaped.py"))


def test_links_and_devices_are_refused(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", FILES)
    link = zipfile.ZipInfo("gallery_dl/link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(BadContent, match="link or a device"):
        unpack(made, to, "gallery_dl")


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", FILES)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as archive:
        archive.writestr("gallery_dl/__init__.py", b"x = 3\n")

    with pytest.raises(BadContent, match="twice"):
        unpack(made, to, "gallery_dl")


def test_what_differs_from_the_wheels_own_list_is_refused(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", FILES)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("gallery_dl/more.py", b"not listed")

    with pytest.raises(BadContent, match="not what its list says"):
        unpack(made, to, "gallery_dl")


def test_a_wheel_with_compiled_parts_is_refused(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", FILES, pure="false")

    with pytest.raises(BadContent, match="not pure"):
        unpack(made, to, "gallery_dl")


def test_more_than_an_engine_needs_is_refused(
    tmp_path: Path, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", {**FILES, "gallery_dl/big.py": bytes(5000)})
    monkeypatch.setattr(engine_wheels, "MAX_UNPACKED_BYTES", 4000)

    with pytest.raises(TooLarge):
        unpack(made, to, "gallery_dl")


def test_a_wheel_of_another_package_is_refused(tmp_path: Path, to: Path) -> None:
    made = wheel(tmp_path, "gallery-dl", "2.0", {"requests/__init__.py": b""})

    with pytest.raises(BadContent):
        unpack(made, to, "gallery_dl")


@settings(deadline=None, max_examples=60)
@given(cut=st.integers(0, 3000), junk=st.binary(max_size=40), at=st.integers(0, 2000))
def test_a_damaged_wheel_is_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    made = wheel(folder, "gallery-dl", "2.0", FILES)
    whole = made.read_bytes()
    made.write_bytes((whole[:at] + junk + whole[at + len(junk) :])[: max(0, len(whole) - cut)])
    to = folder / "to"
    to.mkdir()

    with contextlib.suppress(DownloadError):
        unpack(made, to, "gallery_dl")
        assert (to / "gallery_dl" / "__init__.py").read_bytes() == b"x = 1\n"


@pytest.mark.parametrize(
    ("file", "pure"),
    [
        ("yt_dlp-2026.1.1-py3-none-any.whl", True),
        ("gallery_dl-1.2.3-py2.py3-none-any.whl", True),
        ("curl_cffi-0.17.0-cp311-abi3-manylinux_2_17_x86_64.whl", False),
    ],
)
def test_names_of_wheels_are_read(file: str, pure: bool) -> None:
    name = parse_name(file)

    assert name is not None
    assert name.is_pure == pure


@pytest.mark.parametrize("file", ["yt_dlp-2026.1.1.tar.gz", "x.whl", "a-b-c-d-e-f-g.whl", "--- --.whl", ""])
def test_other_files_are_no_wheels(file: str) -> None:
    assert parse_name(file) is None


@pytest.mark.parametrize("line", [b'"' + b"x" * 200_000 + b'",sha256=1,1\n', b"one\rtwo,sha256=1,1\n"])
def test_a_list_that_cannot_be_read_makes_it_no_wheel(tmp_path: Path, to: Path, line: bytes) -> None:
    sound = wheel(tmp_path, "gallery-dl", "2.0", FILES)
    made = tmp_path / "broken" / sound.name
    made.parent.mkdir()
    with zipfile.ZipFile(sound) as given, zipfile.ZipFile(made, "w") as archive:
        for info in given.infolist():
            more = line if info.filename.endswith("/RECORD") else b""
            archive.writestr(info, given.read(info) + more)

    with pytest.raises(BadContent):
        unpack(made, to, "gallery_dl")


def test_a_broken_lzma_stream_makes_it_no_wheel(tmp_path: Path, to: Path) -> None:
    made = tmp_path / "gallery_dl-2.0-py3-none-any.whl"
    content = b"gallery_dl/__init__.py,,\n" * 200
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("gallery_dl-2.0.dist-info/RECORD", content)
    raw = bytearray(made.read_bytes())
    start = 30 + len("gallery_dl-2.0.dist-info/RECORD") + 9
    raw[start : start + 20] = b"\xff" * 20
    made.write_bytes(bytes(raw))

    with pytest.raises(BadContent):
        unpack(made, to, "gallery_dl")
