"""Whether a login works: one small request that only a logged-in account gets an answer to."""

from __future__ import annotations

from collections.abc import Mapping

from mediadl.errors import LoginNeeded, SiteChanged
from mediadl.modules.base import LoginCheck
from mediadl.modules.instagram.addresses import ROOT
from mediadl.modules.web import Answer, Web
from mediadl.security.text import safe_text

FORM = f"{ROOT}/api/v1/accounts/edit/web_form_data/"
_WEB_APP = "936619743392459"
_CHECK = ("checkpoint_required", "challenge_required", "feedback_required")


def ask(web: Web) -> LoginCheck:
    """Ask Instagram who is logged in.

    Raises:
        DownloadError: no answer that tells.
    """
    headers = {"X-IG-App-ID": _WEB_APP, "X-Requested-With": "XMLHttpRequest", "Referer": f"{ROOT}/"}
    return standing(web.get(FORM, headers=headers))


def standing(answer: Answer) -> LoginCheck:
    """What an answer to that request means.

    Raises:
        DownloadError: it tells nothing about the login.
    """
    if any(part in answer.url for part in ("/challenge/", "/checkpoint")):
        return LoginCheck(works=False, reason="Instagram wants to check the account: open it in the browser")
    if "/accounts/login" in answer.url:
        return LoginCheck(works=False, reason="Instagram asks for a login")
    said = _message(answer)
    if said in _CHECK:
        return LoginCheck(works=False, reason="Instagram wants to check the account: open it in the browser")
    if said in {"login_required", "user_has_logged_out"}:
        return LoginCheck(works=False, reason="Instagram asks for a login")
    trouble = answer.trouble()
    if isinstance(trouble, LoginNeeded):
        return LoginCheck(works=False, reason="Instagram asks for a login")
    if trouble is not None:
        raise trouble
    found = answer.json()
    form = found.get("form_data") if isinstance(found, Mapping) else None
    name = form.get("username") if isinstance(form, Mapping) else None
    if not isinstance(name, str) or not name:
        raise SiteChanged("Instagram does not tell who is logged in")
    return LoginCheck(works=True, account=safe_text(name, limit=80))


def _message(answer: Answer) -> str:
    """The word an API answer gives for a refusal; empty for pages and good answers."""
    if answer.status < 400 or "json" not in answer.mime:
        return ""
    try:
        found = answer.json()
    except SiteChanged:
        return ""
    return str(found.get("message", "")) if isinstance(found, Mapping) else ""
