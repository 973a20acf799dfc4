"""Documents of ours: whole, in place of their older selves, never through links or over other files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.errors import NotWritable
from mediadl.pipeline import work_folder
from mediadl.pipeline.documents import Documents

MARK = "mark of ours"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "downloads"


@pytest.fixture
def documents(root: Path) -> Iterator[Documents]:
    made = Documents(str(root), str(work_folder.create(root, 1)), "forum/thread")
    yield made
    made.close()


def test_a_document_takes_the_place_of_its_older_self(documents: Documents, root: Path) -> None:
    documents.write("page", ".html", MARK, [MARK, " one"])
    name = documents.write("page", ".html", MARK, [MARK, " two"])
    documents.sync()

    assert name == "page.html"
    assert [path.name for path in (root / "forum/thread").iterdir()] == ["page.html"]
    assert (root / "forum/thread/page.html").read_text() == f"{MARK} two"


def test_a_file_of_someone_else_is_left_alone(documents: Documents, root: Path) -> None:
    (root / "forum/thread/page.html").write_text("dear diary")

    names = [documents.write("page", ".html", MARK, [MARK]) for _ in range(2)]

    assert names == ["page (2).html", "page (2).html"]
    assert (root / "forum/thread/page.html").read_text() == "dear diary"


def test_a_symbolic_link_of_that_name_is_refused(documents: Documents, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text(MARK)
    (root / "forum/thread/page.html").symlink_to(outside)

    with pytest.raises(NotWritable, match="symbolic link"):
        documents.write("page", ".html", MARK, [MARK, " new"])

    assert outside.read_text() == MARK


def test_a_linked_folder_is_refused(root: Path, tmp_path: Path) -> None:
    work = work_folder.create(root, 1)
    (tmp_path / "elsewhere").mkdir()
    (root / "forum").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotWritable):
        Documents(str(root), str(work), "forum/thread")

    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("folder", ["../out", "a/../../out", "/etc"])
def test_nothing_is_written_outside(root: Path, folder: str) -> None:
    work = work_folder.create(root, 1)

    with pytest.raises(NotWritable):
        Documents(str(root), str(work), folder)


def test_what_breaks_half_way_leaves_the_older_one(documents: Documents, root: Path) -> None:
    documents.write("page", ".html", MARK, [MARK, " one"])

    def broken() -> Iterator[str]:
        yield MARK
        raise KeyError

    with pytest.raises(KeyError):
        documents.write("page", ".html", MARK, broken())

    assert (root / "forum/thread/page.html").read_text() == f"{MARK} one"
    assert list(work_folder.path_of(root, 1).iterdir()) == []


def test_a_folder_of_that_name_is_left_alone(documents: Documents, root: Path) -> None:
    (root / "forum/thread/page.html").mkdir()

    assert documents.write("page", ".html", MARK, [MARK]) == "page (2).html"
