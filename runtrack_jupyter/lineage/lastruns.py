"""What each cell of a notebook ran as last, and which cells gave each name a value: what hints in the notebook rest on."""

from collections.abc import Iterable

import msgspec

from runtrack_jupyter.model import Step, StepId

__all__ = ["CellRan", "LastRuns", "NameSet", "last_runs"]


class CellRan(msgspec.Struct, frozen=True, kw_only=True):
    """How one cell ran last: `order` counts the steps on the way, from 1."""

    cell_id: str
    step_id: StepId
    execution_count: int | None
    order: int
    source: str
    read: tuple[str, ...]
    changed: tuple[str, ...]  # deleted names too


class NameSet(msgspec.Struct, frozen=True, kw_only=True):
    """When one cell last gave a name another value; `cell_id` is "" for what ran outside of cells."""

    name: str
    cell_id: str
    execution_count: int | None
    order: int


class LastRuns(msgspec.Struct, frozen=True, kw_only=True):
    """The last run of every cell and, per cell, the last change of every name; `order` is that of the last step."""

    cells: tuple[CellRan, ...]
    names: tuple[NameSet, ...]
    order: int


def last_runs(steps: Iterable[Step]) -> LastRuns:
    """Return, of the steps on the way to one moment (the oldest first), the last ones of each cell and of each name.

    `order` counts the steps: what has the greater one ran later.
    """
    cells: dict[str, CellRan] = {}
    names: dict[tuple[str, str], NameSet] = {}
    order = 0
    for order, step in enumerate(steps, 1):
        cell_id = step.cell_id or ""
        if cell_id:
            cells[cell_id] = CellRan(
                cell_id=cell_id,
                step_id=step.step_id,
                execution_count=step.execution_count,
                order=order,
                source=step.source,
                read=step.names.read,
                changed=(*step.changed, *step.deleted),
            )
        for name in (*step.changed, *step.deleted):
            names[name, cell_id] = NameSet(
                name=name, cell_id=cell_id, execution_count=step.execution_count, order=order
            )
    return LastRuns(cells=tuple(cells.values()), names=tuple(names.values()), order=order)
