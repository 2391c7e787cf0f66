"""What recording costs cells that do little."""

import statistics
from collections.abc import Iterator

from benchmarks.aims.figure import Figure, Workshop, at_most, at_rank

__all__ = ["drift", "native_speed", "nothing_large", "trivial_cells"]

_LOOP = """
import time
numbers = list(range(1000))
total = 0
_began = time.thread_time()
for turn in range($turns):
    for number in numbers:
        total += number
        if total > limit:
            total -= limit
_spent = time.thread_time() - _began
"""


def trivial_cells(workshop: Workshop) -> Iterator[Figure]:
    """Make 200 assignments."""
    with workshop.pair("trivial") as pair:
        times = pair.alternate((f"x{number} = {number}" for number in range(workshop.size(200, 20))), warm=5)
    yield at_most("trivial cell, added, median", times.median, 3, "ms")
    yield at_most("trivial cell, added, p95", at_rank(times.added, 0.95) * 1e3, 10, "ms")


def native_speed(workshop: Workshop) -> Iterator[Figure]:
    """Time a loop over globals by the processor seconds of its own thread."""
    code = _LOOP.replace("$turns", str(workshop.size(3000)))
    spent: tuple[list[float], list[float]] = ([], [])
    with workshop.pair("loop") as pair:
        pair.prepare("limit = 1_000_000")
        for number in range(16):
            for which in (0, 1) if number % 2 else (1, 0):
                pair.kernels[which].run(code)
                pair.kernels[which].settle()
                spent[which].append(float(pair.kernels[which].evaluate("_spent")))
    bare, tracked = (statistics.median(seconds) for seconds in spent)
    yield at_most("loop over globals against untracked", tracked / bare, 1.02, "×")


def nothing_large(workshop: Workshop) -> Iterator[Figure]:
    """Keep 1 GB of arrays, columns and 400,000 strings alive, and touch none of it."""
    rows = workshop.size(15_000_000, 1000)
    with workshop.pair("gigabyte", memory=2e8) as pair:
        pair.prepare(
            "import numpy as np",
            f"arrays = [np.random.default_rng(n).random({rows}) for n in range(8)]",
            f"table = {{f'column {{n}}': np.arange({rows // 8}) + n for n in range(8)}}",
            f"words = [f'word {{n}}' for n in range({workshop.size(400_000)})]",
            "y = 0",
        )
        times = pair.alternate(f"y = {number}" for number in range(42))
    yield at_most("cell that touches nothing large, 1 GB alive, added, median", times.median, 5, "ms")


def drift(workshop: Workshop) -> Iterator[Figure]:
    """Run 10,000 cells one after the other."""
    cells = workshop.size(10_000, 300)
    medians = []
    with workshop.pair("drift") as pair:
        for kernel in reversed(pair.kernels):
            seconds = [kernel.run(f"x = {number}").seconds for number in range(cells + 10)][10:]
            medians.append((statistics.median(seconds[:50]), statistics.median(seconds[-50:])))
    (first, last), (bare_first, bare_last) = medians
    note = f"{first * 1e3:.1f} → {last * 1e3:.1f} ms; untracked {bare_last / bare_first:.2f}"
    yield at_most(
        f"last 50 of {cells:,} trivial cells against the first 50", last / first, 1.2, "×", note=note
    )
