"""A notebook keeps one history, whoever runs it."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook

from tests.kernel.conftest import ReadRecord, StartKernel

NOTEBOOK_ID = "01JD00000000000000000DEM0A"


def test_headless_runs_join_the_history_of_the_notebook(
    folder: Path, start_kernel: StartKernel, record: ReadRecord
) -> None:
    """Two kernels that no browser talks to, told their notebook as a server tells it, are one notebook's past."""
    notebook = folder / "demo.ipynb"
    nbformat.write(new_notebook(metadata={"runtrack": {"id": NOTEBOOK_ID}}), notebook)
    for message in ("first", "second"):
        kernel = start_kernel(JPY_SESSION_NAME=str(notebook))
        kernel.run(f"import runtrack_jupyter as rt; rt.checkpoint({message!r}); rt.flush()")

    runs = record().runs()

    assert sorted((run.message, run.notebook_id) for run in runs) == [
        ("first", NOTEBOOK_ID),
        ("second", NOTEBOOK_ID),
    ]


def test_a_damaged_identity_is_no_identity(
    folder: Path, start_kernel: StartKernel, record: ReadRecord
) -> None:
    """Somebody's tool wrote a number there: the session stands in for the notebook, and the switch still holds."""
    notebook = folder / "demo.ipynb"
    nbformat.write(new_notebook(metadata={"runtrack": {"id": 7}}), notebook)
    kernel = start_kernel(JPY_SESSION_NAME=str(notebook))

    kernel.run("import runtrack_jupyter as rt; rt.checkpoint('one'); rt.flush()")

    [run] = record().runs()
    assert str(run.notebook_id) == str(run.session_id)


def test_the_switch_holds_beside_a_damaged_identity(folder: Path, start_kernel: StartKernel) -> None:
    notebook = folder / "demo.ipynb"
    nbformat.write(new_notebook(metadata={"runtrack": {"id": 7, "enabled": False}}), notebook)
    kernel = start_kernel(JPY_SESSION_NAME=str(notebook))

    kernel.run("x = 1")

    assert not (folder / ".runtrack").exists()
