"""Where things lie: a notebook's store, what is inside it, and this user's key and list of stores.

Nothing here runs Git or reads a record; only `prepare_store`, `user_key` and `register_store` write.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError, UnsupportedFormatError
from runtrack_jupyter.model import FORMAT_VERSION, RunId, SessionId

__all__ = [
    "check_format",
    "events_folder",
    "git_folder",
    "leases_folder",
    "ordinals_file",
    "prepare_store",
    "register_store",
    "registered_stores",
    "resolve_store",
    "run_ref",
    "sealer_address",
    "sealer_authkey",
    "segments_folder",
    "sync_folder",
    "thinned_file",
    "user_folder",
    "user_key",
]

_KEY_SIZE = 32
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 104 to 108 bytes, by platform
_BINARY = getattr(os, "O_BINARY", 0)
_NO_INHERIT = getattr(os, "O_CLOEXEC", 0)


class _Format(msgspec.Struct, frozen=True):
    format_version: int


class _StoreEntry(msgspec.Struct, frozen=True):
    path: str


def segments_folder(store: Path) -> Path:
    """Return the folder of the sessions' segments."""
    return store / "segments"


def leases_folder(store: Path) -> Path:
    """Return the folder of the living sessions' leases."""
    return store / "leases"


def events_folder(store: Path) -> Path:
    """Return the folder of what was said about runs after they were made."""
    return store / "events"


def git_folder(store: Path) -> Path:
    """Return the bare repository that holds a commit for every sealed run."""
    return store / "runs.git"


def ordinals_file(store: Path) -> Path:
    """Return the log of the numbers that runs were given."""
    return store / "ordinals.jsonl"


def thinned_file(store: Path) -> Path:
    """Return the log of the values that were taken out to free disk space."""
    return store / "thinned.jsonl"


def run_ref(run_id: RunId) -> str:
    """Return the name of the Git ref that holds a run's commit."""
    return f"refs/runtrack/{run_id}"


def resolve_store(notebook_path: Path | None, cwd: Path, environ: Mapping[str, str]) -> Path:
    """Return the store of a notebook, or of a working directory; it need not exist and is not made.

    The first that applies: ``RUNTRACK_STORE``; ``runtrack`` in the common directory of the Git work tree around the
    notebook; the nearest ``.runtrack`` upwards; ``.runtrack`` beside the notebook.
    """
    named = environ.get("RUNTRACK_STORE", "")
    if named:
        return _absolute(cwd / Path(named).expanduser())
    start = _absolute(cwd / notebook_path).parent if notebook_path is not None else _absolute(cwd)
    above = (start, *start.parents)
    for folder in above:
        common = _git_common_folder(folder / ".git")
        if common is not None:
            return common / "runtrack"
    for folder in above:
        if (folder / ".runtrack").is_dir():
            return folder / ".runtrack"
    return start / ".runtrack"


def _git_common_folder(dot_git: Path) -> Path | None:
    # Linked work trees and submodules have a file that points elsewhere; ``commondir`` leads back to what is shared.
    try:
        if dot_git.is_file():
            text = dot_git.read_text(encoding="utf-8", errors="surrogateescape")
            if not text.startswith("gitdir:"):
                return None
            folder = _absolute(dot_git.parent / text.removeprefix("gitdir:").strip())
        else:
            folder = dot_git
        if not (folder / "HEAD").exists():
            return None  # Git itself would look further up
        pointer = folder / "commondir"
        if pointer.is_file():
            text = pointer.read_text(encoding="utf-8", errors="surrogateescape")
            return _absolute(folder / text.strip())
    except OSError:
        return None
    return folder


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links, which people see as paths


def prepare_store(store: Path) -> None:
    """Make the store if it is missing, readable by this user only; refuse one that a newer Runtrack wrote.

    Raises
    ------
    StoreUnavailableError
        It cannot be made or written here.
    UnsupportedFormatError
        It was written by a newer Runtrack.
    """
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        for folder in (store, segments_folder(store), leases_folder(store)):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not (store / "format").exists():
            _write_new(store / "format", msgspec.json.encode(_Format(FORMAT_VERSION)) + b"\n")
            # A later ``git init`` around the store must not sweep it into somebody's repository.
            _write_new(store / ".gitignore", b"*\n")
            sync_folder(store)
            sync_folder(store.parent)
    except OSError as error:
        raise StoreUnavailableError(f"the store {store} cannot be made: {error.strerror}") from error
    check_format(store)


def check_format(store: Path) -> None:
    """Return when this Runtrack can read the store; a store that is not there yet can be read.

    Raises
    ------
    UnsupportedFormatError
        It was written by a newer Runtrack.
    DamagedStoreError
        The file ``format`` is not what was written.
    """
    try:
        found = msgspec.json.decode((store / "format").read_bytes(), type=_Format)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise StoreUnavailableError(f"the store {store} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise DamagedStoreError(f"{store / 'format'} is damaged: {error}") from error
    if found.format_version > FORMAT_VERSION:
        raise UnsupportedFormatError(
            f"the store {store} has format {found.format_version}; this Runtrack reads up to {FORMAT_VERSION}"
        )


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, where the platform can."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | _NO_INHERIT)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all; where somebody was first, theirs stays."""
    partial = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_INHERIT, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a name must never outlive the bytes it names
        try:
            os.link(partial, path)  # unlike a rename, this fails when somebody was first
        except FileExistsError:
            return
        except (OSError, NotImplementedError):
            # No hard links here. The content is the same whoever wins, or is read back by the caller.
            if not path.exists():
                partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def user_folder() -> Path:
    """Return the folder of this user's key and list of stores; it need not exist."""
    from jupyter_core.paths import jupyter_data_dir  # not needed by those who only write segments

    return Path(jupyter_data_dir()) / "runtrack"


def user_key(create: bool = True) -> bytes | None:
    """Return the 32 secret bytes that this user's records are signed with; None if there are none.

    Raises
    ------
    StoreUnavailableError
        `create` is set, but no key can be made, or the one there is cannot be read.
    """
    path = user_folder() / "key"
    try:
        if create and not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(path, os.urandom(_KEY_SIZE))
        key = path.read_bytes()
    except OSError as error:
        if create:
            raise StoreUnavailableError(f"the key {path} cannot be made or read: {error.strerror}") from error
        return None
    if len(key) != _KEY_SIZE:
        if create:
            raise StoreUnavailableError(f"the key {path} is damaged: move it away to get a new one")
        return None
    return key


def register_store(path: Path) -> None:
    """Remember a store, so that its history is found again after a move or a ``git init``.

    Raises
    ------
    StoreUnavailableError
        The list cannot be written.
    """
    registry = user_folder() / "stores.jsonl"
    path = _absolute(path)
    if path in _known_stores(registry):
        return
    line = msgspec.json.encode(_StoreEntry(str(path))) + b"\n"
    try:
        registry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY | _NO_INHERIT
        with os.fdopen(os.open(registry, flags, 0o600), "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # somebody's write was cut short: do not lose ours with it
                    line = b"\n" + line
            file.write(line)  # one short append: concurrent writers do not mix
    except OSError as error:
        raise StoreUnavailableError(f"{registry} cannot be written: {error.strerror}") from error


def registered_stores() -> list[Path]:
    """Return the stores this user ever used and that are there now, oldest first.

    One that is away (an unplugged disk) stays on the list and comes back with its folder.
    """
    return [store for store in _known_stores(user_folder() / "stores.jsonl") if store.is_dir()]


def _known_stores(registry: Path) -> list[Path]:
    try:
        lines = registry.read_bytes().splitlines()
    except OSError:
        return []
    known: dict[Path, None] = {}
    for line in lines:
        with contextlib.suppress(msgspec.DecodeError):  # half a line, from a write that was cut short
            known[Path(msgspec.json.decode(line, type=_StoreEntry).path)] = None
    return list(known)


def sealer_address(session_id: SessionId) -> str:
    """Return where the sealer of a session listens, for ``multiprocessing.connection``; a private place.

    Raises
    ------
    StoreUnavailableError
        The folder is not this user's own, or others can enter it.
    """
    if sys.platform == "win32":
        return rf"\\.\pipe\runtrack-{session_id}"
    import tempfile  # not needed by those who only write segments

    name = f"runtrack-{os.getuid()}"
    folder = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(folder / session_id)) > _LONGEST_SOCKET_PATH:
        folder = Path("/tmp") / name  # noqa: S108  checked below to be ours alone
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError as error:
        raise StoreUnavailableError(f"{folder} cannot be made: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise StoreUnavailableError(f"{folder} is not a folder that only this user can enter")
    return str(folder / session_id)


def sealer_authkey(key: bytes) -> bytes:
    """Return what both ends of a sealer's socket prove to know."""
    return blake3(b"sealer socket", key=key).digest()
