"""A script run as recorded steps: ``python -m runtrack_jupyter run script.py``."""

import ast
import itertools
import re
import sys
import tokenize
import warnings
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from runtrack_jupyter.kernel.attachment import attach, detach

__all__ = ["cells_of", "main"]

_MARKER = re.compile(r"^#\s?%%.*$", re.MULTILINE)


class _ScriptShell(InteractiveShell):  # type: ignore[misc]  # IPython is not typed
    """IPython without a person: results are not shown, and a script may end itself."""

    def showtraceback(self, *arguments: Any, **options: Any) -> None:
        if not isinstance(sys.exc_info()[1], SystemExit):
            super().showtraceback(*arguments, **options)


def cells_of(source: str) -> list[str]:
    """Return a script in pieces: between lines that begin with ``# %%``, or else its paragraphs.

    A paragraph is statements without an empty line between them. What is no Python stays in one piece.
    """
    if _MARKER.search(source):
        starts = [0, *(match.start() for match in _MARKER.finditer(source)), len(source)]
        pieces = [source[begin:end] for begin, end in itertools.pairwise(starts)]
        return [piece.rstrip() + "\n" for piece in pieces if piece.strip()]
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return [source]
    lines = source.splitlines(keepends=True)
    cells, begin, last = [], 0, 0
    for statement in body:
        first = (
            min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))]) - 1
        )
        gap = next((at for at in range(last, first) if not lines[at].strip()), None)
        if last and gap is not None:
            cells.append("".join(lines[begin:gap]))
            begin = gap
        last = statement.end_lineno or first + 1
    return [cell.strip("\n") + "\n" for cell in (*cells, "".join(lines[begin:])) if cell.strip()]


def main(arguments: list[str]) -> int:
    """Run the script that comes first, with the rest as its arguments; return its exit code."""
    path = Path(arguments[0])
    with tokenize.open(path) as file:
        source = file.read()
    sys.argv = list(arguments)
    sys.path[0] = str(path.resolve().parent)
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.ast_node_interactivity = "none"
    shell = _ScriptShell.instance(config=config)
    shell.user_module.__file__ = str(path)
    shell.user_ns["__file__"] = str(path)
    attach(shell)
    try:
        return _run(shell, source)
    finally:
        detach(shell)


def _run(shell: InteractiveShell, source: str) -> int:
    warnings.filterwarnings("ignore", message="To exit: use")  # IPython's advice to people
    for cell in cells_of(source):
        result = shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, SystemExit):
            return _code_of(error)
        if error is not None:
            return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _code_of(error: SystemExit) -> int:
    """Return what Python would end with; a text is shown, as Python does."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    sys.stderr.write(f"{error.code}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
