"""Type variables and their like, made again."""

import builtins
import types
import typing
from typing import Any

__all__ = ["alias", "new_type", "variable"]


def _called(kind: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return kind(*positional, **named)


def _called_in(
    module: str | None, kind: Any, positional: tuple[Any, ...], named: dict[str, Any] | None = None
) -> Any:
    """Call `kind` as if `module` did: these types note who made them, some for good."""
    space = {"__name__": module, "__builtins__": builtins}
    return types.FunctionType(_called.__code__, space)(kind, positional, named or {})


def variable(
    kind: Any, name: str, constraints: tuple[Any, ...], details: dict[str, Any], module: str | None
) -> Any:
    """Return a type variable."""
    return _called_in(module, kind, (name, *constraints), details)


def new_type(name: str, below: Any, module: str | None) -> Any:
    """Return a `NewType`."""
    return _called_in(module, typing.NewType, (name, below))


def alias(name: str, value: Any, parameters: tuple[Any, ...], module: str | None) -> Any:
    """Return a type alias."""
    kind = typing.TypeAliasType  # type: ignore[attr-defined]  # Python 3.12
    return _called_in(module, kind, (name, value), {"type_params": parameters})
