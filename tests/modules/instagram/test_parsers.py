"""The pure parsers of all ways: known shapes give known files, and nothing else than a DownloadError ever comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import Challenge, DownloadError, GeoBlocked, MediaNotFound, Private, SiteChanged
from mediadl.modules.instagram import hub, imginn, nodes, shape, storynavigation, toolzu
from mediadl.modules.instagram.media import MediaRef

CDN = "https://scontent-x.cdninstagram.com/v/t51/"
PK = "1810369531748018058"
CODE = "BkfuX9UB-eK"


def picture(number: int, **more: Any) -> dict[str, Any]:
    return {
        "media_type": 1,
        "pk": f"181036953174801806{number}",
        "original_width": 1080,
        "original_height": 1350,
        "image_versions2": {
            "candidates": [
                {"url": f"{CDN}small_{number}.jpg", "width": 320, "height": 400},
                {"url": f"{CDN}111_{number}_333_n.jpg", "width": 1080, "height": 1350},
            ]
        },
        **more,
    }


def film(number: int) -> dict[str, Any]:
    versions = [{"url": f"{CDN}v{number}.mp4", "width": 720, "height": 1280}]
    return picture(number, media_type=2, video_versions=versions, video_duration=7.5)


APP_POST = {
    "pk": f"{PK}_42",
    "code": CODE,
    "taken_at": 1530032900,
    "media_type": 8,
    "caption": {"text": "Sonne \N{BLACK SUN WITH RAYS} \u0634\u0645\u0633"},
    "user": {"username": "Bob"},
    "carousel_media": [picture(1), film(2)],
}
WEB_POST = {
    "__typename": "GraphSidecar",
    "id": PK,
    "shortcode": CODE,
    "owner": {"username": "bob"},
    "taken_at_timestamp": 1530032900,
    "display_url": f"{CDN}111_1_333_n.jpg",
    "edge_media_to_caption": {"edges": [{"node": {"text": "Sonne"}}]},
    "edge_sidecar_to_children": {
        "edges": [
            {
                "node": {
                    "id": "18103695317480180601",
                    "display_url": f"{CDN}111_1_333_n.jpg",
                    "is_video": False,
                }
            },
            {
                "node": {
                    "id": "18103695317480180602",
                    "display_url": f"{CDN}c.jpg",
                    "video_url": f"{CDN}v2.mp4",
                }
            },
        ]
    },
}


def test_a_carousel_of_the_app_gives_its_slides_and_the_largest_version_of_each() -> None:
    first, second = nodes.of_app(APP_POST)

    assert first == MediaRef(
        (f"{CDN}111_1_333_n.jpg",),
        pk="1810369531748018061",
        code=CODE,
        post=PK,
        slide=1,
        owner="bob",
        taken_at=1530032900.0,
        caption="Sonne \N{BLACK SUN WITH RAYS} \u0634\u0645\u0633",
        width=1080,
        height=1350,
    )
    assert (second.is_video, second.urls, second.slide, second.duration_s) == (
        True,
        (f"{CDN}v2.mp4",),
        2,
        7.5,
    )


def test_a_carousel_of_the_web_does_not_repeat_its_first_slide() -> None:
    refs = nodes.of_web(WEB_POST)

    assert [(ref.slide, ref.is_video) for ref in refs] == [(1, False), (2, True)]
    assert refs[1].urls == (f"{CDN}v2.mp4",)


def test_a_caption_may_be_a_text_or_a_record() -> None:
    assert nodes.of_app(picture(1, caption="plain"))[0].caption == "plain"
    assert nodes.of_app(picture(1, caption=None))[0].caption == ""


@pytest.mark.parametrize("cursor", ["None", "", None])
def test_the_last_page_of_the_hub_has_no_cursor_however_it_says_so(cursor: str | None) -> None:
    page = hub.posts(
        {
            "result": {
                "edges": [{"node": WEB_POST}],
                "page_info": {"has_next_page": True, "end_cursor": cursor},
            }
        }
    )

    assert len(page.refs) == 2
    assert page.cursor == ""


def test_the_hub_goes_on_at_its_cursor_only_while_there_is_more() -> None:
    def cursor(more: object) -> str:
        info = {"has_next_page": more, "end_cursor": "QVFE"}
        return hub.posts({"result": {"edges": [{"node": WEB_POST}], "page_info": info}}).cursor

    assert (cursor(True), cursor(False)) == ("QVFE", "")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"code": "REQUEST_SIGNATURE_EXPIRED"}, SiteChanged),
        (422, {"code": "CAPTCHA_REQUIRED", "challenge": {}}, Challenge),
        (451, {}, GeoBlocked),
        (200, {"success": False, "response_type": "link not found"}, MediaNotFound),
        (200, {"success": False}, SiteChanged),
        (200, {"result": []}, type(None)),
    ],
)
def test_the_hubs_refusals_have_their_classes(status: int, body: dict[str, Any], error: type) -> None:
    assert type(hub.trouble(status, body)) is error


def test_the_hub_tells_of_accounts_stories_highlights_and_single_posts() -> None:
    user = {"pk": 42, "username": "Bob", "is_private": False, "media_count": "6k"}
    account = hub.account({"result": [{"user": user}]})
    stories = hub.stories({"result": [picture(1, taken_at=1530032900), film(2)]})
    bubbles = hub.highlights({"result": [{"id": "highlight:17", "title": "Trips", "media_count": 3}]})
    part = {
        "url": [{"url": f"{CDN}a.mp4", "ext": "mp4"}],
        "meta": {"shortcode": CODE, "taken_at": "1530032900"},
    }

    assert (account.name, account.pk, account.posts) == ("bob", "42", 6000)
    assert [(ref.part, ref.is_video, ref.slide) for ref in stories] == [
        ("story", False, 0),
        ("story", True, 0),
    ]
    assert bubbles == [hub.Bubble("17", "Trips", 3)]
    assert [(ref.slide, ref.taken_at) for ref in hub.converted([part, part])] == [
        (1, 1530032900),
        (2, 1530032900),
    ]
    assert hub.converted(part)[0].slide == 0
    with pytest.raises(MediaNotFound):
        hub.account({"result": []})


def grid(area: str, more: str = "", count: str = "15") -> bytes:
    return (
        f'<div class="userinfo" data-name="bob"><div class="bio">this account is private</div>'
        f'<div class="counter-item"><span class="num">{count}</span></div></div>'
        f'<div class="items">{area}</div>{more}'
    ).encode()


CARD = f'<div class="item"><div class="img"><a href="/p/{CODE}/"><img alt="Sonne"></a></div></div>'


def test_an_account_at_imginn_is_its_cards_and_where_the_list_goes_on() -> None:
    found = imginn.grid(grid(CARD, '<div class="load-more" data-id="42" data-cursor="c1"></div>'), "bob")

    assert found.cards == (imginn.Card(CODE, "Sonne"),)
    assert (found.user_id, found.cursor, found.empty, found.account.posts) == ("42", "c1", False, 15)


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (grid("<p>This account is private</p>"), Private),
        (grid(""), SiteChanged),
        (b"<div class='new'></div>", SiteChanged),
        (b"<h1>Page not found</h1>", MediaNotFound),
        (grid("")[:30], SiteChanged),
        (b"", SiteChanged),
    ],
)
def test_what_imginn_does_not_show_has_its_class(page: bytes, error: type[DownloadError]) -> None:
    with pytest.raises(error):
        imginn.grid(page, "bob")


def test_an_empty_account_at_imginn_says_so_or_counts_none() -> None:
    assert imginn.grid(grid("<p>No posts yet</p>"), "bob").empty
    assert imginn.grid(grid("", count="0"), "bob").empty


def test_imginns_list_keeps_pinned_owners_dates_and_counts_as_people_write_them() -> None:
    one = {
        "id": PK, "code": CODE, "owner": {"username": "Bob"}, "alt": "Sonne", "date": 1530032900, "isPind": True,
        "likeCount": "6k", "isVideo": False, "isSidecar": False, "src": f"{CDN}111_1_333_n.jpg", "srcs": [],
    }  # fmt: skip
    page = imginn.posts({"code": 200, "items": [one], "hasNext": True, "cursor": "None"})

    (ref,) = page.refs
    assert (ref.pinned, ref.owner, ref.taken_at, ref.post) == (True, "bob", 1530032900.0, PK)
    assert page.cursor == ""
    assert not imginn.needs_page([ref])
    assert imginn.posts({"code": 200, "items": [], "hasNext": False, "cursor": ""}).refs == ()


def test_a_post_at_imginn_has_one_file_per_medium_in_their_order() -> None:
    page = (
        f'<div class="page-post" data-created="1530032900"><div class="media-wrap"><img data-src="{CDN}a.jpg"'
        f' src="/blank.gif"></div><div class="media-wrap"><video src="{CDN}b.mp4" poster="{CDN}c.jpg"></video></div>'
        '<div class="desc">Sonne</div></div>'
    )

    refs = imginn.post(page, CODE)

    assert [(ref.urls, ref.is_video, ref.slide) for ref in refs] == [
        ((f"{CDN}a.jpg",), False, 1),
        ((f"{CDN}b.mp4",), True, 2),
    ]
    assert {ref.caption for ref in refs} == {"Sonne"}


def test_storynavigation_names_dates_in_words_and_hides_the_place_of_slides() -> None:
    one = {"id": CODE, "type": "sidecar", "createdTime": "26 June 2018 17:08:20", "caption": "x"}
    slides = [{"thumbnailUrl": f"{CDN}111_1_333_n.jpg"}, f"{CDN}111_2_333_n.jpg"]

    refs = storynavigation.posts([one | {"sidecarItems": slides}], "bob")

    assert [ref.taken_at for ref in refs] == [1530032900.0] * 2
    assert [str(ref.names[0]) for ref in refs] == ["instagram:111_1_333_n:0", "instagram:111_2_333_n:0"]
    assert storynavigation.moment("31 February 2018 17:08:20") is None
    assert storynavigation.moment("26 Juni 2018 17:08:20") is None


def test_toolzus_cards_tell_a_file_and_its_kind() -> None:
    page = (
        '<div id="ajax-results"><div class="download-card"><i class="fa fa-image"></i>'
        f'<a download href="{CDN}111_1_333_n.jpg">x</a></div><div class="download-card">'
        f'<i class="fa-play-circle"></i><a download href="https://cdn-s1.toolzu.com/media/b.mp4?url={CDN}b.mp4">'
        "x</a></div></div>"
    )

    refs = toolzu.cards(page, "bob")

    assert [(ref.is_video, ref.urls[0]) for ref in refs] == [
        (False, f"{CDN}111_1_333_n.jpg"),
        (True, f"{CDN}b.mp4"),
    ]
    assert toolzu.cards('<div id="ajax-results"></div>', "bob") == []
    with pytest.raises(SiteChanged):
        toolzu.cards('<div id="ajax-results"><div class="download-card"></div></div>', "bob")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("6k", 6000),
        ("104.3K", 104_300),
        ("269M", 269_000_000),
        ("1,204", 1204),
        (7, 7),
        ("many", None),
        (True, None),
    ],
)
def test_counts_are_read_as_people_write_them(written: object, number: int | None) -> None:
    assert shape.count(written) == number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["result", "items", "edges", "node", "user", "pk", "id", "code", "url", "media_type", "image_versions2",
             "candidates", "carousel_media", "page_info", "username", "srcs", "isSidecar", "src", "caption",
             "sidecarItems", "type", "createdTime", "success", "edge_sidecar_to_children", "display_url", "video_url"]
        ),
        inner | st.just(f"{CDN}111_2_333_n.jpg"),
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip
JSON_PARSERS: list[Callable[[Any], object]] = [
    hub.account, hub.posts, hub.stories, hub.highlights, hub.converted, lambda data: hub.trouble(200, data),
    imginn.posts, lambda data: storynavigation.account(data, "bob"), lambda data: storynavigation.posts(data, "bob"),
]  # fmt: skip
PAGE_PARSERS: list[Callable[[Any], object]] = [
    lambda data: imginn.grid(data, "bob"), lambda data: imginn.post(data, "x"),
    lambda data: imginn.stories(data, "bob"), imginn.highlights, lambda data: toolzu.cards(data, "bob"),
]  # fmt: skip


def harmless(parse: Callable[[Any], object], data: object) -> None:
    try:
        found = parse(data)
    except DownloadError:
        return
    for ref in found if isinstance(found, list) else getattr(found, "refs", ()):
        if isinstance(ref, MediaRef):
            assert ref.urls
            assert all(url.startswith(("https://", "http://")) for url in ref.urls)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_json_whatever_brings_another_error(data: object) -> None:
    for parse in JSON_PARSERS:
        harmless(parse, json.dumps(data).encode())
        if isinstance(data, dict):
            harmless(parse, data)
            harmless(parse, {"result": data, "items": [data]})


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_bring_another_error(data: bytes) -> None:
    for parse in (*JSON_PARSERS, *PAGE_PARSERS):
        harmless(parse, data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 700), st.integers(0, 700), st.binary(max_size=20))
def test_no_page_cut_or_mangled_brings_another_error(start: int, length: int, filling: bytes) -> None:
    page = (
        grid(CARD * 3, '<div class="load-more" data-id="42"></div>')
        + (
            f'<div class="page-post" data-created="x"><div class="media-wrap"><img src="{CDN}a.jpg"></div></div>'
            f'<div id="ajax-results"><div class="download-card"><a download href="{CDN}a.jpg"></a></div></div>'
        ).encode()
    )
    for parse in PAGE_PARSERS:
        harmless(parse, page[:start] + filling + page[start + length :])
