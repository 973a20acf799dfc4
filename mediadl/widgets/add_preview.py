"""What typed addresses would become, as text."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.content import Content

from mediadl.models import OPEN_STATUSES, JobStatus
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count, span
from mediadl.widgets.job_text import WORDS

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
    def url(self) -> str:
        """Its address; empty for a bad one."""

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


class Foreseen(Protocol):
    """What is known of an address beforehand, as the service sees it."""

    @property
    def names(self) -> str:
        """Where its files would go."""

    @property
    def job_id(self) -> int | None:
        """A job that has the same address."""

    @property
    def job_status(self) -> JobStatus | None:
        """How that job stands."""

    @property
    def fetched(self) -> bool:
        """Whether its file was fetched before."""

    @property
    def login(self) -> str:
        """Site that wants a login first; empty: none."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole input in one line."""

    good: int
    bad: int
    content: Content


def summary(found: Sequence[Previewed], known: Mapping[str, Foreseen] | None = None) -> Summary:
    """How many can be added, how many of those are known already, how many cannot."""
    bad = sum(1 for preview in found if preview.error)
    good = len(found) - bad
    if not found:
        text = Content.styled(
            "Type or paste addresses, or names such as instagram:NAME.", "$foreground-muted"
        )
        return Summary(0, 0, text)
    seen = [known[preview.url] for preview in found if known and preview.url in known and not preview.error]
    queued = sum(1 for one in seen if one.job_status in OPEN_STATUSES)
    fetched = sum(1 for one in seen if one.fetched or one.job_status is JobStatus.COMPLETED)
    parts: list[tuple[str, str]] = []
    if good:
        parts.append(
            (f"✓ {count(good)} {'address' if good == 1 else 'addresses'} to add", "bold $text-success")
        )
    if queued:
        parts.append((f"   ○ {count(queued)} queued already", "$text-warning"))
    if fetched:
        parts.append((f"   ≡ {count(fetched)} fetched before", "$text-warning"))
    if bad:
        parts.append((("   " if good else "") + f"✗ {count(bad)} not usable", "bold $text-error"))
    return Summary(good, bad, Content.assemble(*parts))


def preview_lines(
    found: Sequence[Previewed], known: Mapping[str, Foreseen] | None = None, *, again: bool = False
) -> Content:
    """What each word becomes, the unusable ones first: they need a look.

    `again`: what was fetched before is to be fetched once more.
    """
    ordered = sorted(enumerate(found), key=lambda pair: (not pair[1].error, pair[0]))
    many = len(found) > 1
    lines = [
        _line(preview, (known or {}).get(preview.url), many=many, again=again)
        for _, preview in ordered[:_MOST_LINES]
    ]
    if len(found) > _MOST_LINES:
        lines.append(Content.styled(f"… and {count(len(found) - _MOST_LINES)} more", "$foreground-muted"))
    return Content("\n").join(lines)


def login_line(known: Mapping[str, Foreseen]) -> Content | None:
    """Says which sites want a login first; `None` when none does."""
    sites = sorted({one.login for one in known.values() if one.login})
    if not sites:
        return None
    text = f"⚠ {safe_text(' and '.join(sites))} shows this to accounts only: import cookies first."
    return Content.styled(text, "$text-warning")


def start_line(at: float, now: float) -> Content:
    """When that is, on the clock of this place."""
    moment = time.strftime("%a %d %b %Y %H:%M", time.localtime(at))
    return Content.assemble(("◷ starts ", "$foreground-muted"), (moment, "bold"), f", in {span(at - now)}")


def _line(preview: Previewed, known: Foreseen | None, *, many: bool, again: bool) -> Content:
    text = safe_text(preview.text, limit=120)
    if preview.error:
        where = f"line {preview.line}: " if many else ""
        return Content.assemble(
            ("✗ ", "bold $text-error"), (where, "bold"), text, "\n    ",
            (f"{safe_text(preview.error)}. {safe_text(preview.next_step)}", "$text-error"),
        )  # fmt: skip
    kind = " ".join(filter(None, (safe_text(preview.platform), safe_text(preview.content_type))))
    about = " · ".join(filter(None, (safe_text(preview.source), safe_text(preview.title)))) or text
    pieces: list[tuple[str, str]] = [("✓ ", "bold $text-success"), (f"{kind}  ", "bold"), (about, "")]
    if known is not None:
        if note := _known(known, again=again):
            pieces.append((f"\n    {note}", "$text-warning"))
        if known.names:
            pieces.append((f"\n    → {safe_text(known.names, limit=400)}", "$foreground-muted"))
    return Content.assemble(*pieces)


def _known(known: Foreseen, *, again: bool) -> str:
    """What is there already, and what will happen therefore."""
    then = "everything is fetched again" if again else "what is stored is not fetched again"
    if known.job_id is not None and known.job_status is not None:
        return f"≡ job {known.job_id} has it already ({WORDS[known.job_status].lower()}): a second job is made, {then}"
    if known.fetched:
        return f"≡ fetched before: {'fetched again' if again else 'it will be skipped'}"
    return ""
