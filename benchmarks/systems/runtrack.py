"""Runtrack as it is installed where the benchmark runs."""

import json
from pathlib import Path
from typing import Any

from ulid import ULID

from benchmarks.kernels import Kernel, LostKernelError, can_import
from benchmarks.systems.system import Checkout, bytes_in

__all__ = ["Runtrack"]

_ANSWER = '__import__("runtrack_jupyter.kernel.requests", fromlist=["answer"]).answer({!r})'
_STATES = '[step.step_id for step in __import__("runtrack_jupyter").steps()]'


class Runtrack:
    """Loaded by IPython at the start of the kernel, as the wheel's configuration does."""

    name = "Runtrack"

    def missing(self, python: str) -> str:
        """Say whether that Python lacks it."""
        return "" if can_import(python, "runtrack_jupyter") else "not installed"

    def start(self, home: Path, work: Path, python: str) -> Kernel:
        """Start a recorded kernel."""
        return Kernel(home, work, python=python, extensions=["runtrack_jupyter"])

    def finish(self, kernel: Kernel) -> None:
        """Wait for the writer."""
        kernel.evaluate('__import__("runtrack_jupyter").flush()')

    def states(self, kernel: Kernel, cells: int) -> list[str]:
        """Return the ids of the steps."""
        found: list[str] = kernel.evaluate(_STATES)
        if len(found) != cells:
            raise LostKernelError(f"{len(found)} steps on record of {cells} cells")
        return found

    def store_bytes(self, kernel: Kernel) -> int:
        """Return the size of the store."""
        return bytes_in(kernel.work / ".runtrack")

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """Ask for a restore as the sidebar does."""
        request = {"request": "restore", "request_id": str(ULID()), "id": state}
        turn = kernel.ask(_ANSWER.format(json.dumps(request)), timeout=timeout)
        answer = turn.content["user_expressions"]["answer"]
        if answer["status"] != "ok":
            return Checkout(seconds=turn.seconds, error=answer["evalue"])
        said: dict[str, Any] = answer["data"]["application/json"]
        if not said["ok"]:
            return Checkout(seconds=turn.seconds, error=said["error"]["message"])
        gaps = {gap["subject"]: gap["reason"] for gap in said["result"]["gaps"]}
        return Checkout(seconds=turn.seconds, gaps=gaps)
