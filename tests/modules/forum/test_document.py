"""A page is only parsed where that takes neither minutes nor all memory."""

from __future__ import annotations

import pytest

from forum_pages import answer
from mediadl.errors import SiteChanged
from mediadl.modules.forum.document import Document


@pytest.mark.parametrize("unit", ["<div>", "<div></x>", "<div></p>", "<div><br></div ><b>"])
def test_a_page_nested_beyond_reason_is_not_parsed(unit: str) -> None:
    with pytest.raises(SiteChanged, match="deep"):
        Document(answer(unit * 20_000))


def test_a_page_of_more_elements_than_people_read_is_not_parsed() -> None:
    with pytest.raises(SiteChanged, match="elements"):
        Document(answer("<b></b>" * 200_000))


@pytest.mark.parametrize("unit", ["<div><b>words</b></div>", "<p>words<li>more", "<b><i>words</b></i>"])
def test_a_long_page_is_parsed(unit: str) -> None:
    body = Document(answer(unit * 10_000)).tree.body

    assert body is not None
    assert body.text().count("words") == 10_000
