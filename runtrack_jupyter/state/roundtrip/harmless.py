"""Differences that mean nothing: what libraries leave out of their pickles on purpose, and make again by themselves.

Only classes that were installed are excused, and only for what is theirs. For a class of the notebook or of a
local module every difference counts, and so does an attribute that somebody hung on an object of a library.
"""

import types
from functools import cached_property
from typing import Any

from runtrack_jupyter.state.roundtrip.comparing import Difference
from runtrack_jupyter.state.roundtrip.custom import is_local, static

__all__ = ["is_harmless"]

# Public attributes that are made anew with the object, by the class (or base) that has them.
_MADE_ANEW: dict[tuple[str, str], frozenset[str]] = {
    ("PIL.Image", "Image"): frozenset({"palette"}),  # the same colours, as a list and no longer as bytes
    ("PIL.ImageFile", "ImageFile"): frozenset(  # of the reading, which is over
        {"custom_mimetype", "decoderconfig", "decodermaxblock", "fp", "map", "png", "private_chunks"}
    ),
    ("bs4", "BeautifulSoup"): frozenset({"builder", "markup", "tagStack"}),  # of the parsing, which is over
    ("geopandas.array", "GeometryArray"): frozenset({"base"}),  # what its array was cut from
    ("joblib.memory", "MemorizedFunc"): frozenset({"timestamp"}),
    ("joblib.memory", "Memory"): frozenset({"timestamp"}),
    ("matplotlib.artist", "Artist"): frozenset({"stale_callback"}),
    ("matplotlib.figure", "FigureBase"): frozenset({"canvas"}),
    ("numba.core.registry", "CPUDispatcher"): frozenset({"locals", "targetoptions"}),
    ("numba.core.serialize", "_CustomPickled"): frozenset({"states"}),  # what it stands for says the same
    ("sqlalchemy.sql.elements", "BindParameter"): frozenset({"key"}),  # made from an address
}


def is_harmless(found: Difference) -> bool:
    """Tell whether a difference is one that the class's library means to make."""
    kind = type(found.came_back)
    if found.what == "replaced" or found.part[:1] not in {".", "/"} or is_local(kind):
        return False
    name = found.part[1:]
    if kind.__module__ == "sqlalchemy.event.base":
        return True  # who listens to what: made again with the object
    for each in kind.__mro__:
        if name in _MADE_ANEW.get((each.__module__, each.__qualname__), ()):
            return True
    if _is_remembering(static(kind, name)):
        return True  # computed from the rest when somebody asks
    if name.startswith("__") and name.endswith("__"):
        return False
    # Code in C is not read: what calls itself a cache is taken for one.
    return name.startswith("_") and ("cache" in name or name in _mentioned[kind])


def _is_remembering(found: Any) -> bool:
    """Tell whether a class attribute is a ``cached_property``, or what libraries had before there was one."""
    kind = type(found)
    return (
        hasattr(kind, "__get__")
        and not hasattr(kind, "__set__")
        and not isinstance(found, (types.FunctionType, staticmethod, classmethod))
    )


class _Mentioned(dict[type, set[str]]):
    """The attributes that the code of a library class and its bases mentions."""

    def __missing__(self, kind: type) -> set[str]:
        names: set[str] = set()
        for each in kind.__mro__:
            names.update(each.__dict__)
            for value in each.__dict__.values():
                names |= _names_in(value)
        self[kind] = names
        return names


_mentioned = _Mentioned()


def _names_in(value: Any) -> set[str]:
    if isinstance(value, property):
        return {name for part in (value.fget, value.fset) for name in _names_in(part)}
    if isinstance(value, (staticmethod, classmethod)):
        return _names_in(value.__func__)
    if isinstance(value, cached_property):
        return _names_in(value.func)
    value = getattr(value, "__wrapped__", value) if isinstance(value, types.FunctionType) else value
    return _of_code(value.__code__) if isinstance(value, types.FunctionType) else set()


def _of_code(code: types.CodeType) -> set[str]:
    names = {*code.co_names, *(each for each in code.co_consts if isinstance(each, str))}
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            names |= _of_code(each)
    return names
