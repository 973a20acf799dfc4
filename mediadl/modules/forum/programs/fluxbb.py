"""FluxBB and PunBB."""

from __future__ import annotations

from mediadl.modules.forum.programs.program import HtmlProgram


class FluxBB(HtmlProgram):
    """Plain pages without uploads."""

    software = "fluxbb"
    title = "FluxBB"
    cookie = "pun_cookie"
    markers = (
        "#punviewtopic, #punviewforum, #punindex, #punlogin",
        ".pun",
        'a[href*="fluxbb.org"], a[href*="punbb.informer.com"]',
        "#punwrap, #brdheader",
    )
    post = "div.blockpost[id^=p], div.post[id^=p]"
    author = ".postleft dt strong a, .postleft dt strong, .post-byline a"
    time = "h2 span a, h2 a, .posthead .post-link"
    time_attributes = ()
    body = ".postmsg, .entry-content"
    drop = ".quotebox, .postsignature, .sig-content, .postedit"
    boxes = ".attachments"
    heading = ".crumbs li:last-child a, h1 .main-title, h1"
    current = ".pagelink strong, .paging strong"
    numbers = ".pagelink a, .paging a"
    thread_links = ".tclcon a[href*='viewtopic.php?id=']"
    login = 'a[href*="login.php"]:not([href*="action=out"])'
    login_path = "/login.php"
    logout = 'a[href*="login.php?action=out"]'
    permalink = "{base}/viewtopic.php?pid={id}#p{id}"
