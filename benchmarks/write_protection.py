"""What it would cost to let the kernel of Linux tell which pages of an array were written.

``python benchmarks/write_protection.py`` protects the memory of an array (userfaultfd with asynchronous write
protection, PAGEMAP_SCAN; Linux 6.7 and later, x86-64) and prints, side by side with an array that is not protected,
what the user's own code then takes, and what a scan spares. `docs/decisions/0005` draws the conclusion.
"""

import ctypes
import fcntl
import os
import statistics
import struct
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from xxhash import xxh3_128_digest

_SIZE = 256 << 20
_PAGE = 4096
_PIECE = 256 << 10
_USERFAULTFD = 323  # the number of the system call on x86-64
_USER_MODE_ONLY = 1
_WRITTEN = 1 << 1  # PAGE_IS_WRITTEN
_FEATURES = 1 << 15 | 1 << 13  # write protection that is asynchronous, and of pages not there yet
_REGIONS = 4096


def _request(kind: int, number: int, size: int) -> int:
    return 3 << 30 | size << 16 | kind << 8 | number


class Protection:
    """Write protection of one range of this process's memory."""

    def __init__(self, start: int, size: int) -> None:
        self._start, self._size = start, size
        self._fault = ctypes.CDLL(None, use_errno=True).syscall(_USERFAULTFD, os.O_CLOEXEC | _USER_MODE_ONLY)
        if self._fault < 0:
            sys.exit(f"userfaultfd is not to be had here: {os.strerror(ctypes.get_errno())}")
        self._map = os.open("/proc/self/pagemap", os.O_RDONLY)
        self._found = (ctypes.c_uint64 * (3 * _REGIONS))()
        self._call(0x3F, struct.pack("3Q", 0xAA, _FEATURES, 0))
        self._call(0x00, struct.pack("4Q", start, size, 2, 0))

    def _call(self, number: int, arguments: bytes) -> None:
        fcntl.ioctl(self._fault, _request(0xAA, number, len(arguments)), bytearray(arguments))

    def protect(self) -> None:
        """Forget what was written."""
        self._call(0x06, struct.pack("3Q", self._start, self._size, 1))

    def written(self) -> int:
        """Return how many pages were written since."""
        pages, start, stop = 0, self._start, self._start + self._size
        while start < stop:
            where = (
                96,
                0,
                start,
                stop,
                0,
                ctypes.addressof(self._found),
                _REGIONS,
                0,
                0,
                0,
                _WRITTEN,
                _WRITTEN,
            )
            arguments = bytearray(struct.pack("12Q", *where))
            count = fcntl.ioctl(self._map, _request(ord("f"), 16, 96), arguments)
            pages += sum(self._found[3 * i + 1] - self._found[3 * i] for i in range(count)) // _PAGE
            start = struct.unpack("12Q", arguments)[4]
        return pages


def _milliseconds(action: Callable[[], Any], before: Callable[[], Any] = int) -> float:
    times = []
    for _ in range(7):
        before()
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    """Print the table."""
    bare, watched = np.ones(_SIZE // 8), np.ones(_SIZE // 8)
    first = -(-watched.__array_interface__["data"][0] // _PAGE) * _PAGE
    protection = Protection(first, _SIZE - _PAGE)
    places = np.random.default_rng(0).integers(0, bare.size, 200_000)
    memory = bare.data.cast("B")

    def update(array: Any) -> None:
        array *= 1.0001

    def scatter(array: Any) -> None:
        array[places] += 1

    rows: list[tuple[str, float, float]] = []
    for name, action in (("all of it updated in place", update), ("200,000 places written", scatter)):
        without = _milliseconds(partial(action, bare))
        rows.append((name, without, _milliseconds(partial(action, watched), protection.protect)))
    protection.protect()
    rows.append(("summed", _milliseconds(bare.sum), _milliseconds(watched.sum)))
    hashed = _milliseconds(
        lambda: [xxh3_128_digest(memory[start : start + _PIECE]) for start in range(0, _SIZE, _PIECE)]
    )
    rows.append(("looked at, nothing written", hashed, _milliseconds(protection.written)))
    print(f"{_SIZE >> 20} MiB, load {os.getloadavg()[0]:.1f}\n\n| | as it is, ms | write-protected, ms | |")
    print("|---|--:|--:|--:|")
    for name, without, with_ in rows:
        print(f"| {name} | {without:.2f} | {with_:.2f} | {with_ / without:.2f}x |")


if __name__ == "__main__":
    main()
