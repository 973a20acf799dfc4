"""The HTML of a post without anything that acts: what is left may be shown beside its files."""

from __future__ import annotations

import html

from selectolax.lexbor import LexborNode

from mediadl.modules.forum.document import classes
from mediadl.modules.forum.links import cleaned

_KEPT = frozenset(
    {
        "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details",
        "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
        "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
        "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
    }
)  # fmt: skip
_SILENT = frozenset(
    {
        "script", "style", "template", "noscript", "object", "embed", "svg", "math", "head", "title",
        "meta", "link", "base", "textarea", "select", "input", "button", "frame", "frameset", "noembed",
        "noframes", "plaintext", "xmp", "canvas",
    }
)  # fmt: skip
_VOID = frozenset({"br", "hr", "img", "wbr"})
_PLAIN = frozenset({"title", "alt", "colspan", "rowspan", "datetime", "start", "dir", "lang"})
_PLAYERS = frozenset({"video", "audio", "iframe"})
_SOURCES = ("data-full-image", "data-url", "data-src", "data-lazy-src", "src")
_MAX_CHARS = 1_000_000


def harmless(body: LexborNode, base: str) -> str:
    """The inner HTML of a body with a few plain elements and attributes; addresses are absolute and without session."""
    parts: list[str] = []
    size = 0
    stack: list[LexborNode | str] = list(reversed(list(body.iter(include_text=True))))
    while stack and size < _MAX_CHARS:
        here = stack.pop()
        if isinstance(here, str):
            parts.append(here)
            continue
        if here.is_text_node:
            parts.append(html.escape(here.text_content or "", quote=False))
            size += len(parts[-1])
            continue
        tag = here.tag or ""
        if not here.is_element_node or tag in _SILENT:
            continue
        if tag in _PLAYERS:
            parts.append(_link_to(here, base))
            continue
        if tag in _KEPT:
            parts.append(_opened(here, tag, base))
            size += len(parts[-1])
            if tag in _VOID:
                continue
            stack.append(f"</{tag}>")
        stack += reversed(list(here.iter(include_text=True)))
    parts += [one for one in reversed(stack) if isinstance(one, str)]
    return "".join(parts).strip()


def _opened(node: LexborNode, tag: str, base: str) -> str:
    """The start of an element with the attributes that may stay."""
    given = node.attributes
    kept = {name: value for name, value in given.items() if name in _PLAIN and value}
    if tag == "a" and (url := cleaned(given.get("href") or "", base)):
        kept["href"] = url
        kept["rel"] = "noreferrer"
    if tag == "img":
        found = (cleaned(given.get(name) or "", base) for name in _SOURCES)
        url = next((url for url in found if url and not url.endswith("/spacer.png")), "")
        if not url or classes(node) & {"emoji", "smilie", "smiley", "smilies"}:
            return html.escape(given.get("alt") or "", quote=False)
        kept["src"] = url
    words = "".join(f' {name}="{html.escape(value or "")}"' for name, value in kept.items())
    return f"<{tag}{words}>"


def _link_to(node: LexborNode, base: str) -> str:
    """A player as a link to what it plays."""
    inner = node.css_first("source[src]")
    given = node.attributes
    raw = (
        given.get("src")
        or given.get("data-src")
        or ((inner.attributes.get("src") or "") if inner is not None else "")
    )
    url = cleaned(raw or "", base)
    return f'<a href="{html.escape(url)}" rel="noreferrer">{html.escape(url)}</a>' if url else ""
