"""The checkpoint: everything is looked at once more, made durable, and logged as a run."""

import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import msgspec
from blake3 import blake3
from ulid import ULID

from runtrack_jupyter.capture.modules import local_modules
from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import ComponentId, Digest, Gap, NotebookId, Run, RunId, StepStatus, Variable
from runtrack_jupyter.state.interrupts import Interrupts
from runtrack_jupyter.store.frames import RunLogged
from runtrack_jupyter.store.wire import encode_record
from runtrack_jupyter.tracking.tracker import Tracker

__all__ = ["Checkpoints"]

_PASSES = 3  # a value that differs this often between looks is changed by something else than a cell


class Checkpoints:
    """Makes the runs of one session.

    `seal` is told of each logged run and returns at once; sealing happens in another process.
    """

    def __init__(self, tracker: Tracker, seal: Callable[[RunLogged], None], cwd: Callable[[], str]) -> None:
        self._tracker = tracker
        self._seal = seal
        self._cwd = cwd
        self._previous: Digest | None = None
        self._made: dict[RunId, Run] = {}
        self.status: StepStatus = "ok"  # of the latest step that ended

    def checkpoint(self, message: str = "", *, automatic: str = "", run_id: RunId | None = None) -> Run:
        """Seal the steps since the last run into a run, and return it.

        Asking again with the same `run_id` returns the run that was made then.

        Raises
        ------
        StoreUnavailableError
            The record could not be made durable; the steps stay, and the next checkpoint takes them up.
        """
        if run_id is not None and run_id in self._made:
            return self._made[run_id]
        tracker = self._tracker
        unstable = self._verify()
        if not tracker.writer.flush():
            raise StoreUnavailableError("the run is not durable: the store cannot be written")
        run = self._run(message, automatic, run_id or RunId(str(ULID())), unstable)
        logged = RunLogged(
            run=run,
            front_end=tracker.front_ends > 0,
            modules=local_modules(sys.modules, self._roots()),
            cwd=self._cwd(),
        )
        with Interrupts() as interrupts:
            tracker.writer.now(logged)
            # From here on it is on its way, whatever becomes of the wait: the next run has to name it.
            self._previous = Digest(blake3(encode_record(run)).hexdigest())
            durable = True
            with interrupts.stopping():
                durable = tracker.writer.flush()
            if not durable:
                raise StoreUnavailableError("the run is not durable: the store cannot be written")
            self._made[run.run_id] = run
            tracker.position.mark_run(run.run_id)
            self._seal(logged)
        shown = msgspec.structs.replace(run, variables=(), components={})
        tracker.notify("run", {"run": shown, "position": tracker.position.whereabouts()})
        return run

    def _verify(self) -> tuple[Gap, ...]:
        """Look at everything until two looks agree; what never does is changed by a thread or callback."""
        for _ in range(_PASSES):
            capture = self._tracker.capture_all()
            if not (capture.bound or capture.dropped):
                return ()
        return tuple(
            Gap(subject=root, kind="failed", reason="it changes by itself, from a thread or callback")
            for root in sorted(capture.bound)
        )

    def _roots(self) -> tuple[Path, ...]:
        path = self._tracker.session.notebook_path
        return (*((Path(path).parent,) if path else ()), Path(self._cwd()))

    def _run(self, message: str, automatic: str, run_id: RunId, unstable: tuple[Gap, ...]) -> Run:
        tracker, position = self._tracker, self._tracker.position
        components = {
            root: ComponentId(component.component_id)
            for root, component in tracker.engine.live().items()
            if component.component_id is not None and tracker.settings.record_values
        }
        variables = tuple(
            msgspec.structs.replace(variable, component=components.get(name))
            for name, variable in sorted(position.variables.items())
        )
        gaps = {
            **position.gaps,
            **{gap.subject: gap for gap in (*unstable, *_values_missing(variables, position.gaps))},
        }
        return Run(
            run_id=run_id,
            session_id=tracker.session.session_id,
            notebook_id=tracker.evidence.notebook_id or NotebookId(tracker.session.session_id),
            created_at=datetime.now(timezone.utc),
            author=tracker.session.author,
            message=tracker.redactor.text(message),
            automatic=automatic,
            head_step=position.head_step,
            steps=tuple(position.steps),
            parent_runs=() if position.head_run is None else (position.head_run,),
            previous=self._previous,
            parameters=position.of("parameter"),
            metrics=position.of("metric"),
            labels=position.of("label"),
            components=components,
            variables=variables,
            gaps=tuple(gaps[subject] for subject in sorted(gaps)),
            status="running" if tracker.running is not None else self.status,
        )


def _values_missing(variables: tuple[Variable, ...], known: dict[str, Gap]) -> tuple[Gap, ...]:
    return tuple(
        Gap(subject=variable.name, kind="not-kept", reason="its value was not saved")
        for variable in variables
        if variable.component is None and variable.name not in known
    )
