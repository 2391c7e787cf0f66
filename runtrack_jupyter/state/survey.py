"""One pass over suspect roots: look at each, find what ties them, decide what changed.

Nothing of the engine is touched; the outcome is committed by the engine as a whole. All looks of a pass stay
alive until it ends, so that no id means two objects within it.
"""

import contextlib
import types
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any, TypeVar

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state import collector, depth
from runtrack_jupyter.state.atoms import is_by_name, is_plain
from runtrack_jupyter.state.component import Copies, LiveComponent, Print, prints_of
from runtrack_jupyter.state.cutter import Cutter
from runtrack_jupyter.state.deadline import TooSlowError
from runtrack_jupyter.state.kinds.arrays import Regions
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX, ClassKeys
from runtrack_jupyter.state.kinds.interpreter import standing_for
from runtrack_jupyter.state.ledger import NOTHING, Absence, Fingerprint, Known, Ledger, Owners, watch
from runtrack_jupyter.state.links import Memo, grouped
from runtrack_jupyter.state.patience import Patience, Rest, each_of
from runtrack_jupyter.state.pickling import Reach, StatePickler, begin_pass, look
from runtrack_jupyter.state.pieces import Piece, Spread
from runtrack_jupyter.state.records import Limits
from runtrack_jupyter.state.roundtrip.census import census_digest
from runtrack_jupyter.state.units import Unit, plain_unit
from runtrack_jupyter.state.unsavable import CannotSaveError, Failure, failure_of, own_name

__all__ = ["Survey"]

_R = TypeVar("_R")


class Survey:
    """One pass. After `run`: `found` maps roots to their components, `absent` to their gaps, `gone` are neither."""

    def __init__(
        self,
        before: Ledger,
        owners: Owners,
        namespace: dict[str, Any],
        keys: ClassKeys,
        limits: Limits,
        patience: Patience,
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
        self._resting = {root: each for root, each in before.absent.items() if each.rest is not None}
        self._limits = limits
        self._patience = patience
        self._tokens = iter(tokens)
        self._copies = copies
        self._regions = Regions()
        self._objects: Mapping[str, Any] = {}
        self._queue: deque[tuple[str, ...]] = deque()
        self._seen: set[str] = set()
        self._units: list[Unit] = []
        self._together: dict[tuple[str, ...], Unit] = {}
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
        self._copies.begin(self._patience.uncounted)
        with collector.at_rest(), depth.bounded():
            self._run(roots, places)
            if self._memos:
                with contextlib.suppress(TooSlowError):
                    self._patience.run(self._let_go)

    def _let_go(self) -> None:
        """Let what pickling made die in here, with its destructors."""
        self._together.clear()
        self._units.clear()
        self._memos.clear()

    def leave_out(self, gaps: Iterable[Gap]) -> None:
        """Record what places leave out; each gap is about the root that stands for it."""
        self.absent.update({gap.subject: Absence(gap, 0) for gap in gaps})

    def _run(self, roots: Iterable[str], places: Mapping[str, Any]) -> None:
        begin_pass()
        for root, value in places.items():
            self._units.append(plain_unit(root, value, memo=False))
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

    def _add(self, unit: Unit) -> None:
        self._units.append(unit)
        if unit.settled is None or unit.settled.ties != unit.ties:
            for root in sorted(self._owners.roots_of(unit.ties)):
                self._enqueue(root)
        for key in unit.print.references:
            self._enqueue(CLASS_PREFIX + key)

    def _try(self, roots: tuple[str, ...], *, quiet: bool = False) -> Unit | None:
        """Look at roots together; None, and a gap for each unless `quiet`, when that cannot be done."""
        values = tuple(standing_for(self._value(root)) for root in roots)
        if len(roots) == 1 and is_plain(values[0]):
            return plain_unit(roots[0], values[0])
        if len(roots) == 1 and self._resting and self._rests(roots[0]):
            return None
        codes: list[types.CodeType] = []
        unit = self._within_limits(self._looked, roots, values, codes)
        if isinstance(unit, Failure):
            if not quiet:
                self._give_up(roots, unit, tuple(codes))
            return None
        return unit

    def _within_limits(self, function: Callable[..., _R], *args: Any) -> _R | Failure:
        """Return what `function` returns, or why it cannot; what it left half done dies in here."""
        try:
            return self._patience.run(_attempted, function, *args)
        except TooSlowError as error:
            return failure_of(error)

    def _rests(self, root: str) -> bool:
        """Make a gap of what was too slow a short while ago, or directly holds such a thing; True when it is one."""
        for held, (name, former) in product(each_of(self._value(root)), self._resting.items()):
            if former.is_for(held) and self._patience.rests(former.rest, held):
                if name == root:
                    self.absent[root] = former
                else:
                    self._give_up(
                        (root,), Failure("too-slow", f"not saved: it holds {name}, which takes too long")
                    )
                return True
        return False

    def _looked(self, roots: tuple[str, ...], values: tuple[Any, ...], codes: list[types.CodeType]) -> Unit:
        """Return what the roots reach; raises what pickling raises. `codes` receives the code that was met."""
        former = {
            place: cut
            for root in roots
            if root in self._before.known
            for place, cut in self._before.known[root].spreads.items()
        }

        def cut(elements: Any, owner: object) -> Spread | None:
            return self._cutter.cut(elements, owner, former.get((roots[0], id(owner))))

        def new_pickler() -> StatePickler:
            codes.clear()
            limit = self._limits.variable * len(roots)
            pickler = StatePickler(
                self._namespace, self._keys, self._regions, limit, earlier=self._memos, cut=cut
            )
            pickler.codes = codes
            return pickler

        wholes, picks = self._cutter.among(roots, values, former)
        reach = look(roots, values, new_pickler, tuple(wholes.values()), picks)
        unit = self._unit(reach, values)
        self._memos.append(reach.memo)
        unit.spreads = {place: whole.spread for place, whole in wholes.items()}
        unit.spreads.update(((roots[0], number), found) for number, found in reach.inside.items())
        return unit

    def _give_up(
        self, roots: tuple[str, ...], failure: Failure, codes: tuple[types.CodeType, ...] = ()
    ) -> None:
        for root in roots:
            value = self._value(root)
            former = self._before.absent.get(root)
            same = former is not None and former.is_for(value)
            watched = watch(value)
            token = "" if isinstance(watched, int) else next(self._tokens)
            rest = None
            if former is not None and same:
                token, rest = former.gap.token, former.rest
            gap = Gap(subject=root, kind=failure.kind, reason=failure.reason, token=token)
            rest = Rest.after(rest, value) if failure.rests else None
            self.absent[root] = Absence(gap, watched, codes, rest)
            if rest is not None:
                self._resting[root] = self.absent[root]

    def _unit(self, reach: Reach, values: tuple[Any, ...]) -> Unit:
        fingerprint = Fingerprint(
            prints_of(reach.stream),
            self._prints_of(reach.buffers),
            reach.references,
            reach.python,
            reach.libraries,
        )
        unit = Unit(
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
            if is_by_name(values[0]):
                unit.atom = values[0]
        return unit

    def _prints_of(self, buffers: list[memoryview | Piece]) -> tuple[Print, ...]:
        if not buffers:
            return ()
        with self._patience.uncounted():
            return tuple(
                buffer.print if isinstance(buffer, Piece) else self._print_of(buffer) for buffer in buffers
            )

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

    # --- deciding ---

    def _decide(self, units: list[Unit]) -> None:
        if len(units) == 1:
            self._keep(units[0])
            return
        roots = tuple(sorted(root for unit in units for root in unit.roots))
        unit = self._together.get(roots) or self._try(roots)
        if unit is not None:
            for part in units:
                unit.alone = {**unit.alone, **part.alone}
            self._keep(unit)

    def _keep(self, unit: Unit) -> None:
        looks_deeper = unit.keeps is not None and unit.keeps.noted  # at custom objects
        known = (self._within_limits if looks_deeper else _attempted)(self._known, unit)
        if isinstance(known, Failure):
            self._give_up(unit.roots, known, unit.codes)
            return
        for root in unit.roots:
            self.found[root] = known

    def _known(self, unit: Unit) -> Known:
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
            with self._patience.uncounted():
                live, prints, pieces = unit.copied(self._before.known, self._copies)
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

    def _census(self, unit: Unit, live: LiveComponent, former: bytes) -> bytes:
        """Describe the custom objects; return what tells this description from another one."""
        census = b"" if unit.keeps is None else unit.keeps.census()
        digest = census_digest(census)
        if census and digest != former:
            self.censuses[live] = census
        return digest

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
                cls = self._value(class_root)
                name = own_name(cls) if isinstance(cls, type) else "?"
                reason = self.absent[class_root].gap.reason
                self._give_up((root,), failure_of(CannotSaveError(f"an object of class {name} ({reason})")))
            lost = {root for root in needing if root.startswith(CLASS_PREFIX)}


def _attempted(function: Callable[..., _R], *args: Any) -> _R | Failure:
    try:
        return function(*args)
    except (KeyboardInterrupt, TooSlowError):
        raise
    except BaseException as error:  # noqa: BLE001 - code of the user's runs in there: any error is a gap
        return failure_of(error)
