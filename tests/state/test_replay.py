"""The promise itself: any step, restored, is what running the cells up to it would give.

Cells are generated: assignments, changes in place, aliases, views, deletions, functions, classes, and running
an earlier cell again. Each step is captured with the suspects that an analysis of its code would name. Restored
in the same and in a fresh namespace, the graph of all names is the graph of a replay, sharing included.
"""

import contextlib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.state.graphs import form
from tests.state.world import Moment, World, names_in

NAMES = ["a", "b", "c", "d"]

_TEMPLATES = [
    "{x} = [1, 2]",
    "{x} = {{'k': [0], 't': (1, 'two')}}",
    "{x} = {n}",
    "{x} = {y}",
    "{x} = [{y}, {z}, {y}]",
    "{x} = {{'l': {y}, 'r': {z}}}",
    "{x} = ({y}, [{n}])",
    "{x} = {y}[0]",
    "{x} = {y}['l']",
    "{x}.append({y})",
    "{x}['k'] = {y}",
    "{x}['k'].append({n})",
    "{x}[0] = {y}",
    "{x}.clear()",
    "{x} = np.arange(6.0)",
    "{x} = np.arange(6.0).reshape(2, 3).T",
    "{x} = {y}[1:]",
    "{x} = {y}[::2]",
    "{x} = {y}[::-1]",
    "{x} = {y}.T",
    "{x}[0] = {n}",
    "{x} += 1",
    "{x} = np.array([{y}, None, 'o'], object)[:2]",
    "{x} = {{{n}, 'set'}}",
    "{x}.add({n})",
    "del {x}",
    "def {x}(v={y}): return (v, {z})",
    "{x} = lambda: {y}",
    "def _make(start):\n  n = [start]\n  def up(): n.append({n}); return n\n  def get(): return n\n  return up, get\n{x}, {y} = _make({z})\ndel _make",
    "{x}()",
    "{y} = {x}()",
    "{x}.tag = {y}",
    "class {x}:\n  shared = [{n}]\n  def __init__(self): self.v = {y}\n  def bump(self): self.v = {n}; self.shared.append({n}); return self",
    "class {x}({y}):\n  extra = {n}",
    "{x} = {y}()",
    "{x} = {y}.bump",
    "{x}.shared = {y}",
    "{x}.bump()",
    "{x}.v = {y}",
    "{x} = {y}.v",
    "{x} = {y}.shared",
    "{x} = type({y})",
    "{x} = ({x}, {y}); {y} = {x}[0]",
]

_cells = st.builds(
    lambda template, x, y, z, n: template.format(x=x, y=y, z=z, n=n),
    st.sampled_from(_TEMPLATES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(0, 3),
)
_START = "import numpy as np\na = [1]\nb = {'k': a}\nc = np.arange(4.0)\nd = c[1:]"


def execute(names: dict[str, Any], cell: str) -> None:
    """Run a cell as a notebook does: an error ends the cell, what it did before stays."""
    with contextlib.suppress(Exception):
        exec(compile(cell, "<cell>", "exec"), names)


def suspects_of(world: World, cell: str) -> set[str]:
    touched = set(names_in(compile(cell, "<cell>", "exec")))
    return touched | world.engine.reached_from(touched)


def visible(names: dict[str, Any]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def replayed(cells: list[str]) -> Any:
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    for cell in cells:
        execute(names, cell)
    return form(names, visible(names))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    generated=st.lists(_cells, min_size=1, max_size=9),
    again=st.lists(st.integers(0, 8), max_size=2),
    goto=st.lists(st.integers(0, 10), min_size=1, max_size=4),
)
def test_a_restored_step_is_a_replayed_step(generated: list[str], again: list[int], goto: list[int]) -> None:
    """In the same namespace, one after the other, and in a fresh one."""
    cells = [_START, *generated, *(generated[index % len(generated)] for index in again)]
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
