"""An answer of a forum becomes a page: which program made it, and what its reader finds. Pure; asks for nothing."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mediadl.errors import SiteChanged
from mediadl.modules.forum.addresses import first_address, kind_of_address, look, thread_url
from mediadl.modules.forum.page import Page
from mediadl.modules.web import Answer
from mediadl.security.redact import redact_url

if TYPE_CHECKING:
    from mediadl.modules.forum.document import Document
    from mediadl.modules.forum.programs.json_program import JsonProgram
    from mediadl.modules.forum.programs.program import Clock, Program

__all__ = [
    "first_address",
    "kind_of_address",
    "posts_addresses",
    "read",
    "recognise",
    "software_title",
    "thread_url",
]

UNKNOWN = "unknown"
_SURE = 3
"""Marks that a page must have to be a program's."""
_MAX_JSON_CHARS = 32 * 1024 * 1024


def read(answer: Answer, software: str = "", *, now: float, day_first: bool | None = None) -> Page:
    """The posts or threads of an answer, and where to go on.

    `software` is what the thread is known to run on, `unknown` to have it guessed; empty: found out. A reader chosen by
    name that finds nothing gives way to the one the page looks like, and that one to a guess. `now` (epoch seconds)
    says what "today" means; `day_first` how 03/04 is meant on this site.

    Raises:
        SiteChanged: the answer is neither a page nor JSON of a known program.
    """
    from mediadl.modules.forum.document import Document
    from mediadl.modules.forum.programs.program import Clock

    clock = Clock(now, day_first)
    data = _json(answer)
    if data is not None:
        program = _json_program(data, answer)
        if program is None and answer.status >= 400:
            return Page(answer.url, software or UNKNOWN)
        if program is None:
            raise SiteChanged(f"{redact_url(answer.url)} gave JSON of no known forum", status=answer.status)
        return _unique(program.read_json(data, answer, clock))
    doc = Document(answer)
    chosen = programs().get(software) or programs()[_recognised(doc)]
    page = _unique(chosen.read(doc, clock))
    if _has_content(page) or answer.status >= 400:
        return page
    return _second_try(answer, chosen, page, clock)


def recognise(answer: Answer) -> str:
    """The program that made an answer, such as `xenforo2`; `unknown` when its marks do not suffice.

    Raises:
        SiteChanged: the page cannot be parsed.
    """
    from mediadl.modules.forum.document import Document

    data = _json(answer)
    if data is not None:
        program = _json_program(data, answer)
        return program.software if program is not None else UNKNOWN
    return _recognised(Document(answer))


def posts_addresses(url: str, software: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Where these posts of the thread at `url` are asked for alone; empty where the program has no such thing."""
    found = look(url, software)
    if software != "discourse" or found is None or found.kind != "thread":
        return ()
    from mediadl.modules.forum.programs.discourse import posts_addresses as addresses

    return addresses(found.base, found.id, ids)


def software_title(software: str) -> str:
    """A program's name for people."""
    program = programs().get(software)
    return program.title if program is not None else software


@functools.cache
def programs() -> dict[str, Program]:
    """Every reader by its program's word; the one that guesses comes last."""
    from mediadl.modules.forum.programs import (
        discourse,
        flarum,
        flaskbb,
        fluxbb,
        invision,
        mybb,
        nodebb,
        phpbb,
        smf,
        spirit,
        unknown,
        vbulletin,
        xenforo,
    )

    every: tuple[Program, ...] = (
        xenforo.XenForo2(), xenforo.XenForo1(), phpbb.PhpBB3(), vbulletin.VBulletin3(), vbulletin.VBulletin4(),
        vbulletin.VBulletin5(), invision.Invision4(), invision.Invision5(), discourse.Discourse(), smf.SMF(),
        mybb.MyBB(), nodebb.NodeBB(), flarum.Flarum(), flaskbb.FlaskBB(), spirit.Spirit(), fluxbb.FluxBB(),
        unknown.Unknown(),
    )  # fmt: skip
    return {program.software: program for program in every}


def _recognised(doc: Document) -> str:
    scored = [(program.score(doc), program.software) for program in programs().values()]
    score, software = max(scored, key=lambda one: one[0])
    return software if score >= _SURE else UNKNOWN


def _second_try(answer: Answer, chosen: Program, page: Page, clock: Clock) -> Page:
    """What others find where the chosen reader found nothing. Readers cut: each needs the page anew."""
    from mediadl.modules.forum.document import Document

    doc = Document(answer)
    likely = programs()[_recognised(doc)]
    if likely is not chosen:
        second = _unique(likely.read(doc, clock))
        if _has_content(second):
            return second
        doc = Document(answer)
    if UNKNOWN not in {likely.software, chosen.software}:
        guess = programs()[UNKNOWN]
        third = _unique(guess.read(doc, clock))
        # A page that a program made and that holds one odd element is rather an error message
        if len(third.posts) > 1:
            return third
    return page


def _has_content(page: Page) -> bool:
    return bool(page.posts or page.threads or (page.number == 0 and page.further))


def _unique(page: Page) -> Page:
    """The page with each address to go on to once, and never its own."""
    further = tuple(url for url in dict.fromkeys(page.further) if url != page.url)
    return page if further == page.further else dataclasses.replace(page, further=further)


def _json(answer: Answer) -> Any:
    """The value of a JSON answer; None when the answer is none.

    Raises:
        SiteChanged: it says that it is JSON, and is not.
    """
    named = answer.mime.endswith("json")
    if not named and (answer.is_page or answer.body[:64].lstrip()[:1] not in {b"{", b"["}):
        return None
    try:
        return json.loads(answer.body[:_MAX_JSON_CHARS])
    except (ValueError, RecursionError) as error:
        if not named:
            return None
        raise SiteChanged(f"{redact_url(answer.url)} gave no readable JSON", status=answer.status) from error


def _json_program(data: Any, answer: Answer) -> JsonProgram | None:
    from mediadl.modules.forum.programs.json_program import JsonProgram

    for program in programs().values():
        if isinstance(program, JsonProgram) and program.knows(data, answer):
            return program
    return None
