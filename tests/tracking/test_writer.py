"""The writer: in order, within its memory, and without losing anything to a disk that refuses for a while."""

import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, cast

import pytest
from ulid import ULID

from runtrack_jupyter.errors import StoreUnavailableError, UsageError
from runtrack_jupyter.model import Digest, Gap, StepId
from runtrack_jupyter.state import LiveComponent
from runtrack_jupyter.state.component import Chunk
from runtrack_jupyter.store import frames
from runtrack_jupyter.store.chunks import Packed, unpack
from runtrack_jupyter.store.frames import Captured, Frame, StepStarted
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.writer import PendingCapture, Writer

PATIENCE = 5.0  # seconds; nothing here takes a tenth of it


class Disk:
    """A segment that can be told to refuse, and to be slow."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.payload: dict[Digest, bytes] = {}
        self.full = False
        self.unwritable: type[Frame] | None = None
        self.refuses_chunks = False
        self.free = threading.Event()
        self.free.set()
        self.syncs = 0
        self.closed = False

    def write(self, packed: Packed) -> None:
        self.free.wait(PATIENCE)
        if self.full or self.refuses_chunks:
            raise StoreUnavailableError("no space left")
        self.payload.update(
            (piece.digest, bytes(unpack(piece, part)))
            for piece, part in zip(packed.frame.pieces, packed.parts, strict=True)
        )
        self.frames.append(packed.frame)

    def append(self, frame: Frame) -> None:
        if self.full:
            raise StoreUnavailableError("no space left")
        if self.unwritable is not None and isinstance(frame, self.unwritable):
            raise UsageError("larger than a frame can be")
        self.frames.append(frame)

    def has_chunk(self, digest: Digest) -> bool:
        return digest in self.payload

    def sync(self) -> None:
        if self.full:
            raise StoreUnavailableError("no space left")
        self.syncs += 1

    def beat(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class Told:
    """What the writer tells from its thread."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self.durable: list[Captured] = []
        self.unsaved: list[str] = []


@pytest.fixture(name="disk")
def _disk() -> Disk:
    return Disk()


@pytest.fixture(name="told")
def _told() -> Told:
    return Told()


@pytest.fixture(name="writer")
def _writer(disk: Disk, told: Told) -> Iterator[Writer]:
    writer = Writer(
        cast("SegmentWriter", disk),
        limit=1000,
        on_durable=told.durable.append,
        on_gap=told.gaps.append,
        on_unsaved=told.unsaved.extend,
        idle=disk.beat,
    )
    yield writer
    disk.full = False
    disk.free.set()
    writer.close()


def started(number: int) -> StepStarted:
    return StepStarted(
        step_id=StepId(str(ULID())),
        parent_step=None,
        sequence=number,
        source=f"x = {number}",
        started_at=datetime.now(timezone.utc),
    )


def pending(root: str, data: bytes, **fields: Any) -> PendingCapture:
    component = LiveComponent((root,), [Chunk(data, len(data))], [])
    return PendingCapture(step_id=None, bound={root: component}, **fields)


def captured(disk: Disk) -> list[Captured]:
    return [frame for frame in disk.frames if isinstance(frame, Captured)]


def test_frames_keep_their_order_and_payload_comes_before_what_names_it(disk: Disk, writer: Writer) -> None:
    first, second = started(1), started(2)

    writer.now(first)
    writer.capture(pending("x", b"one"))
    assert writer.flush()
    writer.now(second)

    assert [type(frame) for frame in disk.frames] == [StepStarted, frames.Chunks, Captured, StepStarted]
    assert disk.syncs > 0


def test_the_start_of_a_step_does_not_wait_for_payload(disk: Disk, writer: Writer) -> None:
    disk.free.clear()
    writer.capture(pending("x", b"slow"))

    writer.now(started(1))

    assert [type(frame) for frame in disk.frames] == [StepStarted]


def test_equal_payload_is_written_once(disk: Disk, writer: Writer) -> None:
    writer.capture(pending("x", b"same"))
    writer.capture(pending("y", b"same"))
    assert writer.flush()

    assert len(disk.payload) == 1
    assert [list(frame.bound) for frame in captured(disk)] == [["x"], ["y"]]


def test_copies_are_let_go_when_they_are_written(writer: Writer) -> None:
    capture = pending("x", b"a copy")
    writer.capture(capture)
    writer.flush()

    assert [chunk.data for chunk in capture.bound["x"].chunks()] == [None]


def test_frames_wait_in_memory_while_the_disk_refuses_and_then_come_in_order(
    disk: Disk, writer: Writer, told: Told
) -> None:
    expected = [started(number) for number in range(4)]
    writer.now(expected[0])
    disk.full = True
    for frame in expected[1:]:
        writer.now(frame)
    assert not writer.flush()
    assert told.gaps

    disk.full = False

    assert writer.flush()
    assert disk.frames == expected


def test_a_value_that_was_refused_is_a_gap_and_is_asked_for_again(
    disk: Disk, writer: Writer, told: Told
) -> None:
    """Its copy is still there: handed over once more, it is written."""
    capture = pending("x", b"refused")
    disk.refuses_chunks = True
    writer.capture(capture)
    assert writer.flush()
    assert [(gap.subject, gap.kind) for gap in captured(disk)[0].gaps] == [("x", "failed")]
    assert captured(disk)[0].bound == {}
    assert told.unsaved == ["x"]

    disk.refuses_chunks = False
    writer.capture(capture)

    assert writer.flush()
    assert captured(disk)[1].bound == {"x": captured(disk)[1].components[0].component_id}


def test_a_cell_waits_while_too_much_is_pending(disk: Disk, writer: Writer) -> None:
    disk.free.clear()
    writer.capture(pending("x", b"x" * 900))
    done = threading.Event()

    def put() -> None:
        writer.capture(pending("y", b"y" * 900))
        done.set()

    threading.Thread(target=put).start()

    assert not done.wait(0.2)
    disk.free.set()
    assert done.wait(PATIENCE)
    assert writer.flush()
    assert [list(frame.bound) for frame in captured(disk)] == [["x"], ["y"]]


def test_a_value_larger_than_the_limit_waits_for_what_is_before_it_only(disk: Disk, writer: Writer) -> None:
    writer.capture(pending("x", b"x" * 5000))

    assert writer.flush()
    assert list(captured(disk)[0].bound) == ["x"]


def test_a_frame_that_can_never_be_written_does_not_stop_those_behind_it(
    disk: Disk, writer: Writer, told: Told
) -> None:
    disk.unwritable = Captured
    writer.capture(pending("x", b"one"))
    writer.flush()
    assert [gap.kind for gap in told.gaps] == ["failed"]

    writer.now(started(1))

    assert isinstance(disk.frames[-1], StepStarted)
    assert writer.flush()


def test_a_front_end_that_cannot_be_told_does_not_stop_the_writer(disk: Disk) -> None:
    """Its failure came in the thread that writes, and everybody would wait for it for ever."""

    def refuse(_: object) -> None:
        raise OSError("gone")

    writer = Writer(
        cast("SegmentWriter", disk),
        limit=1000,
        on_durable=refuse,
        on_gap=refuse,
        on_unsaved=refuse,
        idle=disk.beat,
    )
    writer.capture(pending("x", b"one"))
    writer.capture(pending("y", b"two"))

    waited = threading.Thread(target=writer.close)
    waited.start()
    waited.join(PATIENCE)

    assert not waited.is_alive()
    assert [list(frame.bound) for frame in captured(disk)] == [["x"], ["y"]]
    assert disk.closed


def test_what_a_long_capture_has_copied_is_written_while_it_goes_on(disk: Disk, told: Told) -> None:
    """A capture larger than the limit must not need more memory than the limit."""
    writer = Writer(
        cast("SegmentWriter", disk),
        limit=40 << 20,
        on_durable=told.durable.append,
        on_gap=told.gaps.append,
        on_unsaved=told.unsaved.extend,
        idle=disk.beat,
    )
    chunks = [Chunk(bytes([number]) * (1 << 20), 1 << 20) for number in range(48)]
    assert not writer.spill(chunks[:16], 16 << 20)
    assert writer.spill(chunks[:32], 32 << 20)
    component = LiveComponent(("x",), [], [chunks])
    writer.capture(PendingCapture(step_id=None, bound={"x": component}))
    assert writer.flush()
    writer.close()

    assert len(disk.payload) == 48
    assert [chunk.data for chunk in chunks] == [None] * 48
    assert list(captured(disk)[0].bound) == ["x"]
    assert told.gaps == []


def test_what_could_not_be_written_early_is_written_with_its_capture(disk: Disk, told: Told) -> None:
    writer = Writer(
        cast("SegmentWriter", disk),
        limit=1 << 20,
        on_durable=told.durable.append,
        on_gap=told.gaps.append,
        on_unsaved=told.unsaved.extend,
        idle=disk.beat,
    )
    disk.refuses_chunks = True
    chunks = [Chunk(bytes([number]) * (1 << 20), 1 << 20) for number in range(4)]
    assert writer.spill(chunks, 4 << 20)
    disk.refuses_chunks = False
    writer.capture(PendingCapture(step_id=None, bound={"x": LiveComponent(("x",), chunks, [])}))
    assert writer.flush()
    writer.close()

    assert len(disk.payload) == 4
    assert (told.gaps, told.unsaved) == ([], [])


def test_a_piece_that_is_the_same_as_one_under_way_is_not_let_go_before_that_is_written(
    disk: Disk, writer: Writer, told: Told
) -> None:
    """Else a disk that refuses the first would lose both, and nobody would know."""
    chunks = [Chunk(bytes(1 << 20), 1 << 20) for _ in range(3)]
    disk.refuses_chunks = True
    writer.capture(PendingCapture(step_id=None, bound={"x": LiveComponent(("x",), chunks, [])}))
    writer.flush()
    assert told.unsaved == ["x"]
    assert all(chunk.data is not None for chunk in chunks)

    disk.refuses_chunks = False
    writer.capture(PendingCapture(step_id=None, bound={"x": LiveComponent(("x",), chunks, [])}))
    assert writer.flush()
    assert [list(frame.bound) for frame in captured(disk)][-1] == ["x"]
    assert len(disk.payload) == 1
