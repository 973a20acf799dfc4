"""A file has one name, whichever list of the site it was found in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from gallery_dl import extractor

from mediadl.models import Identity
from mediadl.modules.engines.gallerydl_entry import Entry, archive_id, identify, other_names, post_id

DATA = {
    "id": 42, "search_tags": "cat", "favorite_id": 7, "pool": 9, "num": 2, "date": "2026-01-01", "_username": "anna",
    "index": 5, "extension": "jpg", "user": {"nsid": "u1"}, "user_id": 3, "image_id": 8, "scale": ["day"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "post"),
    [
        ("t_{search_tags}_{id}", "42"),
        ("f_{favorite_id}_{id}", "42"),
        ("p_{pool}_{id}", "42"),
        ("f_{user[nsid]}_{id}", "42"),
        ("n_{user_id}_{image_id}_{num}", "8_2"),
        # Not lists, or nothing that names the file alone is left
        ("{id}", ""),
        ("{id}_{num}", ""),
        ("s_{id}", ""),
        ("P_{scale[0]}_{date}_{id}", ""),
        ("s_{_username}_{index}.{extension}", ""),
        ("BG_{user[nsid]}_{date}", ""),
        ("", ""),
    ],
)
def test_a_file_is_named_without_the_list_it_was_found_in(template: str, post: str) -> None:
    extr = SimpleNamespace(archive_fmt=template, config=lambda _name: None)

    assert post_id(extr, DATA) == post


def test_the_engines_own_name_stays_known_as_another_one() -> None:
    entry = Entry("https://x.example/5.jpg", DATA, "safebooru", "tag", "t_cat_42", "42")

    identity = identify(DATA, entry)

    assert identity == Identity("safebooru", "42")
    assert other_names(identity, entry) == (Identity("safebooru", "t_cat_42"),)
    assert other_names(Identity("instagram", "1"), entry) == ()


def test_real_templates_of_lists_and_posts_give_the_same_name() -> None:
    tag = extractor.find("https://safebooru.org/index.php?page=post&s=list&tags=cat")
    post = extractor.find("https://safebooru.org/index.php?page=post&s=view&id=42")

    assert post_id(tag, DATA) == archive_id(post, DATA) == "42"
