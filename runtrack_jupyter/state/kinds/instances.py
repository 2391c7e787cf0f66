"""Instances whose `__dict__` somebody else holds as well: ``d = vars(instance)``.

● Pickle makes the instance another dict and copies the items: after a restore, a write to `d` would no longer reach it.
"""

import copyreg
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.rebuild.code import own_dict

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["reduce_ordinary"]


def _references(instance: Any) -> int:
    """Return how many references to its `__dict__` are seen from here."""
    return sys.getrefcount(instance.__dict__)


class _Alone:
    """An instance whose dict is held by nobody else."""


_OWN = _references(_Alone())  # measured: versions of Python differ in what a running function itself holds


def reduce_ordinary(pickler: "StatePickler", instance: Any) -> Any:
    """Leave an instance to pickle, unless its dict is held elsewhere too: then that very dict comes back."""
    held = _references(instance) - _OWN
    if held <= 0 or held <= pickler.holding(instance.__dict__):
        return NotImplemented
    made_of = (type(instance),)
    return copyreg.__newobj__, made_of, instance.__dict__, None, None, own_dict  # type: ignore[attr-defined]
