"""The steps on the way to one moment, asked by name: who bound it, who mentions it, what was on record then."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from runtrack_jupyter.lineage.statements import Place, Statement, statements_of
from runtrack_jupyter.model import ComponentId, Snapshot, Step, StepId, Variable

__all__ = ["Border", "Moment", "Trail"]


_CLASS = re.compile(r"\bclass\s+(\w+)|\b(?:namedtuple|make_dataclass|new_class|type|Enum)\(\s*['\"](\w+)")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A place in the history: the steps that led there, and the state on record.

    `before` and `after` give the state that a step began and ended with. `running` says that the moment lies in the
    middle of the last step. Code of `foreign` steps, which somebody else recorded, is never run.
    """

    steps: Sequence[Step]
    snapshot: Snapshot
    before: Callable[[StepId], Snapshot]
    after: Callable[[StepId], Snapshot]
    running: bool = False
    foreign: frozenset[StepId] = frozenset()


@dataclass(frozen=True)
class Border:
    """What is on record between two steps."""

    components: dict[str, ComponentId]
    variables: dict[str, Variable]


class Trail:
    """Answers questions about the steps of a moment; parses only those that mention what is asked for."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.end = _border(moment.snapshot)
        self.gaps = {gap.subject: gap for gap in moment.snapshot.gaps}
        self.opaque: list[int] = []  # steps of which nobody can know what they touched
        # A type is on record by its last name: one of the notebook's must not pass for a library's.
        self.classes = {
            name for step in moment.steps for found in _CLASS.findall(step.source) for name in found if name
        }
        self._steps_of: dict[str, list[int]] = {}
        self._statements: dict[int, tuple[Statement, ...]] = {}
        self._borders: dict[tuple[int, str], Border] = {}
        for number, step in enumerate(moment.steps):
            self._index(number, step)

    def _index(self, number: int, step: Step) -> None:
        names = step.names
        recorded = {*names.read, *names.written, *names.deleted}
        if names.opaque and names.opaque != "syntax":
            self.opaque.append(number)
        elif step.status in ("running", "died") and not recorded:
            found = self.statements(number)  # its names were never written down
            recorded = set().union(*(each.touched.all for each in found))
            if any(each.node is None for each in found):
                self.opaque.append(number)
        for name in recorded:
            self._steps_of.setdefault(name, []).append(number)

    def statements(self, number: int) -> tuple[Statement, ...]:
        """Return the statements of one step."""
        found = self._statements.get(number)
        if found is None:
            step = self.moment.steps[number]
            found = self._statements[number] = statements_of(number, step, self._doubt(number, step.step_id))
        return found

    def _doubt(self, number: int, step_id: StepId) -> str:
        if step_id in self.moment.foreign:
            return "somebody else recorded that cell"
        if self.moment.running and number == len(self.moment.steps) - 1:
            return "that cell had not ended"
        return ""

    def at(self, place: Place) -> Statement:
        """Return the statement there."""
        return next(each for each in self.statements(place[0]) if each.place == place)

    def mentioning(self, name: str) -> Iterator[Statement]:
        """Yield the statements that name it, oldest first."""
        for number in self._steps_of.get(name, ()):
            for statement in self.statements(number):
                if name in statement.touched.all:
                    yield statement

    def writers(self, name: str) -> list[Statement]:
        """Return the statements that bind or delete a name, oldest first."""
        return [each for each in self.mentioning(name) if name in each.touched.written]

    def last_writer(self, name: str, before: Place) -> Statement | None:
        """Return the statement that bound or deleted a name last before a place."""
        return next((each for each in reversed(self.writers(name)) if each.place < before), None)

    def next_writer(self, name: str, after: Place) -> Statement | None:
        """Return the statement that binds or deletes a name first after a place, also when it may not have run."""
        return next((each for each in self.writers(name) if each.place > after), None)

    def end_of(self, name: str, after: Place) -> Statement | None:
        """Return the statement with which a name certainly meant something else."""
        return next((each for each in self.writers(name) if each.place > after and not each.doubt), None)

    def is_bound_inside(self, name: str) -> bool:
        """Tell whether a function of the notebook binds the name, which can happen at any call."""
        return any(name in each.touched.nested_written for each in self.mentioning(name))

    def before(self, number: int) -> Border:
        """Return what was on record before the step of that number."""
        return self._border(number, "before")

    def after(self, number: int) -> Border:
        """Return what was on record after the step of that number."""
        return self._border(number, "after")

    def _border(self, number: int, side: Literal["before", "after"]) -> Border:
        found = self._borders.get((number, side))
        if found is None:
            snapshot = getattr(self.moment, side)(self.moment.steps[number].step_id)
            found = self._borders[number, side] = _border(snapshot)
        return found

    def names(self, number: int, name: str) -> bool:
        """Tell whether the source of a step has a word that is this name."""
        return re.search(rf"\b{re.escape(name)}\b", self.moment.steps[number].source) is not None

    def cell(self, number: int) -> str:
        """Return what people call the cell of a step."""
        step = self.moment.steps[number]
        return (
            f"cell [{step.execution_count}]" if step.execution_count else f"step {step.step_id[-8:].lower()}"
        )


def _border(snapshot: Snapshot) -> Border:
    return Border(snapshot.components, {each.name: each for each in snapshot.variables})
