"""What is kept of a post's HTML cannot act, leads where it says, and still reads the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mediadl.modules.forum.document import readable
from mediadl.modules.forum.markup import harmless

BASE = "https://forum.example.org/viewtopic.php?t=7"
SID = "0123456789abcdef0123456789abcdef"


def kept(text: str) -> str:
    body = LexborHTMLParser(f"<div id=body>{text}</div>").css_first("#body")
    assert body is not None
    return harmless(body, BASE)


@pytest.mark.parametrize(
    ("given_html", "wanted"),
    [
        ("<p onclick=x()>Hi &amp; <b class=x>you</b></p>", "<p>Hi &amp; <b>you</b></p>"),
        ("<script>x()</script>a<style>b</style>", "a"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        (
            f'<a href="./x.php?id=3&amp;sid={SID}">a</a>',
            '<a href="https://forum.example.org/x.php?id=3" rel="noreferrer">a</a>',
        ),
        (
            '<a href="/redirect/?to=aHR0cHM6Ly9ob3N0LmV4YW1wbGUvYQ">a</a>',
            '<a href="https://host.example/a" rel="noreferrer">a</a>',
        ),
        (
            '<img src="/spacer.png" data-src="/a.jpg" onerror="x()">',
            '<img src="https://forum.example.org/a.jpg">',
        ),
        ('<img class="smilie" src="/s.gif" alt=":)">', ":)"),
        ("<font color=red>a</font><center>b</center>", "ab"),
        (
            '<iframe src="//player.example/1"></iframe>',
            '<a href="https://player.example/1" rel="noreferrer">https://player.example/1</a>',
        ),
        ('<svg onload="x()"><a>b</a></svg><form action="/x">c<input></form>', "c"),
        ("<p title='\"><script>'>a</p>", '<p title="&quot;&gt;&lt;script&gt;">a</p>'),
        ("a<br>b<hr>c", "a<br>b<hr>c"),
        ("", ""),
    ],
)
def test_only_plain_markup_stays(given_html: str, wanted: str) -> None:
    assert kept(given_html) == wanted


_PARTS = st.sampled_from(
    [
        "<script>", "</script>", "<p onmouseover=x()>", "</p>", "<a href='javascript:x'>", "</a>", "<svg>", "<style>",
        "<img src=x onerror=y>", "<!--", "-->", "<iframe srcdoc='<script>'>", "<math><mi>", "<template>", "<table><td>",
        "<b title='<script>'>",
        "<noscript><p title='</noscript><img src=x onerror=y>'>", "<textarea>", "<base href=//x>",
        "&lt;script&gt;", "<a href=' &#1;javascript:x'>",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(_PARTS, st.text(max_size=10)), max_size=20).map("".join))
def test_nothing_that_acts_survives_another_parser(text: str) -> None:
    again = LexborHTMLParser(kept(text), scripting=True)
    quiet = LexborHTMLParser(kept(text))

    for tree in (again, quiet):
        assert (
            tree.css(
                "script, style, iframe, svg, math, object, embed, base, link, meta[http-equiv], form, template"
            )
            == []
        )
        for node in tree.css("body *"):
            for name, value in node.attributes.items():
                assert not name.startswith("on")
                assert name in {
                    "title",
                    "alt",
                    "href",
                    "src",
                    "rel",
                    "colspan",
                    "rowspan",
                    "datetime",
                    "start",
                    "dir",
                    "lang",
                }
                assert name not in {"href", "src"} or re.match(r"https?://", value or "")


def test_text_stays_readable() -> None:
    body = LexborHTMLParser(
        "<div>One<p>two <b>three</b></p><script>no</script><ul><li>four</li></ul>five</div>"
    ).body
    assert body is not None

    assert readable(body) == "One\ntwo three\nfour\nfive"


def test_a_body_without_end_is_cut() -> None:
    assert len(kept("<p>word word word</p>" * 100_000)) < 2_000_000
