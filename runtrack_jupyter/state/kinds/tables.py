"""pandas: frames and series through their blocks, so that shared memory and copy-on-write come back.

● pandas saves neither which blocks share memory nor views; a write to a restored series would then leak into
the frame it was taken from. Index objects are immutable: they tie nothing together.
"""

import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.arrays import Frozen
from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.kinds.numbers import reduce_by_attributes
from runtrack_jupyter.state.rebuild import tables as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_frame(_pickler: "StatePickler", frame: Any) -> Any:
    """Reduce a frame or series as pandas does, with the attributes and the very `attrs` that it leaves behind."""
    reduced = frame.__reduce_ex__(5)
    if len(reduced) < 3 or not isinstance(reduced[2], dict):
        return reduced
    state = dict(reduced[2])
    if "_metadata" in state:
        # One list for all frames of the process: it would tie them all into one component.
        state["_metadata"] = list(state["_metadata"])
    attrs = getattr(frame, "_attrs", None)
    state.pop("attrs", None)
    own = {name: value for name, value in vars(frame).items() if name not in state and name not in _INTERNAL}
    return reduced[0], reduced[1], (state, attrs, own), None, None, rebuild.set_frame


_INTERNAL = frozenset({"_mgr", "_attrs", "_flags", "_typ", "_metadata", "_item_cache", "_cache", "_cacher"})


def reduce_single_manager(_pickler: "StatePickler", manager: Any) -> Any:
    """Reduce the manager of a series with its block, of which pandas keeps the values only."""
    return rebuild.single_manager, (type(manager), manager.blocks[0], manager.axes[0])


def reduce_block(_pickler: "StatePickler", block: Any) -> Any:
    """Reduce a block with the record of who shares its values."""
    placement = block.mgr_locs.indexer
    if not isinstance(placement, slice):
        placement = Frozen(placement)
    return rebuild.block, (block.values, placement, block.ndim, block.refs)


def reduce_block_references(_pickler: "StatePickler", _references: Any) -> Any:
    """Reduce the record of sharing to an empty one, which the blocks fill as they come."""
    return rebuild.block_references, ()


def reduce_index(pickler: "StatePickler", index: Any) -> Any:
    """Reduce an index with its arrays set free from their owners, unless a column shares its memory."""
    reduced = index.__reduce__()
    function, arguments = reduced[0], reduced[1]
    if len(arguments) != 2 or not isinstance(arguments[1], dict):
        return reduced
    parts = arguments[1]
    if parts.keys() <= {"data", "name", "freq"} and _shared_with_a_column(index):
        # pandas copies before it writes to such a column: that must not be forgotten, or the index would change.
        return rebuild.shared_index, (type(index), parts["data"], parts.get("name"), index._references)
    return function, (arguments[0], {name: _freed(pickler, value) for name, value in parts.items()})


def _shared_with_a_column(index: Any) -> bool:
    references = getattr(index, "_references", None)
    if references is None:
        return False
    block = sys.modules["pandas._libs.internals"].Block
    return any(isinstance(reference(), block) for reference in references.referenced_blocks)


def _freed(pickler: "StatePickler", value: Any) -> Any:
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.ndarray):
        return Frozen(value)
    if isinstance(value, list):
        return [_freed(pickler, each) for each in value]
    if isinstance(value, sys.modules["pandas"].api.extensions.ExtensionArray):
        copy = value.copy()
        pickler.passing(copy, getattr(copy, "_ndarray", None))
        return copy
    return value


def reduce_options(_pickler: "StatePickler", options: Any) -> Any:
    """Reduce the options of an Arrow function to Arrow's own form."""
    saved = options.serialize().to_pybytes()
    if type(rebuild.arrow_options(saved)) is not type(options):
        raise CannotSaveError(f"{type(options).__name__}, which Arrow reads back as another class")
    return rebuild.arrow_options, (saved,)


def reduce_buffer(pickler: "StatePickler", buffer: Any) -> Any:
    """Reduce memory of Arrow's that is an array's to that array; Arrow does not say whose it is, and copies it."""
    if not buffer.is_cpu or not buffer.size:
        return NotImplemented
    found = pickler.regions.lenders.owner_of(pickler.namespace, buffer.address, buffer.size)
    return NotImplemented if found is None else (rebuild.arrow_buffer, (*found, buffer.size))


def reduce_format(_pickler: "StatePickler", file_format: Any) -> Any:
    """Reduce a format without options to itself; Arrow makes its base class of it."""
    return type(file_format), ()


REDUCERS: Reducers = {
    ("pandas.api.typing", "Expression"): reduce_by_attributes,
    ("pyarrow._compute", "FunctionOptions"): reduce_options,
    ("pyarrow._dataset", "FeatherFileFormat"): reduce_format,
    ("pyarrow.lib", "Buffer"): reduce_buffer,
    ("pandas.core.generic", "NDFrame"): reduce_frame,
    ("pandas.core.internals.managers", "SingleBlockManager"): reduce_single_manager,
    ("pandas._libs.internals", "Block"): reduce_block,
    ("pandas._libs.internals", "BlockValuesRefs"): reduce_block_references,
    ("pandas", "Index"): reduce_index,
    ("pandas.core.indexes.base", "Index"): reduce_index,
}
