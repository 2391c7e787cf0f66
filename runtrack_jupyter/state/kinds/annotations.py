"""Type variables and their like of the notebook: no module has them, and each is itself only."""

import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import annotations as rebuild
from runtrack_jupyter.state.rebuild.code import attribute
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_DETAILS = ("covariant", "contravariant", "infer_variance")


def _place_of(value: Any) -> Any:
    """Return where a module has this very object, or None."""
    module = sys.modules.get(getattr(value, "__module__", None) or "__main__")
    if module is None or module.__name__ == "__main__":
        return None
    name: str = value.__name__
    return (attribute, (module, name)) if vars(module).get(name) is value else None


def reduce_variable(_pickler: "StatePickler", variable: Any) -> Any:
    """Reduce a type variable of any sort to its name and what it is bound to."""
    place = _place_of(variable)
    if place is not None:
        return place
    details: dict[str, Any] = {name: True for name in _DETAILS if getattr(variable, f"__{name}__", False)}
    try:
        constraints = getattr(variable, "__constraints__", ())
        bound = getattr(variable, "__bound__", None)
        default = variable.__default__ if getattr(variable, "has_default", bool)() else None
    except Exception as error:  # evaluated only now: the notebook's own code
        raise CannotSaveError(f"the type variable {variable.__name__} ({type(error).__name__})") from error
    if bound is not None:
        details["bound"] = bound
    if default is not None:
        details["default"] = default
    made_of = (type(variable), variable.__name__, constraints, details, variable.__module__)
    return rebuild.variable, made_of


def reduce_new_type(_pickler: "StatePickler", made: Any) -> Any:
    """Reduce a `NewType` to its name and the type below it."""
    return _place_of(made) or (rebuild.new_type, (made.__name__, made.__supertype__, made.__module__))


def reduce_alias(_pickler: "StatePickler", alias: Any) -> Any:
    """Reduce a type alias to its name and what it stands for."""
    place = _place_of(alias)
    if place is not None:
        return place
    try:
        value = alias.__value__
    except Exception as error:  # as above
        raise CannotSaveError(f"the type {alias.__name__} ({type(error).__name__})") from error
    return rebuild.alias, (alias.__name__, value, alias.__type_params__, alias.__module__)


def reduce_of_parameters(_pickler: "StatePickler", part: Any) -> Any:
    """Reduce `P.args` or `P.kwargs`."""
    return type(part), (part.__origin__,)


REDUCERS: Reducers = {
    ("typing", "TypeVar"): reduce_variable,
    ("typing", "ParamSpec"): reduce_variable,
    ("typing", "TypeVarTuple"): reduce_variable,
    ("typing", "NewType"): reduce_new_type,
    ("typing", "TypeAliasType"): reduce_alias,
    ("typing", "ParamSpecArgs"): reduce_of_parameters,
    ("typing", "ParamSpecKwargs"): reduce_of_parameters,
}
