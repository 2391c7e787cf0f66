"""Python itself: what its syntax and its built-in functions make."""

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_ENTRIES = (
    Entry("list", "x = [1, [2]]; held = x[1]", ("x", "x[1] is held"), "held.append(3)"),
    Entry("generator", "x = (i for i in range(3)); next(x)", ("list(x)",), "next(x)"),
)

SHELVES = (Shelf("Python", entries=_ENTRIES),)
