"""The public functions, where a kernel may or may not be recorded."""

import os
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, cast

from ulid import ULID

from runtrack_jupyter.errors import RuntrackError, UsageError
from runtrack_jupyter.kernel.current import current, require_current, tell_front_end
from runtrack_jupyter.kernel.views import Runs, Shown, Steps
from runtrack_jupyter.model import Gap, Measured, Run, RunId, Scalar, Step
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import resolve_store, user_key
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.travel import Arrival

__all__ = [
    "checkpoint",
    "declare",
    "declare_file",
    "flush",
    "history_here",
    "off",
    "on",
    "restore",
    "runs",
    "show",
    "status",
    "steps",
    "undo",
]


def declare(what: Literal["parameter", "metric", "label"], name: object, value: object) -> None:
    """Record a parameter, metric or label of the running step; silent where nothing records."""
    if not isinstance(name, str) or not name:
        raise UsageError(f'the name of a {what} is a text such as "accuracy", not {name!r}')
    recorder = current()
    if recorder is None or recorder.recording is None:
        return
    tracker = recorder.recording.tracker
    with never_break_the_cell(f"recording the {what} {name}", tracker.fail):
        tracker.evidence.declare(what, Measured(name=name, value=_scalar(value)))


def declare_file(direction: Literal["read", "write"], path: str | os.PathLike[str]) -> None:
    """Record a data file of the running step; silent where nothing records."""
    location = os.fspath(path)
    if not isinstance(location, str):
        raise UsageError(f"a path is a text or a pathlib.Path, not {path!r}")
    recorder = current()
    if recorder is None or recorder.recording is None:
        return
    tracker = recorder.recording.tracker
    with never_break_the_cell(f"recording the file {location}", tracker.fail):
        tracker.evidence.declare_file(location, direction, Path.cwd())


def checkpoint(message: str = "") -> Run | None:
    """Make a run, or warn and return None."""
    try:
        return require_current().checkpoint(message)
    except RuntrackError as error:
        warnings.warn(f"no run was made: {error}", stacklevel=3)
        return None


def runs() -> Runs:
    """Return the runs of this notebook."""
    history, notebook = history_here()
    return Runs(history.runs(notebook))


def steps(run: object = None) -> Steps:
    """Return the steps of a run or of this notebook."""
    history, notebook = history_here()
    if run is None:
        return Steps(history.steps(notebook_id=notebook))
    return Steps(history.steps(run_id=RunId(history.resolve(_id_in(run), notebook))))


def show(name: object) -> Shown:
    """Return one run or step."""
    history, notebook = history_here()
    found = history.resolve(_id_in(name), notebook)
    return Shown.of(history, found)


def restore(
    name: object, *, variables: bool = True, document: bool = True, rebuild: bool | Collection[str] = True
) -> Arrival:
    """Go back."""
    recorder = require_current()
    recording = recorder.require()
    history, notebook = history_here()
    found = history.resolve(_id_in(name), notebook)
    if variables:
        arrival = recorder.restore(found, rebuild=_names_in(rebuild))
    else:
        before = recording.checkpoints.checkpoint(automatic="before restoring a document")
        arrival = Arrival(restored=(), kept=(), removed=(), gaps=(), before=before)
    if document and not tell_front_end("restore-document", {"command_id": str(ULID()), "id": found}):
        gap = Gap(
            subject="document", kind="missing", reason="no notebook tab is open to restore the document in"
        )
        arrival = arrival.with_gap(gap)
    return arrival


def undo() -> Arrival:
    """Take the last step back."""
    return require_current().undo()


def status() -> dict[str, Any]:
    """Return what there is to know, also where nothing records."""
    recorder = current()
    if recorder is None:
        return {"tracking": False, "why_off": "the extension is not loaded in this process"}
    return recorder.status()


def flush() -> bool:
    """Wait for the disk; True where there is nothing to wait for."""
    recorder = current()
    if recorder is None or recorder.recording is None:
        return True
    return recorder.recording.tracker.writer.flush()


def on() -> None:
    """Switch recording on."""
    require_current().on()


def off() -> None:
    """Switch recording off."""
    require_current().off("switched off by rt.off()")


def _id_in(name: object) -> str:
    """Return what names a run or step: the text, the number, or the record that `runs()` or `steps()` listed."""
    match name:
        case Run():
            return name.run_id
        case Step():
            return name.step_id
        case str():
            return name
        case int() if not isinstance(name, bool):
            return str(name)
    raise UsageError(f'a run or step is named by a text such as "#12", not {name!r}')


def _names_in(rebuild: bool | Collection[str]) -> bool | Collection[str]:
    """Return which variables are to be made again; one name is a text."""
    return (rebuild,) if isinstance(rebuild, str) else rebuild


def history_here() -> tuple[History, Any]:
    """Return the history as this process sees it, and the notebook that is meant; None for all of them."""
    recorder = current()
    if recorder is not None and recorder.recording is not None:
        recording = recorder.recording
        recording.tracker.writer.flush()
        session = recording.tracker.session
        return recording.history(), recording.tracker.evidence.notebook_id or session.session_id
    history = History([resolve_store(None, Path.cwd(), os.environ)], user_key(create=False))
    history.refresh()
    return history, None


def _scalar(value: object) -> Scalar:
    """Return what JSON and a table column can hold: numbers of any library become Python's, the rest text."""
    if value is None or type(value) in (bool, int, float, str):
        return cast("Scalar", value)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "size", 1) == 1:
        plain = item()
        if type(plain) in (bool, int, float, str):
            return cast("Scalar", plain)
    return str(value)[:1000]
