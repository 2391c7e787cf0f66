"""Exceptions and tracebacks.

Pickle makes an exception again by calling its class with `args`: that fails for many classes with a constructor
of their own, and loses cause, context, traceback and what the C classes keep (`AttributeError.obj`). Here it is
made without its constructor and given back all of it.
"""

import copyreg
import types
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import exceptions as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_COMMON = frozenset({"args", "__traceback__", "__cause__", "__context__", "__suppress_context__", "__dict__"})
_READ_ONLY = frozenset({"message", "exceptions"})  # of exception groups, which are made with them
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_OWN_WAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")


def reduce_exception(pickler: "StatePickler", value: BaseException) -> Any:
    """Reduce an exception to its class, its arguments and everything it holds."""
    kind = type(value)
    if any(_is_of_user(kind, name) for name in _OWN_WAYS):
        reduced = value.__reduce_ex__(5)
        if not isinstance(reduced, tuple):
            return reduced
        make, made_of, *rest = reduced
        state = rest[0] if rest else None
        linked = (_is_of_user(kind, "__setstate__"), state, _links(pickler, value))
        return make, made_of, linked, None, None, rebuild.set_linked
    origin = rebuild.origin_of(kind)
    state = (value.args, vars(value), _slots(value, origin), _links(pickler, value))
    return rebuild.exception, (kind, origin, value.args), state, None, None, rebuild.set_exception


def _is_of_user(kind: type, name: str) -> bool:
    """Tell whether a class written in Python says how it is pickled."""
    return isinstance(getattr(kind, name, None), types.FunctionType)


def _links(pickler: "StatePickler", value: BaseException) -> tuple[Any, ...]:
    traceback = value.__traceback__
    frames = None if traceback is None else _frames(pickler, traceback)
    return value.__cause__, value.__context__, value.__suppress_context__, frames


def _slots(value: BaseException, origin: type) -> dict[str, Any]:
    """Return what lies outside `__dict__`: in the slots of its class, and in those of the C class below."""
    found: dict[str, Any] = {}
    for name in copyreg._slotnames(type(value)):  # type: ignore[attr-defined]  # not in typeshed
        if hasattr(value, name):
            found[name] = getattr(value, name)
    for each in origin.__mro__[:-1]:
        for name, kind in vars(each).items():
            if type(kind) not in _DESCRIPTORS or name in _COMMON or name in _READ_ONLY:
                continue
            try:
                held = kind.__get__(value)
            except (AttributeError, TypeError):  # a detail that this one does not have
                continue
            if held is not None:  # to C, a file name that is None is a file name
                found[name] = held
    return found


def reduce_traceback(pickler: "StatePickler", traceback: types.TracebackType) -> Any:
    """Reduce a traceback to its lines."""
    return rebuild.traceback, (_frames(pickler, traceback),)


def _frames(pickler: "StatePickler", traceback: types.TracebackType) -> list[tuple[Any, ...]]:
    pickler.note_rebuilt("a traceback with its lines and without the values of its frames")
    frames = []
    following: types.TracebackType | None = traceback
    while following is not None:
        code = following.tb_frame.f_code
        module = following.tb_frame.f_globals.get("__name__")
        place = (code.co_filename, code.co_name, code.co_firstlineno)
        frames.append((*place, following.tb_lineno, module if type(module) is str else None))
        following = following.tb_next
    return frames


REDUCERS: Reducers = {
    ("builtins", "BaseException"): reduce_exception,
    ("builtins", "traceback"): reduce_traceback,
}
