"""Which of the cookies that were found are kept, what is doubtful about them, and how a session stands, in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput
from mediadl.models import Session, SessionStanding
from mediadl.security.cookies import Cookie, expired_words, login_names
from mediadl.security.text import safe_text

if TYPE_CHECKING:
    from mediadl.workers.session_link import Checked


def choose(
    word: str, hosts: tuple[str, ...], found: tuple[Cookie, ...], origin: str, now: float
) -> tuple[list[Cookie], int, str]:
    """Cookies to keep, how many belong to other sites, and which of the site's own had run out."""
    ours = [cookie for cookie in found if cookie.fits(hosts)]
    if not ours:
        raise InvalidInput(
            f"{origin} holds no cookie of {word} ({', '.join(hosts)})",
            next_step="Log in to the site in the browser, then export its cookies.",
        )
    expired = [cookie for cookie in ours if cookie.expired(now)]
    good = [cookie for cookie in ours if not cookie.expired(now)]
    words = expired_words(expired) if expired else ""
    again = "Log in to the site in the browser, then export its cookies again."
    if not good:
        raise InvalidInput(f"all cookies of {word} have run out: {words}", next_step=again)
    dead = [cookie for cookie in expired if cookie.name in login_names(hosts)]
    if dead and not any(cookie.is_login for cookie in good):
        raise InvalidInput(f"the login of {word} has run out: {expired_words(dead)}", next_step=again)
    return good, len(found) - len(ours), words


def warning(word: str, hosts: tuple[str, ...], good: list[Cookie]) -> str:
    """Why these cookies may be no login; empty: they look like one."""
    names = login_names(hosts)
    if any(cookie.is_login for cookie in good):
        return ""
    which = f" ({' or '.join(names[:3])})" if names else ""
    return f"no login cookie of {word}{which} is among them: the site takes you for a visitor"


def standing_words(session: Session, now: float) -> str:
    """How a session stands, in words."""
    standing = session.standing(now)
    if standing is SessionStanding.LOCKED:
        return "locked: its key is not here"
    if standing is SessionStanding.REFUSED:
        return f"refused: {session.broken_reason}"
    if session.expires_at is None:
        return "logs in by form" if session.has_password else "good, no end known"
    day = time.strftime("%Y-%m-%d", time.localtime(session.expires_at))
    days = int((session.expires_at - now) // 86_400)
    if standing is SessionStanding.RUN_OUT:
        return f"ran out on {day}"
    if standing is SessionStanding.SOON:
        return f"runs out {'today' if days < 1 else 'tomorrow' if days < 2 else f'in {days} days'}, on {day}"
    if session.expires_at <= now:
        return "logs in by form"
    return f"good until {day}"


def tested_words(session: Session, checked: Checked) -> str:
    """What a test of a session said, in one line."""
    if checked.error is not None:
        return f"not tested: {checked.error.message}"
    if checked.works is None:
        return f"not tested: {session.site} cannot be asked cheaply; the next job shows"
    if not checked.works:
        return f"does not work: {safe_text(checked.reason, limit=200) or 'not logged in any more'}"
    return f"works: logged in as {safe_text(checked.account, limit=80)}" if checked.account else "works"
