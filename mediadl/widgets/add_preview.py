"""What typed addresses would become, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.content import Content

from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count, plural

_MOST_LINES = 100


class Previewed(Protocol):
    """One word of the input, as the service sees it."""

    @property
    def line(self) -> int:
        """Line of the input, from 1."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def platform(self) -> str:
        """The module that would take it."""

    @property
    def content_type(self) -> str:
        """What the address stands for."""

    @property
    def title(self) -> str:
        """What is known without asking."""

    @property
    def source(self) -> str:
        """Account or host."""

    @property
    def error(self) -> str:
        """Why it cannot be added; empty: it can."""

    @property
    def next_step(self) -> str:
        """What to do about the error."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole input in one line."""

    good: int
    bad: int
    content: Content


def summary(found: Sequence[Previewed]) -> Summary:
    """How many can be added, how many not."""
    bad = sum(1 for preview in found if preview.error)
    good = len(found) - bad
    if not found:
        text = Content.styled(
            "Type or paste addresses, or names such as instagram:NAME.", "$foreground-muted"
        )
        return Summary(0, 0, text)
    parts: list[tuple[str, str]] = []
    if good:
        parts.append(
            (f"✓ {plural(good, 'address').replace('addresss', 'addresses')} to add", "bold $text-success")
        )
    if bad:
        parts.append((("   " if good else "") + f"✗ {count(bad)} not usable", "bold $text-error"))
    return Summary(good, bad, Content.assemble(*parts))


def preview_lines(found: Sequence[Previewed]) -> Content:
    """One line per word, the unusable ones first: they need a look."""
    ordered = sorted(enumerate(found), key=lambda pair: (not pair[1].error, pair[0]))
    lines = [_line(preview, many=len(found) > 1) for _, preview in ordered[:_MOST_LINES]]
    if len(found) > _MOST_LINES:
        lines.append(Content.styled(f"… and {count(len(found) - _MOST_LINES)} more", "$foreground-muted"))
    return Content("\n").join(lines)


def _line(preview: Previewed, *, many: bool) -> Content:
    text = safe_text(preview.text, limit=120)
    if preview.error:
        where = f"line {preview.line}: " if many else ""
        return Content.assemble(
            ("✗ ", "bold $text-error"), (where, "bold"), text, "\n    ",
            (f"{safe_text(preview.error)}. {safe_text(preview.next_step)}", "$text-error"),
        )  # fmt: skip
    kind = " ".join(filter(None, (safe_text(preview.platform), safe_text(preview.content_type))))
    about = " · ".join(filter(None, (safe_text(preview.source), safe_text(preview.title)))) or text
    return Content.assemble(("✓ ", "bold $text-success"), (f"{kind}  ", "bold"), about)
