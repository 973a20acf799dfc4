"""Real runners against the simulated web for every module's tests."""

from __future__ import annotations

from runner_driver import bench, runners, world

__all__ = ["bench", "runners", "world"]
