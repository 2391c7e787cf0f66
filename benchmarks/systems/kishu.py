"""Kishu as its users run it: ``init_kishu`` on a notebook, a commit after every cell by itself, ``checkout``."""

from pathlib import Path

from benchmarks.kernels import Kernel, LostKernelError, can_import
from benchmarks.systems.system import Checkout, bytes_in

__all__ = ["Kishu"]

_NOTEBOOK = "session.ipynb"
# No front end is there that could save the notebook; Kishu would wait 5 s for it at each checkout.
_CONFIGURATION = "[JUPYTERINT]\ntest_mode = True\n"
_EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
_BEGIN = "from kishu import init_kishu\ninit_kishu({!r})\ndel init_kishu"
_CHECKOUT = "_kishu.checkout({!r}, skip_notebook=True)"
_COMMITS = """[
    (commit.commit_id, commit.execution_count)
    for store in [_kishu._kishu_commit]
    for commit in store.get_commits([node.commit_id for node in _kishu._kishu_graph.list_history()]).values()
    if commit.kind == "jupyter"
]"""


class Kishu:
    """The package from PyPI, by its own hooks."""

    name = "Kishu"

    def missing(self, python: str) -> str:
        """Say whether that Python lacks it."""
        return "" if can_import(python, "kishu") else "not installed"

    def start(self, home: Path, work: Path, python: str) -> Kernel:
        """Start a kernel and attach Kishu to it."""
        notebook = work / _NOTEBOOK
        if not notebook.exists():
            work.mkdir(parents=True, exist_ok=True)
            notebook.write_text(_EMPTY)
        (home / ".kishu").mkdir(exist_ok=True)
        (home / ".kishu" / "config.ini").write_text(_CONFIGURATION)
        kernel = Kernel(home, work, python=python)
        turn = kernel.run(_BEGIN.format(str(notebook)), silent=True)
        if turn.error:
            kernel.stop(now=True)
            raise LostKernelError(f"it did not start: {turn.content['evalue']}")
        return kernel

    def finish(self, kernel: Kernel) -> None:
        """Nothing is left to do: it writes when the cell ends."""

    def states(self, kernel: Kernel, cells: int) -> list[str]:
        """Return the commits, by the number of their cell."""
        commits = {count: commit for commit, count in kernel.evaluate(_COMMITS)}
        return [commits.get(number, "") for number in range(1, cells + 1)]

    def store_bytes(self, kernel: Kernel) -> int:
        """Return the size of its database."""
        return bytes_in(*kernel.work.glob(f"{Path(_NOTEBOOK).stem}.kishudb*"))

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """Ask for a checkout as its command line does: silently, variables only."""
        turn = kernel.ask(_CHECKOUT.format(state), timeout=timeout)
        answer = turn.content["user_expressions"]["answer"]
        return Checkout(seconds=turn.seconds, error="" if answer["status"] == "ok" else answer["evalue"])
