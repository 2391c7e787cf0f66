"""What cannot be saved or loaded is said, and everything else comes back."""

import asyncio
import sys
from typing import Any

import pytest

from runtrack_jupyter.errors import DamagedStoreError, UntrustedError
from runtrack_jupyter.model import ComponentId, Manifest
from runtrack_jupyter.state import Limits
from tests.state.world import Memory, World

UNSAVABLE = {
    "g = (i for i in [1]); next(g)": "a generator that has begun: cannot be saved",
    "import threading; l = threading.Lock(); l.acquire()": "a lock that is held: cannot be saved",
    "import threading; e = threading.Thread(target=(l := threading.RLock()).acquire); e.start(); e.join(); del e": (
        "a lock that another thread holds: cannot be saved"
    ),
    "import weakref\nclass W: pass\nw = W(); f = weakref.finalize(w, print); f.detach(); w = None": (
        "a finalizer: cannot be saved"
    ),
    "import tempfile; d = tempfile.TemporaryDirectory()": "a temporary directory: cannot be saved",
    "import multiprocessing; p = multiprocessing.Pipe()[0]": "a connection to a process: cannot be saved",
    "import shelve, tempfile; s = shelve.open(tempfile.mktemp())": "an open database file: cannot be saved",
    "import ctypes; lib = ctypes.CDLL(None)": "a C library: cannot be saved",
    "import ctypes; p = ctypes.c_void_p(5)": "memory of C that holds pointers: cannot be saved",
    "import concurrent.futures; f = concurrent.futures.Future()": "a running task: cannot be saved",
    "import itertools; d = {1: 2, 3: 4}; i = iter(d); d[5] = 6": (
        "an iterator over a dict that has changed since: cannot be saved"
    ),
    "f = open(__import__('os').devnull)": "an open pipe or device: cannot be saved",
    "import socket; s = socket.socket()": "a socket: cannot be saved",
    "import sqlite3; db = sqlite3.connect(':memory:'); db.create_function('f', 1, len)": (
        "a database connection with functions of its own (f): cannot be saved"
    ),
    "import sqlite3; db = sqlite3.connect(':memory:'); db.execute('CREATE TEMP TABLE t(a)')": (
        "a database connection with more than one database: cannot be saved"
    ),
    "import threading; t = threading.Thread()": "a thread: cannot be saved",
    "m = memoryview(b'x')": "a memoryview: cannot be saved",
    "import types\n@types.coroutine\ndef stop(): yield\nasync def co(): await stop()\nc = co(); c.send(None)": (
        "a coroutine that has begun: cannot be saved"
    ),
    "import concurrent.futures; p = concurrent.futures.ThreadPoolExecutor(1)": "a pool of workers: cannot be saved",
    "d = []\nfor i in range(100_000): d = [d]\ndel i": "nested too deeply to be saved",
    "class R:\n  def __reduce__(self): raise ValueError('no\\nway.')\nr = R()": "ValueError while it was saved: no",
    "class R:\n  def __getstate__(self): 1 / 0\nr = R()": "ZeroDivisionError while it was saved: division by zero",
}


@pytest.mark.parametrize("cell", UNSAVABLE)
@pytest.mark.filterwarnings("ignore:coroutine 'co' was never awaited")
def test_what_cannot_be_saved_is_a_gap_in_words(cell: str) -> None:
    """Known at capture, for the whole variable; its neighbours are saved."""
    world = World()
    gaps = world.run(f"x = [1]\n{cell}").gaps
    assert [gap.reason for gap in gaps] == [UNSAVABLE[cell]]
    assert gaps[0].kind == "unpicklable"
    assert "x" in world.engine.live()
    assert gaps[0].subject not in world.engine.live()
    assert world.capture().gaps == ()


def test_a_running_task_is_a_gap() -> None:
    """A task belongs to a loop that will not be there."""
    world = World()

    async def inside() -> None:
        world.names["task"] = asyncio.create_task(asyncio.sleep(0))
        assert world.capture().gaps[0].reason == "a running task: cannot be saved"

    asyncio.run(inside())


def test_a_gap_inside_a_shared_structure_spares_the_others() -> None:
    """Only the names that reach the generator are gaps."""
    world = World()
    world.run("shared = [1]\na = [shared]\nb = [shared, (i for i in [1, 2])]\nnext(b[1])")
    assert world.engine.live()["a"].roots == ("a", "shared")
    assert [gap.subject for gap in world.engine.gaps()] == ["b"]


def test_the_very_same_object_is_left_alone_by_a_restore() -> None:
    """Closing somebody's open connection because of an undo would be rude."""
    world = World()
    world.run("g = (i for i in [1, 2]); next(g)\nx = 1")
    held, moment = world.names["g"], world.moment()
    world.run("x = 2")
    restored = world.restore(moment)
    assert world.names["g"] is held
    assert restored.kept == ("g",)
    assert "left as it is now" in restored.gaps[0].reason
    assert world.capture().gaps == ()


def test_another_object_of_the_same_kind_is_not_taken_for_it() -> None:
    """It would be silently wrong."""
    world = World()
    world.run("g = (i for i in [1, 2]); next(g)")
    moment = world.moment()
    world.run("g = (i for i in [3, 4]); next(g)")
    restored = world.restore(moment)
    assert "g" not in world.names
    assert restored.removed == ("g",)
    assert [gap.subject for gap in restored.gaps] == ["g"]


def test_a_gap_does_not_keep_its_object_alive() -> None:
    """``del f`` must close the file at once, as it does untracked."""
    world = World()
    world.run("import weakref\ng = (i for i in [1]); next(g)\nr = weakref.ref(g)")
    world.run("del g")
    assert world.value("r()") is None


def test_a_value_does_not_outlive_its_name() -> None:
    """The engine remembers fingerprints, not values, and leaves no reference cycles through them."""
    world = World()
    world.run("import weakref\nclass V: pass\nv = V(); v.me = [1]; r = weakref.ref(v)\nf = lambda: v")
    world.capture()
    world.names.pop("v")
    assert world.value("r()") is None


def test_a_value_becomes_a_gap_and_a_value_again() -> None:
    world = World()
    world.run("a = [1]")
    first = world.run("a.append((i for i in [1, 2])); next(a[1])")
    assert (first.changed, [gap.subject for gap in first.gaps], first.dropped) == (("a",), ["a"], ())
    assert "a" not in world.engine.live()
    assert world.run("a.pop()").changed == ("a",)
    assert world.engine.gaps() == ()


def test_too_large_is_a_gap_with_the_limit() -> None:
    world = World(limits=Limits(variable=1 << 20))
    world.run("import numpy as np\na = np.zeros(1 << 20)\nb = b'x' * (2 << 20)\nc = list(range(1000))")
    assert {gap.subject: gap.kind for gap in world.engine.gaps()} == {"a": "too-large", "b": "too-large"}


def test_an_instance_of_a_class_that_cannot_be_saved_is_a_gap_too() -> None:
    """Its class could not be given back to it."""
    world = World()
    world.run("class C: pass\nc = C(); x = 1")
    world.run("C.lock = __import__('threading').Thread()")
    gaps = {gap.subject: gap.reason for gap in world.engine.gaps()}
    assert gaps.keys() == {"C", "c"}
    assert "class C" in gaps["c"]
    assert "a thread" in gaps["c"]
    world.run("del C.lock")
    assert world.engine.gaps() == ()


class Interrupting:
    """Raises while it is pickled."""

    def __reduce__(self) -> Any:
        raise KeyboardInterrupt


def test_an_interrupted_capture_changes_nothing() -> None:
    """What it had found already must be found again by the next."""
    world = World()
    world.run("a = [1]\nz = [2]")
    before = world.engine.live()
    world.names["a"].append(2)
    world.names["m"] = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        world.capture()
    assert world.engine.live() == before
    del world.names["m"]
    assert world.capture().changed == ("a",)


class Unreadable(Memory):
    """A store in which one component is damaged, or which is not trusted."""

    def __init__(self, memory: Memory, bad: ComponentId, error: Exception) -> None:
        super().__init__()
        self.chunks, self.manifests = memory.chunks, memory.manifests
        self._bad, self._error = bad, error

    def manifest(self, component_id: ComponentId) -> Manifest:
        if component_id == self._bad:
            raise self._error
        return super().manifest(component_id)


def test_a_damaged_component_is_a_gap_and_the_others_come_back() -> None:
    world = World()
    world.run("a = [1]\nb = [2]")
    moment = world.moment()
    fresh = World(Unreadable(world.memory, moment.components["a"], DamagedStoreError("flipped")))
    fresh.run("a = 'old'")
    restored = fresh.restore(moment)
    assert [(gap.subject, gap.kind) for gap in restored.gaps] == [("a", "lost")]
    assert fresh.value("b") == [2]
    assert "a" not in fresh.names


def test_an_untrusted_store_changes_nothing() -> None:
    world = World()
    world.run("a = [1]")
    moment = world.moment()
    fresh = World(Unreadable(world.memory, moment.components["a"], UntrustedError("foreign")))
    fresh.run("a = 'mine'")
    with pytest.raises(UntrustedError):
        fresh.restore(moment)
    assert fresh.value("a") == "mine"


def test_a_missing_library_is_a_gap(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "gonelib.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    world = World()
    world.run("import gonelib\nt = gonelib.Thing()\nx = 1\ndel gonelib")
    moment = world.moment()
    fresh = world.fresh()
    monkeypatch.delitem(sys.modules, "gonelib")
    (tmp_path / "gonelib.py").unlink()
    sys.path_importer_cache.clear()
    restored = fresh.restore(moment)
    assert [(gap.subject, gap.kind) for gap in restored.gaps] == [("t", "missing")]
    assert fresh.value("x") == 1


def test_code_of_another_python_is_a_gap() -> None:
    world = World()
    world.run("def f(): pass\nx = [1]")
    moment = world.moment()
    for component_id, manifest in world.memory.manifests.items():
        if manifest.python:
            world.memory.manifests[component_id] = Manifest(
                roots=manifest.roots, stream=manifest.stream, buffers=manifest.buffers, python="3.7"
            )
    fresh = world.fresh()
    assert [(gap.subject, gap.kind) for gap in fresh.restore(moment).gaps] == [("f", "version")]
    assert fresh.value("x") == [1]


def test_a_class_that_cannot_be_loaded_takes_its_instances_with_it() -> None:
    world = World()
    world.run("class C: pass\nc = C()\nx = [1]")
    moment = world.moment()
    class_root = next(root for root in moment.components if root.startswith("@class."))
    fresh = World(Unreadable(world.memory, moment.components[class_root], DamagedStoreError("flipped")))
    restored = fresh.restore(moment)
    assert {gap.subject for gap in restored.gaps} == {class_root, "C", "c"}
    assert fresh.value("x") == [1]


def test_an_interrupted_restore_leaves_the_namespace_as_it_was() -> None:
    """Loading runs user code; nothing is swapped until all of it is done."""
    world = World()
    world.run(
        "stop = False\nclass S:\n  def __setstate__(self, s):\n    import builtins\n    if getattr(builtins, 'stop_now', 0): raise KeyboardInterrupt\n"
        "  def __getstate__(self): return {'a': 1}\na = [1]\ns = S()"
    )
    moment = world.moment()
    world.run("a.append(2); s = None")
    import builtins

    builtins.stop_now = True  # type: ignore[attr-defined]  # a flag only this test knows
    try:
        with pytest.raises(KeyboardInterrupt):
            world.restore(moment)
    finally:
        del builtins.stop_now  # type: ignore[attr-defined]  # as above
    assert world.value("a, s") == ([1, 2], None)
    world.restore(moment)
    assert world.value("a") == [1]


def test_a_restore_reads_only_what_differs() -> None:
    world = World()
    world.run("import numpy as np\nbig = np.zeros(1 << 18)\nsmall = [1]")
    moment = world.moment()
    world.run("small.append(2)")
    world.capture()
    world.engine.restore(moment.components, moment.gaps, world.memory)
    assert 0 < world.memory.read_bytes < 1000
