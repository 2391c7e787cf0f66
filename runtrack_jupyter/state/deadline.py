"""A bound on the time that code of the user's takes while a value is looked at or made again.

`Deadline.call` runs what may run any code (``__reduce__``, ``__setstate__``, ``__eq__`` …) and has `TooSlowError`
raised in it when its time is up: on the main thread by the alarm signal, which also ends a sleep or a wait for a
lock; elsewhere, and where there is no such signal, by another thread, which does not. Neither ends one long call
of a C function: the error is raised when that returns.
"""

import _thread
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

__all__ = ["Deadline", "TooSlowError"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_FOREVER = float("inf")
_SOON = 0.002  # seconds; the code that runs must not be cut off right there
_AGAIN = 0.1  # seconds until the error is raised once more in code that swallowed it
_PATIENT = 3  # so often it has that long for its clean-up
_AT_ONCE = 1e-6


class TooSlowError(BaseException):
    """The time is up. No `Exception`: code of the user's that catches those must not swallow it."""

    def __init__(self, seconds: float = 0, setting: str = "") -> None:
        super().__init__(f"it takes longer than {seconds:g} seconds (the setting {setting})")
        self.seconds = seconds
        self.setting = setting


class _Bell(Protocol):
    """What rings when the time of a call may be up."""

    @property
    def away(self) -> bool:
        """Whether it will never ring again."""

    def ring_at(self, due: float) -> None:
        """Look then whether the call is to be cut off, or before."""

    def settle(self) -> None:
        """Take back what rang too late for the call that ends."""

    def put_away(self) -> None:
        """Never ring again."""


class Deadline:
    """The time limits of one capture or restore, on one thread: to be entered, then called.

    `total` seconds, named by the setting `total_setting`, bound all calls together; only time within calls counts.
    Nothing is armed before the first call, and then once for all of them.
    """

    def __init__(self, total: float = _FOREVER, total_setting: str = "") -> None:
        self._left = total
        self._of_all = (total, total_setting)
        self._until = _FOREVER
        self._limit = self._of_all
        self._paused = 0
        self._bell: _Bell | None = None
        self._hook: Callable[[Any], Any] | None = None

    def __enter__(self) -> "Deadline":  # noqa: PYI034 - nothing inherits from it, and Self is not in Python 3.10
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self._bell is not None:
            self._bell.put_away()
        if self._hook is not None and sys.unraisablehook is self._quiet:
            sys.unraisablehook = self._hook

    def call(
        self, seconds: float, setting: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Return what `function`, written in Python, returns.

        A call within a call has its own time; the outer one's clock stands still meanwhile.

        Raises
        ------
        TooSlowError
            That took more than `seconds`, the user's `setting`, or all calls together took too long.
        """
        outer, began = (self._until, self._limit, self._left, self._paused), time.perf_counter()
        limit = (seconds, setting) if seconds <= self._left else self._of_all
        if self._left <= 0:
            raise TooSlowError(*limit)
        bell = self._bell
        if bell is None or bell.away:
            bell = self._bell = _Alarm.here(self) or _Watch(self)
        try:
            self._until, self._limit, self._paused = began + min(seconds, self._left), limit, 0
            bell.ring_at(self._until)
            return function(*args, **kwargs)
        except TooSlowError as error:
            if error.setting:
                raise
            raise TooSlowError(*limit) from None  # raised by the other thread, which cannot say it
        finally:
            took = time.perf_counter() - began
            self._until, self._limit, self._left = outer[0] + took, outer[1], outer[2] - took
            self._paused = outer[3]
            bell.settle()

    @contextlib.contextmanager
    def uncounted(self) -> Iterator[None]:
        """Let the clock stand still: what happens in here takes its time, but runs no code of the user's."""
        began, outermost = time.perf_counter(), not self._paused
        self._paused += 1
        try:
            yield
        finally:
            if outermost:
                took = time.perf_counter() - began
                self._until += took
                self._left += took
            self._paused -= 1

    # -- for the bells ---------------------------------------------------------------------------------------

    def due_in(self, frame: FrameType | None) -> float:
        """Return in how many seconds the code that runs in `frame` is to be cut off; 0 means now.

        Only what a call called is ever cut off, never the call itself: so the error always leaves through it. An
        import is not cut off either, it would leave half a module for good: when it is done, time begins anew.
        """
        now = time.perf_counter()
        if self._until > now:
            return self._until - now
        inside, importing = frame, False
        while inside is not None and inside.f_code is not _CALL:
            importing = importing or inside.f_code is _IMPORT
            inside = inside.f_back
        if importing and inside is not None:
            self._until = now + self._limit[0]
            return self._limit[0]
        return _SOON if self._paused or inside is None or inside is frame else 0

    def too_slow(self) -> TooSlowError:
        """Return the error to raise, and let nobody print it where Python can raise none (in ``__del__``)."""
        if self._hook is None:
            self._hook = sys.unraisablehook
            self._quiet = _quiet(self._hook)
            sys.unraisablehook = self._quiet
        return TooSlowError(*self._limit)


_CALL = Deadline.call.__code__
_IMPORT: CodeType = sys.modules[
    "_frozen_importlib"
]._find_and_load.__code__  # every way of importing leads there


def _quiet(former: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def hook(unraisable: Any) -> None:
        if unraisable.exc_type is not TooSlowError:
            former(unraisable)

    return hook


class _Alarm:
    """Rings by SIGALRM. A handler and timer of the user's come back as they were, the timer with the rest of its time.

    One shot at a time, and the handler goes only when none is under way: a signal without a handler would end
    the process. An interrupt in between leaves at worst our handler in place, which then does nothing.
    """

    _busy: "_Alarm | None" = None  # there is one timer

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._handler = self._ring  # one object, to be recognised
        self._rings = 0
        self._next = _FOREVER  # when it rings, if it does
        self._began, self._timer = 0.0, (0.0, 0.0)
        self._former = signal.getsignal(signal.SIGALRM)
        _Alarm._busy = self
        signal.signal(signal.SIGALRM, self._handler)
        self._began = time.perf_counter()
        self._timer = signal.setitimer(signal.ITIMER_REAL, 0)

    @classmethod
    def here(cls, deadline: Deadline) -> "_Alarm | None":
        """Return an alarm, or None where there can be none."""
        if not hasattr(signal, "setitimer") or threading.get_ident() != threading.main_thread().ident:
            return None
        if cls._busy is not None:
            if _calls(sys._getframe()) > 1:
                return None  # a capture within what a capture called
            cls._busy.put_away()  # left behind by an interrupt
        # None: a handler that was not set from Python, and could not be put back.
        return None if signal.getsignal(signal.SIGALRM) is None else cls(deadline)

    @property
    def away(self) -> bool:
        return _Alarm._busy is not self

    def ring_at(self, due: float) -> None:
        if due < self._next:
            self._tick(due - time.perf_counter())

    def settle(self) -> None:
        """Do nothing: it rings between two steps of the code that it cuts off, never too late."""

    def _tick(self, seconds: float) -> None:
        seconds = max(seconds, _AT_ONCE)
        self._next = time.perf_counter() + seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        self._next = _FOREVER
        if _Alarm._busy is not self:
            return
        rest = self._deadline.due_in(frame)
        if rest > 0:
            if rest != _FOREVER:
                self._tick(rest)
            return
        error = self._deadline.too_slow()
        self._tick(_AGAIN)
        self._rings += 1
        if self._rings > _PATIENT and (frame is None or frame.f_code is not _RING):
            # It swallows whatever is raised. The next ring is under way when this error gets there, and so falls
            # into its ``except`` clause. By `map`: a call of our own would take that ring itself.
            for _ in map(_thread.interrupt_main, (signal.SIGALRM,)):
                raise error
        raise error

    def put_away(self) -> None:
        if _Alarm._busy is not self:
            return
        rest = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        due = self._next - time.perf_counter()
        if signal.getsignal(signal.SIGALRM) is not self._handler:
            # What was called set its own, which stays; so does its timer.
            if rest and abs(rest - due) > _SOON:
                signal.setitimer(signal.ITIMER_REAL, rest)
        else:
            while rest == 0 and -_AGAIN < self._next - time.perf_counter() <= 0:  # a signal is under way
                time.sleep(0)
            signal.signal(signal.SIGALRM, self._former)
            left, interval = self._timer
            if left:
                passed = time.perf_counter() - self._began
                signal.setitimer(signal.ITIMER_REAL, max(left - passed, _AT_ONCE), interval)
        _Alarm._busy = None


_RING = _Alarm._ring.__code__


class _Watch:
    """Rings from a thread of its own, by an error that Python raises in ours at its next step."""

    def __init__(self, deadline: Deadline) -> None:
        import ctypes  # only here: where there is the alarm, a kernel does without

        self._raise: Callable[[Any, Any], int] = ctypes.pythonapi.PyThreadState_SetAsyncExc
        self._error = ctypes.py_object(TooSlowError)
        self._ident = threading.get_ident()
        self._number = ctypes.c_ulong(self._ident)
        self._deadline = deadline
        self._rings = 0
        self._next: float = _FOREVER
        self._ended = False
        # Bare locks: an error raised in the middle of anything more would leave it locked.
        self._gate, self._wake = threading.Lock(), threading.Lock()
        self._wake.acquire()
        threading.Thread(target=self._run, name="runtrack-deadline", daemon=True).start()

    @property
    def away(self) -> bool:
        return self._ended

    def ring_at(self, due: float) -> None:
        if due < self._next:
            self._next = due
            if self._wake.locked():
                self._wake.release()

    def settle(self) -> None:
        # Taken here, not taken back: asked for None, Python goes on looking for an error at every step it makes.
        with contextlib.suppress(TooSlowError):
            with self._gate:
                rung = self._rings
            _take_a_step(rung)

    def put_away(self) -> None:
        with self._gate:
            self._ended = True
        self.ring_at(0)

    def _run(self) -> None:
        while not self._ended:
            rest = self._next - time.perf_counter()
            if rest > 0:
                self._wake.acquire(timeout=-1 if rest > threading.TIMEOUT_MAX else rest)
                continue
            with self._gate:
                if not self._ended:
                    self._next = time.perf_counter() + self._ring()

    def _ring(self) -> float:
        """Cut the code off if it is time, and return in how many seconds to look again."""
        rest = self._deadline.due_in(sys._current_frames().get(self._ident))
        if rest > 0:
            return rest
        self._rings += 1
        self._deadline.too_slow()
        self._raise(self._number, self._error)
        return _AGAIN if self._rings <= _PATIENT else _SOON


def _take_a_step(_number: int) -> None:
    """Give Python an occasion to raise what another thread asked for."""


def _calls(frame: FrameType | None) -> int:
    count = 0
    while frame is not None:
        count += frame.f_code is _CALL
        frame = frame.f_back
    return count
