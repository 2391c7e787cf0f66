"""Generators and coroutines that have not begun, or have ended: they are their function and its arguments."""

import gc
import inspect
import types
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Handler, Reducers
from runtrack_jupyter.state.rebuild import generators as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def _reduce(prefix: str, words: str) -> Handler:
    def reduce(pickler: "StatePickler", generator: Any) -> Any:
        frame = getattr(generator, f"{prefix}_frame")
        code: types.CodeType = getattr(generator, f"{prefix}_code")
        names = (generator.__name__, generator.__qualname__)
        if frame is None and prefix != "ag":
            return rebuild.ended, (code, *names)
        if frame is None or not _has_not_begun(generator, prefix, frame):
            raise CannotSaveError(words)
        pickler.holds_code = True
        function = _function_of(generator, code, frame)
        return rebuild.generator, (function, *_arguments(code, dict(frame.f_locals)), *names)

    return reduce


def _has_not_begun(generator: Any, prefix: str, frame: types.FrameType) -> bool:
    if getattr(generator, f"{prefix}_running"):
        return False
    suspended = getattr(generator, f"{prefix}_suspended", None)
    if suspended is None:  # Python 3.10, and asynchronous generators before 3.12
        return frame.f_lasti == -1
    return not suspended


def _function_of(generator: Any, code: types.CodeType, frame: types.FrameType) -> types.FunctionType:
    for each in gc.get_referents(generator):
        if isinstance(each, types.FunctionType) and each.__code__ is code:
            return each
    # Python 3.10 keeps no function, but the frame holds its cells, those of free names last.
    cells = [each for each in gc.get_referents(frame) if isinstance(each, types.CellType)]
    closure = tuple(cells[len(cells) - len(code.co_freevars) :])
    return types.FunctionType(code, frame.f_globals, generator.__name__, None, closure)


def _arguments(code: types.CodeType, values: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and the named arguments of a call that had just been made."""
    names = code.co_varnames
    count, named = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    positional = tuple(values[name] for name in names[:count])
    keywords = {name: values[name] for name in names[count:named]}
    if code.co_flags & inspect.CO_VARARGS:
        positional += values[names[named]]
        named += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        keywords.update(values[names[named]])
    return positional, keywords


REDUCERS: Reducers = {
    ("builtins", "generator"): _reduce("gi", "a generator that has begun"),
    ("builtins", "coroutine"): _reduce("cr", "a coroutine that has begun"),
    ("builtins", "async_generator"): _reduce("ag", "an asynchronous generator"),
}
