"""State that is no variable: the working directory, the environment, generators of random numbers, options.

Each place is a root with a reserved name. All of them are looked at after every cell, in microseconds.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from runtrack_jupyter.state.surroundings import libraries, process, randomness
from runtrack_jupyter.state.surroundings.place import Place, Seen
from runtrack_jupyter.state.surroundings.pyplot import Pyplot

__all__ = ["PLACES", "Seen", "Surroundings"]

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


class Surroundings:
    """The surroundings of one engine, which knows what they were when it started.

    `is_secret` tells names and values of the environment that must not be saved; without it none is.
    """

    def __init__(self, is_secret: Callable[[str, str], bool] | None = None) -> None:
        self._table = {root: place() for root, place in _PLACES.items()}
        self._environ = process.Environ(is_secret) if is_secret is not None else None
        if self._environ is not None:
            self._table[_ENVIRON] = self._environ

    def look(self) -> dict[str, Seen]:
        """Return how every place is that is here."""
        looks = ((root, place.look()) for root, place in self._table.items())
        return {root: found for root, found in looks if found is not None}

    def touched(self, values: Iterable[Any]) -> Collection[str]:
        """Return the roots of objects that code may have changed which could reach `values`."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        return ("@pyplot",) if pyplot is not None and any(value is pyplot for value in values) else ()

    def gaps(self) -> Mapping[str, str]:
        """Return what the last look left out, in words, by the root that stands for it."""
        if self._environ is None or not self._environ.secrets:
            return {}
        names = ", ".join(self._environ.secrets)
        return {
            _SECRETS: f"environment variables that look secret ({names}) are not saved, and stay as they are"
        }

    def apply(self, root: str, value: Any) -> str:
        """Bring one back; returns why not, or an empty string."""
        place = self._table.get(root)
        if place is None:
            return "not a place that this kernel knows"
        try:
            place.apply(value)
        except (OSError, ImportError, LookupError, AttributeError, ValueError, TypeError) as error:
            return f"{type(error).__name__}: {error}"
        return ""
