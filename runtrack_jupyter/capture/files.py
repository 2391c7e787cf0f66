"""Data files by content: what a step read or wrote, and whether it is still the same."""

import os
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from blake3 import blake3

from runtrack_jupyter.model import DataFile, Digest, Direction, StepId

__all__ = ["FileStatus", "digest_file", "status_now"]

FileStatus = Literal["unchanged", "changed", "missing", "not-checked"]

_PIECE = 1 << 20
_LARGEST = 20 << 30  # bytes; a minute at the bandwidth of a good disk
_CHECKED_AT_ONCE = 512 << 20  # bytes that looking at a run may read again


def digest_file(
    path: str | os.PathLike[str],
    direction: Direction,
    *,
    cwd: str | os.PathLike[str] = ".",
    step_id: StepId | None = None,
    noticed: bool = False,
    largest: int = _LARGEST,
) -> DataFile:
    """Digest the file at `path`, which is relative to `cwd`; what stands in the way becomes the reason, never an error.

    The digest is of bytes that were all there at one time: a file that changes meanwhile is read once more, then
    left without.
    """
    given = os.fspath(path)
    full = Path(cwd) / given
    facts = {"path": _shown(given, Path(cwd)), "direction": direction, "noticed": noticed, "step_id": step_id}
    digest, size, reason, modified = None, 0, "", None
    try:
        before = full.stat()
        size, modified = before.st_size, before.st_mtime
        reason = _unsuitable(before, largest)
        if not reason:
            digest, size, modified = _stable_digest(full)
            reason = "" if digest else "it was being written while it was read"
    except FileNotFoundError:
        reason = "there is no such file"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    at = None if modified is None else datetime.fromtimestamp(modified, timezone.utc)
    return DataFile(**facts, digest=digest, size=size, modified_at=at, reason=reason)  # type: ignore[arg-type] # the facts above


def status_now(file: DataFile, cwd: str | os.PathLike[str], *, largest: int = _CHECKED_AT_ONCE) -> FileStatus:
    """Compare a file on record with what is on disk now. Equal size and time are taken for unchanged."""
    full = Path(cwd) / file.path
    try:
        now = full.stat()
        if not stat.S_ISREG(now.st_mode):
            return "not-checked"
        if file.digest is None:
            return "not-checked"
        if now.st_size != file.size:
            return "changed"
        if file.modified_at == datetime.fromtimestamp(now.st_mtime, timezone.utc):
            return "unchanged"
        if now.st_size > largest:
            return "not-checked"
        return "unchanged" if _digest(full) == file.digest else "changed"
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except (OSError, ValueError):
        return "not-checked"


def _unsuitable(found: os.stat_result, largest: int) -> str:
    if stat.S_ISDIR(found.st_mode):
        return "it is a directory"
    if not stat.S_ISREG(found.st_mode):
        return "it is no regular file"  # reading a pipe would take what is meant for someone else
    if found.st_size > largest:
        return f"it is larger than {largest:,} bytes"
    return ""


def _stable_digest(path: Path) -> tuple[Digest | None, int, float]:
    for _ in range(2):
        before = path.stat()
        digest = _digest(path)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return digest, after.st_size, after.st_mtime
    return None, after.st_size, after.st_mtime


def _digest(path: Path) -> Digest:
    hasher = blake3()
    piece = bytearray(_PIECE)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(piece):
            hasher.update(memoryview(piece)[:count])
    return Digest(hasher.hexdigest())


def _shown(given: str, cwd: Path) -> str:
    """Return the path as given, relative to the working directory where it lies below it."""
    path = Path(given)
    if path.is_absolute():
        try:
            return str(path.relative_to(Path(os.path.abspath(cwd))))  # noqa: PTH100 # links stay as the user wrote them
        except ValueError:
            return given
    return os.path.normpath(given) if given else given
