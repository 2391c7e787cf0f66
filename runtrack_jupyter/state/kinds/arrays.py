"""ndarrays: the memory of an owner is saved once, out of band; views are rebuilt over it.

The owner is found at the end of the chain of `base`. Where no ndarray owns the memory, it is a bytes-like
object that pickles by itself, or a `Region`: the joint extent of all arrays that look at it in one pass.
"""

import array as array_module
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from runtrack_jupyter.state.kinds.foreign import Lenders
from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.kinds.mapped import holder_of, reduce_mapped
from runtrack_jupyter.state.kinds.tensors import reduce_array_of_tensor
from runtrack_jupyter.state.rebuild import arrays as rebuild
from runtrack_jupyter.state.rebuild.code import set_attributes
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "Frozen", "Region", "Regions"]

_SELF_SAVING = (bytes, bytearray, array_module.array)


class Region(msgspec.Struct, eq=False):
    """Memory that arrays share and no ndarray owns."""

    start: int
    stop: int
    keeper: Any  # keeps the memory alive for the pass


class Regions(msgspec.Struct, eq=False):
    """The regions of one pass; overlapping address ranges are one region."""

    known: list[Region] = []
    grown: bool = False  # one became larger after it was first used: pickle again
    lenders: Lenders = msgspec.field(default_factory=Lenders)

    def covering(self, start: int, stop: int, keeper: Any) -> Region:
        """Return the region that holds the range, growing or merging those it touches."""
        touched = [each for each in self.known if start < each.stop and each.start < stop]
        if not touched:
            self.known.append(Region(start, stop, keeper))
            return self.known[-1]
        first = touched[0]
        low = min(start, *(each.start for each in touched))
        high = max(stop, *(each.stop for each in touched))
        if (low, high) != (first.start, first.stop) or len(touched) > 1:
            first.start, first.stop = low, high
            self.known = [each for each in self.known if each is first or each not in touched]
            self.grown = True
        return first


class Frozen:
    """An array whose bytes are saved without tying it to its owner: a part of something immutable."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array


class _Address:
    """Memory at an address, as numpy's array interface describes it."""

    def __init__(self, start: int, size: int) -> None:
        self.__array_interface__ = {"shape": (size,), "typestr": "|u1", "data": (start, True), "version": 3}


def _address(array: Any) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _is_dense(array: Any) -> bool:
    """Tell whether the array covers its memory without holes, in whatever order of axes."""
    if array.flags.forc:
        return True
    expected = array.itemsize
    for stride, length in sorted(zip(array.strides, array.shape, strict=True)):
        if length == 1:
            continue
        if stride != expected:
            return False
        expected *= length
    return True


def _is_empty(array: Any) -> bool:
    return bool(array.size == 0 or array.itemsize == 0)


def _owner_of(array: Any) -> Any:
    """Return what owns the memory: an ndarray (maybe `array` itself) or another object."""
    numpy = sys.modules["numpy"]
    owner = array
    while True:
        base = owner.base
        if isinstance(base, memoryview):
            base = base.obj
        elif type(base).__name__ == "DummyArray" and type(base).__module__.startswith("numpy.lib"):
            base = base.base  # what `as_strided` puts between an array and its view
        if base is None:
            return owner
        owner = base
        if not isinstance(owner, numpy.ndarray):
            return owner


def reduce_array(pickler: "StatePickler", array: Any) -> Any:
    """Reduce an array of any kind; the memory goes out of band unless it holds Python objects."""
    numpy = sys.modules["numpy"]
    owner = _owner_of(array)
    holder = holder_of(array, owner, numpy)
    if holder is None and isinstance(array, numpy.memmap) and array.mode in ("r+", "w+"):
        raise CannotSaveError("an array that writes to a file without a name")
    if holder is not None:
        made = reduce_mapped(pickler, array, holder)
    elif hasattr(owner, "untyped_storage"):
        made = reduce_array_of_tensor(pickler, array, owner)
    elif _is_empty(array) and (owner is array or not isinstance(owner, numpy.ndarray) or _is_empty(owner)):
        made = rebuild.array, (-1, type(array), array.dtype, (array.shape, ()), array.flags.writeable)
    elif owner is array and (array.dtype.hasobject or _is_dense(array)):
        if array.dtype.hasobject:
            return _objects_in_band(pickler, array)
        made = _owned(pickler, array)
    elif array.dtype.hasobject:
        made = _object_view(array, owner)
    else:
        made = _view(pickler, array, owner, numpy)
    if type(array) is numpy.ndarray or not getattr(array, "__dict__", None):
        return made
    own = array.__dict__
    if isinstance(array, numpy.memmap):
        own = {name: value for name, value in own.items() if name != "_mmap"}
    return *made, own, None, None, set_attributes


def _objects_in_band(pickler: "StatePickler", array: Any) -> Any:
    made_of = (type(array), array.dtype, array.shape, array.strides if _is_dense(array) else None)
    elements = rebuild.flat_elements(array).tolist()
    state = (pickler.apart(elements, array), getattr(array, "__dict__", None), array.flags.writeable)
    return rebuild.object_array, made_of, state, None, None, rebuild.set_objects


def _owned(pickler: "StatePickler", array: Any) -> Any:
    index = pickler.add_buffer(rebuild.flat_bytes(array))
    layout = (array.shape, array.strides)
    return rebuild.array, (index, type(array), array.dtype, layout, array.flags.writeable)


def _view(pickler: "StatePickler", array: Any, owner: Any, numpy: Any) -> Any:
    if (
        isinstance(owner, numpy.ndarray)
        and not owner.dtype.hasobject
        and _is_dense(owner)
        and owner is not array
    ):
        start = _address(owner)
        holder = owner
    elif isinstance(owner, _SELF_SAVING):
        start = _address(numpy.frombuffer(owner, numpy.uint8))
        holder = owner
    else:
        low, high = numpy.lib.array_utils.byte_bounds(array)
        holder = pickler.regions.covering(low, high, array)
        pickler.tie(holder)
        start = holder.start
    layout = (_address(array) - start, array.shape, array.strides)
    return rebuild.view, (holder, type(array), array.dtype, layout, array.flags.writeable)


def _object_view(array: Any, owner: Any) -> Any:
    if not isinstance(owner, sys.modules["numpy"].ndarray) or owner.dtype != array.dtype or owner is array:
        raise CannotSaveError("an array of Python objects in memory of another kind")
    layout = (_address(array) - _address(owner), array.shape, array.strides)
    return rebuild.object_view, (owner, type(array), layout, array.flags.writeable)


def reduce_region(pickler: "StatePickler", region: Region) -> Any:
    """Reduce memory without an owner to its bytes."""
    size = region.stop - region.start
    index = pickler.add_buffer(sys.modules["numpy"].asarray(_Address(region.start, size)))
    return rebuild.region, (index, size)


def reduce_frozen(pickler: "StatePickler", frozen: Frozen) -> Any:
    """Reduce an array inside something immutable to its bytes."""
    array = frozen.array
    if array.dtype.hasobject:
        return _objects_in_band(pickler, array if _is_dense(array) else array.copy())
    if _is_empty(array):
        return rebuild.array, (-1, type(array), array.dtype, (array.shape, ()), array.flags.writeable)
    dense = array if _is_dense(array) else array.copy()
    return _owned(pickler, dense)


REDUCERS: Reducers = {
    ("numpy", "ndarray"): reduce_array,
    (Region.__module__, Region.__qualname__): reduce_region,
    (Frozen.__module__, Frozen.__qualname__): reduce_frozen,
}
