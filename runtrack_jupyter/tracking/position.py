"""Where a session is: its head step, the run it came from, and the steps since."""

from collections.abc import Iterable

import msgspec

from runtrack_jupyter.model import Gap, Measured, RunId, StepId, Variable

__all__ = ["Position", "Whereabouts"]


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """A position as the front end sees it; `steps` are those since `head_run`, oldest first."""

    head_step: StepId | None
    head_run: RunId | None
    steps: tuple[StepId, ...]


class Position:
    """The moving head of a session, with what is known of the state there."""

    def __init__(self) -> None:
        self.head_step: StepId | None = None
        self.head_run: RunId | None = None
        self.steps: list[StepId] = []
        self.moves = 0  # how often the head went elsewhere than to a step that began
        self.variables: dict[str, Variable] = {}
        self.gaps: dict[str, Gap] = {}
        self.measured: list[tuple[str, Measured]] = []  # since head_run: ("metric", …), in order
        self.parameters: dict[str, Measured] = {}  # the latest of each name, from runs above too

    def advance(self, step_id: StepId) -> None:
        """Make `step_id` the head: it has begun."""
        self.head_step = step_id
        self.steps.append(step_id)

    def mark_run(self, run_id: RunId) -> None:
        """Make the run just logged the one that later steps come from."""
        self.head_run = run_id
        self.steps.clear()
        self.measured.clear()

    def move(
        self,
        *,
        head_step: StepId | None,
        head_run: RunId | None,
        steps: Iterable[StepId],
        variables: Iterable[Variable],
        parameters: Iterable[Measured],
    ) -> None:
        """Go to another place of the history, as restore and undo do."""
        self.moves += 1
        self.head_step, self.head_run, self.steps = head_step, head_run, list(steps)
        self.variables = {variable.name: variable for variable in variables}
        self.gaps = {}
        self.measured = []
        self.parameters = {parameter.name: parameter for parameter in parameters}

    def take(
        self,
        variables: Iterable[Variable],
        *,
        settled: Iterable[str],
        dropped: Iterable[str],
        gaps: Iterable[Gap],
    ) -> None:
        """Take up what a capture found: names described anew, roots saved or gone, and new gaps."""
        self.variables.update({variable.name: variable for variable in variables})
        for root in dropped:
            self.variables.pop(root, None)
        for root in (*settled, *dropped):
            self.gaps.pop(root, None)
        self.gaps.update({gap.subject: gap for gap in gaps})

    def note(self, what: str, measured: Measured) -> None:
        """Take up a parameter, metric or label that user code declared."""
        self.measured.append((what, measured))
        if what == "parameter":
            self.parameters[measured.name] = measured

    def of(self, what: str) -> tuple[Measured, ...]:
        """Return the metrics or labels given since the last run, in order; parameters also from runs above."""
        if what == "parameter":
            return tuple(self.parameters.values())
        return tuple(measured for kind, measured in self.measured if kind == what)

    def whereabouts(self) -> Whereabouts:
        """Return this position as plain data."""
        return Whereabouts(head_step=self.head_step, head_run=self.head_run, steps=tuple(self.steps))
