"""A recording without a kernel: cells go through the tracker as the hooks hand them over, values to a real store."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtrack_jupyter.kernel import recorder
from runtrack_jupyter.kernel.recorder import Recording, Workplace
from runtrack_jupyter.model import Gap, RunId, Step, StepStatus
from runtrack_jupyter.tracking.roundtrip import watching
from runtrack_jupyter.tracking.settings import Settings

__all__ = ["Bench", "own_store"]


class _Unchecked:
    """Stands for the checker's process, which would outlive the store; tests/tracking/test_roundtrips.py has it."""

    def __init__(self, *_: object) -> None:
        self.jobs: list[object] = []

    def send(self, job: object) -> None:
        self.jobs.append(job)

    def close(self, _seconds: float) -> None:
        self.jobs.clear()


class _Unsealed:
    """Stands for the sealer's process: what these tests go back to is read from the segments."""

    def __init__(self, *_: object) -> None:
        self.runs: list[RunId] = []

    def seal(self, run_id: RunId) -> None:
        self.runs.append(run_id)

    def close(self) -> None:
        self.runs.clear()


@contextmanager
def own_store(*, checked: bool = False) -> Iterator[Path]:
    """Give a store and a home of their own to everything that begins inside; `checked`: with round-trip checks."""
    with tempfile.TemporaryDirectory(prefix="runtrack-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTRACK_STORE", os.path.join(folder, "store"))  # noqa: PTH118  as a user would set it
        patch.setenv("JUPYTER_DATA_DIR", os.path.join(folder, "data"))  # noqa: PTH118
        patch.setattr(recorder, "SealerProcess", _Unsealed)
        if not checked:
            patch.setattr(watching, "CheckerProcess", _Unchecked)
        yield Path(folder, "store")


class Bench:
    """One session: a plain namespace, its recording, and the notices a front end would get."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self.notices: list[tuple[str, dict[str, Any]]] = []
        place = Workplace(namespace=self.names, hidden=lambda name: name.startswith("_"))
        self.recording = Recording(place, settings or Settings(), self._notify)
        self.tracker = self.recording.tracker
        self.count = 0

    def _notify(self, kind: str, fields: dict[str, Any]) -> bool:
        self.notices.append((kind, fields))
        return True

    def problems(self) -> list[Gap]:
        return [fields["gap"] for kind, fields in self.notices if kind == "problem"]

    def run(self, source: str) -> Step:
        """Run a cell as the kernel does, whose hooks stand around it."""
        self.count += 1
        key = f"message-{self.count}"
        self.tracker.begin_step(key, source, cell_id=None, execution_count=self.count)
        self.tracker.look_before(key, source)
        status: StepStatus = "ok"
        error = ""
        try:
            exec(compile(source, "<cell>", "exec"), self.names)
        except Exception as failure:  # noqa: BLE001  a cell may fail as it likes
            status, error = "error", f"{type(failure).__name__}: {failure}"
        step = self.tracker.end_step(key, source, status=status, error=error, execution_count=self.count)
        self.recording.checkpoints.status = status
        return step

    def close(self) -> None:
        """End the session; unlike a kernel it makes no run of what is left."""
        self.tracker.close()
