"""How columns share the width."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.widgets.columns import Column, clip, fit, pad
from mediadl.widgets.job_columns import ITEM_COLUMNS, LOG_COLUMNS, QUEUE_COLUMNS

TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Mn", "Me", "Cf")), max_size=60
)


@pytest.mark.parametrize("columns", [QUEUE_COLUMNS, ITEM_COLUMNS, LOG_COLUMNS], ids=["queue", "items", "log"])
@pytest.mark.parametrize("width", range(40, 260))
def test_columns_never_exceed_the_table(columns: tuple[Column[object], ...], width: int) -> None:
    fitted = fit(columns, width)

    assert fitted
    assert fitted[-1].x + fitted[-1].width <= max(width, 58)
    for left, right in pairwise(fitted):
        assert left.x + left.width + 1 == right.x


@pytest.mark.parametrize("width", range(58, 260))
def test_the_queue_uses_every_cell(width: int) -> None:
    fitted = fit(QUEUE_COLUMNS, width)

    assert fitted[-1].x + fitted[-1].width == width
    assert len({f.column.name for f in fitted}) == len(fitted)


def test_a_wider_table_never_has_fewer_columns() -> None:
    numbers = [len(fit(QUEUE_COLUMNS, width)) for width in range(58, 260)]

    assert numbers == sorted(numbers)


@given(TEXT, st.integers(min_value=1, max_value=40))
def test_clipped_text_fits(text: str, width: int) -> None:
    assert cell_len(clip(text, width)) <= width


@given(TEXT, TEXT, st.integers(min_value=0, max_value=40), st.booleans())
def test_padded_parts_fill_exactly(first: str, second: str, width: int, right: bool) -> None:
    parts = pad([(first, "a"), (second, "b")], width, right=right)

    assert sum(cell_len(text) for text, _ in parts) == width
