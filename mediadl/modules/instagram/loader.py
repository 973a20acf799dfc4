"""Instagram through instaloader (an optional extra): it lists, our fetcher downloads.

Open to visitors: posts, the profile picture, single posts. Reels of an account need a session. One job per process: its
sessions are told about proxy and certificates through the environment.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
from collections.abc import Iterator
from typing import Any

import instaloader
from instaloader.instaloadercontext import InstaloaderContext, RateController

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.modules.base import Reporter, Task
from mediadl.modules.engines import faults, network
from mediadl.modules.instagram import nodes, pauses
from mediadl.modules.instagram.addresses import ROOT, post_code
from mediadl.modules.instagram.listing import Listing
from mediadl.modules.instagram.media import MediaRef, addresses
from mediadl.modules.instagram.options import INSTALOADER

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LONGEST_WAIT_S = 30.0
"""A longer wait is for the queue: the job gives its place away."""
_WEAK = ("checkpoint_required", "challenge_required", "feedback_required")

_CLASSES: tuple[tuple[type[Exception], type[DownloadError]], ...] = (
    (instaloader.TooManyRequestsException, errors.RateLimited),
    (instaloader.LoginRequiredException, errors.LoginNeeded),
    (instaloader.LoginException, errors.LoginNeeded),
    (instaloader.PrivateProfileNotFollowedException, errors.Private),
    (instaloader.ProfileNotExistsException, errors.MediaNotFound),
    (instaloader.QueryReturnedNotFoundException, errors.MediaNotFound),
    (instaloader.QueryReturnedForbiddenException, errors.Forbidden),
    (instaloader.QueryReturnedBadRequestException, errors.Forbidden),
    (instaloader.BadResponseException, errors.SiteChanged),
)
_PARSING = (KeyError, IndexError, TypeError, AttributeError, AssertionError)
"""What instaloader raises where an answer lacks something."""


def by_instaloader(task: Task, reporter: Reporter) -> bool:
    """List the target; True: the list was walked to its end.

    Raises:
        DownloadError: it could not be done.
    """
    _prepare(task)
    context = Context(task, reporter)
    listing = Listing(task, reporter, INSTALOADER)
    try:
        return _list(context, task, listing, reporter)
    except (instaloader.InstaloaderException, instaloader.AbortDownloadException, *_PARSING) as error:
        raise explained(error, context) from error
    finally:
        context.close()  # type: ignore[no-untyped-call]


def _list(context: Context, task: Task, listing: Listing, reporter: Reporter) -> bool:
    kind, user = task.target.content_type, task.target.source
    if kind in {"post", "reel"}:
        code = post_code(task.target.url)
        if not code:
            raise errors.Unsupported("instaloader needs the address of the post itself, not a shared one")
        listing.take(_files(instaloader.Post.from_shortcode(context, code)))
        return True
    if kind == "reels" and not context.is_logged_in:
        raise errors.LoginNeeded("instaloader lists reels with a session only")
    profile = instaloader.Profile.from_username(context, user)
    if kind == "avatar":
        picture = MediaRef(addresses(profile.profile_pic_url), owner=user, part="avatar")
        return listing.take([picture])
    reporter.owner(str(profile.userid), user, of_all=True)
    count = profile.mediacount if not context.is_logged_in else None
    posts: Iterator[Any] = profile.get_reels() if kind == "reels" else profile.get_posts()
    for post in posts:
        if not listing.take(_files(post)):
            return False
    if not listing.seen:
        if count != 0:
            raise errors.NoMedia(f"instaloader got no {kind} of {user}")
        reporter.empty(f"{user} has no {kind}")
    return True


def _files(post: Any) -> list[MediaRef]:
    """The files of a post, from the record behind it: only that has the ids of a carousel's slides."""
    node = instaloader.get_json_structure(post)["node"]
    inner = node.get("iphone_struct")
    refs = nodes.of_any(inner if isinstance(inner, dict) else node)
    if not refs:
        raise errors.SiteChanged("instaloader's post has no file")
    return refs


class Context(InstaloaderContext):
    """instaloader's conversation with Instagram: our session, our pace, our log."""

    def __init__(self, task: Task, reporter: Reporter) -> None:
        self._reporter = reporter
        self.page_is_bare = False
        """A profile's page came without the profile: no proof that there is none."""
        super().__init__(
            sleep=False,
            # A session belongs to the browser that it came from
            user_agent=task.user_agent or None,
            quiet=True,
            max_connection_attempts=1,
            request_timeout=task.network.timeout_s,
            rate_controller=lambda context: Controller(context, task, reporter),
            iphone_support=False,
        )
        cookies = _cookies(task.cookies_file)
        if cookies.get("sessionid"):
            self.load_session(  # type: ignore[no-untyped-call]
                cookies.get("ds_user_id") or "session", {"csrftoken": "", **cookies}
            )

    def error(self, msg: Any, repeat_at_end: bool = True) -> None:
        """What would go to the terminal goes to the job's log."""
        self._reporter.log("warning", f"instaloader: {msg}")

    def get_page_data(self, path: str) -> list[dict[str, Any]]:
        """The data in a page; notes when the account is not in it."""
        found: list[dict[str, Any]] = super().get_page_data(path)
        self.page_is_bare = not any(data.get("xig_user_by_username") for data in found)
        return found


class Controller(RateController):
    """instaloader's own limits, kept with pauses that are shown, and that end when nobody waits."""

    def __init__(self, context: InstaloaderContext, task: Task, reporter: Reporter) -> None:
        super().__init__(context)
        self._task = task
        self._reporter = reporter

    def wait_before_query(self, query_type: str) -> None:
        """Keep the job's pace and instaloader's."""
        self._task.pace.wait(f"{ROOT}/")
        super().wait_before_query(query_type)

    def sleep(self, secs: float) -> None:
        """Wait a little; hand what takes longer to the queue.

        Raises:
            RateLimited: it would take too long for a job that holds its place.
        """
        if secs > _LONGEST_WAIT_S:
            raise errors.RateLimited("instaloader's limit of requests is used up", retry_after_s=secs)
        pauses.wait(secs, self._reporter, "instaloader keeps Instagram's limits")


def explained(error: BaseException, context: Context) -> DownloadError:
    """The class of failure that an exception of instaloader means."""
    if isinstance(error, instaloader.AbortDownloadException):
        words = str(error)
        if any(word in words for word in _WEAK):
            return errors.LoginNeeded("Instagram wants to see the account's owner (checkpoint)")
        return errors.LoginNeeded("Instagram does not take this session any more")
    if isinstance(error, instaloader.ProfileNotExistsException) and context.page_is_bare:
        return errors.Forbidden("Instagram shows a visitor nothing of this account")
    for link in _chain(error):
        for theirs, ours in _CLASSES:
            if isinstance(link, theirs):
                return ours(_line(str(error)))
    if isinstance(error, _PARSING):
        return errors.SiteChanged(f"instaloader met an answer it does not know ({type(error).__name__})")
    return faults.from_exception(error, "instaloader")


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__


def _line(text: str) -> str:
    from mediadl.security.redact import redact
    from mediadl.security.text import safe_text

    return safe_text(redact(re.sub(r"\?\S*", "", text)), limit=200)


def _cookies(path: str) -> dict[str, str]:
    if not path:
        return {}
    jar = http.cookiejar.MozillaCookieJar(path)
    jar.load(ignore_discard=True)
    return {
        cookie.name: cookie.value
        for cookie in jar
        if cookie.value and cookie.domain.lstrip(".").endswith("instagram.com")
    }


def _prepare(task: Task) -> None:
    """Point every session that instaloader will make at the job's proxy and certificates.

    Raises:
        EngineBroken: it cannot be done.
    """
    net = task.network
    if not net.verify_tls:
        raise errors.EngineBroken("instaloader cannot leave certificates unchecked")
    network.trust(net, task.work)
    for name in _PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    if net.proxy:
        os.environ |= {"HTTP_PROXY": net.proxy, "HTTPS_PROXY": net.proxy}
