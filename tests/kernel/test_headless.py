"""Without a browser: nbclient and ``jupyter execute`` record as Lab does, and log no error."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.conftest import ReadRecord
from tests.kernel.livekernel import isolated_environment
from tests.kernel.test_checkpoints import wait_until_sealed

CELLS = [
    "import runtrack_jupyter as rt\nx = rt.parameter('x', 20)",
    "y = rt.metric('y', x + 22)\ny",
    "print('done')",
]
RUNNERS = {
    "jupyter execute": ["-m", "jupyter", "execute", "--inplace", "work.ipynb"],
    "nbclient": [
        "-c",
        (
            "import nbformat; from nbclient import NotebookClient as C; "
            "n = nbformat.read('work.ipynb', 4); C(n, kernel_name='python3').execute(); nbformat.write(n, 'work.ipynb')"
        ),
    ],
}


def write_notebook(path: Path, sources: list[str], **metadata: Any) -> None:
    """Put a notebook with these code cells there; `metadata` is that of its first cell."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": metadata if n == 0 else {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for n, source in enumerate(sources)
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": cells, "metadata": {"kernelspec": kernelspec}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))


def execute(command: list[str], home: Path, folder: Path) -> None:
    """Run a program of this environment, with an empty home."""
    environment = isolated_environment(home)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "unhandled" not in done.stderr.lower()
    assert "ERROR" not in done.stderr, "a message that nbclient does not know is logged as an error"


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_headless_execution_is_recorded_and_becomes_a_run(
    runner: str, home: Path, folder: Path, record: ReadRecord
) -> None:
    write_notebook(folder / "work.ipynb", CELLS)

    execute(RUNNERS[runner], home, folder)

    executed = json.loads((folder / "work.ipynb").read_text())
    assert executed["cells"][1]["outputs"][0]["data"]["text/plain"] == ["42"]
    (run,) = wait_until_sealed(record, 1)
    assert (run.automatic, run.document_origin) == ("kernel shutdown", "reconstructed")
    assert [(each.name, each.value) for each in (*run.parameters, *run.metrics)] == [("x", 20), ("y", 42)]
    assert [step.source for step in record().steps(run_id=run.run_id)] == CELLS


def test_what_papermill_injects_is_a_parameter(home: Path, folder: Path, record: ReadRecord) -> None:
    """Nobody has to call `rt.parameter`; the defaults of the notebook's own cell are overruled."""
    write_notebook(folder / "in.ipynb", ["rate = 0.5", "twice = 2 * rate"], tags=["parameters"])

    execute(
        ["-m", "papermill", "in.ipynb", "out.ipynb", "-p", "rate", "0.1", "-p", "kind", "base"], home, folder
    )

    (run,) = wait_until_sealed(record, 1)
    assert [(each.name, each.value) for each in run.parameters] == [("rate", 0.1), ("kind", "base")]
    assert [each.preview for each in run.variables if each.name == "twice"] == ["0.2"]
