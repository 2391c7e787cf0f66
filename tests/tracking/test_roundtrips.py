"""The checker beside a session: its findings stand beside the variables, in every step and run that has them."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from runtrack_jupyter.lineage.plans import restore_plan
from runtrack_jupyter.model import Gap
from runtrack_jupyter.tracking.roundtrip import process
from runtrack_jupyter.tracking.settings import Settings
from tests.tracking.bench import Bench, own_store

LOSSY = """
class Tracker:
    def __init__(self):
        self.a, self.cache = 1, {"x": [1, 2]}
    def __getstate__(self):
        state = dict(self.__dict__)
        state.pop("cache", None)
        return state
"""
LOST = "attribute `cache` of `Tracker` is lost"


@pytest.fixture(name="store", autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    with own_store(checked=True) as store:
        yield store


@pytest.fixture(name="bench")
def _bench(store: Path) -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()
    wait_until(lambda: not children(), "the checker goes when the kernel does")


def children() -> list[psutil.Process]:
    """The checker and its worker, among whatever else the tests of before left running."""
    found = psutil.Process().children(recursive=True)
    return [each for each in found if _is_of_the_check(each)]


def _is_of_the_check(process: psutil.Process) -> bool:
    try:
        return any("tracking.roundtrip" in word for word in process.cmdline())  # empty of what has ended
    except psutil.NoSuchProcess:
        return False


def wait_until(happens: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def quiet(bench: Bench) -> None:
    """Let the kernel be idle, as it is a second after a cell."""
    while not bench.tracker.sweep(1.0):
        pass


def gaps(bench: Bench, name: str) -> list[tuple[str, str, str]]:
    """What the history says of a step or run."""
    bench.tracker.writer.flush()
    history = bench.recording.history()
    return [(gap.subject, gap.kind, gap.reason) for gap in history.snapshot(history.resolve(name)).gaps]


def marked(bench: Bench, name: str) -> bool:
    """Tell whether the kernel has heard what was found of a variable; it takes it up with a look."""
    bench.run("y = 1")
    return name in bench.tracker.position.gaps


def found(bench: Bench, name: str) -> list[tuple[str, str, str]]:
    """Wait for the first finding of a step."""
    quiet(bench)
    wait_until(lambda: gaps(bench, name), "nothing was found")
    return gaps(bench, name)


def test_a_finding_stands_beside_the_value_in_every_step_and_run_that_has_it(bench: Bench) -> None:
    """Also in a run that was sealed before anybody knew, and in a step that came after; not where it is gone."""
    before = bench.run("x = 1")
    made = bench.run(LOSSY + "t = Tracker()")
    run = bench.recording.checkpoints.checkpoint("before it was found")
    assert run.gaps == ()
    later = bench.run("y = 2")
    gone = bench.run("del t")

    assert found(bench, made.step_id) == [("t", "differs", LOST)]

    assert gaps(bench, later.step_id) == gaps(bench, run.run_id) == [("t", "differs", LOST)]
    assert gaps(bench, before.step_id) == gaps(bench, gone.step_id) == []
    history = bench.recording.history()
    assert [gap.reason for gap in history.step(made.step_id).gaps] == [LOST]
    assert [gap.reason for gap in history.run(run.run_id).gaps] == [LOST]
    assert history.step(later.step_id).gaps == ()
    assert "t" in history.snapshot(made.step_id).components


def test_the_value_comes_back_with_the_warning(bench: Bench) -> None:
    """It is the best there is: nothing is taken away because of a finding."""
    made = bench.run(LOSSY + "t = Tracker()")
    found(bench, made.step_id)
    bench.run("del t")
    history = bench.recording.history()
    plan = restore_plan(history.step(made.step_id), history.snapshot(made.step_id), (), lambda _: "unchanged")
    assert (plan.variables.restorable, [gap.reason for gap in plan.gaps]) == (2, [LOST])

    arrival = bench.recording.travel.restore(made.step_id)

    assert bench.names["t"].a == 1
    assert not hasattr(bench.names["t"], "cache")
    assert f"t came back, but {LOST}." in str(arrival)
    assert [gap.subject for gap in bench.recording.checkpoints.checkpoint("after").gaps] == ["t"]
    assert gaps(bench, bench.run("z = 1").step_id) == [("t", "differs", LOST)]


def test_what_stays_as_it_is_is_not_warned_of(bench: Bench) -> None:
    made = bench.run(LOSSY + "t = Tracker()")
    found(bench, made.step_id)
    bench.run("y = 1")

    arrival = bench.recording.travel.restore(made.step_id)

    assert arrival.gaps == ()
    assert bench.names["t"].cache == {"x": [1, 2]}


def test_another_object_of_the_class_is_marked_at_once(bench: Bench) -> None:
    """Nobody has to wait for what is known."""
    found(bench, bench.run(LOSSY + "t = Tracker()").step_id)
    wait_until(lambda: marked(bench, "t"), "it is not heard of")

    step = bench.run("u = [Tracker()]")

    assert [(gap.subject, gap.kind, gap.reason) for gap in step.gaps] == [("u", "differs", LOST)]
    bench.tracker.writer.flush()
    assert "u" in bench.recording.history().snapshot(step.step_id).components


CANNOT = {
    "raises": (
        "raise ValueError('no')",
        "unloadable",
        "it cannot be loaded in a fresh kernel: ValueError: no",
    ),
    "crashes": (
        "import os; os.abort()",
        "unloadable",
        f"loading it ends the process (signal {int(signal.SIGABRT)})",
    ),
    "writes": (
        "open('written', 'w')",
        "unchecked",
        "whether it comes back as it was is not known: loading it would write a file, which a check must not do",
    ),
    "calls out": (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "unchecked",
        "whether it comes back as it was is not known: loading it would open a connection, "
        + "which a check must not do",
    ),
    "never ends": (
        "\n        while True: pass",
        "unchecked",
        "whether it comes back as it was is not known: it took longer than 5 s",
    ),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_be_tried_is_said(
    name: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check harms nothing and nobody, whatever the class does when it is loaded; the next one goes on."""
    monkeypatch.chdir(tmp_path)
    body, kind, reason = CANNOT[name]
    if name == "never ends":
        monkeypatch.setattr(process, "JOB_SECONDS", 5.0)
    cell = (
        "class Bad:\n"
        "    def __getstate__(self): return {'a': 1}\n"
        f"    def __setstate__(self, state): {body}\n"
        "bad = Bad()\n"
    )

    step = bench.run(cell)
    assert found(bench, step.step_id) == [("bad", kind, reason)]
    assert found(bench, bench.run(LOSSY + "t = Tracker(); del bad").step_id) == [("t", "differs", LOST)]

    assert not (tmp_path / "written").exists()


def test_plain_work_starts_no_process(bench: Bench) -> None:
    bench.run("import datetime\nclass A: pass\na, b, c = A(), {'x': [1]}, datetime.datetime.now()")

    quiet(bench)

    assert children() == []


def test_a_kernel_that_ends_before_it_was_idle_is_checked_all_the_same() -> None:
    """Headless runs are never idle: what is left is checked when they end, by a process that ends by itself."""
    bench = Bench()
    step = bench.run(LOSSY + "t = Tracker()")

    bench.recording.close("kernel shutdown")

    wait_until(lambda: gaps(bench, step.step_id), "nothing was found")
    wait_until(lambda: not children(), "it stays")
    assert gaps(bench, step.step_id) == [("t", "differs", LOST)]


def test_it_can_be_switched_off() -> None:
    bench = Bench(Settings(check_round_trips=False))
    bench.run(LOSSY + "t = Tracker()")

    quiet(bench)
    bench.close()

    assert children() == []


def test_a_plain_frame_is_not_warned_of(bench: Bench) -> None:
    """What lies elsewhere in the memory of another process, such as functions made by Cython, is no difference."""
    step = bench.run(
        "import pandas as pd\n"
        "frame = pd.DataFrame({'a': [1.0, 2.0], 'b': [3, 4]})\n"
        "part = frame.drop(columns='b')\n"
        "cut = frame['a'].clip(upper=1.5)\n" + LOSSY + "t = Tracker()"
    )

    assert found(bench, step.step_id) == [("t", "differs", LOST)]


def test_a_checker_that_dies_is_replaced(bench: Bench) -> None:
    found(bench, bench.run(LOSSY + "t = Tracker()").step_id)
    dying = children()
    for each in dying:
        each.kill()
    psutil.wait_procs(dying, timeout=10)  # what is written to one that is still dying is lost with it

    step = bench.run("del t\nclass Other:\n    def __reduce__(self): return list, ()\nu = Other()")

    assert found(bench, step.step_id) == [
        ("u", "differs", "an object of class `Other` comes back as one of class `list`")
    ]


def test_a_gap_that_stood_already_goes_before_a_finding(bench: Bench) -> None:
    """The record keeps what was known first."""
    step = bench.run(LOSSY + "t = Tracker()")
    bench.tracker.position.gaps["t"] = Gap(subject="t", kind="failed", reason="it changes by itself")
    run = bench.recording.checkpoints.checkpoint("with a gap")
    found(bench, step.step_id)

    assert gaps(bench, run.run_id) == [("t", "failed", "it changes by itself")]
