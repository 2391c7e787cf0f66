"""Python itself and its standard library: the kinds that `tests/state` holds to the letter, and what is a gap."""

from collections.abc import Mapping
from types import ModuleType

from tests.objects.entry import Entry, Shelf
from tests.state import (
    test_annotations,
    test_classes,
    test_databases,
    test_exceptions,
    test_files,
    test_functions,
    test_gaps,
    test_iterators,
    test_kinds,
    test_stdlib,
    test_subclasses,
    test_weak,
    test_widgets,
)
from tests.state.kinds import Kind

__all__ = ["SHELVES"]

_LANGUAGE = (
    test_kinds,
    test_classes,
    test_annotations,
    test_functions,
    test_subclasses,
    test_iterators,
    test_exceptions,
    test_weak,
)
_REFUSED = ": cannot be saved"
_LIBRARY = (test_stdlib, test_files, test_databases)


def _entries(*modules: ModuleType) -> tuple[Entry, ...]:
    kinds: Mapping[str, Kind] = {name: kind for module in modules for name, kind in module.KINDS.items()}
    return tuple(Entry(name, kind.make, kind.probes, kind.change) for name, kind in kinds.items())


def _gaps() -> tuple[Entry, ...]:
    """Return what cannot be saved, by the words that say so."""
    named = {
        words.partition(":")[0]: cell for cell, words in test_gaps.UNSAVABLE.items() if _REFUSED in words
    }
    return tuple(Entry(name, cell, ()) for name, cell in named.items())


SHELVES = (
    Shelf("Python", entries=_entries(*_LANGUAGE)),
    Shelf("The standard library", entries=(*_entries(*_LIBRARY), *_gaps())),
    Shelf("ipywidgets", "ipywidgets", entries=_entries(test_widgets)),
)
