"""dill, after every cell: what people do who have no system."""

from pathlib import Path

from benchmarks.inkernel.dillhook import FOLDER
from benchmarks.kernels import Kernel, can_import
from benchmarks.systems.system import Checkout, bytes_in

__all__ = ["Dill"]


_GO_BACK = '__import__("benchmarks.inkernel.dillhook", fromlist=["go_back"]).go_back({!r})'


class Dill:
    """``dill.dump_session`` in a ``post_run_cell`` hook, ``%reset`` and ``dill.load_session`` to go back."""

    name = "dill"

    def missing(self, python: str) -> str:
        """Say whether that Python lacks it."""
        return "" if can_import(python, "dill") else "not installed"

    def start(self, home: Path, work: Path, python: str) -> Kernel:
        """Start a kernel with the hook."""
        return Kernel(home, work, python=python, extensions=["benchmarks.inkernel.dillhook"])

    def finish(self, kernel: Kernel) -> None:
        """Nothing is left to do: it writes when the cell ends."""

    def states(self, kernel: Kernel, cells: int) -> list[str]:
        """Return the files, where they were written."""
        files = [kernel.work / FOLDER / f"{number}.dill" for number in range(1, cells + 1)]
        return [str(file) if file.exists() else "" for file in files]

    def store_bytes(self, kernel: Kernel) -> int:
        """Return the size of the files."""
        return bytes_in(kernel.work / FOLDER)

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """Load the file into the session."""
        turn = kernel.ask(_GO_BACK.format(state), timeout=timeout)
        answer = turn.content["user_expressions"]["answer"]
        return Checkout(seconds=turn.seconds, error="" if answer["status"] == "ok" else answer["evalue"])
