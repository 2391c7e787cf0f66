"""The state engine: what the namespace holds, as components, from one capture to the next.

The engine remembers fingerprints, not values. A capture looks at suspects, and at whatever they turn out to be
tied to; a restore loads what differs and leaves everything else untouched.
"""

import itertools
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from types import CodeType, FunctionType, MethodType
from typing import Any

from runtrack_jupyter.model import ComponentId, Gap
from runtrack_jupyter.state import collector, depth
from runtrack_jupyter.state.component import Copies, LiveComponent
from runtrack_jupyter.state.interrupts import Interrupts
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX, ClassKeys
from runtrack_jupyter.state.ledger import NOTHING, Absence, Known, Ledger, Owners, drop_unused_classes
from runtrack_jupyter.state.loading import Loading
from runtrack_jupyter.state.patience import Patience
from runtrack_jupyter.state.pieces import Spread
from runtrack_jupyter.state.records import Capture, Check, Limits, Payload, Restored
from runtrack_jupyter.state.restoring import Restoration
from runtrack_jupyter.state.sources import LiveMemory, Progress, Source
from runtrack_jupyter.state.surroundings import Seen, Surroundings, attributes_among, places_among, values_of
from runtrack_jupyter.state.survey import Survey
from runtrack_jupyter.state.variables import VariableNames

__all__ = ["StateEngine"]


class StateEngine:
    """The state of one namespace.

    `hidden` tells names that are no variables (``In``, ``_`` …; see VariableNames); `names_in` gives the globals code
    touches.
    Not thread safe: everything happens on the thread that runs the user's cells.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        *,
        hidden: Callable[[str], bool],
        names_in: Callable[[CodeType], frozenset[str]],
        limits: Limits | None = None,
        is_secret: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._namespace = namespace
        self._variables = VariableNames(namespace, hidden)
        self._names_in = names_in
        self._limits = limits or Limits()
        self.copies = Copies(self._limits.step)
        self._surroundings = Surroundings(is_secret)
        self._places: dict[str, bytes] = {}  # how each was at the last capture
        self._keys = ClassKeys()
        self._ledger = Ledger()
        self._owners = Owners()
        prefix = uuid.uuid4().hex[:12]
        self._tokens = (f"{prefix}-{number}" for number in itertools.count(1))

    # --- looking without touching ---

    @property
    def namespace(self) -> dict[str, Any]:
        """The live namespace."""
        return self._namespace

    def roots(self) -> tuple[str, ...]:
        """Every root there is, reserved ones and gaps included."""
        return tuple(sorted(self._ledger.known.keys() | self._ledger.absent.keys()))

    def names(self) -> set[str]:
        """Return the names of the variables there are now, looked at or not."""
        return self._variables.now()

    def live(self) -> dict[str, LiveComponent]:
        """Each root's component as of the last capture."""
        return {root: known.live for root, known in self._ledger.known.items()}

    def rebuilt(self, root: str) -> str:
        """Return, in words, what of a root is not saved but will be made anew; "" where everything is saved."""
        known = self._ledger.known.get(root)
        return "" if known is None else known.rebuilt

    def gaps(self) -> tuple[Gap, ...]:
        """Return the gaps that stand as of the last capture."""
        return tuple(absence.gap for absence in self._ledger.absent.values())

    def reached_from(self, names: Iterable[str]) -> frozenset[str]:
        """Return the globals touched by functions and classes of the notebook that `names` reach, transitively.

        What a component reached is known as of its last capture; a function bound since is looked at itself.
        """
        return self._reach(names)[0]

    def expect(self, code: CodeType, names: Iterable[str]) -> frozenset[str]:
        """Be told which code is about to run, so that what it does to libraries is seen; return what `names` reach."""
        reached, codes = self._reach(names)
        self._surroundings.expect((code, *codes), self._namespace)
        return reached

    def _reach(self, names: Iterable[str]) -> tuple[frozenset[str], set[CodeType]]:
        reached: set[str] = set()
        codes: set[CodeType] = set()
        visited: set[str] = set()
        open_roots = list(names)
        while open_roots:
            root = open_roots.pop()
            if root in visited:
                continue
            visited.add(root)
            known = self._ledger.known.get(root)
            if known is not None:
                open_roots.extend(CLASS_PREFIX + key for key in known.live.references)
                open_roots.extend(known.live.roots)
            if root in self._namespace:
                open_roots.extend(self._surroundings.touched((self._namespace[root],)))
            for code in self._codes_of(root, known):
                codes.add(code)
                touched = self._names_in(code)
                reached |= touched
                open_roots.extend(touched)
        return frozenset(reached), codes

    def _codes_of(self, root: str, known: Known | None) -> tuple[CodeType, ...]:
        codes = known.codes if known is not None else ()
        absence = self._ledger.absent.get(root)
        if absence is not None:
            codes += absence.codes
        value = self._namespace.get(root)
        if type(value) is MethodType:
            value = value.__func__
        if type(value) is FunctionType and value.__globals__ is self._namespace:
            codes += (value.__code__,)
        return codes

    # --- capturing ---

    def capture(self, suspects: Iterable[str] | None) -> Capture:
        """Look at `suspects` (None: at everything) and say what differs from the last capture.

        Interrupted by an exception it leaves the engine as it was.
        """
        seen = self._surroundings.look()
        looked_at = None if suspects is None else set(suspects)
        touched = self._touched(looked_at, seen)
        with (
            self._surroundings.libraries_at_first(),
            Patience(self._limits, everything=suspects is None) as patience,
        ):
            survey = self._survey(looked_at, seen, touched, patience)
        ledger = self._merged(survey)
        capture = self._difference(ledger, survey)
        self._commit(ledger)
        self._places = {root: each.key for root, each in seen.items()}
        return capture

    def _touched(self, suspects: set[str] | None, seen: Mapping[str, Seen]) -> Collection[str]:
        if suspects is None:
            return seen.keys()
        return self._surroundings.touched([self._namespace.get(name) for name in suspects])

    def _survey(
        self,
        suspects: set[str] | None,
        seen: Mapping[str, Seen],
        touched: Collection[str],
        patience: Patience,
    ) -> Survey:
        before = self._ledger
        survey = self._new_survey(self._owners, patience)
        known = before.known.keys() | before.absent.keys()
        visible = self.names() if suspects is not None else self._variables.every()
        wanted = visible | known if suspects is None else suspects & (visible | known)
        # Attributes of libraries that are what they were at first are gone, like names that were deleted.
        roots = sorted(wanted - places_among(wanted) | attributes_among(known) - seen.keys())
        places = {
            root: each
            for root, each in seen.items()
            if root not in before.known or self._places.get(root) != each.key
        }
        roots += sorted(
            root for root, each in seen.items() if not each.plain and (root in places or root in touched)
        )
        survey.run(roots, values_of(places, plain=True), values_of(seen, plain=False))
        survey.leave_out(self._surroundings.gaps())
        return survey

    def _new_survey(
        self, owners: Owners, patience: Patience, spreads: Mapping[int, Spread] | None = None
    ) -> Survey:
        return Survey(
            self._ledger,
            owners,
            self._namespace,
            self._keys,
            self._limits,
            patience,
            self._tokens,
            self.copies,
            spreads,
        )

    def _merged(self, survey: Survey) -> Ledger:
        known, absent = dict(self._ledger.known), dict(self._ledger.absent)
        for root in survey.gone:
            known.pop(root, None)
            absent.pop(root, None)
        for root, absence in survey.absent.items():
            known.pop(root, None)
            absent[root] = absence
        for root, found in survey.found.items():
            known[root] = found
            absent.pop(root, None)
        drop_unused_classes(known, absent)
        return Ledger(known, absent)

    def _difference(self, ledger: Ledger, survey: Survey) -> Capture:
        before = self._ledger
        bound = {
            root: known.live
            for root, known in survey.found.items()
            if root in ledger.known and _live(before.known.get(root)) is not known.live
        }
        gaps = {
            root: absence
            for root, absence in survey.absent.items()
            if root in ledger.absent and _gap(before.absent.get(root)) != absence.gap
        }
        gone = (before.known.keys() | before.absent.keys()) - ledger.known.keys() - ledger.absent.keys()
        changed = {
            root for root in bound if not _same_alone(root, before.known.get(root), ledger.known[root])
        }
        changed |= gaps.keys()
        changed |= self._names_of_classes(changed)
        return Capture(
            bound=dict(sorted(bound.items())),
            dropped=tuple(sorted(gone)),
            changed=tuple(sorted(root for root in changed if not root.startswith("@"))),
            deleted=tuple(sorted(root for root in gone if not root.startswith("@"))),
            gaps=tuple(absence.gap for _, absence in sorted(gaps.items())),
            checks=tuple(
                Check(live, census, _classes_of(live, ledger)) for live, census in survey.censuses.items()
            ),
        )

    def _names_of_classes(self, roots: set[str]) -> set[str]:
        """Return the visible names of classes that are among `roots`."""
        classes = {
            id(self._keys.get(root[len(CLASS_PREFIX) :])) for root in roots if root.startswith(CLASS_PREFIX)
        }
        if not classes:
            return set()
        return {name for name in self.names() if id(self._namespace.get(name)) in classes}

    def _commit(self, ledger: Ledger) -> None:
        before = self._ledger
        old = {
            id(known): known for root, known in before.known.items() if ledger.known.get(root) is not known
        }
        new = {
            id(known): known for root, known in ledger.known.items() if before.known.get(root) is not known
        }
        self._owners.update(old.values(), new.values(), ledger)
        self._ledger = ledger

    # --- restoring ---

    def restore(
        self,
        target: Mapping[str, ComponentId],
        gaps: Sequence[Gap],
        payload: Payload,
        *,
        progress: Progress | None = None,
    ) -> Restored:
        """Bring the namespace to the state `target`, in which `gaps` are missing.

        To be called after ``capture(None)`` was written. Live components that equal the target's are not
        touched. `progress` is told, about ten times a second, how many bytes came of how many. Raises RestoreError
        or UntrustedError, and then nothing was changed; Ctrl-C comes before anything is, or when all is done.
        """
        with (
            Interrupts() as interrupts,
            Patience(self._limits, everything=True) as patience,
            closing(
                Restoration(
                    self._namespace,
                    self._ledger,
                    self._keys,
                    payload,
                    progress,
                    self._surroundings,
                    patience,
                )
            ) as restoration,
        ):
            with (
                interrupts.passing(),
                collector.at_rest(),
                depth.bounded(),
                self._surroundings.libraries_at_first(),
            ):
                restoration.load(target, gaps)
            visible = self._variables.every()
            ledger, restored = restoration.swap(visible)
            self._commit(ledger)
            with interrupts.stopping():  # what was not looked at is looked at by the next capture
                self._rebase(restoration, patience)
        return restored

    def load(self, components: Mapping[str, ComponentId], payload: Payload) -> dict[str, Any]:
        """Make saved values again and return them by root; the namespace is not touched.

        A root whose component cannot be loaded is missing in the answer.
        """
        source = Source(payload, LiveMemory((), lambda _known: None))
        with self._surroundings.libraries_at_first(), Patience(self._limits, everything=True) as patience:
            loading = Loading(self._namespace, source, components, self._keys.get, patience)
            loading.load(components.values())
        return {
            root: loading.loaded[component_id].values[root]
            for root, component_id in components.items()
            if component_id in loading.loaded
        }

    def bind(self, values: Mapping[str, Any]) -> None:
        """Bind names to values that were made again, all in one go; to be looked at by the next capture."""
        former = [self._namespace.get(name) for name in values]  # no destructor runs half way
        self._namespace.update(values)
        del former

    def _rebase(self, restoration: Restoration, patience: Patience) -> None:
        """Look at what was loaded once, so that the next capture compares with how it looks now."""
        survey = self._new_survey(Owners(), patience, restoration.spreads())
        survey.know(restoration.prints())
        seen = self._surroundings.look()
        objects = values_of(seen, plain=False)
        with self._surroundings.libraries_at_first():
            survey.run(restoration.fresh_roots(objects), {}, objects)
        self._commit(restoration.rebased(self._ledger, survey))
        self._places = {root: each.key for root, each in seen.items()}


def _classes_of(live: LiveComponent, ledger: Ledger) -> dict[str, LiveComponent]:
    """Return the components of the classes that a component needs to be loaded, by root."""
    found: dict[str, LiveComponent] = {}
    waiting = list(live.references)
    while waiting:
        root = CLASS_PREFIX + waiting.pop()
        known = ledger.known.get(root)
        if known is not None and root not in found:
            found[root] = known.live
            waiting.extend(known.live.references)
            waiting.extend(
                each[len(CLASS_PREFIX) :]
                for each in known.live.roots
                if each in ledger.known and each.startswith(CLASS_PREFIX)
            )
    return found


def _live(known: Known | None) -> LiveComponent | None:
    return known.live if known is not None else None


def _gap(absence: Absence | None) -> Gap | None:
    return absence.gap if absence is not None else None


def _same_alone(root: str, before: Known | None, after: Known) -> bool:
    """Tell whether a root that changed its component has the value it had, as far as that is known."""
    if before is None:
        return False
    former, present = before.alone.get(root, NOTHING), after.alone.get(root)
    return former == present
