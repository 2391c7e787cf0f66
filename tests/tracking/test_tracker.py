"""What a session records beside the plain steps: late finds, interrupts, values that change by themselves."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtrack_jupyter.errors import RestoreError
from runtrack_jupyter.model import Step
from runtrack_jupyter.store.scan import scan, segment_files
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.settings import Settings
from tests.tracking.bench import Bench, own_store


@pytest.fixture(name="store", autouse=True)
def _store() -> Iterator[Path]:
    with own_store() as store:
        yield store


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def go_back(bench: Bench, name: str) -> dict[str, Any]:
    bench.recording.travel.restore(name)
    return {name: value for name, value in bench.names.items() if not name.startswith("_")}


def sweep(bench: Bench) -> None:
    while not bench.tracker.sweep(1.0):
        pass


def test_the_sweep_finds_what_no_cell_was_seen_to_change(bench: Bench) -> None:
    """A callback changed it: the find belongs after the step it came after, and says so."""
    first = bench.run("x = [1]")
    second = bench.run("y = 1")
    bench.names["x"].append(2)

    sweep(bench)
    bench.tracker.writer.flush()

    found = bench.recording.history().step(second.step_id)
    assert sorted(found.changed) == ["x", "y"]
    assert go_back(bench, second.step_id) == {"x": [1, 2], "y": 1}
    assert go_back(bench, first.step_id) == {"x": [1]}


def test_the_sweep_finds_names_that_came_and_went_between_cells(bench: Bench) -> None:
    """No root is there yet for a new one."""
    step = bench.run("x = [1]; y = 2")
    bench.names["z"] = bench.names["x"]
    del bench.names["y"]

    sweep(bench)
    bench.run("del x, z")

    assert go_back(bench, step.step_id) == {"x": [1], "z": [1]}


def test_a_sweep_that_finds_nothing_writes_nothing(bench: Bench) -> None:
    bench.run("x = [1]")
    bench.tracker.writer.flush()
    before = _frames(bench)

    sweep(bench)
    bench.tracker.writer.flush()

    assert _frames(bench) == before


def test_what_a_cell_does_to_a_module_is_part_of_its_step(bench: Bench) -> None:
    """Its code is read before it runs: afterwards nobody knows what was there."""
    first = bench.run("import json")
    bench.run("def short(x): return 'short'")
    patched = bench.run("json.dumps = short")
    bench.run("json.my = 1")

    go_back(bench, patched.step_id)
    assert (json.dumps(1), hasattr(json, "my")) == ("short", False)
    go_back(bench, first.step_id)
    assert json.dumps(1) == "1"


def test_without_values_not_one_byte_of_them_is_on_disk(store: Path) -> None:
    bench = Bench(Settings(record_values=False))
    bench.run("import numpy as np\nx = np.frombuffer(b'SECRET' * 100, np.uint8)\ny = b'HIDDEN' * 100")
    run = bench.recording.checkpoints.checkpoint("without values")
    bench.close()

    kinds = {frame["kind"] for frame in _frames(bench)}
    held = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())

    assert "step-ended" in kinds
    assert "chunk" not in kinds
    assert b"SECRETSECRET" not in held
    assert run.components == {}
    assert {(gap.subject, gap.kind) for gap in run.gaps} >= {("x", "off"), ("y", "off")}


def test_without_values_no_copy_of_them_stays_in_memory() -> None:
    bench = Bench(Settings(record_values=False))
    bench.run("x = b'HIDDEN' * 1000")
    bench.tracker.writer.flush()

    chunks = [chunk for each in bench.tracker.engine.live().values() for chunk in each.chunks()]

    assert chunks
    assert [chunk.data for chunk in chunks if chunk.data is not None] == []
    bench.close()


def test_without_values_an_empty_kernel_still_goes_back_to_recorded_ones(bench: Bench) -> None:
    """Nothing is here that could be lost."""
    step = bench.run("x = [1]")
    bench.tracker.writer.flush()
    other = Bench(Settings(record_values=False))

    assert go_back(other, step.step_id) == {"x": [1]}
    other.close()


def test_without_values_nothing_that_is_here_is_lost_to_a_restore() -> None:
    """What is here could not be kept, so it is not taken away either."""
    bench = Bench(Settings(record_values=False))
    first = bench.run("x = [1]")
    bench.run("y = [2]")

    with pytest.raises(RestoreError, match="not recorded"):
        bench.recording.travel.restore(first.step_id)
    with pytest.raises(RestoreError, match="not recorded"):
        bench.recording.travel.undo()

    assert (bench.names["x"], bench.names["y"]) == ([1], [2])
    bench.close()


def test_what_a_thread_changes_during_a_checkpoint_is_a_gap(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No two looks agree; the variable is named, and the others are saved."""
    bench.run("x = [0]; calm = [1]")
    look = bench.tracker.capture_all

    def look_and_be_changed() -> Any:
        thread = threading.Thread(target=bench.names["x"].append, args=(1,))
        thread.start()
        thread.join()
        return look()

    monkeypatch.setattr(bench.tracker, "capture_all", look_and_be_changed)

    run = bench.recording.checkpoints.checkpoint("busy")

    assert [(gap.subject, gap.kind) for gap in run.gaps] == [("x", "failed")]
    assert "calm" in run.components


def _interrupt_once(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, *, after: bool) -> None:
    whole: Callable[..., Any] = getattr(target, name)
    calls: list[None] = []

    def interrupted(*arguments: Any, **named: Any) -> Any:
        if calls:
            return whole(*arguments, **named)
        calls.append(None)
        if after:
            whole(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(target, name, interrupted)


@pytest.mark.parametrize("after", [False, True], ids=["before it is done", "when it is done"])
@pytest.mark.parametrize("part", ["capture", "reached_from", "live"])
def test_what_an_interrupted_capture_missed_the_next_one_records(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, part: str, after: bool
) -> None:
    """Aliases and deletions too: the engine may have gone on without the record."""
    bench.run("x = [1]; alias = x; gone = [3]; other = {'k': 1}")
    key = "interrupted"
    source = "x.append(2); del gone; new = [x]"
    bench.tracker.begin_step(key, source, cell_id=None, execution_count=2)
    bench.tracker.look_before(key, source)
    exec(source, bench.names)
    _interrupt_once(monkeypatch, bench.tracker.engine, part, after=after)

    with pytest.raises(KeyboardInterrupt):
        bench.tracker.end_step(key, source, status="ok", error="", execution_count=2)

    third = bench.run("z = 1")
    bench.tracker.writer.flush()
    history = bench.recording.history()
    steps = history.steps()
    assert [step.status for step in steps] == ["ok", "ok", "ok"]
    assert any(gap.kind == "interrupted" for gap in steps[1].gaps)
    snapshot = history.snapshot(third.step_id)
    assert {root for root in snapshot.components if not root.startswith("@")} == {
        "x", "alias", "new", "other", "z",
    }  # fmt: skip
    assert snapshot.gaps == ()
    fresh = Bench()
    back = go_back(fresh, third.step_id)
    assert back == {"x": [1, 2], "alias": [1, 2], "new": [[1, 2]], "other": {"k": 1}, "z": 1}
    assert back["x"] is back["alias"] is back["new"][0]
    fresh.close()


def test_a_look_before_a_step_that_is_interrupted_keeps_the_step_and_what_was_suspect(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.run("x = [1]")
    bench.names["x"].append(2)
    bench.tracker.suspect("x")
    _interrupt_once(monkeypatch, bench.tracker.engine, "capture", after=False)

    with pytest.raises(KeyboardInterrupt):
        bench.tracker.begin_step("key", "y = 1", cell_id=None, execution_count=2)
    exec("y = 1", bench.names)
    second = bench.tracker.end_step("key", "y = 1", status="ok", error="", execution_count=2)

    assert go_back(bench, second.step_id) == {"x": [1, 2], "y": 1}


def test_text_that_no_file_can_hold_stops_no_record(bench: Bench) -> None:
    """Half a surrogate pair, as names of files from elsewhere bring it."""
    step = bench.run(r"x = ['caf\udce9']; y = '\ud800'")

    run = bench.recording.checkpoints.checkpoint("caf\udce9")

    assert run.gaps == ()
    after = bench.run("z = 1")
    assert go_back(bench, step.step_id) == {"x": ["caf\udce9"], "y": "\ud800"}
    assert go_back(bench, after.step_id)["z"] == 1


def test_a_failure_of_ours_is_on_the_record_of_the_step_it_fell_into(bench: Bench) -> None:
    step = bench.run("x = 1")
    with never_break_the_cell("capturing", bench.tracker.fail):
        bench.names["x"].ours()
    bench.tracker.writer.flush()

    recorded: Step = bench.recording.history().step(step.step_id)

    assert [(gap.subject, gap.kind) for gap in recorded.gaps] == [("runtrack: capturing", "failed")]
    assert [gap.subject for gap in bench.problems()] == ["runtrack: capturing"]


def _frames(bench: Bench) -> list[dict[str, Any]]:
    paths = segment_files(bench.recording.store)[bench.tracker.session.session_id]
    found = [scanned.frame for path in paths for scanned in scan(path)]
    return [msgspec.to_builtins(frame) for frame in found if frame is not None]
