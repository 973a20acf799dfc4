"""The settings file: comments survive, all changes or none, nothing of two writers is lost."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, NotFound
from mediadl.settings import files

COMMENTED = """# mine
[downloads]
# how many
concurrent = 3  # not more

[logs] # quiet
level = "error"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_comments_survive_a_change(file: Path) -> None:
    file.write_text(COMMENTED)

    files.write_all(file, {"downloads.concurrent": "7", "network.rate_limit": "2 MB/s"})

    text = file.read_text()
    assert text.startswith(COMMENTED.replace("concurrent = 3", "concurrent = 7"))
    assert "rate_limit = 2000000" in text


def test_comments_survive_taking_the_only_value_back(file: Path) -> None:
    file.write_text("[downloads]\n# how many\nconcurrent = 3\n")

    files.write(file, "downloads.concurrent", None)

    assert "# how many" in file.read_text()
    assert files.load(file).downloads.concurrent == 4


def test_an_empty_section_goes(file: Path) -> None:
    files.write(file, "downloads.concurrent", "3")
    files.write(file, "downloads.concurrent", None)

    assert file.read_text().strip() == ""


def test_several_changes_are_made_at_once_or_not_at_all(file: Path) -> None:
    file.write_text(COMMENTED)

    with pytest.raises(InvalidInput, match=r"^downloads\.retries: must be a whole number from 0 to 50$"):
        files.write_all(file, {"downloads.concurrent": "7", "downloads.retries": "999"})
    with pytest.raises(NotFound):
        files.write_all(file, {"downloads.concurrent": "7", "downloads.nothing": "1"})

    assert file.read_text() == COMMENTED


def test_what_another_program_changed_is_not_overwritten(file: Path) -> None:
    file.write_text(COMMENTED)
    seen = files.file_values(file)
    files.write(file, "downloads.concurrent", "9")

    with pytest.raises(InvalidInput, match=r"downloads\.concurrent: was changed"):
        files.write_all(file, {"downloads.concurrent": "7"}, seen=seen)
    files.write_all(file, {"logs.level": "debug"}, seen=seen)

    assert files.file_values(file) == {"downloads.concurrent": 9, "logs.level": "debug"}


KEYS = ("downloads.concurrent", "downloads.per_site", "logs.keep_days", "network.connections")


def _write_many(file: Path, key: str, start: threading.Barrier) -> None:
    start.wait(30)
    for value in range(1, 11):
        files.write(file, key, str(value))


def test_programs_that_save_at_once_lose_nothing(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(KEYS))
    writers = [context.Process(target=_write_many, args=(file, key, start)) for key in KEYS]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0] * len(KEYS)
    assert files.file_values(file) == dict.fromkeys(KEYS, 10)
    assert sorted(path.name for path in file.parent.iterdir()) == [".settings.toml.lock", "settings.toml"]


def test_threads_that_save_at_once_lose_nothing(file: Path) -> None:
    start = threading.Barrier(len(KEYS))
    writers = [threading.Thread(target=_write_many, args=(file, key, start)) for key in KEYS]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert files.file_values(file) == dict.fromkeys(KEYS, 10)


@given(
    st.dictionaries(
        st.sampled_from(KEYS), st.one_of(st.none(), st.integers(1, 16).map(str)), min_size=1, max_size=4
    )
)
def test_a_change_changes_what_was_asked_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, str | None]
) -> None:
    file = tmp_path_factory.mktemp("one") / "settings.toml"
    file.write_text(COMMENTED)
    before = files.file_values(file)

    files.write_all(file, changes)

    expected = before | {key: int(text) for key, text in changes.items() if text is not None}
    for key in (key for key, text in changes.items() if text is None):
        expected.pop(key, None)
    assert files.file_values(file) == expected
    assert "# mine" in file.read_text()
    assert "# how many" in file.read_text()


def test_an_old_file_with_plain_numbers_is_read_as_before(file: Path) -> None:
    file.write_text("[downloads]\nmin_free_bytes = 5\n[network]\ntimeout_s = 2.5\nrate_limit = 7\n")

    found = files.load(
        file, {"MEDIADL_DOWNLOADS__MAX_FILE_BYTES": "12", "MEDIADL_DAEMON__IDLE_EXIT_S": "0.5"}
    )

    assert (found.downloads.min_free_bytes, found.network.timeout_s, found.network.rate_limit) == (5, 2.5, 7)
    assert (found.downloads.max_file_bytes, found.daemon.idle_exit_s) == (12, 0.5)
