"""A checkpoint seals the steps since the last run, however it is asked for."""

import subprocess
import time
from pathlib import Path

from ulid import ULID

from runtrack_jupyter.model import Run
from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel


def wait_until_sealed(record: ReadRecord, count: int, seconds: float = 30) -> list[Run]:
    """Return the runs, newest first, once `count` of them are commits."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        runs = record().runs()
        if sum(run.sealed for run in runs) >= count:
            return runs
        time.sleep(0.1)
    raise AssertionError(f"{[(run.message, run.sealed) for run in record().runs()]} after {seconds} s")


def test_magic_function_and_request_each_make_a_run(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run("import runtrack_jupyter as rt\nx = 1")
    shown = kernel.run('%checkpoint "by magic"').text
    kernel.run('x = 2; rt.checkpoint("by function")')
    asked = kernel.ask("checkpoint", request_id=str(ULID()), message="by request")

    assert asked["ok"], asked
    runs = wait_until_sealed(record, 3)
    assert [run.message for run in runs] == ["by request", "by function", "by magic"]
    assert [run.ordinal for run in runs] == [3, 2, 1]
    assert runs[0].parent_runs == (runs[1].run_id,)
    assert runs[1].parent_runs == (runs[2].run_id,)
    assert shown == f"Run {runs[2].run_id[-8:].lower()} · by magic"  # a line, not the whole record


def test_each_turn_of_a_loop_is_a_run_of_its_own(kernel: LiveKernel, record: ReadRecord) -> None:
    """Two checkpoints in one cell are two runs with the values of their own moments."""
    kernel.run(
        "import runtrack_jupyter as rt\n"
        "for lr in (0.1, 0.2, 0.3):\n"
        "    rt.parameter('lr', lr)\n"
        "    rt.metric('loss', 1 - lr)\n"
        "    rt.checkpoint(f'lr {lr}')"
    )

    runs = wait_until_sealed(record, 3)[::-1]

    assert [run.message for run in runs] == ["lr 0.1", "lr 0.2", "lr 0.3"]
    assert [run.parameters[0].value for run in runs] == [0.1, 0.2, 0.3]
    assert [[metric.value for metric in run.metrics] for run in runs] == [[0.9], [0.8], [0.7]]
    assert [next(v.value for v in run.variables if v.name == "lr") for run in runs] == [0.1, 0.2, 0.3]
    assert {run.status for run in runs} == {"running"}


def test_recorders_return_what_they_are_given(kernel: LiveKernel, record: ReadRecord, folder: Path) -> None:
    (folder / "train.csv").write_text("a,b\n1,2\n")
    kernel.run(
        "import runtrack_jupyter as rt\n"
        "import numpy as np\n"
        "lr = rt.parameter('lr', 0.1)\n"
        "accuracy = rt.metric('accuracy', np.float64(0.91))\n"
        "kind = rt.label('kind', 'baseline')\n"
        "text = open(rt.input('train.csv')).read()\n"
        "written = rt.output('out.csv')\n"
        "open(written, 'w').write(text) and None"
    )
    assert kernel.value("[lr, float(accuracy), kind, written]") == [0.1, 0.91, "baseline", "out.csv"]
    kernel.run("rt.checkpoint()")

    (run,) = wait_until_sealed(record, 1)
    files = {file.path: file for step in record().steps(run_id=run.run_id) for file in step.files}

    assert [(m.name, m.value) for m in (*run.parameters, *run.metrics, *run.labels)] == [
        ("lr", 0.1),
        ("accuracy", 0.91),
        ("kind", "baseline"),
    ]
    assert (files["train.csv"].direction, files["out.csv"].direction) == ("read", "write")
    assert files["train.csv"].digest == files["out.csv"].digest is not None


def test_plain_git_reads_a_run(kernel: LiveKernel, record: ReadRecord, folder: Path) -> None:
    """The record must outlive us: no tool of ours is needed to read it."""
    kernel.run("value = 41 + 1\nvalue")
    kernel.run('%checkpoint "readable"')
    (run,) = wait_until_sealed(record, 1)
    git = ["git", "--git-dir", str(folder / ".runtrack" / "runs.git")]

    log = subprocess.run(
        [*git, "log", "--all", "--format=%s|%P"], capture_output=True, text=True, check=True
    ).stdout
    name = f"runtrack/{run.run_id}"
    notebook = subprocess.run(
        [*git, "show", f"{name}:notebook.ipynb"], capture_output=True, text=True, check=True
    ).stdout
    facts = subprocess.run(
        [*git, "show", f"{name}:run.json"], capture_output=True, text=True, check=True
    ).stdout

    assert "readable" in log
    assert log.strip().endswith("|"), "run commits have no parents"
    assert "value = 41 + 1" in notebook
    assert '"42"' in notebook
    assert run.run_id in facts


def test_asking_twice_with_one_id_makes_one_run(kernel: LiveKernel, record: ReadRecord) -> None:
    """A request that came back aborted is sent again; it may have been done before."""
    kernel.run("x = 1")
    request_id = str(ULID())

    first = kernel.ask("checkpoint", request_id=request_id, message="once")
    second = kernel.ask("checkpoint", request_id=request_id, message="once")

    assert first["result"]["run"]["run_id"] == second["result"]["run"]["run_id"] == request_id
    assert len(record().runs()) == 1


def test_secrets_never_reach_the_disk(
    start_kernel: StartKernel, record: ReadRecord, folder: Path, home: Path
) -> None:
    secret = "sk-proj-" + "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    kernel = start_kernel(DEPLOY_TOKEN="hunter2-hunter2")
    kernel.run(f"import os\nkey = '{secret}'\nprint(key, os.environ['DEPLOY_TOKEN'])")
    kernel.run('%checkpoint "with hunter2-hunter2"')
    (run,) = wait_until_sealed(record, 1)

    for path in (folder / ".runtrack" / "segments").iterdir():
        frames = b"".join(_headers(path))
        assert secret.encode() not in frames
        assert b"hunter2-hunter2" not in frames
    git = ["git", "--git-dir", str(folder / ".runtrack" / "runs.git")]
    tree = subprocess.run(
        [*git, "archive", f"refs/runtrack/{run.run_id}"], capture_output=True, check=True
    ).stdout
    assert secret.encode() not in tree
    assert b"hunter2-hunter2" not in tree


def _headers(path: Path) -> list[bytes]:
    """Everything but values: those reach the disk as they are, and the panel says so."""
    import msgspec

    from runtrack_jupyter.store.frames import Chunks
    from runtrack_jupyter.store.segment import scan

    return [
        msgspec.json.encode(found.frame)
        for found in scan(path)
        if found.frame is not None and not isinstance(found.frame, Chunks)
    ]


def test_without_a_front_end_the_end_of_the_kernel_makes_a_run(
    kernel: LiveKernel, record: ReadRecord
) -> None:
    kernel.run("x = 1")
    kernel.stop()

    (run,) = wait_until_sealed(record, 1)

    assert run.automatic == "kernel shutdown"
    assert run.document_origin == "reconstructed"
