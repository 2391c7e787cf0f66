"""Which libraries a component needs, in which versions, and what is here instead."""

import importlib.util
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["OtherLibraryError", "needed", "why_not", "words_for_others"]


class OtherLibraryError(Exception):
    """A library that the value needs is missing, or is another version; the message says which."""


def needed(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the libraries of some modules as ``"numpy 2.4.6"``; those that tell no version are left out."""
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - _OURS
    return tuple(f"{top} {found}" for top in sorted(tops) if (found := _version_of(top)))


_OURS = frozenset({"runtrack_jupyter"})  # its vocabulary is part of the format, whatever its version


def _version_of(top: str) -> str:
    told = vars(sys.modules[top]).get("__version__") if top in sys.modules else None
    return told if isinstance(told, str) else _installed(top)


@lru_cache(maxsize=256)
def _installed(top: str) -> str:
    try:
        return version(top)
    except (PackageNotFoundError, ValueError):
        return ""


def why_not(libraries: Iterable[str], error: Exception) -> Exception:
    """Return why a component that needs `libraries` could not be loaded: one of them, or `error` itself."""
    others = []
    for name, wanted, here in _compared(libraries):
        if here is None:
            return OtherLibraryError(f"needs {name} {wanted}, which is not installed here")
        if here != wanted:
            others.append(f"{name} {wanted}, which is {here} here")
    if not others or not isinstance(error, (ImportError, AttributeError, TypeError, ValueError, KeyError)):
        return error
    return OtherLibraryError(f"was made with {', '.join(others)} ({type(error).__name__}: {error})")


def words_for_others(libraries: Iterable[str]) -> str:
    """Return in words which of `libraries` are here in a version that may behave otherwise; "" for none."""
    found = [
        f"{name} {wanted}, which is {here} here"
        for name, wanted, here in _compared(libraries)
        if here and _generation(here) != _generation(wanted)
    ]
    return f"was made with {', '.join(found)}" if found else ""


def _compared(libraries: Iterable[str]) -> list[tuple[str, str, str | None]]:
    """Return name, version wanted and version here (None: not installed) of each."""
    found = []
    for library in libraries:
        name, _, wanted = library.partition(" ")
        found.append((name, wanted, _version_of(name) or ("" if _is_here(name) else None)))
    return found


def _is_here(top: str) -> bool:
    if top in sys.modules:
        return True
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _generation(told: str) -> str:
    """Return the part of a version that changes when behaviour may: the first number, or the first after 0."""
    parts = told.split(".")
    return ".".join(parts[:2]) if parts[0] == "0" else parts[0]
