"""What threads of the user change beside the cells: steps are best effort, sealed runs are exact."""

from typing import Any

from ulid import ULID

from runtrack_jupyter.model import RunId
from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel

# Two lists that always hold the same, a table that grows, and a list that nobody touches; a turn takes about 1 ms.
WORKER = """
import threading, time
first, second, table, calm = [], [], {}, [1, 2]
going = threading.Event(); halt = threading.Event()
def work():
    turn = 0
    while not halt.is_set():
        turn += 1
        first.append(turn); second.append(turn); table[turn % 50] = [turn]
        going.set(); time.sleep(0.001)
worker = threading.Thread(target=work, daemon=True)
worker.start(); going.wait(10)
"""
PROBE = "(first, second, table, calm)"


def checkpoint(kernel: LiveKernel) -> RunId:
    answer = kernel.ask("checkpoint", request_id=str(ULID()), message="")
    return RunId(answer["result"]["run"]["run_id"])


def restored(kernel: LiveKernel, run: RunId, probe: str) -> Any:
    assert kernel.ask("restore", request_id=str(ULID()), id=run)["ok"]
    return kernel.value(probe)


def test_a_run_is_exact_after_threads_changed_things_between_the_cells(
    start_kernel: StartKernel, record: ReadRecord
) -> None:
    """No cell named them: everything is looked at once more at the checkpoint."""
    kernel = start_kernel()
    kernel.run(WORKER)
    for number in range(20):
        kernel.run(f"unrelated = {number}")
    kernel.run("halt.set(); worker.join()")
    there = kernel.value(PROBE)
    run = checkpoint(kernel)
    kernel.run("first.clear(); table[3] = 'other'; del second, calm")

    assert restored(kernel, run, PROBE) == there
    assert restored(start_kernel(), run, PROBE) == there
    found = {gap.subject for gap in record().run(run).gaps}
    assert found.isdisjoint({"first", "second", "table", "calm", "unrelated"})


def test_what_changes_while_a_run_is_sealed_is_whole_or_named_and_the_rest_is_exact(
    start_kernel: StartKernel, record: ReadRecord
) -> None:
    """What never held still has no state to be saved; what did for two looks is as it was between them."""
    kernel = start_kernel()
    kernel.run(WORKER + "big = [str(i) for i in range(200_000)]")
    run = checkpoint(kernel)
    kernel.run("halt.set(); worker.join()")

    gaps = {gap.subject: gap.reason for gap in record().run(run).gaps}
    changing = {"first", "second", "table"}
    assert all("thread" in gaps[name] for name in gaps.keys() & changing)
    assert "calm" not in gaps
    fresh = start_kernel()
    assert restored(fresh, run, "(calm, len(big), big[-1])") == [[1, 2], 200_000, "199999"]
    for name in sorted({"first", "second"} - gaps.keys()):
        assert fresh.value(f"{name} == list(range(1, len({name}) + 1))")
