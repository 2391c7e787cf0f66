"""What the benchmark asks of a system that keeps the states of a kernel."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.kernels import Kernel

__all__ = ["Checkout", "System", "bytes_in"]


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """One way back: the seconds that the user waits, and what the system says did not come back."""

    seconds: float
    gaps: dict[str, str] = field(default_factory=dict)  # variable to reason
    error: str = ""  # it said that nothing came back


class System(Protocol):
    """Keeps the state after every cell of a kernel, and brings it back."""

    name: str

    def missing(self, python: str) -> str:
        """Say why it cannot run with that Python; nothing if it can."""
        ...

    def start(self, home: Path, work: Path, python: str) -> Kernel:
        """Start a kernel whose cells it keeps from here on."""
        ...

    def finish(self, kernel: Kernel) -> None:
        """Return when everything kept so far is on the disk."""
        ...

    def states(self, kernel: Kernel, cells: int) -> list[str]:
        """Return what names the state after each of the cells; empty where it kept none."""
        ...

    def store_bytes(self, kernel: Kernel) -> int:
        """Return the size of all it wrote."""
        ...

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """Bring a state back into the kernel, which may be another than the one it was kept in."""
        ...


def bytes_in(*places: Path) -> int:
    """Return the size of files, and of all files in folders."""
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place])]
    return sum(file.stat().st_size for file in files if file.is_file())
