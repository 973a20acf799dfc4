"""`mediadl settings`: sizes and times as people write them; the keys of the screens."""

from __future__ import annotations

from pathlib import Path

from cli.answers import Run
from mediadl.paths import Home


def test_sizes_and_times_are_taken_with_units_and_kept_as_numbers(run: Run) -> None:
    assert run("settings", "set", "downloads.min_free_bytes", "10 GB").code == 0
    assert run("settings", "set", "network.timeout_s", "2 min").code == 0

    assert run("settings", "get", "downloads.min_free_bytes").out == "10000000000\n"
    assert run("settings", "get", "network.timeout_s", "--json").record["value"] == 120


def test_what_is_allowed_is_said(run: Run) -> None:
    answer = run("settings", "set", "downloads.concurrent", "99")

    assert answer.code == 2
    assert "downloads.concurrent: must be a whole number from 1 to 32" in answer.err


def test_keys_are_listed_with_the_users_own(run: Run, home: Home) -> None:
    (home.root / "keymap.toml").write_text('[keys]\nqueue.retry = "ctrl+y"\nqueue.nothing = "z"\n')

    listed = run("settings", "keys", "--json")
    by_action = {one["action"]: one for one in listed.records}
    table = run("settings", "keys")

    assert (by_action["queue.retry"]["keys"], by_action["queue.retry"]["changed"]) == (["ctrl+y"], True)
    assert by_action["queue.cancel"]["keys"] == ["c", "x"]
    assert "queue.nothing: no such action" in listed.err
    assert any("queue.retry" in line and "changed" in line for line in table.lines)


def test_keys_as_toml_can_be_used_as_the_file(run: Run, home: Home) -> None:
    (home.root / "keymap.toml").write_text('[keys]\nqueue.retry = "ctrl+y"\n')
    printed = run("settings", "keys", "--toml").out
    (home.root / "keymap.toml").write_text(printed)

    assert '\n"queue.retry" = "ctrl+y"\n' in printed
    assert '\n# "queue.cancel" = "c, x"\n' in printed
    assert run("settings", "keys", "--toml").out == printed


def test_options_of_platforms_are_settings(run: Run) -> None:
    assert run("settings", "set", "tiktok.sound", "yes").code == 0

    listed = run("settings", "list", "tiktok", "--json")
    by_key = {one["key"]: one for one in listed.records}
    assert by_key["tiktok.sound"] | {"help": ""} == {
        "key": "tiktok.sound", "value": True, "default": False, "source": "file", "title": "Sound of photo posts",
        "help": "",
    }  # fmt: skip
    assert run("settings", "get", "tiktok.sound").out == "true\n"
    assert run("settings", "unset", "tiktok.sound").code == 0
    assert run("settings", "get", "tiktok.sound").out == "false\n"


def test_an_option_no_platform_has_is_named_in_one_line_and_can_be_taken_out(run: Run, home: Home) -> None:
    home.settings_file.write_text("[instagram]\npined = true\n")

    listed = run("settings", "list", "instagram")
    refused = run("settings", "set", "instagram.pined", "true")
    gone = run("settings", "unset", "instagram.pined")

    assert listed.code == 0
    assert listed.err.splitlines() == [
        "settings.toml: no such option: instagram.pined; mediadl settings unset KEY takes one out"
    ]
    assert (refused.code, "Did you mean instagram.pinned?" in refused.err) == (3, True)
    assert (gone.code, gone.err) == (0, "instagram.pined is gone\n")
    assert home.settings_file.read_text().strip() == ""


def test_a_file_with_an_option_no_platform_has_is_not_taken_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text("[tiktok]\nsonud = true\n")

    answer = run("settings", "import", str(tmp_path / "new.toml"))

    assert answer.code == 2
    assert "tiktok.sonud: no such setting" in answer.err
