"""Values that need no look: identity alone tells whether they are what they were."""

import types
from typing import Any

from runtrack_jupyter.state.kinds.functions import is_importable, is_imported

__all__ = ["is_by_name", "is_plain"]

_SMALL = 1 << 12  # longer texts are not kept alive to compare them


def is_plain(value: Any) -> bool:
    """Tell whether pickle saves the value by itself, without code of anybody's."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) <= _SMALL
    # One by one: a set would ask the hash of a class, and a metaclass may have its own.
    return kind is int or kind is float or kind is bool or kind is complex or value is None


def is_by_name(value: Any) -> bool:
    """Tell whether the value is saved as the place it is imported from."""
    kind = type(value)  # what `isinstance` asks of a weak proxy is its target's, or raises
    if issubclass(kind, types.ModuleType):
        return is_imported(value)
    return issubclass(kind, (types.FunctionType, type)) and is_importable(value)
