"""Runtrack as it is installed where the benchmark runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ulid import ULID

from benchmarks.kernels import Kernel, LostKernelError, can_import
from benchmarks.systems.system import Checkout, bytes_in

__all__ = ["Answer", "Runtrack", "ask"]

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
        answer = ask(kernel, "restore", timeout=timeout, id=state)
        gaps = {gap["subject"]: gap["reason"] for gap in answer.result.get("gaps", ())}
        return Checkout(seconds=answer.seconds, gaps=gaps, error=answer.error)


@dataclass(frozen=True)
class Answer:
    """What Runtrack answered to a request of a front end."""

    seconds: float
    result: dict[str, Any]
    error: str = ""


def ask(kernel: Kernel, request: str, *, timeout: float = 600, **fields: str) -> Answer:
    """Send one of the requests that the sidebar sends."""
    message = {"request": request, "request_id": str(ULID()), **fields}
    turn = kernel.ask(_ANSWER.format(json.dumps(message)), timeout=timeout)
    answer = turn.content["user_expressions"]["answer"]
    if answer["status"] != "ok":
        return Answer(turn.seconds, {}, answer["evalue"])
    said: dict[str, Any] = answer["data"]["application/json"]
    if not said["ok"]:
        return Answer(turn.seconds, {}, said["error"]["message"])
    return Answer(turn.seconds, said["result"])
