"""Finds the posts of a page nobody wrote a reader for: by ids that differ in one number, and by what differs inside."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.dates import moment_of
from mediadl.modules.forum.document import Document, ancestors, attribute, line, select

_NUMBERED = re.compile(r"^([A-Za-z][A-Za-z_:.-]{0,30})?(\d{1,20})$")
_ID_ATTRIBUTES = re.compile(r"^(?:id|data-(?:[\w-]*(?:id|pk)|content|post|comment|message|quote-href))$")
_NOT_POSTS = re.compile(
    r"user|author|member|avatar|menu|nav|forum|thread|topic|attach|file|react|menu|widget|ad[-_]",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"content|body|message|text|comment|entry|postmsg|bbwrapper|cooked|markdown|richtext", re.IGNORECASE
)
_BAD = re.compile(
    r"author|user|sign|foot|meta|head|info|profile|avatar|date|time|button|control|menu|nav|link|share|rank|stat|title"
    r"|attach|toolbar|action|react|badge|bit|number|quote",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:members?|profiles?|users?|u)/|member\.php|profile|memberlist|[?&;]u(?:id)?=\d", re.IGNORECASE
)
_ABOUT_AUTHOR = re.compile(r"author|user|profile|join|poster|member", re.IGNORECASE)
_MOST = 1000
"""Elements of one family that are looked at."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An element that seems to be a post."""

    id: str
    node: LexborNode
    body: LexborNode


@dataclass(frozen=True, slots=True)
class _Trait:
    """A class, or an id but for its number, as it occurs in the posts."""

    name: str
    nodes: tuple[LexborNode, ...]


def guess_posts(doc: Document, now: float) -> list[Guess]:
    """The posts of a page in its order; empty when nothing looks like posts."""
    best: list[tuple[str, LexborNode]] = []
    best_score = 0.0
    for key, members in _families(doc).items():
        score = _weight(key, [node for _, node in members], now)
        if score > best_score:
            best, best_score = members, score
    if not best:
        return []
    best = _grown(best)
    nodes = [node for _, node in best]
    bodies = _bodies(nodes, now)
    return [Guess(identity, node, bodies.get(node.mem_id, node)) for identity, node in best]


def author_of(node: LexborNode, body: LexborNode) -> LexborNode | None:
    """Who wrote a post: a link to a profile, else what is named so."""
    within = {one.mem_id for one in select(body, "a")}
    for link in select(node, "a[href]"):
        if link.mem_id not in within and _PROFILE.search(attribute(link, "href")) and line(link):
            return link
    for named in select(node, "[class*=username], [class*=author], [itemprop=name]"):
        if 0 < len(line(named)) <= 64:
            return named
    return None


def date_of(node: LexborNode, body: LexborNode, now: float) -> tuple[str, str]:
    """The date of a post: what a machine shall read (empty: nothing) and the text."""
    within = {one.mem_id for one in select(body, "*")} | {body.mem_id}
    times = [one for one in select(node, "time") if one.mem_id not in within]
    times.sort(key=lambda one: _about_author(one, node))
    for one in times:
        exact = attribute(one, "datetime")
        if moment_of(exact or line(one), now=now) is not None:
            return exact, line(one)
    for one in select(node, "[title]"):
        if one.mem_id not in within and moment_of(attribute(one, "title"), now=now) is not None:
            return attribute(one, "title"), line(one)
    for one in select(node, "*"):
        text = line(one)
        if one.mem_id not in within and 4 < len(text) <= 60 and not _about_author(one, node):
            own = text.rpartition("»")[2].strip() or text
            if moment_of(own, now=now) is not None:
                return "", own
    return "", ""


def _about_author(one: LexborNode, node: LexborNode) -> bool:
    for above in (one, *ancestors(one)):
        if above.mem_id == node.mem_id:
            return False
        if _ABOUT_AUTHOR.search(attribute(above, "class")):
            return True
    return False


def _families(doc: Document) -> dict[tuple[str, str], list[tuple[str, LexborNode]]]:
    """Elements by what their ids have in common; each number once, none inside another of its family."""
    found: dict[tuple[str, str], dict[str, LexborNode]] = defaultdict(dict)
    root = doc.tree.body
    if root is None:
        return {}
    for node in root.traverse():
        if node.tag in {"a", "img", "input", "option", "script", "span", "label", "button"}:
            continue
        for name, value in node.attributes.items():
            if value and _ID_ATTRIBUTES.match(name) and (shape := _NUMBERED.match(value.strip())):
                family = found[name, f"{node.tag}:{shape[1] or ''}"]
                if shape[2] not in family and len(family) < _MOST:
                    family[shape[2]] = node
    return {
        key: kept
        for key, members in found.items()
        if len(members) >= 2 and len(kept := _side_by_side(members)) >= 2
    }


def _side_by_side(members: dict[str, LexborNode]) -> list[tuple[str, LexborNode]]:
    inside = {node.mem_id for node in members.values()}
    return [
        (number, node)
        for number, node in members.items()
        if not any(above.mem_id in inside for above in ancestors(node))
    ]


def _grown(members: list[tuple[str, LexborNode]]) -> list[tuple[str, LexborNode]]:
    """Each post with all around it that is no other's: some programs number the text only, and not who wrote it."""
    shared = Counter(above.mem_id for _, node in members for above in ancestors(node))
    grown = []
    for identity, node in members:
        widest = node
        for above in ancestors(node):
            if shared[above.mem_id] > 1 or above.tag in {"body", "html"}:
                break
            widest = above
        grown.append((identity, widest))
    return grown


def _weight(key: tuple[str, str], nodes: list[LexborNode], now: float) -> float:
    """How much a family looks like posts: many, with much text that differs, each with a date."""
    texts = [line(node) for node in nodes]
    filled = [text for text in texts if text]
    if len(set(filled)) < 2 or len(filled) < len(texts) * 0.6:
        return 0.0
    score = float(sum(min(len(text), 800) for text in filled))
    dated = sum(1 for node in nodes[:10] if _dated(node, now)) / min(len(nodes), 10)
    score *= 0.3 + 1.7 * dated
    if _NOT_POSTS.search(key[1]) and not re.search(r"post|comment|message", key[1], re.IGNORECASE):
        score *= 0.3
    return score


def _dated(node: LexborNode, now: float) -> bool:
    if node.css_first("time") is not None:
        return True
    if any(moment_of(attribute(one, "title"), now=now) for one in select(node, "[title]")[:8]):
        return True
    return any(
        moment_of(text, now=now) is not None
        for one in select(node, "*")[:60]
        if 4 < len(text := line(one)) <= 60 and any(c.isdigit() for c in text)
    )


def _bodies(nodes: list[LexborNode], now: float) -> dict[int, LexborNode]:
    """The body of each post: the trait that most of them have and whose texts differ most."""
    best: _Trait | None = None
    best_score = 0.0
    for trait in _traits(nodes):
        texts = [line(node) for node in trait.nodes]
        length = sum(min(len(text), 1000) for text in texts) / len(texts)
        score = len(set(texts)) / len(texts) * (length + 20)
        if _GOOD.search(trait.name):
            score *= 2.5
        if _BAD.search(trait.name):
            score *= 0.25
        linked = sum(len(line(link)) for node in trait.nodes for link in select(node, "a"))
        score *= 1 - min(0.6, linked / max(1, sum(map(len, texts))))
        if all(_dated(node, now) for node in trait.nodes[:3]):
            score *= 0.4
        if all(_has_profile(node) for node in trait.nodes):
            score *= 0.4
        if score > best_score:
            best, best_score = trait, score
    if best is None:
        return {}
    above = {node.mem_id: node for node in nodes}
    found: dict[int, LexborNode] = {}
    for node in best.nodes:
        owner = next((one.mem_id for one in ancestors(node) if one.mem_id in above), None)
        if owner is not None:
            found.setdefault(owner, node)
    return found


def _has_profile(node: LexborNode) -> bool:
    return any(_PROFILE.search(attribute(link, "href")) for link in select(node, "a[href]"))


def _traits(nodes: list[LexborNode]) -> list[_Trait]:
    found: dict[str, dict[int, LexborNode]] = defaultdict(dict)
    for post in nodes:
        for node in select(post, "[class], [id], [itemprop], [data-role]"):
            if node.mem_id == post.mem_id:
                continue
            names = {f".{name}" for name in attribute(node, "class").split()}
            if shape := _NUMBERED.match(attribute(node, "id")):
                names.add(f"#{shape[1] or ''}")
            names |= {f"@{value}" for name in ("itemprop", "data-role") if (value := attribute(node, name))}
            for name in names:
                found[name].setdefault(post.mem_id, node)
    return [
        _Trait(name, tuple(held.values())) for name, held in found.items() if len(held) >= 0.8 * len(nodes)
    ]
