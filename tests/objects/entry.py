"""What the catalogue is made of: entries written by hand, and shelves of classes found by looking."""

import re
from dataclasses import dataclass, field

__all__ = ["Entry", "Shelf"]


@dataclass(frozen=True)
class Entry:
    """One kind of object: a cell that makes it, a cell that changes it, and expressions that tell what it is.

    Without `change` the names it made are bound to None instead: it cannot change.
    """

    name: str
    make: str
    probes: tuple[str, ...]
    change: str = ""


@dataclass(frozen=True)
class Shelf:
    """One library (or part of Python): entries, and how to find and make its classes.

    `distribution` is its name on PyPI ("" for Python itself). `modules` are those whose public classes are tried:
    by `recipes`, expressions by class name, else by calling the class with what `arguments` gives for the
    parameters it insists on (by name, "" for any other), after running `prelude`. `ignored` matches places of the
    portrait that differ from one making to the next for a reason that has nothing to do with saving.
    """

    title: str
    distribution: str = ""
    imports: str = ""
    entries: tuple[Entry, ...] = ()
    modules: tuple[str, ...] = ()
    prelude: str = ""
    recipes: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    finish: str = ""  # what is then done with `made`, an instance; its value is what is tried
    ignored: re.Pattern[str] | None = None
    never: dict[str, str] = field(default_factory=dict)  # classes that are not to be made here, and why
