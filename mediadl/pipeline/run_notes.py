"""What the runner tells that changes nothing in a run but is to be written down. Part of `job_run.JobRun`."""

from __future__ import annotations

from collections.abc import Sequence

from mediadl.models import Job
from mediadl.pipeline.facts import (
    Fact,
    LinkedFact,
    Missing,
    Outbox,
    RememberFact,
    SourceNews,
    SourceOwnerFact,
    SourceSeenFact,
    ThreadReadFact,
    ThreadWalkedFact,
    TriedFact,
)
from mediadl.pipeline.protocol import (
    Linked,
    Message,
    Remember,
    SourceOwner,
    SourceSeen,
    SourceWalked,
    ThreadRead,
    ThreadWalked,
    Tried,
)


class RunNotes:
    """Takes news down for the recorder, some of it for the end of the run only."""

    def __init__(self, job: Job, outbox: Outbox) -> None:
        self._job = job
        self._out = outbox
        self._source_walked: SourceWalked | None = None
        self.of_source = "subscription" in job.options
        """The job belongs to a subscription."""
        self.if_complete: list[Fact] = []
        """What holds only when every item was wanted and is there in the end."""
        self.pages = 0
        """Pages of a thread that were read."""
        self.walked = False
        """The thread was read to its end."""

    def take(self, message: Message) -> None:
        """Something the runner said; what is none of these is left alone."""
        job, facts = self._job, self._out.facts
        match message:
            case Remember(key=key, value=value, if_complete=wait):
                (self.if_complete if wait else facts).append(RememberFact(job, key, value))
            case ThreadRead(page=page):
                self.pages += 1
                facts.append(ThreadReadFact(job, page))
            case ThreadWalked(full=full, last_page=last_page, gone=gone):
                self.walked = True
                facts.append(ThreadWalkedFact(job, full, last_page, gone))
            case Linked(link=link):
                facts.append(LinkedFact(job, link))
            case SourceSeen(posts=posts):
                facts.append(SourceSeenFact(job, posts))
            case SourceOwner(owner_id=owner_id, name=name):
                facts.append(SourceOwnerFact(job, owner_id, name))
            case SourceWalked():
                self._source_walked = message
            case Tried():
                facts.append(TriedFact(job, message))
            case _:
                pass

    def source_news(self, *, whole: bool, cut: str, missing: Sequence[Missing]) -> SourceNews | None:
        """What the run found out about its source; `whole`: everything found was dealt with."""
        if not self.of_source:
            return None
        return SourceNews(self._source_walked if whole else None, cut, tuple(missing))
