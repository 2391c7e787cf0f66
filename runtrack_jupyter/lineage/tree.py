"""Runs and steps as a tree: who comes from whom, which way leads where, and how to draw it beside a list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from runtrack_jupyter.model import Run, RunId, Step, StepId

__all__ = ["RailEntry", "Way", "ancestors_of", "children_of", "rail", "steps_to", "way_between"]


class RailEntry(NamedTuple):
    """Where a run stands on the rail; lane 0 is the branch that leads to now."""

    run_id: RunId
    lane: int
    on_path: bool  # it lies on the way to now
    is_fork: bool  # more than one run comes from it
    through: tuple[int, ...]  # lanes of other branches that pass this row


class Way(NamedTuple):
    """How to get from one step to another: go back over `undone`, then forward over `redone`."""

    meeting: StepId | None  # the last step that both have in their past
    undone: tuple[StepId, ...]  # newest first
    redone: tuple[StepId, ...]  # oldest first


def ancestors_of(run_id: RunId | None, runs: Iterable[Run]) -> tuple[RunId, ...]:
    """Return a run and all that it comes from, nearest first; runs that are not among `runs` end the way."""
    known = {run.run_id: run for run in runs}
    found: dict[RunId, None] = {}
    waiting = [run_id] if run_id is not None else []
    while waiting:
        each = waiting.pop(0)
        if each in known and each not in found:
            found[each] = None
            waiting.extend(known[each].parent_runs)
    return tuple(found)


def children_of(runs: Iterable[Run]) -> dict[RunId, tuple[RunId, ...]]:
    """Return the runs that come from each run, in the order of `runs`."""
    found: dict[RunId, tuple[RunId, ...]] = {}
    for run in runs:
        for parent in run.parent_runs:
            found[parent] = (*found.get(parent, ()), run.run_id)
    return found


def rail(runs: Sequence[Run], head_run: RunId | None) -> tuple[RailEntry, ...]:
    """Give each of `runs`, newest first, its lane. Branches take the lowest lane that is free as long as they last.

    A branch lasts from its newest run down to the row of the run it comes from. With `head_run` None the newest
    run counts as where we are.
    """
    if head_run is None and runs:
        head_run = runs[0].run_id
    path, children = frozenset(ancestors_of(head_run, runs)), children_of(runs)
    awaited: dict[int, RunId] = {}  # lane -> the run its branch goes down to
    entries = []
    for run in runs:
        ended = sorted(lane for lane, parent in awaited.items() if parent == run.run_id)
        for lane in ended:
            del awaited[lane]
        on_path = run.run_id in path
        lane = 0 if on_path else ended[0] if ended else _free(awaited)
        through = tuple(sorted(awaited))
        if not on_path and run.parent_runs:
            awaited[lane] = run.parent_runs[0]
        fork = len(children.get(run.run_id, ())) > 1
        entries.append(RailEntry(run.run_id, lane, on_path, fork, through))
    return tuple(entries)


def _free(awaited: Mapping[int, RunId]) -> int:
    return next(lane for lane in range(1, len(awaited) + 2) if lane not in awaited)


def steps_to(step_id: StepId | None, steps: Mapping[StepId, Step]) -> tuple[StepId, ...]:
    """Return the steps that led to a step, oldest first, itself last; a parent that is not known ends the way."""
    path: dict[StepId, None] = {}
    while step_id is not None and step_id in steps and step_id not in path:
        path[step_id] = None
        step_id = steps[step_id].parent_step
    return tuple(reversed(path))


def way_between(start: StepId | None, end: StepId | None, steps: Mapping[StepId, Step]) -> Way:
    """Return the way through the tree of steps from one to the other; None stands for before the first step."""
    there, here = steps_to(end, steps), steps_to(start, steps)
    shared = 0
    while shared < min(len(there), len(here)) and there[shared] == here[shared]:
        shared += 1
    return Way(here[shared - 1] if shared else None, tuple(reversed(here[shared:])), there[shared:])
