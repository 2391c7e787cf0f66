"""A history tells what happened, in which order, and what state each step left."""

import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from runtrack_jupyter.model import Gap, SessionId, StepId
from runtrack_jupyter.store.history import History
from tests.store.builder import Kernel, components_of, read_history, values_in
from tests.store.conftest import KEY


def test_steps_come_back_as_they_were(store: Path) -> None:
    kernel = Kernel(store)
    first = kernel.run_cell("x = 1", x="1")
    second = kernel.run_cell("del x; y = 2", x=None, y="2")
    kernel.writer.close()

    one, two = read_history(store).steps()
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

    (step,) = read_history(store).steps()
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
        from tests.store.builder import Kernel, read_history
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

    history = read_history(store)
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
    history = read_history(store)
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

    history = read_history(store)
    assert values_in(history.snapshot(first)) == components_of({"x": "1"})
    assert values_in(history.snapshot(second)) == components_of({"x": "2"})
    assert history.step(first).captured


def test_a_late_find_changes_states_already_asked_for(store: Path) -> None:
    kernel = Kernel(store)
    first = kernel.run_cell(x="1")
    history = read_history(store)
    assert values_in(history.snapshot(first)) == components_of({"x": "1"})
    kernel.capture({"y": "swept"}, late=True)
    history.refresh()

    assert values_in(history.snapshot(first)) == components_of({"x": "1", "y": "swept"})
    assert history.step(first).changed == ("x", "y")


def test_what_was_there_before_the_first_step_is_part_of_the_state(store: Path) -> None:
    kernel = Kernel(store)
    kernel.capture({"preset": "1"})
    step_id = kernel.run_cell(x="1")

    history = read_history(store)
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

    history = read_history(store)
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

    found = {variable.name: variable for variable in read_history(store).snapshot(second).variables}
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
    history = read_history(store)
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
    history = read_history(store)
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
    history = read_history(store)
    for number, step_id in reversed(list(enumerate(steps))):
        assert values_in(history.snapshot(step_id)) == components_of({"x": str(number % 7)})
    assert len(history.path_to(steps[-1])) == 2_000


# ---- runs
