"""Small things every module shares."""

from __future__ import annotations

import pytest

from mediadl.errors import InvalidInput
from mediadl.modules.base import moment, site_of


@pytest.mark.parametrize(
    ("value", "end_of_day", "epoch"),
    [
        (None, False, None),
        ("", False, None),
        (1_700_000_000, False, 1_700_000_000.0),
        ("2023-11-14", False, 1_699_920_000.0),
        ("2023-11-14", True, 1_700_006_399.999999),
        ("2023-11-14T22:13:20+00:00", False, 1_700_000_000.0),
        ("2023-11-14T22:13:20Z", True, 1_700_000_000.0),
    ],
)  # fmt: skip
def test_moments_are_read_as_utc(value: object, end_of_day: bool, epoch: float | None) -> None:
    assert moment(value, end_of_day=end_of_day) == epoch


def test_nonsense_is_no_date() -> None:
    with pytest.raises(InvalidInput, match="not a date"):
        moment("yesterday-ish")


def test_site_is_the_host_without_www() -> None:
    assert site_of("https://WWW.Example.com./a") == "example.com"
    assert site_of("https://[::1]:8/a") == "::1"
    assert site_of("http://[bad") == ""
