"""The private names of Textual that the app stands on: a version that drops one fails here, not in a terminal."""

from __future__ import annotations

import inspect

import pytest
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.scroll_view import ScrollView


@pytest.mark.parametrize("name", ["_fatal_error", "_close_messages_no_wait", "_print_error_renderables"])
def test_app_has_the_method(name: str) -> None:
    assert callable(getattr(App, name))


@pytest.mark.parametrize(
    "name", ["_exit_renderables", "_exception", "_driver", "_loop", "_css_update_count", "_screen_stacks"]
)
def test_app_has_the_attribute(name: str) -> None:
    assert hasattr(App(), name)


def test_a_defect_ends_in_fatal_error() -> None:
    assert "_fatal_error" in inspect.getsource(App._handle_exception)


def test_breakpoints_are_class_attributes() -> None:
    assert App.HORIZONTAL_BREAKPOINTS == []
    assert App.VERTICAL_BREAKPOINTS == []


def test_scroll_view_tells_where_it_scrolls() -> None:
    assert list(inspect.signature(ScrollView.watch_scroll_y).parameters) == ["self", "old_value", "new_value"]
    assert "force" in inspect.signature(ScrollView.scroll_to).parameters


def test_screen_bindings_are_those_the_registry_replaces() -> None:
    keys = {binding.key for binding in Screen.BINDINGS if isinstance(binding, Binding)}

    assert keys == {"tab", "shift+tab", "ctrl+c,super+c"}


def test_the_first_mode_is_read_by_the_constructor_only() -> None:
    assert "DEFAULT_MODE" in inspect.getsource(App.__init__)
    assert inspect.getsource(App).count("self.DEFAULT_MODE") == inspect.getsource(App.__init__).count(
        "self.DEFAULT_MODE"
    )


def test_a_screen_counts_the_styles_it_has_taken() -> None:
    assert hasattr(Screen(), "_css_update_count")
