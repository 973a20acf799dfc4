from __future__ import annotations

from mediadl.logs import LogLine
from mediadl.widgets.log_text import facts, whole

LINE = LogLine(1_779_019_200.5, "error", "workers.pool", "first\nsecond \x1b[31m", 7, 42)


def test_whole_says_everything_without_controls() -> None:
    text = whole(LINE)

    assert text.endswith("ERROR workers.pool job 7: first\nsecond [31m")
    assert "\x1b" not in text


def test_facts_name_level_module_job_and_process() -> None:
    text = facts(LINE).plain

    for words in ("ERROR", "workers.pool", "job 7", "process 42"):
        assert words in text


def test_facts_of_a_line_without_job_and_with_a_foreign_level() -> None:
    text = facts(LogLine(0.0, "[/]odd", "x", "m", None, 1)).plain

    assert "[/]ODD" in text
    assert "job" not in text
