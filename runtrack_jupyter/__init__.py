"""Runtrack: running is recording.

Every executed cell is on record; nothing here has to be called for that. These functions name values
(`parameter`, `metric`, `label`), data files (`input`, `output`) and runs (`checkpoint`), and look back and go back
(`runs`, `steps`, `show`, `history`, `restore`, `undo`). Importing this works in any Python, recorded or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from runtrack_jupyter.version import __version__ as __version__

if TYPE_CHECKING:
    import os
    from collections.abc import Collection

    from runtrack_jupyter.kernel.panel import HistoryPanel
    from runtrack_jupyter.kernel.views import Runs, Shown, Steps
    from runtrack_jupyter.model import Run
    from runtrack_jupyter.tracking.travel import Arrival

__all__ = [
    "checkpoint",
    "flush",
    "history",
    "input",
    "label",
    "metric",
    "off",
    "on",
    "output",
    "parameter",
    "restore",
    "runs",
    "show",
    "status",
    "steps",
    "undo",
]

_Value = TypeVar("_Value")
_Path = TypeVar("_Path", bound="str | os.PathLike[str]")


def parameter(name: str, value: _Value) -> _Value:
    """Record a value that goes into the next run, and return it: ``lr = rt.parameter("lr", 0.1)``."""
    return _declare("parameter", name, value)


def metric(name: str, value: _Value) -> _Value:
    """Record a value that comes out of the next run, and return it; given again, it becomes a series."""
    return _declare("metric", name, value)


def label(name: str, value: _Value) -> _Value:
    """Record a word about the next run, and return it: ``rt.label("kind", "baseline")``."""
    return _declare("label", name, value)


def input(path: _Path) -> _Path:
    """Record a file that is read here with its digest, and return the path: ``read_csv(rt.input("a.csv"))``."""
    return _declare_file("read", path)


def output(path: _Path) -> _Path:
    """Record a file that was written here with its digest, and return the path."""
    return _declare_file("write", path)


def checkpoint(message: str = "") -> Run | None:
    """Seal the steps since the last run into a run, and return it.

    Works in the middle of a cell and in loops: each call is a run of its own. Where nothing records, or the record
    cannot be written, it warns and returns None: a notebook that calls it runs everywhere.
    """
    from runtrack_jupyter.kernel import acts

    return acts.checkpoint(message)


def runs() -> Runs:
    """Return the runs of this notebook, newest first; outside a kernel, those of the store of this folder."""
    from runtrack_jupyter.kernel import acts

    return acts.runs()


def steps(run: str | None = None) -> Steps:
    """Return the steps of a run, oldest first; without one, every step of this notebook.

    Raises
    ------
    NotFoundError
        No such run is on record; the message names it.
    """
    from runtrack_jupyter.kernel import acts

    return acts.steps(run)


def show(name: str) -> Shown:
    """Return one run or step, by ``#12``, short id or id, as something to look at.

    Raises
    ------
    NotFoundError
        Nothing of that name is on record.
    """
    from runtrack_jupyter.kernel import acts

    return acts.show(name)


def history() -> HistoryPanel:
    """Return the runs of this notebook as a widget to browse, checkpoint and restore with, where there is no sidebar.

    Raises
    ------
    UsageError
        ipywidgets is not installed, or this is not the kernel's main thread.
    """
    from runtrack_jupyter.kernel.panel import HistoryPanel

    return HistoryPanel()


def restore(
    name: str, *, variables: bool = True, document: bool = True, rebuild: bool | Collection[str] = True
) -> Arrival:
    """Go back to a run or step. What is there now becomes a run first, so this can be undone.

    Parameters
    ----------
    name
        ``#12``, the short id, or the id of a run or step.
    variables
        Bring the variables back. What cannot come back is named in the answer's `gaps`.
    document
        Ask the notebook's tab to bring the document back; without a tab the answer says so.
    rebuild
        Make again what could not be saved, where that takes only statements without side effects; False leaves it
        missing, names choose. The answer's `rebuilt` says how each was made.

    Raises
    ------
    NotFoundError
        Nothing of that name is on record.
    RestoreError
        It could not be done, and nothing was changed.
    NotTrackingError, RecordingOffError
        This is no recorded kernel.
    """
    from runtrack_jupyter.kernel import acts

    return acts.restore(name, variables=variables, document=document, rebuild=rebuild)


def undo() -> Arrival:
    """Put the variables back to what they were before the last executed cell; written files stay.

    Raises
    ------
    RestoreError
        There is no step to undo, or the state before it is not on record.
    NotTrackingError, RecordingOffError
        This is no recorded kernel.
    """
    from runtrack_jupyter.kernel import acts

    return acts.undo()


def status() -> dict[str, Any]:
    """Return whether this kernel is recorded, where, and the position in the history."""
    from runtrack_jupyter.kernel import acts

    return acts.status()


def flush() -> bool:
    """Return when everything captured so far is durable; False when some of it could not be written."""
    from runtrack_jupyter.kernel import acts

    return acts.flush()


def on() -> None:
    """Record this kernel from here on.

    Raises
    ------
    RecordingOffError
        `RUNTRACK_DISABLE` is set.
    NotTrackingError
        The extension is not loaded here: ``%load_ext runtrack_jupyter``.
    """
    from runtrack_jupyter.kernel import acts

    acts.on()


def off() -> None:
    """Stop recording this kernel; what is on record stays."""
    from runtrack_jupyter.kernel import acts

    acts.off()


def load_ipython_extension(shell: Any) -> None:
    """Record this shell: ``%load_ext runtrack_jupyter``."""
    from runtrack_jupyter.kernel import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop recording this shell and leave it as it was."""
    from runtrack_jupyter.kernel import unload_ipython_extension as unload

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "runtrack_jupyter.server"}]


def _declare(what: Literal["parameter", "metric", "label"], name: str, value: _Value) -> _Value:
    from runtrack_jupyter.kernel import acts

    acts.declare(what, name, value)
    return value


def _declare_file(direction: Literal["read", "write"], path: _Path) -> _Path:
    from runtrack_jupyter.kernel import acts

    acts.declare_file(direction, path)
    return path
