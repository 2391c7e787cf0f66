"""What reduces the objects of one kind."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["Handler", "Reducers"]

Handler = Callable[["StatePickler", Any], Any]  # returns what `reducer_override` may return
Reducers = dict[tuple[str, str], Handler]  # by module and qualified name of the type
