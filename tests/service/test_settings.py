from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, NotFound
from mediadl.paths import Home
from mediadl.service import Services
from mediadl.service.settings import SettingsService, Telling
from mediadl.settings.files import Source
from mediadl.settings.keymap import Bound, Keymap
from mediadl.settings.schema import Settings


def test_set_get_and_unset_tell_value_and_source(services: Services) -> None:
    changed = services.settings.set("downloads.concurrent", "7")
    back = services.settings.unset("downloads.concurrent")

    assert changed is not None
    assert back is not None
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


# Screens


TRIED = [
    "downloads.directory", "downloads.concurrent", "downloads.name_template", "downloads.min_free_bytes",
    "downloads.quality", "downloads.sidecars", "network.proxy", "network.ca_file", "network.rate_limit",
    "network.timeout_s", "interface.theme",
]  # fmt: skip
PLAUSIBLE = st.sampled_from(
    [
        "", " ", "5", "-1", "1e3", "0x10", "10 GB", "2 MB/s", "1h30m", "true", "off", "best", "BEST", "~",
        "~nobody-here/x", "/dev/null", "x" * 5000, "a\x00b", "a\nb", "{id}", "{titel}", "../{id}", "socks5://h",
        "ftp://h", "nan", "inf", "9" * 5000, "\ud800", "1_0", "٣", "/" + "y" * 300,
    ]
)  # fmt: skip


@given(st.sampled_from(TRIED), st.one_of(st.text(max_size=40), PLAUSIBLE))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_checking_gives_exactly_the_verdict_of_setting(services: Services, key: str, text: str) -> None:
    def verdict(of: Callable[[], Any]) -> tuple[str, Any]:
        try:
            return "taken", of()
        except InvalidInput as error:
            return error.message, error.next_step

    services.settings.file.unlink(missing_ok=True)
    checked = verdict(lambda: services.settings.check(key, text))
    saved = verdict(lambda: services.settings.save({key: text}))
    value = services.settings.get(key).value
    was_set = verdict(lambda: services.settings.set(key, text).value)

    assert checked == was_set
    assert saved[0] == checked[0]
    if checked[0] == "taken":
        assert checked[1] == value


def test_a_folder_that_cannot_be_one_is_refused(services: Services, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InvalidInput, match="is no folder"):
        services.settings.set("downloads.directory", str(tmp_path / "file"))
    with pytest.raises(InvalidInput, match="there is no user"):
        services.settings.set("downloads.directory", "~nobody-here/x")
    with pytest.raises(InvalidInput, match="must not be empty"):
        services.settings.set("downloads.directory", " ")


def test_saving_several_changes_all_or_none(services: Services) -> None:
    services.settings.save({"downloads.retries": "2", "logs.level": "debug"})
    with pytest.raises(InvalidInput):
        services.settings.save({"downloads.retries": "3", "downloads.name_template": "{titel}"})

    assert services.settings.get("downloads.retries").value == 2


def test_the_sheet_has_every_setting_and_a_stamp_that_changes(services: Services) -> None:
    before = services.settings.sheet()
    services.settings.set("downloads.retries", "2")
    after = services.settings.sheet()

    assert [one.key for one in after.settings] == [one.key for one in services.settings.list()]
    assert (before.in_file, after.in_file) == ({}, {"downloads.retries": 2})
    assert before.stamp != after.stamp == services.settings.stamp()


def test_a_keymap_that_cannot_be_read_is_told(services: Services) -> None:
    known = [Bound("queue.retry", ("r",), True)]
    none = services.settings.keymap(known)
    services.settings.keymap_file.mkdir()
    unreadable = services.settings.keymap(known)
    services.settings.keymap_file.rmdir()
    services.settings.keymap_file.write_bytes(b'[keys]\nqueue.retry = "R"\nqueue.x = "\xff"\n')
    found = services.settings.keymap(known)

    assert none == Keymap()
    assert "cannot read" in unreadable.troubles[0]
    assert found.keys == {"queue.retry": ("R",)}
    assert len(found.troubles) == 1


def test_telling_begins_with_the_defaults_of_the_schema(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Settings().notifications
    assert services.settings.telling() == Telling(wanted.on_screen, wanted.stay_s, wanted.bell)

    services.settings.set("notifications.bell", "true")
    assert services.settings.telling() == Telling(bell=True)

    monkeypatch.setenv("MEDIADL_NOTIFICATIONS__ON_SCREEN", "nothing")
    assert services.settings.telling() == Telling("nothing", bell=True)


def test_what_a_text_comes_to_is_told_where_that_is_not_plain(services: Services, tmp_path: Path) -> None:
    example = services.settings.example

    assert example("downloads.name_template", "{platform}/{id}") == "instagram/DKx3mPqs7Yw.jpg"
    assert "is made" in example("downloads.directory", str(tmp_path / "new"))
    assert example("downloads.directory", str(tmp_path)) == ""
    assert example("downloads.retries", "5") == ""
