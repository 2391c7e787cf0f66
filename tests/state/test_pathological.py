"""Objects that lie, raise what nobody expects, or have no end: the cell goes on, and their neighbours are saved."""

import subprocess
import sys
import time

import pytest

from runtrack_jupyter.state import Limits
from tests.state.world import World

_LIMIT = 0.3

GAPS = {
    "SystemExit as it is saved": "class P:\n  def __reduce__(self): raise SystemExit(1)\np = P()",
    "GeneratorExit as it is saved": "class P:\n  def __getstate__(self): raise GeneratorExit\np = P()",
    "its own BaseException": "class B(BaseException): pass\nclass P:\n  def __reduce__(self): raise B('x')\np = P()",
    "an error whose words raise": (
        "class E(Exception):\n  def __str__(self): raise SystemExit\nclass P:\n  def __reduce__(self): raise E\np = P()"
    ),
    "an error that lies about its class": (
        "class E(Exception):\n  @property\n  def __class__(self): raise SystemExit\n"
        "class P:\n  def __reduce__(self): raise E\np = P()"
    ),
    "RecursionError": "class P:\n  def __reduce__(self): raise RecursionError\np = P()",
    "endless recursion": "class P:\n  def __reduce__(self): return self.__reduce__()\np = P()",
    "an endless chain": "class P:\n  def __reduce__(self): return P, (P(),)\np = P()",
    "MemoryError": "class P:\n  def __reduce__(self): raise MemoryError\np = P()",
    "too much memory": "class P:\n  def __reduce__(self): return bytes, (bytes(1 << 60),)\np = P()",
    "items without end": "import itertools\nclass P:\n  def __reduce__(self): return list, (), None, itertools.count()\np = P()",
    "pairs without end": (
        "import itertools\nclass P:\n"
        "  def __reduce__(self): return dict, (), None, None, ((n, [n]) for n in itertools.count())\np = P()"
    ),
    "a list nested 100,000 deep": "p = []\nfor _ in range(100_000): p = [p]",
    "dicts nested 100,000 deep": "p = {}\nfor _ in range(100_000): p = {'a': p}",
    "a chain of 100,000 objects": (
        "class P: pass\np = P()\nfor _ in range(100_000): q = P(); q.next = p; p = q\ndel q"
    ),
    "a sleep in C": (
        "import ctypes\nclass P:\n  def __reduce__(self):\n    while True: ctypes.CDLL(None).sleep(60)\np = P()"
    ),
    "a wait for a lock": (
        "import threading\nclass P:\n  def __reduce__(self):\n    l = threading.Lock(); l.acquire(); l.acquire()\np = P()"
    ),
    "a wait for a process": (
        "import subprocess\nclass P:\n  def __reduce__(self): subprocess.run(['sleep', '60'])\np = P()"
    ),
    "nonsense": "class P:\n  def __reduce__(self): return 1, 2, 3\np = P()",
    "a metaclass whose classes cannot be hashed": (
        "class M(type):\n  def __hash__(cls): raise SystemExit\n  def __eq__(cls, other): raise SystemExit\n"
        "class P(metaclass=M): pass\np = P()"
    ),
    "a metaclass that raises": (
        "class M(type):\n  def __getattribute__(cls, name): raise SystemExit\nclass P(metaclass=M): pass\np = P()"
    ),
}

EITHER = {
    "an `__eq__` that raises": "class P:\n  def __eq__(self, other): raise SystemExit\n  __hash__ = object.__hash__\np = [P(), P()]",
    "an `__eq__` that says yes": "class P:\n  def __eq__(self, other): return True\n  __hash__ = object.__hash__\np = [P(), P()]",
    "a `__hash__` that changes": "import itertools\nc = itertools.count()\nclass P:\n  def __hash__(self): return next(c)\np = {P()}",
    "a `__class__` that lies": "class P:\n  @property\n  def __class__(self): return int\np = P()",
    "a `__class__` that raises": "class P:\n  @property\n  def __class__(self): raise SystemExit\np = P()",
    "a `__getattr__` for everything": "class P:\n  def __getattr__(self, name): return P()\np = P()",
    "a `__getattr__` that raises": "class P:\n  def __getattr__(self, name): raise SystemExit\np = P()",
    "a `__getattribute__` that raises": "class P:\n  def __getattribute__(self, name): raise SystemExit\np = P()",
    "a `__dict__` that raises": "class P:\n  @property\n  def __dict__(self): raise SystemExit\np = P()",
    "a `__len__` and `__bool__` that raise": (
        "class P(list):\n  def __len__(self): raise SystemExit\n  def __bool__(self): raise SystemExit\np = P([1])"
    ),
    "a `__repr__` that raises": "class P:\n  def __repr__(self): raise SystemExit\np = P()",
    "a module that is no text": "class P:\n  __module__ = ['x']\np = P()",
    "a `__del__` that raises": "class P:\n  def __del__(self): raise SystemExit\np = [P()]",
}


@pytest.fixture(name="world", params=[*GAPS, *EITHER])
def _world(request: pytest.FixtureRequest) -> World:
    """A session in which such an object was made between two others, and what was there before is on record."""
    world = World(limits=Limits(variable_seconds=_LIMIT, variable=8 << 20))
    world.run("a = [1]")
    cell = (GAPS | EITHER)[request.param]
    began = time.perf_counter()
    world.run(f"{cell}\na.append(2)\nz = [1]")
    assert time.perf_counter() - began < 4 * _LIMIT + 2
    assert (request.param in GAPS) <= ("p" in {gap.subject for gap in world.engine.gaps()})
    return world


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_its_neighbours_are_saved_and_come_back(world: World) -> None:
    """Nothing that one object does may cost another its record."""
    assert {"a", "z"} <= world.engine.live().keys()
    moment = world.moment()
    world.run("a.append(3)\nz = None", suspects={"a", "z"})
    world.restore(moment)
    assert (world.names["a"], world.names["z"]) == ([1, 2], [1])
    fresh = world.fresh()
    fresh.restore(moment)
    assert (fresh.names["a"], fresh.names["z"]) == ([1, 2], [1])


LOADING = {
    "SystemExit": "raise SystemExit(1)",
    "GeneratorExit": "raise GeneratorExit",
    "RecursionError": "raise RecursionError",
    "MemoryError": "raise MemoryError",
    "an error whose words raise": "raise type('E', (Exception,), {'__str__': lambda self: exit()})",
    "an ImportError whose words raise": "raise type('E', (ImportError,), {'__str__': lambda self: exit()})",
}


@pytest.mark.parametrize("raised", LOADING)
def test_what_raises_as_it_comes_back_is_a_gap(raised: str) -> None:
    """The kernel must not end by a `SystemExit` of one object, nor lose the others."""
    world = World()
    world.run(
        f"bad = False\nclass P:\n  def __setstate__(self, state):\n    if bad: {LOADING[raised]}\n"
        "p = P(); p.a = 1\nx = [1]"
    )
    moment = world.moment()
    world.run("bad = True\ndel p\nx = None")
    moment.components["bad"] = world.moment().components["bad"]
    restored = world.restore(moment)
    assert [(gap.subject, gap.kind) for gap in restored.gaps if gap.subject == "p"] in (
        [("p", "failed")],
        [("p", "missing")],
    )
    assert world.names["x"] == [1]


DEEP = """
import sys
from tests.state.world import World

sys.setrecursionlimit(1_000_000)
world = World()
world.run("from collections import OrderedDict\\np = OrderedDict()\\nfor _ in range(200_000): p = OrderedDict(a=p)")
world.run("z = [1]")
assert [gap.reason for gap in world.engine.gaps()] == ["nested too deeply to be saved"], world.engine.gaps()
assert "z" in world.engine.live()
assert sys.getrecursionlimit() == 1_000_000
import os
os._exit(7)  # Python itself cannot take such a thing apart again
"""


def test_a_recursion_limit_of_a_million_does_not_end_the_kernel() -> None:
    """Whoever raised it for a recursion of their own has deep structures, and pickle would overrun the stack."""
    assert subprocess.run([sys.executable, "-c", DEEP], check=False).returncode == 7


def test_a_chain_that_is_longer_than_python_may_recurse_is_saved() -> None:
    """A thousand calls is what Python allows code; data is often deeper: linked lists, graphs of derivatives."""
    world = World()
    world.run(
        "class P: pass\nhead = None\nfor n in range(2_000): p = P(); p.next = head; p.n = n; head = p\ndel p"
    )
    assert world.engine.gaps() == ()
    fresh = world.fresh()
    fresh.restore(world.moment())
    node, length = fresh.names["head"], 0
    while node is not None:
        node, length = node.next, length + 1
    assert length == 2_000
