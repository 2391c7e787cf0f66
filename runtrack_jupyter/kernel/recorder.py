"""The recorder of one kernel: whether it records, and what it can be asked for."""

import logging
import os
import platform
import sys
from collections.abc import Callable, Collection
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from ulid import ULID

from runtrack_jupyter.capture.author import author_of
from runtrack_jupyter.capture.names import names_in_code
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.errors import RecordingOffError, StoreUnavailableError, UsageError
from runtrack_jupyter.model import CellEntry, Digest, Gap, NotebookId, Run, RunId, Session, SessionId
from runtrack_jupyter.state import StateEngine
from runtrack_jupyter.store.frames import RunLogged
from runtrack_jupyter.store.layout import register_store, registered_stores, resolve_store, user_key
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.checkpoint import Checkpoints
from runtrack_jupyter.tracking.notebookfile import marks_in
from runtrack_jupyter.tracking.position import Position, Whereabouts
from runtrack_jupyter.tracking.roundtrip.watching import RoundTrips
from runtrack_jupyter.tracking.sealerprocess import SealerProcess
from runtrack_jupyter.tracking.settings import Settings, load_settings, why_off
from runtrack_jupyter.tracking.tracker import Notify, Tracker
from runtrack_jupyter.version import __version__

if TYPE_CHECKING:
    from runtrack_jupyter.store.history import History
    from runtrack_jupyter.tracking.travel import Arrival, Travel

__all__ = ["Recorder", "Recording", "Workplace"]

logger = logging.getLogger("runtrack_jupyter")


class Workplace(msgspec.Struct, kw_only=True):
    """What the kernel adapter knows of the kernel it sits in."""

    namespace: dict[str, Any]
    hidden: Callable[[str], bool]
    kernel_id: str = ""
    notebook: Path | None = None  # absolute; None where nobody said


class Recording:
    """One session being recorded: its tracker, and what works on it."""

    def __init__(self, workplace: Workplace, settings: Settings, notify: Notify) -> None:
        key = user_key()
        if key is None:
            raise StoreUnavailableError("this user's key can neither be read nor made")
        self._key = key
        self.store = resolve_store(workplace.notebook, Path.cwd(), os.environ)
        session = _session(workplace)
        redactor = Redactor(os.environ, key)
        self.tracker = Tracker(
            namespace=workplace.namespace,
            engine=StateEngine(
                workplace.namespace,
                hidden=workplace.hidden,
                names_in=names_in_code,
                limits=settings.limits(),
                is_secret=redactor.is_secret,
            ),
            segment=SegmentWriter(self.store, session, key),
            session=session,
            redactor=redactor,
            settings=settings,
            notify=notify,
            on_begin=lambda: register_store(self.store),
            roundtrips=RoundTrips(self.store, checks=settings.check_round_trips),
        )
        self._sealer = SealerProcess(self.store, session.session_id, self.tracker.report)
        self.checkpoints = Checkpoints(self.tracker, self._seal, os.getcwd)
        self._history: History | None = None

    # What looks back is loaded when somebody first does: a kernel starts without it.

    @cached_property
    def travel(self) -> "Travel":
        """What goes back to places of the history."""
        from runtrack_jupyter.store.payload import StorePayload
        from runtrack_jupyter.tracking.travel import Travel

        return Travel(self.tracker, self.checkpoints, self.history, lambda: StorePayload(self.history()))

    def history(self) -> "History":
        """Return what is on record, this session's latest steps included."""
        from runtrack_jupyter.store.history import History

        if self._history is None:
            stores = [self.store, *registered_stores()]
            self._history = History(stores, self._key, received=False)
        self._history.refresh()
        return self._history

    def close(self, why: str) -> None:
        """End the session; steps that are in no run yet become one, so that they stay in the history."""
        try:
            if self.tracker.sequence and self.tracker.position.steps:
                self.checkpoints.checkpoint(automatic=why)
        finally:
            self.tracker.close()
            self._sealer.close()

    def _seal(self, logged: RunLogged) -> None:
        self._sealer.seal(logged.run.run_id)


_OFF_MEANWHILE = Gap(
    subject="step",
    kind="off",
    reason="recording was switched off while it ran: what it did then is not recorded",
)


class Recorder:
    """Decides whether this kernel is recorded, and switches it on and off.

    Off means that not one byte is written: no store, no key, no list of stores.
    """

    def __init__(self, workplace: Workplace, notify: Notify) -> None:
        self.workplace = workplace
        self._notify = notify
        self._position = Position()
        self._root = ""  # of the server, as a front end's path below it and the kernel's absolute one tell
        self._bound: tuple[NotebookId, str] | None = None
        self.recording: Recording | None = None
        self.front_ends = 0
        self.settings = Settings()
        self.why_off = ""
        try:
            self.settings = load_settings()
            self.why_off = why_off(os.environ, self.settings, workplace.notebook)
        except UsageError as error:
            self.why_off = str(error)  # a user who wrote a file meant something by it: ask, do not record
        if not self.why_off:
            self._start()

    def on(self) -> None:
        """Record from here on, unless the environment forbids it.

        Raises
        ------
        RecordingOffError
            `RUNTRACK_DISABLE` is set: whoever set it decides.
        """
        if os.environ.get("RUNTRACK_DISABLE", "") not in {"", "0"}:
            raise RecordingOffError("RUNTRACK_DISABLE is set; unset it and restart the kernel to record")
        if self.recording is None:
            self._start()
        self._notify("tracking", self.status())

    def off(self, why: str = "paused") -> None:
        """Stop recording: what is on record stays, and nothing is added."""
        if self.recording is not None:
            recording, self.recording = self.recording, None
            with never_break_the_cell("ending the session", recording.tracker.report):
                recording.tracker.leave_running(_OFF_MEANWHILE)
                recording.close("recording paused")
        self.why_off = why
        self._notify("tracking", self.status())

    def status(self) -> dict[str, Any]:
        """Return whether and where this kernel is recorded, as plain data."""
        recording = self.recording
        tracker = recording.tracker if recording else None
        return {
            "tracking": recording is not None,
            "why_off": self.why_off,
            "session_id": tracker.session.session_id if tracker else "",
            "store": str(recording.store) if recording else "",
            "notebook_id": tracker.evidence.notebook_id if tracker else None,
            "position": self.whereabouts(),
        }

    def whereabouts(self) -> Whereabouts:
        """Return where the session is in the history."""
        position = self.recording.tracker.position if self.recording else self._position
        return position.whereabouts()

    def require(self) -> Recording:
        """Return the recording.

        Raises
        ------
        RecordingOffError
            There is none; the message says by what it is off and how to switch it on.
        """
        if self.recording is None:
            raise RecordingOffError(f"recording is off ({self.why_off}); rt.on() switches it on")
        return self.recording

    def checkpoint(self, message: str = "", *, automatic: str = "", run_id: RunId | None = None) -> Run:
        """Make a run; see `Checkpoints.checkpoint`."""
        return self.require().checkpoints.checkpoint(message, automatic=automatic, run_id=run_id)

    def restore(
        self, name: str, *, rebuild: bool | Collection[str] = True, request_id: RunId | None = None
    ) -> "Arrival":
        """Bring variables back; see `Travel.restore`."""
        return self.require().travel.restore(name, rebuild=rebuild, request_id=request_id)

    def undo(self, *, request_id: str | None = None) -> "Arrival":
        """Take the last step back; see `Travel.undo`."""
        return self.require().travel.undo(request_id=request_id)

    def bind(self, notebook_id: NotebookId, path: str) -> None:
        """Take the notebook's identity from its front end; `path` is absolute or relative to the server's root."""
        self._bound = (notebook_id, self._absolute(path))
        self._tell_binding()

    def cells(
        self, entries: tuple[CellEntry, ...], sources: dict[Digest, str], metadata: dict[str, Any]
    ) -> None:
        """Take the cells of the document as its front end has them."""
        if self.recording is not None:
            self.recording.tracker.evidence.cells(entries, sources, metadata)

    def output(
        self, key: str, output: dict[str, Any] | None, *, replaces: str = "", clear: bool = False
    ) -> None:
        """Take an output of the request `key`."""
        if self.recording is not None:
            self.recording.tracker.evidence.output(key, output, replaces=replaces, clear=clear)

    def count_front_ends(self, count: int) -> None:
        """Take the number of front ends that are attached."""
        self.front_ends = count
        if self.recording is not None:
            self.recording.tracker.front_ends = count

    def close(self) -> None:
        """End the session in order."""
        if self.recording is not None:
            recording, self.recording = self.recording, None
            recording.close("kernel shutdown")

    def _start(self) -> None:
        self.recording = Recording(self.workplace, self.settings, self._notify)
        self.why_off = ""
        self.count_front_ends(self.front_ends)
        self._tell_binding()

    def _tell_binding(self) -> None:
        if self.recording is not None and self._bound is not None:
            tracker = self.recording.tracker
            tracker.evidence.bind(*self._bound, begun=tracker.sequence > 0)

    def _absolute(self, path: str) -> str:
        # The front end knows the path below the server's root; the kernel was told the absolute one at its start.
        notebook = self.workplace.notebook
        if notebook is None or not path:
            return path
        if not self._root and str(notebook).replace(os.sep, "/").endswith(f"/{path}"):
            self._root = str(notebook)[: -len(path)]
        return str(Path(self._root) / path) if self._root else path


def _session(workplace: Workplace) -> Session:
    return Session(
        session_id=SessionId(str(ULID())),
        started_at=datetime.now(timezone.utc),
        author=author_of(os.environ),
        python=platform.python_version(),
        executable=sys.executable,
        platform=platform.platform(),
        kernel_id=workplace.kernel_id,
        notebook_path="" if workplace.notebook is None else str(workplace.notebook),
        # Headless too, a notebook keeps the identity that it got when it was first opened.
        notebook_id=None if workplace.notebook is None else marks_in(workplace.notebook).notebook_id,
        cwd=str(Path.cwd()),
        runtrack=__version__,
    )
