"""The data files of a moment: what the steps on the way there read and wrote, each as it was last seen."""

from collections.abc import Iterable

import msgspec

from runtrack_jupyter.errors import NotFoundError
from runtrack_jupyter.model import DataFile, Run, Step
from runtrack_jupyter.store.history import History

__all__ = ["data_files", "data_files_of"]


def data_files(history: History, of: Run | Step) -> tuple[DataFile, ...]:
    """Return the files that a run or step rests on, also those of steps before the run above it.

    What a cell read yesterday is still in the variables that today's run holds. A run that was received brings its
    own steps only.
    """
    head = of.head_step if isinstance(of, Run) else of.step_id
    try:
        return () if head is None else data_files_of(history.path_to(head))
    except NotFoundError:
        return data_files_of(history.steps(run_id=of.run_id)) if isinstance(of, Run) else ()


def data_files_of(steps: Iterable[Step]) -> tuple[DataFile, ...]:
    """Return the files of some steps, oldest first: each path and direction as it was last seen."""
    found: dict[tuple[str, str], DataFile] = {}
    for step in steps:
        for file in step.files:
            found[file.path, file.direction] = msgspec.structs.replace(
                file, step_id=file.step_id or step.step_id
            )
    return tuple(found.values())
