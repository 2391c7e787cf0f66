"""A single figure beside its aim, and the two kernels it is measured on."""

import contextlib
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kernels import Kernel
from benchmarks.systems.runtrack import Runtrack, ask
from benchmarks.systems.system import System
from benchmarks.systems.untracked import Untracked
from benchmarks.warmth import Warmth

__all__ = [
    "Figure",
    "Pair",
    "Times",
    "Workshop",
    "at_least",
    "at_most",
    "at_rank",
    "checkpoint",
    "restore",
]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something measured, and what it should be."""

    what: str
    aim: str
    measured: str
    met: bool


def at_most(what: str, measured: float, limit: float, unit: str, *, note: str = "") -> Figure:
    """Return a figure that should not exceed its limit."""
    return Figure(
        what=what,
        aim=f"≤ {limit:.4g} {unit}",
        measured=f"{measured:.3g} {unit}" + (f" ({note})" if note else ""),
        met=measured <= limit,
    )


def at_least(what: str, measured: float, limit: float, unit: str, *, note: str = "") -> Figure:
    """Return a figure that should not fall below its limit."""
    return Figure(
        what=what,
        aim=f"≥ {limit:.4g} {unit}",
        measured=f"{measured:.3g} {unit}" + (f" ({note})" if note else ""),
        met=measured >= limit,
    )


def at_rank(values: Iterable[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Times:
    """The seconds of the same cells, on the bare kernel and on the recorded one."""

    bare: list[float]
    tracked: list[float]

    @property
    def added(self) -> list[float]:
        """How much longer each cell took on the recorded one."""
        return [there - here for here, there in zip(self.bare, self.tracked, strict=True)]

    @property
    def median(self) -> float:
        """The median of what was added, in milliseconds."""
        return statistics.median(self.added) * 1e3


@dataclass(frozen=True)
class Pair:
    """A bare kernel and a recorded one that are given the same cells."""

    bare: Kernel
    tracked: Kernel

    @property
    def kernels(self) -> tuple[Kernel, Kernel]:
        """Both, the bare one first."""
        return self.bare, self.tracked

    def prepare(self, *cells: str) -> None:
        """Run cells that are not measured, and wait until their background is done."""
        for cell in cells:
            for kernel in self.kernels:
                _run(kernel, cell)
        for kernel in self.kernels:
            kernel.settle()

    def alternate(self, cells: Iterable[str], *, warm: int = 2) -> Times:
        """Run each cell on both, taking turns in going first; the first `warm` cells do not count."""
        seconds: dict[Kernel, list[float]] = {kernel: [] for kernel in self.kernels}
        for number, cell in enumerate(cells):
            for kernel in self.kernels if number % 2 else reversed(self.kernels):
                seconds[kernel].append(_run(kernel, cell))
                kernel.settle()
        return Times(seconds[self.bare][warm:], seconds[self.tracked][warm:])

    def at_once(self, first: str, then: str) -> tuple[Times, Times]:
        """Run two cells on both, the second as soon as the reply to the first is there."""
        firsts, seconds = [], []
        for kernel in self.kernels:
            firsts.append(_run(kernel, first))
            seconds.append(_run(kernel, then))
            kernel.settle()
        return Times(firsts[:1], firsts[1:]), Times(seconds[:1], seconds[1:])


def _run(kernel: Kernel, cell: str) -> float:
    turn = kernel.run(cell)
    if turn.error:
        raise SystemExit(turn.error)
    return turn.seconds


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where figures are measured: a folder, a Python, and the scale of all sizes."""

    folder: Path
    python: str
    scale: float
    progress: Callable[[str], None]

    def size(self, full: int, least: int = 8) -> int:
        """Return a size at the scale."""
        return max(least, int(full * self.scale))

    @contextlib.contextmanager
    def kernel(self, name: str, system: System, warmth: Warmth) -> Iterator[Kernel]:
        """Start a kernel in the folder that this name and system have, with what is there already."""
        place = self.folder / name / system.name
        (place / "home").mkdir(parents=True, exist_ok=True)
        kernel = system.start(place / "home", place / "work", self.python)
        kernel.warmth = warmth
        try:
            kernel.settle()
            yield kernel
        finally:
            kernel.stop(now=True)

    @contextlib.contextmanager
    def warm(self, size: float) -> Iterator[Warmth]:
        """Keep so many bytes, at the scale, warm for whatever is measured."""
        with contextlib.closing(Warmth(int(size * self.scale))) as warmth:
            yield warmth

    @contextlib.contextmanager
    def pair(self, name: str, *, memory: float = 0) -> Iterator[Pair]:
        """Start a pair of kernels with a folder of their own; `memory` bytes are kept warm for their cells."""
        self.progress(f"aims: {name}")
        with (
            self.warm(memory) as warmth,
            self.kernel(name, Untracked(), warmth) as bare,
            self.kernel(name, Runtrack(), warmth) as tracked,
        ):
            yield Pair(bare, tracked)


def restore(kernel: Kernel, state: str) -> float:
    """Bring a state back; return the seconds until the answer."""
    answer = ask(kernel, "restore", id=state)
    if answer.error or answer.result["gaps"]:
        raise SystemExit(f"not restored: {answer.error or answer.result['gaps']}")
    return answer.seconds


def checkpoint(kernel: Kernel) -> float:
    """Make a run, as the toolbar button does; return the seconds until the answer."""
    answer = ask(kernel, "checkpoint", message="")
    if answer.error:
        raise SystemExit(f"no run: {answer.error}")
    return answer.seconds
