"""What stands between a reader and the posts: logins, bot checks, threads that are gone. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mediadl.errors import Challenge, DownloadError, LoginNeeded, MediaNotFound, Private, SiteChanged
from mediadl.modules.base import site_of
from mediadl.modules.forum.addresses import kind_of_address
from mediadl.modules.forum.page import Page
from mediadl.modules.web import Answer
from mediadl.security.redact import redact_url

if TYPE_CHECKING:
    from mediadl.modules.forum.document import Document

_LOGIN_PATH = re.compile(
    r"(?:^|/)(?:log-?in|sign-?in|auth/login|user/login|account/login|session/new)(?:\.php)?(?:/|$)",
    re.IGNORECASE,
)
_LOGIN_QUERY = re.compile(
    r"(?:^|[?&;])(?:mode|action|do)=log-?in\b|^log-?in/|[?&;](?:controller|section)=login\b", re.IGNORECASE
)
_BOT_CHECK = re.compile(
    r"just a moment\.\.\.|checking your browser|checking if the site connection is secure|attention required!"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|ddos protection by|ddos-guard|making sure you.re not a bot"
    r"|are you a robot|please enable javascript and cookies|one more step",
    re.IGNORECASE,
)
_BOT_MARKS = (
    "_cf_chl_opt", "cf-challenge", "challenge-platform", "cf-turnstile", "ddos-guard", "sucuri_cloudproxy",
    "anubis_challenge", "h-captcha", "g-recaptcha", "aws-waf-token",
)  # fmt: skip
_MEMBERS_ONLY = re.compile(
    r"you (?:must|need to|have to) (?:be )?(?:registered and )?(?:log(?:ged)?|sign(?:ed)?)[ -]?in|you are not logged in"
    r"|log in to (?:view|read|see|continue)|only (?:registered )?(?:members|users)|members only|registered members"
    r"|you are not authori[sz]ed to (?:read|view)|do not have permission to (?:access|view)|not allowed to access this"
    r"|must be (?:registered|logged in)|off limits to you|please (?:log|sign) in",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"(?:thread|topic|page|post|board|forum|discussion)\b[^.!?]{0,60}\b(?:does not exist|doesn.t exist|not found"
    r"|could ?n[o']t be found|no longer (?:exists|available)|has been (?:deleted|removed))"
    r"|no (?:thread|topic) specified|invalid (?:thread|topic)"
    r"|bad request\. the link you followed|none unknown error|404 not found|page not found|the specified thread",
    re.IGNORECASE,
)
_EMPTY_BOARD = re.compile(
    r"\b(?:no|0) (?:threads|topics|discussions|posts)\b|there are no |is empty\b|nothing (?:here|to show)",
    re.IGNORECASE,
)
_LONGEST = 6000


def wall(answer: Answer, page: Page | None = None) -> DownloadError | None:
    """Why an answer gives no posts and no threads, or None when it gives some. `page`: what was read from it."""
    forum = site_of(answer.url) or "the forum"
    if answer.walled:
        return Challenge(f"{forum} checks for bots", status=answer.status)
    member = page.logged_in if page is not None else None
    if answer.status in {401, 403}:
        if _checks_for_bots(answer):
            return Challenge(f"{forum} checks for bots", status=answer.status)
        return _login_needed(answer, page, forum, member)
    if (trouble := answer.trouble()) is not None:
        return trouble
    if page is not None and (page.posts or page.threads):
        return None
    if _is_login(answer.url) and not _is_login(next(iter(answer.hops), "")):
        return _login_needed(answer, page, forum, member)
    if page is not None and page.number == 0 and page.further:
        return None  # a shell that names where the posts are
    if not answer.is_page:
        if page is None:
            return SiteChanged(f"{forum} gave no page", status=answer.status)
        # Behind the last page a list is empty by right
        return (
            None if page.number > 1 else MediaNotFound(f"{forum} shows no posts of it", status=answer.status)
        )
    return _without_posts(answer, page, forum, member)


def _without_posts(
    answer: Answer, page: Page | None, forum: str, member: bool | None
) -> DownloadError | None:
    """What a page says that has no posts and was sent as if all were well."""
    from mediadl.modules.forum.document import Document, line

    if _checks_for_bots(answer):
        return Challenge(f"{forum} checks for bots", status=answer.status)
    doc = Document(answer)
    words = f"{line(doc.first('title'))} {' '.join(_words(doc))}"[:_LONGEST]
    if _MEMBERS_ONLY.search(words):
        # Some say in one breath that it is gone or not for you; a member knows that it is gone
        if member and _GONE.search(words):
            return MediaNotFound(f"{forum} has no such thread or board", status=answer.status)
        return _login_needed(answer, page, forum, member)
    if _GONE.search(words) or re.search(r"\bmissing\b.{0,20}\bthread|unknown error", words, re.IGNORECASE):
        return MediaNotFound(f"{forum} has no such thread or board", status=answer.status)
    if (
        page is not None
        and _EMPTY_BOARD.search(words)
        and kind_of_address(answer.url, page.software) == "board"
    ):
        return None
    if doc.first('input[type="password"]') is not None and not member:
        return _login_needed(answer, page, forum, member)
    if not words.strip():
        what = f"{forum} sent an empty page for {redact_url(answer.url)}"
    else:
        what = f"no posts found at {redact_url(answer.url)}"
    return SiteChanged(
        what,
        status=answer.status,
        next_step="Open it in a browser: if posts are there, name the forum's program with the option software.",
    )


def _words(doc: Document) -> list[str]:
    """The text of a page without its menus and scripts."""
    from mediadl.modules.forum.document import readable

    body = doc.tree.body
    return readable(body).split("\n") if body is not None else []


def _checks_for_bots(answer: Answer) -> bool:
    head = answer.body[:65_536].decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,200}>([^<]{0,300})", head, re.IGNORECASE)
    if title and _BOT_CHECK.search(title[1]):
        return True
    return any(mark in head for mark in _BOT_MARKS[:7]) or (
        any(mark in head for mark in _BOT_MARKS[7:]) and "<input" not in head.lower()
    )


def _is_login(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(_LOGIN_PATH.search(parts.path) or _LOGIN_QUERY.search(parts.query))


def _login_needed(answer: Answer, page: Page | None, forum: str, member: bool | None) -> DownloadError:
    if member:
        return Private(f"{forum} does not show this to the account in use", status=answer.status)
    cookie = _cookie(page.software) if page is not None else ""
    kept = f" (the one that keeps the login is {cookie})" if cookie else ""
    return LoginNeeded(
        f"{forum} shows this to members only",
        status=answer.status,
        next_step=(
            f"Import the cookies of an account there{kept}: mediadl session import {forum} cookies.txt;"
            " the job then goes on by itself."
        ),
    )


def _cookie(software: str) -> str:
    from mediadl.modules.forum.reading import programs

    program = programs().get(software)
    return program.cookie if program is not None else ""
