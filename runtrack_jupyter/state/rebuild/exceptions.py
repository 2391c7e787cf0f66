"""Exceptions and tracebacks, made again."""

import types
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

__all__ = ["exception", "origin_of", "set_exception", "set_linked", "traceback"]

_Frame = tuple[str, str, int, int, "str | None"]  # file, function, its first line, the line, module
_Links = tuple["BaseException | None", "BaseException | None", bool, "Sequence[_Frame] | None"]


def exception(kind: type, origin: type, args: tuple[Any, ...]) -> Any:
    """Return an exception whose constructor did not run; `origin` is the builtin class it is made by."""
    return origin.__new__(kind, *args)


def origin_of(kind: type) -> type:
    """Return the builtin class that an exception is made by: of several, the one that holds most."""
    return max(
        (each for each in kind.__mro__ if each.__module__ == "builtins"), key=attrgetter("__basicsize__")
    )


def set_exception(
    target: BaseException, state: tuple[tuple[Any, ...], dict[str, Any], dict[str, Any], _Links]
) -> None:
    """Give an exception everything it held."""
    args, own, slots, links = state
    target.args = args
    target.__dict__.update(own)
    origin = origin_of(type(target))
    for name, value in slots.items():
        descriptor = getattr(origin, name, None)
        if descriptor is None:
            setattr(target, name, value)
        else:  # the class may have a property of that name
            descriptor.__set__(target, value)
    _link(target, links)


def set_linked(target: Any, state: tuple[bool, Any, _Links]) -> None:
    """Give an exception that pickles in its own way its state, and what it is linked to."""
    has_own_way, own, links = state
    if own is not None:
        if has_own_way:
            target.__setstate__(own)
        else:
            own, slots = own if isinstance(own, tuple) else (own, None)
            target.__dict__.update(own or {})
            for name, value in (slots or {}).items():
                setattr(target, name, value)
    _link(target, links)


def _link(target: BaseException, links: _Links) -> None:
    cause, context, suppress, frames = links
    target.__cause__, target.__context__ = cause, context
    target.__suppress_context__ = suppress  # setting a cause sets it as well
    if frames is not None:
        target.__traceback__ = traceback(frames)


def traceback(frames: Sequence[_Frame]) -> types.TracebackType | None:
    """Return a traceback of these lines, over frames that never ran them."""
    made: types.TracebackType | None = None
    frame_of: dict[tuple[str, str, int, str | None], types.FrameType] = {}
    for file, function, first_line, line, module in reversed(frames):
        key = (file, function, first_line, module)
        if key not in frame_of:
            frame_of[key] = _frame(file, function, first_line, module)
        made = types.TracebackType(made, frame_of[key], -1, line)
    return made


def _frame(file: str, function: str, first_line: int, module: str | None) -> types.FrameType:
    """Return the frame of a function that did nothing but fail, under the name of another."""
    code = _fail.__code__.replace(co_filename=file, co_name=function, co_firstlineno=first_line)
    try:
        types.FunctionType(code, {"__name__": module, "__file__": file})()
    except AssertionError as error:
        failed = error.__traceback__
        if failed is not None and failed.tb_next is not None:
            return failed.tb_next.tb_frame
    message = "a frame could not be made"
    raise ValueError(message)


def _fail() -> None:
    raise AssertionError
