"""What the engine remembers of each component between captures: enough to tell what changed, and no values."""

import types
import weakref
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state.component import Chunk, LiveComponent, Print
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX
from runtrack_jupyter.state.links import Ties, meet
from runtrack_jupyter.state.patience import Rest
from runtrack_jupyter.state.pieces import Spread

__all__ = ["NOTHING", "Fingerprint", "Known", "Ledger", "MissingValue", "Owners", "drop_unused_classes"]


class MissingValue:
    """Stands for no value at all, where None is one."""


NOTHING = MissingValue()


class Fingerprint(NamedTuple):
    """Everything that makes one look differ from another."""

    stream: Print
    buffers: tuple[Print, ...]
    references: tuple[str, ...]
    python: str
    libraries: tuple[str, ...] = ()


class Known(msgspec.Struct, eq=False):
    """One component as of the last capture.

    `alone` holds the fingerprint of each root looked at by itself: it tells which names of a component changed.
    `ties` are the ids of its mutable objects. `pieces` finds the chunk that holds given bytes, by their print.
    `atom` is the value itself where it is immutable or saved by name, so that looking is comparing identity.
    `spreads` are the large containers that are saved in pieces, by their root and place below it.
    `rebuilt` says in words what in it is not saved but made anew; "" where everything is saved.
    `census` tells whether its custom objects are what they were, also in what their pickling leaves out; `glance` is
    what is seen of that at every look.
    """

    live: LiveComponent
    print: Fingerprint
    alone: dict[str, Fingerprint]
    ties: Ties
    codes: tuple[types.CodeType, ...]
    pieces: dict[bytes, Chunk]
    atom: Any = NOTHING
    rebuilt: str = ""
    spreads: dict[tuple[str, int], Spread] = {}
    glance: int = 0
    census: bytes = b""


class Absence(msgspec.Struct, frozen=True, eq=False):
    """A gap, and the object it stands for, which is not kept alive.

    Objects that cannot be watched are known by their address: good enough not to report a gap twice, not good
    enough to leave an object alone in a restore. Their gaps have no token.
    """

    gap: Gap
    watch: "weakref.ref[Any] | int"
    codes: tuple[types.CodeType, ...] = ()
    rest: Rest | None = None  # it was too slow

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
        self._large: dict[frozenset[int], str] = {}
        self._torn = False

    def roots_of(self, ties: Ties) -> set[str]:
        """Return a root of each component that one of those objects belonged to."""
        few = self._root_of
        found = {few[number] for number in few.keys() & ties.few}
        for many in ties.many:
            found.update(few[number] for number in many.intersection(few))
        for large, root in self._large.items():
            if any(meet(large, each) for each in (ties.few, *ties.many)):
                found.add(root)
        return found

    def update(self, before: Iterable[Known], after: Iterable[Known], ledger: Ledger) -> None:
        """Replace the entries of `before` by those of `after`; `ledger` is for starting anew."""
        if self._torn:
            self._root_of, self._large = {}, {}
            before, after = (), ledger.components()
        self._torn = True
        for known in before:
            for number in known.ties.few:
                self._root_of.pop(number, None)
            for large in known.ties.many:
                self._large.pop(large, None)
        for known in after:
            self._root_of.update(dict.fromkeys(known.ties.few, known.live.roots[0]))
            self._large.update(dict.fromkeys(known.ties.many, known.live.roots[0]))
        self._torn = False


def drop_unused_classes(known: dict[str, Known], absent: dict[str, Absence]) -> None:
    """Remove the classes that no variable reaches any more."""
    classes = {root for root in known.keys() | absent.keys() if root.startswith(CLASS_PREFIX)}
    if not classes:
        return
    used: set[str] = set()
    waiting = [
        each
        for each in known.values()
        if each.print.references and not all(root in classes for root in each.live.roots)
    ]
    for each in known.values():
        if any(root in classes for root in each.live.roots) and not all(
            r in classes for r in each.live.roots
        ):
            used.update(root for root in each.live.roots if root in classes)
            waiting.append(each)
    while waiting:
        for key in waiting.pop().print.references:
            root = CLASS_PREFIX + key
            if root not in used:
                used.add(root)
                if root in known:
                    waiting.append(known[root])
                    used.update(each for each in known[root].live.roots if each in classes)
    for root in classes - used:
        known.pop(root, None)
        absent.pop(root, None)
