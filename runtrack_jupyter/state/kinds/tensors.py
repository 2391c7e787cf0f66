"""torch: the memory of a storage is saved once, out of band, and tensors are rebuilt over it.

Tensors that share a storage share it again, and views know their base, as autograd needs it. What a tensor was
computed from is not kept: it comes back without the graph, and that is said.
"""

import copyreg
import ctypes
import pickle
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.kinds.libraries import refuse
from runtrack_jupyter.state.kinds.numbers import reduce_by_attributes
from runtrack_jupyter.state.rebuild import tensors as rebuild
from runtrack_jupyter.state.rebuild.code import attribute
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "reduce_array_of_tensor"]

_GRAPHLESS = "a tensor without the graph it was computed by (backward() needs its cell run again)"


def reduce_tensor(pickler: "StatePickler", tensor: Any) -> Any:
    """Reduce a tensor to its storage and how it looks at it; unusual ones as torch does, over our storages."""
    torch = sys.modules["torch"]
    leaf = tensor.is_leaf
    if not leaf:
        pickler.note_rebuilt(_GRAPHLESS)
    if _is_unusual(tensor, torch):
        plain = tensor if leaf else tensor.detach()
        reduced = plain.__reduce_ex__(5)
        if len(reduced) > 2:
            return reduced
        made: tuple[Any, ...] = reduced[:2]
    else:
        made = _made(pickler, tensor, torch)
    state = _state_of(tensor, leaf=leaf)
    if tensor.layout is not torch.strided and leaf and tensor.requires_grad:
        state = {**(state or {}), "requires_grad": True}  # torch forgets it of sparse ones
    return made if state is None else (*made, state, None, None, rebuild.set_tensor)


def _is_unusual(tensor: Any, torch: Any) -> bool:
    """Tell whether a tensor is more than a view of a storage: sparse, quantised, a wrapper of other tensors."""
    kind = type(tensor)
    if kind is torch.Tensor or kind is torch.nn.Parameter:
        return bool(tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_meta)
    if kind.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__ or hasattr(tensor, "materialize"):
        return True
    return bool(tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_meta)


def _made(pickler: "StatePickler", tensor: Any, torch: Any) -> tuple[Any, ...]:
    kind = type(tensor)
    layout = (tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    leaf_that_learns = tensor.is_leaf and tensor.requires_grad
    base = tensor._base if tensor.is_leaf else None
    bits = (tensor.is_conj(), tensor.is_neg())
    if base is not None and _can_be_base(base, tensor, torch) and not any(bits):
        return rebuild.tensor_view, (base, kind, layout, leaf_that_learns)
    storage = tensor.untyped_storage()
    pickler.tie(storage)
    return rebuild.tensor, (storage, kind, tensor.dtype, layout, bits, leaf_that_learns)


def _can_be_base(base: Any, tensor: Any, torch: Any) -> bool:
    """Tell whether taking a view of `base` gives the tensor: same numbers, and memory to look at."""
    return bool(base.dtype is tensor.dtype and base.is_leaf and base.layout is torch.strided)


def _state_of(tensor: Any, *, leaf: bool) -> dict[str, Any] | None:
    """Return what else belongs to a tensor; None where there is nothing, as with most."""
    state: dict[str, Any] = {}
    grad = tensor.grad if leaf or tensor.retains_grad else None
    if grad is not None:
        state["grad"] = grad
    if leaf:
        hooks = tensor._backward_hooks, tensor._post_accumulate_grad_hooks
        if hooks != (None, None):
            state["hooks"] = hooks
    if tensor.__dict__:
        state["own"] = tensor.__dict__
    names = getattr(tensor, "names", ())  # until torch dropped them
    if any(names):
        state["names"] = names
    return state or None


def reduce_storage(pickler: "StatePickler", storage: Any) -> Any:
    """Reduce the memory of tensors to its bytes, or to the array that owns it."""
    pickler.tie(storage)
    size, device = storage.nbytes(), str(storage.device)
    if device == "meta" or size == 0:
        return rebuild.storage, (-1, size, device, False)
    if device != "cpu":
        host = storage.cpu()
        return rebuild.storage, (pickler.add_buffer(_bytes_of(host)), size, device, False)
    shared = storage.is_shared()
    if not shared and not storage.resizable():
        lenders = pickler.regions.lenders
        found = lenders.owner_of(pickler.namespace, storage.data_ptr(), size, thorough=True)
        if found is not None:
            owner, offset = found
            return rebuild.storage_of_array, (owner, offset, size)
        if lenders.beyond:
            pickler.note_rebuilt("memory of its own, where a tensor may have shared an array's")
    if storage.filename is not None:
        pickler.note_rebuilt("a tensor in memory, where it was mapped to a file")
        shared = False
    return rebuild.storage, (pickler.add_buffer(_bytes_of(storage)), size, device, shared)


def _bytes_of(storage: Any) -> memoryview:
    """Return the memory of a storage; what is returned keeps it, and says where it lies as numpy's arrays do."""
    address, size = storage.data_ptr(), storage.nbytes()
    memory: Any = (ctypes.c_char * size).from_address(address)
    memory.storage = storage
    memory.__array_interface__ = {"data": (address, True)}
    return pickle.PickleBuffer(memory).raw()


def reduce_typed_storage(_pickler: "StatePickler", storage: Any) -> Any:
    """Reduce a storage of numbers to its memory; torch would copy it through its own file format."""
    return rebuild.typed_storage, (storage._untyped_storage, storage.dtype)


def reduce_array_of_tensor(pickler: "StatePickler", array: Any, tensor: Any) -> Any:
    """Reduce an array that looks at the memory of a tensor."""
    if str(tensor.device) != "cpu":
        raise CannotSaveError("an array over a tensor that is not on the CPU")
    storage = tensor.untyped_storage()
    pickler.tie(storage)
    start = array.__array_interface__["data"][0] - storage.data_ptr()
    layout = (start, array.shape, array.strides)
    return rebuild.array_of_tensor, (storage, type(array), array.dtype, layout, array.flags.writeable)


def reduce_generator(_pickler: "StatePickler", generator: Any) -> Any:
    """Reduce a generator of random numbers to its state; the one of the process, to its place."""
    torch = sys.modules["torch"]
    if generator is torch.default_generator:
        return attribute, (torch, "default_generator")
    return rebuild.generator, (str(generator.device), bytes(generator.get_state().tolist()))


def reduce_optimizer(_pickler: "StatePickler", optimizer: Any) -> Any:
    """Reduce an optimiser with its hooks and what a scheduler put into it, which torch leaves behind."""
    made_of = (type(optimizer),)
    own = vars(optimizer)
    return copyreg.__newobj__, made_of, own, None, None, rebuild.set_optimizer  # type: ignore[attr-defined]  # typeshed leaves it out


def reduce_limits(_pickler: "StatePickler", limits: Any) -> Any:
    """Reduce what torch knows about a type of numbers to the type."""
    return type(limits), (getattr(sys.modules["torch"], limits.dtype),)


REDUCERS: Reducers = {
    ("torch", "finfo"): reduce_limits,
    ("torch", "iinfo"): reduce_limits,
    ("torch.jit._script", "ScriptModule"): refuse("a scripted module"),
    ("torch.nn.modules.module", "_WrappedHook"): reduce_by_attributes,
    ("torch", "Tensor"): reduce_tensor,
    ("torch._tensor", "Tensor"): reduce_tensor,
    ("torch.storage", "UntypedStorage"): reduce_storage,
    ("torch.storage", "TypedStorage"): reduce_typed_storage,
    ("torch._C", "Generator"): reduce_generator,
    ("torch.optim.optimizer", "Optimizer"): reduce_optimizer,
}
