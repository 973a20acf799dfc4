"""Decides whether a file is a better version of a stored one, and says in words why it is not."""

from __future__ import annotations

from dataclasses import dataclass

MIN_GAIN = 1.15
"""How many times the area a better picture has at least."""
BYTES_GAIN = 1.2
"""Of the same area, a better file has so many times the bytes."""
LENGTH_S = 0.5
"""Two versions of one video differ in length by less."""

_SAME = {"jpeg": "jpg", "jpe": "jpg", "tif": "tiff", "mpg": "mpeg"}


@dataclass(frozen=True, slots=True)
class Version:
    """What counts of a file when it is compared with another version of it."""

    ext: str
    """Without dot."""
    width: int | None
    height: int | None
    duration_s: float | None
    size_bytes: int

    @property
    def area(self) -> int:
        """Pixels of the picture; 0 when nobody knows."""
        return max(0, self.width or 0) * max(0, self.height or 0)

    @property
    def words(self) -> str:
        """`640x480`."""
        return f"{self.width}x{self.height}" if self.area else "of unknown size"


def why_not(old: Version, new: Version, min_gain: float = MIN_GAIN) -> str:
    """Why the new file may not take the place of the old one; empty when it is better."""
    before, after = _format(old.ext), _format(new.ext)
    if before != after:
        return f"another format: {after or 'none'} instead of {before or 'none'}"
    if not old.area or not new.area:
        return f"the {'stored file' if not old.area else 'new file'} has no known width and height"
    if (old.duration_s is None) != (new.duration_s is None):
        return "the length of one of the two is not known"
    if old.duration_s is not None and new.duration_s is not None:
        apart_s = abs(old.duration_s - new.duration_s)
        if not apart_s <= LENGTH_S:
            return f"another length: {new.duration_s:.1f} s instead of {old.duration_s:.1f} s"
    return _by_size(old, new, min_gain)


def _by_size(old: Version, new: Version, min_gain: float) -> str:
    if (new.width or 0) < (old.width or 0) or (new.height or 0) < (old.height or 0):
        return f"one side is smaller: {new.words}, stored is {old.words}"
    if new.area == old.area:
        if new.size_bytes >= BYTES_GAIN * max(old.size_bytes, 1):
            return ""
        return f"as large as the stored file: {new.words}"
    if new.area >= min_gain * old.area:
        return ""
    return f"hardly larger: {new.words}, stored is {old.words}"


def _format(ext: str) -> str:
    plain = ext.lower().removeprefix(".")
    return _SAME.get(plain, plain)
