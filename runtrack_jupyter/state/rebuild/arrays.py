"""ndarrays, made again as owners of their memory and views over it."""

import importlib
import math
import sys
import warnings
from typing import Any

from runtrack_jupyter.state.rebuild import Loader

__all__ = [
    "BOUND",
    "array",
    "flat_bytes",
    "flat_elements",
    "object_array",
    "object_view",
    "record",
    "region",
    "set_objects",
    "view",
]

BOUND = frozenset({"array", "set_objects", "object_view", "region", "view"})


def array(
    loader: Loader,
    index: int,
    kind: type,
    dtype: Any,
    layout: tuple[tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array that owns its memory, filled from buffer `index` (-1: it has no bytes)."""
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    shape, strides = layout
    made = numpy.ndarray.__new__(kind, shape, dtype, strides=strides if index >= 0 else None)
    if index >= 0:
        loader.fill(index, memoryview(flat_bytes(made)))
    if not writeable:
        loader.freeze(made)
    return made


def region(loader: Loader, index: int, size: int) -> Any:
    """Return `size` bytes of memory that arrays look at, and that no array owned."""
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    made = numpy.empty(size, numpy.uint8)
    loader.fill(index, memoryview(made))
    return made


def flat_bytes(owner: Any) -> Any:
    """Return the memory of a dense array, whatever the order of its axes, as an array of bytes."""
    return flat_elements(owner).view(sys.modules["numpy"].uint8)


def view(
    loader: Loader,
    owner: Any,
    kind: type,
    dtype: Any,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array that looks at the memory of `owner`."""
    numpy = sys.modules["numpy"]
    offset, shape, strides = layout
    memory = flat_bytes(owner) if isinstance(owner, numpy.ndarray) else owner
    made = numpy.ndarray(shape, dtype, buffer=memory, offset=offset, strides=strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if not writeable:
        loader.freeze(made)
    return made


def object_array(kind: type, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Any:
    """Return an array for Python objects; they follow as state.

    It has its full memory from the start: a view of it may be among its own elements.
    """
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    return numpy.ndarray.__new__(kind, shape, dtype, strides=strides)


def set_objects(loader: Loader, target: Any, state: tuple[list[Any], dict[str, Any] | None, bool]) -> None:
    """Fill an array with Python objects, in the order of its memory."""
    numpy = sys.modules["numpy"]
    elements, own, writeable = state
    loader.moved(elements, target)
    flat = flat_elements(target)
    if target.dtype == object:
        flat[:] = numpy.fromiter(elements, object, len(elements))
    else:
        for index, element in enumerate(elements):
            flat[index] = element
    if own:
        target.__dict__.update(own)
    if not writeable:
        target.flags.writeable = False


def flat_elements(owner: Any) -> Any:
    """Return the elements of a dense array in the order of its memory."""
    numpy = sys.modules["numpy"]
    order = sorted(range(owner.ndim), key=lambda axis: (-owner.strides[axis], axis))
    plain = owner.view(numpy.ndarray) if type(owner) is not numpy.ndarray else owner
    return plain.transpose(order).reshape(-1)


def object_view(
    loader: Loader,
    owner: Any,
    kind: type,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array of objects that looks at the elements of `owner`; `layout` counts in bytes."""
    numpy = sys.modules["numpy"]
    offset, shape, strides = layout
    elements, first = flat_elements(owner), offset // owner.itemsize
    size = math.prod(shape)
    if len(shape) == 1 and strides[0] and strides[0] % owner.itemsize == 0:
        made = elements[first :: strides[0] // owner.itemsize][: shape[0]]
    elif first + size <= elements.size and min(strides, default=1) >= 0:
        made = elements[first : first + size].reshape(shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.strides = strides  # the only way to lay it out and have `owner` as its base
    else:
        made = numpy.lib.stride_tricks.as_strided(elements[first:], shape, strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if not writeable:
        loader.freeze(made)
    return made


def record(array: Any, index: tuple[int, ...]) -> Any:
    """Return an element of a structured array, which writes to the array."""
    return array[index]
