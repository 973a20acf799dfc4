"""Whether the cookies of a transport are logged in to a forum."""

from __future__ import annotations

import time

from mediadl.errors import LoginNeeded, SiteChanged
from mediadl.modules.base import LoginCheck
from mediadl.modules.forum import reading, walls
from mediadl.modules.web import Web


def of_host(web: Web, host: str) -> LoginCheck | None:
    """What the front page of a host tells; None: it is no forum's, or does not tell.

    Raises:
        DownloadError: no answer came.
    """
    answer = web.get(f"https://{host}/")
    try:
        software = reading.recognise(answer)
        if software == reading.UNKNOWN:
            return None
        page = reading.read(answer, software, now=time.time())
    except SiteChanged:
        return None
    if page.logged_in is not None:
        return LoginCheck(works=page.logged_in, reason="" if page.logged_in else refusal(host, software))
    if isinstance(walls.wall(answer, page), LoginNeeded):
        return LoginCheck(works=False, reason=refusal(host, software))
    return None


def refusal(host: str, software: str) -> str:
    """Why cookies do not do, with the name of the one that would."""
    return f"{host} takes us for a visitor{cookie_words(software)}"


def cookie_words(software: str) -> str:
    """The name of the cookie that a program's login leaves, as the end of a sentence; empty: unknown."""
    program = reading.programs().get(software)
    return (
        f"; a login there leaves the cookie {program.cookie}"
        if program is not None and program.cookie
        else ""
    )
