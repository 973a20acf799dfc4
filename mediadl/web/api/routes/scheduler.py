"""`/api/v1/scheduler`: schedules and their runs, as `mediadl schedule` has them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from mediadl.service import schedule_records
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks, Limit, Offset

router = APIRouter(prefix="/api/v1/scheduler", tags=["scheduler"])

ScheduleId = Annotated[int, Path(ge=1, le=bodies.LARGEST, description="Of the schedule.")]


@router.get("/jobs")
def list_schedules(asks: Asks) -> list[answers.Schedule]:
    """Every schedule, with how its last run went."""
    found = asks.services.schedules.list()
    return [answers.Schedule.model_validate(schedule_records.planned(one)) for one in found]


@router.post("/jobs", status_code=201)
def add(asks: Asks, body: bodies.NewSchedule) -> answers.Schedule:
    """Keep a new schedule; it starts by itself from now on."""
    made = asks.services.schedules.add(body.model_dump(mode="json", exclude_unset=True))
    return answers.Schedule.model_validate(schedule_records.schedule(made))


@router.get("/jobs/{schedule_id:int}")
def get(asks: Asks, schedule_id: ScheduleId) -> dict[str, Any]:
    """One schedule in full: its sources, its next runs, how it went."""
    return schedule_records.details(asks.services.schedules.details(schedule_id))


@router.patch("/jobs/{schedule_id:int}")
def change(asks: Asks, schedule_id: ScheduleId, body: bodies.ScheduleChange) -> answers.Schedule:
    """Change what is given; what is not stays."""
    given = body.model_dump(mode="json", exclude_unset=True)
    changed = asks.services.schedules.change(schedule_id, given)
    return answers.Schedule.model_validate(schedule_records.schedule(changed))


@router.delete("/jobs/{schedule_id:int}", status_code=204)
def remove(asks: Asks, schedule_id: ScheduleId) -> Response:
    """Forget a schedule with its runs; files and jobs stay."""
    asks.services.schedules.remove([schedule_id])
    return Response(status_code=204)


@router.post("/jobs/{schedule_id:int}/run", status_code=202)
def run(asks: Asks, schedule_id: ScheduleId) -> answers.StartedRun:
    """Look at its sources now; the next due time stays."""
    started = asks.services.schedules.run_now(schedule_id)
    return answers.StartedRun(
        run=answers.Run.model_validate(schedule_records.run(started.run)), job_ids=list(started.job_ids)
    )


@router.get("/jobs/{schedule_id:int}/history")
def history(asks: Asks, schedule_id: ScheduleId, offset: Offset = 0, limit: Limit = 50) -> list[answers.Run]:
    """Its runs, newest first."""
    found = asks.services.schedules.history(schedule_id, limit, offset)
    return [answers.Run.model_validate(schedule_records.run(one)) for one in found]
