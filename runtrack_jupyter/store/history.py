"""All that is on record in some stores, by run, step, session and notebook: what server, CLI and kernel browse."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from runtrack_jupyter.errors import NotFoundError, StoreError
from runtrack_jupyter.model import (
    ComponentId,
    Digest,
    Measured,
    NotebookId,
    Run,
    RunId,
    Session,
    SessionId,
    Snapshot,
    Step,
    StepId,
)
from runtrack_jupyter.store import trails
from runtrack_jupyter.store.annotations import annotated
from runtrack_jupyter.store.folding import FoldedSession, Location
from runtrack_jupyter.store.frames import Cells, RunLogged
from runtrack_jupyter.store.layout import check_format
from runtrack_jupyter.store.naming import resolved
from runtrack_jupyter.store.notebooks import NotebookEntry, bindings, entries
from runtrack_jupyter.store.places import Place
from runtrack_jupyter.store.scan import segment_files
from runtrack_jupyter.store.storeview import StoreView, gaps_now, step_with_found, there_now
from runtrack_jupyter.store.thinned import Gone

__all__ = ["History"]


class History:
    """What the `stores` hold, as of the last `refresh`; for one thread at a time.

    `key` is this user's; without it every session is foreign: it can be browsed, and nothing of it is unpickled.
    `received` says whether runs that came by Git, without a segment, are looked for: reading one runs Git.
    """

    def __init__(self, stores: Sequence[Path], key: bytes | None, *, received: bool = True) -> None:
        self.stores = tuple(dict.fromkeys(stores))
        self.key = key
        self.problems: dict[Path, str] = {}  # stores that could not be read the last time
        self._with_received = received
        self._views = {store: StoreView(store) for store in self.stores}
        self._sessions: dict[SessionId, FoldedSession] = {}
        self._of_step: dict[StepId, FoldedSession] = {}
        self._of_run: dict[RunId, FoldedSession] = {}
        self._gone = Gone()
        self._trails = trails.Trails(self._place_of_step, self._logged_or_none)

    def refresh(self) -> bool:
        """Read what came since the last time; return whether anything did.

        A store that cannot be read is left as it was, and `problems` says why. Only a history of that one store raises.

        Raises
        ------
        UnsupportedFormatError
            The only store was written by a newer Runtrack.
        StoreUnavailableError
            The only store cannot be read.
        """
        changed = thinned = False
        for view in self._views.values():
            try:
                thinned |= (
                    view.thinned.refresh()
                )  # before the segments: a value is said to be gone before it is
                changed |= self._refresh_store(view)
                self.problems.pop(view.path, None)
            except StoreError as error:
                if len(self.stores) == 1:
                    raise
                self.problems[view.path] = str(error)
        self._gone.refresh([view.thinned for view in self._views.values()], self._sessions, anew=thinned)
        changed |= thinned
        if self._with_received:  # after all segments: what one store received another may have recorded
            for view in self._views.values():
                changed |= view.received.refresh(self._of_run)
        return changed

    def _refresh_store(self, view: StoreView) -> bool:
        check_format(view.path)
        changed = self._refresh_sessions(view.path)
        changed |= view.ordinals.refresh()
        return changed | view.events.refresh()

    def _refresh_sessions(self, store: Path) -> bool:
        files = segment_files(store)
        gone = [
            session_id
            for session_id, session in self._sessions.items()
            if session.store == store
            and (session_id not in files or session.was_rewritten(files[session_id]))
        ]
        for session_id in gone:
            self._forget(session_id)
        changed = bool(gone)
        for session_id, paths in files.items():
            session = self._sessions.get(session_id)
            if session is None:
                session = self._sessions[session_id] = FoldedSession(store, session_id, self.key)
            elif session.store != store:
                continue  # a copy of a store we have: the first one listed counts
            if session.refresh(paths):
                changed = True
                for step_id in session.take_new_steps():
                    self._of_step[step_id] = session
                self._of_run.update(dict.fromkeys(session.runs, session))
        return changed

    def _forget(self, session_id: SessionId) -> None:
        session = self._sessions.pop(session_id)
        for step_id in session.places:
            self._of_step.pop(step_id, None)
        for run_id in session.runs:
            self._of_run.pop(run_id, None)

    # ---- sessions -------------------------------------------------------------------------------------------

    def sessions(self, notebook_id: NotebookId | None = None) -> list[Session]:
        """Return the sessions, oldest first, each with the notebook and path it is bound to."""
        found = [
            session.bound(session.session)
            for session in self._sessions.values()
            if session.session is not None and notebook_id in {None, session.notebook_id}
        ]
        return sorted(found, key=lambda session: (session.started_at, session.session_id))

    def session(self, session_id: SessionId) -> Session:
        """Return one session; raises NotFoundError."""
        folded = self.folded(session_id)
        if folded.session is None:
            raise NotFoundError("session", session_id)
        return folded.bound(folded.session)

    def folded(self, session_id: SessionId) -> FoldedSession:
        """Return all that is known of one session; raises NotFoundError."""
        try:
            return self._sessions[session_id]
        except KeyError:
            raise NotFoundError("session", session_id) from None

    def folded_sessions(self) -> list[FoldedSession]:
        """Return all that is known of every session."""
        return list(self._sessions.values())

    def is_alive(self, session_id: SessionId) -> bool:
        """Return whether the kernel of a session still runs."""
        return self.folded(session_id).alive

    def is_foreign(self, found: str) -> bool:
        """Return whether a run or step was not recorded with this user's key, or not here."""
        session = self._of_run.get(RunId(found)) or self._of_step.get(StepId(found))
        return session is None or session.foreign or RunId(found) in session.foreign_runs

    def store_of(self, found: str) -> Path:
        """Return the store that holds a run or step; raises NotFoundError."""
        session = self._of_run.get(RunId(found)) or self._of_step.get(StepId(found))
        if session is not None:
            return session.store
        for view in self._views.values():
            if RunId(found) in view.received.runs:
                return view.path
        raise NotFoundError("run or step", found)

    def head(self, session_id: SessionId) -> StepId | None:
        """Return where a session is now: the step whose state is live."""
        return self.folded(session_id).head.step_id

    def position(self, session_id: SessionId) -> tuple[RunId | None, tuple[StepId, ...]]:
        """Return the run that a session's next one comes from, and the steps since, oldest first."""
        return self._trails.since_run(self.folded(session_id).head)

    def snapshot_now(self, session_id: SessionId) -> Snapshot:
        """Return the state of a session as last captured."""
        return self._snapshot_at(self.folded(session_id).head)

    # ---- runs -----------------------------------------------------------------------------------------------

    def runs(self, notebook_id: NotebookId | None = None) -> list[Run]:
        """Return the runs, of one notebook or of all, newest first."""
        found = [
            self._finished(logged.run, session)
            for session in self._sessions.values()
            if notebook_id in {None, session.notebook_id}
            for logged in session.runs.values()
        ]
        for view in self._views.values():
            found += [
                run
                for run in view.received.runs.values()
                if notebook_id in {None, run.notebook_id} and run.run_id not in self._of_run
            ]
        found.sort(key=lambda run: (run.created_at, run.run_id), reverse=True)
        return [self._annotated(run) for run in found]

    def run(self, run_id: RunId) -> Run:
        """Return one run, with what was said of it since; raises NotFoundError."""
        return self._annotated(self.recorded(run_id))

    def recorded(self, run_id: RunId) -> Run:
        """Return one run as its commit says it, whatever was said of it since; raises NotFoundError."""
        session = self._of_run.get(run_id)
        if session is not None:
            return self._finished(session.runs[run_id].run, session)
        for view in self._views.values():
            if run_id in view.received.runs:
                return view.received.runs[run_id]
        raise NotFoundError("run", run_id)

    def logged(self, run_id: RunId) -> RunLogged:
        """Return a run as its kernel logged it; raises NotFoundError also for runs that were received."""
        try:
            return self._of_run[run_id].runs[run_id]
        except KeyError:
            raise NotFoundError("run", run_id) from None

    def unsealed(self, store: Path) -> list[RunLogged]:
        """Return the runs of a store that are no commit yet, oldest first."""
        view = self._views[store]
        found = [
            logged
            for session in self._sessions.values()
            if session.store == store
            for run_id, logged in session.runs.items()
            if run_id not in view.ordinals.sealed and run_id not in session.purged
        ]
        return sorted(found, key=lambda logged: (logged.run.created_at, logged.run.run_id))

    def _annotated(self, run: Run) -> Run:
        return annotated(run, (view.events for view in self._views.values()))

    def _finished(self, run: Run, session: FoldedSession) -> Run:
        ordinals = self._views[session.store].ordinals
        sealed = ordinals.sealed.get(run.run_id)
        notebook_id = session.notebook_id
        changes: dict[str, object] = {"notebook_id": notebook_id}
        changes["purged_at"] = session.purged.get(run.run_id)
        changes["ordinal"] = ordinals.ordinal(run.run_id, notebook_id)
        if sealed is not None:
            changes |= {"sealed": True, "document_origin": sealed.document_origin}
        sealing = () if sealed is None else tuple(gap for gap in sealed.gaps if gap not in run.gaps)
        changes["gaps"] = gaps_now(self._views.values(), run.components, (*run.gaps, *sealing), self._gone.at)
        if not run.steps and not run.parent_runs and run.head_step is not None:
            above, steps = self._trails.since_run(session.run_places[run.run_id], before=run.run_id)
            changes |= {"steps": steps, "parent_runs": () if above is None else (above,)}
        return msgspec.structs.replace(run, **changes)

    def steps(
        self,
        run_id: RunId | None = None,
        session_id: SessionId | None = None,
        notebook_id: NotebookId | None = None,
    ) -> list[Step]:
        """Return the steps of a run, a session, a notebook, or all; oldest first."""
        if run_id is not None:
            if run_id not in self._of_run:
                return self._received_steps(run_id)
            return [self.step(step_id) for step_id in self.run(run_id).steps if step_id in self._of_step]
        sessions = [
            session
            for session in self._sessions.values()
            if session_id in {None, session.session_id} and notebook_id in {None, session.notebook_id}
        ]
        found = [self._step(place, session) for session in sessions for place in session.places.values()]
        if len(sessions) > 1:
            found.sort(key=lambda step: (step.started_at, step.session_id, step.sequence))
        return found

    def step(self, step_id: StepId) -> Step:
        """Return one step; raises NotFoundError."""
        place = self._place(step_id)
        return self._step(place, self._of_step[step_id])

    def _step(self, place: Place, session: FoldedSession) -> Step:
        return step_with_found(self._views.values(), place, place.step(session.alive), self._gone.at)

    def _received_steps(self, run_id: RunId) -> list[Step]:
        for view in self._views.values():
            if run_id in view.received.runs:
                return view.received.steps(run_id)
        raise NotFoundError("run", run_id)

    def path_to(self, step_id: StepId) -> list[Step]:
        """Return the steps that led to this one, oldest first, over the borders of sessions; itself last."""
        return [self.step(each) for each in self._trails.path_to(self._place(step_id))]

    def since_run(self, step_id: StepId) -> tuple[Run | None, tuple[StepId, ...]]:
        """Return the nearest run at or above a step, and the steps from there on to it, oldest first.

        A run made in the middle of a cell leaves the rest of that cell after it: then the step itself is listed.
        """
        run_id, steps = self._trails.since_run(self._place(step_id))
        try:
            return (None if run_id is None else self.run(run_id)), steps
        except NotFoundError:
            return None, steps  # its store is not here

    def parameters_at(self, step_id: StepId) -> tuple[Measured, ...]:
        """Return the parameters as they stood after a step: the latest of each name on the path to it."""
        return self._trails.parameters_at(self._place(step_id))

    def _place(self, step_id: StepId) -> Place:
        place = self._place_of_step(step_id)
        if place is None:
            raise NotFoundError("step", step_id)
        return place

    def _place_of_step(self, step_id: StepId) -> Place | None:
        session = self._of_step.get(step_id)
        return None if session is None else session.places[step_id]

    def _logged_or_none(self, run_id: RunId) -> tuple[Run, Place] | None:
        session = self._of_run.get(run_id)
        return None if session is None else (session.runs[run_id].run, session.run_places[run_id])

    def snapshot(self, found: RunId | StepId) -> Snapshot:
        """Return the state at a run, or after a step; raises NotFoundError, also when it was purged."""
        if self.is_purged(found):
            raise NotFoundError("state (it was purged)", found)
        if StepId(found) in self._of_step:
            return self._snapshot_at(self._place(StepId(found)))
        run = self.run(RunId(found))
        snapshot = Snapshot(components=run.components, variables=run.variables, gaps=run.gaps)
        return there_now(self._views.values(), snapshot, self._gone.at)

    def _snapshot_at(self, place: Place) -> Snapshot:
        return there_now(self._views.values(), place.state().snapshot(), self._gone.at)

    def snapshot_before(self, step_id: StepId) -> Snapshot:
        """Return the state that a step began with; raises NotFoundError."""
        parent = self._place(step_id).parent
        return Snapshot() if parent is None else self._snapshot_at(parent)

    def cells(self, found: RunId | StepId) -> Cells | None:
        """Return the document's cells as last known at a step or run, with all their sources; None if never known."""
        step_id = self.run(RunId(found)).head_step if StepId(found) not in self._of_step else StepId(found)
        if step_id is None or step_id not in self._of_step:
            return None
        for place in self._trails.upwards(self._place(step_id)):
            session = self._sessions[place.session_id]
            spot = session.cells.get(place.step_id)
            if spot is not None:
                return session.cells_at(spot)
        return None

    def chunk_locations(self, digest: Digest) -> Iterator[Location]:
        """Yield every place where a piece of payload lies."""
        for session in self._sessions.values():
            if spot := session.chunk_spot(digest):
                yield session.location(spot)

    def component_locations(self, component_id: ComponentId) -> Iterator[Location]:
        """Yield every frame that holds the manifest of a component."""
        for session in self._sessions.values():
            if spot := session.components.get(component_id):
                yield session.location(spot)

    def is_purged(self, found: str) -> bool:
        """Return whether nothing is left of a run or step but where it stood."""
        if session := self._of_run.get(RunId(found)):
            return RunId(found) in session.purged
        place = self._place_of_step(StepId(found))
        return place is not None and place.purged is not None

    def is_gone(self, component_id: ComponentId) -> bool:
        """Return whether a component was taken out of the record."""
        return component_id in self._gone.at

    def notebooks(self) -> list[NotebookEntry]:
        """Return the notebooks on record, the one worked in last first."""
        return entries(self._sessions.values(), self.runs(), self._bindings())

    def notebook_id_for(self, path: Path) -> NotebookId | None:
        """Return the notebook that was last known to lie at an absolute path; None when there was none."""
        return self._bindings().get(str(path))

    def _bindings(self) -> dict[str, NotebookId]:
        events = [event for view in self._views.values() for event in view.events.paths.values()]
        return bindings(self._sessions.values(), events)

    def resolve(self, text: str, notebook_id: NotebookId | None = None) -> RunId | StepId:
        """Return the run or step that people call `text`; raises NotFoundError, also where it fits several."""
        return resolved(text, lambda: self.runs(notebook_id), self._ids)

    def _ids(self) -> Iterator[RunId | StepId]:
        yield from self._of_run
        yield from self._of_step
        for view in self._views.values():
            yield from view.received.runs
