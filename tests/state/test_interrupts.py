"""Ctrl-C is held back where something must not stop half way, let through where it may, and never lost."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from runtrack_jupyter.state.interrupts import Interrupts
from tests.state.world import World


@pytest.fixture(autouse=True)
def _python_handles_ctrl_c() -> Iterator[None]:
    """A shell starts what it puts into the background with Ctrl-C ignored, and these tests with it."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@contextmanager
def comes() -> Iterator[pytest.ExceptionInfo[KeyboardInterrupt]]:
    with pytest.raises(KeyboardInterrupt) as raised:
        yield raised


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def test_it_comes_when_all_is_done() -> None:
    done = []
    with comes(), Interrupts():
        ctrl_c()
        done.append("all")
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_within_another_it_comes_when_the_outer_is_done() -> None:
    done = []
    with comes(), Interrupts():
        with Interrupts():
            ctrl_c()
        done.append("outer")
    assert done == ["outer"]


@pytest.mark.parametrize("early", [False, True], ids=["meanwhile", "before"])
def test_where_it_is_let_through_it_comes_at_once(early: bool) -> None:
    """Also through two of them: the load of a restore must end when the user wants it to."""
    done = []
    with comes(), Interrupts(), Interrupts() as inner:
        if early:
            ctrl_c()
        with inner.passing():
            ctrl_c()
            done.append("not reached")
    assert done == []


def test_what_it_stops_is_stopped_and_the_rest_is_done() -> None:
    done = []
    with comes(), Interrupts() as interrupts:
        with interrupts.stopping():
            ctrl_c()
            done.append("not reached")
        done.append("the rest")
    assert done == ["the rest"]


def test_an_error_is_not_hidden_by_it() -> None:
    with comes() as raised, Interrupts():
        ctrl_c()
        [].pop()
    assert isinstance(raised.value.__context__, IndexError)


CELL = """
import signal
class P:
    def __reduce__(self):
        if press: signal.raise_signal(signal.SIGINT)
        return P, ()
press = False
p, x = P(), [1]
"""


def test_a_restore_that_is_interrupted_when_the_names_are_there_is_done() -> None:
    """After that it only looks at what it has made, for the next capture: that one does it then."""
    world = World()
    world.run(CELL)
    moment = world.moment()
    world.run("p = None; x = [2]; y = 3; press = True")
    moment.components["press"] = world.moment().components["press"]
    with pytest.raises(KeyboardInterrupt):
        world.restore(moment)
    assert (type(world.names["p"]).__name__, world.names["x"]) == ("P", [1])
    assert "y" not in world.names
    world.names["press"] = False
    world.capture()
    assert {"p", "x"} <= world.engine.live().keys()
    assert "y" not in world.engine.live()
