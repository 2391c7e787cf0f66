"""Many chunks read at once: neighbours on disk by one call, straight into the memory they are for, on both cores.

Reading, hashing and unpacking let go of the interpreter's lock, so that two threads are twice as fast as one.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError
from runtrack_jupyter.model import Wanted
from runtrack_jupyter.store.chunks import unpack
from runtrack_jupyter.store.frames import Piece

__all__ = ["Run", "fetch", "runs_of"]

_RUN = 2 << 20  # bytes that one call reads
_FEW = 2 << 20  # bytes for which threads are not worth their start
_THREADS = 2

_of_thread = threading.local()

Progress = Callable[[int], None]


class _Place(Protocol):
    @property
    def path(self) -> Path: ...
    @property
    def at(self) -> int: ...
    @property
    def piece(self) -> Piece: ...


class Run(NamedTuple):
    """Chunks that lie one after the other in a file; raw ones also in the memory they are for."""

    path: Path
    at: int
    length: int
    pieces: list[tuple[Wanted, Piece]]

    @property
    def size(self) -> int:
        """How many bytes they are, unpacked."""
        return sum(wanted.size for wanted, _ in self.pieces)


def runs_of(placed: Iterable[tuple[Wanted, _Place]]) -> list[Run]:
    """Return chunks as runs, in their order."""
    runs: list[Run] = []
    pieces: list[tuple[Wanted, Piece]] = []
    path, begin, end, target, packed = Path(), 0, 0, 0, False
    for wanted, place in placed:
        piece = place.piece
        neighbour = place.at == end and end - begin < _RUN and packed is bool(piece.stored)
        if not (neighbour and place.path == path and (packed or wanted.start == target)):
            if pieces:
                runs.append(Run(path, begin, end - begin, pieces))
            path, begin, packed, pieces = place.path, place.at, bool(piece.stored), []
        pieces.append((wanted, piece))
        end, target = place.at + piece.length, wanted.start + wanted.size
    if pieces:
        runs.append(Run(path, begin, end - begin, pieces))
    return runs


def fetch(
    runs: Sequence[Run],
    opened: Callable[[Path], BinaryIO],
    into: memoryview,
    progress: Progress | None = None,
) -> list[Wanted]:
    """Read runs into `into` and return the chunks that are not what was written.

    Raises
    ------
    StoreUnavailableError
        A file cannot be read.
    """
    done = progress or _ignore
    failed: list[Wanted] = []
    if sum(run.length for run in runs) < _FEW or len(runs) < _THREADS or not hasattr(os, "preadv"):
        for run in runs:
            failed += _read(run, opened(run.path), into)
            done(run.size)
        return failed
    for run, bad in _side_by_side(runs, opened, into):
        failed += bad
        done(run.size)
    return failed


def _side_by_side(
    runs: Sequence[Run], opened: Callable[[Path], BinaryIO], into: memoryview
) -> Iterator[tuple[Run, list[Wanted]]]:
    """Yield each run with what failed of it, read by threads that stay a little ahead."""
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="runtrack-reader")
    try:
        ahead: list[tuple[Run, Future[list[Wanted]]]] = []
        for run in runs:
            ahead.append((run, pool.submit(_read, run, opened(run.path), into)))
            if len(ahead) > 2 * _THREADS:
                first, future = ahead.pop(0)
                yield first, future.result()
        for first, future in ahead:
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # also after Ctrl-C: nobody writes into memory that is given up


def _read(run: Run, file: BinaryIO, into: memoryview) -> list[Wanted]:
    """Read one run and return what of it is not what was written."""
    try:
        if not run.pieces[0][1].stored:
            return _read_raw(run, file, into)
        stored = _read_at(file, run.length, run.at)
    except OSError as error:
        raise StoreUnavailableError(f"{run.path} cannot be read: {error.strerror}") from error
    failed = []
    at = 0
    for wanted, piece in run.pieces:
        try:
            into[wanted.start : wanted.start + wanted.size] = unpack(piece, stored[at : at + piece.stored])
        except DamagedStoreError:
            failed.append(wanted)
        at += piece.stored
    return failed


def _read_raw(run: Run, file: BinaryIO, into: memoryview) -> list[Wanted]:
    start = run.pieces[0][0].start
    target = into[start : start + run.length]
    got = _read_into(file, target, run.at)
    failed = []
    for wanted, _ in run.pieces:
        at = wanted.start - start
        if at + wanted.size > got or blake3(target[at : at + wanted.size]).hexdigest() != wanted.digest:
            failed.append(wanted)
    return failed


def _read_into(file: BinaryIO, target: memoryview, at: int) -> int:
    """Fill `target` from `at` on and return how many bytes there were."""
    got = 0
    while got < len(target):
        if hasattr(os, "preadv"):
            count = os.preadv(file.fileno(), [target[got:]], at + got)
        else:
            file.seek(at + got)
            count = file.readinto(target[got:])  # type: ignore[attr-defined]  # opened without a buffer
        if not count:
            break
        got += count
    return got


def _read_at(file: BinaryIO, size: int, at: int) -> memoryview:
    # The same memory again and again: fresh memory costs more than reading into it.
    scratch: bytearray | None = getattr(_of_thread, "scratch", None)
    if scratch is None or len(scratch) < size:
        scratch = _of_thread.scratch = bytearray(max(size, _RUN))
    target = memoryview(scratch)[:size]
    return target[: _read_into(file, target, at)]


def _ignore(_size: int) -> None:
    """Be told of progress where nobody else is."""
