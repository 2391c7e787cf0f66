"""Memory that a library borrowed from an array: whose it is can only be told by its address."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["array_at"]


def array_at(namespace: Mapping[str, Any], start: int, size: int) -> tuple[Any, int] | None:
    """Return the array of the notebook that owns the memory, and how far into it; None where no variable does.

    Whoever lends memory to another library keeps the array in a variable, or has no way left to see that it is
    shared: so that only variables are asked, not everything they reach.
    """
    for owner in _owners(namespace):
        if owner.dtype.hasobject:
            continue
        first = owner.__array_interface__["data"][0]
        if first <= start and start + size <= first + owner.nbytes and owner.flags.forc:
            return owner, start - first
    return None


def _owners(namespace: Mapping[str, Any]) -> Iterator[Any]:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is None:
        return
    frames = (pandas.DataFrame, pandas.Series) if pandas is not None else ()
    for value in tuple(namespace.values()):
        if isinstance(value, numpy.ndarray):
            arrays = [value]
        elif isinstance(value, frames):
            arrays = [block.values for block in value._mgr.blocks if isinstance(block.values, numpy.ndarray)]
        else:
            continue
        for array in arrays:
            while isinstance(array.base, numpy.ndarray):
                array = array.base
            if array.base is None:
                yield array
