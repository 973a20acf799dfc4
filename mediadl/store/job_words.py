"""The language of the queue's search: words, words that must be missing, and words about one field. Never fails.

`cat -dog site:tiktok` finds jobs with `cat` and without `dog` in title or address, of sites whose name has `tiktok`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mediadl.models import JobStatus

FIELDS = {
    "site": "site",
    "platform": "platform",
    "type": "content_type",
    "reason": "reason",
    "via": "backend",
}
"""Words before a colon and the column they look into; `status` and `id` mean the whole of it."""

_MARKS = ("-", "!")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a search."""

    word: str
    """Folded; what is looked for."""
    column: str = ""
    """Empty: title and address."""
    excluded: bool = False


def parse(text: str) -> list[Term]:
    """The words of a search. A lone `-`, an unknown field or one without a value is a word like any other."""
    return [_term(word) for word in text.casefold().split()]


def where(text: str) -> tuple[list[str], list[object]]:
    """Conditions on `download_queue` and their values."""
    terms: list[str] = []
    values: list[object] = []
    for term in parse(text):
        if term.column in {"status", "id"}:
            terms.append(f"{term.column} {'<>' if term.excluded else '='} ?")
            values.append(int(term.word) if term.column == "id" else term.word)
        else:
            looked_into = f"lower({term.column})" if term.column else "folded"
            terms.append(f"instr({looked_into}, ?) {'=' if term.excluded else '>'} 0")
            values.append(term.word)
    return terms, values


def _term(word: str) -> Term:
    excluded = len(word) > 1 and word[0] in _MARKS
    rest = word[1:] if excluded else word
    field, colon, value = rest.partition(":")
    if colon and value:
        if field in FIELDS:
            return Term(value, FIELDS[field], excluded)
        if field == "status" and (status := _status(value)):
            return Term(status, "status", excluded)
        if field == "id" and value.isascii() and value.isdigit() and len(value) < 19:
            return Term(value, "id", excluded)
    return Term(rest, "", excluded)


def _status(word: str) -> str:
    """The status a word means or begins: `fail` and `done` are enough."""
    known = ["done", *(status.value for status in JobStatus)]
    found = next((name for name in known if name == word), "") or next(
        (name for name in known if name.startswith(word)), ""
    )
    return JobStatus.COMPLETED.value if found == "done" else found
