"""Eight hours' worth of steps: what one recorded kernel costs as its session grows.

``python benchmarks/drift.py`` runs 20,000 trivial cells in one recorded kernel and prints, in Markdown, what the latest
cells took (by the clock until the reply, and of the processor), the kernel's memory and open files, and the size of the
store. ``--steps`` and ``--every`` make it shorter. What it prints last is the aim: of the first 10,000 cells, the last
50 cost at most 1.2 times as much as the first 50.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # at the end: what is measured is what is installed

from benchmarks.kernels import Kernel
from benchmarks.surroundings import described, python_with_peers
from benchmarks.systems.runtrack import Runtrack

__all__ = ["Sample", "grown", "measure"]

WARM = 20  # cells that do not count: what is loaded late is loaded in them
AIM = 10_000  # cells, of which the last are compared with the first
LOOK = 50  # cells that are compared
CELLS = ("x = {n}", "numbers = [{n}, {n} + 1]", "numbers.append({n})", "text = f'cell {n} {{x}}'")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The medians of some cells that followed each other, and what the kernel had become after them."""

    steps: int
    milliseconds: float
    processor: float
    resident: int
    files: int
    store: int


def measure(kernel: Kernel, steps: int, every: int) -> Iterator[Sample]:
    """Run cells, and yield what the first and the last of each `every` cost."""
    for number in range(WARM):
        kernel.run(CELLS[number % len(CELLS)].format(n=number))
    seconds: list[float] = []
    spent: list[float] = []
    for number in range(WARM, WARM + steps):
        before = kernel.processor()
        seconds.append(kernel.run(CELLS[number % len(CELLS)].format(n=number)).seconds)
        spent.append(kernel.processor() - before)
        if len(seconds) == LOOK or len(seconds) % every == 0:
            yield _sample(kernel, len(seconds), seconds[-LOOK:], spent[-LOOK:])


def _sample(kernel: Kernel, steps: int, seconds: Sequence[float], spent: Sequence[float]) -> Sample:
    status = Path(f"/proc/{kernel.pid}/status").read_text()
    return Sample(
        steps=steps,
        milliseconds=statistics.median(seconds) * 1e3,
        processor=statistics.median(spent) * 1e3,
        resident=int(status.split("VmRSS:")[1].split()[0]) << 10,
        files=len(list(Path(f"/proc/{kernel.pid}/fd").iterdir())),
        store=Runtrack().store_bytes(kernel),
    )


def grown(samples: Sequence[Sample], last: int) -> float:
    """Return how many times the processor time of the first cells those before the `last` one took."""
    chosen = next(sample for sample in reversed(samples) if sample.steps <= last)
    return chosen.processor / samples[0].processor


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=2 * AIM)
    parser.add_argument("--every", type=int, default=2000, help="steps between two lines")
    parser.add_argument("--python", default=python_with_peers(), help="that the kernel runs on")
    arguments = parser.parse_args()
    print(described(arguments.python, {}, arguments.steps / (2 * AIM)), flush=True)
    print(
        "\n| steps | reply | processor | memory | open files | store | a step |\n|--:|--:|--:|--:|--:|--:|--:|"
    )
    samples = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "home").mkdir()
        kernel = Runtrack().start(place / "home", place / "work", arguments.python)
        for one in measure(kernel, arguments.steps, arguments.every):
            samples.append(one)
            print(
                f"| {one.steps:,} | {one.milliseconds:.1f} ms | {one.processor:.1f} ms "
                f"| {one.resident / 1e6:.0f} MB | {one.files} | {one.store / 1e6:.1f} MB "
                f"| {one.store / (one.steps + WARM):.0f} bytes |",
                flush=True,
            )
        kernel.stop(now=True)
    print(
        f"\nThe last {LOOK} of {min(AIM, arguments.steps):,} against the first: {grown(samples, AIM):.2f}×, aim 1.2×."
    )


if __name__ == "__main__":
    main()
