"""A parsed page: the parser with its traps closed, and the few questions that every reader asks a node."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mediadl.errors import SiteChanged
from mediadl.modules.forum.links import absolute
from mediadl.modules.web import Answer
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_lines, safe_text

_MAX_DEPTH = 4000
"""Elements inside each other: the parser's time grows with the square of it."""
_MOST_TAGS = 300_000
"""Start and end tags; a long page of posts has some tens of thousands."""
_CHECKED_FROM = 50_000
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
_FLAT = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option",
        "optgroup", "colgroup", "html", "head", "body",
    }
)  # fmt: skip
"""Elements without an end tag, or whose end people leave out: they do not nest by themselves."""
_BEFORE_MARK = re.compile(r" (?=[,.;:!?](?: |$))")
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol",
        "p", "pre", "section", "summary", "table", "tr", "ul",
    }
)  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})


class Document:
    """One page. Nodes stay usable as long as it lives; readers cut out of it what is not content.

    Raises:
        SiteChanged: nested deeper than any page for people, or of more elements.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.url = answer.url
        self.source = answer.text().replace("\0", "")
        if self.source.count("<") > _MOST_TAGS:
            raise SiteChanged(f"{redact_url(answer.url)} has more elements than a page for people")
        if len(self.source) > _CHECKED_FROM and _depth(self.source) > _MAX_DEPTH:
            raise SiteChanged(f"{redact_url(answer.url)} is nested too deep to be a page for people")
        self.tree = LexborHTMLParser(self.source)
        base = self.first("base[href]")
        self.base = absolute(attribute(base, "href"), answer.url) or answer.url

    def all(self, selector: str) -> list[LexborNode]:
        """Every node that matches, once, in the order of the page."""
        return _once(self.tree.css(selector)) if selector else []

    def first(self, selector: str) -> LexborNode | None:
        """The first node that matches."""
        return self.tree.css_first(selector) if selector else None

    def meta(self, name: str) -> str:
        """The content of a meta element by its name or property."""
        return attribute(self.first(f'meta[name="{name}"], meta[property="{name}"]'), "content")


def select(node: LexborNode, selector: str) -> list[LexborNode]:
    """Every node within one that matches, once; the parser itself gives it once per member of a list it matches."""
    return _once(node.css(selector)) if selector else []


def preferred(node: LexborNode, selectors: str, *, text: bool = True) -> LexborNode | None:
    """The first match of the first selector in a list that has one; `text`: only those with a text count."""
    for selector in selectors.split(", "):
        for found in select(node, selector):
            if not text or line(found):
                return found
    return None


def attribute(node: LexborNode | None, name: str) -> str:
    """An attribute, stripped; empty when there is none."""
    if node is None:
        return ""
    return (node.attributes.get(name) or "").strip()


def classes(node: LexborNode) -> frozenset[str]:
    """The classes of a node, in lower case."""
    return frozenset(attribute(node, "class").lower().split())


def line(node: LexborNode | None) -> str:
    """The text of a node as one harmless line."""
    if node is None:
        return ""
    return safe_text(_BEFORE_MARK.sub("", " ".join(node.text(separator=" ").split())))


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """What a node stands in, the nearest first."""
    above = node.parent
    while above is not None and above.is_element_node:
        yield above
        above = above.parent


def cut(nodes: Iterable[LexborNode]) -> None:
    """Take nodes out of their page."""
    for node in nodes:
        if node.parent is not None:
            node.decompose()


def readable(node: LexborNode) -> str:
    """The text of a node as people see it: blocks on lines of their own, no scripts."""
    parts: list[str] = []
    stack: list[LexborNode | str] = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            parts.append(here)
            continue
        if here.is_text_node:
            parts.append(re.sub(r"\s+", " ", here.text_content or ""))
            continue
        tag = here.tag or ""
        if tag in _SILENT or not here.is_element_node:
            continue
        if tag in _BLOCKS:
            parts.append("\n")
            stack.append("\n")
        stack += reversed(list(here.iter(include_text=True)))
    lines = (" ".join(one.split()) for one in "".join(parts).split("\n"))
    return safe_lines("\n".join(one for one in lines if one))


def _once(nodes: list[LexborNode]) -> list[LexborNode]:
    if len(nodes) < 2:
        return nodes
    return list({node.mem_id: node for node in nodes}.values())


def _depth(source: str) -> int:
    """How deep elements stand in each other at most, roughly; 0 where they are too few to be deep."""
    if source.count("<") - source.count("</") <= _MAX_DEPTH:
        return 0
    deepest = depth = 0
    begun: Counter[str] = Counter()
    for found in _TAG.finditer(source):
        name = found[2].lower()
        if name in _FLAT or (found[1] and not begun[name]):
            continue  # the end of what never began ends nothing
        step = -1 if found[1] else 1
        begun[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest
