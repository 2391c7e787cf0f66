"""The promise itself: any step, restored, is what running the cells up to it would give.

Cells are generated: assignments, changes in place, aliases, views, deletions, functions, classes, and running
an earlier cell again. Each step is captured with the suspects that an analysis of its code would name. Restored
in the same and in a fresh namespace, the graph of all names is the graph of a replay, sharing included.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtrack_jupyter.state import pieces
from tests.state.cells import START, cells, execute, replayed, visible
from tests.state.graphs import form
from tests.state.world import Moment, World, names_in


def suspects_of(world: World, cell: str) -> set[str]:
    touched = set(names_in(compile(cell, "<cell>", "exec")))
    return touched | world.engine.reached_from(touched)


@pytest.fixture(params=["whole", "in pieces"], name="cut", scope="module")
def _cut(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every container be cut into pieces of an element or two, as only large ones are otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "in pieces":
            patch.setattr(pieces, "MANY", 1)
            patch.setattr(pieces, "_TARGET", 20)
        yield


@pytest.mark.usefixtures("cut")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    generated=st.lists(cells, min_size=1, max_size=9),
    again=st.lists(st.integers(0, 8), max_size=2),
    goto=st.lists(st.integers(0, 10), min_size=1, max_size=4),
)
def test_a_restored_step_is_a_replayed_step(generated: list[str], again: list[int], goto: list[int]) -> None:
    """In the same namespace, one after the other, and in a fresh one."""
    cells = [START, *generated, *(generated[index % len(generated)] for index in again)]
    world = World()
    moments: list[Moment] = []
    for cell in cells:
        before = suspects_of(world, cell)
        execute(world.names, cell)
        world.capture(before | suspects_of(world, cell))
        moments.append(world.moment())
    assert world.capture().changed == ()  # nothing was missed by looking at suspects only
    for index in goto:
        step = index % len(moments)
        expected = replayed(cells[: step + 1])
        assert world.restore(moments[step]).gaps == ()
        assert form(world.names, visible(world.names)) == expected
        assert world.capture().changed == ()
        fresh = world.fresh()
        assert fresh.restore(moments[step]).gaps == ()
        assert form(fresh.names, visible(fresh.names)) == expected
