"""Instagram's options: which ways may be used, in which order, how gently, and what the user is told about them."""

from __future__ import annotations

from mediadl.errors import InvalidInput
from mediadl.modules.base import GALLERYDL, YTDLP, Option

INSTALOADER = "instaloader"
IMGINN = "imginn"
STORYNAVIGATION = "storynavigation"
FASTDL = "fastdl"
TOOLZU = "toolzu"
VIEWERS = frozenset({IMGINN, STORYNAVIGATION, FASTDL, TOOLZU})
"""Sites of others that show Instagram: they never get a login, and are off until switched on."""

ORDERS: dict[str, tuple[str, ...]] = {
    "posts": (GALLERYDL, INSTALOADER, IMGINN, STORYNAVIGATION, FASTDL, TOOLZU),
    "reels": (GALLERYDL, INSTALOADER, IMGINN, FASTDL),
    "stories": (GALLERYDL, IMGINN, FASTDL),
    "highlights": (GALLERYDL, IMGINN, FASTDL),
    "tagged": (GALLERYDL, IMGINN),
    "avatar": (GALLERYDL, INSTALOADER, IMGINN, STORYNAVIGATION, FASTDL, TOOLZU),
    "post": (GALLERYDL, INSTALOADER, YTDLP, IMGINN, FASTDL, TOOLZU),
    "reel": (GALLERYDL, YTDLP, INSTALOADER, IMGINN, FASTDL, TOOLZU),
}
"""Content type → every way there is, in the order they are asked unless an option says otherwise."""

VISITORS: dict[str, frozenset[str]] = {
    YTDLP: frozenset({"post", "reel"}),
    INSTALOADER: frozenset({"posts", "avatar", "post", "reel"}),
}
"""What Instagram itself may show without a login, by way."""

ADVICE = (
    "Using your login can get the account restricted or closed, at any speed. "
    "Use an account you can lose, or stay logged out."
)
NOTICE = "Sees whom you look at; its terms may forbid programs. Public content only."
_ASSISTED = "It works through your own browser, which you start with --remote-debugging-port=9222."


def _switch(name: str, site: str, more: str) -> Option:
    return Option(
        f"use_{name}", bool, False, f"Use {site}", f"{NOTICE} {site} is a viewer site. {more}".strip()
    )


def _order(kind: str, words: str) -> Option:
    return Option(
        f"order_{kind}",
        str,
        "",
        f"Order for {words}",
        f"Ways to {words}, by name with commas, the first one first; empty: {', '.join(ORDERS[kind])}.",
    )


def _pause(name: str, site: str, average_s: float) -> Option:
    return Option(
        f"pause_{name}_s",
        float,
        average_s,
        f"{site} pause",
        f"Average pause between two requests to {site}, seconds; each one differs by chance.",
        least=0,
        most=600,
    )


OPTIONS: tuple[Option, ...] = (
    Option("pinned", bool, True, "Pinned posts", "Also fetch posts pinned to the top of a profile."),
    Option(
        "stop_after_known",
        int,
        12,
        "Stop after known posts",
        "End a list, once it was walked to its end before, after so many posts in a row that were fetched before;"
        " the first three (pinned ones) do not count. 0: always walk all of it.",
        least=0,
        most=10_000,
    ),
    Option(
        "stay_logged_out",
        bool,
        False,
        "Stay logged out",
        f"Never use a login for Instagram: only the ways open to visitors and the viewer sites switched on. {ADVICE}",
    ),
    Option(
        "use_instaloader",
        bool,
        True,
        "Use instaloader",
        "Ask instaloader for posts and profile pictures, when it is installed (mediadl[instaloader]).",
    ),
    _switch("imginn", "Imginn", ""),
    _switch("storynavigation", "StoryNavigation", "It shows the newest 12 posts."),
    _switch("fastdl", "FastDL", _ASSISTED),
    _switch("toolzu", "Toolzu", _ASSISTED),
    Option(
        "fastdl_site",
        str,
        "fastdl.app",
        "FastDL site",
        "Which site of the FastDL family is opened; they fail together, so one is asked per run.",
        choices=(
            "fastdl.app", "sssinstagram.com", "igram.world", "anonyig.com", "storiesig.info", "gramsnap.com",
            "picuki.site",
        ),
    ),
    Option(
        "browser_cdp_url",
        str,
        "http://127.0.0.1:9222",
        "Browser",
        "Where your browser listens for FastDL and Toolzu; on this machine only.",
    ),
    Option(
        "browser_wait_s",
        int,
        120,
        "Browser wait",
        "How long to wait for an answer in the browser, in which you may tick a box, seconds.",
        least=5,
        most=120,
    ),
    Option(
        "imginn_open_posts",
        bool,
        True,
        "Open posts at Imginn",
        "Open each post with a video or several files: one request more each, complete files instead of previews.",
    ),
    _pause("imginn", "Imginn", 5.5),
    _pause("storynavigation", "StoryNavigation", 7.5),
    _pause("browser", "the browser's sites", 20.0),
    *(
        _order(kind, words)
        for kind, words in (
            ("posts", "posts"), ("reels", "reels"), ("stories", "stories"), ("highlights", "highlights"),
            ("tagged", "tagged posts"), ("avatar", "profile pictures"), ("post", "single posts"),
            ("reel", "single reels"),
        )
    ),
)  # fmt: skip


def order(kind: str, wanted: str) -> tuple[str, ...]:
    """The ways to one content type: those named, else the usual ones.

    Raises:
        InvalidInput: a name that is no way to it.
    """
    usual = ORDERS[kind]
    names = tuple(dict.fromkeys(name.strip().lower() for name in wanted.split(",") if name.strip()))
    unknown = [name for name in names if name not in usual]
    if unknown:
        raise InvalidInput(
            f"order_{kind}: {unknown[0]!r} is no way to Instagram's {kind}",
            next_step=f"It can be: {', '.join(usual)}.",
        )
    return names or usual
