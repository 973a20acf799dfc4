"""Whatever order events come in, a run ends exactly once and lets go of everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from job_run_stage import Harness, make_item
from mediadl.errors import NetworkFailed
from mediadl.models import (
    Wanted,
)  # fmt: skip
from mediadl.pipeline.protocol import (
    Asked,
    Cancel,
    Fetch,
    Found,
    Ingest,
    Made,
    TransferFailed,
)  # fmt: skip

STEPS = st.lists(
    st.sampled_from(
        ["found", "asked", "store", "fail", "made", "pause", "cancel", "transfer_dies", "found_same"]
    ),
    max_size=30,
)


@given(STEPS, st.booleans())
def test_every_order_of_events_ends_in_exactly_one_settlement(steps: list[str], runner_dies: bool) -> None:
    h = Harness().listing()
    waiting: list[Fetch | Ingest] = []

    def collect() -> None:
        waiting.extend(m for m in h.out.transfers if isinstance(m, Fetch | Ingest))
        cancelled = any(isinstance(m, Cancel) for m in h.out.transfers)
        h.out.transfers.clear()
        if cancelled:
            waiting.clear()
            h.run.on_transfers_cancelled()

    for n, step in enumerate(steps, start=1):
        if h.run.settled:
            break
        match step:
            case "found":
                h.run.on_runner(Found(make_item(n)))
            case "found_same":
                h.run.on_runner(Found(make_item(n, "same")))
            case "asked":
                h.run.on_runner(Asked(make_item(n)))
            case "made":
                h.run.on_runner(Made(n - 1, "/private/x"))
            case "store" if waiting:
                h.store(waiting.pop(0))
            case "fail" if waiting:
                fetch = waiting.pop(0)
                h.run.on_transfer(TransferFailed(fetch.key, 1, NetworkFailed("x").to_dict()))
            case "pause":
                h.run.want(Wanted.PAUSE)
            case "cancel":
                h.run.want(Wanted.CANCEL)
            case "transfer_dies":
                keys = h.run.on_transfer_child_gone()
                waiting.clear()
                for key in keys:
                    h.run.resubmit(key)
            case _:
                pass
        collect()
    if not h.run.settled:
        if runner_dies:
            h.run.on_runner_gone("killed")
        else:
            h.ended()
        collect()
        while waiting:
            h.store(waiting.pop(0))
            collect()

    assert h.settlement() is not None
    assert h.busy == {}
