"""The installed engines fit; one that is not what it should be is told."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from mediadl.errors import NoMedia
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules.engines.first_item import first_item
from mediadl.modules.engines.fitness import Subject, Unfit, parts

MODULES = {"yt-dlp": "yt_dlp", "gallery-dl": "gallery_dl", "instaloader": "instaloader"}
INSTALLED = [name for name, module in MODULES.items() if find_spec(module)]


def subject(name: str, work: Path) -> Subject:
    return Subject(name, MODULES[name], metadata.version(name), "", work)


@pytest.mark.parametrize("name", INSTALLED)
def test_the_installed_engine_fits(name: str, tmp_path: Path) -> None:
    looked_at = subject(name, tmp_path)

    # Adapters are driven in a process of their own, by the tests of updates: engines leave connections open
    found = {word: part(looked_at) for word, part in parts(looked_at) if word != "adapter"}

    assert list(found)[:2] == ["import", "version"]
    assert len(found) == 3
    assert all(found.values())


def test_another_version_than_told_does_not_fit(tmp_path: Path) -> None:
    looked_at = replace(subject("gallery-dl", tmp_path), version="0.1")

    with pytest.raises(Unfit, match=r"not 0\.1"):
        dict(parts(looked_at))["version"](looked_at)


def test_a_module_of_another_folder_does_not_fit(tmp_path: Path) -> None:
    looked_at = replace(subject("gallery-dl", tmp_path), folder=str(tmp_path))

    with pytest.raises(Unfit, match="elsewhere"):
        dict(parts(looked_at))["import"](looked_at)


def test_a_nightly_may_leave_out_that_it_is_one(tmp_path: Path) -> None:
    known = subject("gallery-dl", tmp_path)
    looked_at = replace(known, version=f"{known.version}.dev0")

    assert dict(parts(looked_at))["version"](looked_at)


def test_one_item_is_enough_and_nothing_is_downloaded() -> None:
    reporter = first_item()
    item = FoundItem(n=0, identity=Identity("a", "1"), url="https://a.example/1", kind=MediaKind.VIDEO)

    before = reporter.stopped()
    n = reporter.asked(item)

    assert (before, n, reporter.stopped(), reporter.found_any, reporter.items) == (False, 0, True, True, 1)


def test_a_site_that_plainly_has_nothing_was_understood() -> None:
    reporter = first_item()
    reporter.item_failed(NoMedia("nothing"))
    failed = reporter.found_any
    reporter.empty("no posts yet")

    assert (failed, reporter.found_any) == (False, True)
    assert isinstance(reporter.failure, NoMedia)
