"""The promise on the real path: whatever was recorded comes back from disk as a replay of its cells gives it.

Suspects come from the code of the cells, values from segments that the writer's thread wrote, and states from
the fold of frames: steps, late finds, runs, moves of the head, and other sessions.
"""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from runtrack_jupyter.model import RunId, StepId
from tests.state.cells import NAMES, START, cells, execute, replayed, visible
from tests.state.graphs import form
from tests.tracking.bench import Bench, own_store

pytestmark = pytest.mark.timeout(900)  # it writes and reads a whole store for every example

Path = tuple[str, ...]  # everything that was executed on the way to a moment

# What a cell touches cannot always be read from its code: then everything is looked at.
_unknowable = st.builds(
    lambda template, x, y, n: template.format(x=x, y=y, n=n),
    st.sampled_from(
        [
            "exec('{x} = [{y}]')",
            "eval('{x}.append({n})')",
            "globals()['{x}'] = [{n}, {y}]",
            "globals().pop('{x}')",
            "def {x}(): exec('{y}.append({n})', globals())",
            "import random; random.seed({n}); {x} = random.random()",
        ]
    ),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(0, 3),
)
_cells = cells | cells | cells | _unknowable

_places = st.integers(min_value=0, max_value=30)


class Journey(RuleBasedStateMachine):
    """A user who runs cells, makes runs, goes back, goes on from there, and comes again another day.

    The model of a moment is the list of what ran on the way to it; what it was then is a replay of that list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.context = ExitStack()
        self.context.enter_context(own_store())
        self.bench = Bench()
        self.here: Path = ()
        self.steps: dict[StepId, Path] = {}
        self.before: dict[StepId, Path] = {}
        self.runs: dict[RunId, Path] = {}
        self.moved = False  # the head bears the name of a step, but is a place of its own

    def teardown(self) -> None:
        try:
            self.everything_comes_back(self.bench)
            self.bench.close()
            another = Bench()
            self.everything_comes_back(another)
            another.close()
        finally:
            self.bench.close()
            self.context.close()

    # -- what a user does --------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.run(START)

    @rule(cell=_cells)
    def run(self, cell: str) -> None:
        before = self.here
        step = self.bench.run(cell)
        self.here = (*before, cell)
        self.before[step.step_id] = before
        self.steps[step.step_id] = self.here
        self.moved = False

    @rule(index=_places)
    def run_again(self, index: int) -> None:
        ran = [path[-1] for path in self.steps.values()]
        self.run(ran[index % len(ran)])

    @rule(cell=_cells)
    def something_runs_that_is_no_cell(self, cell: str) -> None:
        """A widget's callback, a silent request: told of, and looked at before the next cell."""
        self._change(cell)
        if self.bench.tracker.sequence:
            self.bench.tracker.suspect(cell)

    @rule(cell=_cells)
    def something_changes_unseen(self, cell: str) -> None:
        """A thread: nobody tells, and the sweep of an idle kernel finds it."""
        self._change(cell)
        while not self.bench.tracker.sweep(1.0):
            pass
        if not self.bench.tracker.sequence:
            self.bench.tracker.capture_all()

    def _change(self, cell: str) -> None:
        execute(self.bench.names, cell)
        self.here = (*self.here, cell)
        head = self.bench.tracker.position.head_step
        if head is not None and not self.moved:
            self.steps[head] = self.here

    @rule()
    def checkpoint(self) -> None:
        run = self.bench.recording.checkpoints.checkpoint("here")
        assert run.gaps == ()
        self.runs[run.run_id] = self.here

    @precondition(lambda self: self.steps)
    @rule(index=_places)
    def restore_a_step(self, index: int) -> None:
        step_id = list(self.steps)[index % len(self.steps)]
        self._restore(step_id, self.steps[step_id])

    @precondition(lambda self: self.runs)
    @rule(index=_places)
    def restore_a_run(self, index: int) -> None:
        run_id = list(self.runs)[index % len(self.runs)]
        self._restore(run_id, self.runs[run_id])

    def _restore(self, name: str, path: Path) -> None:
        left = self.here
        arrival = self.bench.recording.travel.restore(name)
        assert arrival.gaps == ()
        assert arrival.before is not None
        self.runs[arrival.before.run_id] = left
        self.here, self.moved = path, True
        self.is_here()

    @precondition(lambda self: self.bench.tracker.position.head_step is not None)
    @rule()
    def undo(self) -> None:
        undone = self.bench.tracker.position.head_step
        arrival = self.bench.recording.travel.undo()
        assert arrival.gaps == ()
        assert arrival.step is not None
        assert arrival.step.step_id == undone
        self.here, self.moved = self.before[arrival.step.step_id], True
        self.is_here()

    @rule()
    def another_day(self) -> None:
        """The kernel ends; a new one begins empty, on the same store."""
        self.bench.close()
        self.bench = Bench()
        self.here, self.moved = (), False

    # -- what must hold ----------------------------------------------------------------------------------------

    def is_here(self) -> None:
        names = self.bench.names
        assert form(names, visible(names)) == replayed(list(self.here))

    @invariant()
    def the_record_knows_where_we_are(self) -> None:
        tracker = self.bench.tracker
        if not tracker.sequence and tracker.position.head_step is None:
            return
        tracker.writer.flush()
        history = self.bench.recording.history()
        where = tracker.position.whereabouts()
        session_id = tracker.session.session_id
        assert history.head(session_id) == where.head_step
        assert history.position(session_id) == (where.head_run, where.steps)
        assert self.bench.problems() == []

    def everything_comes_back(self, bench: Bench) -> None:
        for name, path in [*self.steps.items(), *self.runs.items()]:
            arrival = bench.recording.travel.restore(name)
            assert arrival.gaps == ()
            assert form(bench.names, visible(bench.names)) == replayed(list(path))
            assert bench.tracker.capture_all().changed == ()


Journey.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestJourney = Journey.TestCase
