"""One store as read so far, beside its segments: numbers, events, and runs that were received."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from runtrack_jupyter.model import ComponentId, Gap, Snapshot, Step
from runtrack_jupyter.store.events import Events
from runtrack_jupyter.store.ordinals import Ordinals
from runtrack_jupyter.store.places import Place
from runtrack_jupyter.store.received import ReceivedRuns
from runtrack_jupyter.store.thinned import ThinnedLog, without_gone

__all__ = ["StoreView", "gaps_now", "step_with_found", "there_now"]


class StoreView:
    """What lies in one store beside its sessions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ordinals = Ordinals(path)
        self.events = Events(path)
        self.received = ReceivedRuns(path)
        self.thinned = ThinnedLog(path)


def _found_later(
    views: Iterable[StoreView], components: Mapping[str, ComponentId], gaps: tuple[Gap, ...]
) -> tuple[Gap, ...]:
    """Return the gaps of a state that has these components, with those that were found of them afterwards."""
    said = [view.events.found for view in views if view.events.found]
    if not said:
        return gaps
    known = {gap.subject for gap in gaps}
    more = {
        root: each[component_id][root]
        for each in said
        for root, component_id in components.items()
        if root not in known and root in each.get(component_id, ())
    }
    return (*gaps, *more.values())


def gaps_now(
    views: Iterable[StoreView],
    components: Mapping[str, ComponentId],
    gaps: tuple[Gap, ...],
    gone: Mapping[ComponentId, datetime],
) -> tuple[Gap, ...]:
    """Return the gaps of a state, with what was found later of its components, and those that were taken out."""
    return without_gone(components, _found_later(views, components, gaps), gone)


def there_now(
    views: Iterable[StoreView], snapshot: Snapshot, gone: Mapping[ComponentId, datetime]
) -> Snapshot:
    """Return a snapshot with gaps in the place of components that were taken out of the record."""
    gaps = gaps_now(views, snapshot.components, snapshot.gaps, gone)
    there = {root: each for root, each in snapshot.components.items() if each not in gone}
    return msgspec.structs.replace(snapshot, components=there if gone else snapshot.components, gaps=gaps)


def step_with_found(
    views: Iterable[StoreView], place: Place, step: Step, gone: Mapping[ComponentId, datetime]
) -> Step:
    """Return a step with what was found later of the values it made, and what was taken out of them."""
    bound = {root: component_id for frame in place.captured for root, component_id in frame.bound.items()}
    gaps = gaps_now(views, bound, step.gaps, gone)
    return step if gaps == step.gaps else msgspec.structs.replace(step, gaps=gaps)
