"""What garbage collection takes out of a store, and what stays."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runtrack_jupyter.errors import StoreUnavailableError, UntrustedError
from runtrack_jupyter.model import Blob, Run, RunId, SessionId
from runtrack_jupyter.store.annotations import annotations
from runtrack_jupyter.store.collecting import Collected, Rules, collect, look
from runtrack_jupyter.store.events import EventLog, Starred
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.goingback import going_back, taking_out
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import segments_folder
from runtrack_jupyter.store.moments import Ages
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.rewriting import layout_of, write_hollowed
from runtrack_jupyter.store.scan import segment_files
from tests.store.builder import Kernel, read_history, value_of
from tests.store.conftest import KEY, at

NOW = at(3600)
ALL = Rules(limit=1, least=1)  # a limit that nothing fits in: whatever may go, goes
FOREVER = Ages(steps=timedelta(days=9999), automatic=timedelta(days=9999))


def gc(store: Path, rules: Rules = ALL, *, now: datetime = NOW, others: tuple[Path, ...] = ()) -> Collected:
    return collect(store, KEY, rules, now=now, others=others)


def value(history: History, found: str, name: str = "x") -> bytes:
    """Return the bytes of a variable as a restore would read them."""
    component = history.snapshot(RunId(found)).components[name]
    payload = StorePayload(history)
    stream = payload.manifest(component).stream
    data = bytearray(stream.size)
    payload.read_blob(stream, memoryview(data))
    return bytes(data)


def errors(store: Path) -> list[str]:
    return [f"{each.subject}: {each.message}" for each in fsck(store, KEY) if each.severity == "error"]


def worked(
    store: Path, *messages: str, automatic: str = "after Run All", value: str = "value of "
) -> list[Run]:
    """Return the runs of a session that is over: one for each message ("": an automatic one)."""
    kernel = Kernel(store)
    runs = []
    for number, message in enumerate(messages):
        kernel.run_cell("x = …", x=f"{value}{kernel.session.session_id}{number}")
        runs.append(kernel.checkpoint(message, automatic="" if message else automatic))
    kernel.writer.close()
    return runs


def test_values_that_nobody_named_go_and_the_named_stay(store: Path) -> None:
    """The disk is bounded without taking from people what they chose to keep."""
    first, named, last = worked(store, "", "baseline", "")
    done = gc(store)

    assert done.freed > 0
    history = read_history(store)
    assert value(history, named.run_id).startswith(b"value of")
    assert first.run_id in done.runs
    gap = history.run(first.run_id).gaps[0]
    assert (gap.subject, gap.kind) == ("x", "thinned")
    assert gap.reason == "removed on 2026-03-01 to free disk space"
    assert history.snapshot(first.run_id).components == {}
    assert [step.source for step in history.steps()] == ["x = …"] * 3
    assert last.run_id in done.runs
    assert errors(store) == []


@pytest.mark.parametrize(
    "said", [{"message": "good"}, {"labels": {"kind": "baseline"}}, {"starred": True}, {"note": "look"}]
)
def test_what_was_said_of_a_run_keeps_its_values(store: Path, said: dict[str, object]) -> None:
    """Named, labelled and starred are words that come after the run."""
    run, _ = worked(store, "", "")
    log = EventLog(store)
    for event in annotations(run.run_id, at=NOW, author="ada", **said):  # type: ignore[arg-type]
        log.append(event)

    assert run.run_id not in gc(store).runs
    assert value(read_history(store), run.run_id)


def test_nothing_goes_while_there_is_room(store: Path) -> None:
    """Below the limit and young: whoever recorded it may want it."""
    worked(store, "", "", "a")

    assert gc(store, Rules(limit=1 << 30, least=1)).freed == 0


def test_the_oldest_goes_first_and_no_more_than_needed(store: Path) -> None:
    """Steps, then automatic runs from the oldest on."""
    kernel = Kernel(store)
    runs = []
    for _ in range(40):
        kernel.run_cell(x=os.urandom(8000).hex())
        runs.append(kernel.checkpoint(automatic="after Run All"))
    kernel.writer.close()
    size = look(store, KEY, ALL, now=NOW).size
    done = gc(store, Rules(limit=size, least=1, full=0.5, room=0.95))

    gone = [run.run_id for run in runs if run.run_id in done.runs]
    assert gone == [run.run_id for run in runs[: len(gone)]]
    assert 0 < len(gone) < 20


def test_age_alone_thins_what_nobody_asked_for(store: Path) -> None:
    """A store that never fills up does not keep every step for ever."""
    automatic, named, latest = worked(store, "", "a name", "")
    later = NOW + timedelta(days=200)
    done = gc(store, Rules(limit=1 << 40, least=1), now=later)

    assert list(done.runs) == [automatic.run_id]
    history = read_history(store)
    assert value(history, named.run_id)
    assert value(history, latest.run_id), "the last state of a notebook is what people come back to"


def test_a_look_changes_nothing_and_says_what_a_pass_does(store: Path) -> None:
    """Dry run first."""
    worked(store, "", "", "named")
    before = {path: path.read_bytes() for path in segments_folder(store).iterdir()}
    seen = look(store, KEY, ALL, now=NOW)

    assert {path: path.read_bytes() for path in segments_folder(store).iterdir()} == before
    done = gc(store)
    assert (seen.freed, seen.runs, seen.groups) == (done.freed, done.runs, done.groups)
    sizes = {group.what: group.size for group in seen.groups}
    assert sizes["automatic"] > 0
    assert sizes["named"] > 0
    assert gc(store).freed == 0, "what is gone is not found again"


def test_the_same_value_of_two_sessions_is_kept_once(store: Path) -> None:
    """Who loads the same data every morning does not pay for it every morning."""
    named = []
    for _ in range(3):
        kernel = Kernel(store)
        kernel.run_cell(x="the same" * 500, y=f"mine {kernel.session.session_id}")
        named.append(kernel.checkpoint("a name"))
        kernel.writer.close()
    before = look(store, KEY, ALL, now=NOW)
    done = gc(store)

    assert {each.what: each.size for each in before.groups}["duplicates"] > 0
    history = read_history(store)
    for run in named:
        assert value(history, run.run_id) == ("the same" * 500).encode() * 40
        assert value(history, run.run_id, "y").startswith(b"mine")
    assert done.freed > 0
    assert errors(store) == []


def test_a_damaged_copy_is_not_the_one_that_stays(store: Path) -> None:
    """Of two copies of which one is damaged, the whole one must survive."""
    for _ in range(2):
        kernel = Kernel(store)
        kernel.run_cell(x="the same" * 500)
        run = kernel.checkpoint("a name")
        kernel.writer.close()
    first, second = (files[0] for files in segment_files(store).values())
    data = value_of("the same" * 500)[1]
    raw = bytearray(first.read_bytes())
    at_, size = _payload(first)
    raw[at_ + size // 2] ^= 0xFF
    first.write_bytes(raw)
    gc(store)

    assert value(read_history(store), run.run_id) == data
    assert second.stat().st_size > size


def _payload(path: Path) -> tuple[int, int]:
    layout = layout_of(path, KEY)
    assert layout is not None
    frame = layout.frames[0]
    return frame.payload_offset, frame.end - frame.payload_offset


def test_chunks_that_share_a_frame_with_others_move_to_a_pack(store: Path) -> None:
    """A frame is written for what comes together; what is wanted of it later is not all of it."""
    kernel = Kernel(store)
    kernel.begin()
    kernel.end()
    values = [value_of(text) for text in ("kept", "dropped")]
    kernel.writer.put(*(data for _, data in values))
    kernel.capture({"x": "kept", "y": "dropped"})
    kernel.capture({"y": None})
    named = kernel.checkpoint("a name")
    kernel.writer.close()
    gc(store, now=datetime.now(NOW.tzinfo) + timedelta(days=15))

    assert value(read_history(store), named.run_id) == values[0][1]
    assert len(segment_files(store)) == 2
    assert errors(store) == []


def test_payload_that_nothing_refers_to_has_a_fortnight(store: Path) -> None:
    """Another kernel may have been about to refer to it."""
    kernel = Kernel(store)
    kernel.run_cell(x="a value")
    kernel.writer.put(b"an abandoned capture" * 1000)
    kernel.checkpoint("a name")
    kernel.writer.close()

    assert gc(store, now=datetime.now(NOW.tzinfo)).freed == 0
    assert gc(store, now=datetime.now(NOW.tzinfo) + timedelta(days=15)).freed > 0


def test_what_a_living_kernel_went_back_to_stays(store: Path) -> None:
    """Its next capture refers to payload that it never wrote itself."""
    old, _ = worked(store, "", "")
    history = read_history(store)
    living = Kernel(store)
    living.run_cell(y="own")
    living.move(old.head_step, history.snapshot(old.run_id), {"x": "restored"}, run_id=old.run_id)
    gc(store)

    assert value(read_history(store), old.run_id)
    living.writer.close()


def test_another_store_that_refers_to_payload_keeps_it(store: Path, tmp_path: Path) -> None:
    """A run restored in another project is not saved there again."""
    old, _ = worked(store, "", "")
    elsewhere = tmp_path / "elsewhere" / ".runtrack"
    kernel = Kernel(elsewhere)
    kernel.run_cell(y="own")
    snapshot = read_history(store).snapshot(old.run_id)
    kernel.move(old.head_step, snapshot, {"x": "restored"}, run_id=old.run_id)
    kernel.checkpoint("a name")
    kernel.writer.close()
    gc(store, others=(elsewhere,))

    assert value(read_history(store), old.run_id)


def test_a_session_that_is_not_this_users_is_left_alone(store: Path) -> None:
    """What cannot be judged is not touched."""
    kernel = Kernel(store, key=bytes(32))
    kernel.run_cell(x="theirs")
    kernel.checkpoint(automatic="after Run All")
    kernel.writer.close()

    assert gc(store).freed == 0
    with pytest.raises(UntrustedError):
        collect(store, None, ALL)


def test_a_kernel_that_died_is_over_after_a_day(store: Path) -> None:
    """Its kernel may sleep on another machine: an open file must not be taken from under it."""
    kernel = Kernel(store)
    kernel.run_cell(x="a value")
    kernel.checkpoint(automatic="after Run All")
    kernel.run_cell(x="another")
    kernel.die()

    assert gc(store).freed == 0
    assert gc(store, Rules(limit=1, least=1, ages=FOREVER), now=NOW + timedelta(days=2)).freed > 0
    assert errors(store) == []


def test_whoever_restores_is_not_disturbed(store: Path) -> None:
    """Between reading a value and saying so, a kernel relies on what no record tells."""
    run, _ = worked(store, "", "")
    with going_back([store], SessionId("S1")):
        done = gc(store)
    assert (done.busy, done.more, done.freed) == (True, True, 0)
    assert value(read_history(store), run.run_id)
    assert gc(store).freed > 0


def test_a_restore_waits_while_payload_is_taken_out(store: Path) -> None:
    """And reads only afterwards what is left."""
    worked(store, "")
    waited: list[float] = []
    with taking_out(store):

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                (store / "leases" / "gc").unlink()

        with going_back([store], SessionId("S1"), sleep=sleep):
            pass
    assert len(waited) == 3


def test_a_run_named_meanwhile_is_spared(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look takes a while; a star that comes after it counts."""
    run, _ = worked(store, "", "")
    real = write_hollowed

    def star_and_write(*arguments: object) -> Path:
        EventLog(store).append(Starred(run_id=run.run_id, at=NOW, starred=True))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("runtrack_jupyter.store.collecting.write_hollowed", star_and_write)
    assert gc(store).busy
    assert value(read_history(store), run.run_id)


def test_a_reader_that_knew_the_old_file_finds_the_value_in_the_new_one(store: Path) -> None:
    """Servers and kernels read on while another process collects."""
    _, named = worked(store, "", "a name")
    history = read_history(store)
    payload = StorePayload(history)
    component = history.snapshot(named.run_id).components["x"]
    payload.manifest(component)
    gc(store)
    stream: Blob = payload.manifest(component).stream
    data = bytearray(stream.size)
    payload.close()
    payload.read_blob(stream, memoryview(data))

    assert bytes(data).startswith(b"value of")


def test_a_value_saved_again_is_there_again(store: Path) -> None:
    """Running the same cell tomorrow makes the same component."""
    first, _ = worked(store, "", "other", value="")
    gc(store)
    kernel = Kernel(store)
    text = f"{first.session_id}0"
    kernel.run_cell(x=text)
    kernel.checkpoint("a name")
    kernel.writer.close()

    history = read_history(store)
    assert value(history, first.run_id) == value_of(text)[1]
    assert history.run(first.run_id).gaps == ()


def test_a_pass_that_fails_leaves_all_as_it_was(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is when people collect garbage."""
    run, _ = worked(store, "", "")

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runtrack_jupyter.store.collecting.write_hollowed", full)
    with pytest.raises(StoreUnavailableError, match="No space left"):
        gc(store)
    assert value(read_history(store), run.run_id)
    assert [path for path in segments_folder(store).iterdir() if path.suffix == ".partial"] == []


def test_a_torn_or_damaged_file_is_not_written_anew(store: Path) -> None:
    """Damage stays for a person to look at; and what is behind it may be all there is."""
    worked(store, "", "")
    path = next(iter(segment_files(store).values()))[0]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4] = b"\0\0\0\0"
    path.write_bytes(raw)

    assert gc(store).freed == 0
    assert path.read_bytes() == bytes(raw)
