"""What a restore would bring back and what it would not: told before anything is done."""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from runtrack_jupyter.lineage.slices import Found
from runtrack_jupyter.model import (
    STILL_SAVED,
    DataFile,
    DocumentOrigin,
    Environment,
    Gap,
    Run,
    Snapshot,
    Step,
    StepId,
    Variable,
)

__all__ = [
    "FileNow",
    "FileStatus",
    "Rebuild",
    "RestorePlan",
    "VariableCount",
    "rebuilds_of",
    "restore_plan",
    "title_of",
    "with_ways",
]

FileStatus = Literal["unchanged", "changed", "missing", "not-checked"]


class FileNow(DataFile, frozen=True, kw_only=True):
    """A data file as recorded, and whether the same path still holds the same content."""

    now: FileStatus


class VariableCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many variables there were, how many can come back, and their size in bytes."""

    total: int
    restorable: int
    size: int


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A variable that was not saved but can be made again, by running statements of these steps."""

    name: str
    how: str  # "running cell [4]"
    steps: tuple[StepId, ...]


class RestorePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown before a restore; all keys are always there."""

    id: str
    kind: Literal["run", "step"]
    title: str
    document_origin: DocumentOrigin
    variables: VariableCount
    gaps: tuple[Gap, ...]
    rebuilds: tuple[Rebuild, ...]  # of those among the gaps that can be made again
    files: tuple[FileNow, ...]
    warnings: tuple[str, ...]


def restore_plan(
    of: Run | Step,
    snapshot: Snapshot,
    files: Iterable[DataFile],
    status: Callable[[DataFile], FileStatus],
    *,
    found: Found = Found(refused={}),  # noqa: B008 # frozen
    foreign: bool = False,
    then: Environment | None = None,
    now: Environment | None = None,
) -> RestorePlan:
    """Return the plan for going back to a run or step, whose state is `snapshot`.

    `status` says how a data file is now. `found` says which gaps can be made again. `then` and `now` are the environments of the record and of the kernel that
    would be restored into; where both are known, differences that matter for saved objects are warned of. Of a
    `foreign` record nothing is loaded.
    """
    is_run = isinstance(of, Run)
    origin: DocumentOrigin = (
        (of.document_origin or "reconstructed") if isinstance(of, Run) else "reconstructed"
    )
    lost = {gap.subject for gap in snapshot.gaps if gap.kind not in STILL_SAVED}
    kept = [each for each in snapshot.variables if each.name not in lost and each.component is not None]
    restorable = [] if foreign else kept
    gaps = list(snapshot.gaps)
    if foreign:
        reason = "the run was made by someone else: its values are not loaded"
        gaps += [Gap(subject=each.name, kind="foreign", reason=reason) for each in kept]
    return RestorePlan(
        id=of.run_id if isinstance(of, Run) else of.step_id,
        kind="run" if is_run else "step",
        title=title_of(of),
        document_origin=origin,
        variables=VariableCount(
            total=len(
                {each.name for each in snapshot.variables} | {name for name in lost if name[:1] != "@"}
            ),
            restorable=len(restorable),
            size=_size(restorable),
        ),
        gaps=tuple(gaps),
        rebuilds=() if foreign else rebuilds_of(found, status),
        files=tuple(_file_now(file, status(file)) for file in files),
        warnings=(*_document_warnings(of, origin), *_environment_warnings(then, now)),
    )


def rebuilds_of(found: Found, status: Callable[[DataFile], FileStatus]) -> tuple[Rebuild, ...]:
    """Return the variables that can be made again, by name, as long as the files it takes are as they were."""
    rebuilds = [
        Rebuild(name=name, how=each.words, steps=each.steps)
        for each in found.slices
        if all(status(file) == "unchanged" for file in each.files)
        for name in each.names
    ]
    return tuple(sorted(rebuilds, key=lambda each: each.name))


def with_ways(gaps: Iterable[Gap], rebuilds: Iterable[Rebuild]) -> tuple[Gap, ...]:
    """Return the gaps, those that can be made again with how."""
    ways = {each.name: each.how for each in rebuilds}
    return tuple(
        msgspec.structs.replace(gap, reason=f"{gap.reason}; can be made again by {ways[gap.subject]}")
        if gap.subject in ways
        else gap
        for gap in gaps
    )


def title_of(of: Run | Step) -> str:
    """Return what people call a run or step: ``#12 “GBM baseline”``, or the first line of the step's source."""
    if isinstance(of, Run):
        number = f"#{of.ordinal}" if of.ordinal is not None else of.run_id[-8:].lower()
        said = of.message or of.automatic
        return f"{number} “{said}”" if said else number
    lines = [line.strip() for line in of.source.splitlines() if line.strip()]
    head = lines[0] if lines else ""
    count = f"[{of.execution_count}] " if of.execution_count is not None else ""
    return f"{count}{head[:79]}…" if len(head) > 80 else f"{count}{head}".strip() or of.step_id[-8:].lower()


def _size(variables: Iterable[Variable]) -> int:
    # Variables that share a component are saved once, and each tells the size of the whole.
    sizes: dict[str | None, int] = {}
    for each in variables:
        sizes[each.component] = max(each.size, sizes.get(each.component, 0))
    return sum(sizes.values())


def _file_now(file: DataFile, now: FileStatus) -> FileNow:
    return FileNow(now=now, **{name: getattr(file, name) for name in file.__struct_fields__})


def _document_warnings(of: Run | Step, origin: DocumentOrigin) -> list[str]:
    if isinstance(of, Run) and origin == "file":
        return ["The notebook is the file as it was saved, with the executed cells laid over it."]
    if isinstance(of, Run) and origin == "reconstructed":
        return ["The notebook is put together from the executed cells: text cells may be missing."]
    return []


def _environment_warnings(then: Environment | None, now: Environment | None) -> list[str]:
    if then is None or now is None:
        return []
    warnings = []
    if then.python.split(".")[:2] != now.python.split(".")[:2]:
        warnings.append(
            f"It was recorded with Python {then.python}; this is {now.python}. "
            "Functions and classes of the notebook are made again from their source."
        )
    versions = {package.name.lower(): package.version for package in now.packages}
    changed = [
        f"{package.name} {package.version} (now {versions.get(package.name.lower(), 'not installed')})"
        for package in then.packages
        if versions.get(package.name.lower()) != package.version
    ]
    if changed:
        shown = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        warnings.append(
            f"Other versions are installed: {shown}. Objects of these packages may behave differently."
        )
    return warnings
