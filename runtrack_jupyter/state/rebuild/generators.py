"""Generators and coroutines, made again before their beginning or after their end."""

import inspect
import types
from typing import Any

__all__ = ["ended", "generator"]

_KINDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def generator(
    function: types.FunctionType, positional: tuple[Any, ...], named: dict[str, Any], name: str, qualname: str
) -> Any:
    """Return what the call of a generator function gives; none of its code runs."""
    if not function.__code__.co_flags & _KINDS:
        message = f"{qualname} is no generator function any more"
        raise TypeError(message)
    made = function(*positional, **named)
    made.__name__, made.__qualname__ = name, qualname
    return made


def ended(code: types.CodeType, name: str, qualname: str) -> Any:
    """Return a generator or coroutine that has ended."""
    function = types.FunctionType(code, {}, name, None, tuple(types.CellType() for _ in code.co_freevars))
    named = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    made = generator(function, (None,) * code.co_argcount, dict.fromkeys(named), name, qualname)
    made.close()
    return made
