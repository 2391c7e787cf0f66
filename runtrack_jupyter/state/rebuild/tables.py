"""pandas' blocks and managers, made again with the record of who shares memory."""

import importlib
import warnings
from collections.abc import Callable
from typing import Any

from runtrack_jupyter.state.rebuild.arrays import flat_bytes

__all__ = [
    "arrow_buffer",
    "arrow_options",
    "block",
    "block_references",
    "set_frame",
    "shared_index",
    "single_manager",
]


def block_references() -> Any:
    """Return the record of which blocks share memory, empty; each block adds itself."""
    internals = importlib.import_module("pandas._libs.internals")
    return internals.BlockValuesRefs()


def block(values: Any, placement: Any, ndim: int, references: Any) -> Any:
    """Return a block that is known to share its values with every block of `references`."""
    internals = importlib.import_module("pandas._libs.internals")
    blocks = importlib.import_module("pandas.core.internals.blocks")
    placed = internals.BlockPlacement(placement)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return blocks.new_block(values, placement=placed, ndim=ndim, refs=references)


def shared_index(kind: Any, data: Any, name: Any, references: Any) -> Any:
    """Return an index over memory that a column looks at as well."""
    return kind._simple_new(data, name, references)


def single_manager(kind: Callable[..., Any], values: Any, axis: Any) -> Any:
    """Return the manager of a series."""
    return kind(values, axis)


def set_frame(target: Any, state: tuple[dict[str, Any], Any, dict[str, Any]]) -> None:
    """Give a frame or series what pandas saves of it, and its other attributes."""
    saved, attrs, own = state
    target.__setstate__(dict(saved))
    target.__dict__.pop("_typ", None)  # the class's; pandas leaves a copy behind
    if attrs is not None:
        object.__setattr__(target, "_attrs", attrs)
    target.__dict__.update(own)


def arrow_buffer(owner: Any, offset: int, size: int) -> Any:
    """Return a buffer of Arrow's over the memory of an array."""
    return importlib.import_module("pyarrow").py_buffer(flat_bytes(owner)[offset : offset + size])


def arrow_options(saved: bytes) -> Any:
    """Return the options of an Arrow function."""
    buffer = importlib.import_module("pyarrow").py_buffer(saved)
    return importlib.import_module("pyarrow.compute").FunctionOptions.deserialize(buffer)
