"""What a killed kernel left in no run becomes one, whoever opens the store next."""

from pathlib import Path

import pytest

from runtrack_jupyter.model import Measured
from runtrack_jupyter.store.frames import Recorded
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.tracking.leftovers import log_leftovers
from runtrack_jupyter.tracking.sealer import seal_pending
from tests.store.builder import Kernel, read_history


@pytest.fixture(name="dead")
def _dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Kernel]:
    """A session with two steps and a metric whose kernel is gone: its lease is no longer held."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    key = user_key()
    assert key is not None
    kernel = Kernel(tmp_path / "store", key=key)
    kernel.run_cell("x = 1", x="1")
    kernel.checkpoint("first")
    step = kernel.run_cell("y = 2", y="2")
    kernel.writer.append(
        Recorded(step_id=step, what="metric", measured=Measured(name="m", value=0.5, step_id=step))
    )
    kernel.begin("the end")
    return tmp_path / "store", kernel


def test_its_steps_become_a_run_that_can_be_restored(dead: tuple[Path, Kernel]) -> None:
    store, kernel = dead
    assert log_leftovers(store) == 0, "while the kernel lives, its steps are its own affair"
    kernel.die()

    (run,) = [run for run in seal_pending(store) if run.automatic]

    assert (run.automatic, run.status, run.sealed) == ("kernel died", "died", True)
    history = read_history(store, key=user_key(create=False))
    assert [step.source for step in history.steps(run_id=run.run_id)] == ["y = 2", "the end"]
    assert [measured.value for measured in run.metrics] == [0.5]
    assert set(history.snapshot(run.run_id).components) == {"x", "y"}
    assert [finding for finding in fsck(store, user_key(create=False)) if finding.severity == "error"] == []
    assert log_leftovers(store) == 0, "once"
