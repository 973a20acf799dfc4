"""`mediadl schedule export`, `import` and `apply`, as typed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from cli.answers import Run


@pytest.fixture
def nightly(run: Run) -> Run:
    """One schedule, called nightly."""
    assert run("schedule", "add", "instagram:nasa", "--daily", "03:00", "--name", "nightly").code == 0
    return run


@pytest.mark.parametrize("ending", ["toml", "yaml"])
def test_what_was_exported_is_applied_again_without_a_change(
    nightly: Run, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"all.{ending}"

    assert nightly("schedule", "export", str(file)).err == f"1 schedule written to {file}\n"
    applied = nightly("schedule", "apply", str(file))

    assert (applied.code, applied.out, applied.err) == (0, "", "1 same\n")
    assert nightly("schedule", "export", "--format", ending).out == file.read_text("utf-8")


def test_a_dry_run_says_everything_and_does_nothing(nightly: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text("schedules:\n- name: new\n  sources: [tiktok:@esa]\n  every: auto\n", "utf-8")

    tried = nightly("schedule", "apply", str(file), "--dry-run")

    assert (tried.code, tried.out) == (0, "+ new\n- nightly\n")
    assert tried.err == "1 added, 1 removed; nothing was done\n"
    assert [one["name"] for one in nightly("schedule", "list", "--json").records] == ["nightly"]
    assert nightly("schedule", "apply", str(file)).err.startswith(
        "error: remove what the file does not have: nightly"
    )
    assert nightly("schedule", "apply", str(file), "--yes", "--json").records == [
        {"change": "added", "name": "new", "words": []},
        {"change": "removed", "name": "nightly", "words": []},
    ]
    assert [one["name"] for one in nightly("schedule", "list", "--json").records] == ["new"]


def test_import_adds_sources_of_other_programs(
    nightly: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opml = '<opml><body><outline text="ESA" xmlUrl="https://www.tiktok.com/@esa"/></body></opml>'
    stdin = io.TextIOWrapper(io.BytesIO(opml.encode()))
    monkeypatch.setattr("sys.stdin", stdin)

    imported = nightly("schedule", "import", "-", "--every", "12h", "--name", "mine", "--max-items", "3")

    assert (imported.code, imported.out) == (0, "+ mine\n"), imported.err
    assert nightly("schedule", "show", "mine", "--json").record["spec"]["max_items"] == 3
    file = tmp_path / "all.toml"
    file.write_text("[[schedules]]\nname = 'nightly'\nsources = ['instagram:nasa']\nhourly = true\n", "utf-8")
    kept = nightly("schedule", "import", str(file))
    assert kept.lines[0].startswith("= nightly  (told otherwise in the file; left as it is)")
    assert nightly("schedule", "show", "nightly", "--json").record["rule"] == "Every day at 03:00"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (
            "a.toml",
            "[[schedules]]\nname = 'x'\nsources = ['instagram:x']\nevery = 'soon'",
            "line 1: every: must be",
        ),
        ("a.yaml", "schedules:\n- name: x\n  evry: 6h", "line 2: no word 'evry'; did you mean every?"),
        ("a.opml", '<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "line 1: document types and entities"),
        ("a.csv", "url,name\n,x", "line 2: there is no address"),
        ("a.toml", "x" * 4_000_001, "is larger than 4 MB"),
        ("a.what", "hello", "no telling what kind of file it is"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    nightly: Run, tmp_path: Path, name: str, text: str, why: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")

    for command in ("import",) if name.endswith(("opml", "csv")) else ("import", "apply"):
        refused = nightly("schedule", command, str(file), "--dry-run")
        assert (refused.code, refused.out) == (2, "")
        assert why in refused.err
        assert refused.err.count("\n") == 1


def test_files_that_are_not_there_or_cannot_be_written(nightly: Run, tmp_path: Path) -> None:
    assert nightly("schedule", "apply", str(tmp_path / "none.toml")).err.startswith("error: cannot read ")
    assert nightly("schedule", "export", str(tmp_path / "none" / "x.toml")).code == 6
    assert nightly("schedule", "export", "x.docx").err.startswith("error: no format 'docx'")
    assert nightly("schedule", "export", "--only", "nobody").code == 3


def test_a_list_of_sources_is_never_applied(nightly: Run, tmp_path: Path) -> None:
    file = tmp_path / "subs.opml"
    file.write_text("<opml><outline url='https://www.tiktok.com/@esa'/></opml>", "utf-8")

    refused = nightly("schedule", "apply", str(file), "--yes")

    assert refused.code == 2
    assert "is a list of sources" in refused.err
    assert [one["name"] for one in nightly("schedule", "list", "--json").records] == ["nightly"]
