"""Whatever fails on our side, the cell's result is untouched and the gap is on record."""

import os
import signal
import time
from pathlib import Path

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel
from tests.kernel.test_checkpoints import wait_until_sealed

FLUSH = "import runtrack_jupyter as rt; rt.flush()"


def test_a_value_that_refuses_to_be_pickled_is_a_gap(kernel: LiveKernel, record: ReadRecord) -> None:
    reply = kernel.run(
        "class Stubborn:\n    def __reduce__(self):\n        raise RuntimeError('no')\nstubborn = Stubborn(); kept = 1\nkept"
    )
    kernel.run(FLUSH)

    history = record()
    step = history.steps()[0]

    assert (reply.status, reply.text) == ("ok", "1")
    assert [(gap.subject, gap.kind) for gap in step.gaps] == [("stubborn", "unpicklable")]
    assert "kept" in history.snapshot(step.step_id).components


def test_a_repr_that_raises_costs_only_its_preview(kernel: LiveKernel, record: ReadRecord) -> None:
    reply = kernel.run(
        "class Shy:\n    def __repr__(self):\n        raise RuntimeError('no')\nshy = Shy()\nshy2 = [shy]\n1 + 1"
    )
    kernel.run(FLUSH)

    history = record()
    variables = {each.name: each for each in history.snapshot(history.steps()[0].step_id).variables}

    assert (reply.status, reply.text) == ("ok", "2")
    assert variables["shy"].component is not None
    assert variables["shy"].type.endswith("Shy")


def test_a_full_disk_costs_values_and_says_so(kernel: LiveKernel, record: ReadRecord) -> None:
    """What the disk has no room for is a gap; code and order go on as soon as there is room."""
    kernel.run("import resource, runtrack_jupyter as rt\nhard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]")
    kernel.run("rt.flush(); resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))")
    full = kernel.run("import os\nbig = os.urandom(4_000_000)\nlen(big)")
    durable = kernel.run("rt.flush()")
    kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))")
    kernel.run("after = 1; rt.flush()")

    history = record()
    steps = {step.source: step for step in history.steps()}

    assert (full.status, full.text) == ("ok", "4000000")
    assert durable.status == "ok"
    assert any(gap.subject == "big" for gap in steps["import os\nbig = os.urandom(4_000_000)\nlen(big)"].gaps)
    assert "after" in history.snapshot(steps["after = 1; rt.flush()"].step_id).components
    last = history.snapshot(steps["after = 1; rt.flush()"].step_id)
    assert "big" in last.components, "once there is room, the value is saved after all"


def test_a_store_that_cannot_be_made_leaves_the_cells_alone(start_kernel: StartKernel) -> None:
    kernel = start_kernel(RUNTRACK_STORE="/proc/runtrack")

    assert kernel.run("x = 20 + 22\nx").text == "42"
    assert kernel.run("x += 1\nx").text == "43"
    refused = kernel.ask("checkpoint", request_id="01JD00000000000000000000A1")
    assert refused["error"]["kind"] == "unavailable"
    assert "no run was made" in kernel.run("import runtrack_jupyter as rt\nrt.checkpoint('lost')").text


def test_damage_in_the_record_is_found_and_the_rest_is_used(
    kernel: LiveKernel, record: ReadRecord, folder: Path
) -> None:
    kernel.run("import os\nfirst = os.urandom(100_000)")
    kernel.run("second = [1]")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000B1")["result"]["run"]["run_id"]
    (segment,) = (folder / ".runtrack" / "segments").iterdir()
    with segment.open("r+b") as file:
        file.seek(20_000)
        file.write(b"\xff" * 64)
    kernel.run("first = second = None")

    answer = kernel.ask("restore", request_id="01JD00000000000000000000B2", id=run)

    assert answer["ok"], answer
    assert [gap["subject"] for gap in answer["result"]["gaps"]] == ["first"]
    assert kernel.value("second") == [1]
    assert kernel.run("1 + 1").text == "2"


def test_a_run_whose_sealer_was_killed_is_sealed_by_the_next(
    kernel: LiveKernel, record: ReadRecord, folder: Path
) -> None:
    kernel.run("x = 1")
    kernel.ask("checkpoint", request_id="01JD00000000000000000000C1")
    wait_until_sealed(record, 1)
    children = Path(f"/proc/{kernel.pid}/task/{kernel.pid}/children").read_text().split()
    sealers = [pid for pid in children if b"tracking.sealer" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(sealers) == 1
    os.kill(int(sealers[0]), signal.SIGKILL)
    time.sleep(0.2)

    kernel.run("x = 2")
    assert kernel.ask("checkpoint", request_id="01JD00000000000000000000C2")["ok"]

    assert [run.ordinal for run in wait_until_sealed(record, 2)] == [2, 1]


def test_without_git_the_run_is_on_record_and_sealed_later(
    start_kernel: StartKernel, record: ReadRecord, folder: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "no-git"
    empty.mkdir()
    kernel = start_kernel(PATH=str(empty))
    kernel.run("x = 1")
    assert kernel.ask("checkpoint", request_id="01JD00000000000000000000D1", message="gitless")["ok"]
    kernel.run("x = 2")
    assert kernel.ask("restore", request_id="01JD00000000000000000000D2", id="01JD00000000000000000000D1")[
        "ok"
    ]
    assert kernel.value("x") == 1
    kernel.stop()
    time.sleep(1)
    assert not any(run.sealed for run in record().runs())

    from runtrack_jupyter.tracking.sealer import seal_pending

    sealed = seal_pending(folder / ".runtrack")

    assert [run.message for run in sealed][:1] == ["gitless"]
    assert all(run.sealed for run in record().runs())
