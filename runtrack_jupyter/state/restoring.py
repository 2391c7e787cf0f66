"""One restore: what stays, what is loaded, and the moment at which the namespace changes."""

import sys
from collections import deque
from collections.abc import Collection, Container, Mapping, Sequence
from contextlib import suppress
from typing import Any

from runtrack_jupyter.errors import RestoreError
from runtrack_jupyter.model import ComponentId, Gap
from runtrack_jupyter.state.component import Chunk, LiveComponent, Print
from runtrack_jupyter.state.deadline import TooSlowError
from runtrack_jupyter.state.kinds.arrays import Regions
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX, ClassKeys
from runtrack_jupyter.state.kinds.interpreter import standing_for
from runtrack_jupyter.state.ledger import Absence, Fingerprint, Known, Ledger
from runtrack_jupyter.state.links import Ties
from runtrack_jupyter.state.loading import Loaded, Loading, gap_of_load
from runtrack_jupyter.state.patience import Patience
from runtrack_jupyter.state.pickling import Reach, StatePickler, look
from runtrack_jupyter.state.pieces import Piece, Spread
from runtrack_jupyter.state.records import Payload, Restored
from runtrack_jupyter.state.sources import LiveMemory, Progress, Source
from runtrack_jupyter.state.surroundings import Surroundings, is_place, places_among
from runtrack_jupyter.state.survey import Survey
from runtrack_jupyter.state.versions import words_for_others

__all__ = ["Restoration"]

_UNSEEN = Fingerprint((), (), (), "")  # equals no look: what has it is looked at again


class Restoration:
    """One restore, in order: `load`, `swap`, then `rebased` once the engine has looked at `fresh_roots`."""

    def __init__(
        self,
        namespace: dict[str, Any],
        before: Ledger,
        keys: ClassKeys,
        payload: Payload,
        progress: Progress | None,
        surroundings: Surroundings,
        patience: Patience,
    ) -> None:
        self._namespace = namespace
        self._surroundings = surroundings
        self._before = before
        self._keys = keys
        self._patience = patience
        self._replaced: dict[str, Any] = {}
        self._reaches: list[Reach] = []  # while memory is copied from what they hold
        self._source = Source(payload, LiveMemory(before.components(), self._look), progress)
        self._target: Mapping[str, ComponentId] = {}
        self._target_gaps: Sequence[Gap] = ()
        self._reload: set[ComponentId] = set()
        self._loading: Loading | None = None

    def load(self, target: Mapping[str, ComponentId], gaps: Sequence[Gap]) -> None:
        """Make all new objects; the namespace is not touched."""
        self._target, self._target_gaps = target, gaps
        self._reload = self._differing()
        self._loading = Loading(self._namespace, self._source, target, self._kept_class, self._patience)
        try:
            self._loading.load(sorted(self._reload))
        finally:
            self._reaches.clear()
            self._source.close()

    def close(self) -> None:
        """Let go of what was loaded: parts of a restore refer to each other, and would live until the collector runs."""
        self._loading = None
        with suppress(TooSlowError):  # what was replaced dies here, with destructors of the user's
            self._patience.run(self._replaced.clear)

    def _look(self, known: Known) -> Sequence[memoryview] | None:
        """Return the memory of a live component, or None where it cannot be looked at as it was."""
        roots = known.live.roots
        if known.spreads or places_among(roots):
            return None  # a look would pickle them as a whole, which takes longer than reading them
        values = tuple(
            self._keys.get(root[len(CLASS_PREFIX) :])
            if root.startswith(CLASS_PREFIX)
            else standing_for(self._namespace.get(root))
            for root in roots
        )
        regions = Regions()

        def new_pickler() -> StatePickler:
            return StatePickler(self._namespace, self._keys, regions, sys.maxsize)

        try:
            reach = self._patience.run(look, roots, values, new_pickler)
        except (Exception, TooSlowError):  # noqa: BLE001 - __reduce__ is the user's: the disk has it too
            return None
        self._reaches.append(reach)
        return [buffer for buffer in reach.buffers if not isinstance(buffer, Piece)]

    def _differing(self) -> set[ComponentId]:
        """Return the components that are not live as they were, or whose classes are not."""
        reload = {
            component_id
            for root, component_id in self._target.items()
            if not self._is_live(root, component_id)
        }
        growing = True
        while growing:
            stale = {
                component_id
                for root, component_id in self._target.items()
                if component_id not in reload
                for key in self._before.known[root].live.references
                if self._target.get(CLASS_PREFIX + key) in reload or CLASS_PREFIX + key not in self._target
            }
            growing = bool(stale)
            reload |= stale
        return reload

    def _is_live(self, root: str, component_id: ComponentId) -> bool:
        known = self._before.known.get(root)
        return known is not None and known.live.identify() == component_id

    def _kept_class(self, key: str) -> type | None:
        component_id = self._target.get(CLASS_PREFIX + key)
        return self._keys.get(key) if component_id is not None and component_id not in self._reload else None

    def _done(self) -> Loading:
        if self._loading is None:
            message = "nothing was loaded"
            raise RestoreError(message)
        return self._loading

    def swap(self, visible: set[str]) -> tuple[Ledger, Restored]:
        """Change the namespace in one go and return what the engine knows afterwards."""
        loading = self._done()
        values = {
            root: value
            for component_id, each in loading.loaded.items()
            for root, value in each.values.items()
            if self._target.get(root) == component_id
        }
        new = {root: value for root, value in values.items() if not root.startswith("@")}
        left = {gap.subject for gap in self._target_gaps if self._is_left(gap)}
        failed = {
            root: loading.failed[component_id]
            for root, component_id in self._target.items()
            if component_id in loading.failed
        }
        stays = {
            root
            for root, component_id in self._target.items()
            if component_id not in self._reload and not root.startswith("@")
        }
        removed = visible - new.keys() - stays - left
        self._replaced = _swap(self._namespace, new, removed)
        for root, value in values.items():
            if root.startswith(CLASS_PREFIX):
                self._keys.assign(root[len(CLASS_PREFIX) :], value)
        gaps = [self._gap_after(gap, left) for gap in self._target_gaps if self._still_holds(gap, failed)]
        gaps += [gap_of_load(root, error) for root, error in sorted(failed.items())]
        gaps += self._apply_places(values)
        restored = Restored(
            kept=tuple(sorted(stays | left)),
            loaded=tuple(sorted(new)),
            removed=tuple(sorted(removed)),
            gaps=tuple(gaps),
            otherwise=_otherwise(loading),
        )
        return self._ledger(loading, left), restored

    def _still_holds(self, gap: Gap, failed: Container[str]) -> bool:
        """Tell whether a gap is one after the restore, where its value is on record as well."""
        if gap.subject not in self._target:
            return True
        # That it cannot be loaded was found out elsewhere: here it was, or never had to be.
        return gap.subject not in failed and gap.kind != "unloadable"

    def _is_left(self, gap: Gap) -> bool:
        absence = self._before.absent.get(gap.subject)
        return (
            absence is not None
            and bool(gap.token)
            and absence.gap.token == gap.token
            and absence.is_for(self._namespace.get(gap.subject))
        )

    @staticmethod
    def _gap_after(gap: Gap, left: set[str]) -> Gap:
        if gap.subject not in left:
            return gap
        reason = f"{gap.reason}; it is still the same object, and was left as it is now"
        return Gap(subject=gap.subject, kind=gap.kind, reason=reason, token=gap.token)

    def _ledger(self, loading: Loading, left: set[str]) -> Ledger:
        known = {
            root: self._before.known[root]
            for root, component_id in self._target.items()
            if component_id not in self._reload
        }
        for loaded in loading.loaded.values():
            placeholder = _unseen(loaded)
            known.update(dict.fromkeys(loaded.values, placeholder))
        absent = {root: self._before.absent[root] for root in left}
        for gap in self._target_gaps:
            if gap.subject not in left and gap.subject not in known and gap.subject in self._namespace:
                absent[gap.subject] = Absence(gap, 0)
        return Ledger(known, absent)

    def _apply_places(self, values: Mapping[str, Any]) -> list[Gap]:
        failed = self._surroundings.revert(self._target)
        for root in sorted(places_among(values)):
            reason = self._surroundings.apply(root, values[root])
            if reason:
                failed[root] = reason
        return [Gap(subject=root, kind="missing", reason=reason) for root, reason in failed.items()]

    def fresh_roots(self, places: Collection[str]) -> list[str]:
        """Return the roots that were loaded and can be looked at; `places` are those that hold objects."""
        return sorted(
            root
            for each in self._done().loaded.values()
            for root in each.values
            if not is_place(root) or root in places
        )

    def spreads(self) -> dict[int, Spread]:
        """Return the large containers that were made from pieces, by their id, as these lie on disk."""
        return {
            id(value): found
            for each in self._done().loaded.values()
            for value, found in each.spreads
            if found is not None
        }

    def prints(self) -> dict[tuple[int, int], Print]:
        """Return the prints of memory that was filled, by address and size, so that nothing is hashed twice."""
        return self._source.prints

    def rebased(self, ledger: Ledger, survey: Survey) -> Ledger:
        """Return `ledger` with what was loaded as it looks now, under the ids it has on record.

        What looks tied otherwise than it was on record keeps a fingerprint that equals nothing: the next
        capture records it anew.
        """
        known = dict(ledger.known)
        for loaded in self._done().loaded.values():
            roots = loaded.manifest.roots
            found = survey.found.get(roots[0])
            live = known[roots[0]].live
            if found is None and is_place(roots[0]):
                seen = Known(live, _UNSEEN, {}, Ties(), (), loaded.pieces)
            elif found is not None and found.live.roots == roots:
                seen = Known(
                    live,
                    found.print,
                    found.alone,
                    found.ties,
                    found.codes,
                    loaded.pieces,
                    found.atom,
                    found.rebuilt,
                    found.spreads,
                    found.glance,
                    found.census,
                )
            else:
                continue
            known.update(dict.fromkeys(roots, seen))
        return Ledger(known, ledger.absent)


def _otherwise(loading: Loading) -> dict[str, str]:
    """Return the names that came back under other libraries than they were made with, and which."""
    found = {}
    for each in loading.loaded.values():
        words = words_for_others(each.manifest.libraries)
        found.update({root: words for root in each.values if words and not root.startswith("@")})
    return dict(sorted(found.items()))


def _swap(namespace: dict[str, Any], new: dict[str, Any], removed: set[str]) -> dict[str, Any]:
    """Replace and remove names, and return what was there; an interrupt in between puts everything back."""
    former = dict(namespace)  # also keeps old values alive: no destructor runs half way
    try:
        deque(map(namespace.pop, removed), maxlen=0)
        namespace.update(new)
    except BaseException:  # Ctrl-C above all: as it was or as asked for, never between
        namespace.update(former)
        for name in new.keys() - former.keys():
            namespace.pop(name, None)
        raise
    return former


def _unseen(loaded: Loaded) -> Known:
    manifest = loaded.manifest
    buffers = [filled.chunks for filled in loaded.buffers]
    # Buffers that nobody asked for: sizes of their chunks are then not known one by one.
    for blob in manifest.buffers[len(buffers) :]:
        each = -(-blob.size // max(1, len(blob.chunks)))
        buffers.append([Chunk(None, each, digest) for digest in blob.chunks])
    live = LiveComponent(
        manifest.roots,
        loaded.stream.chunks,
        buffers,
        references=manifest.references,
        python=manifest.python,
        libraries=manifest.libraries,
        component_id=loaded.component_id,
    )
    return Known(live, _UNSEEN, {}, Ties(), (), loaded.pieces)
