"""What a terminal can show, from its name."""

from __future__ import annotations

import pytest

from mediadl.widgets.picture_terminal import Means, cell_pixels, means_of_terminal


@pytest.mark.parametrize(
    ("environment", "means"),
    [
        ({"TERM": "xterm-256color"}, Means.HALF_CELLS),
        ({}, Means.HALF_CELLS),
        ({"TERM": "linux"}, Means.HALF_CELLS),
        ({"TERM": "xterm-kitty"}, Means.KITTY),
        ({"TERM": "xterm-ghostty"}, Means.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, Means.KITTY),
        ({"TERM": "foot"}, Means.SIXEL),
        ({"TERM": "foot-extra"}, Means.SIXEL),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, Means.SIXEL),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, Means.SIXEL),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, Means.SIXEL),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "211203"}, Means.HALF_CELLS),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "new"}, Means.HALF_CELLS),
        ({"TERM": "xterm-256color", "WT_SESSION": "a-b-c"}, Means.SIXEL),
        # A multiplexer hides what is around it
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "WezTerm"}, Means.HALF_CELLS),
        ({"TERM": "xterm-kitty", "TMUX": "/run/tmux,1,0"}, Means.HALF_CELLS),
        ({"TERM": "screen", "KONSOLE_VERSION": "230800"}, Means.HALF_CELLS),
    ],
)
def test_a_terminal_is_known_by_its_name(environment: dict[str, str], means: Means) -> None:
    assert means_of_terminal(environment) is means


def test_without_a_terminal_a_cell_is_as_usual() -> None:
    width, height = cell_pixels()

    assert width > 0
    assert height > 0
