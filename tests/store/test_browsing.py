"""Runs, notebooks and names are found again, over the borders of sessions and stores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtrack_jupyter.errors import AmbiguousIdError, NotFoundError, UnsupportedFormatError
from runtrack_jupyter.model import Measured, NotebookId, RunId
from runtrack_jupyter.store.events import EventLog, PathBound
from runtrack_jupyter.store.frames import Recorded, RunLogged
from runtrack_jupyter.store.history import History
from tests.store.builder import Kernel, components_of, read_history, value_of, values_in
from tests.store.conftest import KEY, at


def test_runs_come_newest_first_and_carry_their_snapshot(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    good = kernel.checkpoint("good")
    kernel.run_cell(x="2")
    bad = kernel.checkpoint("bad")

    history = read_history(store)
    assert [run.run_id for run in history.runs()] == [bad.run_id, good.run_id]
    assert history.run(good.run_id) == good
    assert values_in(history.snapshot(good.run_id)) == components_of({"x": "1"})
    assert [step.step_id for step in history.steps(run_id=bad.run_id)] == list(bad.steps)
    assert history.logged(bad.run_id).run == bad


def test_the_nearest_run_above_is_found_along_the_path(store: Path) -> None:
    kernel = Kernel(store)
    before = kernel.run_cell()
    run = kernel.checkpoint()
    after = kernel.run_cell()
    history = read_history(store)

    assert history.since_run(after) == (history.run(run.run_id), (after,))
    assert history.since_run(before) == (history.run(run.run_id), ())
    assert history.position(kernel.session.session_id) == (run.run_id, (after,))


def test_a_run_made_within_a_cell_leaves_the_rest_of_the_cell_after_it(store: Path) -> None:
    """Checkpoints in a loop: each is a run, and the running cell belongs to every run it spans."""
    kernel = Kernel(store)
    step_id = kernel.begin()
    first = kernel.checkpoint(status="running")
    kernel.steps = [step_id]
    second = kernel.checkpoint(status="running")
    kernel.end()
    history = read_history(store)

    assert history.since_run(step_id) == (history.run(second.run_id), (step_id,))
    assert history.run(second.run_id).parent_runs == (first.run_id,)


def test_after_a_restore_the_restored_run_is_the_one_above(store: Path) -> None:
    first, second = Kernel(store), Kernel(store)
    step_id = first.run_cell(x="1")
    old = first.checkpoint("old")
    first.run_cell(x="2")
    first.checkpoint("newer")
    snapshot = read_history(store).snapshot(old.run_id)
    second.move(step_id, snapshot, {"x": "1"}, run_id=old.run_id)
    after = second.run_cell(x="3")

    history = read_history(store)
    assert history.position(second.session.session_id) == (old.run_id, (after,))
    assert history.since_run(after) == (history.run(old.run_id), (after,))


def test_after_a_restore_of_a_step_the_steps_of_the_other_session_count(store: Path) -> None:
    first, second = Kernel(store), Kernel(store)
    first.run_cell()
    run = first.checkpoint()
    middle = first.run_cell(x="1")
    first.run_cell(x="2")
    second.move(middle, read_history(store).snapshot(middle), {"x": "1"}, run_id=run.run_id)
    after = second.run_cell()

    assert read_history(store).position(second.session.session_id) == (run.run_id, (middle, after))


def test_a_run_logged_without_its_steps_gets_them_from_the_path(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell()
    above = kernel.checkpoint()
    step_id = kernel.run_cell()
    kernel.steps, kernel.head_run = [], None
    run = kernel.checkpoint()

    found = read_history(store).run(run.run_id)
    assert (found.steps, found.parent_runs) == ((step_id,), (above.run_id,))


def test_parameters_are_the_latest_of_each_name_on_the_path(store: Path) -> None:
    kernel = Kernel(store)

    def declare(name: str, value: float) -> None:
        measured = Measured(name=name, value=value)
        kernel.writer.append(Recorded(step_id=kernel.head, what="parameter", measured=measured))

    one = kernel.begin()
    declare("lr", 0.1)
    declare("depth", 3)
    kernel.end()
    two = kernel.begin()
    declare("lr", 0.2)
    kernel.end()

    history = read_history(store)
    assert {each.name: each.value for each in history.parameters_at(two)} == {"lr": 0.2, "depth": 3}
    assert {each.name: each.value for each in history.parameters_at(one)} == {"lr": 0.1, "depth": 3}
    assert history.step(two).measured == ("lr",)


# ---- cells and notebooks


def test_the_cells_of_a_step_are_those_last_known_with_all_their_sources(store: Path) -> None:
    kernel, other = Kernel(store), Kernel(store)
    before = kernel.run_cell()
    listed = kernel.begin()
    kernel.list_cells("x = 1", "y = 2")
    kernel.end()
    after = kernel.run_cell()
    run = kernel.checkpoint()
    history = read_history(store)
    other.move(after, history.snapshot(after), {})
    elsewhere = other.run_cell()
    history.refresh()

    assert history.cells(before) is None
    for step_id in (listed, after, elsewhere, run.run_id):
        cells = history.cells(step_id)
        assert cells is not None
        assert [cells.sources[entry.digest] for entry in cells.cells] == ["x = 1", "y = 2"]


def test_a_session_belongs_to_the_notebook_it_was_bound_to_last(store: Path) -> None:
    kernel = Kernel(store, notebook_path="/home/maya/a.ipynb")
    kernel.run_cell()
    run = kernel.checkpoint()
    history = read_history(store)
    own = NotebookId(kernel.session.session_id)
    assert history.notebook_id_for(Path("/home/maya/a.ipynb")) == own
    assert history.run(run.run_id).notebook_id == own
    kernel.bind("01NOTEBOOK", "/home/maya/b.ipynb")
    history.refresh()

    assert history.run(run.run_id).notebook_id == "01NOTEBOOK"
    assert history.runs(own) == []
    assert history.session(kernel.session.session_id).notebook_path == "/home/maya/b.ipynb"
    assert history.notebook_id_for(Path("/home/maya/b.ipynb")) == "01NOTEBOOK"
    (entry,) = history.notebooks()
    assert (entry.notebook_id, entry.path, entry.name, entry.run_count) == (
        "01NOTEBOOK",
        "/home/maya/b.ipynb",
        "b.ipynb",
        1,
    )


def test_a_move_of_the_notebook_is_an_event(store: Path) -> None:
    kernel = Kernel(store)
    kernel.bind("01NOTEBOOK", "/home/maya/old.ipynb")
    kernel.run_cell()
    history = read_history(store)
    event = PathBound(at=at(10**7), notebook_id=NotebookId("01NOTEBOOK"), path="/home/maya/new.ipynb")
    EventLog(store).append(event)

    assert history.refresh()
    assert history.notebook_id_for(Path("/home/maya/new.ipynb")) == "01NOTEBOOK"
    assert history.notebooks()[0].path == "/home/maya/new.ipynb"


def test_stores_are_read_as_one(tmp_path: Path) -> None:
    one, two = Kernel(tmp_path / "one"), Kernel(tmp_path / "two")
    runs = []
    for kernel in (one, two):
        kernel.bind("01NOTEBOOK", "/home/maya/a.ipynb")
        kernel.run_cell()
        runs.append(kernel.checkpoint().run_id)

    history = read_history(tmp_path / "one", tmp_path / "two", tmp_path / "missing")
    assert {run.run_id for run in history.runs(NotebookId("01NOTEBOOK"))} == set(runs)
    assert history.store_of(runs[1]) == tmp_path / "two"


# ---- names


def test_ids_resolve_by_their_last_characters_and_in_full(store: Path) -> None:
    kernel = Kernel(store)
    step_id = kernel.run_cell()
    run = kernel.checkpoint()
    history = read_history(store)

    assert history.resolve(run.run_id) == run.run_id
    assert history.resolve(step_id[-8:].lower()) == step_id
    for unknown in ("#1", "1", "", "#", step_id[-7:], "00000000", "x" * 40):
        with pytest.raises(NotFoundError):
            history.resolve(unknown)


def test_an_id_that_fits_two_is_refused(store: Path) -> None:
    one, two = Kernel(store, session_id="01A"), Kernel(store, session_id="01B")
    for kernel, run_id in ((one, "01AAAAAAAAAAAAAAAASAMEEND8"), (two, "01BBBBBBBBBBBBBBBBSAMEEND8")):
        kernel.begin()
        logged = kernel.checkpoint()
        kernel.writer.append(RunLogged(run=msgspec.structs.replace(logged, run_id=RunId(run_id))))

    with pytest.raises(AmbiguousIdError, match="fits 2"):
        read_history(store).resolve("sameend8")


# ---- trouble


def test_a_damaged_segment_costs_only_what_it_held(store: Path) -> None:
    good, bad = Kernel(store), Kernel(store)
    kept = good.run_cell(x="1")
    bad.run_cell(x="2")
    bad.writer.path.write_bytes(b"not a segment")

    history = read_history(store)
    assert [step.step_id for step in history.steps()] == [kept]
    assert history.folded(bad.session.session_id).problems


def test_a_segment_of_a_newer_version_costs_only_itself(store: Path) -> None:
    good, new = Kernel(store), Kernel(store)
    kept = good.run_cell()
    new.run_cell()
    content = bytearray(new.writer.path.read_bytes())
    content[8:12] = (2).to_bytes(4, "little")
    new.writer.path.write_bytes(content)

    history = read_history(store)
    assert [step.step_id for step in history.steps()] == [kept]
    assert "format 2" in history.folded(new.session.session_id).problems[0]


def test_a_newer_store_is_refused(store: Path) -> None:
    Kernel(store).run_cell()
    (store / "format").write_text('{"format_version":2}')

    with pytest.raises(UnsupportedFormatError):
        History([store], KEY).refresh()


def test_a_store_that_cannot_be_read_does_not_take_the_others_along(tmp_path: Path) -> None:
    """The list of stores is a user's whole past: old disks, other machines, newer versions."""
    newer, broken, good = tmp_path / "newer", tmp_path / "broken", tmp_path / "good"
    for store in (newer, broken, good):
        Kernel(store).run_cell()
    (newer / "format").write_text('{"format_version":2}')
    (broken / "format").write_text("")

    history = read_history(newer, broken, good)
    assert len(history.steps()) == 1
    assert set(history.problems) == {newer, broken}
    (newer / "format").write_text('{"format_version":1}')
    assert history.refresh()
    assert set(history.problems) == {broken}
    assert len(history.steps()) == 2


def test_a_session_whose_file_is_gone_is_forgotten(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell()
    history = read_history(store)
    kernel.writer.path.unlink()

    assert history.refresh()
    assert history.steps() == []


def test_a_foreign_record_can_be_browsed(store: Path) -> None:
    kernel = Kernel(store, key=b"somebody else's, of 32 bytes ...")
    step_id = kernel.run_cell(x="1")
    run = kernel.checkpoint()
    own = Kernel(store).run_cell()

    history = read_history(store)
    assert history.step(step_id).captured
    assert values_in(history.snapshot(run.run_id)) == {"x": value_of("1")[0].component_id}
    assert history.is_foreign(run.run_id)
    assert history.is_foreign(step_id)
    assert not history.is_foreign(own)


def test_an_empty_history_answers(tmp_path: Path) -> None:
    history = read_history(tmp_path / "nowhere")

    assert (history.runs(), history.steps(), history.sessions(), history.notebooks()) == ([], [], [], [])
    assert history.notebook_id_for(Path("/a.ipynb")) is None
    asked: list[Callable[[Any], object]] = [
        history.run,
        history.step,
        history.snapshot,
        history.session,
        history.logged,
    ]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask("01NOTHING")
