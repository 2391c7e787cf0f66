"""One pass over suspect roots: look at each, find what ties them, decide what changed.

Nothing of the engine is touched; the outcome is committed by the engine as a whole. All looks of a pass stay
alive until it ends, so that no id means two objects within it.
"""

import io
import pickle
import types
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state import collector
from runtrack_jupyter.state.component import Chunk, Copies, LiveComponent, Print, chunked, prints_of
from runtrack_jupyter.state.cutter import Cutter, Place
from runtrack_jupyter.state.kinds.arrays import Regions
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX, ClassKeys
from runtrack_jupyter.state.kinds.functions import is_importable, is_imported
from runtrack_jupyter.state.kinds.interpreter import standing_for
from runtrack_jupyter.state.ledger import NOTHING, Absence, Fingerprint, Known, Ledger, Owners, watch
from runtrack_jupyter.state.links import Memo, Ties, grouped
from runtrack_jupyter.state.pickling import Reach, StatePickler, begin_pass, look
from runtrack_jupyter.state.pieces import Piece, Spread
from runtrack_jupyter.state.roundtrip.census import census_digest
from runtrack_jupyter.state.unsavable import CannotSaveError, gap_for

__all__ = ["Survey"]

_ATOMS = frozenset({int, float, complex, bool, type(None)})
_TEXTS = frozenset({str, bytes})
_SMALL = 1 << 12  # longer texts are not kept alive to compare them


class _Unit(msgspec.Struct, eq=False):
    """Roots looked at together, and what came of it."""

    roots: tuple[str, ...]
    print: Fingerprint
    stream: memoryview
    buffers: list[memoryview | Piece]
    ties: Ties = Ties()
    codes: tuple[types.CodeType, ...] = ()
    settled: Known | None = None  # nothing changed, in content or in what it reaches
    atom: Any = NOTHING
    keeps: Reach | None = None
    rebuilt: str = ""
    spreads: dict[Place, Spread] = {}
    alone: dict[str, Fingerprint] = {}


class Survey:
    """One pass. After `run`: `found` maps roots to their components, `absent` to their gaps, `gone` are neither."""

    def __init__(
        self,
        before: Ledger,
        owners: Owners,
        namespace: dict[str, Any],
        keys: ClassKeys,
        limit: int,
        tokens: Iterable[str],
        copies: Copies,
        spreads: Mapping[int, Spread] | None = None,
    ) -> None:
        self.found: dict[str, Known] = {}
        self.absent: dict[str, Absence] = {}
        self.gone: set[str] = set()
        self.censuses: dict[LiveComponent, bytes] = {}  # of components that have another one than before
        self._before = before
        self._owners = owners
        self._namespace = namespace
        self._keys = keys
        self._limit = limit
        self._tokens = iter(tokens)
        self._copies = copies
        self._regions = Regions()
        self._objects: Mapping[str, Any] = {}
        self._queue: deque[tuple[str, ...]] = deque()
        self._seen: set[str] = set()
        self._units: list[_Unit] = []
        self._together: dict[tuple[str, ...], _Unit] = {}
        self._memos: list[Memo] = []
        self._prints: dict[tuple[int, int], Print] = {}
        self._cutter = Cutter(keys, copies, spreads or {})

    def know(self, prints: dict[tuple[int, int], Print]) -> None:
        """Take the prints of memory that was hashed a moment ago, by address and size."""
        self._prints.update(prints)

    def run(
        self, roots: Iterable[str], places: Mapping[str, Any], objects: Mapping[str, Any] | None = None
    ) -> None:
        """Look at `roots` and at whatever they turn out to be tied to.

        `places` are plain values of reserved roots; `objects` are the values of those that hold objects.
        """
        self._objects = objects or {}
        self._copies.begin()
        with collector.at_rest():
            self._run(roots, places)

    def leave_out(self, reasons: Mapping[str, str]) -> None:
        """Record what a place leaves out, in words, by the root that stands for it."""
        for root, reason in reasons.items():
            self.absent[root] = Absence(Gap(subject=root, kind="redacted", reason=reason), 0)

    def _run(self, roots: Iterable[str], places: Mapping[str, Any]) -> None:
        begin_pass()
        for root, value in places.items():
            self._units.append(self._unit_of(root, value, _without_memo(value)))
        for root in roots:
            self._enqueue(root)
        while self._queue:
            self._visit(self._queue.popleft())
        for numbers in grouped((index, unit.ties) for index, unit in enumerate(self._units)):
            self._decide([self._units[number] for number in numbers])
        self._spread_absence()

    # --- looking ---

    def _enqueue(self, root: str) -> None:
        if root in self._seen:
            return
        known = self._before.known.get(root)
        group = known.live.roots if known is not None else (root,)
        self._seen.update(group)
        self._queue.append(group)

    def _value(self, root: str) -> Any:
        if root.startswith(CLASS_PREFIX):
            cls = self._keys.get(root[len(CLASS_PREFIX) :])
            return NOTHING if cls is None else cls
        if root.startswith("@"):
            return self._objects.get(root, NOTHING)
        return self._namespace.get(root, NOTHING)

    def _visit(self, group: tuple[str, ...]) -> None:
        present = tuple(root for root in group if self._value(root) is not NOTHING)
        self.gone.update(set(group) - set(present))
        known = self._before.known.get(group[0])
        if known is not None and present == group and self._visit_known(group, known):
            return
        for root in present:
            if (root,) not in self._together:
                unit = self._try((root,))
                if unit is not None:
                    self._add(unit)

    def _visit_known(self, group: tuple[str, ...], known: Known) -> bool:
        """Look at a known component as a whole; True when no other look at its roots is needed."""
        if known.atom is not NOTHING and known.atom is self._value(group[0]):
            return True
        unit = self._try(group, quiet=len(group) > 1)
        if unit is None:
            return len(group) == 1
        if unit.print == known.print:
            unit.settled = known
            unit.alone = known.alone
            if unit.ties == known.ties:
                unit.ties = known.ties  # the same sets: whoever compares them again is done at once
        elif len(group) > 1:
            self._together[group] = unit
            return False
        self._add(unit)
        return True

    def _add(self, unit: _Unit) -> None:
        self._units.append(unit)
        if unit.settled is None or unit.settled.ties != unit.ties:
            for root in sorted(self._owners.roots_of(unit.ties)):
                self._enqueue(root)
        for key in unit.print.references:
            self._enqueue(CLASS_PREFIX + key)

    def _try(self, roots: tuple[str, ...], *, quiet: bool = False) -> _Unit | None:
        """Look at roots together; None, and a gap for each unless `quiet`, when that cannot be done."""
        values = tuple(standing_for(self._value(root)) for root in roots)
        if len(roots) == 1 and _is_plain(values[0]):
            return self._plain(roots[0], values[0])
        pickler: StatePickler | None = None
        former = {
            place: cut
            for root in roots
            if root in self._before.known
            for place, cut in self._before.known[root].spreads.items()
        }

        def cut(elements: Any, owner: object) -> Spread | None:
            return self._cutter.cut(elements, owner, former.get((roots[0], id(owner))))

        def new_pickler() -> StatePickler:
            nonlocal pickler
            limit = self._limit * len(roots)
            pickler = StatePickler(
                self._namespace, self._keys, self._regions, limit, earlier=self._memos, cut=cut
            )
            return pickler

        try:
            wholes = self._cutter.among(roots, values, former)
            reach = look(roots, values, new_pickler, tuple(wholes.values()))
        except Exception as error:  # noqa: BLE001 - reducers and __getstate__ are the user's: any error is a gap
            if not quiet:
                self._give_up(roots, error, tuple(pickler.codes) if pickler is not None else ())
            return None
        self._memos.append(reach.memo)
        unit = self._unit(reach, values)
        unit.spreads = {place: whole.spread for place, whole in wholes.items()}
        unit.spreads.update(((roots[0], number), found) for number, found in reach.inside.items())
        return unit

    def _give_up(self, roots: tuple[str, ...], error: Exception, codes: tuple[types.CodeType, ...]) -> None:
        for root in roots:
            value = self._value(root)
            former = self._before.absent.get(root)
            same = former is not None and former.is_for(value)
            watched = watch(value)
            token = "" if isinstance(watched, int) else next(self._tokens)
            if former is not None and same:
                token = former.gap.token
            self.absent[root] = Absence(gap_for(root, error, token), watched, codes)

    def _unit(self, reach: Reach, values: tuple[Any, ...]) -> _Unit:
        fingerprint = Fingerprint(
            prints_of(reach.stream),
            tuple(
                buffer.print if isinstance(buffer, Piece) else self._print_of(buffer)
                for buffer in reach.buffers
            ),
            reach.references,
            reach.python,
            reach.libraries,
        )
        unit = _Unit(
            reach.roots,
            fingerprint,
            reach.stream,
            reach.buffers,
            reach.ties,
            reach.codes,
            keeps=reach,
            rebuilt=reach.rebuilt,
        )
        if len(reach.roots) == 1:
            unit.alone = {reach.roots[0]: fingerprint}
            if _is_by_name(values[0]):
                unit.atom = values[0]
        return unit

    def _print_of(self, buffer: memoryview) -> Print:
        # The same owner comes alone and in the look at its whole group: hash its memory once.
        interface = getattr(buffer.obj, "__array_interface__", None)
        if interface is None:
            return prints_of(buffer)
        where = (interface["data"][0], buffer.nbytes)
        prints = self._prints.get(where)
        if prints is None:
            prints = self._prints[where] = self._copies.prints_of(buffer, where[0])
        return prints

    def _plain(self, root: str, value: Any) -> _Unit:
        return self._unit_of(root, value, pickle.dumps(value, 5))

    @staticmethod
    def _unit_of(root: str, value: Any, pickled: bytes) -> _Unit:
        stream = memoryview(pickled)
        fingerprint = Fingerprint(prints_of(stream), (), (), "")
        return _Unit((root,), fingerprint, stream, [], atom=value, alone={root: fingerprint})

    # --- deciding ---

    def _decide(self, units: list[_Unit]) -> None:
        if len(units) == 1:
            self._keep(units[0])
            return
        roots = tuple(sorted(root for unit in units for root in unit.roots))
        unit = self._together.get(roots) or self._try(roots)
        if unit is not None:
            for part in units:
                unit.alone = {**unit.alone, **part.alone}
            self._keep(unit)

    def _keep(self, unit: _Unit) -> None:
        known = self._known(unit)
        for root in unit.roots:
            self.found[root] = known

    def _known(self, unit: _Unit) -> Known:
        former = self._before.known.get(unit.roots[0])
        if former is not None and (former.live.roots != unit.roots or former.print != unit.print):
            former = None
        glance = 0 if unit.keeps is None else unit.keeps.glance()
        if former is not None:
            if (
                former.ties == unit.ties
                and former.atom is unit.atom
                and former.spreads == unit.spreads
                and former.glance == glance
            ):
                return former
            live, prints, pieces = former.live, former.print, former.pieces
        else:
            live, prints, pieces = self._copied(unit)
        return Known(
            live,
            prints,
            unit.alone,
            unit.ties,
            unit.codes,
            pieces,
            unit.atom,
            unit.rebuilt,
            unit.spreads,
            glance,
            self._census(unit, live, b"" if former is None else former.census),
        )

    def _census(self, unit: _Unit, live: LiveComponent, former: bytes) -> bytes:
        """Describe the custom objects; return what tells this description from another one."""
        census = b"" if unit.keeps is None else unit.keeps.census()
        digest = census_digest(census)
        if census and digest != former:
            self.censuses[live] = census
        return digest

    def _copied(self, unit: _Unit) -> tuple[LiveComponent, Fingerprint, dict[bytes, Chunk]]:
        old: dict[bytes, Chunk] = {}
        for root in unit.roots:
            former = self._before.known.get(root)
            if former is not None:
                old.update(former.pieces)
        pieces: dict[bytes, Chunk] = {}
        stream, stream_print = chunked(unit.stream, unit.print.stream, old, pieces, self._copies)
        copies = [
            (buffer.chunks, buffer.print)
            if isinstance(buffer, Piece)
            else chunked(buffer, prints, old, pieces, self._copies)
            for buffer, prints in zip(unit.buffers, unit.print.buffers, strict=True)
        ]
        live = LiveComponent(
            unit.roots,
            stream,
            [chunks for chunks, _ in copies],
            references=unit.print.references,
            python=unit.print.python,
            libraries=unit.print.libraries,
        )
        taken = unit.print._replace(stream=stream_print, buffers=tuple(prints for _, prints in copies))
        return live, taken, pieces

    def _spread_absence(self) -> None:
        """Make a gap of whatever needs a class that is one."""
        lost = {root for root in self.absent if root.startswith(CLASS_PREFIX)}
        while lost:
            needing = {
                root: CLASS_PREFIX + key
                for root, known in {**self._before.known, **self.found}.items()
                if root not in self.absent and root not in self.gone
                for key in known.print.references
                if CLASS_PREFIX + key in lost
            }
            for root, class_root in needing.items():
                self.found.pop(root, None)
                name = getattr(self._value(class_root), "__qualname__", "?")
                reason = self.absent[class_root].gap.reason
                self._give_up((root,), CannotSaveError(f"an object of class {name} ({reason})"), ())
            lost = {root for root in needing if root.startswith(CLASS_PREFIX)}


def _without_memo(value: Any) -> bytes:
    """Pickle plain data without references within it: the unpickler's memo does not begin where another's does."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, 5)
    pickler.fast = True
    pickler.dump(value)
    return file.getvalue()


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind in _ATOMS or (kind in _TEXTS and len(value) <= _SMALL)


def _is_by_name(value: Any) -> bool:
    kind = type(value)  # what `isinstance` asks of a weak proxy is its target's, or raises
    if issubclass(kind, types.ModuleType):
        return is_imported(value)
    return issubclass(kind, (types.FunctionType, type)) and is_importable(value)
