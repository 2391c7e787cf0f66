"""What the engine tells its caller: what changed, what a name reaches, and what the surroundings were."""

import os
import random
from pathlib import Path

import pytest

from runtrack_jupyter.state import CHUNK_SIZE
from tests.state.world import World


def class_roots(world: World) -> list[str]:
    return [root for root in world.engine.roots() if root.startswith("@class.")]


def test_old_instances_keep_the_old_class() -> None:
    """Running a class cell again makes another class, in the notebook and in the record."""
    world = World()
    world.run("class C:\n  def v(self): return 1\nold = C()")
    world.run("class C:\n  def v(self): return 2\nnew = C()")
    moment = world.moment()
    assert len(class_roots(world)) == 2
    world.run("old = new = None\ndel C")
    assert class_roots(world) == []
    for each in (world, world.fresh()):
        each.restore(moment)
        assert each.value("old.v(), new.v(), isinstance(old, C), type(new) is C") == (1, 2, False, True)


def test_going_back_before_a_redefinition_brings_the_old_class_back() -> None:
    world = World()
    world.run("class C:\n  def v(self): return 1\na = C(); b = [a]")
    moment, cls = world.moment(), world.names["C"]
    world.run("class C:\n  def v(self): return 2")
    world.restore(moment)
    assert world.names["C"] is cls
    assert world.value("a.v(), type(a) is C, b[0] is a") == (1, True, True)


def test_a_changed_class_is_loaded_anew_with_all_its_instances() -> None:
    """An instance left alone would have the changed class, and be no instance of the restored one."""
    world = World()
    world.run("class C:\n  n = 1\na = C()\nb = C()\nx = [1]")
    moment, held = world.moment(), world.names["x"]
    world.run("C.n = 2")
    world.restore(moment)
    assert world.value("C.n, a.n, type(a) is C, type(b) is C") == (1, 1, True, True)
    assert world.names["x"] is held
    assert world.capture().bound == {}


def test_a_change_of_a_class_is_a_change_of_its_name() -> None:
    world = World()
    world.run("class C: pass\nc = C()")
    assert world.run("C.n = 2", suspects={"C"}).changed == ("C",)


def test_a_class_is_looked_at_with_its_instances() -> None:
    """The cell says only `c`; what its class became must be found."""
    world = World()
    world.run("class C:\n  seen = 0\nc = C()")
    assert world.run("type(c).seen += 1", suspects={"c"}).changed == ("C",)


def test_functions_see_the_live_namespace_after_a_restore() -> None:
    world = World()
    world.run("k = 1\ndef f(): return k")
    moment = world.moment()
    world.run("del f")
    world.restore(moment)
    world.run("k = 5")
    assert world.value("f()") == 5


def test_reach_follows_functions_methods_and_classes() -> None:
    world = World()
    world.run(
        "def f(): return g()\ndef g(): return data\ndata = [1]\nclass C:\n  def m(self): return other\n"
        "other = 2\nc = C()\nh = [f]\nunrelated = 3"
    )
    assert world.engine.reached_from(["f"]) >= {"g", "data"}
    assert world.engine.reached_from(["h"]) >= {"g", "data"}
    assert world.engine.reached_from(["c"]) >= {"other"}
    assert "unrelated" not in world.engine.reached_from(["f", "h", "c"])


def test_random_numbers_go_on_where_they_were() -> None:
    world = World()
    world.run("import random, numpy as np\nrandom.seed(1); np.random.seed(1)")
    moment = world.moment()
    world.run("x = random.random(), np.random.rand(), random.gauss(0, 1)")
    expected = world.names["x"]
    world.restore(moment)
    assert world.value("(random.random(), np.random.rand(), random.gauss(0, 1))") == expected
    random.seed()
    fresh = world.fresh()
    fresh.restore(moment)
    assert fresh.value("(random.random(), np.random.rand(), random.gauss(0, 1))") == expected


def test_methods_of_the_shared_generators_stay_theirs() -> None:
    """``from random import random`` must go on drawing from the generator that was restored."""
    world = World()
    world.run("from random import random, seed\nfrom numpy.random import rand\nseed(3)")
    moment = world.moment()
    first = world.value("random()")
    fresh = world.fresh()
    fresh.restore(moment)
    assert fresh.value("random()") == first
    assert fresh.value("random.__self__ is __import__('random')._inst")


def test_the_working_directory_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    world = World()
    world.run("x = 1")
    moment = world.moment()
    (tmp_path / "sub").mkdir()
    world.run("import os; os.chdir('sub')")
    world.restore(moment)
    assert Path.cwd() == tmp_path


def test_a_working_directory_that_is_gone_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    world = World()
    world.run("x = 1")
    moment = world.moment()
    os.chdir(tmp_path)
    gone.rmdir()
    restored = world.restore(moment)
    assert [(gap.subject, gap.kind) for gap in restored.gaps] == [("@cwd", "missing")]
    assert world.value("x") == 1


def test_only_changed_chunks_are_copied() -> None:
    """A small write into a large array must not store the array again."""
    world = World()
    world.run("import numpy as np\nbig = np.arange(1 << 20)")
    before = world.memory.written
    capture = world.run("big[5] = -1")
    copied = [chunk for chunk in capture.bound["big"].chunks() if chunk.digest is not None]
    assert len(copied) > 8_000_000 // CHUNK_SIZE
    assert world.memory.written - before < 2 * CHUNK_SIZE
    moment = world.moment()
    world.run("big[:] = 0")
    world.restore(moment)
    assert world.value("big[5], big[6], big.sum()") == (-1, 6, sum(range(1 << 20)) - 6)


def test_chunks_are_reused_after_a_restore() -> None:
    """What was just read from disk is on disk."""
    world = World()
    world.run("import numpy as np\nbig = np.arange(1 << 20)")
    moment = world.moment()
    fresh = world.fresh()
    fresh.restore(moment)
    before = world.memory.written
    fresh.run("big[0] = 9")
    assert world.memory.written - before < 2 * CHUNK_SIZE


def test_the_same_content_has_the_same_id() -> None:
    """Going back and doing the same again finds everything on record."""
    world = World()
    world.run("a = [1, 2]")
    first = world.moment().components["a"]
    world.run("a = None")
    world.run("a = [1, 2]")
    assert world.moment().components["a"] == first


def test_names_outside_the_suspects_are_not_looked_at() -> None:
    """Untouched data costs nothing; a sweep finds what the analysis missed."""
    world = World()
    world.run("a = [1]\nb = [2]")
    assert world.run("a.append(1); b.append(1)", suspects={"a"}).changed == ("a",)
    assert world.capture({"b"}).changed == ("b",)


def test_undoing_twice_and_branching() -> None:
    world = World()
    moments = []
    for number in range(4):
        world.run(f"x = [{number}]\ny{number} = x")
        moments.append(world.moment())
    for number in (2, 0, 3, 1):
        world.restore(moments[number])
        assert world.value("x") == [number]
        assert sorted(name for name in world.names if name[0] == "y") == [f"y{n}" for n in range(number + 1)]
        assert world.value(f"y{number} is x")
        assert world.moment().components == moments[number].components
