"""The generators of random numbers that belong to a module."""

import ctypes
import importlib
import marshal
import pickle
import random
import sys
from typing import Any

from runtrack_jupyter.state.surroundings.place import Seen, seen

__all__ = ["CudaRandom", "NumpyRandom", "Random", "TorchRandom"]


class Random:
    """The generator of `random`."""

    def __init__(self) -> None:
        self._seen: tuple[Any, Seen] = (None, seen(None))

    def look(self) -> Seen | None:
        """Return its state."""
        state = random.getstate()
        if state != self._seen[0]:
            self._seen = (state, seen(state))
        return self._seen[1]

    def apply(self, value: Any) -> None:
        """Set its state."""
        random.setstate(value)


class NumpyRandom:
    """The generator behind ``numpy.random``."""

    def __init__(self) -> None:
        self._seen = seen(None)

    def look(self) -> Seen | None:
        """Return its state; None before numpy is there."""
        mtrand = sys.modules.get("numpy.random.mtrand")
        if mtrand is None:
            return None
        state = mtrand._rand.get_state(legacy=False)
        key = marshal.dumps(_plain(state), 2)
        if key != self._seen.key:
            self._seen = Seen(key, pickle.dumps(state, 5))
        return self._seen

    def apply(self, value: bytes) -> None:
        """Set its state."""
        importlib.import_module("numpy.random").set_state(pickle.loads(value))


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return [(name, _plain(value)) for name, value in state.items()]
    return state.tobytes() if hasattr(state, "tobytes") else state


class TorchRandom:
    """The generator of torch for what happens on the CPU."""

    def look(self) -> Seen | None:
        """Return its state; None before torch is there."""
        generator = getattr(sys.modules.get("torch"), "default_generator", None)
        if generator is None:
            return None
        state = _bytes_of(generator.get_state())
        return Seen(state, state)

    def apply(self, value: bytes) -> None:
        """Set its state."""
        torch = importlib.import_module("torch")
        torch.default_generator.set_state(_tensor_of(torch, value))


class CudaRandom:
    """The generators of torch's CUDA devices."""

    def look(self) -> Seen | None:
        """Return their states; None as long as CUDA was not used, which asking would start."""
        cuda = getattr(sys.modules.get("torch"), "cuda", None)
        if cuda is None or not cuda.is_initialized():
            return None
        return seen([_bytes_of(state) for state in cuda.get_rng_state_all()])

    def apply(self, value: list[bytes]) -> None:
        """Set them."""
        torch = importlib.import_module("torch")
        if len(value) > torch.cuda.device_count():
            message = f"there were {len(value)} CUDA devices, and are {torch.cuda.device_count()}"
            raise ValueError(message)
        torch.cuda.set_rng_state_all([_tensor_of(torch, state) for state in value])


def _bytes_of(state: Any) -> bytes:
    return ctypes.string_at(state.data_ptr(), state.nbytes)


def _tensor_of(torch: Any, state: bytes) -> Any:
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)
