"""The floor: what a store would hold that keeps every different piece of the states once.

After each cell every variable is pickled (cloudpickle, protocol 5, large buffers apart); arrays and tensors count as
the memory that owns them, however many views there are. Streams and buffers are cut into pieces of 64 KiB; each
different piece counts once, with its size under zstd level 1, or raw where that is less. No names, no index, no
history: a store cannot do with less without cutting more finely or compressing harder.
"""

import sys
from typing import Any

__all__ = ["Floor"]

_PIECE = 1 << 16


class Floor:
    """The pieces of all states added so far."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._bytes = 0

    def add_state(self) -> int:
        """Add what the namespace holds now; return the bytes of all states so far."""
        shell = sys.modules["IPython"].get_ipython()
        for name, value in list(shell.user_ns.items()):
            if name in shell.user_ns_hidden or name.startswith("_") or name in {"In", "Out"}:
                continue
            for data in _memory_of(value):
                self._add(data)
        return self._bytes

    def _add(self, data: memoryview) -> None:
        import xxhash
        import zstandard

        compress = zstandard.ZstdCompressor(level=1).compress
        for place in range(0, len(data), _PIECE):
            piece = data[place : place + _PIECE]
            digest = xxhash.xxh3_128_digest(piece)
            if digest not in self._seen:
                self._seen.add(digest)
                self._bytes += min(len(piece), len(compress(piece)))


def _memory_of(value: Any) -> list[memoryview]:
    """Return the pickle of a value and the buffers that it leaves outside, each owner once."""
    import io
    import pickle

    import cloudpickle

    owners: dict[int, memoryview] = {}

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle publishes no types
        def reducer_override(self, item: Any) -> Any:
            owner = _owner_of(item)
            if owner is None:
                return super().reducer_override(item)
            owners[owner[0]] = owner[1]
            return str, (f"memory {type(item).__name__}",)

    buffers: list[pickle.PickleBuffer] = []
    stream = io.BytesIO()
    try:
        Pickler(stream, protocol=5, buffer_callback=buffers.append).dump(value)
    except Exception:  # noqa: BLE001  what cannot be pickled costs the floor nothing
        return []
    raw = [buffer.raw() for buffer in buffers]
    return [stream.getbuffer(), *raw, *owners.values()]


def _owner_of(item: Any) -> tuple[int, memoryview] | None:
    """Return address and bytes of the memory behind an array or tensor of numbers."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if torch is not None and isinstance(item, torch.Tensor) and type(item) is torch.Tensor:
        storage = torch.empty(0, dtype=torch.uint8).set_(item.untyped_storage())
        return storage.data_ptr(), memoryview(storage.numpy())
    if numpy is None or type(item) is not numpy.ndarray or item.dtype.hasobject:
        return None
    while type(item.base) is numpy.ndarray and not item.base.dtype.hasobject:
        item = item.base
    if not item.flags.forc:
        item = numpy.ascontiguousarray(item)
    return item.ctypes.data, memoryview(item.reshape(-1, order="A").view(numpy.uint8))
