"""The adapter to the terminal: ``runtrack …``, and ``jupyter runtrack …``."""

import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and exit with its code."""
    from runtrack_jupyter.cli.app import root  # importing the package costs nothing

    called = Path(sys.argv[0]).stem if sys.argv else "runtrack"
    root.main(prog_name="jupyter runtrack" if called == "jupyter-runtrack" else "runtrack")
