"""Whether a kernel started now for a notebook would record, and where."""

import os
from collections.abc import Mapping
from pathlib import Path

from runtrack_jupyter.model import FORMAT_VERSION
from runtrack_jupyter.server.messages import Status, StoreStatus
from runtrack_jupyter.tracking.settings import load_settings, why_off
from runtrack_jupyter.version import __version__

__all__ = ["status_of"]


def status_of(notebook: Path | None, store: Path, environ: Mapping[str, str]) -> Status:
    """Return the status for a notebook, or for a new one; looks at files, so call it in a thread."""
    reason = why_off(environ, load_settings(), notebook)
    return Status(
        version=__version__,
        format_version=FORMAT_VERSION,
        recording=not reason,
        why_off=reason,
        store=StoreStatus(path=str(store), exists=store.is_dir(), writable=_is_writable(store)),
    )


def _is_writable(store: Path) -> bool:
    nearest = next((folder for folder in (store, *store.parents) if folder.exists()), None)
    return nearest is not None and nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
