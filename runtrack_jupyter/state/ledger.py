"""What the engine remembers of each component between captures: enough to tell what changed, and no values."""

import types
import weakref
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state.component import Chunk, LiveComponent, Print

__all__ = ["NOTHING", "Fingerprint", "Known", "Ledger", "MissingValue", "Owners"]


class MissingValue:
    """Stands for no value at all, where None is one."""


NOTHING = MissingValue()


class Fingerprint(NamedTuple):
    """Everything that makes one look differ from another."""

    stream: Print
    buffers: tuple[Print, ...]
    references: tuple[str, ...]
    python: str


class Known(msgspec.Struct, eq=False):
    """One component as of the last capture.

    `alone` holds the fingerprint of each root looked at by itself: it tells which names of a component changed.
    `ties` are the ids of its mutable objects. `pieces` finds the chunk that holds given bytes, by their print.
    `atom` is the value itself where it is immutable or saved by name, so that looking is comparing identity.
    `rebuilt` says in words what in it is not saved but made anew; "" where everything is saved.
    """

    live: LiveComponent
    print: Fingerprint
    alone: dict[str, Fingerprint]
    ties: frozenset[int]
    codes: tuple[types.CodeType, ...]
    pieces: dict[bytes, Chunk]
    atom: Any = NOTHING
    rebuilt: str = ""


class Absence(msgspec.Struct, frozen=True, eq=False):
    """A gap, and the object it stands for, which is not kept alive.

    Objects that cannot be watched are known by their address: good enough not to report a gap twice, not good
    enough to leave an object alone in a restore. Their gaps have no token.
    """

    gap: Gap
    watch: "weakref.ref[Any] | int"
    codes: tuple[types.CodeType, ...] = ()

    def is_for(self, value: Any) -> bool:
        """Tell whether the gap was recorded for this very object."""
        if isinstance(self.watch, int):
            return self.watch == id(value)
        return value is not None and self.watch() is value


def watch(value: Any) -> "weakref.ref[Any] | int":
    """Return what recognises the object without keeping it alive."""
    try:
        return weakref.ref(value)
    except TypeError:
        return id(value)


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """The state as of one capture: replaced as a whole, so that an interrupt never leaves a half."""

    known: dict[str, Known] = {}
    absent: dict[str, Absence] = {}

    def components(self) -> Iterable[Known]:
        """Every component once."""
        return {id(known): known for known in self.known.values()}.values()


class Owners:
    """Which component an object belongs to, by the object's id: an index over a ledger.

    An id that is on record may mean another object by now; a hit is a reason to look, not a fact.
    """

    def __init__(self) -> None:
        self._root_of: dict[int, str] = {}
        self._torn = False

    def root_of(self, number: int) -> str | None:
        """Return a root of the component that object belonged to."""
        return self._root_of.get(number)

    def update(self, before: Iterable[Known], after: Iterable[Known], ledger: Ledger) -> None:
        """Replace the entries of `before` by those of `after`; `ledger` is for starting anew."""
        if self._torn:
            self._root_of = {}
            before, after = (), ledger.components()
        self._torn = True
        for known in before:
            for number in known.ties:
                self._root_of.pop(number, None)
        for known in after:
            self._root_of.update(dict.fromkeys(known.ties, known.live.roots[0]))
        self._torn = False
