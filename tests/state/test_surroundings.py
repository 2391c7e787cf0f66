"""What is no variable is state as well: each place is seen to change, comes back, and is as cheap as a glance."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest

from runtrack_jupyter.state.surroundings import PLACES, Surroundings
from runtrack_jupyter.state.surroundings.place import seen
from runtrack_jupyter.state.surroundings.process import ImportPath
from tests.state.world import World

# Of each place: what changes it, and what tells how it is.
CHANGES = {
    "@cwd": ("import os, tempfile; os.chdir(tempfile.gettempdir())", "os.getcwd()"),
    "@decimal": (
        "import decimal\ndecimal.getcontext().prec = 7; decimal.getcontext().traps[decimal.Inexact] = True",
        "str(decimal.getcontext())",
    ),
    "@environ": (
        "import os; os.environ['RT_SET'] = 'v'; os.environ.pop('RT_THERE')",
        "os.environ.get('RT_SET'), os.environ.get('RT_THERE')",
    ),
    "@interpreter": (
        "import sys, gc; sys.setrecursionlimit(sys.getrecursionlimit() + 7); gc.set_threshold(701, 9, 9)",
        "sys.getrecursionlimit(), gc.get_threshold(), gc.isenabled()",
    ),
    "@locale": (
        "import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8' if locale.setlocale(locale.LC_ALL) == 'C' else 'C')",
        "locale.setlocale(locale.LC_ALL)",
    ),
    "@matplotlib.options": (
        "import matplotlib as mpl; mpl.rcParams['lines.linewidth'] = 9; mpl.rcParams['font.family'] = ['serif']",
        "mpl.rcParams['lines.linewidth'], mpl.rcParams['font.family']",
    ),
    "@numpy.options": (
        "import numpy as np; np.set_printoptions(precision=3); np.seterr(over='raise')",
        "np.get_printoptions()['precision'], np.geterr()",
    ),
    "@pandas.options": (
        "import pandas as pd; pd.set_option('display.max_rows', 7)",
        "pd.get_option('display.max_rows')",
    ),
    "@rng.numpy": ("import numpy as np; np.random.random()", "np.random.get_state()[2]"),
    "@rng.random": ("import random; random.random()", "random.getstate()[1][-1]"),
    "@sys.path": ("import sys; sys.path.insert(0, '/rt-first'); sys.path.append('/rt-last')", "sys.path"),
    "@warnings": (
        "import warnings; warnings.filterwarnings('error', message='rt.*', category=UserWarning, lineno=3)",
        "[str(each) for each in warnings.filters]",
    ),
}
IMPORTS = "import os, sys, gc, decimal, locale, random, warnings\nimport matplotlib as mpl, numpy as np, pandas as pd"


@pytest.fixture(autouse=True)
def _left_as_found() -> Iterator[None]:
    os.environ["RT_THERE"] = "there"
    found = Surroundings(lambda _name, _value: False)
    now = {root: each.value for root, each in found.look().items()}
    yield
    for root, value in now.items():
        assert found.apply(root, value) == ""
    os.environ.pop("RT_THERE")


def is_secret(name: str, _value: str) -> bool:
    return "TOKEN" in name


@pytest.mark.parametrize("place", CHANGES)
def test_a_change_is_seen_and_undone(place: str) -> None:
    """In the kernel in which it was made."""
    change, probe = CHANGES[place]
    world = World(is_secret=is_secret)
    world.run(IMPORTS)
    before, moment = repr(world.value(probe)), world.moment()
    assert list(world.run(change, suspects=set()).bound) == [place]
    after, changed = repr(world.value(probe)), world.moment()
    assert after != before
    assert world.restore(moment).gaps == ()
    assert repr(world.value(probe)) == before
    assert dict(world.capture(set()).bound) == {}
    assert world.restore(changed).gaps == ()
    assert repr(world.value(probe)) == after


@pytest.mark.parametrize("place", CHANGES)
def test_a_fresh_kernel_is_set_up_as_the_old_one_was(place: str) -> None:
    """What it is set to at its start is not what the notebook had."""
    change, probe = CHANGES[place]
    world = World(is_secret=is_secret)
    world.run(IMPORTS)
    start = world.moment()
    world.run(change)
    after, changed = repr(world.value(probe)), world.moment()
    world.restore(start)
    fresh = world.fresh()
    assert fresh.restore(changed).gaps == ()
    assert repr(fresh.value(probe)) == after


def test_every_place_is_tried_here() -> None:
    """A place that is added comes with what changes it; figures, secrets and torch have tests of their own."""
    elsewhere = {"@pyplot", "@environ.secrets", "@rng.torch", "@rng.torch.cuda"}
    assert PLACES - CHANGES.keys() == elsewhere


def test_a_secret_is_not_saved_and_stays() -> None:
    """Its value must never be on disk; that it was left out is a gap."""
    world = World(is_secret=is_secret)
    world.run("import os")
    moment = world.moment()
    capture = world.run("os.environ['RT_TOKEN'] = 'sesame'")
    assert [(gap.subject, gap.kind) for gap in capture.gaps] == [("@environ.secrets", "redacted")]
    assert "RT_TOKEN" in capture.gaps[0].reason
    assert not any(b"sesame" in chunk for chunk in world.memory.chunks.values())
    try:
        world.restore(moment)
        assert os.environ["RT_TOKEN"] == "sesame"
    finally:
        del os.environ["RT_TOKEN"]
    world.capture()
    assert world.engine.gaps() == ()


def test_a_formatter_of_the_notebook_is_an_option_like_any_other() -> None:
    """Options may hold functions: those are saved as the notebook's other functions are."""
    world = World()
    world.run(
        "import pandas as pd\ndef two(x): return f'{x:.2f}'\npd.set_option('display.float_format', two)"
    )
    moment = world.moment()
    world.run("pd.reset_option('display.float_format')")
    fresh = world.fresh()
    for each in (world, fresh):
        assert each.restore(moment).gaps == ()
        assert each.value("pd.get_option('display.float_format') is two, two(1)") == (True, "1.00")


def test_a_path_of_another_kernel_is_changed_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own entries stay: without them it could import nothing."""
    place = ImportPath()
    monkeypatch.setattr(sys, "path", ["/a", "/b"])
    here = ImportPath()
    here.apply((["/old", "/lib"], ["/first", "/old", "/last"]))
    assert sys.path == ["/first", "/a", "/b", "/last"]
    here.apply(None)
    assert sys.path == ["/a", "/b"]
    assert place.look() is not None


@pytest.mark.parametrize(("one", "other"), [(1, True), (0.0, -0.0), (1, 1.0), ([], ())])
def test_what_compares_equal_may_differ(one: Any, other: Any) -> None:
    """By content, exactly: ``==`` would call them the same."""
    assert seen(one).key != seen(other).key
    assert seen(float("nan")).key == seen(float("nan")).key


def test_looking_takes_microseconds() -> None:
    """It is done after every cell; the bound is loose, for machines that are busy."""
    assert mpl.rcParams
    places = Surroundings(is_secret)
    places.look()
    began = time.process_time()
    for _ in range(100):
        places.look()
    assert (time.process_time() - began) / 100 < 2e-3


PYPLOT = (
    "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\nplt.close('all')\n"
    "f = plt.figure(5); g, a = plt.subplots(num=7); b = g.add_subplot(); plt.figure(5)"
)


def test_pyplot_shows_the_figures_it_showed() -> None:
    """``plt.gcf()`` and ``plt.gca()`` are what they were, and so is every number."""
    probe = "plt.gcf() is f, plt.get_fignums(), plt.figure(7) is g, g.gca() is b, f.number"
    world = World()
    world.run(PYPLOT)
    moment = world.moment()
    for change in ("plt.close('all')", "plt.close(5); plt.figure(9)", "plt.figure(7)", "a.set_title('x')"):
        world.run(change)
        assert world.restore(moment).gaps == ()
        assert world.value(probe) == (True, [5, 7], True, True, 5)
        world.run("plt.figure(5)")
    world.run("plt.close('all'); del f, g, a, b")
    fresh = world.fresh()
    assert fresh.restore(moment).gaps == ()
    assert fresh.value(probe) == (True, [5, 7], True, True, 5)
    fresh.run("plt.close('all')")


def test_a_figure_that_no_name_holds_is_kept_by_pyplot() -> None:
    """``plt.plot(...)`` in one cell, ``plt.title(...)`` in the next."""
    world = World()
    world.run(
        "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\nplt.close('all')\nplt.plot([1, 2])"
    )
    moment = world.moment()
    capture = world.run("plt.title('late')", suspects={"plt"})
    assert list(capture.bound) == ["@pyplot"]
    assert world.restore(moment).gaps == ()
    assert world.value("plt.gca().get_title()") == ""
    assert world.value("len(plt.gca().lines)") == 1
    world.run("plt.close('all')")
