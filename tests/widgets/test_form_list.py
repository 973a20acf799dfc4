"""The list of fields: two lines each, one cursor, one editor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mediadl.widgets.form_editor import Form
from mediadl.widgets.form_list import FormRow

ROWS = [
    FormRow(title="Group", note="About it"),
    *(FormRow(f"k{n}", f"Title {n}", f"value {n}", aside="default", note=f"Help {n}") for n in range(30)),
    FormRow(
        note="A paragraph that is longer than the window is wide, so that it takes more than one line of it."
    ),
]


class Host(App[None]):
    def compose(self) -> ComposeResult:
        self.form = Form()
        yield self.form


@asynccontextmanager
async def hosted(size: tuple[int, int] = (80, 12)) -> AsyncIterator[tuple[Form, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.form.fields.show(ROWS)
        app.form.fields.focus()
        await pilot.pause()
        yield app.form, pilot


def line(form: Form, y: int) -> str:
    return form.fields.render_line(y).text


async def test_a_field_has_two_lines_and_a_cursor_sign() -> None:
    async with hosted() as (form, _):
        assert line(form, 0).startswith(" Group  About it")
        assert line(form, 1).startswith("› Title 0")
        assert "value 0" in line(form, 1)
        assert line(form, 1).rstrip().endswith("default")
        assert line(form, 2).strip() == "Help 0"


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 200])
async def test_lines_are_exactly_as_wide_as_the_window(width: int) -> None:
    async with hosted((width, 70)) as (form, _):
        inner = form.fields.scrollable_content_region.width
        for y in range(70):
            assert form.fields.render_line(y).cell_length == inner


async def test_the_cursor_stays_in_view_with_its_heading() -> None:
    async with hosted() as (form, pilot):
        form.fields.move_by(29)
        await pilot.pause()
        assert form.fields.cursor == "k29"
        assert any("Title 29" in line(form, y) for y in range(12))
        form.fields.move_by(-29)
        await pilot.pause()
        assert line(form, 0).startswith(" Group")


async def test_other_rows_keep_the_cursor_on_its_field() -> None:
    async with hosted() as (form, _):
        form.fields.move_to("k7")
        form.fields.show([row for row in ROWS if row.id != "k3"])
        assert form.fields.cursor == "k7"
        form.fields.show(ROWS)
        form.fields.show([row for row in ROWS if row.id != "k7"])
        assert form.fields.cursor == "k8"
        form.fields.show([])
        assert (form.fields.cursor, form.fields.current) == ("", None)


async def test_the_same_rows_paint_nothing() -> None:
    async with hosted() as (form, pilot):
        painted: list[int] = []
        form.fields.refresh = lambda *_regions, **_more: painted.append(1)  # type: ignore[method-assign,assignment]
        form.fields.show(list(ROWS))
        form.fields.repaint()
        await pilot.pause()

        assert painted == []


async def test_the_editor_lies_on_the_value_and_goes_along() -> None:
    async with hosted() as (form, pilot):
        form.edit("k5", "text")
        await pilot.pause()
        value = form.fields.value_region("k5")
        assert value is not None
        assert (form.editor.region.x, form.editor.region.y) == (value.x, value.y)
        form.fields.scroll_relative(y=3, animate=False, force=True)
        await pilot.pause()
        assert form.editor.region.y == value.y - 3
        form.fields.scroll_to(y=30, animate=False, force=True)
        await pilot.pause()
        assert form.editor.region.y < 0
        assert form.editor.has_focus
        form.end_edit()
        await pilot.pause()

        assert form.fields.has_focus
        assert not form.editor.display
