"""Records as they come out of a store, with short ids."""

from datetime import datetime, timedelta, timezone
from typing import Any

from runtrack_jupyter.model import Author, NotebookId, Run, RunId, SessionId, Step, StepId

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)


def step(number: int, source: str = "", *, parent: int | None = None, **facts: Any) -> Step:
    return Step(
        step_id=StepId(f"s{number}"),
        session_id=SessionId("session"),
        parent_step=None if parent is None else StepId(f"s{parent}"),
        sequence=number,
        source=source or f"x = {number}",
        started_at=START + timedelta(seconds=number),
        execution_count=facts.pop("execution_count", number),
        status="ok",
        **facts,
    )


def run(number: int, *parents: int, **facts: Any) -> Run:
    return Run(
        run_id=RunId(f"r{number}"),
        session_id=SessionId("session"),
        notebook_id=NotebookId("notebook"),
        created_at=START + timedelta(minutes=number),
        author=Author(name="maya"),
        parent_runs=tuple(RunId(f"r{parent}") for parent in parents),
        ordinal=number,
        **facts,
    )
