"""How large a chunk should be, and how hard to compress it: bytes and speed for data as notebooks hold it."""

import itertools
import pickle
import random
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import zstandard

from runtrack_jupyter.state.cutting import cut_by_content
from runtrack_jupyter.store.chunks import Packer, chunk_digest

_SIZE = 16 << 20
_SIZES = (64 << 10, 256 << 10, 1 << 20)
_LEVELS = (-1, 1, 3)


def samples() -> dict[str, bytes]:
    """Return 16 MiB of each kind."""
    rng = np.random.default_rng(0)
    random.seed(0)
    rows = [
        {"id": n, "name": f"n{n}", "v": random.random(), "tags": ["a", str(n % 97)]} for n in range(250_000)
    ]
    made = {
        "float64, random": rng.random(_SIZE // 8).tobytes(),
        "float64, two decimals": np.round(rng.normal(100, 20, _SIZE // 8), 2).tobytes(),
        "float32, normal": rng.normal(size=_SIZE // 4).astype("f4").tobytes(),
        "random bytes": rng.bytes(_SIZE),
        "int64 below 1,000": rng.integers(0, 1000, _SIZE // 8).tobytes(),
        "int64, counting": np.arange(_SIZE // 8).tobytes(),
        "categorical codes": rng.integers(0, 12, _SIZE).astype("i1").tobytes(),
        "zeros": bytes(_SIZE),
        "pickled texts": pickle.dumps([f"user {n} said {random.random()}" for n in range(500_000)], 5),
        "pickled dicts": pickle.dumps(rows, 5),
    }
    return {name: data[:_SIZE] for name, data in made.items()}


def _cuts(data: bytes, size: int) -> Iterator[memoryview]:
    view = memoryview(data)
    return (view[start : start + size] for start in range(0, len(data), size))


def print_bytes() -> None:
    """Print share and speed (GB/s of CPU time) for each size and level, and what is written in the end."""
    heads = [f"{size >> 10}K, level {level}" for size in _SIZES for level in _LEVELS]
    print("-- bytes: share of the original @ GB/s")
    print(f"{'':24} {' '.join(f'{head:>14}' for head in heads)} {'as written':>14}")
    for name, data in samples().items():
        cells = []
        for size in _SIZES:
            cells += [_share(data, partial(_compressed, data, size, level)) for level in _LEVELS]
        cells.append(_share(data, partial(_written, data)))
        print(f"{name:24} {' '.join(f'{cell:>14}' for cell in cells)}")


def _share(data: bytes, work: Callable[[], int]) -> str:
    began = time.process_time()
    size = work()
    return f"{size / len(data):.3f} @ {len(data) / max(time.process_time() - began, 1e-9) / 1e9:.2f}"


def _compressed(data: bytes, size: int, level: int) -> int:
    compress = zstandard.ZstdCompressor(level=level).compress
    return sum(len(compress(piece)) for piece in _cuts(data, size))


def _written(data: bytes) -> int:
    packer, seen, size = Packer(), set[str](), 0
    for piece in _cuts(data, 64 << 10):
        digest = chunk_digest(piece)
        if digest not in seen:
            seen.add(digest)
            size += packer.pack([(digest, piece)]).size
    return size


def print_insertions() -> None:
    """Print what an insertion at the front stores anew, cut at fixed distances and by content."""
    print("-- 10 bytes inserted in front: new bytes of 16 MiB")
    for name, data in samples().items():
        changed = b"insertion." + data
        fixed = _new(list(_cuts(data, 64 << 10)), list(_cuts(changed, 64 << 10)))
        began = time.process_time()
        ends = [0, *cut_by_content(memoryview(changed))]
        speed = len(changed) / (time.process_time() - began) / 1e9
        by_content = _new(_pieces(data), [memoryview(changed)[a:b] for a, b in itertools.pairwise(ends)])
        print(
            f"{name:24} fixed {fixed:>10}   by content {by_content:>8}   cutting {speed:.2f} GB/s, {len(ends) - 1} pieces"
        )


def _pieces(data: bytes) -> list[memoryview]:
    ends = [0, *cut_by_content(memoryview(data))]
    return [memoryview(data)[a:b] for a, b in itertools.pairwise(ends)]


def _new(before: list[memoryview], after: list[memoryview]) -> int:
    known = set(map(bytes, before))
    return sum(len(piece) for piece in set(map(bytes, after)) - known)
