"""How much of the disk a store takes, and how much it may."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from runtrack_jupyter.store.layout import git_folder

__all__ = ["MOST", "Usage", "usage"]

MOST = 20 << 30  # bytes of a store, where the disk is large enough
_SHARE = 10  # of what would be free without the store, it takes at most this part


class Usage(NamedTuple):
    """Bytes on disk."""

    size: int  # of the whole store
    commits: int  # of that, the run repository
    limit: int
    free: int  # of the disk


def usage(store: Path, limit: int = 0) -> Usage:
    """Return what a store takes; `limit` 0 is 20 GB or a tenth of the free disk, whichever is less.

    What the store takes counts as free: else a store that grows would have less and less room.
    """
    size, commits = _size(store), _size(git_folder(store))
    free = 0
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(store).free
    return Usage(size, commits, limit or min(MOST, (free + size) // _SHARE), free)


def _size(folder: Path) -> int:
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total
