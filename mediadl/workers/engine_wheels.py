"""Opens the wheel of an engine without trusting it: pure Python, of the package it says, nothing outside its folder."""

from __future__ import annotations

import base64
import csv
import email
import email.message
import hashlib
import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mediadl.errors import BadContent, NotWritable, TooLarge

MAX_WHEEL_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_FILES = 20_000
_CHUNK_BYTES = 256 * 1024
_NEXT = "Take another version, or leave the engine as it is: nothing was changed."


@dataclass(frozen=True, slots=True)
class WheelName:
    """What a wheel's file name says."""

    project: str
    """Normalised: `yt-dlp`."""
    version: str
    tags: tuple[str, ...]

    @property
    def is_pure(self) -> bool:
        """Whether it runs on any Python 3 on any machine."""
        python, abi, platform = self.tags
        return "py3" in python.split(".") and abi == "none" and platform == "any"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a wheel says of itself."""

    version: str
    requires_python: str
    requires: tuple[str, ...]


def parse_name(file: str) -> WheelName | None:
    """The parts of `yt_dlp-2026.1.1-py3-none-any.whl`; None for anything else."""
    parts = file.removesuffix(".whl").split("-")
    if not file.endswith(".whl") or len(parts) not in {5, 6} or not all(parts):
        return None
    return WheelName(normal(parts[0]), parts[1].replace("_", "-"), (parts[-3], parts[-2], parts[-1]))


def normal(project: str) -> str:
    """A package's name as indexes write it."""
    return project.lower().replace("_", "-").replace(".", "-")


def digest(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpack(wheel: Path, to: Path, module: str) -> Unpacked:
    """Unpack the package `module` and its metadata; scripts and other data of the wheel are left out.

    Raises:
        BadContent: no sound wheel of this package.
        TooLarge: more than an engine can need.
        NotWritable: the folder cannot be written.
    """
    try:
        if wheel.stat().st_size > MAX_WHEEL_BYTES:
            raise TooLarge(f"{wheel.name} is larger than {MAX_WHEEL_BYTES // 2**20} MB", next_step=_NEXT)
        with zipfile.ZipFile(wheel) as archive:
            return _Wheel(archive, wheel.name, module).unpack(to)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        csv.Error,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise _bad(wheel.name, str(error) or "broken") from error
    except RuntimeError as error:
        raise _bad(wheel.name, "it is encrypted") from error
    except OSError as error:
        raise NotWritable(f"cannot unpack {wheel.name}: {error.strerror or error}") from error


class _Wheel:
    """One open wheel."""

    def __init__(self, archive: zipfile.ZipFile, name: str, module: str) -> None:
        self._archive = archive
        self._name = name
        self._module = module
        self._left_bytes = MAX_UNPACKED_BYTES

    def unpack(self, to: Path) -> Unpacked:
        members = list(self._members())
        info_folder = self._info_folder(members)
        recorded = self._recorded(info_folder)
        for member in members:
            self._write(member, to, recorded)
        if not (to / self._module / "__init__.py").is_file():
            raise _bad(self._name, f"it has no package {self._module}")
        facts = self._message(f"{info_folder}/METADATA")
        wheel = self._message(f"{info_folder}/WHEEL")
        if str(wheel.get("Root-Is-Purelib", "")).strip().lower() != "true":
            raise _bad(self._name, "it is not pure Python")
        return Unpacked(
            str(facts.get("Version", "")).strip(),
            str(facts.get("Requires-Python", "")).strip(),
            tuple(str(line) for line in facts.get_all("Requires-Dist", [])),
        )

    def _members(self) -> Iterator[zipfile.ZipInfo]:
        """The files to unpack, each checked by its name and kind before anything is written."""
        infos = self._archive.infolist()
        if len(infos) > MAX_FILES:
            raise TooLarge(f"{self._name} has more than {MAX_FILES} files", next_step=_NEXT)
        if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
            raise self._too_large()
        seen = set()
        for info in infos:
            path = PurePosixPath(info.filename)
            bad = info.filename.startswith("/") or "\\" in info.filename or "\0" in info.orig_filename
            if bad or ".." in path.parts or not path.parts or ":" in path.parts[0]:
                raise _bad(self._name, f"the name {info.filename!r} leads out of its folder")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise _bad(self._name, f"{info.filename!r} is a link or a device")
            if info.is_dir() or path.parts[0].endswith(".data"):
                continue
            if path in seen:
                raise _bad(self._name, f"{info.filename!r} is there twice")
            seen.add(path)
            if path.parts[0] != self._module and not path.parts[0].endswith(".dist-info"):
                raise _bad(self._name, f"it brings {path.parts[0]!r}, which is not its own")
            yield info

    def _info_folder(self, members: list[zipfile.ZipInfo]) -> str:
        found = {m.filename.partition("/")[0] for m in members} - {self._module}
        if len(found) != 1:
            raise _bad(self._name, "it has no metadata, or that of several packages")
        return found.pop()

    def _recorded(self, info_folder: str) -> dict[str, str]:
        """Digest by file name, as the wheel's own list says."""
        text = self._read(f"{info_folder}/RECORD").decode()
        rows = [row for row in csv.reader(io.StringIO(text)) if len(row) >= 2]
        return {row[0]: row[1].removeprefix("sha256=") for row in rows if row[1].startswith("sha256=")}

    def _message(self, name: str) -> email.message.Message:
        return email.message_from_bytes(self._read(name))

    def _read(self, name: str) -> bytes:
        try:
            info = self._archive.getinfo(name)
        except KeyError:
            raise _bad(self._name, f"{name} is missing") from None
        if info.file_size > _CHUNK_BYTES * 16:
            raise self._too_large()
        return self._archive.read(info)

    def _write(self, info: zipfile.ZipInfo, to: Path, recorded: dict[str, str]) -> None:
        target = to.joinpath(*PurePosixPath(info.filename).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        summed = hashlib.sha256()
        with self._archive.open(info) as source, target.open("xb") as stream:
            while block := source.read(_CHUNK_BYTES):
                self._left_bytes -= len(block)
                # The sizes in an archive's list are only what its maker says
                if self._left_bytes < 0:
                    raise self._too_large()
                summed.update(block)
                stream.write(block)
        if info.filename.endswith(".dist-info/RECORD"):
            return
        wanted = recorded.get(info.filename)
        if wanted != base64.urlsafe_b64encode(summed.digest()).rstrip(b"=").decode():
            raise _bad(self._name, f"{info.filename!r} is not what its list says")

    def _too_large(self) -> TooLarge:
        return TooLarge(f"{self._name} unpacks to more than an engine needs", next_step=_NEXT)


def _bad(name: str, why: str) -> BadContent:
    return BadContent(f"{name} is no wheel to use: {why}", next_step=_NEXT)
