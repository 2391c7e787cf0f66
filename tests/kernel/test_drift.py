"""A session of eight hours costs as much a step at its end as at its beginning: counted, for clocks are noisy.

`benchmarks/drift.py` runs the 20,000 steps themselves.
"""

from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.kernel.livekernel import LiveKernel

STEPS = 80  # in each of four parts; the first two warm up: what is remembered of code is for so many cells
CELLS = ("x = {n}", "numbers = [{n}, x]", "text = f'cell {{x}}'", "numbers.append({n})")
# Without what IPython keeps: the source of each cell for tracebacks, and weak references that come and go by the hundred.
HELD = (
    "sum(type(each).__name__ != 'ReferenceType' for each in __import__('gc').get_objects())"
    " - 2 * len(__import__('linecache').cache)"
)
COUNT = f"[__import__('runtrack_jupyter').flush() and __import__('gc').collect(), {HELD}, __import__('sys').getallocatedblocks()][1:]"


@dataclass(frozen=True)
class Count:
    """What a kernel holds."""

    objects: int
    blocks: int
    files: int
    threads: int
    store: int


def count_after(kernel: LiveKernel, folder: Path, first: int) -> Count:
    """Run one part of the session and count."""
    for number in range(first, first + STEPS):
        assert kernel.run(CELLS[number % len(CELLS)].format(n=number)).status == "ok"
    objects, blocks = kernel.value(COUNT)
    process = psutil.Process(kernel.pid)
    store = sum(file.stat().st_size for file in (folder / ".runtrack").rglob("*") if file.is_file())
    return Count(objects, blocks, process.num_fds(), process.num_threads(), store)


def test_steps_leave_nothing_in_the_kernel_and_as_many_bytes_in_the_store(
    kernel: LiveKernel, folder: Path
) -> None:
    """Of ours no object stays that the collector knows; the record of a session, and IPython's, is some texts a step."""
    parts = [count_after(kernel, folder, 1000 * part) for part in range(1, 5)]
    _, second, third, fourth = parts

    assert fourth.objects - second.objects < 0.5 * 2 * STEPS
    assert fourth.blocks - second.blocks < 20 * 2 * STEPS
    assert fourth.files <= second.files
    assert fourth.threads <= second.threads
    assert abs((fourth.store - third.store) - (third.store - second.store)) < 0.02 * (
        third.store - second.store
    )
