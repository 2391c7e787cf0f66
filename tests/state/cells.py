"""Generated cells, and what running them from the beginning gives: shared by all tests of going back.

Assignments, changes in place, aliases, views, deletions, functions that change what is global, closures, classes
and their instances; a cell may fail, as cells do.
"""

import contextlib
from typing import Any

from hypothesis import strategies as st

from tests.state.graphs import form

__all__ = ["NAMES", "START", "cells", "execute", "replayed", "visible"]

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
    "def {x}(): {y}.append({n}); return {y}",
    "def {x}():\n  global {y}\n  {y} = [{z}, {n}]",
    "def {x}():\n  global {y}\n  del {y}",
    "def {x}(): {y}(); {z}[0] = {n}",
    "class {x}:\n  def bump(self): {y}.append({n}); return self\n  def __call__(self): {z}['k'] = self; return {y}",
    "{x} = [{y}, {y}.bump]",
    "[each() for each in {x} if callable(each)]",
    "{x}['k']()",
    "{x}.__class__ = {y}",
    "type({x}).extra = {y}",
    "{x}.__defaults__ = ({y},)",
    "del {x}[0]",
    "{x} = [*{y}]",
    "{x} = _grow({n}, {y}, {z})",
    "{x} = _grow({n} + 4, {y})",
    "{x} = _grow({n} + 8)",
    "_stir({x}, {n})",
    "_stir({x}, {n} + 4)",
    "_stir([{x}, {y}], {n} + 8)",
]

cells = st.builds(
    lambda template, x, y, z, n: template.format(x=x, y=y, z=z, n=n),
    st.sampled_from(_TEMPLATES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(0, 3),
)
START = """import numpy as np
a = [1]
b = {'k': a}
c = np.arange(4.0)
d = c[1:]
class Node:
    def __init__(self, left, right): self.left, self.right = left, right
class Slim:
    __slots__ = ('held', 'empty')
def _grow(seed, *parts):  # a graph of some twenty objects that share, and of what there was before
    from random import Random
    choose = Random(seed)
    made = [*parts, [seed], {'seed': seed}, np.arange(seed + 2.0)]
    def some(): return choose.choice(made)
    for _ in range(18):
        kind = choose.randrange(10)
        if kind == 0: one = [some() for _ in range(choose.randrange(4))]
        elif kind == 1: one = {key: some() for key in 'xyz'[:choose.randrange(4)]}
        elif kind == 2: one = (some(), choose.random(), some())
        elif kind == 3: one = Node(some(), some())
        elif kind == 4: one = Slim(); one.held = some()
        elif kind == 5: one = _view(some(), choose)
        elif kind == 6: one = (lambda held, n=seed: lambda: (held, n))(some())
        elif kind == 7: one = [some()]; one.append(one)
        elif kind == 8: one = Node(some(), None); one.right = one.__dict__
        else: one = {'method': [].append, 'bound': Node(some(), 0).__init__, 'text': 'x' * choose.randrange(9)}
        made.append(one)
    return made[-1 - choose.randrange(4)]
def _view(value, choose):
    if not isinstance(value, np.ndarray) or value.dtype.hasobject: return [value]
    return [value[::-1], value[1:], value.T, value.reshape(-1, 1), np.broadcast_to(value, (2, *value.shape)), value.view('u1')][choose.randrange(6)]
def _stir(root, seed):  # one change in place, somewhere below
    from random import Random
    choose, found, waiting = Random(seed), [], [root]
    while waiting and len(found) < 40:
        value = waiting.pop(0)
        if any(value is each for each in found): continue
        found.append(value)
        if isinstance(value, (list, tuple)): waiting += value
        elif isinstance(value, dict): waiting += value.values()
        elif isinstance(value, Node): waiting += [value.left, value.right]
        elif isinstance(value, Slim): waiting.append(value.held)
    value, other = choose.choice(found), choose.choice(found)
    if isinstance(value, list): choose.choice([lambda: value.append(other), value.clear, value.reverse])()
    elif isinstance(value, dict): value[choose.choice('xyz')] = other
    elif isinstance(value, Node): value.left = other
    elif isinstance(value, Slim): value.held = other
    elif isinstance(value, np.ndarray) and value.flags.writeable and value.size: value.flat[0] = seed
"""


def execute(names: dict[str, Any], cell: str) -> None:
    """Run a cell as a notebook does: an error ends the cell, what it did before stays."""
    with contextlib.suppress(Exception):
        exec(compile(cell, "<cell>", "exec"), names)


def visible(names: dict[str, Any]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def replayed(cells: list[str]) -> Any:
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    for cell in cells:
        execute(names, cell)
    return form(names, visible(names))
