"""Which components are to be checked, what is known of them, and which variables that marks."""

import os
import sys
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from runtrack_jupyter.model import ComponentId, Gap
from runtrack_jupyter.state import Check, LiveComponent
from runtrack_jupyter.state.roundtrip.census import (
    Entry,
    census_digest,
    decode_census,
    encode_sketch,
    is_plain,
)
from runtrack_jupyter.tracking.roundtrip.messages import Found, Job, Loss
from runtrack_jupyter.tracking.roundtrip.process import CheckerProcess

__all__ = ["RoundTrips"]

_REMEMBERED = 2_000  # components whose outcome is known; a later one that is the same is not checked again
_WAITING = 64 << 20  # bytes of censuses that may wait for a quiet moment
_MOST_WORDS = 3
_FAREWELL = 2.0  # seconds for telling the checker what is left when the kernel ends


class RoundTrips:
    """The round-trip checks of one session. All but `hear` is called with the tracker's lock held.

    A component is checked once it is on disk, when the kernel has nothing to do; what was found by then is marked
    with the next capture, without another check.
    """

    def __init__(self, store: Path, *, checks: bool) -> None:
        self._checks = checks
        self._process = CheckerProcess(store, self.hear)
        self._waiting: OrderedDict[tuple[LiveComponent, bytes], Check] = OrderedDict()
        self._size = 0
        self._sent: OrderedDict[tuple[ComponentId, bytes], tuple[Gap, ...]] = OrderedDict()
        self._losses: dict[tuple[str, str], Loss] = {}
        self._heard: deque[Found] = deque()

    def hear(self, found: Found) -> None:
        """Take what the checker found; called in a thread of its own."""
        self._heard.append(found)

    def take(self, checks: Iterable[Check]) -> tuple[Gap, ...]:
        """Take up what a capture found worth checking, and return the gaps that are known of it already."""
        gaps: list[Gap] = []
        for check in checks if self._checks else ():
            key = (check.live, census_digest(check.census))
            if key not in self._waiting:
                self._waiting[key] = check
                self._size += len(check.census)
            gaps += self._marks(check)
        while self._size > _WAITING:
            _, dropped = self._waiting.popitem(last=False)
            self._size -= len(dropped.census)
        return tuple(gaps)

    def _marks(self, check: Check) -> list[Gap]:
        """Say of a component what was found of other objects of the same types."""
        if not self._losses:
            return []
        found = {words: None for entry in decode_census(check.census) for words in self._lost_of(entry)}
        if not found:
            return []
        reason = "; ".join(tuple(found)[:_MOST_WORDS])
        roots = [root for root in check.live.roots if not root.startswith("@")]
        return [Gap(subject=root, kind="differs", reason=reason) for root in roots]

    def _lost_of(self, entry: Entry) -> Iterator[str]:
        for part, sketch in (("", None), *entry.parts.items()):
            loss = self._losses.get((entry.type, part))
            if loss is None:
                continue
            if not loss.came_back or sketch is None:
                yield loss.words
            elif is_plain(sketch) and encode_sketch(sketch) != loss.came_back:
                yield loss.words  # of anything else the next check tells whether it is what comes back

    def start(self) -> None:
        """Have what is on disk by now checked; called when the kernel is idle and the writer has nothing to do."""
        modules, cwd = tuple(map(str, sys.path)), _cwd()
        while self._waiting:
            _, check = self._waiting.popitem(last=False)
            self._size -= len(check.census)
            job = _job(check, modules, cwd)
            if job is None:
                continue
            key = (job.component_id, census_digest(job.census))
            if key in self._sent:  # a value that came again
                self._heard.append(Found(job.component_id, self._sent[key]))
                continue
            self._sent[key] = ()
            if len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)
            self._process.send(job)

    def found(self, live: Mapping[str, LiveComponent]) -> tuple[Gap, ...]:
        """Return what was found since this was asked last, of what is still live."""
        gaps = []
        while self._heard:
            found = self._heard.popleft()
            for loss in found.losses:
                self._losses[loss.type, loss.part] = loss
            for key in [key for key in self._sent if key[0] == found.component_id]:
                self._sent[key] = found.gaps
            for gap in found.gaps:
                component = live.get(gap.subject)
                if component is not None and component.component_id == found.component_id:
                    gaps.append(gap)
        return tuple(gaps)

    def close(self) -> None:
        """Leave what is not checked yet to the checker, which outlives the kernel for as long as that takes."""
        self.start()
        self._process.close(_FAREWELL)


def _job(check: Check, modules: tuple[str, ...], cwd: str) -> Job | None:
    live = check.live
    classes = {
        root: each.component_id for root, each in check.classes.items() if each.component_id is not None
    }
    if live.component_id is None or len(classes) < len(check.classes):
        return None  # it could not be written: a gap already
    return Job(live.component_id, live.roots, classes, check.census, live.size, modules, cwd)


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  as text
    except OSError:
        return os.sep  # it was deleted under us
