"""Code of the user's that does not come to an end is cut off, and what the user set up for signals stays."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtrack_jupyter.state.deadline import Deadline, TooSlowError

pytestmark = [
    # pytest's own time limit would be a timer of the user's.
    pytest.mark.timeout(method="thread"),
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no timer signals"),
]

_LIMIT = 0.1
_SLACK = 2.0  # a busy machine


@pytest.fixture(autouse=True)
def untouched_signals() -> Iterator[None]:
    """After every test the signal is as it was: a handler left behind would be found by the user's code."""
    yield
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def _sleep() -> None:
    time.sleep(60)


def _wait_for_a_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def _compute() -> None:
    while True:
        sum(range(100))


def _swallow_errors() -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(60)


def _swallow_everything() -> None:
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


def _swallow_everything_twice() -> None:
    while True:
        try:
            while True:
                try:
                    time.sleep(60)
                except BaseException:  # noqa: BLE001
                    continue
        except BaseException:  # noqa: BLE001
            pass


def _swallow_and_compute() -> None:
    while True:
        with contextlib.suppress(BaseException):
            _compute()


def _clean_up_slowly() -> None:
    try:
        time.sleep(60)
    finally:
        time.sleep(60)


def _cut_off(function: Callable[[], Any]) -> TooSlowError:
    began = time.perf_counter()
    with Deadline() as deadline, pytest.raises(TooSlowError) as caught:
        deadline.call(_LIMIT, "variable_seconds", function)
    assert time.perf_counter() - began < _LIMIT + _SLACK
    return caught.value


@pytest.mark.parametrize(
    "function",
    [
        _sleep,
        _wait_for_a_lock,
        _compute,
        _swallow_errors,
        _swallow_everything,
        _swallow_everything_twice,
        _swallow_and_compute,
        _clean_up_slowly,
    ],
)
def test_whatever_it_does_it_is_cut_off(function: Callable[[], Any]) -> None:
    """Above all when it catches the error: the next one falls into its ``except`` clause."""
    error = _cut_off(function)
    assert str(error) == "it takes longer than 0.1 seconds (the setting variable_seconds)"


@pytest.mark.parametrize("function", [_compute, _swallow_errors])
def test_another_thread_has_its_limit_too(function: Callable[[], Any]) -> None:
    """Subshells run cells on threads of their own, where no signal arrives; a sleep ends by itself there."""
    caught: list[TooSlowError] = []

    def briefly() -> None:
        if function is _compute:
            function()
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.01)

    thread = threading.Thread(target=lambda: caught.append(_cut_off(briefly)))
    thread.start()
    thread.join(10)
    assert [error.seconds for error in caught] == [_LIMIT]


def test_what_is_in_time_is_left_alone() -> None:
    with Deadline() as deadline:
        assert [deadline.call(5, "variable_seconds", _same, number) for number in range(9)] == [*range(9)]


def test_all_calls_together_have_a_limit() -> None:
    """Else a thousand variables that each keep within theirs hold up the cell for hours."""
    began = time.perf_counter()

    def calls() -> None:
        for _ in range(1000):
            deadline.call(0.2, "variable_seconds", lambda: time.sleep(0.06))

    with Deadline(0.3, "step_seconds") as deadline, pytest.raises(TooSlowError) as caught:
        calls()
    assert (caught.value.seconds, caught.value.setting) == (0.3, "step_seconds")
    assert time.perf_counter() - began < 0.3 + _SLACK


def test_only_calls_count() -> None:
    """Hashing and copying are at the speed of memory already, and no code of the user's."""
    with Deadline(0.2, "step_seconds") as deadline:
        for _ in range(3):
            deadline.call(0.1, "variable_seconds", lambda: None)
            time.sleep(0.11)

        def reads() -> str:
            with deadline.uncounted():
                time.sleep(0.3)
            return "read"

        assert deadline.call(0.1, "variable_seconds", reads) == "read"


def test_a_call_within_a_call_has_its_own_time() -> None:
    """A component being loaded may have to load the class of its objects first."""

    def outer() -> str:
        time.sleep(0.1)
        with contextlib.suppress(TooSlowError):
            deadline.call(0.2, "variable_seconds", _sleep)
        time.sleep(0.1)
        return "went on"

    with Deadline() as deadline:
        assert deadline.call(0.3, "variable_seconds", outer) == "went on"


def test_a_timer_of_the_user_goes_on_with_the_rest_of_its_time() -> None:
    rung: list[float] = []
    former = signal.signal(signal.SIGALRM, lambda *_: rung.append(time.perf_counter()))
    began = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    try:
        _cut_off(_sleep)
        assert 0.05 < signal.getitimer(signal.ITIMER_REAL)[0] < 0.3
        _wait_until(lambda: bool(rung))
        assert 0.35 < rung[0] - began < 0.4 + _SLACK
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_a_timer_that_would_have_rung_meanwhile_rings_right_after() -> None:
    """Delayed, not lost."""
    rung: list[bool] = []
    former = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    signal.setitimer(signal.ITIMER_REAL, _LIMIT / 2)
    try:
        _cut_off(_sleep)
        _wait_until(lambda: bool(rung))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_code_that_takes_the_signal_for_itself_keeps_it() -> None:
    """A ``__reduce__`` with a time limit of its own; ours is then lost for this once."""

    def handler(*_: object) -> None:
        """Be recognised."""

    with Deadline() as deadline:
        deadline.call(1, "variable_seconds", lambda: signal.signal(signal.SIGALRM, handler))
    assert signal.getsignal(signal.SIGALRM) is handler
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _cut_off(_sleep)


def test_what_python_cannot_raise_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """In ``__del__``; other errors there are printed as ever."""

    class Slow:
        def __del__(self) -> None:
            time.sleep(60)

    shown: list[Any] = []
    former, sys.unraisablehook = sys.unraisablehook, shown.append
    try:
        began = time.perf_counter()
        with Deadline() as deadline:
            deadline.call(_LIMIT, "variable_seconds", lambda: (Slow(), None)[1])
        assert time.perf_counter() - began < _LIMIT + _SLACK
        assert sys.unraisablehook == shown.append
    finally:
        sys.unraisablehook = former
    assert not shown
    assert "TooSlowError" not in capsys.readouterr().err


def test_an_interrupt_leaves_nothing_behind() -> None:
    """Ctrl-C at any step of arming and putting away, then the next capture: the user's handler comes back."""
    hits = 0
    for at in range(400):
        left = [at]

        def trace(frame: Any, event: str, _argument: Any, left: list[int] = left) -> Any:
            if frame.f_code.co_filename != Deadline.call.__code__.co_filename:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                left[0] -= 1
                if left[0] == 0:
                    raise KeyboardInterrupt
            return trace

        former = sys.gettrace()
        sys.settrace(trace)
        try:
            with Deadline() as deadline:
                deadline.call(5, "variable_seconds", lambda: None)
        except KeyboardInterrupt:
            hits += 1
        finally:
            sys.settrace(former)
        with Deadline() as deadline:
            deadline.call(5, "variable_seconds", lambda: None)
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL, at
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0), at
    assert hits > 50


def test_a_capture_pays_microseconds() -> None:
    """Armed once for all calls of a capture, and not at all without one."""

    def capture(calls: int) -> None:
        with Deadline(30, "step_seconds") as deadline:
            for _ in range(calls):
                deadline.call(10, "variable_seconds", _nothing)

    assert _microseconds(lambda: capture(0)) < 10
    assert _microseconds(lambda: capture(1)) < 200
    assert (_microseconds(lambda: capture(101)) - _microseconds(lambda: capture(1))) / 100 < 20


def _same(number: int) -> int:
    return number


def _nothing() -> None:
    """Take no time."""


def _microseconds(function: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(200):
            function()
        best = min(best, (time.process_time() - began) / 200 * 1e6)
    return best


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + 5
    while not true():
        assert time.perf_counter() < deadline
        time.sleep(0.01)
