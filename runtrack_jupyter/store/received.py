"""Runs that came by Git, without a segment: their record is the commit alone."""

import contextlib
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from runtrack_jupyter.errors import GitError, NotFoundError
from runtrack_jupyter.model import Run, RunId, Step
from runtrack_jupyter.store.layout import git_folder

if TYPE_CHECKING:
    from runtrack_jupyter.store.repository import RunRepository

__all__ = ["ReceivedRuns"]

_PREFIX = "refs/runtrack/"


class ReceivedRuns:
    """The runs of one store's repository that no segment tells of."""

    def __init__(self, store: Path) -> None:
        self.runs: dict[RunId, Run] = {}
        self._store = store
        self._git = git_folder(store)
        self._stamp = (0.0, 0.0)
        self._refs: set[RunId] = set()
        self._unread: set[RunId] = set()

    def refresh(self, recorded: Container[RunId]) -> bool:
        """Look for new commits of runs that are not `recorded` here; return whether there are any."""
        stamp = (_modified(self._git / "refs" / "runtrack"), _modified(self._git / "packed-refs"))
        if stamp != self._stamp:
            self._refs, self._stamp = self._read_refs(), stamp
        wanted = {run_id for run_id in self._refs if run_id not in recorded and run_id not in self.runs}
        if wanted - self._unread:
            self._read_runs(wanted)
            return True
        return False

    def steps(self, run_id: RunId) -> list[Step]:
        """Return the steps that a received run's commit tells of."""
        lines = self._repository().read(run_id, "steps.jsonl").splitlines()
        return [msgspec.json.decode(line, type=Step) for line in lines if line]

    def _read_runs(self, wanted: set[RunId]) -> None:
        for run_id in wanted:
            try:
                run = msgspec.json.decode(self._repository().read(run_id, "run.json"), type=Run)
            except (GitError, NotFoundError, msgspec.DecodeError):
                self._unread.add(run_id)  # nothing here can read it: not asked for again and again
                continue
            # Its number was given in somebody else's notebook, and may be another run's here.
            self.runs[run_id] = msgspec.structs.replace(run, ordinal=None, sealed=True)

    def _repository(self) -> "RunRepository":
        # Most stores have received nothing, and the kernel runs no Git.
        from runtrack_jupyter.store.repository import RunRepository

        return RunRepository(self._store)

    def _read_refs(self) -> set[RunId]:
        """Return the runs that have a ref, without running Git: this is asked once a second."""
        found: set[RunId] = set()
        with contextlib.suppress(OSError):
            names = [path.name for path in (self._git / "refs" / "runtrack").iterdir()]
            found.update(RunId(name) for name in names if not name.endswith(".lock"))
        with contextlib.suppress(OSError):
            for line in (self._git / "packed-refs").read_text(encoding="utf-8").splitlines():
                name = line.partition(" ")[2]
                if name.startswith(_PREFIX):
                    found.add(RunId(name.removeprefix(_PREFIX)))
        return found


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
