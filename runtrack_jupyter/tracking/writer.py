"""The background thread that makes what the tracker hands it durable, in the order it was handed over."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Lock, Thread

import msgspec

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import Component, ComponentId, Gap, StepId, Variable
from runtrack_jupyter.state import Chunk, LiveComponent
from runtrack_jupyter.store.frames import Captured, Frame
from runtrack_jupyter.store.manifests import pieces_of
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.payloadwriter import PayloadWriter

__all__ = ["PendingCapture", "Writer"]

logger = logging.getLogger("runtrack_jupyter")

_MARGIN = 16 << 20  # what a capture may copy before it asks again


@dataclass(frozen=True, kw_only=True)
class PendingCapture:
    """What a step changed, on its way to the disk: copies that nobody else writes to."""

    step_id: StepId | None
    bound: Mapping[str, LiveComponent]
    dropped: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    late: bool = False
    since: StepId | None = None

    def hand_over(self) -> int:
        """Return the bytes in memory that wait for the disk, those that nobody counted yet."""
        chunks = (chunk for component in set(self.bound.values()) for chunk in component.chunks())
        return _hand_over(chunks)


@dataclass
class _Queue:
    """Jobs in order, and how much memory they hold; `left` is what of it the running one has not let go."""

    jobs: deque[tuple[Callable[[], None], int]] = field(default_factory=deque)
    size: int = 0
    left: int = 0
    busy: bool = False
    closed: bool = False


class Writer:
    """Writes frames and payload to one segment.

    `on_durable` is called in the writer's thread with each capture that is on disk, `on_gap` with what could not
    be written. A frame that finds the disk full waits in memory and is written before the next one.
    """

    def __init__(
        self,
        segment: SegmentWriter,
        *,
        limit: int,
        on_durable: Callable[[Captured], None],
        on_gap: Callable[[Gap], None],
        on_unsaved: Callable[[tuple[str, ...]], None],
        idle: Callable[[], None],
    ) -> None:
        self._segment = segment
        self._limit = limit
        self._on_durable = on_durable
        self._on_gap = on_gap
        self._on_unsaved = on_unsaved
        self._idle = idle
        self._queue = _Queue()
        self._changed = Condition()
        self._backlog: deque[Frame] = deque()
        self._appending = Lock()
        self._known: set[ComponentId] = set()
        self._payload = PayloadWriter(segment, self._freed)
        self._thread = Thread(target=self._run, name="runtrack-writer", daemon=True)
        self._thread.start()

    def now(self, frame: Frame) -> None:
        """Write a small frame before returning, ahead of what is queued; never raises for a failing disk."""
        self._append(frame)

    def later(self, frame: Callable[[], Frame]) -> None:
        """Queue a frame; `frame` makes it in the writer's thread, off the user's time."""
        self._put(lambda: self._append(frame()), 0)

    def run(self, job: Callable[[], None]) -> None:
        """Queue anything else that takes its time; what it raises becomes a gap."""
        self._put(job, 0)

    def capture(self, pending: PendingCapture) -> None:
        """Queue payload; waits, at the speed of the disk, while more than the limit is pending."""
        self._put(lambda: self._write_capture(pending), pending.hand_over())

    def spill(self, chunks: Sequence[Chunk], size: int) -> bool:
        """Be shown the copies that a capture has made so far; take them when there is no room for more.

        Then they are written at once, what the capture makes of them comes later, and this returns when there is
        room again. A capture that is given up leaves chunks that nobody refers to.
        """
        with self._changed:
            if self._queue.size + size + _MARGIN <= self._limit:
                return False
        chunks = tuple(chunks)
        self._put(partial(self._write_early, chunks), _hand_over(chunks), room=_MARGIN)
        return True

    @property
    def at_rest(self) -> bool:
        """Whether nothing is queued."""
        with self._changed:
            return not self._queue.jobs and not self._queue.busy

    def forget(self, components: Iterable[LiveComponent]) -> None:
        """Let go of copies that are not to be written; their ids are taken first, to tell what changed."""
        self._put(partial(_let_go, tuple(components)), 0)

    def forget_early(self, chunks: Sequence[Chunk], size: int) -> bool:
        """Do as `spill` does where no values are recorded: nothing is written, only hashed."""
        with self._changed:
            if self._queue.size + size + _MARGIN <= self._limit:
                return False
        chunks = tuple(chunks)
        self._put(partial(_let_go_chunks, chunks), _hand_over(chunks), room=_MARGIN)
        return True

    def flush(self) -> bool:
        """Wait until everything queued so far is durable; False when some of it could not be written."""
        with self._changed:
            self._changed.wait_for(lambda: not self._queue.jobs and not self._queue.busy)
        self._retry_backlog()
        return not self._backlog and self._sync()

    def close(self) -> None:
        """Write what is queued, end the segment in order and stop the thread."""
        self.flush()
        with self._changed:
            self._queue.closed = True
            self._changed.notify_all()
        self._thread.join(timeout=5)
        try:
            self._segment.close()
        except StoreUnavailableError as error:
            logger.debug("segment left without its last frame: %s", error)

    def _put(self, job: Callable[[], None], size: int, *, room: int = 0) -> None:
        # Queued first: the memory is taken already, and a Ctrl-C while we wait must not lose it.
        queue = self._queue
        with self._changed:
            queue.jobs.append((job, size))
            queue.size += size
            self._changed.notify_all()
            if size:
                self._changed.wait_for(lambda: not queue.size or queue.size + room <= self._limit)

    def _freed(self, size: int) -> None:
        queue = self._queue
        with self._changed:
            size = min(size, queue.left)
            queue.left -= size
            queue.size -= size
            self._changed.notify_all()

    def _run(self) -> None:
        queue = self._queue
        while True:
            with self._changed:
                while not queue.jobs:
                    if queue.closed:
                        return
                    if not self._changed.wait(timeout=10):
                        with never_break_the_cell("the heartbeat", self._on_gap):
                            self._idle()
                job, queue.left = queue.jobs.popleft()
                queue.busy = True
            try:
                with never_break_the_cell("record", self._on_gap):
                    job()
            finally:
                del job  # it holds what was written
                with self._changed:
                    queue.busy = False
                    queue.size -= queue.left
                    queue.left = 0
                    self._changed.notify_all()

    def _append(self, frame: Frame) -> None:
        self._backlog.append(frame)
        self._retry_backlog()

    def _retry_backlog(self) -> None:
        with self._appending:  # the hook's thread and ours both come here; frames keep their order
            while self._backlog:
                frame = self._backlog.popleft()  # one that can never be written must not stop those behind it
                try:
                    self._segment.append(frame)
                except (StoreUnavailableError, KeyboardInterrupt) as error:
                    self._backlog.appendleft(frame)
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    self._on_gap(Gap(subject="record", kind="failed", reason=f"waits in memory: {error}"))
                    return

    def _sync(self) -> bool:
        try:
            self._segment.sync()
        except StoreUnavailableError as error:
            self._on_gap(Gap(subject="record", kind="failed", reason=str(error)))
            return False
        return True

    def _write_capture(self, pending: PendingCapture) -> None:
        saved: dict[str, ComponentId] = {}
        manifests: dict[ComponentId, Component] = {}
        failed: dict[str, Gap] = {}
        for component in dict.fromkeys(pending.bound.values()):
            try:
                entry = self._write_component(component)
            except StoreUnavailableError as error:
                for root in component.roots:
                    failed[root] = Gap(subject=root, kind="failed", reason=f"not saved: {error}")
                continue
            if entry.component_id not in self._known:
                manifests[entry.component_id] = entry
            saved.update(dict.fromkeys(component.roots, entry.component_id))
        frame = Captured(
            step_id=pending.step_id,
            components=tuple(manifests.values()),
            bound={root: saved[root] for root in pending.bound if root in saved},
            dropped=pending.dropped,
            variables=tuple(_with_component(variable, saved) for variable in pending.variables),
            changed=pending.changed,
            deleted=pending.deleted,
            gaps=(*pending.gaps, *(gap for root, gap in failed.items() if root in pending.bound)),
            late=pending.late,
            since=pending.since,
        )
        self._append(frame)
        self._known.update(manifests)
        if self._sync() and not self._backlog:
            self._on_durable(frame)
        if failed:
            self._on_unsaved(tuple(failed))

    def _write_early(self, chunks: tuple[Chunk, ...]) -> None:
        try:
            self._payload.write(chunks)
        except StoreUnavailableError as error:
            logger.debug("what a capture copied so far waits for its end: %s", error)
            _take_back(chunks)

    def _write_component(self, component: LiveComponent) -> Component:
        try:
            self._payload.write(component.chunks())
        except StoreUnavailableError:
            _take_back(component.chunks())
            raise
        encoded = component.encoded()
        component_id = component.identify()
        pieces = pieces_of(encoded)
        if not pieces or component_id in self._known:
            return Component(component_id=component_id, manifest=component.manifest())
        chunks = [Chunk(piece, len(piece)) for piece in pieces]
        self._payload.write(chunks)
        return Component(component_id=component_id, pieces=tuple(chunk.hash() for chunk in chunks))


def _hand_over(chunks: Iterable[Chunk]) -> int:
    """Count copies as the writer's, and return how many bytes that are."""
    size = 0
    for chunk in chunks:
        if not chunk.handed and chunk.data is not None:
            chunk.handed = True
            size += chunk.size
    return size


def _take_back(chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        chunk.handed = False  # its copy is no longer counted


def _let_go(components: Iterable[LiveComponent]) -> None:
    for component in components:
        component.identify()
        for chunk in component.chunks():
            chunk.release()


def _let_go_chunks(chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        chunk.hash()
        chunk.release()


def _with_component(variable: Variable, saved: Mapping[str, ComponentId]) -> Variable:
    return msgspec.structs.replace(variable, component=saved.get(variable.name))
