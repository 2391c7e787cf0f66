"""What is said of a variable beside its value is bounded in time and size, whatever its class makes of it."""

import sys
import time
from collections.abc import Iterator
from types import ModuleType

import pytest

from runtrack_jupyter.model import Variable
from runtrack_jupyter.tracking import looking
from tests.tracking.bench import Bench, own_store

_SLACK = 3.0  # a busy machine

LIBRARY = """
import time
class Hangs:
    def __repr__(self):
        while True: time.sleep(60)
class HangsToo:
    def __repr__(self):
        while True: time.sleep(60)
class Long:
    def __repr__(self): return 'x' * 50_000_000
class Exits:
    def __repr__(self): raise SystemExit
class Lies(type):
    def __getattribute__(cls, name): raise SystemExit
    def __hash__(cls): raise SystemExit
class Odd(metaclass=Lies): pass
class Wide:
    shape = property(lambda self: tuple(range(1_000_000)))
    dtype = 'x' * 1_000_000
"""


@pytest.fixture(name="bench")
def _bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A session in which a library is installed whose classes are like that: of its own, the repr is asked."""
    library = ModuleType("oddlib")
    library.__file__ = "/somewhere/site-packages/oddlib.py"
    monkeypatch.setitem(sys.modules, "oddlib", library)
    exec(LIBRARY, library.__dict__)
    with own_store():
        bench = Bench()
        yield bench
        bench.close()


def described(bench: Bench, source: str) -> dict[str, Variable]:
    step = bench.run(source)
    bench.tracker.writer.flush()
    return {each.name: each for each in bench.recording.history().snapshot(step.step_id).variables}


def test_a_preview_that_takes_too_long_is_given_up_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not asked for after every cell that touches such an object."""
    monkeypatch.setattr(looking, "_LONGEST_DESCRIPTION", 0.2)
    began = time.perf_counter()
    variables = described(bench, "import oddlib; x = oddlib.Hangs(); y = [1]")
    assert time.perf_counter() - began < 0.2 + _SLACK
    assert (variables["x"].type, variables["x"].preview) == ("Hangs", "‹not described in time›")
    assert variables["x"].component is not None, "its value is saved all the same"
    assert variables["y"].preview == "[1]"
    assert described(bench, "x.n = 1")["x"].preview == "Hangs(n=1)"


def test_all_previews_of_a_step_have_a_limit_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what was not described in time the type is known."""
    monkeypatch.setattr(looking, "_LONGEST_DESCRIPTION", 5)
    monkeypatch.setattr(looking, "_LONGEST_DESCRIPTIONS", 0.3)
    began = time.perf_counter()
    variables = described(bench, "import oddlib; x = oddlib.Hangs(); y = [oddlib.HangsToo()]; z = [1]; n = 1")
    assert time.perf_counter() - began < 0.3 + _SLACK
    assert [variables[name].type for name in "xyz"] == ["Hangs", "list", "list"]
    assert [variables[name].preview for name in "xyzn"] == ["‹not described in time›"] * 3 + ["1"]


def test_whatever_describing_raises_costs_only_the_description(bench: Bench) -> None:
    """A `SystemExit` in there must not end the kernel."""
    variables = described(bench, "import oddlib; x = oddlib.Exits(); odd = oddlib.Odd(); z = [1]")
    assert variables["x"].preview == "‹repr failed: SystemExit›"
    assert (variables["odd"].type, variables["odd"].preview) == ("Odd", "‹repr failed: SystemExit›")
    assert variables["z"].preview == "[1]"


def test_a_description_is_short(bench: Bench) -> None:
    """It is in the record of every step, and on every screen."""
    variables = described(
        bench,
        "import oddlib; x = oddlib.Long(); wide = oddlib.Wide(); text = 'x' * 10_000_000; deep = [[['y' * 10_000] * 50] * 50] * 50\n"
        "class K: pass\nK.__qualname__ = 'K' * 100_000; k = K(); d = {'k' * 10_000: 'v' * 10_000}",
    )
    for variable in variables.values():
        assert len(variable.preview) <= 200, variable.name
        assert len(variable.type) + len(variable.shape) <= 200, variable.name
    assert variables["x"].preview.startswith("xxxx")
