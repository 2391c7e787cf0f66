"""What objects really are, seen past their own pickling: compared with what comes back, it tells what gets lost.

A census is taken of the custom objects of one look (`custom`), by their numbers in the pickler's memo, which are
the numbers they have in an unpickler's. It holds names, types, sizes and digests, no values; what an object
refers to and is saved is only a number. Nothing of the user's runs (`anatomy`).
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec
from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from runtrack_jupyter.state.links import Memo
from runtrack_jupyter.state.roundtrip.anatomy import Anatomy, Contents, detail_of, is_atom, is_by_name, named

__all__ = [
    "Again",
    "Atom",
    "Census",
    "Entry",
    "Items",
    "Kind",
    "Pairs",
    "Ref",
    "Sketch",
    "Thing",
    "Unordered",
    "atom_of",
    "census_digest",
    "decode_census",
    "encode_sketch",
    "glance",
    "is_plain",
    "plain_sketch",
    "sketch_of",
    "take_census",
]


class _Node(msgspec.Struct, array_like=True, tag_field="t", frozen=True, gc=False):
    """What every part of a sketch shares. `number` is what `Again` calls it."""


class Atom(_Node, tag="a", frozen=True, gc=False):
    """A number, text or the like: its type, and its value or the digest of it."""

    type: str
    value: str


class Ref(_Node, tag="r", frozen=True, gc=False):
    """An object that the stream holds, by its number in the memo."""

    number: int


class Again(_Node, tag="b", frozen=True, gc=False):
    """An object that the stream does not hold, and that this census described before."""

    number: int


class Kind(_Node, tag="x", frozen=True, gc=False):
    """Something of which only the type is known, and at most a name or digest."""

    type: str
    detail: str = ""


class Items(_Node, tag="s", frozen=True, gc=False):
    """A sequence; `items` are the first of its `length` elements."""

    type: str
    length: int
    items: "tuple[Sketch, ...]"
    number: int = -1


class Unordered(_Node, tag="u", frozen=True, gc=False):
    """A set; `items` are empty where it is too large to be described."""

    type: str
    length: int
    items: "tuple[Sketch, ...]"
    number: int = -1


class Pairs(_Node, tag="d", frozen=True, gc=False):
    """A mapping in its order; `items` are the first of its `length` pairs."""

    type: str
    length: int
    items: "tuple[tuple[Sketch, Sketch], ...]"
    number: int = -1


class Thing(_Node, tag="o", frozen=True, gc=False):
    """Another object that the stream does not hold, by its parts."""

    type: str
    parts: "dict[str, Sketch]"
    number: int = -1


Sketch = Atom | Ref | Again | Kind | Items | Unordered | Pairs | Thing


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One custom object: its number in the memo, and its parts.

    Parts are named by where they lie: ``.name`` an attribute, ``/name`` a slot or member, ``[]`` what a container
    holds, ``=`` the value of a number or text, ``@table`` state kept beside the class.
    """

    index: int
    type: str
    parts: dict[str, Sketch]


Census = tuple[Entry, ...]

_FEW = 20
_MOST_OBJECTS = 1_000  # of one component; of more, every n-th is looked at
_MOST_NODES = 10_000
_MOST_ITEMS = 1_000  # of one container or object
_DEEPEST = 5
_SHORT = 40

_CONTAINERS = frozenset({OrderedDict, dict, list, tuple, deque, set, frozenset})
_HASHED = frozenset({int, float, str, bytes, bool, type(None)})  # by value: their addresses are used again
_SHARED = frozenset({tuple, frozenset})  # which are the same when they hold the same

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Census)


def take_census(memo: Memo, noted: Iterable[int]) -> bytes:
    """Return the census of the objects with these ids, all of them in `memo`; repeatable byte by byte."""
    found = sorted((memo[number] for number in set(noted) if number in memo), key=lambda entry: entry[0])
    if len(found) > _MOST_OBJECTS:
        found = found[:: -(-len(found) // _MOST_OBJECTS)]
    taker = _Taker(memo)
    entries = [
        Entry(index, named(type(value)), taker.parts(value, 0))
        for index, value in found
        if not is_by_name(value)
    ]
    return _encoder.encode(entries) if entries else b""


def glance(memo: Memo, noted: Sequence[int]) -> int:
    """Return what differs when objects are other ones than before: it says whether another census is needed.

    Of a few objects that is the census itself; of many, at a tenth of its cost, whether they hold the same values
    and containers of the same lengths.
    """
    if len(noted) <= _FEW:
        return hash(take_census(memo, noted))
    anatomies: dict[type, Anatomy] = {}
    seen = 0
    for number in noted:
        entry = memo.get(number)
        if entry is None:
            continue
        kind = type(entry[1])
        anatomy = anatomies.get(kind)
        if anatomy is None:
            anatomy = anatomies[kind] = Anatomy(kind)
        seen = hash((seen, number, tuple(map(_glimpse, anatomy.values(entry[1])))))
    return seen


def _glimpse(value: Any) -> Any:
    kind = type(value)
    if kind in _HASHED:
        return value
    return (id(value), len(value)) if kind in _CONTAINERS else id(value)


def decode_census(data: bytes) -> Census:
    """Return a census as it was taken."""
    return _decoder.decode(data)


def census_digest(data: bytes) -> bytes:
    """Return what differs when a census does; empty for none."""
    return xxh3_128_digest(data) if data else b""


def sketch_of(value: Any) -> bytes:
    """Return what tells whether two values are alike in structure, shared and repeated objects included."""
    return _encoder.encode(_Taker({}).sketch(value, 0))


def plain_sketch(value: Any) -> bytes:
    """Return the sketch of a number, text or empty container; empty for anything that may refer to others."""
    sketch = _Taker({}).sketch(value, 0)
    return encode_sketch(sketch) if is_plain(sketch) else b""


def is_plain(sketch: Sketch) -> bool:
    """Tell whether a sketch says all there is to say, whatever else the stream holds."""
    return isinstance(sketch, Atom) or (isinstance(sketch, (Items, Unordered, Pairs)) and sketch.length == 0)


def encode_sketch(sketch: Sketch) -> bytes:
    """Return a sketch as bytes, numbered as if it were the only one."""
    if not isinstance(sketch, Atom) and is_plain(sketch):
        sketch = msgspec.structs.replace(sketch, number=0)
    return _encoder.encode(sketch)


def atom_of(value: Any) -> Atom:
    """Describe a number, text or the like."""
    kind = type(value)
    if kind is int and value.bit_length() > 128:
        text = xxh3_128_hexdigest(value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))
    elif kind is str and len(value) > _SHORT:
        text = xxh3_128_hexdigest(value.encode("utf-8", "surrogatepass"))
    elif kind is bytes and len(value) > _SHORT:
        text = xxh3_128_hexdigest(value)
    else:
        text = ascii(value)
    return Atom(kind.__name__, text)


class _Taker:
    """Describes objects, with one budget and one numbering for a whole census."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._left = _MOST_NODES
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no id means two objects
        self._anatomies: dict[type, Anatomy] = {}

    def _anatomy(self, kind: type) -> Anatomy:
        anatomy = self._anatomies.get(kind)
        if anatomy is None:
            anatomy = self._anatomies[kind] = Anatomy(kind)
        return anatomy

    def parts(self, value: Any, depth: int) -> dict[str, Sketch]:
        """Describe each part of an object."""
        anatomy = self._anatomy(type(value))
        found = {
            name: self.sketch(part, depth + 1) for name, part in islice(anatomy.parts(value), _MOST_ITEMS)
        }
        contents = anatomy.contents(value)
        if contents is not None:
            if contents.atom is not None:
                found["="] = atom_of(contents.atom)
            else:
                found["[]"] = self._container(contents, depth, -1)
        return found

    def sketch(self, value: Any, depth: int) -> Sketch:
        """Describe a value that something refers to."""
        self._left -= 1
        kind = type(value)
        if is_atom(value):
            return atom_of(value)
        if is_by_name(value):
            return Kind(named(kind), detail_of(value))
        number = -1
        if kind not in _SHARED:
            entry = self._memo.get(id(value))
            if entry is not None:
                return Ref(entry[0])
            known = self._seen.get(id(value))
            if known is not None:
                return Again(known)
            number = self._seen[id(value)] = len(self._seen)
            self._kept.append(value)
        if depth >= _DEEPEST or self._left <= 0:
            return Kind(named(kind))
        return self._described(value, kind, depth, number)

    def _described(self, value: Any, kind: type, depth: int, number: int) -> Sketch:
        if kind in _CONTAINERS:
            contents = self._anatomy(kind).contents(value)
            if contents is not None:
                return self._container(contents, depth, number)
        detail = detail_of(value)
        if detail:
            return Kind(named(kind), detail)
        return Thing(named(kind), self.parts(value, depth), number)

    def _container(self, contents: Contents, depth: int, number: int) -> Sketch:
        kind, items = contents.kind, contents.items
        most = min(_MOST_ITEMS, max(0, self._left))
        if contents.shape == "pairs":
            pairs = tuple((self.sketch(k, depth + 1), self.sketch(v, depth + 1)) for k, v in items[:most])
            return Pairs(kind, len(items), pairs, number)
        if contents.shape == "unordered":
            # A set's own order is another in every process.
            sketches = [self.sketch(each, depth + 1) for each in items] if len(items) <= most else []
            return Unordered(kind, len(items), tuple(sorted(sketches, key=_encoder.encode)), number)
        return Items(kind, len(items), tuple(self.sketch(each, depth + 1) for each in items[:most]), number)
