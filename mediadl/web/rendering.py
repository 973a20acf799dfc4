"""Makes pages from templates; whatever goes into one is escaped."""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from mediadl.errors import MediadlError
from mediadl.web import cookies
from mediadl.web.guard import CALLER, POLICY

FOLDER = Path(__file__).parent

TERMINAL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The terminal's script writes styles into its page; no script may be written into it."""


@functools.cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = lambda at: time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    return made


def page(request: web.Request, template: str, /, status: int = 200, **facts: Any) -> web.Response:
    """A page for this browser; its forms carry the browser's word."""
    word = cookies.form_word(request)
    facts = {"bad": "", "good": "", "caller": request.get(CALLER), "form_word": word, **facts}
    response = web.Response(
        text=_templates().get_template(template).render(facts), status=status, content_type="text/html"
    )
    cookies.keep_form_word(response, request, word)
    return response


async def own_form(request: web.Request) -> dict[str, str]:
    """The fields of a form that one of our pages sent.

    Raises:
        HTTPForbidden: it is not one of ours.
    """
    sent = await request.post()
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    if not cookies.is_own_form(request, fields.get(cookies.FORM_FIELD, "")):
        raise web.HTTPForbidden(
            text="This form is not from a page of ours, or too old. Go back and reload it."
        )
    return fields


def sentence(error: MediadlError) -> str:
    """What went wrong and what to do, in sentences."""
    said = error.message[:1].upper() + error.message[1:].rstrip(".")
    return f"{said}. {error.next_step}".strip()
