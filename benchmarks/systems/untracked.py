"""No system at all: what cells cost by themselves."""

from pathlib import Path

from benchmarks.kernels import Kernel
from benchmarks.systems.system import Checkout

__all__ = ["Untracked"]


class Untracked:
    """A plain kernel."""

    name = "untracked"

    def missing(self, python: str) -> str:
        """Never."""
        return ""

    def start(self, home: Path, work: Path, python: str) -> Kernel:
        """Start a plain kernel."""
        return Kernel(home, work, python=python)

    def finish(self, kernel: Kernel) -> None:
        """Nothing is kept."""

    def states(self, kernel: Kernel, cells: int) -> list[str]:
        """Nothing is kept."""
        return [""] * cells

    def store_bytes(self, kernel: Kernel) -> int:
        """Nothing is kept."""
        return 0

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """There is no way back."""
        return Checkout(seconds=0.0, error="there is no way back")
