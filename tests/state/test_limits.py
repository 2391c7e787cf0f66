"""Objects with code of their own that hangs, swallows or explodes cost the user at most the limit, then little."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtrack_jupyter.state import Limits, patience
from tests.state.world import World

_LIMIT = 0.2
_SLACK = 2.0  # a busy machine

NEVER = (
    "import time\ndef never(*_, **__):\n  while True:\n    try: time.sleep(60)\n    except Exception: pass\n"
)
SWALLOW = NEVER.replace("except Exception", "except BaseException")

HANGING = {
    "reduce": "class P:\n  def __reduce__(self): never()\np = P()",
    "reduce_ex": "class P:\n  def __reduce_ex__(self, protocol): never()\np = P()",
    "getstate": "class P:\n  def __getstate__(self): never()\np = P(); p.a = 1",
    "getattr": "class P:\n  def __getattribute__(self, name): never()\np = P()",
    "hash": "class P:\n  def __hash__(self): never()\n  def __reduce__(self): return hash, (self.__hash__(),)\np = P()",
    "eq": "class P:\n  def __eq__(self, other): never()\n  __hash__ = object.__hash__\n  def __getstate__(self): return self == 1\np = P()",
    "class property": "class P:\n  __class__ = property(never)\n  def __reduce__(self): never()\np = P()",
    "state items": "class P:\n  def __reduce__(self): return list, (), None, iter(never, 1)\np = P()",
    "str of the error": "class E(Exception):\n  __str__ = never\nclass P:\n  def __reduce__(self): raise E\np = P()",
    "inside a list": "class P:\n  def __reduce__(self): never()\np = [P()]",
}


def limited(seconds: float = _LIMIT, step: float = 30) -> World:
    return World(limits=Limits(variable_seconds=seconds, step_seconds=step))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < seconds + _SLACK


@pytest.mark.parametrize("hangs", HANGING)
@pytest.mark.parametrize("never", [NEVER, SWALLOW], ids=["sleeps", "swallows"])
def test_what_hangs_while_it_is_saved_is_a_gap_and_the_others_are_saved(hangs: str, never: str) -> None:
    """Whichever way pickle comes to the user's code."""
    world = limited()
    with at_most(2 * _LIMIT + 1):
        world.run(f"{never}{HANGING[hangs]}\nx = [1]")
    gaps = {gap.subject: gap for gap in world.engine.gaps()}
    assert gaps.keys() == {"p"}
    assert gaps["p"].kind == "too-slow"
    assert "0.2 seconds (the setting variable_seconds)" in gaps["p"].reason
    assert {"x", "never"} <= world.engine.live().keys()


def test_it_costs_the_limit_once_and_not_after_every_cell() -> None:
    """Else each of the user's cells would be slower by ten seconds."""
    world = limited()
    world.run(NEVER + HANGING["reduce"])
    with at_most(0):
        for number in range(20):
            world.run(f"x = [{number}, p]; y = p", suspects={"x", "y", "p"})
    gaps = {gap.subject: gap for gap in world.engine.gaps()}
    assert gaps.keys() == {"p", "x", "y"}
    assert gaps["x"].reason == "not saved: it holds p, which takes too long"
    world.run("x = y = None", suspects={"x", "y"})
    assert [gap.subject for gap in world.engine.gaps()] == ["p"]


def test_another_value_of_that_name_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that lies where the slow one was."""
    world = limited()
    world.run(NEVER + HANGING["inside a list"])
    world.run("p.clear(); p.append(1)", suspects={"p"})
    assert world.engine.gaps() == ()
    assert "p" in world.engine.live()


def test_it_is_looked_at_again_after_a_while_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was slow because a server was down can be saved later; what stays slow is asked seldom."""
    asked = "import time\ncount = []\nclass P:\n  def __reduce__(self):\n    count.append(1); time.sleep(60)\np = P()"
    world = limited()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    world.run(asked)
    looks = []
    for _ in range(30):
        now += 61
        world.capture({"p"})
        looks.append(len(world.names["count"]))
    assert looks[:3] == [2, 2, 3]  # after one minute, then after two, four, eight …
    assert looks[-1] <= 6


def test_a_checkpoint_looks_at_it_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is to be as whole as can be."""
    world = limited()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    world.run(
        NEVER
        + "slow = True\nclass P:\n  def __reduce__(self):\n    if slow: never()\n    return P, ()\np = P()"
    )
    world.capture()
    assert [gap.subject for gap in world.engine.gaps()] == ["p"]
    now += 61
    world.run("slow = False")
    assert world.engine.gaps() == ()


def test_all_that_a_cell_touched_has_a_limit_together() -> None:
    """Fifty variables that hang cost a cell no more than its limit; what came too late is saved when it is idle."""
    world = limited(seconds=0.1, step=0.5)
    cell = (
        NEVER
        + "class P:\n  def __reduce__(self): never()\n"
        + "\n".join(f"p{n:02} = P()" for n in range(50))
        + "\nz = [1]"
    )
    with at_most(0.5):
        world.run(cell, suspects={"P", "never", "z", *(f"p{n:02}" for n in range(50))})
    gaps = {gap.subject: gap for gap in world.engine.gaps()}
    assert len(gaps) >= 50
    assert "step_seconds" in gaps["p49"].reason
    world.capture({"z"})
    assert "z" in world.engine.live()


def test_a_checkpoint_saves_all_that_can_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the step's limit bounds only what is wasted on variables that cannot."""
    monkeypatch.setattr(patience, "_IMPATIENT", 0.02)
    world = limited(seconds=0.1, step=0.3)
    with at_most(0.3 + 47 * 0.02):
        world.run(
            NEVER
            + "class P:\n  def __reduce__(self): never()\n"
            + "\n".join(f"p{n:02} = P()" for n in range(50))
            + "\nz = [1]"
        )
    assert "z" in world.engine.live()
    assert len(world.engine.gaps()) == 50


def test_destructors_of_what_pickling_made_are_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    """A state that `__getstate__` made dies on our time."""
    world = limited()
    with at_most(2 * _LIMIT):
        world.run(
            NEVER + "class Made:\n  def __del__(self): time.sleep(60)\n"
            "class P:\n  def __getstate__(self): return {'made': Made()}\np = P()\nx = 1"
        )
    assert {"p", "x"} <= world.engine.live().keys()
    assert capsys.readouterr().err == ""


LOADING = {
    "setstate": "class P:\n  def __setstate__(self, state): slow and never()\np = P(); p.a = 1",
    "reduce": "def make(): slow and never()\nclass P:\n  def __reduce__(self): return make, ()\np = P()",
    "hash": "class P:\n  def __hash__(self): slow and never(); return 1\np = {P()}",
    "eq": "class P:\n  def __hash__(self): return 1\n  def __eq__(self, other): slow and never(); return self is other\np = {P(), P()}",
    "setattr": "class P:\n  __slots__ = ('a',)\n  def __setattr__(self, *each):\n    slow and never(); object.__setattr__(self, *each)\np = P(); p.a = 1",
    "new": "class P(int):\n  def __new__(cls, value=1): slow and never(); return int.__new__(cls, value)\n  def __getnewargs__(self): return (1,)\np = P()",
}


@pytest.mark.parametrize("hangs", LOADING)
@pytest.mark.parametrize("never", [NEVER, SWALLOW], ids=["sleeps", "swallows"])
def test_what_hangs_while_it_comes_back_is_a_gap_and_the_others_come_back(hangs: str, never: str) -> None:
    """In the time of one variable; nothing else of the state waits for it in vain."""
    world = limited()
    world.run(f"{never}slow = False\n{LOADING[hangs]}\nx = [1]")
    assert world.engine.gaps() == ()
    moment = world.moment()
    world.run("slow = True\nx.append(2)\ndel p", suspects=None)
    world.engine.capture(None)
    # What runs as it comes back reads the live name.
    moment.components["slow"] = _component(world, "slow")
    with at_most(2 * _LIMIT + 1):
        restored = world.restore(moment)
    gaps = {gap.subject: gap for gap in restored.gaps}
    assert gaps.keys() - {"make"} == {"p"}  # a function that `p` was made by belongs to it
    assert gaps["p"].kind == "too-slow"
    assert "variable_seconds" in gaps["p"].reason
    assert world.names["x"] == [1]
    assert "p" not in world.names


def test_an_import_is_never_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a module would stay broken, and a library that the disk is slow to give is nobody's fault."""
    source = f"import time\ntime.sleep({3 * _LIMIT})\nclass P: pass\nwhole = True"
    (tmp_path / "slowly.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    world = limited()
    world.run("import slowly\np = slowly.P()\nq = slowly.P()")
    moment = world.moment()
    monkeypatch.delitem(sys.modules, "slowly")

    restored = World(world.memory, limits=Limits(variable_seconds=_LIMIT)).restore(moment)

    assert restored.gaps == ()
    assert sys.modules["slowly"].whole


def _component(world: World, root: str) -> Any:
    return world.engine.live()[root].component_id


def test_a_destructor_of_what_a_restore_replaces_is_cut_off() -> None:
    world = limited()
    world.run("x = [1]")
    moment = world.moment()
    world.run("class P:\n  def __del__(self): __import__('time').sleep(60)\nx = P()")
    with at_most(2 * _LIMIT + 1):
        world.restore(moment)
    assert world.names["x"] == [1]


def test_what_one_step_changed_has_a_limit_in_bytes() -> None:
    """What comes after it is a gap; the next step has a limit of its own."""
    world = World(limits=Limits(step=3 << 20))
    world.run("import os\na = os.urandom(1 << 20); b = os.urandom(1 << 20); c = os.urandom(2 << 20)")
    assert [(gap.subject, gap.kind) for gap in world.engine.gaps()] == [("c", "too-large")]
    assert "for one step" in world.engine.gaps()[0].reason
    world.capture()
    assert world.engine.gaps() == ()
