"""The vocabulary of saved state: what a component's stream calls to make its objects again.

These names and their arguments are part of the format on disk (`docs/format.md`): they are only ever added to.
Functions that a module lists in `BOUND` get the load in progress as their first argument, from the unpickler.
"""

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Loader", "NotHereError"]


class NotHereError(Exception):
    """What a value needs is gone or not as it was; the message says what: ``"the mapped file x.npy is gone"``."""


class Loader(Protocol):
    """The load in progress, as the functions of this module see it."""

    def fill(self, index: int, into: memoryview) -> None:
        """Read out-of-band buffer `index` into memory."""

    def piece(self, index: int) -> tuple[Any, ...]:
        """Read and unpickle buffer `index`, a piece of a large container."""

    def gathered(self, value: Any, first: int, counts: tuple[int, ...]) -> None:
        """Remember that `value` was just made from the pieces in buffers `first` and following."""

    def moved(self, elements: list[Any], owner: object) -> None:
        """Remember that `elements`, where they were made from pieces, are those of `owner` now."""

    def class_of(self, key: str) -> type:
        """Return the notebook class with that key, loading its component when needed."""

    def early_class(self, key: str) -> type | None:
        """Return the class where one that it is made of needed it before its turn."""

    def made_class(self, key: str, cls: type) -> None:
        """Remember a class as soon as it exists, so that its own state can refer to it."""

    def finally_do(self, act: Callable[[], None]) -> None:
        """Do something once everything is loaded."""

    def freeze(self, array: Any) -> None:
        """Make an array read-only once everything is loaded."""
