from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.paths import Home
from mediadl.service import Services
from mediadl.service.settings import SettingsService
from mediadl.settings.files import Source


def test_set_get_and_unset_tell_value_and_source(services: Services) -> None:
    changed = services.settings.set("downloads.concurrent", "7")
    back = services.settings.unset("downloads.concurrent")

    assert (changed.value, changed.source) == (7, Source.FILE)
    assert (back.value, back.source) == (4, Source.DEFAULT)


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("downloads.concurrent", "many", InvalidInput),
        ("downloads.concurrent", "0", InvalidInput),
        ("downloads.name_template", "{titel}", InvalidInput),
        ("downloads.name_template", "/etc/{id}", InvalidInput),
        ("network.ca_file", "/no/such/file", InvalidInput),
        ("downloads.concurent", "3", NotFound),
    ],
)
def test_a_bad_value_changes_nothing(
    services: Services, key: str, value: str, error: type[Exception]
) -> None:
    services.settings.set("downloads.retries", "2")
    before = services.settings.export()

    with pytest.raises(error):
        services.settings.set(key, value)

    assert services.settings.export() == before


def test_paths_are_stored_as_the_daemon_will_understand_them(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    services.settings.set("downloads.directory", "media")

    assert services.settings.brief().directory == str(tmp_path / "media")


def test_the_brief_follows_file_and_environment(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    assert services.settings.brief().retries == 5

    services.settings.set("downloads.retries", "2")
    assert services.settings.brief().retries == 2

    monkeypatch.setenv("MEDIADL_DOWNLOADS__RETRIES", "9")
    assert services.settings.brief().retries == 9

    monkeypatch.setenv("MEDIADL_DOWNLOADS__RETRIES", "lots")
    with pytest.raises(InvalidInput, match=r"downloads\.retries"):
        services.settings.brief()


def test_the_remembered_brief_needs_no_schema(home: Home) -> None:
    SettingsService(home).brief()
    script = (
        "import sys; from mediadl.service import open_services\n"
        "print(open_services().settings.brief().retries, 'pydantic' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout == "5 False\n"


def test_a_damaged_memory_is_made_anew(home: Home) -> None:
    service = SettingsService(home)
    service.brief()
    memory = home.run / "settings.json"

    for damage in ("", "{", "[]", '{"stamp": 1}'):
        memory.write_text(damage)
        assert service.brief().retries == 5
    assert json.loads(memory.read_text())["brief"]["retries"] == 5


def test_secrets_of_the_environment_are_not_remembered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", "http://user:hunter2@proxy:1")

    SettingsService(home).brief()

    assert "hunter2" not in (home.run / "settings.json").read_text()
