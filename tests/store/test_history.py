"""A history tells what happened, in which order, and what state each step left."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from runtrack_jupyter.errors import AmbiguousIdError, NotFoundError, UnsupportedFormatError
from runtrack_jupyter.model import Gap, Measured, NotebookId, RunId, SessionId, StepId
from runtrack_jupyter.store.events import EventLog, PathBound
from runtrack_jupyter.store.frames import Recorded, RunLogged
from runtrack_jupyter.store.history import History
from tests.store.builder import Kernel, components_of, value_of, values_in
from tests.store.conftest import KEY, at


def read(*stores: Path) -> History:
    history = History(stores, KEY)
    history.refresh()
    return history


def test_steps_come_back_as_they_were(store: Path) -> None:
    kernel = Kernel(store)
    first = kernel.run_cell("x = 1", x="1")
    second = kernel.run_cell("del x; y = 2", x=None, y="2")
    kernel.writer.close()

    one, two = read(store).steps()
    assert (one.step_id, one.parent_step, one.source, one.status) == (first, None, "x = 1", "ok")
    assert (two.step_id, two.parent_step, two.sequence) == (second, first, 2)
    assert (two.changed, two.deleted, two.captured, two.gaps) == (("y",), ("x",), True, ())


def test_printed_text_is_joined_displays_are_updated_and_clearing_clears(store: Path) -> None:
    kernel = Kernel(store)
    kernel.begin()
    kernel.show({"output_type": "stream", "name": "stdout", "text": "gone"})
    kernel.show({"output_type": "stream", "name": "stdout", "text": "a"}, clear=True)
    kernel.show({"output_type": "stream", "name": "stdout", "text": ["b", "c"]})
    kernel.show({"output_type": "stream", "name": "stderr", "text": "!"})
    shown: dict[str, Any] = {"output_type": "display_data", "data": {"text/plain": "0 %"}, "metadata": {}}
    kernel.show(shown | {"transient": {"display_id": "bar"}})
    kernel.show(shown | {"data": {"text/plain": "100 %"}}, replaces="bar")
    kernel.end()

    (step,) = read(store).steps()
    assert step.outputs == (
        {"output_type": "stream", "name": "stdout", "text": "abc"},
        {"output_type": "stream", "name": "stderr", "text": "!"},
        {"output_type": "display_data", "data": {"text/plain": "100 %"}, "metadata": {}},
    )


def test_a_living_kernel_is_running_and_a_dead_one_died(store: Path) -> None:
    """The kernel that a cell killed is on record, with that cell."""
    code = f"""
        import os, sys
        from pathlib import Path
        from tests.store.builder import Kernel
        kernel = Kernel(Path({str(store)!r}), session_id="01DEAD")
        kernel.run_cell("x = 1", x="1")
        kernel.begin("still to be saved")
        kernel.end()
        kernel.begin("os.abort()")
        os.kill(os.getpid(), 9)
    """
    root = Path(__file__).parents[2]
    path = os.pathsep.join([*filter(None, sys.path), str(root)])
    lines = "\n".join(line[8:] for line in code.splitlines())
    subprocess.run([sys.executable, "-c", lines], check=False, env=os.environ | {"PYTHONPATH": path})
    living = Kernel(store)
    running = living.begin()

    history = read(store)
    saved, unsaved, died = history.steps(session_id=SessionId("01DEAD"))
    assert (saved.status, saved.captured, saved.gaps) == ("ok", True, ())
    assert (unsaved.status, unsaved.captured, [gap.kind for gap in unsaved.gaps]) == ("ok", False, ["lost"])
    assert (died.status, died.captured, [gap.kind for gap in died.gaps]) == ("died", False, ["lost"])
    assert history.step(running).status == "running"
    assert history.is_alive(living.session.session_id)
    assert not history.is_alive(SessionId("01DEAD"))


def test_a_cell_interrupted_by_the_end_of_its_kernel_died(store: Path) -> None:
    kernel = Kernel(store)
    step_id = kernel.begin()
    history = read(store)
    assert history.step(step_id).status == "running"
    kernel.writer.close()

    assert history.refresh()
    assert history.step(step_id).status == "died"


def test_reading_goes_on_where_it_stopped(store: Path) -> None:
    kernel = Kernel(store, roll_at=1500)
    history = History([store], KEY)
    assert not history.refresh()
    for number in range(20):
        step_id = kernel.run_cell(x=str(number))
        assert history.refresh()
        assert not history.refresh()
        assert len(history.steps()) == number + 1
        assert values_in(history.snapshot(step_id)) == components_of({"x": str(number)})
    assert len(list((store / "segments").iterdir())) > 3


def test_a_capture_that_comes_after_the_next_step_began_belongs_to_its_own(store: Path) -> None:
    """Payload is written in the background while the user runs on."""
    kernel = Kernel(store)
    first = kernel.begin()
    kernel.end()
    second = kernel.begin()
    kernel.capture({"x": "1"}, step_id=first)
    kernel.end()
    kernel.capture({"x": "2"})

    history = read(store)
    assert values_in(history.snapshot(first)) == components_of({"x": "1"})
    assert values_in(history.snapshot(second)) == components_of({"x": "2"})
    assert history.step(first).captured


def test_a_late_find_changes_states_already_asked_for(store: Path) -> None:
    kernel = Kernel(store)
    first = kernel.run_cell(x="1")
    history = read(store)
    assert values_in(history.snapshot(first)) == components_of({"x": "1"})
    kernel.capture({"y": "swept"}, late=True)
    history.refresh()

    assert values_in(history.snapshot(first)) == components_of({"x": "1", "y": "swept"})
    assert history.step(first).changed == ("x", "y")


def test_what_was_there_before_the_first_step_is_part_of_the_state(store: Path) -> None:
    kernel = Kernel(store)
    kernel.capture({"preset": "1"})
    step_id = kernel.run_cell(x="1")

    history = read(store)
    assert values_in(history.snapshot(step_id)) == components_of({"preset": "1", "x": "1"})
    assert values_in(history.snapshot_before(step_id)) == components_of({"preset": "1"})


def test_a_gap_stands_until_its_name_is_bound_or_deleted(store: Path) -> None:
    gap = Gap(subject="g", kind="unpicklable", reason="generators cannot be saved")
    kernel = Kernel(store)
    kernel.begin()
    kernel.end()
    kernel.capture({"x": "1", "g": "not this"}, gaps=(gap,))
    with_gap = kernel.head
    after = kernel.run_cell(x="2")
    bound = kernel.run_cell(g="list")
    assert with_gap is not None

    history = read(store)
    for step_id in (with_gap, after):
        assert history.snapshot(step_id).gaps == (gap,)
        assert "g" not in history.snapshot(step_id).components
    assert history.snapshot(bound).gaps == ()
    assert history.step(with_gap).gaps == (gap,)
    assert history.step(after).gaps == ()


def test_variables_say_which_step_set_them(store: Path) -> None:
    kernel = Kernel(store)
    first = kernel.run_cell(x="1", y="1")
    second = kernel.run_cell(x="2")

    found = {variable.name: variable for variable in read(store).snapshot(second).variables}
    assert (found["x"].set_by, found["x"].preview) == (second, "2")
    assert found["y"].set_by == first


class Sessions(RuleBasedStateMachine):
    """Any mixture of cells, undos, restores within and across sessions, late finds: every state ever left is kept."""

    steps = Bundle("steps")
    names = st.sampled_from("abcd")
    values = st.one_of(st.none(), st.text("xyz", max_size=2))

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Path(self.folder.name) / "store"
        self.history = History([self.store], KEY)
        self.kernels = [Kernel(self.store), Kernel(self.store)]
        self.expected: dict[StepId, dict[str, str]] = {}
        self.parents: dict[StepId, StepId | None] = {}

    def teardown(self) -> None:
        for kernel in getattr(self, "kernels", []):
            kernel.writer.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(target=steps, which=st.integers(0, 1), changes=st.dictionaries(names, values, max_size=3))
    def run_a_cell(self, which: int, changes: dict[str, str | None]) -> StepId:
        kernel = self.kernels[which]
        parent = kernel.head
        known = {name: text for name, text in changes.items() if text is not None or name in kernel.namespace}
        step_id = kernel.begin()
        kernel.end()
        kernel.capture(known)
        self.expected[step_id] = dict(kernel.namespace)
        self.parents[step_id] = parent
        return step_id

    @rule(which=st.integers(0, 1), step_id=steps, lost=st.sets(names, max_size=1))
    def restore(self, which: int, step_id: StepId, lost: set[str]) -> None:
        self.history.refresh()
        values = self.expected[step_id]
        self.kernels[which].move(
            step_id, self.history.snapshot(step_id), values, lost=tuple(lost & set(values))
        )

    @rule(which=st.integers(0, 1))
    def undo(self, which: int) -> None:
        kernel = self.kernels[which]
        if kernel.head is None:
            return
        self.history.refresh()
        parent = self.parents[kernel.head]
        before = self.history.snapshot_before(kernel.head)
        values = {} if parent is None else self.expected[parent]
        snapshot = before if parent is None else self.history.snapshot(parent)
        kernel.move(parent, snapshot, values)

    @rule(which=st.integers(0, 1))
    def look(self, which: int) -> None:
        if not self.kernels[which].writer.path.exists():
            return
        self.history.refresh()
        now = self.history.snapshot_now(self.kernels[which].session.session_id)
        assert values_in(now) == components_of(self.kernels[which].namespace)

    @rule(step_id=consumes(steps))
    def look_back(self, step_id: StepId) -> None:
        self.history.refresh()
        assert values_in(self.history.snapshot(step_id)) == components_of(self.expected[step_id])

    @invariant()
    def every_step_is_known(self) -> None:
        if hasattr(self, "history"):
            self.history.refresh()
            assert {step.step_id: step.parent_step for step in self.history.steps()} == self.parents
            path = [step.step_id for head in list(self.parents)[-1:] for step in self.history.path_to(head)]
            assert all(self.parents[after] == before for before, after in pairwise(path))


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_undoing_twice_goes_two_steps_back_and_both_branches_stay(store: Path) -> None:
    kernel = Kernel(store)
    one = kernel.run_cell(x="1")
    two = kernel.run_cell(x="2")
    three = kernel.run_cell(x="3")
    history = read(store)
    kernel.move(two, history.snapshot(two), {"x": "2"})
    kernel.move(one, history.snapshot(one), {"x": "1"})
    branch = kernel.run_cell(y="branch")
    history.refresh()

    assert [step.step_id for step in history.path_to(three)] == [one, two, three]
    assert [step.step_id for step in history.path_to(branch)] == [one, branch]
    assert values_in(history.snapshot(branch)) == components_of({"x": "1", "y": "branch"})
    assert history.head(kernel.session.session_id) == branch


def test_a_restore_in_another_session_continues_that_path(store: Path) -> None:
    first, second = Kernel(store), Kernel(store)
    step_id = first.run_cell(x="1", y="1")
    first.run_cell(x="2")
    history = read(store)
    second.move(step_id, history.snapshot(step_id), {"x": "1", "y": "1"}, lost=("y",))
    after = second.run_cell(z="3")
    history.refresh()

    assert [step.step_id for step in history.path_to(after)] == [step_id, after]
    assert values_in(history.snapshot(after)) == components_of({"x": "1", "z": "3"})
    assert [gap.subject for gap in history.snapshot(after).gaps] == ["y"]
    assert "y" in history.snapshot(step_id).components


def test_a_path_of_ten_thousand_steps_is_no_recursion_and_not_quadratic(store: Path) -> None:
    kernel = Kernel(store)
    steps = [kernel.run_cell(x=str(number % 7)) for number in range(2_000)]
    history = read(store)
    for number, step_id in reversed(list(enumerate(steps))):
        assert values_in(history.snapshot(step_id)) == components_of({"x": str(number % 7)})
    assert len(history.path_to(steps[-1])) == 2_000


# ---- runs


def test_runs_come_newest_first_and_carry_their_snapshot(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    good = kernel.checkpoint("good")
    kernel.run_cell(x="2")
    bad = kernel.checkpoint("bad")

    history = read(store)
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
    history = read(store)

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
    history = read(store)

    assert history.since_run(step_id) == (history.run(second.run_id), (step_id,))
    assert history.run(second.run_id).parent_runs == (first.run_id,)


def test_after_a_restore_the_restored_run_is_the_one_above(store: Path) -> None:
    first, second = Kernel(store), Kernel(store)
    step_id = first.run_cell(x="1")
    old = first.checkpoint("old")
    first.run_cell(x="2")
    first.checkpoint("newer")
    snapshot = read(store).snapshot(old.run_id)
    second.move(step_id, snapshot, {"x": "1"}, run_id=old.run_id)
    after = second.run_cell(x="3")

    history = read(store)
    assert history.position(second.session.session_id) == (old.run_id, (after,))
    assert history.since_run(after) == (history.run(old.run_id), (after,))


def test_after_a_restore_of_a_step_the_steps_of_the_other_session_count(store: Path) -> None:
    first, second = Kernel(store), Kernel(store)
    first.run_cell()
    run = first.checkpoint()
    middle = first.run_cell(x="1")
    first.run_cell(x="2")
    second.move(middle, read(store).snapshot(middle), {"x": "1"}, run_id=run.run_id)
    after = second.run_cell()

    assert read(store).position(second.session.session_id) == (run.run_id, (middle, after))


def test_a_run_logged_without_its_steps_gets_them_from_the_path(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell()
    above = kernel.checkpoint()
    step_id = kernel.run_cell()
    kernel.steps, kernel.head_run = [], None
    run = kernel.checkpoint()

    found = read(store).run(run.run_id)
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

    history = read(store)
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
    history = read(store)
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
    history = read(store)
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
    history = read(store)
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

    history = read(tmp_path / "one", tmp_path / "two", tmp_path / "missing")
    assert {run.run_id for run in history.runs(NotebookId("01NOTEBOOK"))} == set(runs)
    assert history.store_of(runs[1]) == tmp_path / "two"


# ---- names


def test_ids_resolve_by_their_last_characters_and_in_full(store: Path) -> None:
    kernel = Kernel(store)
    step_id = kernel.run_cell()
    run = kernel.checkpoint()
    history = read(store)

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
        read(store).resolve("sameend8")


# ---- trouble


def test_a_damaged_segment_costs_only_what_it_held(store: Path) -> None:
    good, bad = Kernel(store), Kernel(store)
    kept = good.run_cell(x="1")
    bad.run_cell(x="2")
    bad.writer.path.write_bytes(b"not a segment")

    history = read(store)
    assert [step.step_id for step in history.steps()] == [kept]
    assert history.folded(bad.session.session_id).problems


def test_a_segment_of_a_newer_version_costs_only_itself(store: Path) -> None:
    good, new = Kernel(store), Kernel(store)
    kept = good.run_cell()
    new.run_cell()
    content = bytearray(new.writer.path.read_bytes())
    content[8:12] = (2).to_bytes(4, "little")
    new.writer.path.write_bytes(content)

    history = read(store)
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

    history = read(newer, broken, good)
    assert len(history.steps()) == 1
    assert set(history.problems) == {newer, broken}
    (newer / "format").write_text('{"format_version":1}')
    assert history.refresh()
    assert set(history.problems) == {broken}
    assert len(history.steps()) == 2


def test_a_session_whose_file_is_gone_is_forgotten(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell()
    history = read(store)
    kernel.writer.path.unlink()

    assert history.refresh()
    assert history.steps() == []


def test_a_foreign_record_can_be_browsed(store: Path) -> None:
    kernel = Kernel(store, key=b"somebody else's, of 32 bytes ...")
    step_id = kernel.run_cell(x="1")
    run = kernel.checkpoint()
    own = Kernel(store).run_cell()

    history = read(store)
    assert history.step(step_id).captured
    assert values_in(history.snapshot(run.run_id)) == {"x": value_of("1")[0].component_id}
    assert history.is_foreign(run.run_id)
    assert history.is_foreign(step_id)
    assert not history.is_foreign(own)


def test_an_empty_history_answers(tmp_path: Path) -> None:
    history = read(tmp_path / "nowhere")

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
