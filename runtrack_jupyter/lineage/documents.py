"""The document of a moment: what is known of its cells, with the sources and outputs of the steps laid over it.

The result is always a valid notebook of format 4.5.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from hashlib import sha256
from itertools import count
from re import fullmatch
from typing import Any, Protocol

from runtrack_jupyter.model import CellEntry, Digest, Step, StepId

__all__ = ["CellList", "document_of"]

Cell = dict[str, Any]

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class CellList(Protocol):
    """The cells of a document as a front end told them (a frame of the store)."""

    @property
    def step_id(self) -> StepId | None:
        """The last step before they were told."""

    @property
    def cells(self) -> tuple[CellEntry, ...]:
        """The cells, in the order of the document."""

    @property
    def sources(self) -> dict[Digest, str]:
        """The source for each digest."""

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the document."""


def document_of(
    steps: Sequence[Step], cells: CellList | None = None, base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the document after the last of `steps`, which are the path to that moment, oldest first.

    Parameters
    ----------
    steps : sequence of Step
        Of each cell the last execution counts: its outputs, and its source where nothing later is known.
    cells : CellList, optional
        The cells as last known at that moment. They decide which cells there are, in which order, with which source.
    base : mapping, optional
        A notebook of format 4 to build upon: the file, or the document of an earlier run. With `cells` it lends
        attachments, metadata and the outputs of cells that no step executed; without, it decides which cells there
        are, and executed cells that it lacks are put after it.

    With steps alone (papermill, nbclient) there is one cell for each cell id, and one for each step without an id,
    in the order of their first execution.
    """
    usable = dict(base) if base is not None and base.get("nbformat") == 4 else {"cells": [], "metadata": {}}
    executed = _last_executions(steps)
    if cells is not None and cells.cells:
        made = _told_cells(cells, executed, _later_steps(steps, cells.step_id), usable)
        metadata = cells.metadata or usable.get("metadata", {})
    else:
        made = _overlaid([deepcopy(cell) for cell in usable["cells"]], executed)
        metadata = usable.get("metadata", {})
    return {
        "cells": _identified(made),
        "metadata": deepcopy(metadata) or deepcopy(_METADATA),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _last_executions(steps: Sequence[Step]) -> dict[str, Step]:
    """Return the last step of each cell; a step without a cell id is a cell of its own."""
    found: dict[str, Step] = {}
    for step in steps:
        found[step.cell_id or step.step_id] = step
    return found


def _later_steps(steps: Sequence[Step], since: StepId | None) -> frozenset[StepId]:
    """Return the steps that ran after the cells were told: their sources are newer."""
    ids = [step.step_id for step in steps]
    return frozenset(ids[ids.index(since) + 1 :] if since in ids else ids if since is None else ())


def _told_cells(
    told: CellList, executed: Mapping[str, Step], later: frozenset[StepId], base: Mapping[str, Any]
) -> list[Cell]:
    known = {str(cell.get("id", "")): cell for cell in base["cells"]}
    made = []
    for entry in told.cells:
        cell = deepcopy(dict(known.get(entry.cell_id, {"metadata": {}})))
        if cell.get("cell_type") != entry.cell_type:  # new, or turned from code into text since
            cell = {"cell_type": entry.cell_type, "metadata": cell["metadata"]}
        cell["id"] = entry.cell_id
        step = executed.get(entry.cell_id)
        source = told.sources.get(entry.digest)
        if source is None:
            source = step.source if step is not None else cell.get("source", "")
        cell["source"] = source
        if step is not None and entry.cell_type == "code":
            _lay_over(cell, step, with_source=step.step_id in later)
        made.append(cell)
    return made


def _overlaid(made: list[Cell], executed: Mapping[str, Step]) -> list[Cell]:
    """Lay each step over its cell in `made`, found by id or else by source, and put the others after them."""
    by_id = {cell["id"]: cell for cell in made if cell.get("cell_type") == "code" and "id" in cell}
    by_source: dict[str, list[Cell]] = {}
    for cell in made:
        # A cell that was made from a step is that step: the same source run again is another one.
        if cell.get("cell_type") == "code" and "step" not in cell.get("metadata", {}).get("runtrack", {}):
            by_source.setdefault(_joined(cell.get("source", "")), []).append(cell)
    for key, step in executed.items():
        same = (cell for cell in by_source.get(step.source, ()) if cell.get("id") not in executed)
        cell = by_id.get(key) or next(same, None) or _new_cell(step, made)
        _lay_over(cell, step, with_source=True)
    return made


def _new_cell(step: Step, made: list[Cell]) -> Cell:
    cell: Cell = {"cell_type": "code", "id": step.cell_id or "", "metadata": {}}
    if step.cell_id is None:
        cell["metadata"] = {"runtrack": {"step": step.step_id}}
    made.append(cell)
    return cell


def _lay_over(cell: Cell, step: Step, *, with_source: bool) -> None:
    if with_source or "source" not in cell:
        cell["source"] = step.source
    cell["execution_count"] = step.execution_count
    cell["outputs"] = [
        _valid_output(output, step.execution_count)
        for output in step.outputs
        if output.get("output_type") in ("stream", "display_data", "execute_result", "error")
    ]


def _valid_output(output: Mapping[str, Any], execution_count: int | None) -> dict[str, Any]:
    """Return the output with exactly the keys that the format asks for."""
    kind = output["output_type"]
    if kind == "stream":
        return {"output_type": kind, "name": output.get("name", "stdout"), "text": output.get("text", "")}
    if kind == "error":
        facts = {"ename": output.get("ename", ""), "evalue": output.get("evalue", "")}
        return {"output_type": kind, **facts, "traceback": list(output.get("traceback", ()))}
    shown = {"output_type": kind, "data": output.get("data", {}), "metadata": output.get("metadata", {})}
    if kind == "execute_result":
        shown["execution_count"] = output.get("execution_count", execution_count)
    return shown


def _identified(cells: list[Cell]) -> list[Cell]:
    """Give every cell what format 4.5 asks for: its parts, and an id that is valid and its own."""
    seen: set[str] = set()
    for position, cell in enumerate(cells):
        wanted = str(cell.get("id", ""))
        if not fullmatch(r"[A-Za-z0-9_-]{1,64}", wanted) or wanted in seen:
            wanted = _new_id(cell, wanted, position, seen)
        seen.add(wanted)
        cell["id"] = wanted
        if cell.get("cell_type") not in ("code", "markdown", "raw"):
            cell["cell_type"] = "raw"
        cell.setdefault("metadata", {})
        cell.setdefault("source", "")
        if cell["cell_type"] == "code":
            cell.setdefault("outputs", [])
            cell.setdefault("execution_count", None)
            cell.pop("attachments", None)
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    return cells


def _new_id(cell: Cell, wanted: str, position: int, seen: set[str]) -> str:
    # Made from what the cell is, so that the same document comes out the same.
    of = (
        wanted
        or cell.get("metadata", {}).get("runtrack", {}).get("step")
        or f"{position} {cell.get('source')}"
    )
    made = (sha256(f"{of} {attempt}".encode("utf-8", "replace")).hexdigest()[:8] for attempt in count())
    return next(each for each in made if each not in seen)


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
