"""Taking a run in because its receiver said that they trust it: only then do its values become loadable.

A run taken in is written as a session of one's own, with one's own key. That signature is the trust: it says "I took
this in", never who made it. It stands for itself, in a notebook of its own, so that nothing from outside can stand in
the place of what is on record here.
"""

import contextlib
from collections import deque
from pathlib import Path

import msgspec
from ulid import ULID

from runtrack_jupyter.errors import BundleError, NotFoundError, UsageError
from runtrack_jupyter.model import Gap, NotebookId, Run, Session, SessionId, Step, StepId
from runtrack_jupyter.share.archive import Archive
from runtrack_jupyter.share.bundle import Bundle, read_bundle
from runtrack_jupyter.share.values import Values, read_values
from runtrack_jupyter.store.frames import Captured, Output, Recorded, RunLogged, StepEnded, StepStarted
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import register_store, registered_stores
from runtrack_jupyter.store.sealing import seal
from runtrack_jupyter.store.segment import SegmentWriter, segment_files
from runtrack_jupyter.version import __version__

__all__ = ["everything", "is_known", "take_in"]


def is_known(history: History, bundle: Bundle) -> bool:
    """Return whether the run of a bundle, or one of its steps, is on record here under its id."""
    with contextlib.suppress(NotFoundError):
        history.run(bundle.run.run_id)
        return True
    for step in bundle.steps:
        with contextlib.suppress(NotFoundError):
            history.step(step.step_id)
            return True
    return False


def everything(store: Path, key: bytes) -> History:
    """Return all that is on record anywhere, and in `store`: what a bundle must not stand in the place of."""
    stores = dict.fromkeys([*registered_stores(), store])
    history = History([each for each in stores if each.is_dir()], key)
    history.refresh()
    return history


def take_in(path: Path, digest: str, store: Path, key: bytes) -> Run:
    """Put the run of a bundle on record in `store`, as trusted, and return it.

    `digest` is that of the bundle as its receiver saw it: a file that was changed since is refused.

    Raises
    ------
    BundleError
        The bundle is not whole, or is another one than was shown. Nothing is on record then.
    UsageError
        The run is on record here already.
    StoreError, GitError
        It could not be written.
    """
    with contextlib.closing(Archive(path)) as archive:
        bundle = read_bundle(path, archive)
        if bundle.digest != digest:
            raise BundleError("the file was changed since it was shown: look at it again before you trust it")
        if is_known(everything(store, key), bundle):
            raise UsageError(f"run {bundle.run.run_id} is on record here already")
        values = read_values(archive, bundle)
        deque(values.packed(archive), maxlen=0)  # every piece is checked before the first byte is written
        logged = _write(bundle, values, archive, store, key)
    register_store(store)
    history = History([store], key)
    return seal(
        store,
        logged,
        history,
        document=bundle.document,
        origin=bundle.run.document_origin or "reconstructed",
        environment=bundle.environment,
        files=_files(bundle),
    )


def _files(bundle: Bundle) -> dict[str, bytes]:
    """Return what a run's commit holds beside what is made from its records: the patch, and modules by their path."""
    modules, patch = "environment/modules/", "environment/patch.diff"
    found = {
        name.removeprefix(modules): data for name, data in bundle.files.items() if name.startswith(modules)
    }
    found = {name: data for name, data in found.items() if name not in {"patch.diff", "requirements.txt"}}
    return found | ({"patch.diff": bundle.files[patch]} if patch in bundle.files else {})


def _write(bundle: Bundle, values: Values, archive: Archive, store: Path, key: bytes) -> RunLogged:
    session_id, notebook_id = SessionId(str(ULID())), NotebookId(str(ULID()))
    run = _own(bundle, values, session_id, notebook_id)
    session = Session(
        session_id=session_id,
        started_at=min([run.created_at, *(step.started_at for step in bundle.steps)]),
        author=run.author,
        python=bundle.environment.python,
        executable="",
        platform=bundle.environment.platform,
        notebook_id=notebook_id,
        runtrack=__version__,
    )
    logged = RunLogged(run=run, environment=bundle.environment)
    writer = SegmentWriter(store, session, key)
    try:
        _write_steps(writer, bundle.steps)
        for packed in values.packed(archive):
            writer.write(packed)
        writer.append(
            Captured(
                step_id=run.head_step,
                components=tuple(values.components.values()),
                bound=run.components,
                variables=run.variables,
                gaps=run.gaps,
            )
        )
        writer.append(logged)
        writer.sync()
        writer.close()
    except BaseException:  # an interrupt too: a run is taken in whole or not at all
        with contextlib.suppress(Exception):
            writer.close()
        for file in segment_files(store).get(session_id, ()):
            file.unlink(missing_ok=True)
        raise
    return logged


def _own(bundle: Bundle, values: Values, session_id: SessionId, notebook_id: NotebookId) -> Run:
    """Return the run as it is on record here; what its bundle has no values of are gaps."""
    run = bundle.run
    held = {root: each for root, each in run.components.items() if each in values.components}
    known = {gap.subject for gap in run.gaps}
    missing = tuple(
        Gap(subject=root, kind="foreign", reason="its value is not in the bundle that it came by")
        for root in run.components
        if root not in held and root not in known
    )
    return msgspec.structs.replace(
        run,
        session_id=session_id,
        notebook_id=notebook_id,
        head_step=bundle.steps[-1].step_id if bundle.steps else None,
        steps=tuple(step.step_id for step in bundle.steps),
        parent_runs=(),
        previous=None,
        components=held,
        variables=tuple(
            each if each.component in values.components else msgspec.structs.replace(each, component=None)
            for each in run.variables
        ),
        gaps=(*run.gaps, *missing),
        ordinal=None,
        document_origin=None,
        sealed=False,
    )


def _write_steps(writer: SegmentWriter, steps: tuple[Step, ...]) -> None:
    before: StepId | None = None
    for number, step in enumerate(steps, 1):
        writer.append(
            StepStarted(
                step_id=step.step_id,
                parent_step=before,
                sequence=number,
                source=step.source,
                started_at=step.started_at,
                cell_id=step.cell_id,
                execution_count=step.execution_count,
            )
        )
        for output in step.outputs:
            writer.append(Output(step_id=step.step_id, output=output))
        for file in step.files:
            writer.append(Recorded(step_id=step.step_id, what="file", file=file))
        writer.append(
            StepEnded(
                step_id=step.step_id,
                status="ok" if step.status == "running" else step.status,
                ended_at=step.ended_at or step.started_at,
                duration=step.duration or 0.0,
                error=step.error,
                names=step.names,
            )
        )
        writer.append(Captured(step_id=step.step_id, changed=step.changed, deleted=step.deleted))
        before = step.step_id
