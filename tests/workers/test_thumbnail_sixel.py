"""The sixel language: what is written is the picture again when it is read."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mediadl.workers.thumbnail_sixel import to_sixel

_TOKEN = re.compile(rb'"[\d;]+|#\d+;2;\d+;\d+;\d+|#\d+|!\d+[?-~]|[?-~]|\$|-')


def read(data: bytes, width: int, height: int) -> list[list[tuple[int, ...]]]:
    """A sixel terminal in a few lines: percents of red, green, blue per pixel."""
    assert b"".join(_TOKEN.findall(data)) == data
    colours: dict[int, tuple[int, ...]] = {}
    field: list[list[tuple[int, ...]]] = [[(-1,)] * width for _ in range(height)]
    x = top = colour = 0
    for token in _TOKEN.findall(data):
        if token.startswith(b"#"):
            number, *rest = (int(part) for part in token[1:].split(b";"))
            if rest:
                colours[number] = tuple(rest[1:])
            colour = number
        elif token == b"$":
            x = 0
        elif token == b"-":
            x, top = 0, top + 6
        elif not token.startswith(b'"'):
            count = int(token[1:-1]) if token.startswith(b"!") else 1
            for column in range(x, x + count):
                for bit in range(6):
                    if (token[-1] - 63) >> bit & 1:
                        field[top + bit][column] = colours[colour]
            x += count
    return field


@given(st.integers(1, 40), st.integers(1, 20), st.data())
def test_a_picture_of_few_colours_comes_back_whole(width: int, height: int, data: st.DataObject) -> None:
    palette = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 255)]
    chosen = data.draw(st.lists(st.sampled_from(palette), min_size=width * height, max_size=width * height))
    image = Image.new("RGB", (width, height))
    image.putdata(chosen)

    seen = read(to_sixel(image), width, height)

    wanted = [tuple(round(value / 2.55) for value in pixel) for pixel in chosen]
    assert [pixel for row in seen for pixel in row] == wanted
