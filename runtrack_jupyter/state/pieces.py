"""Large containers of plain data, cut into pieces that are looked at, pickled and stored one by one.

A list of a million texts, or of a hundred thousand documents, is one value, but a change touches little of it. Its
pieces are pickles of their own: those that are as they were cost a glance and keep their chunks. That holds as
long as no mutable object lies in two pieces; where one does, the container is pickled as a whole, like any other.

● Many small pickles are also four times as fast as one large one: their memo stays in the processor's cache.
"""

import gc
import pickle
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, compress, count, islice
from operator import not_
from typing import Any, NamedTuple

import msgspec
from xxhash import xxh3_128_digest

from runtrack_jupyter.state.addresses import pointers
from runtrack_jupyter.state.component import Chunk, Copies, Print, chunked, prints_of
from runtrack_jupyter.state.inline import unseen_dicts
from runtrack_jupyter.state.links import Neutral
from runtrack_jupyter.state.rebuild.pieces import parts_of

__all__ = [
    "MANY",
    "Needs",
    "NotPlainError",
    "Piece",
    "Save",
    "Saved",
    "Spread",
    "is_large",
    "loaded",
    "paths_to",
    "spread",
]

MANY = 4096  # elements from which on a container is cut
_TARGET = 128 << 10  # bytes of one piece
_SAMPLE = 64  # elements pickled to learn how long they are
_MOST = 1 << 16  # elements of a piece, however small
_LONG = 1 << 10  # a longer text is stored once: one that lies in two pieces forbids the cut
_DEEPEST = 64  # levels of nesting; a cycle would have no end
_WIDEST = 1 << 24  # objects on the levels of one piece: tuples can share what they hold without end

_KINDS: dict[type, str] = {list: "list", dict: "dict", set: "set"}
_ATOMS = frozenset({int, float, complex, bool, type(None), str, bytes})
_TEXTS = frozenset({str, bytes})


class Needs(NamedTuple):
    """What a pickle names: the notebook's classes by their keys, and the modules of all others."""

    classes: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


class Piece(msgspec.Struct, frozen=True, eq=False):
    """A part of a container, as it was when it was last looked at.

    `count` elements; `print` is that of their pickle and `chunks` are its bytes. `mutable` are the ids of the
    mutable objects among and below them. What tells that they are as they were is, for nothing but atoms, `atoms`: the
    very objects, kept alive so that no address means another one. Else it is `print` together with `links`, the
    print of the addresses of everything they reach.
    """

    count: int
    print: Print
    chunks: list[Chunk]
    links: bytes
    mutable: "array[int]"
    long: "array[int]"  # the ids of long texts
    needs: Needs = Needs()
    atoms: tuple[Any, ...] | None = None

    @property
    def size(self) -> int:
        """Bytes of the pickle."""
        return sum(chunk.size for chunk in self.chunks)


class Spread(msgspec.Struct, frozen=True, eq=False):
    """One large container as pieces, in order; `ties` are the ids of all its mutable objects, itself included."""

    kind: str
    pieces: tuple[Piece, ...]
    ties: frozenset[int]

    @property
    def needs(self) -> list[Needs]:
        """What the pieces need to be loaded; each is there once."""
        return list({piece.needs: None for piece in self.pieces})

    @property
    def counts(self) -> tuple[int, ...]:
        """How many elements each piece has."""
        return tuple(piece.count for piece in self.pieces)


class NotPlainError(Exception):
    """There is something else than plain data in it."""


class Saved(NamedTuple):
    """The pickle of some plain data."""

    data: bytes
    needs: Needs
    instances: bool  # whether there are any, of whatever class


Save = Callable[[tuple[Any, ...]], Saved]
"""Pickles plain data; raises NotPlainError."""


def is_large(value: Any) -> bool:
    """Tell whether the value is a container that is worth cutting: by its elements, or by what they hold."""
    if type(value) not in _KINDS:
        return False
    if len(value) >= MANY:
        return True
    return len(value) > 1 and len(gc.get_referents(*gc.get_referents(value))) >= MANY


def spread(value: Any, former: Spread | None, save: Save, copies: Copies, owner: object) -> Spread | None:
    """Return the pieces of a large container, those of `former` where they are as they were; None: it has none.

    `owner` is what the elements belong to: the container itself, or the array whose elements it lists.
    """
    kind = _KINDS[type(value)]
    cutting = _Cutting(_Elements(value), save, copies)
    try:
        pieces = cutting.pieces(former.pieces if former is not None and former.kind == kind else ())
    except (NotPlainError, pickle.PicklingError, RecursionError):
        return None
    return _joined(kind, owner, pieces, former)


def loaded(
    value: Any,
    counts: Sequence[int],
    read: Sequence[tuple[Print, list[Chunk]]],
    needs: Needs,
    owner: object,
) -> Spread | None:
    """Return the pieces of a container that was just made from them: nothing is pickled again."""
    elements = _Elements(value)
    pieces = []
    start = 0
    try:
        for count, pickled in zip(counts, read, strict=True):
            part = elements.part(start, start + count)
            pieces.append(_piece(part, count, pickled, needs, instances=True))
            start += count
    except NotPlainError:
        return None
    return _joined(_KINDS[type(value)], owner, pieces, None)


def _joined(kind: str, owner: object, pieces: list[Piece], former: Spread | None) -> Spread | None:
    """Return the pieces as one, unless a mutable object lies in two of them."""
    if former is not None and _same(pieces, former.pieces) and id(owner) in former.ties:
        return former
    ties = _ties(owner, pieces, former)
    long = sum(len(piece.long) for piece in pieces)
    if len(ties) != 1 + sum(len(piece.mutable) for piece in pieces):
        return None
    if long and len(set().union(*(piece.long for piece in pieces))) != long:
        return None
    return Spread(kind, tuple(pieces), ties)


def _ties(owner: object, pieces: list[Piece], former: Spread | None) -> frozenset[int]:
    """Return the ids of all containers, from those of the former pieces where most are the same."""
    if former is None or id(owner) not in former.ties:
        return frozenset(chain((id(owner),), *(piece.mutable for piece in pieces)))
    before, now = ({id(piece.mutable): piece.mutable for piece in each} for each in (former.pieces, pieces))
    gone = frozenset(chain.from_iterable(before[number] for number in before.keys() - now.keys()))
    new = frozenset(chain.from_iterable(now[number] for number in now.keys() - before.keys()))
    if gone == new:
        return former.ties
    return former.ties - (gone - new) | (new - gone)


def _same(pieces: Sequence[Piece], former: Sequence[Piece]) -> bool:
    return len(pieces) == len(former) and all(a is b for a, b in zip(pieces, former, strict=True))


class _Elements:
    """The elements of a container by position, as they are at this moment."""

    def __init__(self, value: Any) -> None:
        self._keys = tuple(value)
        self._values = tuple(value.values()) if type(value) is dict else None

    def __len__(self) -> int:
        return len(self._keys)

    def part(self, start: int, stop: int) -> tuple[Any, ...]:
        """Return elements; of a dict, keys and then values."""
        if self._values is None:
            return self._keys[start:stop]
        return self._keys[start:stop] + self._values[start:stop]


# --- cutting --------------------------------------------------------------------------------------------------


class _Cutting:
    """One container being cut: former pieces are kept where they still are, the rest is cut anew."""

    def __init__(self, elements: _Elements, save: Save, copies: Copies) -> None:
        self._elements = elements
        self._save = save
        self._copies = copies

    def pieces(self, former: Sequence[Piece]) -> list[Piece]:
        """Return the pieces; raises NotPlainError."""
        kept = list(self._kept(former))
        pieces: list[Piece] = []
        done = 0
        each = 0
        for start, piece in [*kept, (len(self._elements), None)]:
            if start > done:
                each = each or self._elements_per_piece()
                if (
                    pieces and pieces[-1].count < each // 2
                ):  # what was appended joins a piece that is not full
                    done -= pieces.pop().count
                pieces.extend(self._cut(done, start, each))
            if piece is not None:
                pieces.append(piece)
                done = start + piece.count
        return pieces

    def _kept(self, former: Sequence[Piece]) -> Iterator[tuple[int, Piece]]:
        """Yield where each former piece still is: at its place, or moved by what the length has changed."""
        moved = len(self._elements) - sum(piece.count for piece in former)
        place = done = 0
        for piece in former:
            for start in (place, place + moved) if moved else (place,):
                stop = start + piece.count
                if done <= start and stop <= len(self._elements):
                    same = self._as_it_was(piece, self._elements.part(start, stop))
                    if same is not None:
                        yield start, same
                        done = stop
                        break
            place += piece.count

    def _as_it_was(self, piece: Piece, part: tuple[Any, ...]) -> Piece | None:
        """Return the piece for elements with the same content and the same objects; None when they differ."""
        if piece.atoms is not None:
            return piece if pointers(part) == pointers(piece.atoms) else None
        saved = self._save(part)
        if prints_of(memoryview(saved.data)) != piece.print:
            return None
        if _links(part, saved.instances)[1] == piece.links:
            return piece
        return _piece(part, piece.count, (piece.print, piece.chunks), saved.needs, saved.instances)

    def _elements_per_piece(self) -> int:
        middle = len(self._elements) // 2
        size = len(self._save(self._elements.part(middle, middle + _SAMPLE)).data)
        return max(1, min(_MOST, int(_TARGET * max(1, min(_SAMPLE, len(self._elements) - middle)) / size)))

    def _cut(self, start: int, stop: int, each: int) -> Iterator[Piece]:
        for first in range(start, stop, each):
            last = min(first + each, stop)
            part = self._elements.part(first, last)
            saved = self._save(part)
            data = memoryview(saved.data)
            chunks, print_ = chunked(data, prints_of(data), {}, {}, self._copies)
            yield _piece(part, last - first, (print_, chunks), saved.needs, saved.instances)


def _piece(
    part: tuple[Any, ...],
    count: int,
    pickled: tuple[Print, list[Chunk]],
    needs: Needs,
    instances: bool,
) -> Piece:
    """Return the piece that `part` is, given its pickle."""
    print_, chunks = pickled
    kinds = set(map(type, part))
    if kinds <= _ATOMS:
        long = array("Q") if kinds.isdisjoint(_TEXTS) else _long([part])
        return Piece(count, print_, chunks, b"", array("Q"), long, atoms=part)
    levels, links = _links(part, instances)
    changing = set(map(id, chain.from_iterable(map(_mutable, levels))))
    mutable = array("Q", changing.union(*(unseen_dicts(level, _neutral) for level in levels)))
    _neutral.forget()
    return Piece(count, print_, chunks, links, mutable, _long(levels), needs)


def _mutable(level: tuple[Any, ...]) -> Iterator[Any]:
    kinds = tuple(map(type, level))
    changing = {kind for kind in set(kinds) if not _neutral[kind]}
    return compress(level, map(changing.__contains__, kinds))


def _followed(level: tuple[Any, ...]) -> Iterator[Any]:
    kinds = tuple(map(type, level))
    holding = {kind for kind in set(kinds) if not _neutral[kind] or issubclass(kind, (tuple, frozenset))}
    return compress(level, map(holding.__contains__, kinds))


_neutral = Neutral()


def _long(levels: Iterable[Sequence[Any]]) -> "array[int]":
    """Return the ids of texts that are too long to be stored more than once."""
    found: set[int] = set()
    for level in levels:
        texts = list(compress(level, map(_TEXTS.__contains__, map(type, level))))
        if texts and max(map(len, texts)) > _LONG:
            found.update(id(text) for text in texts if len(text) > _LONG)
    return array("Q", found)


def _links(part: tuple[Any, ...], instances: bool) -> tuple[list[tuple[Any, ...]], bytes]:
    """Return the objects below `part` level by level, and the print of all their addresses.

    What is reached twice is there twice. The texts that are keys may be left out: they are no links. Nothing
    is followed into classes and members of enumerations.
    """
    levels = [part]
    prints = [xxh3_128_digest(pointers(part))]
    reached = len(part)
    while levels[-1]:
        followed = _followed(levels[-1]) if instances else levels[-1]
        level = tuple(gc.get_referents(*followed))
        reached += len(level)
        if len(levels) > _DEEPEST or reached > _WIDEST:
            raise NotPlainError("nested too deeply")
        levels.append(level)
        prints.append(xxh3_128_digest(pointers(level)))
    if instances:
        unseen = chain.from_iterable(unseen_dicts(level, _neutral) for level in levels)
        prints.append(xxh3_128_digest(array("Q", unseen).tobytes()))
    return levels, xxh3_128_digest(b"".join(prints))


# --- addressing what lies inside ------------------------------------------------------------------------------


def paths_to(value: Any, spread: Spread, numbers: Iterable[int]) -> list[tuple[int, ...]]:
    """Return the way to each container inside `value` whose id is given: its position on every level."""
    wanted = set(numbers)
    found: list[tuple[int, ...]] = []
    start = 0
    for piece in spread.pieces:
        here = wanted.intersection(piece.mutable)
        if here:
            found += _found(tuple(islice(parts_of(value), start, start + piece.count)), start, here)
        start += piece.count
    return found


def _found(elements: tuple[Any, ...], start: int, wanted: set[int]) -> Iterator[tuple[int, ...]]:
    """Yield the way to each object that is wanted; what holds many objects is passed over in C."""
    waiting: deque[tuple[tuple[int, ...], int, tuple[Any, ...]]] = deque([((), start, elements)])
    while waiting and wanted:
        path, first, parts = waiting.popleft()
        for position in compress(count(), map(wanted.__contains__, map(id, parts))):
            wanted.discard(id(parts[position]))
            yield (*path, first + position)
        if wanted:
            holding = map(_ATOMS.__contains__, map(type, parts))
            waiting.extend(
                ((*path, first + position), 0, tuple(parts_of(parts[position])))
                for position in compress(count(), map(not_, holding))
            )
