"""The other half of the page fragments of `forum_pages`: the same three posts in further programs' shapes."""

# ruff: noqa: E501 - markup reads best in one piece

from __future__ import annotations

from forum_pages import LINKED, PICTURE, PLAIN_LINK, QUOTED, SAMPLES, SID, SIGNED, Sample


def _vbulletin4() -> Sample:
    def post(number: int, author: str, body: str, more: str = "", files: str = "") -> str:
        return (
            f'<li class="postbitlegacy postbitim postcontainer old" id="post_{100 + number}"><div class="posthead"><span '
            'class="date">11-22-2026,&nbsp;<span class="time">02:25 PM</span></span><a class="postcounter" '
            f'href="threads/7-old-roads?p={100 + number}">#{number}</a></div><div class="username_container"><a '
            f'class="username offline" href="members/{10 + number}-{author}"><strong>{author}</strong></a></div>'
            f'<div class="content"><div id="post_message_{100 + number}"><blockquote class="postcontent restore">{body}'
            f'</blockquote></div></div>{files}<div class="after_content">{more}</div></li>'
        )

    quote = f'<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container">{QUOTED}</div></div></div>'
    files = (
        '<div class="attachments"><fieldset class="postcontent"><legend>Attached</legend><a href="attachment.php?'
        f's={SID}&amp;attachmentid=31&amp;d=17" rel="Lightbox"><img class="thumbnail" alt="Click&#10;Name:&#9;holiday.jpg&#10;" '
        'src="attachment.php?attachmentid=31&amp;thumb=1"></a><ul><li><img class="inlineimg" src="images/attach/zip.gif" '
        f'alt="File Type: zip"><a href="attachment.php?s={SID}&amp;attachmentid=32">tracks.zip</a></li></ul></fieldset></div>'
    )
    base = "https://vb4.example.org"
    head = (
        '<html id="vbulletin_html"><head><base href="https://vb4.example.org/"><meta name="generator" content="vBulletin '
        '4.2.5"><link id="vbulletin_css" href="css.php"><title>Old roads</title><link rel="next" href="{}"></head><body>'
        '<script>var SECURITYTOKEN = "guest";</script><form action="login.php?do=login"><input type="password"></form>'
        '<div id="pagetitle"><h1>Thread: <span class="threadtitle"><a href="threads/7-old-roads">Old roads</a></span></h1></div>'
        '<div class="pagination"><span><a class="popupctrl">Page 1 of 3</a></span><span class="selected"><a>1</a></span></div>'
    )
    return Sample(
        software="vbulletin4",
        url=f"{base}/threads/7-old-roads",
        page=head.format("threads/7-old-roads/page2")
        + '<ol id="posts">'
        + post(
            1,
            "ann",
            f'First words <img src="images/smilies/s.gif" class="inlineimg" alt=""><img src="{PICTURE}" alt="">{PLAIN_LINK}',
        )
        + post(
            2, "ben", f"{quote}Second words {LINKED}", f'<blockquote class="signature">{SIGNED}</blockquote>'
        )
        + post(3, "cleo", "Third words", files=files)
        + "</ol>",
        next=f"{base}/threads/7-old-roads/page2",
        guest='SECURITYTOKEN = "guest"',
        member='SECURITYTOKEN = "1795357500-5e1a"',
        login_url=f"{base}/login.php?do=login",
        board=head.format("forums/2-walks/page2")
        + '<ol id="threads"><a class="title" href="threads/7-old-roads?s=5e" id="thread_title_7">Old roads</a>'
        '<a class="title" href="threads/8-new-roads" id="thread_title_8">New roads</a></ol>',
        board_url=f"{base}/forums/2-walks",
        small=f"{base}/attachment.php?attachmentid=31&thumb=1",
    )


def _vbulletin5() -> Sample:
    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<li data-node-id="{100 + number}" class="b-post js-post"><div class="b-userinfo"><a href="member/{10 + number}" '
            f'class="b-avatar"><img src="core/avatars/1.gif" alt=""></a><div class="author"><strong><a '
            f'href="member/{10 + number}-{author}">{author}</a></strong></div></div><time itemprop="dateCreated" '
            'datetime="2026-11-22T14:25:00">11-22-2026, 02:25 PM</time><a class="b-post__count" '
            f'href="forum/walks/7-old-roads?p={100 + number}#post{100 + number}">#{number}</a><div '
            f'class="js-post__content-text restore">{body}</div>{more}</li>'
        )

    quote = f'<div class="bbcode_container"><div class="bbcode_quote">{QUOTED}</div></div>'
    files = (
        '<div class="b-post-attachments"><ul><li><a href="filedata/fetch?id=31&amp;d=17">&#8206;holiday.jpg</a> (10.8 KB, 12 '
        'views)</li><li><a href="filedata/fetch?id=32&amp;d=17">&#8206;tracks.zip</a></li></ul><a href="filedata/fetch?id=31">'
        '<img src="filedata/fetch?id=31&amp;type=thumb" alt="Click image"></a></div>'
    )
    base = "https://vb5.example.org"
    head = (
        '<html><head><base href="https://vb5.example.org/"><meta name="generator" content="vBulletin 5.7.5"><title>Old roads'
        '</title></head><body id="vb-page-body" class="l-desktop vb-page logged-out"><a href="auth/login-form">Login or Sign Up'
        '</a><h1 class="main-title">Old roads</h1><input class="js-pagenum" value="1"> of <span class="pagetotal">3</span>'
        '<a class="right-arrow" href="{}">Next</a>'
    )
    return Sample(
        software="vbulletin5",
        url=f"{base}/forum/walks/7-old-roads",
        page=head.format("forum/walks/7-old-roads/page2")
        + post(
            1,
            "ann",
            f'First words <img src="core/images/smilies/s.png" class="inlineimg" alt=""><img src="{PICTURE}" alt="">{PLAIN_LINK}',
        )
        + post(2, "ben", f"{quote}Second words {LINKED}", f'<div class="post-signature">{SIGNED}</div>')
        + post(3, "cleo", "Third words", files),
        next=f"{base}/forum/walks/7-old-roads/page2",
        guest="logged-out",
        member="logged-in",
        login_url=f"{base}/auth/login-form",
        board=head.format("forum/walks/page2")
        + '<a class="topic-title" href="forum/walks/7-old-roads">Old roads</a>'
        '<a class="topic-title" href="forum/walks/8-new-roads">New roads</a>',
        board_url=f"{base}/forum/walks",
        small=f"{base}/filedata/fetch?id=31&type=thumb",
    )


def _smf() -> Sample:
    base = "https://smf.example.org"
    script = f"{base}/index.php?PHPSESSID={SID}&amp;"

    def post(number: int, author: str, body: str, more: str = "", files: str = "") -> str:
        return (
            f'<div class="windowbg" id="msg{100 + number}"><div class="post_wrapper"><div class="poster"><h4><a '
            f'href="{script}action=profile;u={10 + number}">{author}</a></h4><img class="avatar" src="{base}/avatars/1.png"></div>'
            f'<div class="keyinfo"><div class="subject_title"><a href="{script}topic=7.msg{100 + number}">Re: Old roads</a></div>'
            f'<div class="postinfo"><a href="{script}topic=7.msg{100 + number}#msg{100 + number}" class="smalltext">November 22, '
            f'2026, 02:25:00 PM</a><span class="page_number">#{number}</span></div></div><div class="post"><div class="inner" '
            f'data-msgid="{100 + number}" id="msg_{100 + number}">{body}</div></div>{files}<div class="moderatorbar">{more}</div>'
            "</div></div>"
        )

    quote = f'<blockquote class="bbc_standard_quote"><cite><a href="{script}topic=7.msg101">ann</a></cite>{QUOTED}</blockquote>'
    files = (
        f'<div class="attachments"><div class="attached"><a href="{script}action=dlattach;attach=31;image"><img '
        f'src="{script}action=dlattach;attach=33;image" alt="" class="atc_img"></a><a href="{script}action=dlattach;attach=31">'
        f'<img src="{base}/Themes/default/images/icons/clip.png" alt="*">&nbsp;holiday.jpg</a><br>viewed 3 times</div>'
        f'<div class="attached"><a href="{script}action=dlattach;attach=32"><img src="{base}/Themes/default/images/icons/clip.png" '
        'alt="*">&nbsp;tracks.zip</a></div></div>'
    )
    head = (
        '<html><head><script>var smf_theme_url = "https://smf.example.org/Themes/default"; var smf_member_id = 0;</script>'
        f'<title>Old roads</title><link rel="next" href="{script}{{}}"></head><body id="smf"><h1 class="forumtitle"><a '
        f'href="{script}">Walks</a></h1><a href="{script}action=login">Log in</a><div id="display_head"><h2>Old roads</h2></div>'
    )
    pages = (
        f'<div class="pagelinks"><span class="current_page">1</span> <a class="nav_page" href="{script}topic=7.20">2</a> '
        f'<a class="nav_page" href="{script}topic=7.40">3</a></div>'
    )
    return Sample(
        software="smf",
        url=f"{base}/index.php?PHPSESSID={SID}&topic=7.0",
        thread=f"{base}/index.php?topic=7.0",
        page=head.format("topic=7.20")
        + pages
        + post(
            1,
            "ann",
            f'First words <img src="{base}/Smileys/fugue/s.png" class="smiley"><img src="{PICTURE}" class="bbc_img">{PLAIN_LINK}',
        )
        + post(
            2,
            "ben",
            f"{quote}Second words {LINKED}",
            f'<div class="signature" id="msg_102_signature">{SIGNED}</div>',
        )
        + post(3, "cleo", "Third words", files=files),
        next=f"{base}/index.php?topic=7.20",
        guest="smf_member_id = 0",
        member="smf_member_id = 12",
        login_url=f"{base}/index.php?action=login",
        board=head.format("board=2.20")
        + f'<span id="msg_101"><a href="{script}topic=7.0">Old roads</a></span><span id="msg_201"><a '
        f'href="{script}topic=8.0">New roads</a></span>',
        board_url=f"{base}/index.php?board=2.0",
        wall="The topic or board you are looking for appears to be either missing or off limits to you.",
        small=f"{base}/index.php?action=dlattach;attach=33;image",
    )


def _mybb() -> Sample:
    base = "https://mybb.example.org"

    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<div class="post" id="post_{100 + number}"><div class="author_avatar"><img src="{base}/uploads/avatars/a.png"></div>'
            f'<div class="author_information"><strong><a href="{base}/member.php?action=profile&amp;uid={10 + number}">{author}</a>'
            f'</strong></div><div class="post_content"><div class="post_head"><a href="showthread.php?tid=7">#{number}</a><span '
            'class="post_date"><span title="11-22-2026, 02:25 PM">17 hours ago</span></span></div><div class="post_body '
            f'scaleimages" id="pid_{100 + number}">{body}</div>{more}</div></div>'
        )

    quote = f'<blockquote class="mycode_quote"><cite><span>ann Wrote:</span></cite>{QUOTED}</blockquote>'
    files = (
        '<br><fieldset><legend>Attached Files</legend><a href="attachment.php?aid=31"><img class="attachment" alt="" '
        'src="attachment.php?thumbnail=31" title="Filename: holiday.jpg&#13;&#10;Size: 10.8 KB"></a><br>'
        '<img src="images/attachtypes/zip.png" alt=".zip" title="ZIP File"> <a href="attachment.php?aid=32">tracks.zip</a> '
        "(Size: 1 KB / Downloads: 3)</fieldset>"
    )
    head = (
        f'<html><head><title>Old roads</title><link href="{base}/cache/themes/theme1/global.css" rel="stylesheet"><script '
        f'src="{base}/jscripts/general.js"></script></head><body><a href="{base}/member.php?action=login" class="login">Login</a>'
        '<table><td class="thead"><strong>Old roads</strong></td></table><div class="pagination"><span class="pages">Pages (3):'
        '</span> <span class="pagination_current">1</span> <a href="{0}&amp;page=2" class="pagination_page">2</a> '
        '<a href="{0}&amp;page=3" class="pagination_last">3</a> <a href="{0}&amp;page=2" class="pagination_next">Next</a></div>'
    )
    foot = '<div id="footer">Powered By <a href="https://mybb.com">MyBB</a></div>'
    return Sample(
        software="mybb",
        url=f"{base}/showthread.php?tid=7",
        page=head.format("showthread.php?tid=7")
        + '<div id="posts">'
        + post(
            1,
            "ann",
            f'First words <img src="{base}/images/smilies/s.png" class="smilie"><img src="{PICTURE}" class="mycode_img">{PLAIN_LINK}',
        )
        + post(
            2, "ben", f"{quote}Second words {LINKED}", f'<div class="signature scaleimages">{SIGNED}</div>'
        )
        + post(3, "cleo", "Third words", files)
        + f"</div>{foot}",
        next=f"{base}/showthread.php?tid=7&page=2",
        guest="member.php?action=login",
        member="member.php?action=logout",
        login_url=f"{base}/member.php?action=login",
        board=head.format("forumdisplay.php?fid=2")
        + '<span id="tid_7" class="subject_new"><a href="showthread.php?tid=7">Old roads</a></span>'
        f'<span id="tid_8" class="subject_old"><a href="showthread.php?tid=8">New roads</a></span>{foot}',
        board_url=f"{base}/forumdisplay.php?fid=2",
        wall="You are either not logged in or do not have permission to view this page. Please log in.",
        small=f"{base}/attachment.php?thumbnail=31",
    )


def _flaskbb() -> Sample:
    base = "https://flask.example.org"

    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<div class="row post-row"><div class="author"><div class="author-name"><a href="/user/{author}">{author}</a></div>'
            '<div class="author-registered">Joined <time datetime="2020-01-01T00:00:00Z">2020</time></div></div><div '
            f'class="post-box"><div class="post-meta"><a href="/post/{100 + number}"><time datetime="2026-11-22T14:25:00Z">Nov 22 '
            f'2026</time></a><strong>#{number}</strong></div><div class="post-content" '
            f'id="pid{100 + number}">{body}{more}</div></div></div>'
        )

    stored = "5e1a" * 8
    files = (
        f'<div class="post-attachments"><hr><h6>Attachments</h6><ul><li><div><a href="/uploads/attachments/{stored}/holiday.jpg">'
        f'<img src="/uploads/attachments/{stored}/holiday.jpg" alt="holiday.jpg"></a></div><a '
        f'href="/uploads/attachments/{stored}/holiday.jpg">holiday.jpg</a> <small>(10.8 KB)</small></li><li><a '
        f'href="/uploads/attachments/{stored[::-1]}/tracks.zip">tracks.zip</a></li></ul></div>'
    )
    head = (
        '<html><head><meta name="author" content="FlaskBB Team"><title>Old roads - FlaskBB</title></head><body><a '
        'href="/auth/login">Login</a><ol class="breadcrumb flaskbb-breadcrumb"><li><a href="/forum/2-walks">Walks</a></li>'
        '<li class="active">Old roads</li></ol><ul class="pagination"><li class="page-item disabled"><span class="page-link">«'
        '</span></li><li class="page-item active"><a class="page-link" href="#">1</a></li><li class="page-item"><a '
        'class="page-link" href="{0}?page=2">2</a></li><li class="page-item"><a class="page-link" href="{0}?page=3">3</a></li></ul>'
    )
    return Sample(
        software="flaskbb",
        url=f"{base}/topic/7-old-roads",
        page=head.format("/topic/7-old-roads")
        + post(1, "ann", f'<p>First words <img src="{PICTURE}" alt=""> {PLAIN_LINK}</p>')
        + post(
            2,
            "ben",
            f"<blockquote>{QUOTED}</blockquote><p>Second words {LINKED}</p>",
            f'<div class="post-signature">{SIGNED}</div>',
        )
        + post(3, "cleo", "<p>Third words</p>", files),
        next=f"{base}/topic/7-old-roads?page=2",
        guest="/auth/login",
        member="/auth/logout",
        login_url=f"{base}/auth/login",
        board=head.format("/forum/2-walks")
        + '<div class="topic-name"><a href="/topic/7-old-roads">Old roads</a></div><div class="topic-name"><a '
        'href="/topic/8-new-roads">New roads</a></div>',
        board_url=f"{base}/forum/2-walks",
        attached=(stored, stored[::-1]),
    )


def _spirit() -> Sample:
    base = "https://spirit.example.org"

    def post(number: int, author: str, body: str) -> str:
        return (
            f'<div class="comment js-comment" data-number="{number}" data-pk="{100 + number}"><div class="comment__info"><a '
            f'class="comment__info__username__link" href="/user/{10 + number}/{author}/">{author}</a><ul '
            'class="comment__info__date"><li title="Nov. 22, 2026, 2:25 p.m.">17 hours ago</li></ul></div>'
            f'<div class="comment__text">{body}</div></div>'
        )

    head = (
        '<html><head><title>Old roads - Walks</title></head><body><a href="/user/login/">Log in</a><h1 class="headline">Old roads'
        '</h1><div class="js-comments"></div>{}<footer><a href="https://github.com/nitely/Spirit">Spirit</a></footer>'
    )
    pages = (
        '<ul class="paginator"><li class="paginator__pages">Page 1 of 3</li><li class="paginator__button"><a href="{0}?page=2">'
        '<i class="fa"></i></a></li><li class="paginator__button"><a href="{0}?page=3">Last</a></li></ul>'
    )
    files = (
        '<p><img src="/media/spirit/images/11/31.jpg" alt="holiday.jpg"></p><p><a href="/media/spirit/files/11/32.zip">'
        "tracks.zip</a></p>"
    )
    return Sample(
        software="spirit",
        url=f"{base}/topic/7/old-roads/",
        page=head.format(pages.format(""))
        + post(1, "ann", f'<p>First words <img src="{PICTURE}" alt=""> {PLAIN_LINK}</p>')
        + post(2, "ben", f"<blockquote><p>{QUOTED}</p></blockquote><p>Second words {LINKED}</p>")
        + post(3, "cleo", f"<p>Third words</p>{files}"),
        next=f"{base}/topic/7/old-roads/?page=2",
        guest="/user/login/",
        member="/user/logout/",
        login_url=f"{base}/user/login/",
        board=head.format(pages.format(""))
        + '<div class="topic__title"><a class="topic__link" href="/topic/7/old-roads/?page=2#c21">Old roads</a></div>'
        '<div class="topic__title"><a class="topic__link" href="/topic/8/new-roads/#c1">New roads</a></div>',
        board_url=f"{base}/category/2/walks/",
        attached=(f"{base}/media/spirit/images/11/31.jpg", f"{base}/media/spirit/files/11/32.zip"),
    )


def _fluxbb() -> Sample:
    base = "https://flux.example.org"

    def post(number: int, author: str, body: str, more: str = "") -> str:
        return (
            f'<div id="p{100 + number}" class="blockpost rowodd"><h2><span><span class="conr">#{number}</span> <a '
            f'href="viewtopic.php?pid={100 + number}#p{100 + number}">2026-11-22 14:25:00</a></span></h2><div class="postleft"><dl>'
            f'<dt><strong><a href="profile.php?id={10 + number}">{author}</a></strong></dt></dl></div><div class="postright">'
            f'<div class="postmsg">{body}</div>{more}</div></div>'
        )

    quote = f'<div class="quotebox"><cite>ann wrote:</cite><blockquote><div>{QUOTED}</div></blockquote></div>'
    head = (
        '<html><head><title>Old roads / Walks</title></head><body><div id="{0}" class="pun"><div id="brdheader"></div><a '
        'href="login.php">Login</a><ul class="crumbs"><li><a href="index.php">Index</a></li><li><a href="{1}">Old roads</a></li>'
        '</ul><p class="pagelink"><strong>1</strong> <a href="{1}&amp;p=2">2</a> <a href="{1}&amp;p=3">3</a> '
        '<a rel="next" href="{1}&amp;p=2">Next</a></p>'
    )
    return Sample(
        software="fluxbb",
        url=f"{base}/viewtopic.php?id=7",
        page=head.format("punviewtopic", "viewtopic.php?id=7")
        + post(1, "ann", f'<p>First words <img src="{PICTURE}" alt=""> {PLAIN_LINK}</p>')
        + post(2, "ben", f"{quote}<p>Second words {LINKED}</p>", f'<div class="postsignature">{SIGNED}</div>')
        + post(3, "cleo", "<p>Third words</p>"),
        next=f"{base}/viewtopic.php?id=7&p=2",
        guest='href="login.php"',
        member='href="login.php?action=out"',
        login_url=f"{base}/login.php",
        board=head.format("punviewforum", "viewforum.php?id=2")
        + '<div class="tclcon"><a href="viewtopic.php?id=7">Old roads</a></div><div class="tclcon"><a '
        'href="viewtopic.php?id=8">New roads</a></div>',
        board_url=f"{base}/viewforum.php?id=2",
        attached=(),
    )


EVERY = (
    *SAMPLES,
    _vbulletin4(),
    _vbulletin5(),
    _smf(),
    _mybb(),
    _flaskbb(),
    _spirit(),
    _fluxbb(),
)
