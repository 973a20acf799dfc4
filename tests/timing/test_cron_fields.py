"""Presets: what most people mean, as cron lines and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import cron
from mediadl.timing.cron import Cron, Preset, Shape

SHAPES = st.builds(
    Shape,
    st.sampled_from([preset for preset in Preset if preset is not Preset.CUSTOM]),
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
)


@settings(deadline=None)
@given(SHAPES)
def test_a_preset_reads_back_from_its_line(shape: Shape) -> None:
    line = shape.cron()
    found = cron.shape_of(line)

    assert cron.check(line) == line
    assert (found.preset, found.cron()) == (shape.preset, line)
    assert Cron.parse(line).explain() == shape.words()


@pytest.mark.parametrize("name", ["hourly", "daily", "weekly", "monthly"])
def test_every_preset_has_a_line_to_begin_with(name: str) -> None:
    assert cron.preset_of(cron.preset(name)) == name


def test_custom_has_no_line() -> None:
    assert cron.preset("custom") == ""


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError):
        cron.preset("yearly")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("@hourly", "hourly"), ("@daily", "daily"), ("@weekly", "weekly"), ("@monthly", "monthly"),
        ("@yearly", "custom"),
        ("0 0 * * fri", "weekly"), ("*/5 * * * *", "custom"), ("0 0 1 * 1", "custom"), ("0,5 0 * * *", "custom"),
        ("0 0 L * *", "custom"), ("", "custom"), ("nonsense", "custom"),
    ],
)  # fmt: skip
def test_lines_are_known_by_their_preset(line: str, name: str) -> None:
    assert cron.preset_of(line) == name
