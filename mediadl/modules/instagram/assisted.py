"""Instagram through FastDL's family and Toolzu in the user's own browser: it does what its user would do.

The site's own form is filled in and its own buttons are pressed; what the page then receives is parsed. Nothing is
signed, no check is solved: when the site wants to see a person, the person has up to two minutes to tick the box.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from mediadl.errors import Challenge, MediaNotFound, Private, SiteChanged, Unsupported
from mediadl.modules.base import Reporter, Task
from mediadl.modules.instagram import hub, toolzu
from mediadl.modules.instagram.cdp import Received, Tab
from mediadl.modules.instagram.listing import Listing
from mediadl.modules.instagram.media import Account, MediaRef
from mediadl.modules.instagram.options import FASTDL, TOOLZU
from mediadl.modules.instagram.pauses import Pauses

_LOOK_S = 0.25
_SETTLE_S = 8.0
"""So long without anything new, after a button was pressed, means that nothing comes."""
_MOST_BATCHES = 500
_HUB_FIELD = "#search-form-input"
_HUB_BUTTON = "#searchFormButton, .search-form__button"
_LISTS = {"posts": ("postsV2", "posts"), "reels": ("postsV2", "posts")}


@dataclass(slots=True)
class Visit:
    """One site in one tab."""

    task: Task
    reporter: Reporter
    tab: Tab
    site: str
    pauses: Pauses
    asked_for_person: bool = field(default=False)

    def until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Listen until something is so; False: not in time, or nobody waits any more."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline or self.reporter.stopped():
                return False
            self.tab.listen(_LOOK_S)
        return True

    def fill(self, field_: str, text: str, button: str) -> None:
        """Type into the site's form and press its button.

        Raises:
            Challenge: a check stands before the form.
            SiteChanged: there is no such form.
        """
        ready = f"!!document.querySelector({json.dumps(field_)})"
        if not self.until(lambda: self.tab.evaluate(ready) is True, self.patience_s):
            if self.tab.evaluate("/just a moment|verify you are human/i.test(document.title)") is True:
                raise Challenge(f"{self.site} wants to see that a person asks")
            raise SiteChanged(f"{self.site}'s form is not where it was")
        self.pauses.before_next()
        find = f"document.querySelector({json.dumps(field_)})"
        self.tab.evaluate(f"(e => {{ e.focus(); e.select(); return true; }})({find})")
        self.tab.call("Input.insertText", text=text)
        if self.tab.evaluate(f"{find}.value") != text:
            raise SiteChanged(f"{self.site}'s form does not take what is typed")
        self.tab.evaluate(
            f"(b => {{ if (b) b.click(); else {find}.form.requestSubmit(); return true; }})"
            f"(document.querySelector({json.dumps(button)}))"
        )

    def press(self, words: str) -> bool:
        """Press the button or tab that has these words; False: there is none."""
        script = (
            "(() => { const words = " + json.dumps(words.strip().lower()) + ";"
            " const found = [...document.querySelectorAll('button, a, [role=tab], li')]"
            ".find(e => e.textContent.trim().toLowerCase() === words);"
            " if (!found) return false; found.click(); return true; })()"
        )
        return self.tab.evaluate(script) is True

    @property
    def patience_s(self) -> float:
        """How long a person may take."""
        return float(self.task.option("browser_wait_s", 120))

    def tell_person(self) -> None:
        """Say once that the browser waits for its user."""
        if not self.asked_for_person:
            self.asked_for_person = True
            self.reporter.working(
                waiting_s=self.patience_s,
                note=f"{self.site} wants to see a person: look at your browser and tick the box",
            )


def _open(task: Task, reporter: Reporter, site: str, url: str, wanted: Callable[[str], bool]) -> Visit:
    if not task.network.trusted:
        raise Unsupported("only the owner of this machine may use the browser on it")
    pauses = Pauses(float(task.option("pause_browser_s", 20.0)), reporter, site)
    cdp_url = str(task.option("browser_cdp_url", "http://127.0.0.1:9222"))
    return Visit(task, reporter, Tab(cdp_url, url, wanted), site, pauses)


def by_fastdl(task: Task, reporter: Reporter) -> bool:
    """List the target at one site of FastDL's family; True: the list was walked to its end.

    Raises:
        DownloadError: it could not be done.
    """
    site = str(task.option("fastdl_site", hub.SITES[0]))
    visit = _open(task, reporter, site, f"https://{site}/en", lambda url: bool(_endpoint(url)))
    listing = Listing(task, reporter, FASTDL, {"Referer": f"https://{site}/"})
    with visit.tab:
        return HubVisit(visit, listing).walk()


def _endpoint(url: str) -> str:
    """Which of the family's calls an address is; empty: none."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/api/convert"):
        return "convert"
    before, mark, last = path.rpartition("/api/v1/instagram/")
    return last if mark and not before else ""


class HubVisit:
    """What one target means on a page of the family."""

    def __init__(self, visit: Visit, listing: Listing) -> None:
        self._visit = visit
        self._listing = listing
        self._user = visit.task.target.source
        self._kind = visit.task.target.content_type

    def walk(self) -> bool:
        """Ask, read, press for more; True: to the end."""
        visit, kind = self._visit, self._kind
        visit.fill(_HUB_FIELD, self._user or visit.task.target.url, _HUB_BUTTON)
        if kind in {"post", "reel"}:
            self._listing.take(hub.converted(self._answer("convert").body))
            return True
        account = hub.account(self._answer("userInfo").body)
        if kind == "avatar":
            if not account.picture:
                raise SiteChanged("the viewer site's account has no picture")
            return self._listing.take([MediaRef((account.picture,), owner=self._user, part="avatar")])
        if account.private:
            raise Private(f"{self._user} is private")
        if kind == "stories":
            return self._stories()
        if kind == "highlights":
            return self._highlights()
        return self._posts(account)

    def _posts(self, account: Account) -> bool:
        page = hub.posts(self._answer(*_LISTS[self._kind], press=self._kind).body)
        if not page.refs and account.posts != 0 and (other := self._take(("posts",), _SETTLE_S)) is not None:
            # The page itself asks the older call when the newer one gives nothing
            page = hub.posts(other.body)
        if not page.refs:
            if account.posts != 0:
                raise SiteChanged("the viewer site shows no posts and does not say why")
            self._visit.reporter.empty(f"{self._user} has no posts")
            return True
        for _ in range(_MOST_BATCHES):
            refs = [ref for ref in page.refs if self._kind == "posts" or ref.is_video]
            if not self._listing.take(refs):
                return False
            if not page.cursor:
                return True
            more = self._more()
            if more is None:
                self._visit.reporter.log("warning", "the viewer site gave no further posts")
                return False
            page = hub.posts(more.body)
        return False

    def _more(self) -> Received | None:
        """The next batch, as scrolling down brings it."""
        self._visit.pauses.before_next()
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline and not self._visit.reporter.stopped():
            # Up and down again: a page that is at its end already hears nothing
            self._visit.tab.evaluate("(window.scrollTo(0, 0), true)")
            self._visit.tab.evaluate("(window.scrollTo(0, document.body.scrollHeight), true)")
            self._visit.press("load more")
            got = self._take(("postsV2", "posts"), 1.0)
            if got is not None:
                return got
        return None

    def _stories(self) -> bool:
        refs = hub.stories(self._answer("stories", press="stories").body)
        if not refs:
            self._visit.reporter.empty(f"{self._user} has no stories now")
        self._listing.take(refs)
        return True

    def _highlights(self) -> bool:
        bubbles = hub.highlights(self._answer("highlights", press="highlights").body)
        if not bubbles:
            self._visit.reporter.empty(f"{self._user} has no highlights")
        for bubble in bubbles:
            self._visit.pauses.before_next()
            if not self._visit.press(bubble.title):
                raise SiteChanged("the viewer site's highlights cannot be opened")
            body = self._answer("highlightStories").body
            if not self._listing.take(hub.stories(body, part="highlight")):
                return False
        return True

    def _answer(self, *endpoints: str, press: str = "") -> Received:
        """The page's own answer of one of these calls; a person may be needed first.

        Raises:
            DownloadError: it was refused, or did not come.
        """
        got = self._take(endpoints, 2.0) if press else None
        if got is None and press:
            self._visit.press(press)
        deadline = time.monotonic() + self._visit.patience_s
        refused = None
        while got is None and time.monotonic() < deadline and not self._visit.reporter.stopped():
            got = self._take(endpoints, _LOOK_S)
            refused = hub.trouble(got.status, got.body) if got is not None else refused
            if isinstance(refused, Challenge):
                # The site asks for a person now and asks again itself afterwards
                self._visit.tell_person()
                got = None
            elif refused is not None:
                raise refused
        if got is None:
            raise refused or SiteChanged(f"{self._visit.site} did not ask for {endpoints[0]}")
        trouble = hub.trouble(got.status, got.body)
        if trouble is not None:
            raise trouble
        return got

    def _take(self, endpoints: tuple[str, ...], seconds: float) -> Received | None:
        """The next answer of one of these calls; None: not in time."""
        received = self._visit.tab.received

        def first() -> Received | None:
            return next((one for one in received if _endpoint(one.url) in endpoints), None)

        self._visit.until(lambda: first() is not None, seconds)
        found = first()
        if found is not None:
            received.remove(found)
        return found


def by_toolzu(task: Task, reporter: Reporter) -> bool:
    """List the target at Toolzu; True: the list was walked to its end.

    Raises:
        DownloadError: it could not be done.
    """
    kind, user = task.target.content_type, task.target.source
    page = f"{toolzu.ROOT}/downloader/instagram/{quote(toolzu.TOOLS[kind])}/"
    visit = _open(task, reporter, "Toolzu", page, lambda _url: False)
    listing = Listing(task, reporter, TOOLZU, {"Referer": f"{toolzu.ROOT}/"})
    with visit.tab:
        visit.fill(toolzu.FIELD, user or task.target.url, f"{toolzu.FORM} [type=submit]")
        _wait_for_cards(visit)
        part = "avatar" if kind == "avatar" else "post"
        done = 0
        for _ in range(_MOST_BATCHES):
            cards = toolzu.cards(_results(visit), user, part=part)
            if not listing.take(cards[done:]):
                return False
            done = len(cards)
            if kind in {"avatar", "post", "reel"} or not _next_batch(visit, done):
                return True
    return False


def _results(visit: Visit) -> str:
    script = f"(document.querySelector({json.dumps(toolzu.RESULTS)}) || {{}}).outerHTML || ''"
    return str(visit.tab.evaluate(script) or "")


def _cards(visit: Visit) -> int:
    found = visit.tab.evaluate(f"document.querySelectorAll('{toolzu.RESULTS} .download-card').length")
    return found if isinstance(found, int) else 0


def _wait_for_cards(visit: Visit) -> None:
    """Until the site shows something; its check fills itself, or the person does it."""
    invalid = f"!!document.querySelector({json.dumps(toolzu.FORM + ' .is-invalid')})"
    said = (
        f"(e => e ? e.textContent : '')(document.querySelector({json.dumps(toolzu.RESULTS)}))"
        ".toLowerCase().slice(0, 500)"
    )

    def settled() -> bool:
        if visit.tab.evaluate(invalid) is True:
            visit.tell_person()
        return _cards(visit) > 0 or bool(visit.tab.evaluate(said))

    came = visit.until(settled, visit.patience_s)
    words = str(visit.tab.evaluate(said) or "")
    if _cards(visit) == 0 and "private" in words:
        raise Private(f"{visit.task.target.source} is private")
    if _cards(visit) == 0 and "not found" in words:
        raise MediaNotFound("Toolzu finds no such account or post")
    if visit.tab.evaluate(invalid) is True and _cards(visit) == 0:
        raise Challenge("Toolzu wants to see that a person asks")
    if not came or _cards(visit) == 0:
        raise SiteChanged("Toolzu shows nothing and does not say why")


def _next_batch(visit: Visit, before: int) -> bool:
    """Press for more; False: there is no more."""
    button = f"document.querySelector({json.dumps(toolzu.NEXT)})"
    if visit.tab.evaluate(f"!!{button} && !{button}.disabled") is not True:
        return False
    visit.pauses.before_next()
    visit.tab.evaluate(f"({button}.click(), true)")
    return visit.until(lambda: _cards(visit) > before, _SETTLE_S)
