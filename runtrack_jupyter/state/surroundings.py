"""State that is no variable: the generators of `random`, numpy and torch, the working directory, and their like.

Each place is a root with a reserved name. Looking is cheap enough to do after every cell.
"""

import ctypes
import importlib
import os
import pickle
import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from runtrack_jupyter.state.ledger import NOTHING

__all__ = ["PLACES", "apply", "surroundings"]


class _Place(NamedTuple):
    """How to look at one place, as a value that compares by content (`NOTHING`: not here), and bring it back."""

    look: Callable[[], Any]
    apply: Callable[[Any], object]


def _numpy_state() -> Any:
    mtrand = sys.modules.get("numpy.random.mtrand")
    return NOTHING if mtrand is None else pickle.dumps(mtrand._rand.get_state(legacy=False), 5)


def _set_numpy_state(state: bytes) -> None:
    importlib.import_module("numpy.random").set_state(pickle.loads(state))


def _torch_state() -> Any:
    generator = getattr(sys.modules.get("torch"), "default_generator", None)
    return NOTHING if generator is None else _bytes_of(generator.get_state())


def _set_torch_state(state: bytes) -> None:
    torch = importlib.import_module("torch")
    torch.default_generator.set_state(_tensor_of(torch, state))


def _cuda_states() -> Any:
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized():  # asking for a state would start it
        return NOTHING
    return tuple(_bytes_of(state) for state in cuda.get_rng_state_all())


def _set_cuda_states(states: tuple[bytes, ...]) -> None:
    torch = importlib.import_module("torch")
    if len(states) > torch.cuda.device_count():
        message = f"there were {len(states)} CUDA devices, and are {torch.cuda.device_count()}"
        raise ValueError(message)
    torch.cuda.set_rng_state_all([_tensor_of(torch, state) for state in states])


def _bytes_of(state: Any) -> bytes:
    return ctypes.string_at(state.data_ptr(), state.nbytes)


def _tensor_of(torch: Any, state: bytes) -> Any:
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def _cwd() -> Any:
    try:
        return os.getcwd()  # noqa: PTH109 - a str is what is saved
    except FileNotFoundError:  # a directory that is gone: nothing to come back to
        return NOTHING


_TABLE = {
    "@cwd": _Place(_cwd, os.chdir),
    "@rng.numpy": _Place(_numpy_state, _set_numpy_state),
    "@rng.random": _Place(random.getstate, random.setstate),
    "@rng.torch": _Place(_torch_state, _set_torch_state),
    "@rng.torch.cuda": _Place(_cuda_states, _set_cuda_states),
}

PLACES = frozenset(_TABLE)


def surroundings() -> dict[str, Any]:
    """Return the state of each place, as values that compare by content."""
    looks = ((root, place.look()) for root, place in _TABLE.items())
    return {root: value for root, value in looks if value is not NOTHING}


def apply(root: str, value: Any) -> str:
    """Bring one back; returns why not, or an empty string."""
    try:
        _TABLE[root].apply(value)
    except (OSError, ImportError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
