"""Pictures as cells and as what kitty understands."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from mediadl.widgets.picture import centred, half_cells, in_words
from mediadl.widgets.picture_kitty import Shelf, cells_of, forgetting, placeholders, sending

GROUND = Style(bgcolor="rgb(1,2,3)")


@dataclass(frozen=True)
class Raster:
    width: int
    height: int
    rgb: bytes


def raster(width: int, height: int, fill: bytes = b"") -> Raster:
    return Raster(width, height, fill or bytes(n % 251 for n in range(width * height * 3)))


def test_a_cell_holds_two_pixels_one_above_the_other() -> None:
    (line,) = half_cells(Raster(1, 2, bytes((12, 20, 32, 40, 52, 60))), GROUND)

    assert line[0].text == "▀"
    assert line[0].style == Style(color=Color.from_rgb(12, 20, 32), bgcolor=Color.from_rgb(40, 52, 60))


def test_below_an_odd_last_row_lies_the_ground() -> None:
    (line,) = half_cells(Raster(1, 1, bytes((12, 20, 32))), GROUND)

    assert line[0].style == Style(color=Color.from_rgb(12, 20, 32)) + GROUND


def test_equal_neighbours_share_a_segment() -> None:
    (line,) = half_cells(raster(40, 2, b"\x07" * 240), GROUND)

    assert [segment.text for segment in line] == ["▀" * 40]


def test_shades_nobody_tells_apart_are_one() -> None:
    (line,) = half_cells(Raster(2, 2, bytes((100, 100, 100, 101, 100, 99) * 2)), GROUND)

    assert [segment.text for segment in line] == ["▀▀"]


@given(st.integers(1, 50), st.integers(1, 30), st.integers(1, 60), st.integers(1, 30))
def test_every_line_of_a_field_is_full(width: int, height: int, field_width: int, field_height: int) -> None:
    picture = raster(min(width, field_width), height)

    field = centred(half_cells(picture, GROUND), field_width, field_height, GROUND)

    assert len(field) == field_height
    assert {sum(cell_len(segment.text) for segment in line) for line in field} == {field_width}


def test_words_are_clipped_to_the_field() -> None:
    lines = in_words([("▶ video", GROUND), ("", GROUND), ("not a plain file", GROUND)], 8)

    assert [line[0].text for line in lines] == ["▶ video", "not a p…"]


def test_kitty_is_sent_the_very_pixels() -> None:
    picture = raster(64, 48)

    sent = re.findall(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", sending(77, picture, 6, 3))

    *data, (place, _) = sent
    packed = base64.standard_b64decode("".join(payload for _, payload in data))
    assert zlib.decompress(packed) == picture.rgb
    assert {"i=77", "s=64", "v=48", "f=24", "o=z", "q=2"} <= set(data[0][0].split(","))
    assert [keys.rpartition("m=")[2] for keys, _ in data] == ["1"] * (len(data) - 1) + ["0"]
    assert all(len(payload) <= 4096 for _, payload in data)
    assert set(place.split(",")) == {"a=p", "U=1", "q=2", "i=77", "c=6", "r=3"}


def test_kitty_cells_name_picture_row_and_column() -> None:
    lines = placeholders(0x123456, 3, 2, GROUND)

    assert [line[0].text for line in lines] == [
        "".join(f"\U0010eeee{row}{column}" for column in "\u0305\u030d\u030e") for row in "\u0305\u030d"
    ]
    assert {cell_len(line[0].text) for line in lines} == {3}
    style = lines[0][0].style
    assert style is not None
    assert style.color == Color.from_rgb(0x12, 0x34, 0x56)


def test_the_terminal_forgets_what_is_not_shown_any_more() -> None:
    sent: list[str] = []
    shelf = Shelf(sent.append)
    for row_id in (1, 2, 3):
        shelf.put(row_id, raster(4, 4), (2, 1))
    gone = [held.number for row_id in (1, 3) if (held := shelf.get(row_id))]

    shelf.keep({2})

    assert sent[3:] == [forgetting(number) for number in gone]
    assert shelf.get(1) is None
    assert shelf.get(2) is not None


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 300), st.integers(1, 300))
def test_a_picture_never_takes_more_cells_than_there_are(
    width: int, height: int, columns: int, lines: int
) -> None:
    assert all(
        1 <= got <= most
        for got, most in zip(
            cells_of(raster(width, height, b"x"), (9, 18), (columns, lines)), (columns, lines), strict=True
        )
    )
