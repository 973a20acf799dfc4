from __future__ import annotations

from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable, FolderNotWritable, InvalidInput
from mediadl.paths import Home
from mediadl.service import Services, open_services


def test_a_backup_is_a_whole_database_of_its_own(services: Services, tmp_path: Path) -> None:
    services.queue.add(["https://example.com/a.jpg"])

    path = services.database.backup(tmp_path)

    assert path == tmp_path / "media_downloader.db"
    other = Home(tmp_path / "other").create()
    path.replace(other.database)
    with open_services(other) as restored:
        assert restored.database.check() == []
        assert restored.database.info()["rows"]["download_queue"] == 1


def test_a_backup_never_replaces_a_file(services: Services, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")

    with pytest.raises(InvalidInput):
        services.database.backup(tmp_path / "taken")
    with pytest.raises(FolderNotWritable):
        services.database.backup(tmp_path / "taken" / "below")
    assert (tmp_path / "taken").read_text() == "mine"


def test_an_unusable_database_says_so_wherever_it_is_needed(home: Home) -> None:
    home.database.write_bytes(b"junk" * 1000)

    with open_services(home) as services, pytest.raises(DatabaseUnusable) as caught:
        services.queue.counts()

    assert caught.value.exit_code == 9
    assert home.database.read_bytes() == b"junk" * 1000
