"""Arrays and tables as text: what they are, how large, and how they begin.

The libraries are reached only where user code has imported them; of a value only its first items are touched.
"""

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

from runtrack_jupyter.model import Scalar

__all__ = ["describe_table"]

_ITEMS = 8
_COLUMNS = 20

Described = tuple[str, str, str, Scalar]
Items = Callable[[Iterable[Any]], str]


def describe_table(value: Any, items: Items) -> Described | None:
    """Return type, shape, preview and scalar of an array or table, None for anything else.

    `items` writes values, bounded. May raise whatever the library raises.
    """
    for kind in type(
        value
    ).__mro__:  # a subclass of the notebook's, or of another library's, is a table as well
        library = str(kind.__module__).partition(".")[0]
        if library in _DESCRIBERS and library in sys.modules:
            found = _DESCRIBERS[library](value, items)
            if found is not None:
                return found
    return None


def _shape(shape: Iterable[Any]) -> str:
    return " × ".join(str(length) for length in shape)


def _numpy(value: Any, items: Items) -> Described | None:
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.generic):
        plain = value.item()
        column = plain if isinstance(plain, bool | int | float | str) else None
        if isinstance(column, float) and not math.isfinite(column):
            column = None
        return type(value).__name__, "", str(value), column
    if isinstance(value, numpy.ndarray):
        return _array(value.view(numpy.ndarray), items, type(value).__name__)
    return None


def _array(array: Any, items: Items, kind: str) -> Described:
    body = items(array.flat[:_ITEMS].tolist()) + (", …" if array.size > _ITEMS else "")
    return f"{kind} {array.dtype}"[:80], _shape(array.shape), body, None


def _pandas(value: Any, items: Items) -> Described | None:
    pandas = sys.modules["pandas"]
    kind = type(value).__name__
    if isinstance(value, pandas.DataFrame):
        names = items_of_index(value.columns, items, _COLUMNS)
        return kind, _shape(value.shape), names, None
    if isinstance(value, pandas.Series):
        body = items(value.iloc[:_ITEMS].tolist()) + (", …" if len(value) > _ITEMS else "")
        return f"{kind} {value.dtype}"[:80], str(len(value)), body, None
    if isinstance(value, pandas.Index):
        return f"{kind} {value.dtype}"[:80], str(len(value)), items_of_index(value, items, _ITEMS), None
    return None


def items_of_index(index: Any, items: Items, limit: int) -> str:
    """Return the first names of an index; texts without their quotes, as a table's head shows them."""
    names = [name if isinstance(name, str) else items([name]) for name in index[:limit].tolist()]
    return ", ".join(names) + (", …" if len(index) > limit else "")


def _polars(value: Any, items: Items) -> Described | None:
    polars = sys.modules["polars"]
    kind = type(value).__name__
    if isinstance(value, polars.DataFrame):
        names = value.columns
        return (
            kind,
            _shape(value.shape),
            ", ".join(names[:_COLUMNS]) + (", …" if len(names) > _COLUMNS else ""),
            None,
        )
    if isinstance(value, polars.Series):
        body = items(value.head(_ITEMS).to_list()) + (", …" if len(value) > _ITEMS else "")
        return f"{kind} {value.dtype}", str(len(value)), body, None
    return None


def _torch(value: Any, items: Items) -> Described | None:
    torch = sys.modules["torch"]
    if not isinstance(value, torch.Tensor):
        return None
    kind = f"{type(value).__name__} {str(value.dtype).removeprefix('torch.')}"
    if value.device.type != "cpu":  # reading it would wait for the device
        return kind, _shape(value.shape), f"on {value.device}", None
    flat = value.detach().flatten()
    return (
        kind,
        _shape(value.shape),
        items(flat[:_ITEMS].tolist()) + (", …" if len(flat) > _ITEMS else ""),
        None,
    )


def _scipy(value: Any, items: Items) -> Described | None:
    sparse = sys.modules.get("scipy.sparse")
    if sparse is None or not sparse.issparse(value):
        return None
    kind = f"{type(value).__name__} {value.dtype}"
    return kind, _shape(value.shape), f"{value.nnz:,} stored: {items(value.data[:_ITEMS].tolist())}", None


_DESCRIBERS: dict[str, Callable[[Any, Items], Described | None]] = {
    "numpy": _numpy,
    "pandas": _pandas,
    "polars": _polars,
    "torch": _torch,
    "scipy": _scipy,
}
