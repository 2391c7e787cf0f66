"""The public classes of a library, and an instance of each where one can be made."""

import enum
import importlib
import inspect
import signal
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.objects.entry import Shelf

__all__ = ["Made", "classes_of", "instance_of", "limited"]

_SECONDS = 10

_ARGUMENTS = {
    "name": "'a'",
    "shape": "(2, 3)",
    "size": "3",
    "n": "3",
    "text": "'text'",
    "string": "'text'",
    "data": "[1, 2, 3]",
    "values": "[1, 2, 3]",
    "value": "1",
    "x": "[1.0, 2.0, 3.0, 4.0]",
    "y": "[1.0, 4.0, 9.0, 16.0]",
    "func": "len",
    "function": "len",
    "fn": "len",
    "key": "'a'",
    "index": "0",
    "label": "'a'",
}
_ANY = ("[1.0, 2.0, 3.0, 4.0]", "3", "'a'", "1.0", "{'a': 1}")


class Made:
    """An instance and the expression that made it."""

    def __init__(self, expression: str, value: Any) -> None:
        self.expression = expression
        self.value = value


class OverTimeError(BaseException):
    """Making it took too long; no constructor catches this."""


@contextmanager
def limited(seconds: int = _SECONDS) -> Iterator[None]:
    """End what takes longer, wherever it is."""

    def end(_number: int, _frame: types.FrameType | None) -> None:
        raise OverTimeError

    former = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


def classes_of(shelf: Shelf) -> dict[str, type]:
    """Return the public classes of the library by the name people use, each once."""
    found: dict[type, str] = {}
    tops = {name.partition(".")[0] for name in shelf.modules}
    for name in shelf.modules:
        module = importlib.import_module(name)
        public = getattr(module, "__all__", None) or [
            each for each in dir(module) if not each.startswith("_")
        ]
        for each in sorted(public):
            try:
                cls = getattr(module, each, None)
            except ImportError:  # behind an import of its own, or a library that is not here
                continue
            if not isinstance(cls, type) or cls in found or each.startswith("_"):
                continue
            if str(cls.__module__).partition(".")[0].lstrip("_") in {top.lstrip("_") for top in tops}:
                found[cls] = f"{name}.{each}"
    return {path: cls for cls, path in sorted(found.items(), key=lambda pair: pair[1])}


def instance_of(path: str, cls: type, shelf: Shelf, space: dict[str, Any]) -> Made | str:
    """Return an instance of the class, or why there is none."""
    name = path.rpartition(".")[2]
    if name in shelf.never or path in shelf.never:
        return shelf.never.get(path) or shelf.never[name]
    recipe = shelf.recipes.get(path) or shelf.recipes.get(name)
    space["cls"] = cls
    if recipe is not None:
        return _attempt(recipe, cls, space, "")
    if issubclass(cls, enum.Enum):
        return Made("a member", next(iter(cls))) if len(cls) else "it has no members"
    if inspect.isabstract(cls):
        return "it is abstract"
    if issubclass(cls, type):
        return "its instances are classes"
    reason = "no way to make one was found"
    for expression in _attempts(cls, shelf):
        made = _attempt(expression, cls, space, shelf.finish)
        if isinstance(made, Made):
            return made
    return reason


def _attempt(expression: str, cls: type, space: dict[str, Any], finish: str) -> Made | str:
    try:
        with limited():
            value = eval(expression, space)
    except OverTimeError:
        return "making one takes too long"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - Rust's panics are no Exception, and constructors raise anything
        return f"{type(error).__name__}: {error}".split("\n")[0][:200]
    if type(value) is not cls and not _is_instance(value, cls):
        return f"that makes a {type(value).__name__}"
    if finish:
        with limited():
            value = eval(finish, {**space, "made": value})
    return Made(expression, value)


def _is_instance(value: Any, cls: type) -> bool:
    try:
        return isinstance(value, cls)
    except TypeError:  # there are classes that are only for annotations
        return False


def _attempts(cls: type, shelf: Shelf) -> Iterator[str]:
    known = {**_ARGUMENTS, **shelf.arguments}
    anything = (known[""], *_ANY) if "" in known else _ANY
    needed = _needed(cls)
    if needed == []:
        yield "cls()"
    if needed:
        for other in anything:
            yield f"cls({', '.join(known.get(each, other) for each in needed)})"
        keywords = ", ".join(f"{each}={known.get(each, anything[0])}" for each in needed)
        yield f"cls({keywords})"
    if needed is None:
        yield "cls()"
        for value in anything:
            yield f"cls({value})"
        for value in anything:
            yield f"cls({value}, {value})"


def _needed(cls: type) -> list[str] | None:
    """Return the parameters a class insists on; None where it does not say."""
    try:
        parameters = inspect.signature(cls).parameters.values()
    except (ValueError, TypeError):
        return None
    wanted = [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    if not wanted and any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return None
    return wanted
