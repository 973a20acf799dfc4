"""Sums a run up: the one error that stands for it, and what becomes of its job."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mediadl.errors import Action, DownloadError, Incomplete, Interrupted, LoginNeeded, NoMedia
from mediadl.models import Job, JobStatus, Lane, Wanted
from mediadl.pipeline.facts import SettleFact
from mediadl.pipeline.meter import Tally
from mediadl.pipeline.outcome import Outcome


class FinallyIncomplete(Incomplete):
    """Items are missing for good: another try would not bring them."""

    action = Action.STOP


def verdict(
    tally: Tally,
    listing_error: DownloadError | None,
    item_errors: Sequence[DownloadError],
    *,
    empty: str = "",
    missing: int = 0,
) -> DownloadError | None:
    """The one error that stands for a run; None when everything asked for is there.

    `empty`: what the site said that plainly has nothing; `missing`: picked items that did not turn up.
    """
    if listing_error is not None and not (isinstance(listing_error, NoMedia) and tally.listed):
        return listing_error
    if missing and not item_errors:
        return FinallyIncomplete(
            f"{missing} of the picked items is not there any more"
            if missing == 1
            else f"{missing} of the picked items are not there any more",
            next_step="See what there is now: mediadl add --preview.",
        )
    if not item_errors:
        return None if tally.listed or empty else NoMedia("no media found, and none skipped")
    members = [error for error in item_errors if isinstance(error, LoginNeeded)]
    if members:
        return LoginNeeded(f"{len(members)} of {tally.ended} files: {members[0].message}")
    kinds = {error.kind for error in item_errors}
    if not tally.has_results and len(kinds) == 1:
        return item_errors[0]
    healing = [error for error in item_errors if error.action is not Action.STOP]
    first = (healing or item_errors)[0]
    message = f"{tally.failed} of {tally.ended} items failed: {first.message}"
    if not healing:
        return FinallyIncomplete(message, next_step=first.next_step)
    return Incomplete(message, retry_after_s=first.retry_after_s)


def obeyed(job: Job, wanted: Wanted, *, backend: str, tried: str) -> SettleFact:
    """The user wanted it paused, cancelled or removed."""
    paused = wanted is Wanted.PAUSE
    return SettleFact(
        job,
        JobStatus.PAUSED if paused else JobStatus.CANCELLED,
        backend=backend,
        tried=tried,
        refund_attempt=paused,
        discard_work=not paused,
        wish=wanted,
    )


def handed_to_engines(job: Job, *, tried: str) -> SettleFact:
    """A plain address that was none goes on in the runner lane, at once and for free."""
    return SettleFact(
        job, JobStatus.PENDING, tried=tried, refund_attempt=True, lane=Lane.RUNNER, discard_work=True
    )


def listed_again(job: Job, *, backend: str, tried: str) -> SettleFact:
    """Links ran out before they were used: the listing gives fresh ones, at once and for free."""
    return SettleFact(job, JobStatus.PENDING, backend=backend, tried=tried, refund_attempt=True)


def ended(
    job: Job,
    error: DownloadError | None,
    tally: Tally,
    *,
    decide: Callable[[DownloadError, Job], Outcome],
    backend: str,
    tried: str,
    stopped: bool,
    empty: str = "",
    pages: int = 0,
    walked: bool = False,
    stored: int = 0,
    answered: bool = False,
) -> SettleFact:
    """The run came to its end, well or not.

    `answered`: the site was asked and gave a listing; `stopped`: something around it ended it early; `pages`,
    `walked`: how far it read a thread; `stored`: files it stored.
    """
    if error is None:
        return SettleFact(
            job,
            JobStatus.COMPLETED,
            backend=backend,
            tried=tried,
            message=_said(tally, empty),
            site_answered=answered or tally.stored > 0 or tally.refused > 0 or bool(empty),
            discard_work=True,
            pages=pages,
            walked=walked,
            stored=stored,
        )
    if stopped and isinstance(error, Interrupted):
        # The daemon is shutting down: the job goes on where it was
        return SettleFact(job, JobStatus.PENDING, refund_attempt=True, backend=backend, tried=tried)
    outcome = decide(error, job)
    return SettleFact(
        job,
        outcome.status,
        error=error,
        message=error.message,
        not_before=outcome.not_before,
        refund_attempt=outcome.refund_attempt,
        cool_down_until=outcome.cool_down_until,
        backend=backend,
        tried=tried,
        # A refusal in the middle is still a refusal: do not forget the failures before it
        site_answered=tally.stored > 0 and outcome.cool_down_until is None,
        pages=pages,
        walked=walked,
        stored=stored,
    )


def _said(tally: Tally, empty: str) -> str:
    """What a run that went well has to say: why there is nothing new."""
    if tally.stored:
        return ""
    if tally.not_better and tally.not_better == tally.skipped:
        return "no better version"
    if not tally.refused:
        return "nothing new: everything was fetched before" if tally.skipped else empty
    before = f"{tally.skipped} fetched before, " if tally.skipped else ""
    return f"0 accepted, {before}{tally.refused} rejected by rules"
