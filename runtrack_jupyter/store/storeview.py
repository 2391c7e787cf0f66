"""One store as read so far, beside its segments: numbers, events, and runs that were received."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from runtrack_jupyter.model import ComponentId, Gap, Step
from runtrack_jupyter.store.events import Events
from runtrack_jupyter.store.ordinals import Ordinals
from runtrack_jupyter.store.places import Place
from runtrack_jupyter.store.received import ReceivedRuns

__all__ = ["StoreView", "found_later", "step_with_found"]


class StoreView:
    """What lies in one store beside its sessions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ordinals = Ordinals(path)
        self.events = Events(path)
        self.received = ReceivedRuns(path)


def found_later(
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


def step_with_found(views: Iterable[StoreView], place: Place, step: Step) -> Step:
    """Return a step with what was found later of the values it made."""
    bound = {root: component_id for frame in place.captured for root, component_id in frame.bound.items()}
    gaps = found_later(views, bound, step.gaps)
    return step if gaps is step.gaps else msgspec.structs.replace(step, gaps=gaps)
