"""What a restore could not load, made again from the record where that is safe."""

from collections.abc import Callable, Collection
from dataclasses import replace

import msgspec

from runtrack_jupyter.capture.files import status_now
from runtrack_jupyter.lineage.slices import Slice, find_slices
from runtrack_jupyter.lineage.trail import Moment
from runtrack_jupyter.model import STILL_SAVED, DataFile, Gap, Snapshot
from runtrack_jupyter.state import Payload, Restored
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.rerunning import Remade, Rerunning
from runtrack_jupyter.tracking.tracker import Tracker
from runtrack_jupyter.tracking.writer import PendingCapture

__all__ = ["Rebuilding"]


class Rebuilding:
    """Fills the gaps that a restore left in the namespace of one session."""

    def __init__(
        self, tracker: Tracker, history: Callable[[], History], payload: Callable[[], Payload]
    ) -> None:
        self._tracker = tracker
        self._history = history
        self._payload = payload

    def fill(self, moment: Moment, restored: Restored, wanted: bool | Collection[str]) -> Remade:
        """Make again what is missing at a moment that was just restored, and bind it.

        `wanted` names the variables to make, or says whether any are.
        """
        names = {
            gap.subject
            for gap in restored.gaps
            if not gap.subject.startswith("@") and gap.kind not in STILL_SAVED
        }
        if wanted is False or not names:
            return Remade()
        # What could not be loaded is a gap too, whatever the record says of it.
        components = {root: each for root, each in moment.snapshot.components.items() if root not in names}
        snapshot = msgspec.structs.replace(moment.snapshot, components=components, gaps=restored.gaps)
        moment = Moment(
            steps=moment.steps,
            snapshot=snapshot,
            before=moment.before,
            after=moment.after,
            running=moment.running,
            foreign=moment.foreign,
        )
        found = find_slices(moment, names)
        there = [each for each in found.slices if self._is_as_it_was(each, moment, restored)]
        chosen = [
            each
            for each in found.slices
            if each not in there and (wanted is True or not set(wanted).isdisjoint(each.names))
        ]
        engine, payload = self._tracker.engine, self._payload()
        rerunning = Rerunning(engine.namespace, lambda roots: engine.load(roots, payload), self._is_unchanged)
        remade = rerunning.run(chosen, None if wanted is True else set(wanted))
        engine.bind(remade.values)
        remade.refused.update(found.refused)
        remade.as_it_was.update(*(each.names for each in there))
        return remade

    def take_up(self, then: Snapshot, remade: Remade) -> PendingCapture | None:
        """Let the position know what was made; return what of it is to be written after the move, if anything."""
        if not remade.values:
            return None
        pending = self._tracker.look_at(remade.values)
        set_by = {variable.name: variable.set_by for variable in then.variables}
        position = self._tracker.position
        described = []
        for variable in pending.variables:
            name = variable.name
            if name in remade.words:
                words = "; ".join(each for each in (remade.words[name], variable.rebuilt) if each)
                variable = msgspec.structs.replace(variable, rebuilt=words, set_by=set_by.get(name))
                position.variables[name] = variable
            described.append(variable)
        return replace(pending, variables=tuple(described)) if pending.bound else None

    def _is_as_it_was(self, wanted: Slice, moment: Moment, restored: Restored) -> bool:
        """Tell whether the very objects are still there, and no cell has named them since."""
        if not wanted.names.keys() <= set(restored.kept):
            return False
        head, session_id = moment.steps[-1], self._tracker.session.session_id
        if head.session_id != session_id or moment.running:
            return False
        since = (
            each for each in self._history().steps(session_id=session_id) if each.sequence > head.sequence
        )
        return not any(
            each.names.opaque
            or not wanted.watched.isdisjoint((*each.names.read, *each.names.written, *each.names.deleted))
            for each in since
        )

    def _is_unchanged(self, file: DataFile) -> bool:
        return status_now(file, ".") == "unchanged"


def with_reasons(gaps: tuple[Gap, ...], remade: Remade) -> tuple[Gap, ...]:
    """Return the gaps that are left, each with why it was not made again."""
    left = (gap for gap in gaps if gap.subject not in remade.values.keys() | remade.as_it_was)
    return tuple(
        msgspec.structs.replace(gap, reason=f"{gap.reason}; not made again: {remade.refused[gap.subject]}")
        if gap.subject in remade.refused
        else gap
        for gap in left
    )
