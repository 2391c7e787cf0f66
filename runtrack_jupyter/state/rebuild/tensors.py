"""torch's storages, tensors and generators, made again."""

import ctypes
import importlib
import pickle
import sys
import warnings
from typing import Any

from runtrack_jupyter.state.rebuild import Loader, NotHereError
from runtrack_jupyter.state.rebuild.arrays import flat_bytes

__all__ = [
    "BOUND",
    "array_of_tensor",
    "generator",
    "set_optimizer",
    "set_tensor",
    "storage",
    "storage_of_array",
    "tensor",
    "tensor_view",
    "typed_storage",
]

BOUND = frozenset({"array_of_tensor", "storage"})

_Layout = tuple[int, tuple[int, ...], tuple[int, ...]]


def storage(loader: Loader, index: int, size: int, device: str, shared: bool) -> Any:
    """Return the memory of tensors, filled from buffer `index` (-1: it has no bytes)."""
    torch = importlib.import_module("torch")
    if device.partition(":")[0] not in ("cpu", "meta") and not _is_here(torch, device):
        raise NotHereError(f"it was on {device}, which is not here")
    host = "cpu" if index >= 0 else device
    made = torch.UntypedStorage(size, device=host)
    if index >= 0:
        memory: Any = (ctypes.c_char * size).from_address(made.data_ptr())
        loader.fill(index, pickle.PickleBuffer(memory).raw())
    if shared:
        made.share_memory_()
    return made if host == device else made.to(device=torch.device(device))


def _is_here(torch: Any, device: str) -> bool:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):
        return False
    return True


def storage_of_array(array: Any, offset: int, size: int) -> Any:
    """Return a storage over the memory of an array, as ``torch.from_numpy`` does."""
    torch = importlib.import_module("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the array may be read-only; it was when the tensor was made
        return torch.from_numpy(flat_bytes(array)[offset : offset + size]).untyped_storage()


def typed_storage(untyped: Any, dtype: Any) -> Any:
    """Return a storage of numbers over untyped memory."""
    return sys.modules["torch"].storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)


def tensor(
    memory: Any, kind: type, dtype: Any, layout: _Layout, bits: tuple[bool, bool], requires_grad: bool
) -> Any:
    """Return a tensor that looks at a storage; `bits` say whether it is conjugated or negated when it is read."""
    torch = sys.modules["torch"]
    offset, shape, strides = layout
    made = torch.empty(0, dtype=dtype, device=memory.device)
    made.set_(memory, offset, shape, strides)
    conjugated, negated = bits
    if conjugated:
        made = made.conj()
    if negated:
        made = torch._neg_view(made)
    return _of_kind(torch, made, kind, requires_grad)


def tensor_view(base: Any, kind: type, layout: _Layout, requires_grad: bool) -> Any:
    """Return a tensor that looks at another one and is known to autograd as its view."""
    torch = sys.modules["torch"]
    offset, shape, strides = layout
    with torch.set_grad_enabled(not base.requires_grad):
        made = base.as_strided(shape, strides, offset)
    return _of_kind(torch, made, kind, requires_grad)


def _of_kind(torch: Any, made: Any, kind: Any, requires_grad: bool) -> Any:
    if kind is torch.nn.Parameter:
        return torch.nn.Parameter(made, requires_grad)
    if kind is not torch.Tensor:
        made = made.as_subclass(kind)
    return made.requires_grad_() if requires_grad else made


def set_tensor(target: Any, state: dict[str, Any]) -> None:
    """Give a tensor its gradient, its hooks, its attributes and the names of its dimensions."""
    if "requires_grad" in state:
        target.requires_grad_(state["requires_grad"])
    if "own" in state:
        target.__dict__.update(state["own"])
    if "hooks" in state:
        target._backward_hooks, target._post_accumulate_grad_hooks = state["hooks"]
    if "names" in state:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # named tensors warn that they may change
            target.rename_(*state["names"])
    if "grad" in state:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one that had its gradient retained is a leaf now
            target.grad = state["grad"]


def array_of_tensor(
    loader: Loader, memory: Any, kind: type, dtype: Any, layout: _Layout, writeable: bool
) -> Any:
    """Return an array that looks at the memory of a tensor."""
    torch, numpy = sys.modules["torch"], importlib.import_module("numpy")
    offset, shape, strides = layout
    flat = torch.empty(0, dtype=torch.uint8).set_(memory).numpy()
    made = numpy.ndarray(shape, dtype, buffer=flat, offset=offset, strides=strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if not writeable:
        loader.freeze(made)
    return made


def generator(device: str, state: bytes) -> Any:
    """Return a generator of random numbers in a given state."""
    torch = importlib.import_module("torch")
    if device != "cpu" and not _is_here(torch, device):
        raise NotHereError(f"it was on {device}, which is not here")
    made = torch.Generator(device)
    made.set_state(torch.tensor(list(state), dtype=torch.uint8))
    return made


def set_optimizer(target: Any, own: dict[str, Any]) -> None:
    """Give an optimiser its attributes, and its class the hooks that the first of them brings."""
    target.__dict__.update(own)
    target._patch_step_function()
