"""Ways up through the tree of steps, over restores and over the borders of sessions."""

from collections.abc import Callable, Iterator

from runtrack_jupyter.model import Measured, Run, RunId, StepId
from runtrack_jupyter.store.places import Place

__all__ = ["Trails"]

_Runs = tuple[tuple[RunId, bool], ...]


class Trails:
    """Walks from a place to where it came from; `place_of` and `run_of` find what other sessions recorded."""

    def __init__(
        self,
        place_of: Callable[[StepId], Place | None],
        run_of: Callable[[RunId], tuple[Run, Place] | None],
    ) -> None:
        self._place_of = place_of
        self._run_of = run_of

    def upwards(self, place: Place) -> Iterator[Place]:
        """Yield `place` and what lies above it, nearest first."""
        jumped: set[StepId] = set()
        here: Place | None = place
        while here is not None:
            yield here
            if here.move is None:
                here = here.parent
            elif (
                here.step_id is None or here.step_id in jumped
            ):  # a damaged record could lead round in circles
                return
            else:
                jumped.add(here.step_id)
                here = self._place_of(here.step_id)

    def path_to(self, place: Place) -> list[StepId]:
        """Return the steps that led to a place, oldest first."""
        found = [each.step_id for each in self.upwards(place) if each.started and each.step_id]
        return found[::-1]

    def since_run(self, place: Place, before: RunId | None = None) -> tuple[RunId | None, tuple[StepId, ...]]:
        """Return the nearest run at or above a place, and the steps since, oldest first.

        With `before`, as it was when that run was about to be made there.
        """
        steps: list[StepId] = []
        origin: RunId | None = None  # what a restore said it came from
        for here in self.upwards(place):
            runs = _until(here.runs, before) if here is place else here.runs
            if runs:
                run_id, running = next((each for each in runs if each[0] == origin), runs[-1])
                if running and here.step_id:
                    steps.append(here.step_id)
                return run_id, tuple(reversed(steps))
            if here.move is not None:
                origin = origin or here.move.run_id
                if origin and self._is_head(origin, here.step_id):
                    return origin, tuple(reversed(steps))
            elif here.step_id:
                steps.append(here.step_id)
        return origin, tuple(reversed(steps))

    def _is_head(self, run_id: RunId, step_id: StepId | None) -> bool:
        found = self._run_of(run_id)
        return found is not None and found[0].head_step == step_id

    def parameters_at(self, place: Place) -> tuple[Measured, ...]:
        """Return the latest parameter of each name on the way to a place, oldest first."""
        latest: dict[str, Measured] = {}
        for here in self.upwards(place):
            for name in reversed(here.parameters):
                latest.setdefault(name, here.parameters[name])
        return tuple(latest.values())[::-1]


def _until(runs: _Runs, before: RunId | None) -> _Runs:
    ids = [run_id for run_id, _ in runs]
    return runs[: ids.index(before)] if before in ids else runs
