"""True pictures in kitty and ghostty: sent once, then held by placeholder signs that scroll and clip like text."""

from __future__ import annotations

import base64
import itertools
import random
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from mediadl.widgets.picture import Pixels

_PLACEHOLDER = "\U0010eeee"
_CHUNK = 4096

# Signs that number the rows and columns of a placeholder, by the protocol: 0, 1, 2, …
_NUMBERS = (
    "\u0305\u030d\u030e\u0310\u0312\u033d\u033e\u033f\u0346\u034a\u034b\u034c\u0350\u0351\u0352\u0357\u035b\u0363"
    "\u0364\u0365\u0366\u0367\u0368\u0369\u036a\u036b\u036c\u036d\u036e\u036f\u0483\u0484\u0485\u0486\u0487\u0592"
    "\u0593\u0594\u0595\u0597\u0598\u0599\u059c\u059d\u059e\u059f\u05a0\u05a1\u05a8\u05a9\u05ab\u05ac\u05af\u05c4"
    "\u0610\u0611\u0612\u0613\u0614\u0615\u0616\u0617\u0657\u0658\u0659\u065a\u065b\u065d\u065e\u06d6\u06d7\u06d8"
    "\u06d9\u06da\u06db\u06dc\u06df\u06e0\u06e1\u06e2\u06e4\u06e7\u06e8\u06eb\u06ec\u0730\u0732\u0733\u0735\u0736"
    "\u073a\u073d\u073f\u0740\u0741\u0743\u0745\u0747\u0749\u074a\u07eb\u07ec\u07ed\u07ee\u07ef\u07f0\u07f1\u07f3"
    "\u0816\u0817\u0818\u0819\u081b\u081c\u081d\u081e\u081f\u0820\u0821\u0822\u0823\u0825\u0826\u0827\u0829\u082a"
    "\u082b\u082c\u082d\u0951\u0953\u0954\u0f82\u0f83\u0f86\u0f87\u135d\u135e\u135f\u17dd\u193a\u1a17\u1a75\u1a76"
    "\u1a77\u1a78\u1a79\u1a7a\u1a7b\u1a7c\u1b6b\u1b6d\u1b6e\u1b6f\u1b70\u1b71\u1b72\u1b73\u1cd0\u1cd1\u1cd2\u1cda"
    "\u1cdb\u1ce0\u1dc0\u1dc1\u1dc3\u1dc4\u1dc5\u1dc6\u1dc7\u1dc8\u1dc9\u1dcb\u1dcc\u1dd1\u1dd2\u1dd3\u1dd4\u1dd5"
    "\u1dd6\u1dd7\u1dd8\u1dd9\u1dda\u1ddb\u1ddc\u1ddd\u1dde\u1ddf\u1de0\u1de1\u1de2\u1de3\u1de4\u1de5\u1de6\u1dfe"
    "\u20d0\u20d1\u20d4\u20d5\u20d6\u20d7\u20db\u20dc\u20e1\u20e7\u20e9\u20f0\u2cef\u2cf0\u2cf1\u2de0\u2de1\u2de2"
    "\u2de3\u2de4\u2de5\u2de6\u2de7\u2de8\u2de9\u2dea\u2deb\u2dec\u2ded\u2dee\u2def\u2df0\u2df1\u2df2\u2df3\u2df4"
    "\u2df5\u2df6\u2df7\u2df8\u2df9\u2dfa\u2dfb\u2dfc\u2dfd\u2dfe\u2dff\ua66f\ua67c\ua67d\ua6f0\ua6f1\ua8e0\ua8e1"
    "\ua8e2\ua8e3\ua8e4\ua8e5\ua8e6\ua8e7\ua8e8\ua8e9\ua8ea\ua8eb\ua8ec\ua8ed\ua8ee\ua8ef\ua8f0\ua8f1\uaab0\uaab2"
    "\uaab3\uaab7\uaab8\uaabe\uaabf\uaac1\ufe20\ufe21\ufe22\ufe23\ufe24\ufe25\ufe26\U00010a0f\U00010a38\U0001d185"
    "\U0001d186\U0001d187\U0001d188\U0001d189\U0001d1aa\U0001d1ab\U0001d1ac\U0001d1ad\U0001d242\U0001d243"
    "\U0001d244"
)  # fmt: skip

MOST_CELLS = len(_NUMBERS)
"""Columns and lines a picture may have."""


def numbers() -> Iterator[int]:
    """Numbers for pictures, from a start that other programs in the same terminal hardly use."""
    # Red, green and blue of a placeholder carry the number; none of them zero, or an old terminal drops it
    return itertools.count(random.randrange(0x010101, 0xF00000))  # noqa: S311 - not a secret


def sending(number: int, picture: Pixels, columns: int, lines: int) -> str:
    """What makes the terminal keep a picture under this number, for so many cells."""
    data = base64.standard_b64encode(zlib.compress(picture.rgb, 1)).decode("ascii")
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)] or [""]
    head = f"a=t,q=2,f=24,o=z,i={number},s={picture.width},v={picture.height},"
    sent = [
        f"\x1b_G{head if n == 0 else ''}m={int(n < len(chunks) - 1)};{chunk}\x1b\\"
        for n, chunk in enumerate(chunks)
    ]
    return "".join(sent) + f"\x1b_Ga=p,U=1,q=2,i={number},c={columns},r={lines}\x1b\\"


def forgetting(number: int) -> str:
    """What makes the terminal drop a picture."""
    return f"\x1b_Ga=d,d=I,q=2,i={number}\x1b\\"


def placeholders(number: int, columns: int, lines: int, ground: Style) -> list[list[Segment]]:
    """The cells that hold a picture."""
    style = ground + Style(color=Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255))
    return [
        [Segment("".join(_PLACEHOLDER + _NUMBERS[y] + _NUMBERS[x] for x in range(columns)), style)]
        for y in range(lines)
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """A picture that the terminal keeps."""

    number: int
    columns: int
    lines: int


class Shelf:
    """The pictures of one widget that the terminal keeps, by id of their row."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._numbers = numbers()
        self._held: dict[int, Held] = {}

    def get(self, row_id: int) -> Held | None:
        """The picture of a row, if it was sent."""
        return self._held.get(row_id)

    def put(self, row_id: int, picture: Pixels, cells: tuple[int, int]) -> None:
        """Send a picture for so many columns and lines."""
        self.drop(row_id)
        held = self._held[row_id] = Held(next(self._numbers), *cells)
        self._write(sending(held.number, picture, *cells))

    def drop(self, row_id: int) -> None:
        """Let the terminal forget the picture of a row."""
        held = self._held.pop(row_id, None)
        if held is not None:
            self._write(forgetting(held.number))

    def keep(self, row_ids: Collection[int]) -> None:
        """Let it forget those of all other rows."""
        for row_id in [row_id for row_id in self._held if row_id not in row_ids]:
            self.drop(row_id)


def cells_of(picture: Pixels, cell: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Columns and lines of a picture in cells of this many pixels, at most `box`."""
    columns = max(1, -(-picture.width // cell[0]))
    lines = max(1, -(-picture.height // cell[1]))
    return min(columns, box[0], MOST_CELLS), min(lines, box[1], MOST_CELLS)
