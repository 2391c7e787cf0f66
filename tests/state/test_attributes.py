"""What cells do to modules and classes that they import is state: it is seen, comes back, and is undone."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.state.world import World, names_in

# What a cell does, what it does it to, and what tells of it.
CHANGES = {
    "a name added": ("import json", "json.my = [1]", "getattr(json, 'my', None)"),
    "a function replaced": ("import json", "def f(x): return 'f'\njson.dumps = f", "json.dumps(1)"),
    "a function wrapped": (  # calls itself `json.dumps`, and can be found there
        "import json, functools",
        "first = json.dumps\n@functools.wraps(first)\ndef dumps(x): return 'w' + first(x)\njson.dumps = dumps",
        "json.dumps(1), json.dumps.__module__",
    ),
    "a name removed": ("import json", "del json.load", "hasattr(json, 'load')"),
    "a constant of C code": ("import math", "math.pi = 3", "math.pi"),
    "a class in a module": (
        "import json.decoder",
        "json.decoder.JSONDecoder.extra = {'a': 1}",
        "getattr(json.decoder.JSONDecoder, 'extra', None)",
    ),
    "an imported class": (
        "from fractions import Fraction",
        "Fraction.half = property(lambda self: self / 2)",
        "str(getattr(Fraction(1), 'half', None))",
    ),
    "by a function": ("import json\ndef patch(m): m.zz = (1, 2)", "patch(json)", "getattr(json, 'zz', None)"),
    "by setattr": ("import json", "setattr(json, 'd' + 'yn', 5)", "getattr(json, 'dyn', None)"),
    "by code in a text": ("import json", "exec('json.ex = 5')", "getattr(json, 'ex', None)"),
    "an accessor of pandas": (
        "import pandas as pd",
        (
            "@pd.api.extensions.register_series_accessor('twice')\nclass Twice:\n"
            "  def __init__(self, s): self.all = list(s) * 2"
        ),
        "hasattr(pd.Series, 'twice') and pd.Series([1]).twice.all",
    ),
    "shared with a variable": (
        "import numpy as np",
        "a = [0]\nnp.my = a",
        "getattr(np, 'my', None), getattr(np, 'my', 0) is globals().get('a')",
    ),
    "the stream of errors": ("import sys, io", "sys.stderr = io.StringIO('x')", "type(sys.stderr).__name__"),
}


@pytest.fixture(autouse=True)
def _left_as_found() -> Iterator[None]:
    dumps, stream = json.dumps, sys.stderr
    yield
    assert (json.dumps, sys.stderr) == (dumps, stream)
    assert not {"my", "zz", "dyn", "ex"} & vars(json).keys()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_and_undone_and_made_again(change: str) -> None:
    """In the same kernel, and in a fresh one, where nobody ran the cell."""
    setup, cell, probe = CHANGES[change]
    world = World()
    world.run(setup)
    before, moment = world.value(probe), world.moment()
    assert any(root.startswith("@attribute.") for root in world.run(cell).bound)
    after, changed = world.value(probe), world.moment()
    assert after != before
    assert dict(world.capture().bound) == {}

    for _ in range(2):
        assert world.restore(moment).gaps == ()
        assert world.value(probe) == before
        assert dict(world.capture().bound) == {}
        fresh = world.fresh()
        assert fresh.restore(changed).gaps == ()
        assert fresh.value(probe) == after
        assert dict(fresh.capture().bound) == {}
        assert fresh.restore(moment).gaps == ()
        assert world.restore(changed).gaps == ()
        assert world.value(probe) == after
    world.restore(moment)


def test_what_was_replaced_comes_back_as_what_it_is() -> None:
    """Libraries are saved by name, and a name means what an import gives, not what a cell put there."""
    world = World()
    world.run("import json\nfirst = json.dumps")
    moment = world.moment()
    world.run("json.dumps = lambda x: 'mine'")
    world.run("del first")
    patched = world.moment()
    world.restore(moment)
    assert world.value("first is json.dumps and first(1)") == "1"
    world.restore(patched)
    world.run("again = [json.loads, json.dumps]")
    both = world.moment()
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(both)
    assert fresh.value("again[1] is json.dumps and again[1](1)") == "mine"
    fresh.restore(moment)
    assert fresh.value("first is json.dumps and first(1)") == "1"


def test_a_cell_that_undoes_it_leaves_nothing_behind() -> None:
    world = World()
    world.run("import json\nfirst = json.dumps")
    moment = world.moment()
    world.run("json.dumps = len")
    capture = world.run("json.dumps = first", suspects={"json", "first"})
    assert capture.dropped == ("@attribute.json:dumps",)
    assert world.moment().components == moment.components


def test_what_was_hung_on_a_module_is_looked_at_with_the_module() -> None:
    """A cell that reaches it by the module changes it in place."""
    world = World()
    world.run("import json\njson.my = []")
    moment = world.moment()
    capture = world.run("json.my.append(1)", suspects={"json"})
    assert list(capture.bound) == ["@attribute.json:my"]
    world.restore(moment)
    assert world.value("json.my") == []
    world.run("del json.my")


def test_what_a_replaced_function_touches_is_reached() -> None:
    """The cell says ``json.dumps(…)``; that this counts, only the function's code knows."""
    world = World()
    world.run(
        "import json\ncalls = []\ndef counting(x): calls.append(x)\nfirst = json.dumps\njson.dumps = counting"
    )
    assert "calls" in world.engine.reached_from(["json"])
    world.run("json.dumps = first")


def test_a_value_that_cannot_be_saved_is_a_gap_of_that_attribute_alone() -> None:
    world = World()
    world.run("import json")
    moment = world.moment()
    gaps = world.run(
        "json.my = [1]\njson.zz = (i for i in ())\nnext(json.zz, None)\njson.ex = __import__('mmap').mmap(-1, 9)"
    ).gaps
    assert [gap.subject for gap in gaps] == ["@attribute.json:ex"]
    assert "@attribute.json:my" in world.engine.live()
    world.restore(moment)
    assert not hasattr(json, "my")


def test_what_was_there_before_the_import_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that imports a module and changes it at once: what it replaced is gone, and that is said."""
    (tmp_path / "rt_lib.py").write_text("DEBUG = False\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "rt_lib", raising=False)
    world = World()
    moment = world.moment()
    world.run("import rt_lib\nrt_lib.DEBUG = True\nrt_lib.extra = 1")
    changed = world.moment()
    gaps = world.restore(moment).gaps
    assert [(gap.subject, gap.kind) for gap in gaps] == [("@attribute.rt_lib:DEBUG", "missing")]
    assert "is not known, and it stays as it is" in gaps[0].reason
    lib = sys.modules["rt_lib"]
    assert (lib.DEBUG, hasattr(lib, "extra")) == (True, False)
    monkeypatch.delitem(sys.modules, "rt_lib")
    fresh = world.fresh()
    assert fresh.restore(changed).gaps == ()
    assert fresh.value("rt_lib.DEBUG, rt_lib.extra") == (True, 1)
    fresh.restore(moment)
    assert (sys.modules["rt_lib"].DEBUG, hasattr(sys.modules["rt_lib"], "extra")) == (False, False)


def test_a_module_that_is_loaded_again_is_not_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its functions are others then, but its own."""
    (tmp_path / "rt_again.py").write_text("def f(): return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    world = World()
    world.run("import rt_again, importlib")
    world.run("rt_again.f = len")
    assert list(world.run("importlib.reload(rt_again)").bound) == []
    assert not any(root.startswith("@attribute.") for root in world.engine.live())


def test_where_nobody_sees_it_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that keeps what is stored in it somewhere of its own."""
    (tmp_path / "rt_config.py").write_text(
        "class _Config:\n  __slots__ = ('_values',)\n  def __init__(self): object.__setattr__(self, '_values', {})\n"
        "  def __setattr__(self, name, value): self._values[name] = value\n"
        "config = _Config()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    world = World()
    world.run("import rt_config")
    gaps = world.run("rt_config.config.speed = 3").gaps
    assert [(gap.subject, gap.kind) for gap in gaps] == [("@attribute.rt_config.config.speed", "unpicklable")]


def test_what_code_stores_in_its_own_objects_is_none_of_this() -> None:
    """The instances of the notebook, whatever their attributes are called."""
    world = World()
    world.run("import json, types\nclass A: pass\na = A()")
    world.run("a.dumps = a.my = 1\nA.loads = 2\ns = types.SimpleNamespace()\ns.load = 3")
    assert not any(root.startswith("@attribute.") for root in world.engine.live())


def test_a_cell_that_stores_nothing_costs_microseconds() -> None:
    """It is asked before every cell; the bound is loose, for machines that are busy."""
    world = World()
    world.run("import json, sys\nimport pandas as pd, numpy as np\nx = 1")
    code = compile("x = np.sum([x, 2]); pd.DataFrame({'a': [1]})", "<cell>", "exec")
    names = names_in(code)
    world.engine.expect(code, names)
    began = time.process_time()
    for _ in range(100):
        world.engine.expect(code, names)
    assert (time.process_time() - began) / 100 < 1e-3
