"""``kill -9`` at random moments: what was acknowledged is there, the rest is a step with a gap."""

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from ulid import ULID

from runtrack_jupyter.model import Step
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.tracking.sealer import seal_pending
from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel

KERNEL_KILLS = 25
SEALER_KILLS = 25


def assert_payload_is_there(history: History, steps: list[Step]) -> None:
    """Read every byte of the state after these steps, each checked against its digest."""
    payload = StorePayload(history)
    components = {each for step in steps for each in history.snapshot(step.step_id).components.values()}
    for component_id in components:
        manifest = payload.manifest(component_id)
        for blob in (manifest.stream, *manifest.buffers):
            payload.read_blob(blob, memoryview(bytearray(blob.size)))


def work_until_killed(kernel: LiveKernel, after: float) -> tuple[list[str], list[str]]:
    """Run cells until the kernel is gone; return the sources that began, and those acknowledged as durable."""
    began: list[str] = []
    durable: list[str] = []
    timer = threading.Timer(after, os.kill, (kernel.pid, signal.SIGKILL))
    timer.start()
    with contextlib.suppress(Exception):  # the kernel is gone in the middle of whatever this was
        kernel.run("import os, runtrack_jupyter as rt", timeout=10)
        for number in range(10_000):
            source = f"x{number} = os.urandom({random.randrange(1, 300_000)}); y = [x{number}]"
            began.append(source)
            kernel.run(source, timeout=3)
            if number % 3 == 0:
                acknowledged = kernel.run("assert rt.flush()", timeout=3).status == "ok"
                durable = list(began) if acknowledged else durable
            if number % 5 == 4:
                kernel.ask("checkpoint", request_id=str(ULID()), message=f"after {number}")
    timer.join()
    return began, durable


@pytest.mark.timeout(600)
def test_a_killed_kernel_loses_nothing_that_was_acknowledged(
    start_kernel: StartKernel, record: ReadRecord, folder: Path
) -> None:
    for _ in range(KERNEL_KILLS):
        kernel = start_kernel()
        session_id = kernel.ask("status")["result"]["session_id"]
        began, durable = work_until_killed(kernel, random.uniform(0.05, 1.2))
        kernel.stop(now=True)

        history = record()
        steps = {step.source: step for step in history.steps(session_id=session_id)}
        assert [source for source in durable if not steps[source].captured] == []
        assert_payload_is_there(history, [steps[source] for source in durable])
        for source in began[:-1]:  # the last one may never have reached the kernel
            assert source in steps, source
        for step in steps.values():
            assert step.captured or step.gaps, step

    seal_pending(folder / ".runtrack")
    findings = fsck(folder / ".runtrack", user_key(create=False))
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert all(run.sealed for run in record().runs())


@pytest.mark.timeout(600)
def test_killed_sealers_lose_no_run(kernel: LiveKernel, record: ReadRecord, folder: Path) -> None:
    made = []
    for number in range(SEALER_KILLS):
        kernel.run(f"x = {number}")
        answer = kernel.ask("checkpoint", request_id=str(ULID()), message=f"run {number}")
        made.append(answer["result"]["run"]["run_id"])
        time.sleep(random.uniform(0, 0.8))
        for pid in sealers_of(kernel):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    kernel.stop()
    seal_pending(folder / ".runtrack")

    history = record()
    runs = {run.run_id: run for run in history.runs()}
    assert all(runs[run_id].sealed for run_id in made)
    assert len({run.ordinal for run in runs.values()}) == len(runs)
    findings = fsck(folder / ".runtrack", user_key(create=False))
    assert [finding for finding in findings if finding.severity == "error"] == []


def sealers_of(kernel: LiveKernel) -> list[int]:
    """Return the process ids of a kernel's sealers."""
    found = []
    for pid in Path(f"/proc/{kernel.pid}/task/{kernel.pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"tracking.sealer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
    return found
