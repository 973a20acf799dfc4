"""Page fragments of forum programs, written for the tests: names, ids and shapes are the programs', the words are not.

Every sample shows the same three posts on page 1 of 3: ann shows a picture and links to a host, ben quotes, links a
thumbnail to its full picture and signs, cleo attaches a picture and an archive.
"""

# ruff: noqa: E501 - markup reads best in one piece

from __future__ import annotations

from dataclasses import dataclass, field

from mediadl.modules.web import Answer

NOW = 1_795_420_800.0
"""23 November 2026, 08:00 UTC."""
AT = 1_795_357_500.0
"""22 November 2026, 14:25 UTC: when every post was written."""
PICTURE = "https://pics.example.net/a.jpg"
LINK = "https://imgur.com/abc1234"
FULL = "https://pics.example.net/full/b.jpg"
SMALL = "https://pics.example.net/small/b.jpg"
SID = "0123456789abcdef0123456789abcdef"
LINKED = f'<a href="{FULL}"><img src="{SMALL}" alt=""></a>'
PLAIN_LINK = f'<a href="{LINK}">imgur.com/ab…</a>'
QUOTED = 'Quoted words <img src="https://pics.example.net/quoted.jpg" alt="">'
SIGNED = (
    'Signed words <a href="https://imgur.com/ben"><img src="https://pics.example.net/sign.jpg" alt=""></a>'
)


@dataclass(frozen=True)
class Sample:
    """A page of one program and what must be read from it."""

    software: str
    url: str
    page: str
    next: str
    guest: str
    """What of the page says that a visitor reads it."""
    member: str
    """The same for a member."""
    login_url: str
    board: str
    """A page of a board with the threads 7 and 8, and a link to its second page."""
    board_url: str
    thread: str = ""
    """Canonical address of the thread; empty: `url`."""
    attached: tuple[str, ...] = ("31", "32")
    wall: str = ""
    """What the program says to visitors in place of a thread."""
    title: str = "Old roads"
    small: str = ""
    """Thumbnail of the attached picture."""
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, page: str = "", url: str = "", status: int = 200) -> Answer:
        """The page as it comes over the wire."""
        headers = {"content-type": "text/html; charset=utf-8", **self.headers}
        return Answer(url or self.url, status, headers, (page or self.page).encode())


def answer(page: str, url: str = "https://forum.example.org/x", status: int = 200, *hops: str) -> Answer:
    """Any page as it comes over the wire."""
    return Answer(url, status, {"content-type": "text/html"}, page.encode(), hops)


def _xenforo() -> Sample:
    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<article class="message message--post" data-author="{author}" data-content="post-{100 + number}">'
            f'<a class="avatar" data-user-id="{10 + number}"><img src="/data/avatars/m/0/1.jpg" class="avatar-u1"></a>'
            f'<h4><a href="/members/{author}.{10 + number}/" class="username" data-user-id="{10 + number}">{author}</a></h4>'
            '<header class="message-attribution"><time class="u-dt" datetime="2026-11-22T15:25:00+0100" '
            'data-timestamp="1795357500">Yesterday at 3:25 PM</time><ul class="message-attribution-opposite">'
            f'<li><a href="/threads/old-roads.7/post-{100 + number}">#{number}</a></li></ul></header>'
            f'<article class="message-body"><div class="bbWrapper">{body}</div></article>{more}</article>'
        )

    quote = (
        '<blockquote class="bbCodeBlock bbCodeBlock--quote" data-source="post: 101"><div class="bbCodeBlock-title">'
        f"ann said:</div><div>{QUOTED}</div></blockquote>"
    )
    picture = (
        f'<div class="bbImageWrapper" data-src="/proxy.php?image=https%3A%2F%2Fpics.example.net%2Fa.jpg&amp;hash=5e">'
        f'<img src="/proxy.php?image=https%3A%2F%2Fpics.example.net%2Fa.jpg&amp;hash=5e" data-url="{PICTURE}" '
        'class="bbImage" alt=""></div>'
    )
    masked = "/goto/link-confirmation?url=aHR0cHM6Ly9pbWd1ci5jb20vYWJjMTIzNA&amp;s=5e1a"
    files = (
        '<section class="message-attachments"><ul class="attachmentList"><li class="file"><a class="file-preview" '
        'href="/attachments/holiday-jpg.31/"><img src="/data/attachments/0/31-5ea1c0de.jpg" alt="holiday.jpg"></a></li>'
        '<li class="file"><a class="file-preview" href="/attachments/tracks-zip.32/"><i></i></a><div class="file-info">'
        '<span class="file-name" title="tracks.zip">tracks.zip</span></div></li></ul></section>'
    )
    smile = '<img src="/styles/smilies/x.png" class="smilie" data-shortname=":)" alt=":)">'
    posts = (
        post(1, "ann", f'First words {smile}{picture}<a href="{masked}">imgur</a>')
        + post(
            2, "ben", f"{quote}Second words {LINKED}", f'<aside class="message-signature">{SIGNED}</aside>'
        )
        + post(3, "cleo", "Third words", files)
    )
    head = (
        '<html id="XF" data-xf="2.3" data-app="public" data-template="{}" data-content-key="{}" '
        'data-cookie-prefix="xf_" data-logged-in="false"><head><title>Old roads | Walks</title>'
        '<link rel="next" href="{}"></head><body><a href="/login/" class="p-navgroup-link--logIn">Log in</a>'
    )
    pages = (
        '<ul><li class="pageNav-page pageNav-page--current"><a href="/threads/old-roads.7/">1</a></li><li '
        'class="pageNav-page"><a href="/threads/old-roads.7/page-2">2</a></li><li class="pageNav-page">'
        '<a href="/threads/old-roads.7/page-3">3</a></li></ul>'
    )
    base = "https://forum.example.org"
    return Sample(
        software="xenforo2",
        url=f"{base}/threads/old-roads.7/",
        page=head.format("thread_view", "thread-7", "/threads/old-roads.7/page-2")
        + f'<h1 class="p-title-value"><span class="label">New</span>Old roads</h1>{pages}{posts}</body></html>',
        next=f"{base}/threads/old-roads.7/page-2",
        guest='data-logged-in="false"',
        member='data-logged-in="true"',
        login_url=f"{base}/login/",
        board=head.format("forum_view", "forum-2", "/forums/walks.2/page-2")
        + '<div class="structItem--thread"><div class="structItem-title"><a class="labelLink" href="?prefix_id=1">New</a>'
        '<a href="/threads/old-roads.7/" data-tp-primary="on">Old roads</a></div><ul><li>'
        '<a href="/threads/old-roads.7/page-3">3</a></li></ul></div><div class="structItem-title">'
        '<a href="/threads/new-roads.8/unread">New roads</a></div></body></html>',
        board_url=f"{base}/forums/walks.2/",
        wall="You must be logged-in to do that.",
        small=f"{base}/data/attachments/0/31-5ea1c0de.jpg",
    )


def _xenforo1() -> Sample:
    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<li class="message" id="post-{100 + number}" data-author="{author}"><div class="messageUserInfo">'
            f'<a href="members/{author}.{10 + number}/" class="username">{author}</a></div><blockquote '
            f'class="messageText">{body}<div class="messageTextEndMarker">&nbsp;</div></blockquote>{more}'
            '<div class="messageMeta"><abbr class="DateTime" data-time="1795357500">Nov 22, 2026 at 3:25 PM</abbr>'
            f'<a class="postNumber" href="threads/old-roads.7/">#{number}</a></div></li>'
        )

    quote = f'<div class="bbCodeBlock bbCodeQuote"><blockquote>{QUOTED}</blockquote></div>'
    files = (
        '<div class="attachedFiles"><ul><li class="attachment"><a href="attachments/holiday-jpg.31/">'
        '<img src="data/attachments/0/31-5e.jpg" alt="holiday.jpg"></a></li><li class="attachment">'
        '<h6 class="filename"><a href="attachments/tracks-zip.32/">tracks.zip</a></h6></li></ul></div>'
    )
    base = "https://old.example.org"
    head = (
        '<html id="XenForo" class="Public LoggedOut"><head><base href="https://old.example.org/"><title>Old roads | '
        'Walks</title><link rel="next" href="{}"></head><body><div id="headerMover"></div><a href="login/">Log in</a>'
        '<div class="titleBar"><h1>Old roads</h1></div>'
    )
    pages = (
        '<div class="PageNav"><a href="threads/old-roads.7/" class="currentPage">1</a>'
        '<a href="threads/old-roads.7/page-2">2</a><a href="threads/old-roads.7/page-3">3</a></div>'
    )
    return Sample(
        software="xenforo1",
        url=f"{base}/threads/old-roads.7/",
        page=head.format("threads/old-roads.7/page-2")
        + pages
        + post(1, "ann", f'First words <img src="{PICTURE}" class="bbCodeImage" alt=""> {PLAIN_LINK}')
        + post(2, "ben", f"{quote}Second words {LINKED}", f'<div class="signature">{SIGNED}</div>')
        + post(3, "cleo", "Third words", files),
        next=f"{base}/threads/old-roads.7/page-2",
        guest="LoggedOut",
        member="LoggedIn",
        login_url=f"{base}/login/",
        board=head.format("forums/walks.2/page-2")
        + '<li class="discussionListItem"><h3 class="title"><a class="PreviewTooltip" href="threads/old-roads.7/">Old roads'
        '</a></h3></li><li class="discussionListItem"><h3 class="title"><a class="PreviewTooltip" '
        'href="threads/new-roads.8/">New roads</a></h3></li>',
        board_url=f"{base}/forums/walks.2/",
        small=f"{base}/data/attachments/0/31-5e.jpg",
    )


def _phpbb() -> Sample:
    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<div id="p{100 + number}" class="post has-profile bg2"><div class="inner"><dl class="postprofile" '
            f'id="profile{100 + number}"><dt><a href="./memberlist.php?mode=viewprofile&amp;u={10 + number}&amp;sid={SID}" '
            f'class="username">{author}</a></dt></dl><div class="postbody"><div id="post_content{100 + number}">'
            f'<h3><a href="./viewtopic.php?p={100 + number}&amp;sid={SID}#p{100 + number}">Re: Old roads</a></h3>'
            f'<p class="author">by <strong><a class="username" href="./memberlist.php?u={10 + number}">{author}</a></strong> » '
            '<time datetime="2026-11-22T14:25:00+00:00">Sun Nov 22, 2026 2:25 pm</time></p>'
            f'<div class="content">{body}</div>{more}</div></div></div></div>'
        )

    files = (
        '<dl class="attachbox"><dt>Attachments</dt><dd><dl class="thumbnail"><dt><a href="./download/file.php?id=31&amp;'
        f'sid={SID}&amp;mode=view"><img src="./download/file.php?id=31&amp;t=1&amp;sid={SID}" class="postimage" '
        'alt="holiday.jpg" title="holiday.jpg (10.8 KiB) Viewed 12 times"></a></dt></dl></dd><dd><dl class="file"><dt>'
        f'<img src="./images/upload_icons/zip.gif" alt=""><a class="postlink" href="./download/file.php?id=32&amp;sid={SID}">'
        "tracks.zip</a></dt><dd>(1 KiB) Downloaded 3 times</dd></dl></dd></dl>"
    )
    smile = '<img class="smilies" src="./images/smilies/icon_smile.gif" alt=":)">'
    base = "https://board.example.org/phpBB3"
    head = (
        '<html lang="en"><head><title>Old roads - Walks</title></head><body id="phpbb" class="nojs section-view{}">'
        f'<a href="./ucp.php?mode=login&amp;sid={SID}" title="Login">Login</a><h1>Walks</h1><div id="page-body">'
        '<h2 class="{}-title"><a href="./viewtopic.php?t=7">Old roads</a></h2>'
    )
    pages = (
        '<div class="pagination">52 posts <ul><li class="active"><span>1</span></li><li><a class="button" '
        f'href="./viewtopic.php?t=7&amp;sid={SID}&amp;start=20">2</a></li><li><a class="button" '
        f'href="./viewtopic.php?t=7&amp;sid={SID}&amp;start=40">3</a></li><li class="arrow next"><a class="button" '
        f'rel="next" href="./viewtopic.php?t=7&amp;sid={SID}&amp;start=20">Next</a></li></ul></div>'
    )
    return Sample(
        software="phpbb3",
        url=f"{base}/viewtopic.php?f=2&t=7&sid={SID}",
        thread=f"{base}/viewtopic.php?t=7",
        page=head.format("topic", "topic")
        + pages
        + post(1, "ann", f'First words {smile}<img src="{PICTURE}" class="postimage" alt="Image"> {PLAIN_LINK}')
        + post(
            2, "ben", f"<blockquote><div><cite>ann wrote:</cite>{QUOTED}</div></blockquote>Second words {LINKED}",
            f'<div id="sig102" class="signature">{SIGNED}</div>',
        )
        + post(3, "cleo", "Third words", files),
        next=f"{base}/viewtopic.php?t=7&start=20",
        guest="ucp.php?mode=login",
        member="ucp.php?mode=logout",
        login_url=f"{base}/ucp.php?mode=login",
        board=head.format("forum", "forum")
        + f'<a href="./viewtopic.php?t=7&amp;sid={SID}" class="topictitle">Old roads</a><a href="./viewtopic.php?f=2&amp;t=8" '
        f'class="topictitle">New roads</a><li class="arrow next"><a rel="next" href="./viewforum.php?f=2&amp;sid={SID}&amp;'
        'start=25">Next</a></li>',
        board_url=f"{base}/viewforum.php?f=2",
        wall="You need to login in order to view this forum. You are not authorised to read this forum.",
        small=f"{base}/download/file.php?id=31&t=1",
        headers={"set-cookie": "phpbb3_x1y2z_u=1; path=/"},
    )  # fmt: skip


def _invision(version: int) -> Sample:
    new = version == 5
    base = f"https://ips{version}.example.org"
    spacer = f"{base}/applications/core/interface/js/spacer.png"

    def post(number: int, author: str, body: str, more: str = "") -> str:
        name = (
            f'<h3 class="ipsEntry__username"><a href="{base}/profile/{10 + number}-{author}/">{author}</a></h3>'
            if new
            else f'<h3 class="cAuthorPane_author"><strong><a href="{base}/profile/{10 + number}-{author}/">{author}</a></strong></h3>'
        )
        return (
            f'<article id="elComment_{100 + number}" class="{"ipsEntry" if new else "cPost ipsComment"}"><aside>{name}'
            f'<img src="{base}/uploads/avatars/1.jpg" alt="{author}"></aside><div data-commentid="{100 + number}">'
            f'<time datetime="2026-11-22T14:25:00Z" title="11/22/26 02:25 PM">17 hours ago</time>'
            f'<div data-role="commentContent">{body}</div>{more}</div></article>'
        )

    files = (
        f'<p><a class="ipsAttachLink ipsAttachLink_image" href="{base}/uploads/monthly_2026_11/holiday.jpg.5e.jpg" '
        f'data-fileid="31" data-fileext="jpg"><img src="{spacer}" data-src="{base}/uploads/monthly_2026_11/holiday.thumb.jpg" '
        f'data-fileid="31" alt="holiday.jpg"></a></p><p><a class="ipsAttachLink" data-fileid="32" data-fileext="zip" '
        f'href="{base}/applications/core/interface/file/attachment.php?id=32&amp;key=5e1a">tracks.zip</a></p>'
    )
    quote = f'<blockquote class="ipsQuote" data-ipsquote=""><div class="ipsQuote_contents"><p>{QUOTED}</p></div></blockquote>'
    smile = f'<img alt=":)" data-emoticon="" src="{spacer}" data-src="{base}/uploads/emoticons/smile.png">'
    kind = "__" if new else "_"
    pages = (
        f'<ul class="ipsPagination"><li class="ipsPagination{kind}page ipsPagination{kind}active"><a href="#">1</a></li>'
        f'<li class="ipsPagination{kind}page"><a href="{base}/topic/7-old-roads/page/3/" data-page="3">3</a></li>'
        f'<li class="ipsPagination{kind}next"><a href="{base}/topic/7-old-roads/page/2/" rel="next">Next</a></li></ul>'
    )
    heading = "ipsPageHeader__title" if new else "ipsType_pageTitle"
    head = (
        "<html><head><title>Old roads - Walks</title>{}</head><body class='ipsApp' data-pageapp='forums' data-pageid='7'>"
        f'<a href="{base}/login/" id="elUserSignIn">Sign In</a><h1 class="{heading}">Old roads</h1>'
    )
    foot = '<p id="elCopyright"></p></body></html>'
    lists = "ipsData__title" if new else "ipsDataItem_title"
    return Sample(
        software=f"invision{version}",
        url=f"{base}/topic/7-old-roads/",
        page=head.format("")
        + pages
        + post(
            1,
            "ann",
            f'First words {smile}<img src="{spacer}" data-src="{PICTURE}" class="ipsImage" alt=""> {PLAIN_LINK}',
        )
        + post(2, "ben", f"{quote}Second words {LINKED}", f'<div data-role="memberSignature">{SIGNED}</div>')
        + post(3, "cleo", f"Third words {files}")
        + foot,
        next=f"{base}/topic/7-old-roads/page/2/",
        guest='id="elUserSignIn"',
        member='id="elUserLink"',
        login_url=f"{base}/login/",
        board=head.format(f'<link rel="next" href="{base}/forum/2-walks/page/2/">')
        + f'<h4 class="{lists}"><a href="{base}/topic/7-old-roads/">Old roads</a></h4>'
        f'<h4 class="{lists}"><a href="{base}/topic/8-new-roads/">New roads</a></h4>{foot}',
        board_url=f"{base}/forum/2-walks/",
        wall="Sorry, you do not have permission to view this content.",
        small=f"{base}/uploads/monthly_2026_11/holiday.thumb.jpg",
    )


def _vbulletin3() -> Sample:
    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<table id="post{100 + number}" class="tborder"><tr><td class="thead"><a name="post{100 + number}"><img '
            'class="inlineimg" src="images/statusicon/post_old.gif" alt="Old"></a> 22-11-2026, 02:25 PM</td><td '
            f'class="thead" align="right">#<a href="showpost.php?s={SID}&amp;p={100 + number}&amp;postcount={number}"><strong>'
            f"{number}</strong></a></td></tr><tr><td class='alt2'><div><a class='bigusername' "
            f"href='member.php?s={SID}&amp;u={10 + number}'>{author}</a></div><div class='smallfont'>Join Date: Jan 2020</div>"
            f'</td><td class="alt1"><div id="post_message_{100 + number}">{body}</div>{more}</td></tr></table>'
        )

    quote = (
        '<div style="margin:20px"><div class="smallfont">Quote:</div><table><tr><td class="alt2"><div>Originally Posted by '
        f"<strong>ann</strong></div><div>{QUOTED}</div></td></tr></table></div>"
    )
    files = (
        '<div><fieldset class="fieldset"><legend>Attached Thumbnails</legend><a href="attachment.php?'
        f's={SID}&amp;attachmentid=31&amp;d=1795357500" rel="Lightbox"><img class="thumbnail" alt="Click image for larger version'
        '&#10;&#10;Name:&#9;holiday.jpg&#10;Views:&#9;12" src="attachment.php?attachmentid=31&amp;stc=1&amp;thumb=1"></a>'
        '</fieldset><fieldset class="fieldset"><legend>Attached Files</legend><img class="inlineimg" '
        f'src="images/attach/zip.gif" alt="File Type: zip"><a href="attachment.php?s={SID}&amp;attachmentid=32">tracks.zip</a> '
        "(1.0 KB, 3 views)</fieldset></div>"
    )
    base = "https://vb3.example.org"
    head = (
        '<html><head><meta name="generator" content="vBulletin 3.8.11"><title>Old roads - Walks</title></head><body>'
        '<script src="clientscript/vbulletin_global.js"></script><script>var SECURITYTOKEN = "guest";</script>'
        '<form action="login.php?do=login" method="post"><input type="password" name="vb_login_password"></form>'
        '<table><tr><td class="navbar"><strong>Old roads</strong></td></tr></table>'
    )
    pages = (
        '<div class="pagenav"><table><tr><td class="vbmenu_control">Page 1 of 3</td><td class="alt2"><span><strong>1</strong>'
        '</span></td><td class="alt1"><a class="smallfont" href="{0}&amp;page=2">2</a></td><td class="alt1"><a rel="next" '
        'class="smallfont" href="{0}&amp;page=2">&gt;</a></td></tr></table></div>'
    )
    smile = '<img src="images/smilies/smile.gif" class="inlineimg" alt="" title="Smile">'
    return Sample(
        software="vbulletin3",
        url=f"{base}/showthread.php?s={SID}&t=7",
        thread=f"{base}/showthread.php?t=7",
        page=head
        + pages.format(f"showthread.php?s={SID}&amp;t=7")
        + post(1, "ann", f'First words {smile}<img src="{PICTURE}" border="0" alt=""> {PLAIN_LINK}')
        + post(2, "ben", f"{quote}Second words {LINKED}", f"<div>__________________<br>{SIGNED}</div>")
        + post(3, "cleo", "Third words", files),
        next=f"{base}/showthread.php?t=7&page=2",
        guest='SECURITYTOKEN = "guest"',
        member='SECURITYTOKEN = "1795357500-5e1a"',
        login_url=f"{base}/login.php?do=login",
        board=head
        + pages.format("forumdisplay.php?f=2")
        + f'<a href="showthread.php?s={SID}&amp;t=7" id="thread_title_7">Old roads</a>'
        '<a href="showthread.php?t=8" id="thread_title_8">New roads</a>',
        board_url=f"{base}/forumdisplay.php?f=2",
        wall="You are not logged in or you do not have permission to access this page.",
        small=f"{base}/attachment.php?attachmentid=31&stc=1&thumb=1",
    )


SAMPLES = (_xenforo(), _xenforo1(), _phpbb(), _invision(4), _invision(5), _vbulletin3())
