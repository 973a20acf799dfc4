"""`mediadl settings`: sizes and times as people write them; the keys of the screens."""

from __future__ import annotations

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
