"""numpy's values that are no arrays: dtypes, records that look into an array, polynomials and the like."""

import copyreg
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import arrays as rebuild
from runtrack_jupyter.state.rebuild.code import set_attributes
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_dtype(_pickler: "StatePickler", dtype: Any) -> Any:
    """Reduce the one dtype of a kind of number to its letter: pickle makes another, and of other numbers."""
    numpy = sys.modules["numpy"]
    if dtype.isbuiltin == 1 and numpy.dtype(dtype.char) is dtype:
        return numpy.dtype, (dtype.char,)
    return NotImplemented


def reduce_record(_pickler: "StatePickler", record: Any) -> Any:
    """Reduce an element of a structured array to its place there: writing to it writes to the array."""
    array = record.base
    if array is None or record.dtype.hasobject or record.flags.owndata:
        return NotImplemented
    index = _index_of(array, _address(record) - array.__array_interface__["data"][0])
    if _address(array[index]) != _address(record):
        raise CannotSaveError("an element of an array that cannot be found there")
    return rebuild.record, (array, index)


def _address(record: Any) -> int:
    numpy = sys.modules["numpy"]
    address: int = numpy.frombuffer(record, numpy.uint8).__array_interface__["data"][0]
    return address


def _index_of(array: Any, offset: int) -> tuple[int, ...]:
    """Return where in an array the element lies that begins at `offset` from its first."""
    index = [0] * array.ndim
    backwards = [axis for axis in range(array.ndim) if array.strides[axis] < 0]
    offset -= sum(array.strides[axis] * (array.shape[axis] - 1) for axis in backwards)
    for axis in sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis])):
        stride, last = abs(array.strides[axis]), array.shape[axis] - 1
        index[axis] = min(offset // stride, last) if stride else 0
        offset -= index[axis] * stride
        if axis in backwards:
            index[axis] = last - index[axis]
    return tuple(index)


def reduce_by_attributes(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce an object to its attributes, where its own way of being pickled copies or drops some of them."""
    made_of = (type(value),)
    return copyreg.__newobj__, made_of, vars(value), None, None, set_attributes  # type: ignore[attr-defined]  # typeshed leaves it out


def reduce_limits(_pickler: "StatePickler", limits: Any) -> Any:
    """Reduce what numpy knows about a floating type to the type."""
    return type(limits), (limits.dtype,)


def reduce_calendar(_pickler: "StatePickler", calendar: Any) -> Any:
    """Reduce a calendar of business days to what it is made of."""
    return type(calendar), (calendar.weekmask, calendar.holidays)


REDUCERS: Reducers = {
    ("numpy", "dtype"): reduce_dtype,
    ("numpy", "void"): reduce_record,
    ("numpy", "finfo"): reduce_limits,
    ("numpy", "iinfo"): reduce_limits,
    ("numpy", "busdaycalendar"): reduce_calendar,
    ("numpy.polynomial._polybase", "ABCPolyBase"): reduce_by_attributes,
    ("scipy.sparse._dok", "_dok_base"): reduce_by_attributes,
}
