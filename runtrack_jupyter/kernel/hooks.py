"""IPython tells us what runs: the callbacks, and nothing that decides.

Each callback is one boundary: whatever fails inside becomes a gap, and the user's cell goes on.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable
from typing import Any

from runtrack_jupyter.kernel.recorder import Recorder
from runtrack_jupyter.model import StepStatus
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.tracker import Tracker

__all__ = ["Hooks"]

_IDLE_SECONDS = 1.0  # of quiet before we look at what no cell was seen to touch
_SLICE_SECONDS = 0.02  # of looking before the kernel may answer again
_LONGEST_ERROR = 500


class Hooks:
    """The event callbacks of one shell."""

    def __init__(self, shell: Any, recorder: Recorder) -> None:
        self._shell = shell
        self._recorder = recorder
        self._idle: asyncio.TimerHandle | None = None
        self._events: tuple[tuple[str, Callable[..., None]], ...] = (
            ("pre_run_cell", self._pre_run_cell),
            ("post_run_cell", self._post_run_cell),
            ("post_execute", self._post_execute),
        )

    def register(self) -> None:
        """Begin to listen."""
        for event, callback in self._events:
            self._shell.events.register(event, callback)

    def unregister(self) -> None:
        """Stop listening."""
        for event, callback in self._events:
            with contextlib.suppress(ValueError):
                self._shell.events.unregister(event, callback)
        self._stop_sweeping()

    def _tracker(self) -> Tracker | None:
        recording = self._recorder.recording
        return None if recording is None else recording.tracker

    def _pre_run_cell(self, info: Any) -> None:
        tracker = self._tracker()
        if tracker is None or not info.store_history or info.silent:
            return
        self._stop_sweeping()
        key = self._key()
        with never_break_the_cell("beginning the step", tracker.fail) as outcome:
            if not tracker.is_open(key):  # code that a cell hands to the shell is part of that cell
                count = len(
                    self._shell.history_manager.input_hist_raw
                )  # IPython's own has moved on, or not yet
                tracker.begin_step(key, info.raw_cell, cell_id=info.cell_id, execution_count=count)
                tracker.look_before(key, self._transformed(info))
        if outcome.interrupted:
            _interrupt_soon()

    def _post_run_cell(self, result: Any) -> None:
        tracker = self._tracker()
        key = self._key()
        if tracker is None or not tracker.is_open(key):
            return
        info = None if result is None else result.info
        if info is not None and not info.store_history:
            return
        with never_break_the_cell("capturing what the cell changed", tracker.fail) as outcome:
            status, error = _ending(result)
            tracker.end_step(
                key,
                "" if info is None else self._transformed(info),
                status=status,
                error=error,
                execution_count=None if result is None else result.execution_count,
            )
            self._recorder.require().checkpoints.status = status
        if outcome.interrupted and result is not None and result.success:
            # The user pressed Ctrl-C to stop what is running: the cells that wait must not go on.
            result.error_in_exec = KeyboardInterrupt()
        with never_break_the_cell("looking at user expressions", tracker.fail):
            self._suspect_expressions(tracker)
            self._sweep_when_idle(tracker)

    def _post_execute(self) -> None:
        """Silent requests fire no other event; what they ran is looked at before the next step."""
        tracker = self._tracker()
        if tracker is None or tracker.sequence == 0:
            return
        with never_break_the_cell("looking at a silent request", tracker.fail):
            content = self._parent().get("content", {})
            if content.get("silent") and content.get("code"):
                tracker.suspect(self._shell.transform_cell(content["code"]))
            if content.get("silent"):
                self._suspect_expressions(tracker)

    def _suspect_expressions(self, tracker: Tracker) -> None:
        expressions = self._parent().get("content", {}).get("user_expressions") or {}
        for expression in expressions.values():
            if "runtrack_jupyter.kernel.requests" not in expression:
                tracker.suspect(expression)

    def _transformed(self, info: Any) -> str:
        transformed = getattr(info, "transformed_cell", None)
        if transformed is None:
            transformed = self._shell.transform_cell(info.raw_cell)
        return str(transformed)

    def _parent(self) -> dict[str, Any]:
        kernel = getattr(self._shell, "kernel", None)
        return {} if kernel is None else dict(kernel.get_parent("shell") or {})

    def _key(self) -> str:
        # Outputs name the message that asked for them. A plain shell has none, and runs one cell at a time.
        return str(self._parent().get("header", {}).get("msg_id", "shell"))

    def _sweep_when_idle(self, tracker: Tracker) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        with contextlib.suppress(
            RuntimeError
        ):  # no loop runs in a plain shell: its checkpoints look at everything
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(_IDLE_SECONDS, self._sweep, loop, tracker)

    def _sweep(self, loop: asyncio.AbstractEventLoop, tracker: Tracker) -> None:
        done = True
        with never_break_the_cell("looking at what no cell touched", tracker.fail):
            done = tracker is not self._tracker() or tracker.sweep(_SLICE_SECONDS)
        if not done:
            self._idle = loop.call_later(_SLICE_SECONDS, self._sweep, loop, tracker)

    def _stop_sweeping(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def _ending(result: Any) -> tuple[StepStatus, str]:
    if result is None:
        return "interrupted", "KeyboardInterrupt"  # an ``await`` cell that was cancelled has no result
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return "ok", ""
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        return "interrupted", type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  a user's own __str__
        text = ""
    name = type(error).__name__
    return "error", f"{name}: {text}"[:_LONGEST_ERROR] if text else name


def _interrupt_soon() -> None:
    """Give back a Ctrl-C that arrived while we worked before the cell: the cell that comes gets it."""
    timer = threading.Timer(0.01, signal.raise_signal, (signal.SIGINT,))
    timer.daemon = True
    timer.start()
