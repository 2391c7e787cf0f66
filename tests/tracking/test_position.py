"""Where a session is after it went somewhere, as the front end is told and as the record says."""

from collections.abc import Iterator

import pytest

from runtrack_jupyter.errors import NotFoundError, RestoreError
from runtrack_jupyter.model import Measured, RunId
from tests.tracking.bench import Bench, own_store


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    with own_store():
        bench = Bench()
        yield bench
        bench.close()


def where(bench: Bench) -> tuple[object, object, tuple[object, ...]]:
    """Return the position, having seen that the record says the same."""
    position = bench.tracker.position.whereabouts()
    bench.tracker.writer.flush()
    history = bench.recording.history()
    session_id = bench.tracker.session.session_id
    assert history.head(session_id) == position.head_step
    assert history.position(session_id) == (position.head_run, position.steps)
    return position.head_step, position.head_run, position.steps


def test_steps_are_counted_from_the_last_run(bench: Bench) -> None:
    first = bench.run("x = 1")
    second = bench.run("x = 2")
    assert where(bench) == (second.step_id, None, (first.step_id, second.step_id))

    run = bench.recording.checkpoints.checkpoint()
    assert where(bench) == (second.step_id, run.run_id, ())

    third = bench.run("x = 3")
    assert where(bench) == (third.step_id, run.run_id, (third.step_id,))


def test_a_restored_run_is_where_the_next_one_comes_from(bench: Bench) -> None:
    first = bench.run("x = 1")
    run = bench.recording.checkpoints.checkpoint("good")
    bench.run("x = 2")

    arrival = bench.recording.travel.restore(run.run_id)

    assert where(bench) == (first.step_id, run.run_id, ())
    assert arrival.before is not None
    assert arrival.before.parent_runs == (run.run_id,)
    branch = bench.run("x = 3")
    assert branch.parent_step == first.step_id
    assert bench.recording.checkpoints.checkpoint().parent_runs == (run.run_id,)


def test_a_restored_step_is_the_head_with_the_steps_since_its_run(bench: Bench) -> None:
    run_step = bench.run("x = 1")
    run = bench.recording.checkpoints.checkpoint()
    second = bench.run("x = 2")
    bench.run("x = 3")

    bench.recording.travel.restore(second.step_id)

    assert where(bench) == (second.step_id, run.run_id, (second.step_id,))
    assert run_step.step_id not in bench.tracker.position.steps


def test_an_undo_goes_to_the_step_before_and_at_last_to_the_beginning(bench: Bench) -> None:
    first = bench.run("x = 1")
    bench.run("x = 2")

    bench.recording.travel.undo()
    assert where(bench) == (first.step_id, None, (first.step_id,))
    bench.recording.travel.undo()
    assert where(bench) == (None, None, ())
    assert "x" not in bench.names
    with pytest.raises(RestoreError, match="no step"):
        bench.recording.travel.undo()


def test_an_undo_over_a_run_leaves_the_run_behind(bench: Bench) -> None:
    first = bench.run("x = 1")
    bench.run("x = 2")
    bench.recording.checkpoints.checkpoint()

    bench.recording.travel.undo()

    assert where(bench) == (first.step_id, None, (first.step_id,))
    assert bench.names["x"] == 1


def test_the_parameters_are_those_of_the_place(bench: Bench) -> None:
    bench.run("x = 1")
    bench.tracker.evidence.declare("parameter", Measured(name="lr", value=0.1))
    run = bench.recording.checkpoints.checkpoint()
    bench.run("x = 2")
    bench.tracker.evidence.declare("parameter", Measured(name="lr", value=0.5))
    bench.tracker.evidence.declare("metric", Measured(name="accuracy", value=0.9))

    bench.recording.travel.restore(run.run_id)
    bench.run("x = 3")
    again = bench.recording.checkpoints.checkpoint()

    assert [(each.name, each.value) for each in again.parameters] == [("lr", 0.1)]
    assert again.metrics == ()


def test_asking_again_with_the_same_id_does_nothing_twice(bench: Bench) -> None:
    """A request that came back aborted is sent again."""
    first = bench.run("x = 1")
    bench.run("x = 2")
    asked = RunId("01JD00000000000000000000A1")

    arrival = bench.recording.travel.restore(first.step_id, request_id=asked)
    bench.run("x = 3")

    assert bench.recording.travel.restore(first.step_id, request_id=asked) is arrival
    assert bench.names["x"] == 3


def test_what_is_not_on_record_is_said_and_nothing_moves(bench: Bench) -> None:
    step = bench.run("x = 1")

    with pytest.raises(NotFoundError):
        bench.recording.travel.restore("ZZZZZZZZ")

    assert where(bench) == (step.step_id, None, (step.step_id,))


def inside_a_cell(bench: Bench, source: str) -> str:
    """Run a cell that uses the recording itself, as cells do by ``rt.restore`` and ``rt.undo``."""
    bench.names["_travel"] = bench.recording.travel
    bench.names["_checkpoint"] = bench.recording.checkpoints.checkpoint
    step = bench.run(source)
    assert step.error == ""
    return step.step_id


def test_a_cell_that_asks_for_an_undo_means_the_one_before_it(bench: Bench) -> None:
    first = bench.run("x = [1]")
    bench.run("x.append(2)")

    inside_a_cell(bench, "_travel.undo()")
    assert bench.names["x"] == [1]
    assert where(bench) == (first.step_id, None, (first.step_id,))

    inside_a_cell(bench, "_travel.undo()")
    assert "x" not in bench.names
    assert where(bench) == (None, None, ())


def test_what_a_cell_does_after_it_went_back_belongs_to_where_it_went(bench: Bench) -> None:
    first = bench.run("x = [1]")
    bench.run("x.append(2); y = 1")

    cell = inside_a_cell(bench, f"w = 0; _travel.restore({first.step_id!r}); x.append(5); z = [x]")
    assert where(bench)[0] == first.step_id
    after = bench.run("v = 1")

    arrival = bench.recording.travel.restore(after.step_id)
    assert arrival.gaps == ()
    names = {name: value for name, value in bench.names.items() if not name.startswith("_")}
    assert names == {"x": [1, 5], "z": [[1, 5]], "v": 1}
    assert names["z"][0] is names["x"]
    bench.recording.travel.restore(cell)
    assert (bench.names["x"], bench.names["y"], bench.names["w"]) == ([1, 2], 1, 0)
    bench.recording.travel.restore(first.step_id)
    assert bench.names["x"] == [1]
    assert bench.recording.history().step(cell).gaps == ()  # type: ignore[arg-type]  # ids are texts


def test_a_run_made_in_a_cell_that_went_back_is_of_what_is_there(bench: Bench) -> None:
    first = bench.run("x = [1]")
    bench.run("x.append(2)")

    inside_a_cell(bench, f"_travel.restore({first.step_id!r}); x.append(7); _run = _checkpoint('seven')")
    run = bench.names["_run"]
    bench.run("x = None")
    bench.recording.travel.restore(run.run_id)

    assert run.head_step == first.step_id
    assert bench.names["x"] == [1, 7]
