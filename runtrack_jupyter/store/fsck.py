"""Whether a store is what was written: every frame, chunk, component, run and number is looked at."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from runtrack_jupyter.errors import GitError, NotFoundError, StoreError
from runtrack_jupyter.model import ComponentId, Digest, Manifest, Run, RunId
from runtrack_jupyter.store.findings import Finding
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import check_format
from runtrack_jupyter.store.ordinals import Ordinals
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.scan import segment_files
from runtrack_jupyter.store.segment_check import SegmentCheck
from runtrack_jupyter.store.thinned import ThinnedLog

__all__ = ["Finding", "fsck"]

# What sealing adds to a run or may say anew; all else must be as it was logged.
_SEALED_FIELDS = ("ordinal", "sealed", "document_origin", "notebook_id", "gaps")


def fsck(store: Path, key: bytes | None, *, others: Sequence[Path] = ()) -> list[Finding]:
    """Return what there is to say about a store, errors first; nothing is changed.

    `others` are stores whose payload this one may refer to, as after a restore of a run that lies there. A store
    without errors and warnings is consistent; a kernel at work on it meanwhile does no harm.

    Raises
    ------
    UnsupportedFormatError
        The store was written by a newer Runtrack.
    """
    check_format(store)
    checks = [SegmentCheck(store, sid, files, key) for sid, files in segment_files(store).items()]
    history = History([store], key, received=False)
    history.refresh()
    chunks = {digest: place for check in checks for digest, place in check.chunks.items()}
    thinned = ThinnedLog(store)
    thinned.refresh()
    for check in checks:
        check.check_components(chunks, thinned.gone)
    findings = [finding for check in checks for finding in check.findings]
    findings += _missing_payload(checks, others, history)
    if count := sum(map(history.is_gone, thinned.gone)):
        message = f"{count} values were taken out of the record to free disk space"
        findings.append(Finding(severity="info", kind="component", subject=str(store), message=message))
    findings += _runs(store, history)
    findings += _gaps(history)
    order = ("error", "warning", "info")
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def _missing_payload(
    checks: list[SegmentCheck], others: Sequence[Path], history: History
) -> Iterator[Finding]:
    components: dict[ComponentId, Manifest] = {}
    chunks: set[Digest] = set()
    for check in checks:
        components |= check.components
        chunks.update(check.chunks)
    wanted = {component: by for check in checks for component, by in check.wanted.items()}
    elsewhere = History(others, None, received=False)
    elsewhere.refresh()
    for component_id, by in wanted.items():
        if history.is_gone(component_id):
            continue
        if component_id not in components and not any(elsewhere.component_locations(component_id)):
            message = f"{by} refers to it, and it is not in the store"
            yield Finding(severity="error", kind="component", subject=component_id, message=message)
    for component_id, manifest in components.items():
        if history.is_gone(component_id):
            continue
        blobs = (manifest.stream, *manifest.buffers)
        missing = {digest for blob in blobs for digest in blob.chunks if digest not in chunks}
        missing = {digest for digest in missing if not any(elsewhere.chunk_locations(digest))}
        if missing:
            message = f"{len(missing)} of its chunks are missing or damaged"
            yield Finding(severity="error", kind="component", subject=component_id, message=message)


def _runs(store: Path, history: History) -> Iterator[Finding]:
    repository, ordinals = RunRepository(store), Ordinals(store)
    ordinals.refresh()
    if ordinals.damaged:
        message = f"{ordinals.damaged} lines are not what was written"
        yield Finding(severity="error", kind="ordinal", subject="ordinals.jsonl", message=message)
    for notebook_id, number in ordinals.doubled:
        message = f"#{number} was given twice"
        yield Finding(severity="error", kind="ordinal", subject=notebook_id, message=message)
    try:
        damage = repository.check()
        committed = set(repository.run_ids())
    except (GitError, StoreError) as error:
        yield Finding(severity="warning", kind="git", subject=str(repository.path), message=str(error))
        return
    if damage:
        yield Finding(severity="error", kind="git", subject=str(repository.path), message=damage)
    recorded = {run.run_id: run for run in history.runs()}
    for run_id in sorted({*recorded, *ordinals.sealed}):
        if history.is_purged(run_id):
            if run_id in committed:
                message = "it was purged, but its commit is still there: purge it again"
                yield Finding(severity="warning", kind="git", subject=run_id, message=message)
            continue
        yield from _run(run_id, recorded.get(run_id), ordinals, repository, committed=run_id in committed)


def _run(
    run_id: RunId, run: Run | None, ordinals: Ordinals, repository: RunRepository, *, committed: bool
) -> Iterator[Finding]:
    sealed = run_id in ordinals.sealed
    if run is None:
        message = "it was sealed here, but its session is gone"
        yield Finding(severity="warning", kind="run", subject=run_id, message=message)
    if sealed and not committed:
        message = "it was sealed, but its commit is gone"
        yield Finding(severity="error", kind="git", subject=run_id, message=message)
    elif not committed:
        message = "it is not sealed yet"
        yield Finding(severity="info", kind="run", subject=run_id, message=message)
    elif run is not None:
        if not sealed:
            message = "it has a commit, and sealing was interrupted before that was noted"
            yield Finding(severity="warning", kind="run", subject=run_id, message=message)
        yield from _differs(run, repository)


def _differs(run: Run, repository: RunRepository) -> Iterator[Finding]:
    try:
        committed = msgspec.json.decode(repository.read(run.run_id, "run.json"), type=Run)
    except (GitError, NotFoundError, msgspec.DecodeError) as error:
        message = f"its run.json cannot be read: {error}"
        yield Finding(severity="error", kind="git", subject=run.run_id, message=message)
        return
    fields = [
        name
        for name in Run.__struct_fields__
        if name not in _SEALED_FIELDS and getattr(committed, name) != getattr(run, name)
    ]
    if fields:
        message = f"its run.json differs from what was logged: {', '.join(fields)}"
        yield Finding(severity="error", kind="git", subject=run.run_id, message=message)


def _gaps(history: History) -> Iterator[Finding]:
    for step in history.steps():
        for gap in step.gaps:
            message = f"{gap.subject}: {gap.reason}"
            yield Finding(severity="info", kind="gap", subject=step.step_id, message=message)
