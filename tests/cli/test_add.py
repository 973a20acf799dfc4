from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cli.answers import Run
from mediadl.cli import adding
from mediadl.paths import Home
from mediadl.service import open_services

FILE = "https://example.com/a.jpg"


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_add_prints_one_number_per_job_and_nothing_else(run: Run) -> None:
    answer = run("add", FILE, "tiktok:@alice")

    assert (answer.code, answer.out, answer.err) == (0, "1\n2\n", "")


def test_add_json_has_the_documented_keys(run: Run) -> None:
    answer = run("add", FILE, "--json")

    assert answer.record == {
        "id": 1,
        "url": FILE,
        "platform": "direct",
        "content_type": "file",
        "title": "a",
    }


def test_a_file_and_stdin_are_read_with_comments_and_blank_lines(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(f"\ufeff# mine\n\n{FILE} # one\n")
    stdin(monkeypatch, "https://example.com/b.jpg\r\n#no\r\n")

    answer = run("add", "--file", str(tmp_path / "list.txt"), "-", "tiktok:@alice")

    assert answer.code == 0
    listed = run("queue", "list", "--json").records
    assert [job["url"] for job in listed] == [
        "https://www.tiktok.com/@alice",
        FILE,
        "https://example.com/b.jpg",
    ]


def test_stdin_can_be_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, FILE)

    assert run("add", "--file", "-").out == "1\n"


def test_ten_thousand_urls_of_a_file_become_ten_thousand_jobs(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("".join(f"https://example.com/{n}.jpg\n" for n in range(10_000)))

    answer = run("add", "--file", str(file))

    assert len(answer.lines) == 10_000


def test_options_reach_the_job(run: Run, tmp_path: Path) -> None:
    answer = run(
        "add", "tiktok:@alice", "--type", "posts", "--priority", "high", "--at", "+2h", "--quality", "720p",
        "--max-items", "5", "--since", "2026-01-01", "--until", "2026-01-31", "--out", str(tmp_path / "here"),
        "--name", "{id}", "--option", "sound=true", "--force",
    )  # fmt: skip

    assert answer.code == 0
    job = run("queue", "show", "1", "--json").record
    assert (job["status"], job["priority"]) == ("scheduled", "high")
    assert job["options"] == {
        "sound": True,
        "quality": "720p",
        "name": "{id}",
        "out": str(tmp_path / "here"),
        "max_items": 5,
        "since": "2026-01-01T00:00:00.000Z",
        "until": "2026-01-31T23:59:59.999Z",
        "force": True,
    }


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nonsense",), 2, "error: not a URL: nonsense. Give an address"),
        (("ftp://example.com/x",), 2, "unsupported scheme 'ftp'"),
        ((FILE, "nonsense"), 2, "line 2: not a URL: nonsense"),
        ((), 2, "no URL given"),
        ((FILE, "--platform", "tiktok"), 7, "is no address of TikTok"),
        ((FILE, "--platform", "myspace"), 2, "no platform 'myspace'"),
        ((FILE, "--priority", "urgent"), 2, "no priority 'urgent'. Possible: low, normal, high."),
        ((FILE, "--at", "soon"), 2, "not a time: 'soon'"),
        ((FILE, "--since", "x"), 2, "not a date: 'x'"),
        ((FILE, "--quality", "4k"), 2, "no quality '4k'"),
        ((FILE, "--name", "{titel}"), 2, "no field {titel}"),
        ((FILE, "--option", "x"), 2, "not an option: 'x'"),
        ((FILE, "--option", "x=1"), 2, "Direct file has no option 'x'"),
        ((FILE, "--max-items", "0"), 2, "max-items must be 1 or more"),
        ((FILE, "--max-items", "many"), 2, "--max-items"),
        (
            (FILE, "--match", "a(b"),
            2,
            "match: not a pattern at character 2: missing ), unterminated subpattern",
        ),
        (
            (FILE, "--reject", "ab(?=c)"),
            2,
            "reject: not a pattern at character 3: looking around is not possible",
        ),
        ((FILE, "--match", "x" * 501), 2, "the pattern has 501 characters, more than 500"),
        ((FILE, "--min-duration", "1:xx"), 2, "min-duration: must be a time such as 30 s or 5 min"),
        (
            (FILE, "--min-duration", "1:30", "--max-duration", "10s"),
            2,
            "min-duration is more than max-duration",
        ),
        ((FILE, "--max-size", "big"), 2, "max-size: must be a size such as 500 MB"),
        ((FILE, "--media", "film"), 2, "media: there is no kind 'film'; there are image, video"),
        ((FILE, FILE + "2", "--preview"), 2, "--preview takes one address"),
        ((FILE, "--pick", "x"), 2, "not numbers of a preview: 'x'"),
        ((FILE, "--pick", "1"), 3, "no preview of"),
        ((FILE, "--out", "/proc/none"), 6, "cannot write to /proc/none"),
        (("--file", "/no/such"), 2, "cannot read /no/such"),
        ((FILE, "--no-such-option"), 2, "--no-such-option"),
    ],
)
def test_bad_input_is_one_line_its_exit_code_and_no_job(
    run: Run, home: Home, words: tuple[str, ...], code: int, told: str
) -> None:
    answer = run("add", *words)

    assert answer.code == code
    assert answer.out == ""
    assert told in answer.err
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1
    assert run("queue", "list", "--json").records == []


def test_an_unwritable_download_folder_is_told_before_anything_is_added(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_DOWNLOADS__DIRECTORY", "/proc/none")

    assert run("add", FILE).code == 6
    assert run("queue", "list", "--json").records == []


def test_a_broken_setting_is_told_with_its_key(run: Run, home: Home) -> None:
    home.settings_file.write_text("[downloads]\nretries = -1\n")

    answer = run("add", FILE)

    assert answer.code == 2
    assert "downloads.retries" in answer.err


def test_a_newer_or_damaged_database_is_refused_untouched(run: Run, home: Home) -> None:
    home.database.write_bytes(b"junk" * 1000)

    answer = run("add", FILE)

    assert answer.code == 9
    assert answer.err.count("\n") == 1
    assert home.database.read_bytes() == b"junk" * 1000


@pytest.mark.parametrize(
    "words",
    [
        (FILE,),
        (FILE, "tiktok:@alice", "--json"),
        ("--json", FILE, "nonsense"),
        ("-",),
        ("--json", "--", FILE, "--wait"),
    ],
)
def test_the_quick_way_answers_as_the_parser_does(
    run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mediadl.cli.start import guarded

    stdin(monkeypatch, FILE)
    by_parser = run("add", *words)
    with open_services() as services:
        services.queue.remove([job["id"] for job in run("queue", "list", "--json").records])
    stdin(monkeypatch, FILE)

    assert adding.is_plain(words)
    code = guarded(lambda: adding.add_plain(words))

    told = capsys.readouterr()
    assert (code, told.err) == (by_parser.code, by_parser.err)
    assert _without_ids(told.out) == _without_ids(by_parser.out)


@pytest.mark.parametrize(
    "words", [(), ("--help",), (FILE, "--wait=1"), ("-h",), ("--priority", "high", FILE)]
)
def test_everything_else_goes_to_the_parser(words: tuple[str, ...]) -> None:
    assert not adding.is_plain(words)


def _without_ids(out: str) -> list[object]:
    return [{**json.loads(line), "id": 0} if line.startswith("{") else "number" for line in out.splitlines()]


def test_filters_are_kept_with_the_job_and_shown_in_words(run: Run) -> None:
    added = run(
        "add", FILE, "--match", "cats?", "--without", "ad", "--without", "promo", "--min-duration", "1:30",
        "--max-size", "2MB", "--media", "videos", "--strict",
    )  # fmt: skip

    job = run("queue", "show", added.out.strip(), "--json").record
    assert job["options"]["filters"] == {
        "match": "cats?", "without": ["ad", "promo"], "min_duration_s": 90, "max_size_bytes": 2_000_000,
        "media": ["video"], "strict": True,
    }  # fmt: skip
    shown = run("queue", "show", added.out.strip()).out
    assert (
        "matches /cats?/; has no ad or promo; plays 1 min 30 s or more; has 2 MB or less; is video" in shown
    )


def test_a_preview_of_a_file_needs_no_engine_and_its_number_can_be_picked(run: Run) -> None:
    listed = run("add", "--preview", FILE, "--media", "video", "--json")
    picked = run("add", FILE, "--pick", "1")

    assert listed.code == 0
    assert [(one["n"], one["accepted"]) for one in listed.records] == [(1, False)]
    assert listed.records[0]["rule"].startswith("is ")
    assert "0 accepted, 1 rejected" in listed.err
    job = run("queue", "show", picked.out.strip(), "--json").record
    assert len(job["options"]["pick"]) == 1
    assert "filters" not in job["options"]
