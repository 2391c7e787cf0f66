"""Contents paths, as clients send them, become files below the server's root folder, or are refused."""

import os
import re
from pathlib import Path

from runtrack_jupyter.errors import UsageError

__all__ = ["clean", "contents_path", "file_of"]

_DRIVE = re.compile(r"[A-Za-z][\w-]+:(?=[^:])")  # "RTC:", never a Windows drive, which has one letter


def clean(path: str) -> str:
    """Return a contents path without its drive prefix.

    Raises
    ------
    UsageError
        The path is absolute, climbs out of its folder, or can be no path at all.
    """
    bare = _DRIVE.sub("", path, count=1) if _DRIVE.match(path) else path
    parts = bare.split("/")
    if any(ord(character) < 32 or character == "\x7f" for character in bare):
        raise UsageError("a contents path holds no control characters")
    if bare.startswith("/") or any(_escapes(part) for part in parts):
        raise UsageError(f"{path!r} is not a contents path: pass one relative to the server's root folder")
    return "/".join(part for part in parts if part not in {"", "."})


def file_of(path: str, root: Path | None) -> Path | None:
    """Return the file behind a contents path; None where the contents manager keeps no files."""
    relative = clean(path)
    return None if root is None or not relative else root / relative


def contents_path(file: Path, root: Path | None) -> str:
    """Return the contents path of a file; "" when it does not lie below the root folder."""
    if root is None:
        return ""
    for folder in (root, root.resolve()):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return ""


def _escapes(part: str) -> bool:
    # On Windows a part can hold a separator or a drive of its own.
    foreign = any(separator and separator in part for separator in (os.sep, os.altsep))
    return part == ".." or foreign or bool(os.path.splitdrive(part)[0])
