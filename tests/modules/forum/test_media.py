"""One body, every way to show a file in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mediadl.modules.forum.attachments import attachment
from mediadl.modules.forum.media import Place, media_of
from mediadl.modules.forum.page import Media, MediaRole

HOME = "https://forum.example.org/threads/a.1/"
PIC = "https://pics.example.net/a.jpg"


def found(html: str, boxes: str = "", base: str = HOME) -> list[Media]:
    body = LexborHTMLParser(f"<div id=body>{html}</div>").css_first("#body")
    hung = LexborHTMLParser(f"<div id=box>{boxes}</div>").css_first("#box")
    assert body is not None
    assert hung is not None
    return list(media_of(body, [hung] if boxes else [], Place(base, HOME)))


def short(html: str, boxes: str = "") -> list[tuple[str, str]]:
    return [(one.role.value, one.url) for one in found(html, boxes)]


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="{PIC}">',
        f'<img src="/applications/core/interface/js/spacer.png" data-src="{PIC}">',
        f'<img src="data:image/gif;base64,R0lGOD" data-lazy-src="{PIC}">',
        '<img src="/proxy.php?image=https%3A%2F%2Fpics.example.net%2Fa.jpg&amp;hash=5e" class="bbImage">',
        f'<div class="bbImageWrapper" data-src="{PIC}"></div>',
        f'<div class="bbImageWrapper" data-src="{PIC}"><img alt="a.jpg"></div>',
        f'<img src="{PIC}"><img src="{PIC}#again"><noscript><img src="{PIC}"></noscript>',
        f'<a href="/members/ann.1/"><img src="{PIC}"></a>',
        f'<a href="javascript:void(0)"><img src="{PIC}"></a>',
        f'<a href="#"><img src="{PIC}"></a>',
    ],
)
def test_a_picture_is_found_once(html: str) -> None:
    assert short(html) == [("image", PIC)]


@pytest.mark.parametrize(
    "html",
    [
        '<img src="/images/smilies/x.gif">', '<img class="smilie" src="/a.png">',
        '<img class="emoji" src="https://x.example/1.png">',
        '<img data-emoticon="" src="/a.png">', '<img data-shortname=":)" src="/a.png">',
        '<img src="/styles/a/avatars/1.jpg">',
        '<img src="/images/ranks/5.png">', '<img src="/clear.gif">', '<img src="/pixel.gif" width="1" height="1">',
        '<img src="https://twemoji.maxcdn.com/2/72x72/1f600.png">', '<img src="/download/file.php?avatar=5.jpg">',
        '<img src="data:image/png;base64,iVBOR">', '<img src="blob:https://a.example/1">', '<img src="">', "<img>",
        '<img src="/images/attach/zip.gif">', '<a href="javascript:alert(1)">x</a>',
        '<a href="mailto:ann@a.example">x</a>',
        '<a href="/members/ann.1/">ann</a>', '<a href="#post-5">up</a>', '<iframe src="/widget"></iframe>',
    ],
)  # fmt: skip
def test_furniture_is_not_media(html: str) -> None:
    assert found(html) == []


def test_a_link_around_a_picture_wins() -> None:
    small = '<img src="https://pics.example.net/t/a.jpg">'

    assert found(f'<a href="{PIC}">{small}</a>') == [
        Media(PIC, MediaRole.IMAGE, PIC, "a.jpg", "https://pics.example.net/t/a.jpg")
    ]
    page = "https://imgbox.example/x1"
    assert found(f'<a href="{page}">{small}</a>') == [
        Media(page, MediaRole.LINK, page, "", "https://pics.example.net/t/a.jpg")
    ]


def test_a_page_that_ends_like_a_file_is_a_link() -> None:
    url = "https://pixhost.to/show/12/a.jpg"

    assert short(f'<a href="{url}"><img src="https://t1.pixhost.to/thumbs/12/a.jpg"></a>') == [("link", url)]


def test_links_to_other_sites_are_kept_and_to_the_forum_are_not() -> None:
    html = '<a href="https://gofile.io/d/x1">x</a><a href="https://a.example/b.zip">b</a><a href="/threads/b.2/">b</a>'

    assert short(html) == [("link", "https://gofile.io/d/x1"), ("link", "https://a.example/b.zip")]
    assert found(html)[1].name == "b.zip"


def test_a_file_linked_on_the_forum_is_an_upload() -> None:
    assert found('<a href="/files/tracks.zip">my tracks</a>') == [
        Media(
            "https://forum.example.org/files/tracks.zip",
            MediaRole.ATTACHMENT,
            "https://forum.example.org/files/tracks.zip",
            "tracks.zip",
        )
    ]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<video src="https://v.example/a.mp4"></video>', [("image", "https://v.example/a.mp4")]),
        ('<video><source src="https://v.example/a.mp4"></video>', [("image", "https://v.example/a.mp4")]),
        ('<iframe src="https://player.example/e/1"></iframe>', [("embed", "https://player.example/e/1")]),
        (
            '<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0"></iframe>',
            [("embed", "https://www.youtube.com/watch?v=abcdefghijk")],
        ),
        (
            '<span data-s9e-mediaembed-iframe=\'["allowfullscreen","","src","//player.vimeo.com/video/42"]\'></span>',
            [("embed", "https://vimeo.com/42")],
        ),
        ('<span data-s9e-mediaembed-iframe="not json"></span>', []),
        ('<embed src="https://p.example/x.swf">', [("embed", "https://p.example/x.swf")]),
    ],
)
def test_players_are_found(html: str, wanted: list[tuple[str, str]]) -> None:
    assert short(html) == wanted


def test_a_player_and_a_link_to_the_same_video_are_one() -> None:
    html = (
        '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'
        '<a href="https://www.youtube.com/watch?v=abcdefghijk">video</a>'
    )

    assert len(found(html)) == 1


def test_one_upload_shown_and_listed_is_one_file_with_the_better_name() -> None:
    shown = '<a href="/attachments/a-jpg.31/"><img src="/data/attachments/0/31-5e1a.jpg"></a>'
    listed = (
        '<a href="/attachments/a-jpg.31/">Holiday 1.jpg</a><a href="/help/">how to</a>'
        '<img src="/data/attachments/0/31-5e1a.jpg">'
    )

    (one,) = found(shown, listed)

    assert (one.id, one.url) == ("31", "https://forum.example.org/attachments/a-jpg.31/")
    assert one.thumbnail_url == "https://forum.example.org/data/attachments/0/31-5e1a.jpg"


@pytest.mark.parametrize(
    ("link", "name"),
    [
        (
            '<a href="/attachment.php?aid=5"><img src="/a?t" title="Filename: a b.jpg&#10;Size: 3 KB"></a>',
            "a b.jpg",
        ),
        ('<a href="/attachment.php?aid=5">&#8206;a b.zip</a>', "a b.zip"),
        ('<a href="/attachment.php?aid=5" title="a.pdf">Download</a>', "a.pdf"),
        ('<a href="/attachment.php?aid=5">Download</a>', ""),
        ('<a href="/attachments/a-b-jpg.5/"></a>', "a-b.jpg"),
        ('<li><a href="/attachments/x.5/"></a><span class="file-name" title="a.rar">a…</span></li>', "a.rar"),
    ],
)
def test_names_are_those_the_page_tells(link: str, name: str) -> None:
    (one,) = found("", link)

    assert (one.id, one.name) == ("5", name)


@pytest.mark.parametrize(
    ("path", "identity", "url"),
    [
        ("/attachments/a-jpg.31/", "31", "/attachments/a-jpg.31/"),
        ("/index.php?attachments/a-jpg.31/", "31", "/index.php?attachments/a-jpg.31/"),
        ("/attachment.php?attachmentid=31&stc=1&d=17&thumb=1", "31", "/attachment.php?attachmentid=31"),
        ("/filedata/fetch?id=31&d=17&type=thumb", "31", "/filedata/fetch?id=31"),
        ("/download/file.php?id=31&t=1&mode=view", "31", "/download/file.php?id=31"),
        ("/x/attachment.php?id=31&key=5e1a", "31", "/x/attachment.php?id=31&key=5e1a"),
        (
            "/index.php?action=dlattach;topic=7.0;attach=31;image",
            "31",
            "/index.php?action=dlattach;topic=7.0;attach=31",
        ),
        ("/attachment.php?aid=31", "31", "/attachment.php?aid=31"),
        ("/uploads/default/optimized/1X/5e1a_2_690x388.jpeg", "", "/uploads/default/original/1X/5e1a.jpeg"),
        ("/assets/uploads/files/17-a-resized.jpg", "", "/assets/uploads/files/17-a.jpg"),
        ("/media/spirit/files/1/a.zip", "", "/media/spirit/files/1/a.zip"),
    ],
)
def test_uploads_are_known_by_their_addresses(path: str, identity: str, url: str) -> None:
    base = "https://forum.example.org"
    upload = attachment(base + path)

    assert upload is not None
    assert (upload.id, upload.url, upload.thumbnail) == (identity, base + url, False)


@pytest.mark.parametrize(
    ("path", "identity"),
    [("/data/attachments/0/31-5e1a.jpg", "data-31"), ("/attachment.php?thumbnail=31", "31")],
)
def test_a_bare_thumbnail_is_known_as_one(path: str, identity: str) -> None:
    upload = attachment("https://forum.example.org" + path)

    assert upload is not None
    assert (upload.id, upload.thumbnail) == (identity, True)


def test_a_thumbnail_whose_full_file_is_nowhere_is_taken() -> None:
    url = "https://forum.example.org/data/attachments/0/31-5e1a.jpg"

    assert found('<img src="/data/attachments/0/31-5e1a.jpg">') == [
        Media(url, MediaRole.ATTACHMENT, "data-31", "31-5e1a.jpg", url)
    ]


def test_an_embed_page_of_the_forum_gives_the_page_it_embeds() -> None:
    page = "/index.php?app=core&module=system&controller=embed&url=https%3A%2F%2Fvimeo.com%2F42"
    html = f'<iframe data-embed-src="{page}"></iframe>'

    assert short(html) == [("embed", "https://vimeo.com/42")]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://a.example/attachment.php",
        "https://a.example/x.jpg",
        "https://a.example/file.php?id=3",
    ],
)
def test_other_addresses_are_no_uploads(url: str) -> None:
    assert attachment(url) is None


def test_uploads_of_other_forums_are_links() -> None:
    assert short('<a href="https://other.example/attachment.php?aid=5">theirs</a>') == [
        ("link", "https://other.example/attachment.php?aid=5")
    ]


_TAGS = st.sampled_from(
    ["<a href='{}'>", "</a>", "<img src='{}'>", "<img data-src='{}' src='/spacer.gif'>", "<video src='{}'>",
     "<iframe src='{}'>",
     "<div class=bbImageWrapper data-src='{}'>", "</div>", "<source src='{}'>", "<img src='{}' title='{}.jpg'>"]
)  # fmt: skip
_HREFS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            PIC,
            "/attachments/a-jpg.31/",
            "//x",
            "http://[::1",
            "/attachment.php?aid=5",
            "https://é.example/ü.jpg",
            "?",
        ]
    ),
)


@given(st.lists(st.tuples(_TAGS, _HREFS), max_size=12))
def test_whatever_a_body_holds_media_are_web_addresses_and_single(parts: list[tuple[str, str]]) -> None:
    html = "".join(tag.replace("{}", href.replace("'", "")) for tag, href in parts)

    media = found(html, html)

    assert len({one.id for one in media}) == len(media)
    for one in media:
        assert one.url.startswith(("http://", "https://"))
        assert one.url.isascii()
        assert one.thumbnail_url == "" or one.thumbnail_url.startswith(("http://", "https://"))
        assert "\n" not in one.name
