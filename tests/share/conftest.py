from pathlib import Path

import pytest

from runtrack_jupyter.model import Run
from runtrack_jupyter.share.export import export_run
from tests.share.sent import Sent
from tests.store.builder import Kernel, read_history
from tests.store.test_sealing import sealed


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture(name="sent")
def _sent(tmp_path: Path) -> Sent:
    """Return a bundle as its maker sent it, with values."""
    store = tmp_path / "maker" / ".runtrack"
    kernel = Kernel(store)
    kernel.run_cell("x = 'a value'", x="a value")
    kernel.run_cell("y = 'another'", y="another")
    logged = kernel.checkpoint("Worth sending")
    kernel.writer.close()
    run: Run = sealed(store, logged.run_id)
    path = tmp_path / "run.runtrack"
    export_run(read_history(store), run, path, values=True)
    return Sent(path, run, store)
