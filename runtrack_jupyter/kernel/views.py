"""Runs and steps as something to look at in a notebook or terminal; no value of the record is executed as HTML."""

from abc import ABC, abstractmethod
from html import escape
from pathlib import Path
from typing import Any

from runtrack_jupyter.capture.files import status_now
from runtrack_jupyter.errors import NotFoundError
from runtrack_jupyter.lineage.plans import FileStatus, Rebuild, rebuilds_of, with_ways
from runtrack_jupyter.model import DataFile, Run, RunId, Step, StepId
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.moments import slices_at

__all__ = ["Runs", "Shown", "Steps", "html_table", "name_of", "text_of"]

_Row = dict[str, Any]


class _Table(list[Any], ABC):
    """A list that shows itself as a table; its items are the records."""

    @abstractmethod
    def rows(self) -> list[_Row]:
        """Return what the table shows, a dict a row, with the same keys in every row."""

    def to_frame(self) -> Any:
        """Return the rows as a pandas DataFrame.

        Raises
        ------
        ModuleNotFoundError
            pandas is not installed.
        """
        import pandas as pd

        return pd.DataFrame(self.rows())

    def __repr__(self) -> str:
        rows = [{key: text_of(value) for key, value in row.items()} for row in self.rows()]
        if not rows:
            return "nothing on record yet"
        widths = {key: max(len(key), *(len(row[key]) for row in rows)) for key in rows[0]}
        lines = [{key: key for key in widths}, *rows]
        return "\n".join(
            "  ".join(line[key].ljust(width) for key, width in widths.items()).rstrip() for line in lines
        )

    def _repr_html_(self) -> str:
        return html_table(self.rows()) or "<p>nothing on record yet</p>"


class Runs(_Table):
    """Runs, newest first."""

    def rows(self) -> list[_Row]:
        """Return one row a run, a column for each parameter and metric that any of them has."""
        runs: list[Run] = list(self)
        names = list(dict.fromkeys(m.name for run in runs for m in (*run.parameters, *run.metrics)))
        rows = []
        for run in runs:
            values = {measured.name: measured.value for measured in (*run.parameters, *run.metrics)}
            row: _Row = {
                "run": name_of(run),
                "message": run.message or run.automatic,
                "made": run.created_at,
                "steps": len(run.steps),
            }
            rows.append(row | {name: values.get(name) for name in names})
        return rows


class Steps(_Table):
    """Steps, oldest first."""

    def rows(self) -> list[_Row]:
        """Return one row a step."""
        steps: list[Step] = list(self)
        return [
            {
                "step": step.step_id[-8:].lower(),
                "cell": "" if step.execution_count is None else f"[{step.execution_count}]",
                "source": next(iter(step.source.strip().splitlines()), ""),
                "status": step.status,
                "seconds": step.duration,
                "changed": ", ".join(step.changed),
            }
            for step in steps
        ]


class Shown:
    """One run or step, in words."""

    def __init__(self, record: Run | Step, lines: list[str]) -> None:
        self.record = record
        self._lines = lines

    @classmethod
    def of(cls, history: History, found: str) -> "Shown":
        """Return the run or step of this id."""
        try:
            run = history.run(RunId(found))
        except NotFoundError:
            step = history.step(StepId(found))
            return cls(step, _step_lines(step))
        return cls(run, _run_lines(run, rebuilds_of(slices_at(history, run.run_id), _file_now)))

    def __repr__(self) -> str:
        return "\n".join(self._lines)


def _file_now(file: DataFile) -> FileStatus:
    return status_now(file, Path.cwd())


def _run_lines(run: Run, rebuilds: tuple[Rebuild, ...]) -> list[str]:
    lines = [
        f"Run {name_of(run)}: {run.message or run.automatic or 'no message'}",
        f"made {run.created_at:%Y-%m-%d %H:%M:%S} UTC by {run.author.name}, {len(run.steps)} steps, id {run.run_id}",
    ]
    for what, values in (("parameter", run.parameters), ("metric", run.metrics), ("label", run.labels)):
        lines += [f"{what} {measured.name} = {text_of(measured.value)}" for measured in values]
    lines += [
        f"{variable.name}: {variable.type} {variable.shape} {variable.preview}".rstrip()
        for variable in run.variables
    ]
    return [*lines, *(f"gap {gap.subject}: {gap.reason}" for gap in with_ways(run.gaps, rebuilds))]


def _step_lines(step: Step) -> list[str]:
    count = "" if step.execution_count is None else f" [{step.execution_count}]"
    lines = [f"Step{count} {step.status}, id {step.step_id}", *step.source.splitlines()]
    if step.changed:
        lines.append(f"changed {', '.join(step.changed)}")
    return [*lines, *(f"gap {gap.subject}: {gap.reason}" for gap in step.gaps)]


def html_table(rows: list[_Row]) -> str:
    """Return rows that share their keys as an HTML table, every value escaped; "" for none."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(key)}</th>" for key in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text_of(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def name_of(run: Run) -> str:
    """Return what people call a run: ``#12``, or its short id until it has a number."""
    return run.run_id[-8:].lower() if run.ordinal is None else f"#{run.ordinal}"


def text_of(value: object) -> str:
    """Return a value of the record as a cell of a table shows it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    strftime = getattr(value, "strftime", None)
    return str(strftime("%Y-%m-%d %H:%M") if strftime is not None else value)
