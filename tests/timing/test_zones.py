"""Names of time zones as people write them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import zones


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", ""), ("  ", ""), ("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"), ("utc", "UTC"), ("Asia/Kolkata", "Asia/Kolkata"),
    ],
)  # fmt: skip
def test_a_zone_is_found_as_it_is_written(text: str, name: str) -> None:
    assert zones.check(text) == name


@pytest.mark.parametrize(
    "text",
    ["Nowhere", "Europe", "../../etc/passwd", "/etc/passwd", "right/UTC", "posix/UTC", "Factory", "localtime",
     "é", "\0", "+02:00",
     "CET-1CEST", "a" * 5000, "Europe/Berlin\nx", "tzdata.zi", "zone.tab"],
)  # fmt: skip
def test_what_is_no_zone_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as in Europe/Berlin|did you mean") as refused:
        zones.check(text)

    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_a_misspelled_zone_is_named() -> None:
    with pytest.raises(ValueError, match="did you mean Europe/Berlin"):
        zones.check("Europe/Belrin")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    try:
        name = zones.check(text)
    except ValueError:
        return
    assert zones.check(name) == name
    assert isinstance(zones.zone(name), ZoneInfo)


def test_every_name_offered_is_taken() -> None:
    assert len(zones.names()) > 300
    assert [name for name in zones.names() if zones.check(name) != name] == []


@pytest.mark.parametrize(
    "told", ["Asia/Tokyo", ":Asia/Tokyo", "/usr/share/zoneinfo/Asia/Tokyo", ":/usr/share/zoneinfo/Asia/Tokyo"]
)
def test_the_zone_of_the_environment_is_this_machines(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("TZ", told)

    assert zones.name_of(zones.zone()) == "Asia/Tokyo"


def local_time(monkeypatch: pytest.MonkeyPatch, path: Path) -> ZoneInfo:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(zones, "_MACHINE", path)
    return zones.zone()


def test_the_zone_of_the_machine_is_where_its_link_leads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "zoneinfo" / "Asia").mkdir(parents=True)
    (tmp_path / "zoneinfo" / "Asia" / "Tokyo").write_bytes(b"")
    (tmp_path / "localtime").symlink_to(tmp_path / "zoneinfo" / "Asia" / "Tokyo")

    assert local_time(monkeypatch, tmp_path / "localtime").key == "Asia/Tokyo"


def test_a_machine_without_a_zone_has_utc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")

    assert local_time(monkeypatch, tmp_path / "none").key == "UTC"
    assert local_time(monkeypatch, tmp_path / "junk").key == "UTC"
