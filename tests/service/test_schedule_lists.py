"""Lists of sources by other programs: OPML and CSV."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.service import schedule_lists as lists
from mediadl.service.schedule_texts import Listed

SUBSCRIPTIONS = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title> My subscriptions </title></head><body>
<outline text="YouTube" title="YouTube">
<outline text="NASA" title="NASA" type="rss" xmlUrl="https://www.youtube.com/feeds/videos.xml?channel_id=UC123"/>
<outline text="Mix" type="rss" xmlUrl="https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"/>
</outline>
<outline text="A blog" type="rss" xmlUrl="https://example.org/feed.xml" htmlUrl="https://example.org/"/>
<outline text="Photos" type="rss" xmlUrl="https://bridge.example/x.xml" htmlUrl="https://www.instagram.com/nasa/"/>
<outline text="A page" htmlUrl="https://example.net/@anna"/>
</body></opml>
"""


def test_opml_of_feed_readers_names_channels_feeds_and_pages() -> None:
    title, found = lists.opml(SUBSCRIPTIONS, "subs.opml")

    assert title == "My subscriptions"
    assert [(one.source, one.title, one.line) for one in found] == [
        ("https://www.youtube.com/channel/UC123", "NASA", 4),
        ("https://www.youtube.com/playlist?list=PL1", "Mix", 5),
        ("https://example.org/feed.xml", "A blog", 7),
        ("https://www.instagram.com/nasa/", "Photos", 8),
        ("https://example.net/@anna", "A page", 9),
    ]


BILLION = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" if n else "&a;"}">' * 1 for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "<?xml version='1.0'?>\n" + BILLION + "]>\n<opml>&a9;</opml>",
            "line 2: document types and entities",
        ),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">\n<opml/>', "line 1: document types and entities"),
        ("<opml>" + "<outline>" * 200, "line 1: nested too deeply"),
        ("<opml>\n<body>\n</opml>", "line 3: mismatched tag"),
        ("<rss/>", "line 1: not OPML"),
        ("", "line 1: no element found"),
        ("<opml>&what;</opml>", "line 1: undefined entity"),
        ("<opml>" + "<outline url='a:b'/>" * 10_001 + "</opml>", "line 1: more than 10000 sources"),
    ],
)
@pytest.mark.timeout(20)
def test_hostile_opml_is_refused_in_one_line_and_at_once(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lists.opml(text, "x.opml")

    assert refused.value.message.startswith(f"x.opml, {why}")


def test_a_declared_encoding_changes_nothing() -> None:
    assert lists.opml('<?xml version="1.0" encoding="utf-16"?>\n<opml><outline url="x:é"/></opml>', "x")[
        1
    ] == [Listed("x:é", "", 2)]


def test_takeout_and_spreadsheets_are_read() -> None:
    takeout = (
        "Channel Id,Channel Url,Channel Title\nUC1,http://www.youtube.com/channel/UC1,One\n\nUC2,u:2,Two\n"
    )
    sheet = "url;name;every;max items\ninstagram:a;x;6h;5\ninstagram:b;x;;\n"
    plain = "# mine\ninstagram:a\ntiktok:@b\n"

    assert [(one.source, one.title, one.line) for one in lists.table(takeout, "t.csv")] == [
        ("http://www.youtube.com/channel/UC1", "One", 2),
        ("u:2", "Two", 4),
    ]
    assert [(one.source, dict(one.further)) for one in lists.table(sheet, "t.csv")] == [
        ("instagram:a", {"name": "x", "every": "6h", "max_items": "5"}),
        ("instagram:b", {"name": "x"}),
    ]
    assert [(one.source, one.line) for one in lists.table(plain, "t.csv")] == [
        ("instagram:a", 2),
        ("tiktok:@b", 3),
    ]
    german = "Kanal-ID,Kanal-URL,Kanaltitel\nUC1,http://www.youtube.com/channel/UC1,Eins\n"
    assert [one.source for one in lists.table(german, "t.csv")] == ["http://www.youtube.com/channel/UC1"]
    assert lists.table("", "t.csv") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("foo,bar\n1,2\n", "line 1: no column is called url or source"),
        ("url,evry\na:b,6h\n", "line 1: column 'evry': no word 'evry'; did you mean every?"),
        ("url,name\n,x\n", "line 2: there is no address in this line"),
        ('url\n"a', "line 2: unexpected end of data"),
        ("url\n" + "a" * 30_000, "line 2: a cell is too long"),
        ("url\n" + "a:b\n" * 10_002, "line 10002: more than 10000 lines"),
    ],
)
def test_csv_that_cannot_be_used_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lists.table(text, "x.csv")

    assert refused.value.message.startswith(f"x.csv, {why}")


@given(text=st.text(max_size=200) | st.text("<>/ opmlutine='\"&;!DOCTYPE[]x:\n", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (lists.opml, lists.table):
        with contextlib.suppress(InvalidInput):
            read(text, "x")
