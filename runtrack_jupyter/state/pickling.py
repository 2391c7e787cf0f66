"""One look at what some roots reach: their pickle, and the objects pickle visited on the way.

The C pickler walks; only functions, classes, arrays, tables and a few more come through `reducer_override`. Two dicts are
cut points: the live namespace and the builtins lie in the memo before the walk begins, so that a stream refers
to them (memo entries 0 and 1) and never contains them. `PREAMBLE` puts the same two into an unpickler.
"""

import builtins
import copyreg
import io
import pickle
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cloudpickle.cloudpickle import Pickler as CloudPickler

from runtrack_jupyter.state import links
from runtrack_jupyter.state.kinds import REDUCERS
from runtrack_jupyter.state.kinds.arrays import Regions
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX, ClassKeys
from runtrack_jupyter.state.kinds.guarded import handler_for
from runtrack_jupyter.state.kinds.handler import Handler
from runtrack_jupyter.state.kinds.instances import reduce_ordinary
from runtrack_jupyter.state.kinds.spreads import Inside, Picked, Whole
from runtrack_jupyter.state.pieces import MANY, Piece, Spread, paths_to
from runtrack_jupyter.state.plain import is_ordinary
from runtrack_jupyter.state.rebuild.pieces import inside
from runtrack_jupyter.state.roundtrip.census import glance, take_census
from runtrack_jupyter.state.roundtrip.custom import is_custom, is_local
from runtrack_jupyter.state.unsavable import CannotSaveError, TooLargeError, refusal
from runtrack_jupyter.state.versions import needed

__all__ = ["PREAMBLE", "Reach", "StatePickler", "begin_pass", "look"]

# Two pickles would be two loads; one tuple of two globals leaves exactly two memo entries, in this order.
PREAMBLE = b"\x80\x05cruntrack\nnamespace\n\x94cruntrack\nbuiltins\n\x94\x86."


def _refuse(words: str) -> Handler:
    def refuse(_pickler: "StatePickler", _value: Any) -> Any:
        raise CannotSaveError(words)

    return refuse


def _noting(handler: Handler | None) -> Handler:
    """Let an object be noted for the census before it is reduced."""

    def note(pickler: "StatePickler", value: Any) -> Any:
        pickler.noted.append(id(value))
        return NotImplemented if handler is None else handler(pickler, value)

    return note


class _Handlers(dict[type, Handler | None]):
    """Which handler reduces instances of a type; None leaves it to pickle.

    What is said of the user's own classes holds for one pass only: cells may change them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.table = _dispatch_table()
        self._table = dict(copyreg.dispatch_table)
        self._passing: list[type] = []

    def __missing__(self, kind: type) -> Handler | None:
        handler: Handler | None = None
        ours = False  # reduced by a reducer for this very type, or for a base of it in the same package
        for each in kind.__mro__:
            handler = REDUCERS.get((each.__module__, each.__qualname__))
            if handler is not None:
                ours = each is kind or _package(each) == _package(kind)
                break
        else:
            words = refusal(kind)
            handler = _refuse(words) if words is not None else handler_for(kind)
            ours = words is not None
            if handler is None and is_ordinary(kind):
                handler = reduce_ordinary
        if not ours and not issubclass(kind, type) and is_custom(kind, self.table):
            handler = _noting(handler)
        if is_local(kind):
            self._passing.append(kind)
        self[kind] = handler
        return handler

    def begin(self) -> None:
        """Forget what may have changed since the last pass."""
        while self._passing:
            self.pop(self._passing.pop(), None)
        if copyreg.dispatch_table != self._table:
            self._table = dict(copyreg.dispatch_table)
            self.table = _dispatch_table()
            self.clear()


def begin_pass() -> None:
    """Be told that some looks begin, between which no code of the user's runs but what pickling runs."""
    _handlers.begin()


def _dispatch_table() -> dict[type, Any]:
    return {**CloudPickler._dispatch_table, **copyreg.dispatch_table}


def _package(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


_handlers = _Handlers()
_MOST_SHARED = 256
_neutral = links.Neutral()


class _Sink(io.BytesIO):
    """Takes the stream and the buffers beside it, and refuses to grow beyond a limit.

    Not a part of the pickler: the pickler holds its callback, and a cycle would keep what the memo holds alive
    until the collector runs.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.buffers: list[memoryview | Piece] = []
        self._left = limit
        self._limit = limit

    def write(self, data: Any) -> int:
        self.spend(len(data))
        return super().write(data)

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLargeError(self._limit)

    def take(self, buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes == 0:
            return True  # in band: hashing and reading nothing is not worth a buffer
        self.add(raw)
        return False

    def add(self, raw: memoryview) -> int:
        self.spend(raw.nbytes)
        self.buffers.append(raw)
        return len(self.buffers) - 1

    def add_pieces(self, pieces: Sequence[Piece]) -> int:
        self.spend(sum(piece.size for piece in pieces))
        self.buffers.extend(pieces)
        return len(self.buffers) - len(pieces)


class StatePickler(pickle.Pickler):
    """Pickles roots one after the other into one stream, with one memo."""

    dispatch_table: Mapping[type, Any]

    def __init__(
        self,
        namespace: dict[str, Any],
        keys: ClassKeys,
        regions: Regions,
        limit: int,
        earlier: Sequence[links.Memo] = (),
        cut: Callable[[Any, object], Spread | None] | None = None,
    ) -> None:
        self._sink = _Sink(limit)
        super().__init__(self._sink, 5, buffer_callback=self._sink.take)
        self.dispatch_table = _dispatch_table()
        self.memo = {id(namespace): (0, namespace), id(builtins.__dict__): (1, builtins.__dict__)}
        self.namespace = namespace
        self.keys = keys
        self.regions = regions
        self.class_roots: set[int] = set()
        self.references: dict[str, None] = {}
        self.codes: list[types.CodeType] = []
        self.rebuilt: dict[str, None] = {}
        self.noted: list[int] = []  # ids of custom objects, which the memo keeps alive
        self.holds_code = False
        self.modules: set[str] = set()  # whose classes and functions it names
        self.cut = cut
        self.inside: dict[int, Spread] = {}  # what `cut` has cut, by the id of its owner
        self._earlier = earlier  # what other looks of this pass keep alive
        self._tied: set[int] = set()
        self._passing: set[int] = set()

    def reducer_override(self, value: Any) -> Any:
        """Route functions, classes, arrays and tables to their reducers; the rest to pickle's own."""
        handler = _handlers[type(value)]
        return NotImplemented if handler is None else handler(self, value)

    def apart(self, elements: list[Any], owner: object) -> Any:
        """Return what stands for `elements` where they are many and nothing but atoms, else them."""
        found = self.cut(elements, owner) if self.cut is not None and len(elements) >= MANY else None
        if found is None or len(found.ties) > 1:
            return elements
        self.inside[id(owner)] = found
        return Whole(elements, found)

    def holding(self, value: object) -> int:
        """Return how many references to an object are those of looks, and nobody's."""
        return sum(id(value) in memo for memo in self._earlier)

    def add_buffer(self, flat: Any) -> int:
        """Take a flat array of bytes out of band and return its index."""
        return self._sink.add(memoryview(flat))

    def add_pieces(self, pieces: Sequence[Piece]) -> int:
        """Take the pieces of a large container, a buffer each, and return the index of the first."""
        return self._sink.add_pieces(pieces)

    def dump_apart(self, apart: Sequence[Whole | Picked | Inside]) -> None:
        """Save large containers, and what lies inside them, so that what follows refers to them.

        What was saved stands for the containers themselves: in the memo those take its places, and here as in
        the unpickler's memo every reference leads to them.
        """
        self.dump(tuple(apart))
        memo = self.memo.copy()
        for each in apart:
            memo[id(each.value)] = (memo.pop(id(each))[0], each.value)
        self.memo = memo

    def note_function(self, function: types.FunctionType) -> None:
        """Remember a function saved by value: it ties, and its code says what it touches."""
        self._tied.add(id(function))
        self.codes.append(function.__code__)

    def note_rebuilt(self, words: str) -> None:
        """Say that something is not saved but will be made anew: ``"a new lock, unlocked"``."""
        self.rebuilt[words] = None

    def tie(self, shared: object) -> None:
        """Let an object tie although only this pass holds it."""
        self._tied.add(id(shared))

    def passing(self, *made: object) -> None:
        """Leave out objects that were made for this pickling."""
        self._passing.update(map(id, made))

    def ties(self) -> tuple[links.Memo, frozenset[int]]:
        """Return the memo, which keeps every id valid while it lives, and the ids that tie."""
        memo = self.memo.copy()
        del memo[id(self.namespace)], memo[id(builtins.__dict__)]
        found = links.ties(memo, _neutral, self._passing)
        found.update(self._tied & memo.keys())
        return memo, frozenset(found)

    def output(self) -> tuple[memoryview, list[memoryview | Piece]]:
        """Return the stream and the out-of-band buffers so far."""
        return self._sink.getbuffer(), self._sink.buffers


class Reach:
    """What some roots reached in one look. Alive, it keeps the ids in `ties` from being used again."""

    __slots__ = (
        "buffers",
        "codes",
        "inside",
        "libraries",
        "memo",
        "noted",
        "python",
        "rebuilt",
        "references",
        "roots",
        "stream",
        "ties",
    )

    def __init__(self, roots: tuple[str, ...], pickler: StatePickler, wholes: Sequence[Whole]) -> None:
        self.roots = roots
        self.stream, self.buffers = pickler.output()
        below = [needs for whole in wholes for needs in whole.spread.needs]
        self.references = tuple(
            sorted(pickler.references.keys() | {key for each in below for key in each.classes})
        )
        self.codes = tuple(pickler.codes)
        self.inside = pickler.inside
        self.rebuilt = "; ".join(pickler.rebuilt)
        self.noted = pickler.noted
        self.python = f"{sys.version_info[0]}.{sys.version_info[1]}" if pickler.holds_code else ""
        self.libraries = needed(pickler.modules.union(*(each.modules for each in below)))
        self.memo, few = pickler.ties()
        self.ties = links.Ties.of(few, (whole.spread.ties for whole in wholes))

    def census(self) -> bytes:
        """Return what the custom objects really are; empty where there are none."""
        return take_census(self.memo, self.noted) if self.noted else b""

    def glance(self) -> int:
        """Return what differs when the custom objects hold other values, as far as that is seen quickly."""
        return glance(self.memo, self.noted) if self.noted else 0


def look(
    roots: tuple[str, ...],
    values: tuple[Any, ...],
    new_pickler: Callable[[], StatePickler],
    wholes: Sequence[Whole] = (),
    picks: Sequence[Picked] = (),
) -> Reach:
    """Pickle the values of `roots` into one stream and return what they reach; raises what pickling raises.

    `wholes` are the containers among or directly below the values that are saved in pieces, `picks` those that are
    made of the elements of these.
    """
    shared: set[int] = set()
    wholes = _apart(wholes)
    while True:
        pickler = new_pickler()
        pickler.regions.grown = False
        pickler.class_roots = {
            id(value) for root, value in zip(roots, values, strict=True) if root.startswith(CLASS_PREFIX)
        }
        if wholes:
            pickler.dump_apart([*wholes, *_outside(picks, wholes), *_insides(wholes, shared)])
        for value in values:
            pickler.dump(value)
        if wholes and (found := _found_inside(pickler, wholes) - shared):
            shared |= found
            if len(shared) > _MOST_SHARED:
                wholes = ()  # so much of them is shared that they are no better than any other object
        elif not pickler.regions.grown:
            _neutral.forget()
            if len(_handlers) > 500:
                _handlers.clear()  # as with `_neutral`: classes of the notebook must be able to die
            return Reach(roots, pickler, wholes)


def _apart(wholes: Sequence[Whole]) -> Sequence[Whole]:
    """Return the containers that share nothing with another of them."""
    return [
        whole
        for whole in wholes
        if all(whole is other or whole.spread.ties.isdisjoint(other.spread.ties) for other in wholes)
    ]


def _outside(picks: Sequence[Picked], wholes: Sequence[Whole]) -> list[Picked]:
    """Return those whose elements are apart, and that lie in no such container themselves."""
    return [
        pick
        for pick in picks
        if pick.whole in wholes and not any(id(pick.value) in whole.spread.ties for whole in wholes)
    ]


def _insides(wholes: Sequence[Whole], shared: set[int]) -> list[Inside]:
    return [
        Inside(whole, path, inside(whole.value, path))
        for whole in wholes
        for path in sorted(paths_to(whole.value, whole.spread, shared & whole.spread.ties))
    ]


def _found_inside(pickler: StatePickler, wholes: Sequence[Whole]) -> set[int]:
    """Return the ids of objects inside the containers that something else reached as well."""
    reached = pickler.memo.copy()
    found: set[int] = set()
    for whole in wholes:
        found |= whole.spread.ties.intersection(reached)
    return found - {id(whole.value) for whole in wholes}
