"""What recording costs: a tracked and an untracked kernel side by side, the same cells in turn.

Run it with the Python that Runtrack is installed in: ``python benchmarks/overhead.py``. Every figure is taken in one
run, alternating between the two kernels cell by cell, because machines are noisy; medians are what counts.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.manager import KernelManager

UNTRACKED = "--InteractiveShellApp.extra_extensions=[]"


class Kernel:
    """One kernel in a home of its own."""

    def __init__(self, folder: Path, *, tracked: bool) -> None:
        folder.mkdir(parents=True)
        environment = dict(os.environ)
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            place = folder / name.lower()
            place.mkdir()
            environment[name] = str(place)
        self._manager = KernelManager()
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager.kernel_spec.argv = argv if tracked else [*argv, UNTRACKED]
        began = time.perf_counter()
        self._manager.start_kernel(env=environment, cwd=str(folder))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self.started_in = time.perf_counter() - began

    def run(self, code: str) -> float:
        """Execute a cell; return the seconds until its reply."""
        began = time.perf_counter()
        reply = self._client.execute_interactive(code, output_hook=lambda _message: None, timeout=600)
        took = time.perf_counter() - began
        if reply["content"]["status"] != "ok":
            raise SystemExit("\n".join(reply["content"]["traceback"]))
        return took

    def stop(self) -> None:
        """End it at once."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@contextmanager
def pair(folder: Path) -> Iterator[tuple[Kernel, Kernel]]:
    """Start an untracked and a tracked kernel."""
    kernels = Kernel(folder / "bare", tracked=False), Kernel(folder / "tracked", tracked=True)
    try:
        yield kernels
    finally:
        for kernel in kernels:
            kernel.stop()


def start_times(folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds that kernels take to answer, untracked and tracked."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for which, tracked in enumerate((False, True)):
            kernel = Kernel(folder / f"start-{number}-{which}", tracked=tracked)
            times[which].append(kernel.started_in)
            kernel.stop()
    return times


def cell_times(
    kernels: tuple[Kernel, Kernel], cells: int, code: Callable[[int], str]
) -> tuple[list[float], list[float]]:
    """Return the seconds of each cell, untracked and tracked; the two take turns in going first."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(cells):
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            times[which].append(kernels[which].run(code(number)))
            time.sleep(0.005)  # the writer's share belongs to nobody's cell
    return times


def row(name: str, bare: list[float], tracked: list[float]) -> dict[str, float | str]:
    """Return one line of the table: medians, and what is added, in milliseconds."""
    added = sorted(there - here for here, there in zip(bare, tracked, strict=True))
    return {
        "what": name,
        "untracked": statistics.median(bare) * 1e3,
        "tracked": statistics.median(tracked) * 1e3,
        "added, median": statistics.median(added) * 1e3,
        "added, p95": added[int(len(added) * 0.95)] * 1e3,
    }


def measure(rounds: int, cells: int) -> list[dict[str, float | str]]:
    """Return every line of the table."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows = [row("kernel start", *start_times(folder, rounds))]
        with pair(folder / "trivial") as kernels:
            cell_times(kernels, 5, lambda number: f"warm{number} = 0")
            rows.append(
                row(
                    f"{cells} trivial cells",
                    *cell_times(kernels, cells, lambda number: f"x{number} = {number}"),
                )
            )
        with pair(folder / "arrays") as kernels:
            for kernel in kernels:
                kernel.run("import numpy as np")
                kernel.run(
                    "\n".join(f"a{n} = np.random.default_rng({n}).random(1_310_720)" for n in range(50))
                )
                kernel.run("y = 0")
                time.sleep(3)  # the first capture of 500 MB is still being written
            rows += [
                row(
                    "touches one of fifty 10 MB arrays", *cell_times(kernels, 40, lambda n: f"a{n}[7] += 1.0")
                ),
                row(
                    "reads one of fifty 10 MB arrays",
                    *cell_times(kernels, 40, lambda n: f"s = float(a{n}[7])"),
                ),
                row("touches none of them", *cell_times(kernels, 40, lambda n: f"y = {n}")),
            ]
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="kernel starts of each kind")
    parser.add_argument("--cells", type=int, default=200, help="trivial cells")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    rows = measure(arguments.rounds, arguments.cells)
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'milliseconds':36} {'untracked':>10} {'tracked':>10} {'added':>10} {'added p95':>10}")
    for line in rows:
        figures = " ".join(f"{value:10.1f}" for key, value in line.items() if key != "what")
        print(f"{line['what']:36} {figures}")


if __name__ == "__main__":
    main()
