"""Logs in to a forum by its form, as a browser would: every hidden field goes back as it came.

A password is sent to the site it belongs to and nowhere else, and never from a secure page to an open one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from mediadl.errors import Challenge, LoginNeeded, SiteChanged
from mediadl.modules.base import site_of
from mediadl.modules.forum import addresses
from mediadl.modules.web import Answer, Web
from mediadl.security.redact import redact_url

_PATHS = {
    "phpbb3": "/ucp.php?mode=login",
    "smf": "/index.php?action=login",
    "mybb": "/member.php?action=login",
    "xenforo1": "/login/",
    "xenforo2": "/login/",
    "vbulletin3": "/login.php?do=login",
    "vbulletin4": "/login.php?do=login",
    "invision4": "/login/",
    "invision5": "/login/",
    "spirit": "/user/login/",
    "flaskbb": "/auth/login",
    "fluxbb": "/login.php",
}
"""Where the form is, below the forum's folder."""

_WAITS_S = {"phpbb3": 1.1, "smf": 3.0}
"""Forms that come back sooner are refused."""

_REMEMBER = frozenset(
    {"remember", "remember_me", "autologin", "cookieuser", "cookieneverexp", "save_pass", "viewonline"}
)
_USER_NAMES = (
    "vb_login_username", "username", "user", "login", "auth", "identification", "req_username", "email", "name",
)  # fmt: skip


@dataclass(slots=True)
class Form:
    """A form of a page that asks for a password."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    """Hidden and preset ones."""
    texts: list[str] = field(default_factory=list)
    password: str = ""
    boxes: list[tuple[str, str]] = field(default_factory=list)
    button: tuple[str, str] = ("", "")

    @property
    def user(self) -> str:
        """Name of the field that the account's name goes into."""
        known = [name for name in _USER_NAMES if name in self.texts]
        return known[0] if known else (self.texts[0] if self.texts else "")

    def filled(self, user: str, password: str) -> dict[str, str]:
        """What is sent."""
        sent = dict(self.fields)
        sent.update((name, value) for name, value in self.boxes if name.lower() in _REMEMBER)
        if self.button[0]:
            sent[self.button[0]] = self.button[1]
        sent[self.user] = user
        sent[self.password] = password
        return sent


def form_of(page: str) -> Form | None:
    """The login form of a page: of several the one with the most hidden fields; None: there is none."""
    forms = _forms(page)
    found = [form for form in forms if form.password and form.user]
    return max(found, key=lambda form: len(form.fields)) if found else None


def log_in(
    web: Web,
    url: str,
    software: str,
    user: str,
    password: str,
    *,
    login_url: str = "",
    is_in: Callable[[Answer], bool | None] | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> None:
    """Log in; the cookies are the transport's afterwards.

    Args:
        web: sends and keeps cookies.
        url: of the thread or board.
        software: the program, such as `phpbb3`.
        user: the account's name.
        password: its password.
        login_url: where the forum's pages say the form is.
        is_in: tells from a page whether it was made for somebody who is logged in; None: it does not tell.
        rest: waits where a form must not come back at once.

    Raises:
        LoginNeeded: name or password were refused.
        Challenge: the form wants more than these two.
        SiteChanged: there is no form.
        DownloadError: no answer came.
    """
    found = addresses.look(url, software)
    parts = urlsplit(url)
    base = found.base if found is not None else f"{parts.scheme}://{parts.netloc}"
    if software in _JSON:
        answer = _JSON[software](web, base, user, password)
    else:
        form_url = _same_site(login_url, url) or base + _PATHS.get(software, "/login")
        answer = _by_form(web, form_url, software, user, password, rest)
    _check(web, url, answer, is_in)


def _by_form(
    web: Web, form_url: str, software: str, user: str, password: str, rest: Callable[[float], None]
) -> Answer:
    page = web.get(form_url)
    problem = page.trouble()
    form = form_of(page.text()) if page.is_page else None
    if form is None:
        raise problem or SiteChanged(f"no login form at {redact_url(form_url)}")
    if _has_captcha(page.text()):
        raise Challenge(f"the login of {site_of(form_url)} asks for more than a password")
    action = urljoin(page.url, form.action) if form.action else page.url
    if not _same_site(action, form_url):
        raise SiteChanged(f"the login form of {site_of(form_url)} leads to {redact_url(action)}: not sent")
    if software in _WAITS_S:
        rest(_WAITS_S[software])
    return web.post(action, form=form.filled(user, password), headers={"Referer": page.url})


def _nodebb(web: Web, base: str, user: str, password: str) -> Answer:
    told = web.get(f"{base}/api/config")
    token, base = _token(told, "csrf_token"), _moved(base, told)
    return web.post(
        f"{base}/login",
        form={"username": user, "password": password, "remember": "on"},
        headers={"x-csrf-token": token, "Referer": f"{base}/login", "X-Requested-With": "XMLHttpRequest"},
    )


def _discourse(web: Web, base: str, user: str, password: str) -> Answer:
    told = web.get(f"{base}/session/csrf.json")
    token, base = _token(told, "csrf"), _moved(base, told)
    headers = {"X-CSRF-Token": token, "Referer": f"{base}/login", "X-Requested-With": "XMLHttpRequest"}
    answer = web.post(f"{base}/session", form={"login": user, "password": password}, headers=headers)
    if answer.status < 400 and "error" in _record(answer):
        # Refusals come with 200
        raise LoginNeeded(f"{site_of(base)} refused the login of {user}")
    return answer


def _flarum(web: Web, base: str, user: str, password: str) -> Answer:
    told = web.get(base + "/")
    token, base = told.headers.get("x-csrf-token", ""), _moved(base, told)
    return web.post(
        f"{base}/login",
        json={"identification": user, "password": password, "remember": True},
        headers={"X-CSRF-Token": token, "Referer": f"{base}/"},
    )


_JSON: dict[str, Callable[[Web, str, str, str], Answer]] = {
    "nodebb": _nodebb,
    "discourse": _discourse,
    "flarum": _flarum,
}


def _check(web: Web, url: str, answer: Answer, is_in: Callable[[Answer], bool | None] | None) -> None:
    """Whether the login took.

    Raises:
        LoginNeeded: it did not.
    """
    refused = LoginNeeded(
        f"{site_of(url)} refused name or password",
        next_step="Check them, or import the cookies of a browser instead.",
    )
    if answer.status in {400, 401, 403, 422}:
        raise refused
    problem = answer.trouble()
    if problem is not None:
        raise problem
    told = is_in(web.get(url)) if is_in is not None else None
    if told is False or (told is None and answer.is_page and form_of(answer.text()) is not None):
        raise refused


def _same_site(url: str, other: str) -> str:
    """The address when it is of the same host and not less safe; empty otherwise."""
    if not url or site_of(url) != site_of(other):
        return ""
    if urlsplit(other).scheme == "https" and urlsplit(url).scheme != "https":
        return ""
    return url


def _moved(base: str, answer: Answer) -> str:
    """The forum's address with TLS where it leads there: what holds a password does not go out without."""
    if base.startswith("https:") or not answer.url.startswith("https:") or not _same_site(answer.url, base):
        return base
    return f"https://{urlsplit(answer.url).netloc}{urlsplit(base).path}"


def _has_captcha(page: str) -> bool:
    low = page.lower()
    return any(mark in low for mark in ("g-recaptcha", "h-captcha", "cf-turnstile", "confirm_code"))


def _token(answer: Answer, name: str) -> str:
    problem = answer.trouble()
    if problem is not None:
        raise problem
    token = _record(answer).get(name)
    if not isinstance(token, str) or not token:
        raise SiteChanged(f"{redact_url(answer.url)} gave no {name}")
    return token


def _record(answer: Answer) -> dict[str, object]:
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _forms(page: str) -> list[Form]:
    """The forms of a page.

    Raises:
        SiteChanged: it is no page for people.
    """
    from mediadl.modules.forum.document import Document, select

    doc = Document(
        Answer("", 200, {"content-type": "text/html; charset=utf-8"}, page.encode("utf-8", "replace"))
    )
    forms: list[Form] = []
    inside: set[int] = set()
    around: Form | None = None
    for node in doc.all("form, input, button"):
        given = {name: value or "" for name, value in node.attributes.items()}
        if node.tag == "form":
            form = Form(given.get("action", ""))
            forms.append(form)
            inner = select(node, "input, button")
            inside.update(one.mem_id for one in inner)
            for one in inner:
                _take(form, one.tag or "", {name: value or "" for name, value in one.attributes.items()})
            # One that begins between the rows of a table is empty to the parser: what follows belongs to it
            around = None if inner else form
        elif around is not None and node.mem_id not in inside:
            _take(around, node.tag or "", given)
    return forms


def _take(form: Form, tag: str, given: dict[str, str]) -> None:
    """Add a field to a form."""
    name, value = given.get("name", ""), given.get("value", "")
    kind = given.get("type", "submit" if tag == "button" else "text").lower()
    if not name:
        return
    if kind == "hidden":
        form.fields[name] = value
    elif kind == "password":
        form.password = form.password or name
    elif kind in {"text", "email"}:
        form.texts.append(name)
    elif kind == "checkbox":
        form.boxes.append((name, value or "on"))
    elif kind == "submit" and not form.button[0]:
        form.button = (name, value)
