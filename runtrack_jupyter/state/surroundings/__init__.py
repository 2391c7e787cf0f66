"""State that is no variable: the working directory, the environment, generators of random numbers, options.

Each place is a root with a reserved name. All of them are looked at after every cell, in microseconds.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from types import CodeType
from typing import Any

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state.surroundings import libraries, process, randomness
from runtrack_jupyter.state.surroundings.attributes import ATTRIBUTE_PREFIX, Attributes
from runtrack_jupyter.state.surroundings.place import Place, Seen
from runtrack_jupyter.state.surroundings.pyplot import Pyplot
from runtrack_jupyter.state.surroundings.stores import all_stores

__all__ = ["PLACES", "Seen", "Surroundings", "attributes_among", "is_place", "places_among", "values_of"]

_PLACES: dict[str, Callable[[], Place]] = {
    "@cwd": process.Directory,
    "@decimal": libraries.DecimalContext,
    "@interpreter": process.Interpreter,
    "@locale": process.Locale,
    "@matplotlib.options": libraries.MatplotlibOptions,
    "@numpy.options": libraries.NumpyOptions,
    "@pandas.options": libraries.PandasOptions,
    "@pyplot": Pyplot,
    "@rng.numpy": randomness.NumpyRandom,
    "@rng.random": randomness.Random,
    "@rng.torch": randomness.TorchRandom,
    "@rng.torch.cuda": randomness.CudaRandom,
    "@sys.path": process.ImportPath,
    "@warnings": process.Warnings,
}
_ENVIRON = "@environ"
_SECRETS = "@environ.secrets"

PLACES = frozenset((*_PLACES, _ENVIRON, _SECRETS))


def is_place(root: str) -> bool:
    """Tell whether a root is no variable or class, but part of the surroundings."""
    return root in PLACES or root.startswith(ATTRIBUTE_PREFIX)


def places_among(roots: Iterable[str]) -> set[str]:
    """Return those of the roots that are part of the surroundings."""
    return set(filter(is_place, roots))


def attributes_among(roots: Iterable[str]) -> set[str]:
    """Return those of the roots that are attributes of libraries."""
    return {root for root in roots if root.startswith(ATTRIBUTE_PREFIX)}


def values_of(places: Mapping[str, Seen], *, plain: bool) -> dict[str, Any]:
    """Return the values of places, either those that are plain or those that hold objects."""
    return {root: each.value for root, each in places.items() if each.plain is plain}


class Surroundings:
    """The surroundings of one engine, which knows what they were when it started.

    `is_secret` tells names and values of the environment that must not be saved; without it none is.
    """

    def __init__(self, is_secret: Callable[[str, str], bool] | None = None) -> None:
        self._table = {root: place() for root, place in _PLACES.items()}
        self._environ = process.Environ(is_secret) if is_secret is not None else None
        if self._environ is not None:
            self._table[_ENVIRON] = self._environ
        self._attributes = Attributes()

    def expect(self, codes: Iterable[CodeType], namespace: Mapping[str, Any]) -> None:
        """Be told which code is about to run, so that what it does to libraries can be seen afterwards."""
        self._attributes.expect(all_stores(codes), namespace)

    def libraries_at_first(self) -> AbstractContextManager[None]:
        """Have libraries for a while as they were before cells changed them: pickles mean those."""
        return self._attributes.at_first()

    def look(self) -> dict[str, Seen]:
        """Return how every place is that is here."""
        looks = ((root, place.look()) for root, place in self._table.items())
        return {root: found for root, found in looks if found is not None} | self._attributes.look()

    def touched(self, values: Collection[Any]) -> Collection[str]:
        """Return the roots of objects that code may have changed which could reach `values`."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        here = ("@pyplot",) if pyplot is not None and any(value is pyplot for value in values) else ()
        return (*here, *self._attributes.touched(values))

    def gaps(self) -> list[Gap]:
        """Return what the last look left out, by the root that stands for it."""
        found = self._attributes.gaps()
        if self._environ is not None and self._environ.secrets:
            names = ", ".join(self._environ.secrets)
            words = f"environment variables that look secret ({names}) are not saved, and stay as they are"
            found.append(Gap(subject=_SECRETS, kind="redacted", reason=words))
        return found

    def apply(self, root: str, value: Any) -> str:
        """Bring one back; returns why not, or an empty string."""
        if root.startswith(ATTRIBUTE_PREFIX):
            return self._attributes.apply(root, value)
        place = self._table.get(root)
        if place is None:
            return "not a place that this kernel knows"
        try:
            place.apply(value)
        except (OSError, ImportError, LookupError, AttributeError, ValueError, TypeError) as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def revert(self, but: Collection[str]) -> dict[str, str]:
        """Put libraries back as they were, except for the roots `but`; returns why not, by root."""
        return self._attributes.revert(but)
