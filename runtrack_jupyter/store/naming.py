"""What people call a run or step: ``#12``, the last characters of its id, or all of it."""

from collections.abc import Callable, Iterable

from runtrack_jupyter.errors import AmbiguousIdError, NotFoundError
from runtrack_jupyter.model import Run, RunId, StepId

__all__ = ["resolved"]

_SHORTEST_ID = 8  # of a run or step, counted from the end
_ID_LENGTH = 26


def resolved(
    text: str, runs: Callable[[], Iterable[Run]], ids: Callable[[], Iterable[RunId | StepId]]
) -> RunId | StepId:
    """Return the one of `runs` with the number `text`, or the one of `ids` that ends with it.

    Raises
    ------
    NotFoundError
        There is none.
    AmbiguousIdError
        There are several: a number is unique only in its notebook.
    """
    name = text.strip().removeprefix("#")
    found: list[RunId | StepId] = []
    if name.isdecimal():
        found = [run.run_id for run in runs() if run.ordinal == int(name)]
    if not found and not text.strip().startswith("#") and _SHORTEST_ID <= len(name) <= _ID_LENGTH:
        end = name.upper()
        found = [each for each in dict.fromkeys(ids()) if each.upper().endswith(end)]
    if len(found) > 1:
        raise AmbiguousIdError(text, tuple(found))
    if not found:
        raise NotFoundError("run or step", text)
    return found[0]
