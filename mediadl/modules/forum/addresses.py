"""What the address of a forum tells before anything is asked for: thread, board or post, and its one true form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from mediadl.modules.forum.links import absolute, pairs, without, without_session

Kind = Literal["thread", "board", "post", ""]

XENFORO = ("xenforo2", "xenforo1")
VBULLETIN = ("vbulletin3", "vbulletin4")
INVISION = ("invision4", "invision5")
FLARUM_LIST = (
    "{base}/api/posts?filter[discussion]={id}&page[offset]={offset}&page[limit]=20&sort=number"
    "&include=user,discussion"
)

_NOISE = frozenset(
    {"order", "highlight", "hilit", "view", "sort", "sortby", "direction", "mode", "nojs", "fbclid"}
)
"""Parameters that sort, mark or track, but choose no thread."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address whose shape is known."""

    kind: Kind
    programs: tuple[str, ...]
    """Programs that make such addresses, the likeliest first."""
    base: str
    """Where the forum lives: scheme, host and folder, no slash at the end."""
    id: str
    """Of the thread, board or post, as `kind` says; of the thread when the post's address has both."""
    url: str
    """Canonical."""
    page: int | None = None
    """Page number in the address; None: none, or an offset."""
    offset: int | None = None
    """Number of posts before the page, where addresses count so."""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class _Shape:
    programs: tuple[str, ...]
    kind: Kind
    path: re.Pattern[str]
    canonical: str
    certain: bool = True
    """False: other sites have such addresses, too; it counts where the program is known."""


def _shape(
    programs: tuple[str, ...], kind: Kind, path: str, canonical: str, *, certain: bool = True
) -> _Shape:
    return _Shape(programs, kind, re.compile(path, re.IGNORECASE), canonical, certain)


_PATHS = (
    _shape(
        XENFORO,
        "thread",
        r"/threads/(?P<slug>[^/]*\.)(?P<id>\d+)(?:/(?:page-(?P<page>\d+)|post-(?P<post>\d+)|latest|unread)?)?$",
        "/threads/{slug}{id}/",
    ),
    _shape(XENFORO, "thread", r"/threads/(?P<id>\d+)(?:/(?:page-(?P<page>\d+))?)?$", "/threads/{id}/"),
    _shape(
        XENFORO, "board", r"/forums/(?P<slug>[^/]*\.)(?P<id>\d+)(?:/(?:page-(?P<page>\d+))?)?$", "/forums/{slug}{id}/"
    ),
    _shape(
        ("vbulletin4",),
        "thread",
        r"/threads/(?P<id>\d+)(?P<slug>-[^/]+?)(?:/page(?P<page>\d+))?/?$",
        "/threads/{id}{slug}",
    ),
    _shape(
        ("vbulletin4",),
        "board",
        r"/forums/(?P<id>\d+)(?P<slug>-[^/]+?)(?:/page(?P<page>\d+))?/?$",
        "/forums/{id}{slug}",
    ),
    _shape(
        (*INVISION, "flaskbb"),
        "thread",
        r"/topic/(?P<id>\d+)(?P<slug>-[^/]+)(?:/page/(?P<page>\d+))?(?P<end>/?)$",
        "/topic/{id}{slug}{end}",
    ),
    _shape(
        (*INVISION, "flaskbb"),
        "board",
        r"/forum/(?P<id>\d+)(?P<slug>-[^/]+)(?:/page/(?P<page>\d+))?(?P<end>/?)$",
        "/forum/{id}{slug}{end}",
    ),
    _shape(
        ("nodebb", "spirit"),
        "thread",
        r"(?<!/api)/topic/(?P<id>\d+)/(?P<slug>(?!page/)[^/]+)(?:/\d+)?(?P<end>/?)$",
        "/topic/{id}/{slug}{end}",
    ),
    _shape(
        ("discourse",),
        "thread",
        r"/t/(?P<slug>(?!\d+/)[^/]+)/(?P<id>\d+)(?:/(?:\d+|last|print))?(?:\.json)?/?$",
        "/t/{slug}/{id}",
    ),
    _shape(("flarum",), "thread", r"/d/(?P<id>\d+)(?P<slug>-[^/]+)(?:/\d+)?/?$", "/d/{id}{slug}"),
    _shape(
        ("mybb",),
        "thread",
        r"/thread-(?P<id>\d+)(?:-(?:page-(?P<page>\d+)|post-\d+|lastpost|newpost|nextoldest|nextnewest))*\.html$",
        "/thread-{id}.html",
    ),
    _shape(("mybb",), "board", r"/forum-(?P<id>\d+)(?:-page-(?P<page>\d+))?\.html$", "/forum-{id}.html"),
    _shape(
        ("smf",), "thread", r"/index\.php/topic,(?P<id>\d+)\.(?:(?P<offset>\d+)|msg\d+|new)\.html$",
        "/index.php/topic,{id}.0.html",
    ),
    _shape(("smf",), "board", r"/index\.php/board,(?P<id>\d+)\.\d+\.html$", "/index.php/board,{id}.0.html"),
    _shape(
        ("vbulletin3",),
        "thread",
        r"(?P<slug>/f\d+/[^/]+?-)(?P<id>\d+)(?:-(?:page)?(?P<page>\d{1,3}))?(?P<end>\.html|/)$",
        "{slug}{id}{end}",
    ),
    _shape(
        ("vbulletin5",),
        "thread",
        r"(?P<folder>/forums?/(?:(?!topic/|threads/)[^/]+/)+)(?P<id>\d+)(?P<slug>-[^/]+?)(?:/page(?P<page>\d+))?/?$",
        "{folder}{id}{slug}",
    ),
    # What follows is told from other sites' addresses by the program only
    _shape(("discourse",), "thread", r"/t/(?P<id>\d+)(?:/(?:\d+|posts))?(?:\.json)?/?$", "/t/{id}", certain=False),
    _shape(
        ("discourse",), "board", r"(?P<slug>/c/(?:[^/]+/)+)(?P<id>\d+)(?:/l/[a-z]+)?(?:\.json)?/?$", "{slug}{id}",
        certain=False,
    ),
    _shape(("discourse",), "board", r"/(?P<slug>latest|top|new)(?:\.json)?/?$", "/{slug}", certain=False),
    _shape(("flarum",), "thread", r"/d/(?P<id>\d+)/?$", "/d/{id}", certain=False),
    _shape(("flarum",), "board", r"/t/(?P<id>[\w-]+)/?$", "/t/{id}", certain=False),
    _shape(("flarum",), "board", r"/(?P<slug>all)/?$", "/{slug}", certain=False),
    _shape(("nodebb",), "thread", r"/api/topic/(?P<id>\d+)(?:/[^/]+)?(?:/\d+)?/?$", "/topic/{id}", certain=False),
    _shape(("nodebb",), "board", r"/api/category/(?P<id>\d+)(?:/[^/]+)?/?$", "/category/{id}", certain=False),
    _shape(
        ("nodebb", "spirit"), "board", r"/category/(?P<id>\d+)(?P<slug>/[^/]+)?(?P<end>/?)$",
        "/category/{id}{slug}{end}", certain=False,
    ),
    _shape(
        ("nodebb", "spirit", "flaskbb", *INVISION), "thread", r"/topic/(?P<id>\d+)(?P<end>/?)$", "/topic/{id}{end}",
        certain=False,
    ),
    _shape(XENFORO, "post", r"/posts/(?P<id>\d+)/?$", "/posts/{id}/", certain=False),
    _shape(("nodebb", "flaskbb"), "post", r"/post/(?P<id>\d+)$", "/post/{id}", certain=False),
    _shape(("spirit",), "post", r"/comment/(?P<id>\d+)/find/?$", "/comment/{id}/find/", certain=False),
    _shape(
        ("vbulletin3",), "thread", r"(?P<slug>/[^/]+-)(?P<id>\d+)(?P<end>\.html)$", "{slug}{id}{end}", certain=False
    ),
    _shape(
        ("phpbb3",), "thread", r"(?P<slug>/(?:[^/]+-t|topic))(?P<id>\d+)(?:-\d+)?\.html$", "{slug}{id}.html",
        certain=False,
    ),
)  # fmt: skip

_SCRIPTS: dict[str, tuple[tuple[str, Kind, tuple[str, ...]], ...]] = {
    "viewtopic.php": (
        ("t", "thread", ("phpbb3",)),
        ("id", "thread", ("fluxbb",)),
        ("p", "post", ("phpbb3",)),
        ("pid", "post", ("fluxbb",)),
    ),
    "viewforum.php": (("f", "board", ("phpbb3",)), ("id", "board", ("fluxbb",))),
    "showthread.php": (
        ("t", "thread", VBULLETIN),
        ("tid", "thread", ("mybb",)),
        ("p", "post", VBULLETIN),
        ("pid", "post", ("mybb",)),
    ),
    "forumdisplay.php": (("f", "board", VBULLETIN), ("fid", "board", ("mybb",))),
}
_TOPIC = re.compile(r"^(\d+)(?:\.(?:(\d+)|msg\d+|new|from\d+))?$")


def look(url: str, software: str = "") -> Address | None:
    """What an address is, or None when its shape is no forum's; `software` lets shapes count that others have, too."""
    clean = absolute(url, url)
    if not clean:
        return None
    clean = without_session(clean, clean)
    parts = urlsplit(clean)
    root = f"{parts.scheme}://{parts.netloc.lower()}"
    folder, _, script = parts.path.rpartition("/")
    if script.lower() in _SCRIPTS:
        found = _by_script(root + folder, script, parts.query, software)
    elif script.lower() in {"index.php", ""}:
        found = _by_query(root + folder, script, parts.query, software)
    else:
        found = None
    return found or _by_path(root, parts.path, parts.query, software)


def kind_of_address(url: str, software: str = "") -> Kind:
    """Whether an address leads to a thread, a board or a post of some forum; empty when its shape does not tell."""
    found = look(url, software)
    return found.kind if found else ""


def thread_url(url: str, software: str = "") -> str:
    """The canonical form of a thread's or board's address: no session, order, page or anchor of a post.

    What has no known shape loses session, order and anchor only.
    """
    found = look(url, software)
    if found is not None:
        return found.url
    clean = absolute(url, url)
    return without(without_session(clean, clean), _NOISE) if clean else url


def first_address(url: str, software: str) -> str:
    """What to ask for first to read the thread or board at a human address: JSON programs have their own."""
    found = look(url, software)
    if found is None or software not in found.programs:
        return thread_url(url, software)
    board = found.kind == "board"
    if software == "discourse" and found.kind:
        return f"{found.url}.json" if board else f"{found.base}/t/{found.id}.json"
    if software == "nodebb" and found.kind != "post":
        return f"{found.base}/api/{'category' if board else 'topic'}/{found.id}"
    if software == "flarum" and board:
        tag = f"filter[tag]={found.id}&" if found.id else ""
        return f"{found.base}/api/discussions?{tag}page[offset]=0&page[limit]=20&sort=-lastPostedAt"
    if software == "flarum":
        return FLARUM_LIST.format(base=found.base, id=found.id, offset=0)
    return found.url


def _by_script(base: str, script: str, query: str, software: str) -> Address | None:
    """Programs whose pages are scripts with parameters."""
    given = {name.lower(): value for name, value in pairs(query)}
    page = _number(given.get("page") or (given.get("p") if "id" in given else None))
    for name, kind, programs in _SCRIPTS[script.lower()]:
        value = re.match(r"\d+", given.get(name, ""))
        if value and (not software or software in programs or software == "unknown"):
            url = f"{base}/{script}?{name}={value[0]}"
            return Address(kind, programs, base, value[0], url, page, _number(given.get("start")))
    slug = re.match(r"^(\d+)(-[^&;=/]*)?(?:/page(\d+))?(?:[&;]|$)", query)
    if slug and script.lower() in {"showthread.php", "forumdisplay.php"}:
        kind = "thread" if script.lower() == "showthread.php" else "board"
        url = f"{base}/{script}?{slug[1]}{slug[2] or ''}"
        return Address(kind, ("vbulletin4", "vbulletin3"), base, slug[1], url, page or _number(slug[3]))
    return None


def _by_query(base: str, script: str, query: str, software: str) -> Address | None:
    """Programs that put everything into the query of one script."""
    given = {name.lower(): value for name, value in pairs(query)}
    for name, kind in (("topic", "thread"), ("board", "board")):
        value = _TOPIC.match(given.get(name, ""))
        certain = "." in given.get(name, "") or software == "smf"
        if value and certain and given.get("action", "printpage") == "printpage":
            url = f"{base}/index.php?{name}={value[1]}.0"
            return Address(
                "thread" if kind == "thread" else "board",
                ("smf",),
                base,
                value[1],
                url,
                None,
                _number(value[2]),
            )
    route = re.match(r"^/?((?:threads|forums|topic|forum|posts)/[^&;=]*)", query)
    if route is None or not script:
        return None
    inner = _by_path("", "/" + route[1], "", software or ("xenforo2" if route[1].startswith("posts") else ""))
    if inner is None:
        return None
    slash = "/" if query.startswith("/") else ""
    return Address(
        inner.kind, inner.programs, base, inner.id, f"{base}/{script}?{slash}{inner.url[1:]}", inner.page, None,
        inner.slug,
    )  # fmt: skip


def _by_path(root: str, path: str, query: str, software: str) -> Address | None:
    for shape in _PATHS:
        if software and software != "unknown":
            if software not in shape.programs:
                continue
        elif not shape.certain:
            continue
        found = shape.path.search(path)
        if found is None:
            continue
        groups = {name: value or "" for name, value in found.groupdict().items()}
        if groups.get("end") in {"", "/"}:
            groups["end"] = _end(groups["end"], software)
        named = groups.get("post") or any(name.lower() == "comment" for name, _ in pairs(query))
        kind: Kind = "post" if named and shape.kind == "thread" else shape.kind
        base = root + path[: found.start()]
        page = _number(groups.get("page") or dict(pairs(query)).get("page"))
        return Address(
            kind, shape.programs, base, groups.get("id", ""), base + shape.canonical.format(**groups), page,
            _number(groups.get("offset")), groups.get("slug", ""),
        )  # fmt: skip
    return None


def _end(given: str, software: str) -> str:
    """The slash at the end: some programs answer 404 with it, others redirect without it."""
    if software in {"flaskbb", "nodebb"}:
        return ""
    return "/" if software in {"spirit", *INVISION} else given


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
