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
]

cells = st.builds(
    lambda template, x, y, z, n: template.format(x=x, y=y, z=z, n=n),
    st.sampled_from(_TEMPLATES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(0, 3),
)
START = "import numpy as np\na = [1]\nb = {'k': a}\nc = np.arange(4.0)\nd = c[1:]"


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
