"""Settings, logins and keys as rows of a form. Pure."""

from __future__ import annotations

import time
from dataclasses import dataclass

from textual.content import Content

from mediadl.models import Session, SessionStanding
from mediadl.security.redact import redact
from mediadl.security.text import safe_text
from mediadl.settings.drafts import Draft
from mediadl.settings.keymap import Keymap
from mediadl.settings.kinds import Kind, Setting, Source, shown_text
from mediadl.widgets.amounts import plural
from mediadl.widgets.columns import clip
from mediadl.widgets.form_list import FormRow
from mediadl.widgets.job_text import reason_title

KEYS = "keys"
"""Id of the row about keys."""

_LOGIN = "login:"
_LONGEST_VALUE = 400
_ASIDE = 26


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a text being typed."""

    text: str
    value: object = None
    trouble: str = ""
    """Why it cannot be taken; empty: it can."""
    example: str = ""
    """What it comes to, where that is not plain to see."""


def value_text(setting: Setting, value: object) -> str:
    """A value in words, with a sign where it can be switched or chosen; passwords in addresses are hidden."""
    text = shown_text(setting.kind, value, setting.zero)
    if setting.kind is Kind.SWITCH:
        return f"{'●' if value else '○'} {text}"
    if setting.kind in {Kind.CHOICE, Kind.THEME}:
        return f"{safe_text(text, limit=80)} ▾"
    if setting.kind is Kind.TEXT and "://" in text:
        text = redact(text)
    return safe_text(text, limit=_LONGEST_VALUE)


def field_row(setting: Setting, draft: Draft | None, verdict: Verdict | None = None) -> FormRow:
    """One setting: its value once saved, where that comes from, and what it means or what is wrong."""
    value = setting.value if draft is None else draft.value
    style = "" if setting.source is Source.DEFAULT and draft is None else "accent"
    return FormRow(
        setting.key,
        setting.title,
        value_text(setting, value),
        "quiet" if setting.source is Source.ENVIRONMENT else style,
        _aside(setting, draft),
        *_note(setting, draft, verdict),
        changed=draft is not None,
    )


def _aside(setting: Setting, draft: Draft | None) -> str:
    if draft is not None:
        return clip(f"unsaved, was {value_text(setting, setting.value).removesuffix(' ▾')}", _ASIDE)
    if setting.source is Source.ENVIRONMENT:
        return setting.variable if len(setting.variable) <= _ASIDE else "environment"
    return "settings.toml" if setting.source is Source.FILE else "default"


def _note(setting: Setting, draft: Draft | None, verdict: Verdict | None) -> tuple[str, str]:
    if verdict is not None and verdict.trouble:
        return f"✗ {safe_text(verdict.trouble)}", "grave"
    if verdict is not None and verdict.example:
        return f"→ {safe_text(verdict.example)}", "accent"
    if draft is not None and draft.elsewhere:
        return f"⚠ Changed elsewhere to {safe_text(draft.elsewhere)}. Saving overwrites that.", "mild"
    if setting.source is Source.ENVIRONMENT:
        return f"Set by {setting.variable}, which wins over the file.", "mild"
    return setting.help, "quiet"


def about(setting: Setting, draft: Draft | None) -> Content:
    """Everything about the setting under the cursor, in two lines."""
    default = value_text(setting, setting.default).removesuffix(" ▾")
    source = {
        Source.DEFAULT: "from the default",
        Source.FILE: "from settings.toml",
        Source.ENVIRONMENT: f"from {setting.variable}",
    }[setting.source]
    facts = [setting.allowed, f"default {default}", "not saved yet" if draft is not None else source]
    return Content.assemble(
        (setting.key, "bold"), ("  " + " · ".join(facts), "$foreground-muted"), "\n", setting.help
    )


def trouble_text(key: str, message: str) -> str:
    """A complaint without the name of the setting it stands under."""
    return message.removeprefix(f"{key}: ")


def login_id(site: str, account: str = "") -> str:
    """Id of the row of a login."""
    return f"{_LOGIN}{site}\n{account}"


def login_of(row_id: str) -> tuple[str, str] | None:
    """Site and account of a login's row."""
    if not row_id.startswith(_LOGIN):
        return None
    site, _, account = row_id.removeprefix(_LOGIN).partition("\n")
    return site, account


def login_row(site: str, session: Session | None, now: float) -> FormRow:
    """One login, or that a site has none."""
    again = "Enter imports its cookies anew."
    if session is None:
        return FormRow(
            login_id(site),
            site,
            "– no login",
            "quiet",
            "",
            "What is public needs none. Enter imports cookies.",
        )
    name = (
        safe_text(site)
        if session.account == "default"
        else f"{safe_text(site)} · {safe_text(session.account)}"
    )
    cookies = plural(session.cookies, "cookie")
    row_id = login_id(session.site, session.account)
    aside = f"imported {_day(session.imported_at)}"
    if session.locked:
        lost = f"The key that opens it is not here. Put it back, or: {again}"
        return FormRow(row_id, name, "✗ locked", "grave", aside, lost, "grave")
    if session.broken_reason:
        reason = safe_text(reason_title(session.broken_reason), limit=120)
        return FormRow(
            row_id, name, "✗ refused", "grave", aside, f"The site refused it: {reason}. {again}", "grave"
        )
    if session.standing(now) is SessionStanding.SOON and session.expires_at is not None:
        days = int((session.expires_at - now) // 86_400)
        when = "today" if days < 1 else "tomorrow" if days < 2 else f"in {days} days"
        soon = f"The login runs out on {_day(session.expires_at)}. {again}"
        return FormRow(row_id, name, f"⚠ runs out {when}", "mild", aside, soon, "mild")
    if session.has_password and not session.cookies:
        return FormRow(row_id, name, "✓ logs in by form", "status-completed", aside, again)
    if session.standing(now) is SessionStanding.RUN_OUT:
        gone = f"The login ran out on {_day(session.expires_at or now)}. {again}"
        return FormRow(row_id, name, "⚠ run out", "mild", aside, gone, "mild")
    until = f", good until {_day(session.expires_at)}" if session.expires_at else ""
    return FormRow(row_id, name, f"✓ {cookies}{until}", "status-completed", aside, again)


def keys_row(keymap: Keymap) -> FormRow:
    """What the user made of the keys."""
    value, style = "as made", "quiet"
    if keymap.keys:
        value, style = f"{len(keymap.keys)} changed", "accent"
    note, note_style = "Enter lists every key and where other keys can be given.", "quiet"
    if keymap.troubles:
        lines = f"{plural(len(keymap.troubles), 'line')} of keymap.toml cannot be used"
        note, note_style = f"⚠ {lines}. Enter says why.", "mild"
    return FormRow(KEYS, "Keys", value, style, "keymap.toml" if keymap.keys else "default", note, note_style)


def _day(at: float | None) -> str:
    return time.strftime("%d %b %Y", time.localtime(at)).lstrip("0") if at is not None else ""
