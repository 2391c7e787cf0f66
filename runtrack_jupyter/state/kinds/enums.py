"""Members of enumerations of the notebook: each is its class and its name."""

import copyreg
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.functions import is_importable
from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import classes as rebuild
from runtrack_jupyter.state.rebuild.code import set_attributes
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "bare_member"]


def bare_member(member: Any) -> tuple[Any, ...]:
    """Return what the data type of a member (`int`, `str`, a date …) makes it of, beside the class."""
    kind = type(member)._member_type_
    if kind is object:
        return ()
    make, made_of = kind.__reduce_ex__(member, 4)[:2]
    if make is copyreg.__newobj__:  # type: ignore[attr-defined]  # typeshed leaves it out
        return tuple(made_of[1:])
    if make is type(member):
        return tuple(made_of)
    raise CannotSaveError(f"a member of an enumeration of {kind.__name__}")


def reduce_member(pickler: "StatePickler", member: Any) -> Any:
    """Reduce a member to its name; a combination of flags, to its value."""
    cls = type(member)
    if is_importable(cls):
        return NotImplemented
    if cls._member_map_.get(member._name_) is member:
        return rebuild.member, (cls, member._name_)
    if id(cls) in pickler.class_roots:  # its class remembers it, and cannot be asked while it is made
        made_of = (cls, cls._member_type_, bare_member(member))
        return rebuild.bare_member, made_of, vars(member), None, None, set_attributes
    return cls, (member._value_,)


REDUCERS: Reducers = {("enum", "Enum"): reduce_member}
