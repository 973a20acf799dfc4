"""What single programs do in their own way, in older versions or on odd pages."""

from __future__ import annotations

import pytest

from forum_pages import AT, NOW, Sample, answer
from forum_pages_further import EVERY
from mediadl.modules.forum.page import Page
from mediadl.modules.forum.reading import programs, read, software_title

SAMPLES = {sample.software: sample for sample in EVERY}


def changed(software: str, *swaps: tuple[str, str], url: str = "") -> Page:
    """A sample's page with other words in it."""
    sample: Sample = SAMPLES[software]
    page = sample.page
    for old, new in swaps:
        assert old in page, old
        page = page.replace(old, new)
    return read(sample.answer(page, url), now=NOW)


def test_phpbb_before_3_3_has_the_date_as_text() -> None:
    page = changed(
        "phpbb3",
        (
            '<time datetime="2026-11-22T14:25:00+00:00">Sun Nov 22, 2026 2:25 pm</time>',
            "Sun Nov 22, 2026 2:25 pm",
        ),
    )

    assert [(post.posted_at, post.raw_date) for post in page.posts] == [(AT, "Sun Nov 22, 2026 2:25 pm")] * 3


def test_phpbb_shows_its_last_page_under_any_address_past_it() -> None:
    page = changed(
        "phpbb3",
        ('<li class="active"><span>1</span></li>', '<li class="active"><span>3</span></li>'),
        ('<li class="arrow next">', '<li class="arrow previous">'),
        ('rel="next"', 'rel="prev"'),
        url="https://board.example.org/phpBB3/viewtopic.php?t=7&start=9999",
    )

    assert (page.number, page.last_number, page.further) == (3, 3, ())


def test_phpbb_takes_no_other_element_for_a_post() -> None:
    page = changed("phpbb3", ("<h1>", '<div class="post" id="preview"></div><h1>'))

    assert [post.id for post in page.posts] == ["101", "102", "103"]


def test_smf_2_0_has_the_date_in_a_line_of_words() -> None:
    words = (
        '<div class="smalltext">« <strong>Reply #1 on:</strong> November 22, 2026, 02:25:00 PM »</div><div>'
    )
    page = changed(
        "smf",
        ('class="smalltext">November 22, 2026, 02:25:00 PM</a>', 'class="x"></a>'),
        ('<div class="postinfo">', words),
    )

    assert [post.posted_at for post in page.posts] == [AT] * 3


def test_smf_says_today() -> None:
    (first, *_) = changed("smf", ("November 22, 2026, 02:25:00 PM", "Yesterday at 02:25:00 PM")).posts

    assert (first.posted_at, first.raw_date) == (AT, "Yesterday at 02:25:00 PM")


def test_mybb_edit_mark_is_no_date() -> None:
    edited = (
        '11-22-2026, 02:25 PM <span class="post_edit"><span class="smalltext">(This post was last modified: '
        "11-23-2026, 01:00 AM by ann.)</span></span>"
    )
    page = changed("mybb", ('<span title="11-22-2026, 02:25 PM">17 hours ago</span>', edited))

    assert [post.posted_at for post in page.posts] == [AT] * 3


def test_mybb_day_in_a_title_and_clock_behind_it() -> None:
    page = changed(
        "mybb",
        (
            '<span title="11-22-2026, 02:25 PM">17 hours ago</span>',
            '<span title="11-22-2026">Yesterday</span>, 02:25 PM',
        ),
    )

    assert [(post.posted_at, post.raw_date) for post in page.posts] == [(AT, "Yesterday, 02:25 PM")] * 3


def test_vbulletin_5_arrow_that_leads_nowhere_is_not_followed() -> None:
    page = changed("vbulletin5", ('class="right-arrow"', 'class="right-arrow h-disabled"'))

    assert page.further == ()


def test_xenforo_recorded_video_is_taken_from_its_player() -> None:
    page = changed(
        "xenforo2",
        (
            "Third words",
            'Third words <div class="bbMediaWrapper"><video><source src="/data/video/0/9-5e1a.mp4"></video></div>',
        ),
    )

    assert page.posts[2].media[0].url == "https://forum.example.org/data/video/0/9-5e1a.mp4"


def test_xenforo_link_card_gives_its_link_and_not_its_picture() -> None:
    card = (
        '<div class="bbCodeBlock bbCodeBlock--unfurl" data-url="https://gofile.io/d/x1"><img src="/proxy.php?image=x">'
        '<a href="https://gofile.io/d/x1">A folder</a></div>'
    )
    page = changed("xenforo2", ("Third words", f"Third words {card}"))

    assert [one.url for one in page.posts[2].media if "attachments" not in one.url] == [
        "https://gofile.io/d/x1"
    ]


def test_xenforo_in_a_folder_without_friendly_addresses_is_followed() -> None:
    page = changed(
        "xenforo2",
        ('href="/threads/old-roads.7/page-2"', 'href="/talk/index.php?threads/old-roads.7/page-2"'),
        url="https://forum.example.org/talk/index.php?threads/old-roads.7/",
    )

    assert page.further[0] == "https://forum.example.org/talk/index.php?threads/old-roads.7/page-2"
    assert page.posts[0].url == "https://forum.example.org/talk/index.php?threads/old-roads.7/post-101"


def test_spirit_removed_comment_is_no_post_and_the_link_to_edit_no_title() -> None:
    page = changed(
        "spirit",
        ("Old roads</h1>", 'Old roads <a class="topic_edit_link" href="/topic/update/7/">edit</a></h1>'),
        ('<div class="comment__text"><p>First', '<div class="comments_list__item__info"><p>First'),
    )

    assert page.title == "Old roads"
    assert [post.id for post in page.posts] == ["102", "103"]


def test_flaskbb_last_page_has_no_next() -> None:
    page = changed(
        "flaskbb",
        (
            'page-item active"><a class="page-link" href="#">1<',
            'page-item"><a class="page-link" href="/topic/7-old-roads?page=1">1<',
        ),
        (
            'page-item"><a class="page-link" href="/topic/7-old-roads?page=3">3<',
            'page-item active"><a class="page-link" href="#">3<',
        ),
        url="https://flask.example.org/topic/7-old-roads?page=3",
    )

    assert (page.number, page.further) == (3, ())


@pytest.mark.parametrize("version", ["invision4", "invision5"])
def test_invision_pictures_on_another_host_keep_their_number(version: str) -> None:
    base = f"https://ips{version[-1]}.example.org"
    page = changed(version, (f"{base}/uploads/monthly", "https://cdn.example.net/monthly"))

    assert page.posts[2].media[0].url.startswith("https://cdn.example.net/monthly_2026_11/holiday.jpg")


def test_reader_of_one_program_says_its_name() -> None:
    assert [software_title(software) for software in ("phpbb3", "unknown", "nobody")] == [
        "phpBB 3",
        "unknown software",
        "nobody",
    ]
    assert all(program.title for program in programs().values())


def test_session_of_a_visitor_is_nowhere_in_what_was_read() -> None:
    for sample in EVERY:
        page = read(sample.answer(), now=NOW)
        told = repr(page)
        assert "0123456789abcdef0123456789abcdef" not in told, sample.software


def test_title_of_a_page_loses_the_name_of_the_forum() -> None:
    assert read(answer("<title>Old roads | Walks</title><h1>Walks</h1>"), now=NOW).title == "Old roads"
