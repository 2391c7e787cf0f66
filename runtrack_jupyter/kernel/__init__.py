"""The adapter to IPython and ipykernel.

A kernel loads this module as an IPython extension by itself: ``etc/ipython/ipython_kernel_config.json`` names it.
"""

from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Begin to record this shell, unless something says not to."""
    from runtrack_jupyter.kernel.attachment import attach

    attach(shell)


def unload_ipython_extension(shell: Any) -> None:
    """End the session and leave the shell as it was."""
    from runtrack_jupyter.kernel.attachment import detach

    detach(shell)
