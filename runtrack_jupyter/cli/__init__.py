"""The adapter to the terminal: ``runtrack …``, and ``jupyter runtrack …``."""

from runtrack_jupyter.cli.app import root as main

__all__ = ["main"]
