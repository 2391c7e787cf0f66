"""Frames are whole on disk or not there, whatever stops the writer."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.errors import StoreUnavailableError, UnsupportedFormatError, UsageError
from runtrack_jupyter.model import Session, StepId
from runtrack_jupyter.store.chunks import chunk_digest
from runtrack_jupyter.store.frames import Chunks, Closed, Frame, Output, SessionStarted, StepStarted
from runtrack_jupyter.store.segment import SegmentReader, SegmentWriter, scan
from tests.store.conftest import KEY, T0, new_session


def step(number: int, source: str = "x = 1") -> StepStarted:
    return StepStarted(
        step_id=StepId(f"step{number:04d}"), parent_step=None, sequence=number, source=source, started_at=T0
    )


def frames(path: Path, key: bytes | None = None) -> list[Frame | None]:
    return [found.frame for found in scan(path, key)]


def write(store: Path, content: Sequence[Frame], session: Session | None = None) -> Path:
    writer = SegmentWriter(store, session or new_session(), KEY)
    for frame in content:
        writer.append(frame)
    writer.close()
    return writer.path


def test_nothing_is_on_disk_before_the_first_frame(store: Path, session: Session, key: bytes) -> None:
    """Off, and a kernel in which nothing is run, leave not one byte."""
    writer = SegmentWriter(store, session, key)
    writer.beat()
    writer.sync()
    writer.close()

    assert not store.parent.exists()


def test_what_is_appended_is_read_back_in_order(store: Path, writer: SegmentWriter, session: Session) -> None:
    written: list[Frame] = [
        step(1),
        Output(step_id=StepId("step0001"), output={"output_type": "stream"}),
        step(2),
    ]
    for frame in written:
        writer.append(frame)
    writer.close()

    assert frames(writer.path) == [SessionStarted(session=session), *written, Closed(frames=4)]


def test_only_the_owner_can_look_into_the_store(store: Path, writer: SegmentWriter) -> None:
    writer.append(step(1))

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (store, *store.rglob("*"))}
    assert {modes[path] for path in modes if path.is_dir()} == {0o700}
    assert {modes[path] for path in modes if path.is_file()} == {0o600}


def test_payload_is_compressed_where_it_pays_and_raw_where_not(writer: SegmentWriter) -> None:
    noise, text = os.urandom(1 << 20), b"abc" * 100_000
    writer.put(noise)
    writer.put(text)

    frames = [each.frame for each in scan(writer.path) if isinstance(each.frame, Chunks)]
    (raw,), (packed,) = (frame.pieces for frame in frames)
    assert (raw.size, raw.stored) == (len(noise), 0)
    assert packed.size == len(text)
    assert 0 < packed.stored < len(text) / 10


def test_a_chunk_is_written_once_per_session(writer: SegmentWriter) -> None:
    writer.put(b"42", b"42")
    size = writer.path.stat().st_size
    writer.put(b"42")

    assert writer.has_chunk(chunk_digest(b"42"))
    assert writer.path.stat().st_size == size


def test_a_chunk_larger_than_a_frame_may_be_is_refused(writer: SegmentWriter) -> None:
    data = bytes((1 << 20) + 1)

    with pytest.raises(UsageError):
        writer.put(data)


def test_every_frame_is_signed_and_the_chain_goes_on_in_the_next_file(store: Path, session: Session) -> None:
    writer = SegmentWriter(store, session, KEY, roll_at=700)
    for number in range(1, 9):
        writer.append(step(number))
    writer.close()

    files = sorted((store / "segments").iterdir())
    found = [each for path in files for each in scan(path, KEY)]
    assert len(files) > 2
    assert all(each.trusted for each in found)
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    assert [after.previous for after in found[1:]] == [before.mac for before in found[:-1]]
    assert sum(isinstance(each.frame, StepStarted) for each in found) == 8


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_a_record_made_with_another_key_is_readable_but_not_trusted(store: Path, key: bytes | None) -> None:
    path = write(store, [step(1)])

    assert frames(path, key) == frames(path, KEY)
    assert not any(each.trusted for each in scan(path, key))


def test_a_frame_taken_from_another_session_is_not_trusted(store: Path) -> None:
    """The MAC covers the session: a segment cannot be passed off as another one."""
    path = write(store, [step(1)])
    other = path.with_name("01OTHER-0000.rtseg")
    shutil.copy(path, other)

    assert not any(each.trusted for each in scan(other, KEY))


def test_text_that_is_no_unicode_does_not_lose_the_frame(writer: SegmentWriter) -> None:
    """Python text may hold half a surrogate pair; JSON cannot."""
    writer.append(step(1, "print('\ud800')"))
    writer.append(Output(step_id=StepId("step0001"), output={"text": ["\udfff", 1.5, 1 << 70]}))

    _, first, second = frames(writer.path, KEY)
    assert isinstance(first, StepStarted)
    assert first.source == "print('?')"
    assert isinstance(second, Output)
    assert second.output == {"text": ["?", 1.5, 1 << 70]}


def small_segment(folder: Path) -> tuple[Path, list[Frame | None], list[int]]:
    path = write(folder, [step(1), step(2), Output(step_id=StepId("step0002"), output=None, clear=True)])
    return path, frames(path), [found.end for found in scan(path)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_tail_torn_anywhere_costs_only_the_frame_it_tears(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path, whole, ends = small_segment(tmp_path_factory.mktemp("torn"))
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])

    assert frames(path) == whole[: sum(end <= cut for end in ends)]


def test_a_tail_torn_at_every_single_byte_is_found(tmp_path: Path) -> None:
    path, whole, ends = small_segment(tmp_path)
    content = path.read_bytes()
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        reader = SegmentReader(path)
        assert [found.frame for found in reader.read()] == whole[: sum(end <= cut for end in ends)]
        assert reader.position + reader.torn == cut
        assert reader.damage == []


def test_a_flipped_bit_is_reported_and_costs_only_its_frame(tmp_path: Path) -> None:
    path, whole, ends = small_segment(tmp_path)
    content = path.read_bytes()
    for at in range(ends[0], ends[2]):
        flipped = bytearray(content)
        flipped[at] ^= 1 << (at % 8)
        path.write_bytes(flipped)
        reader = SegmentReader(path, KEY)
        found = list(reader.read())
        lost = sum(end <= at for end in ends)
        assert [each.frame for each in found] == whole[:lost] + whole[lost + 1 :]
        assert [(each.offset, each.end) for each in reader.damage] == [(ends[lost - 1], ends[lost])]
        assert not found[lost].trusted  # the chain shows that something is missing before it


def test_a_reader_follows_a_writer(writer: SegmentWriter) -> None:
    """The server reads on from where it stopped, while the kernel writes."""
    writer.append(step(1))
    reader = SegmentReader(writer.path, KEY)
    assert len(list(reader.read())) == 2
    assert list(reader.read()) == []
    writer.append(step(2))

    (found,) = reader.read()
    assert found.frame == step(2)
    assert found.trusted


def test_a_concurrent_reader_never_sees_damage(writer: SegmentWriter) -> None:
    writer.append(step(1))
    reader = SegmentReader(writer.path, KEY)
    seen: list[int] = []
    noise = [os.urandom(3000) for _ in range(300)]

    def write_all() -> None:
        for number, data in enumerate(noise):
            writer.put(data)
            writer.append(step(number + 2))

    thread = threading.Thread(target=write_all)
    thread.start()
    while thread.is_alive():
        seen += [found.seq for found in reader.read() if found.trusted]
    seen += [found.seq for found in reader.read() if found.trusted]
    thread.join()

    assert reader.damage == []
    assert seen == list(range(1, 603))


def test_a_segment_kept_as_a_value_is_not_taken_for_frames(store: Path, writer: SegmentWriter) -> None:
    """While its chunk is half written, what is in it must not be read as if it were the record."""
    other = write(store, [step(number) for number in range(1, 9)])
    data = other.read_bytes() + os.urandom(90_000)  # too much noise to be compressed
    writer.append(step(1))
    whole = writer.path.stat().st_size
    writer.put(data)
    content = writer.path.read_bytes()
    for size in range(whole, len(content), 997):
        writer.path.write_bytes(content[:size])
        reader = SegmentReader(writer.path, KEY)
        assert len(list(reader.read())) == 2
        assert (reader.damage, reader.position, reader.cut_short) == ([], whole, size > whole)
    writer.path.write_bytes(content)


def test_threads_may_append_at_once(writer: SegmentWriter) -> None:
    def write_some() -> None:
        for number in range(50):
            writer.append(step(number))

    threads = [threading.Thread(target=write_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = list(scan(writer.path, KEY))
    assert len(found) == 201
    assert all(each.trusted for each in found)


FILL_THE_DISK = """
    import resource, sys
    from pathlib import Path
    from runtrack_jupyter.errors import StoreUnavailableError
    from runtrack_jupyter.store.segment import SegmentWriter
    from tests.store.conftest import KEY, new_session
    from tests.store.test_segment import step

    writer = SegmentWriter(Path(sys.argv[1]), new_session("01FULL"), KEY)
    writer.append(step(1))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    size = writer.path.stat().st_size
    for room in range(0, 300, 7):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, hard))
        try:
            writer.append(step(2, "x" * 400))
        except StoreUnavailableError:
            assert writer.path.stat().st_size == size, room
        else:
            raise SystemExit("there was room")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    writer.append(step(3))
    writer.close()
"""


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*filter(None, sys.path), str(root)])},
    )


def test_a_full_disk_raises_and_later_frames_go_on_with_the_chain(store: Path) -> None:
    """The limit on file size makes the kernel write part of a frame and then refuse, as a full disk does."""
    done = run_python(FILL_THE_DISK, store)

    assert done.returncode == 0, done.stderr
    found = list(scan(store / "segments" / "01FULL-0000.rtseg", KEY))
    assert [each.frame for each in found[1:3]] == [step(1), step(3)]
    assert all(each.trusted for each in found)


def test_a_deleted_store_raises(writer: SegmentWriter, store: Path) -> None:
    """A write to a file without a name succeeds and is lost: this must not go unnoticed."""
    writer.append(step(1))
    shutil.rmtree(store)

    with pytest.raises(StoreUnavailableError, match="deleted"):
        writer.append(step(2))
    with pytest.raises(StoreUnavailableError, match="deleted"):
        writer.close()


def test_a_store_that_cannot_be_made_raises_until_it_can(store: Path, writer: SegmentWriter) -> None:
    store.parent.parent.mkdir(exist_ok=True)
    store.parent.write_text("in the way")
    with pytest.raises(StoreUnavailableError):
        writer.append(step(1))
    store.parent.unlink()
    writer.append(step(2))

    assert frames(writer.path)[1:] == [step(2)]


def test_a_read_only_file_system_raises_and_the_chain_goes_on(
    writer: SegmentWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so that the refusal is made up; everything else is real."""
    writer.append(step(1))

    def refuse(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(StoreUnavailableError, match="Read-only"):
            writer.append(step(2))
    writer.append(step(3))

    assert [each.frame for each in scan(writer.path, KEY) if each.trusted][1:] == [step(1), step(3)]


@pytest.mark.parametrize("after_the_write", [False, True])
def test_an_interrupt_in_the_middle_of_a_write_leaves_a_valid_chain(
    writer: SegmentWriter, monkeypatch: pytest.MonkeyPatch, after_the_write: bool
) -> None:
    """Ctrl-C may arrive between any two instructions."""
    writer.append(step(1))
    real = os.write

    def interrupted(descriptor: int, data: bytes) -> int:
        real(descriptor, data if after_the_write else data[:20])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.append(step(2))
    writer.append(step(3))

    kept = [step(1), step(2), step(3)] if after_the_write else [step(1), step(3)]
    found = list(scan(writer.path, KEY))
    assert [each.frame for each in found[1:]] == kept
    assert all(each.trusted for each in found)


def test_a_forked_child_cannot_write_its_parents_segment(writer: SegmentWriter) -> None:
    """Multiprocessing forks the kernel, hooks and all."""
    writer.append(step(1))
    size = writer.path.stat().st_size
    child = os.fork()
    if child == 0:
        try:
            writer.append(step(2))
        except StoreUnavailableError:
            writer.close()
            os._exit(7)
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert writer.path.stat().st_size == size
    writer.append(step(2))


def test_a_newer_store_is_refused_untouched(store: Path, writer: SegmentWriter) -> None:
    store.mkdir(parents=True)
    (store / "format").write_text('{"format_version":2}')

    with pytest.raises(UnsupportedFormatError):
        writer.append(step(1))
    assert not list((store / "segments").glob("*"))
